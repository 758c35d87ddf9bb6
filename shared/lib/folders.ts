/** Where the application keeps its data (settings, audit log, snapshots) and its caches (tools, downloads). Absolute paths. */
export interface Folders {
  readonly dataDir: string
  readonly cacheDir: string
}

/** SLUICE_DATA_DIR and SLUICE_CACHE_DIR win; else the platform's own places (XDG on Linux). `platform` as Node names it. */
export function resolveFolders(
  env: Readonly<Record<string, string | undefined>>,
  platform: string,
  homeDir: string,
): Folders {
  const standard = standardFolders(env, platform, env['HOME'] || homeDir)
  return { dataDir: env['SLUICE_DATA_DIR'] || standard.dataDir, cacheDir: env['SLUICE_CACHE_DIR'] || standard.cacheDir }
}

function standardFolders(env: Readonly<Record<string, string | undefined>>, platform: string, home: string): Folders {
  if (platform === 'darwin')
    return { dataDir: `${home}/Library/Application Support/Sluice`, cacheDir: `${home}/Library/Caches/Sluice` }
  if (platform === 'win32') {
    return {
      dataDir: `${env['APPDATA'] || `${home}\\AppData\\Roaming`}\\Sluice`,
      cacheDir: `${env['LOCALAPPDATA'] || `${home}\\AppData\\Local`}\\Sluice\\Cache`,
    }
  }
  return {
    dataDir: `${env['XDG_DATA_HOME'] || `${home}/.local/share`}/sluice`,
    cacheDir: `${env['XDG_CACHE_HOME'] || `${home}/.cache`}/sluice`,
  }
}
