import { setUpElectron } from '../lib/setup.mjs'

/** `npm run -s electron-path`: prints the executable of the resolved Electron, alone on stdout. */
export async function electronPath() {
  const electron = await setUpElectron()
  process.stdout.write(`${electron.file}\n`)
}
