import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the application keeps its data (settings, audit log, snapshots) and its caches (tools, downloads). Absolute paths. */
export interface Folders {
  readonly dataDir: string
  readonly cacheDir: string
}

/** SLUICE_DATA_DIR and SLUICE_CACHE_DIR win; else the platform's own places (XDG on Linux). */
export function resolveFolders(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Folders {
  const home = env['HOME'] ?? homedir()
  const roots: Folders =
    platform === 'darwin'
      ? {
          dataDir: join(home, 'Library', 'Application Support', 'Sluice'),
          cacheDir: join(home, 'Library', 'Caches', 'Sluice'),
        }
      : platform === 'win32'
        ? {
            dataDir: join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Sluice'),
            cacheDir: join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Sluice', 'Cache'),
          }
        : {
            dataDir: join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'sluice'),
            cacheDir: join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'sluice'),
          }
  return { dataDir: env['SLUICE_DATA_DIR'] || roots.dataDir, cacheDir: env['SLUICE_CACHE_DIR'] || roots.cacheDir }
}
