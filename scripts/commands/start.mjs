import { join } from 'node:path'
import { run, start as startChild } from '../lib/children.mjs'
import { electronSwitches, hasDisplay, startVirtualDisplay } from '../lib/display.mjs'
import { root } from '../lib/places.mjs'
import { SetupError, say } from '../lib/progress.mjs'
import { setUpBuild, setUpElectron } from '../lib/setup.mjs'

/** What Chromium says of a machine without a session bus, which is every machine without a display. */
const busNoise = /:ERROR:dbus\/(bus|object_proxy)\.cc/

/**
 * `npm start [-- ARGUMENT…]`: set-up, build, window. Arguments go on to the application; its exit code is ours.
 */
export async function start(args) {
  const electron = await setUpElectron()
  if (electron.origin === 'package') say(`Electron ${electron.version} from the npm package in ${electron.folder}`)
  await setUpBuild()
  const code = await openApplication(electron.file, [root, ...args])
  process.exit(code)
}

/**
 * Opens an application (an executable and its arguments) on the real display or, without one, on a virtual one that ends
 * with it; answers its exit code.
 */
export async function openApplication(file, args, { timeoutMs, env: given = process.env } = {}) {
  const isVirtual = !hasDisplay()
  const display = isVirtual ? await startVirtualDisplay() : undefined
  try {
    if (process.getuid?.() !== 0) await checkSandbox(file)
    const env = { ...given, ...(display ? { DISPLAY: display.display } : {}) }
    delete env.ELECTRON_RUN_AS_NODE
    const child = startChild(file, [...electronSwitches({ isVirtual }), ...args], {
      cwd: root,
      env,
      stopsItself: true,
      stdio: ['inherit', 'inherit', isVirtual ? 'pipe' : 'inherit'],
    })
    if (child.stderr) forwardWithout(child.stderr, busNoise)
    return await exitCodeOf(child, timeoutMs)
  } finally {
    await display?.stop()
  }
}

function exitCodeOf(child, timeoutMs) {
  return new Promise((resolve, reject) => {
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            reject(new SetupError(`the application did not end within ${timeoutMs / 1000} s`))
          }, timeoutMs)
    child.once('error', (error) => reject(new SetupError(`Electron could not be started: ${error.message}`)))
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      if (signal) say(`the application ended by ${signal}`)
      resolve(code ?? 1)
    })
  })
}

function forwardWithout(stream, pattern) {
  let rest = ''
  stream.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (!pattern.test(line)) process.stderr.write(`${line}\n`)
  })
  stream.on('end', () => {
    if (rest && !pattern.test(rest)) process.stderr.write(rest)
  })
}

/** Where the kernel keeps user namespaces from ordinary programs, Chromium's sandbox needs its set-uid helper. */
async function checkSandbox(file) {
  if (process.platform !== 'linux') return
  const probe = await run('unshare', ['--user', '--map-root-user', 'true'], { capture: true })
  if (probe.code === 0 || probe.missing) return
  const helper = join(file, '..', 'chrome-sandbox')
  const owned = await run('find', [helper, '-user', 'root', '-perm', '-4000'], { capture: true })
  if (owned.stdout.trim() === helper) return
  throw new SetupError(
    `Chromium's sandbox cannot start here: this system keeps user namespaces from programs. Run this once, then npm start again:\n  sudo chown root:root ${helper} && sudo chmod 4755 ${helper}`,
  )
}
