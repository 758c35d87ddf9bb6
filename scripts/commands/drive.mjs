import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { electronSwitches, hasDisplay, startVirtualDisplay } from '../lib/display.mjs'
import { runPinned } from '../lib/node24.mjs'
import { root } from '../lib/places.mjs'
import { SetupError } from '../lib/progress.mjs'
import { setUpBuild, setUpElectron, setUpPackages } from '../lib/setup.mjs'

/** Runs a TypeScript program that drives the built application, with everything that it needs around it. */
async function drive(program, args) {
  const electron = await setUpElectron()
  if (!existsSync(join(root, program))) throw new SetupError(`${program} does not exist yet`)
  await setUpBuild()
  const isVirtual = !hasDisplay()
  const display = isVirtual ? await startVirtualDisplay({ size: '1920x1200x24' }) : undefined
  const env = {
    ...process.env,
    SLUICE_ELECTRON_PATH: electron.file,
    SLUICE_ELECTRON_SWITCHES: electronSwitches({ isVirtual }).join(' '),
    ...(display ? { DISPLAY: display.display } : {}),
  }
  const code = await runPinned([join(root, program), ...args], { cwd: root, env })
  await display?.stop()
  process.exit(code)
}

/** `npm run bench -- [PREFIX…] [--json FILE] [--quick]`. Rendering needs no window. */
export async function bench(args) {
  const prefixes = args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--json')
  if (prefixes.length === 0 || !prefixes.every((prefix) => prefix.startsWith('render')))
    return drive('test/bench/main.ts', args)
  await setUpPackages()
  await setUpBuild()
  process.exit(await runPinned([join(root, 'test/bench/main.ts'), ...args], { cwd: root }))
}

/** `npm run screenshots`. */
export const screenshots = (args) => drive('test/screenshots/main.ts', args)

/** `npm run fuzz [-- kustomize|yaml] [--count N] [--seed N]`. */
export async function fuzz(args) {
  await setUpPackages()
  process.exit(await runPinned([join(root, 'test/fuzz/main.ts'), ...args], { cwd: root }))
}
