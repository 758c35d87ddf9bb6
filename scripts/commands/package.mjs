import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../lib/places.mjs'
import { SetupError, say, step } from '../lib/progress.mjs'
import { continuePinned } from '../lib/node24.mjs'
import { setUpBuild, setUpElectron } from '../lib/setup.mjs'
import { runTool } from '../lib/suite-run.mjs'
import { openApplication } from './start.mjs'

/** The executable of the unpacked application in out/, by platform. */
function packagedExecutable() {
  const out = join(root, 'out')
  const candidates = {
    linux: /^linux(-\w+)?-unpacked$/,
    win32: /^win(-\w+)?-unpacked$/,
    darwin: /^mac(-\w+)?$/,
  }
  const folder = readdirSync(out).find((name) => candidates[process.platform].test(name))
  if (folder === undefined) throw new SetupError(`electron-builder left no unpacked application in ${out}`)
  const inside = { linux: 'sluice', win32: 'Sluice.exe', darwin: 'Sluice.app/Contents/MacOS/Sluice' }[process.platform]
  const file = join(out, folder, inside)
  if (!existsSync(file)) throw new SetupError(`${file} is missing in the packaged application`)
  return file
}

/**
 * `npm run package -- --dir [--no-smoke]`: an unpacked application in out/, its fuses read back, and started once until its
 * first view is painted.
 */
export async function packageApplication(args) {
  const known = ['--dir', '--no-smoke']
  const unknown = args.filter((arg) => !known.includes(arg))
  if (unknown.length > 0 || !args.includes('--dir'))
    throw new SetupError('usage: npm run package -- --dir [--no-smoke]')
  const electron = await setUpElectron()
  await continuePinned()
  await setUpBuild()
  rmSync(join(root, 'out'), { recursive: true, force: true })
  await step('Packaging', async () => {
    const flags = ['--dir', '--publish', 'never', '--config', 'electron-builder.yml']
    const given = [`-c.electronDist=${electron.folder}`, `-c.electronVersion=${electron.version}`]
    const { code } = await runTool('electron-builder', [...flags, ...given], { quietStdout: true })
    if (code !== 0) throw new SetupError('electron-builder failed (its words are above)')
  })
  const executable = packagedExecutable()
  const { readFuseFaults } = await import('../lib/fuses.mjs')
  const faults = await readFuseFaults(executable)
  if (faults.length > 0) throw new SetupError(`The fuses of ${executable} are wrong:\n  ${faults.join('\n  ')}`)
  say('fuses are as electron-builder.yml asks')
  if (!args.includes('--no-smoke')) {
    // Data of its own: neither the person's settings nor a running Sluice have a say in it.
    const data = mkdtempSync(join(tmpdir(), 'sluice-smoke-'))
    const env = { ...process.env, SLUICE_DATA_DIR: data }
    const code = await openApplication(executable, ['--smoke', join(root, 'out', 'smoke.png')], {
      timeoutMs: 120_000,
      env,
    })
    rmSync(data, { recursive: true, force: true })
    if (code !== 0) throw new SetupError(`The packaged application did not pass its smoke (exit code ${code}).`)
  }
  process.stdout.write(`${executable}\n`)
}
