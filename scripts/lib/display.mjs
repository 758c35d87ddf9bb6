/**
 * A virtual display where there is no real one.
 */
import { start, stopGroup } from './children.mjs'
import { SetupError, say } from './progress.mjs'

/** Whether this session can show a window by itself. */
export function hasDisplay(env = process.env, platform = process.platform) {
  return platform !== 'linux' || Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY)
}

/**
 * Starts Xvfb on a display number that it finds free itself; answers {display: ':N', stop}. It ends with this process.
 */
export async function startVirtualDisplay({ size = '1600x1200x24' } = {}) {
  const child = start('Xvfb', ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp', '-noreset'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    endsLast: true,
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const number = await new Promise((resolve, reject) => {
    let text = ''
    child.stdio[3].setEncoding('utf8').on('data', (part) => {
      text += part
      if (text.includes('\n')) resolve(text.trim())
    })
    child.once('error', (error) =>
      reject(
        new SetupError(
          `Xvfb could not be started: ${error.message}. On Debian or Ubuntu: sudo apt-get install -y xvfb`,
        ),
      ),
    )
    child.once('exit', (code) => reject(new SetupError(`Xvfb ended with code ${code}: ${stderr.trim()}`)))
  })
  child.unref()
  for (const stream of [child.stderr, child.stdio[3]]) stream.unref?.()
  say(`no display here: a virtual one was started on :${number} (Xvfb)`)
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    // Given its time, Xvfb takes its lock file and socket with it.
    stopGroup(child, 'SIGTERM')
    child.ref()
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 2000).unref())])
  }
  return { display: `:${number}`, stop }
}

/**
 * The switches that Electron needs here. Root cannot use Chromium's sandbox; a virtual display has no GPU.
 */
export function electronSwitches({ isVirtual, uid = process.getuid?.() }) {
  // SECURITY: the sandbox is given up for root alone, where Chromium refuses to start with it.
  return [...(uid === 0 ? ['--no-sandbox'] : []), ...(isVirtual ? ['--disable-gpu'] : [])]
}
