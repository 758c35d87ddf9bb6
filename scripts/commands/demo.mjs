import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { root } from '../lib/places.mjs'
import { say } from '../lib/progress.mjs'
import { setUpBuild, setUpElectron } from '../lib/setup.mjs'
import { openApplication } from './start.mjs'

/**
 * `npm run demo [-- ARGUMENT…]`: the window with the playground started, in a data folder of its own and with no kubeconfig but the playground's: whoever
 * uses Sluice finds everything as they left it. The folder stays, so that a second demo goes on where the first one ended.
 */
export async function demo(args) {
  const electron = await setUpElectron()
  await setUpBuild()
  const dataDir = demoDataDir()
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  say(`demo: data of its own in ${dataDir}`)
  const env = { ...process.env, SLUICE_DATA_DIR: dataDir, KUBECONFIG: join(dataDir, 'no-kubeconfig') }
  process.exit(await openApplication(electron.file, [root, '--demo', ...args], { env }))
}

/** Beside the application's own data folder, whose place shared/lib/folders.ts tells; never that folder itself. */
export function demoDataDir(env = process.env, platform = process.platform, home = homedir()) {
  if (env.SLUICE_DATA_DIR) return join(resolve(env.SLUICE_DATA_DIR), 'demo')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Sluice demo')
  if (platform === 'win32') return join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'Sluice demo')
  return join(env.XDG_DATA_HOME ? resolve(env.XDG_DATA_HOME) : join(home, '.local', 'share'), 'sluice-demo')
}
