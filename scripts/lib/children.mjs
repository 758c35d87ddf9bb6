/**
 * Starting, bounding and stopping other programs. Every child of a bounded run leads a process group of its own, so
 * that an overrun or a signal ends its whole tree and leaves no orphan.
 */
import { spawn } from 'node:child_process'

const running = new Set()
/** Children that others of this process need until their own end: the display. */
const lasting = new Set()
/** Children that end their own tree in order when told: signalling the whole of Electron's makes its main process crash. */
const orderly = new Set()
let guarded = false

/** Stops a child started by `run` or `start` with its whole group; a second call with SIGKILL makes it final. */
export function stopGroup(child, signal = 'SIGTERM') {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

function guard() {
  if (guarded) return
  guarded = true
  process.on('exit', () => {
    for (const child of running) stopGroup(child, 'SIGKILL')
  })
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.on(signal, () => {
      const stopAll = (children) => {
        for (const child of children) {
          if (orderly.has(child)) child.kill('SIGTERM')
          else stopGroup(child, 'SIGTERM')
        }
      }
      stopAll([...running].filter((child) => !lasting.has(child)))
      setTimeout(() => process.exit(code), orderly.size > 0 ? 8000 : 3000)
      setInterval(() => {
        if (running.size === 0) process.exit(code)
        if ([...running].every((child) => lasting.has(child))) stopAll(running)
      }, 50)
    })
  }
}

/**
 * Starts a child in its own process group; it is stopped when this process ends, however that happens short of SIGKILL;
 * after all others when `endsLast` is set. With `stopsItself` a signal goes to the child alone, which then has 8 s.
 */
export function start(file, args, { endsLast = false, stopsItself = false, ...options } = {}) {
  guard()
  const child = spawn(file, args, { stdio: 'inherit', detached: process.platform !== 'win32', ...options })
  running.add(child)
  if (endsLast) lasting.add(child)
  if (stopsItself) orderly.add(child)
  const forget = () => {
    running.delete(child)
    orderly.delete(child)
  }
  child.once('exit', forget)
  child.once('error', forget)
  return child
}

/**
 * Runs a program to its end.
 * Answers {code, signal, stdout, stderr, timedOut, missing}; stdout and stderr are texts when `capture` is set, else empty and
 * inherited. After `timeoutMs` the whole process group gets SIGTERM, 3 s later SIGKILL. Never throws for a program
 * that fails or is missing.
 */
export function run(file, args, { timeoutMs, capture = false, quietStdout = false, ...options } = {}) {
  return new Promise((resolve) => {
    const out = quietStdout ? process.stderr : 'inherit'
    const child = start(file, args, {
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['inherit', out, 'inherit'],
      ...options,
    })
    let stdout = ''
    let stderr = ''
    let timedOut = false
    let hard
    child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text))
    const soft =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true
            stopGroup(child)
            hard = setTimeout(() => stopGroup(child, 'SIGKILL'), 3000)
          }, timeoutMs)
    const finish = (result) => {
      clearTimeout(soft)
      clearTimeout(hard)
      // What the child left behind in its group ends with it.
      if (timedOut) stopGroup(child, 'SIGKILL')
      resolve({ stdout, stderr, timedOut, missing: false, ...result })
    }
    child.once('error', (error) =>
      finish({ code: 127, signal: null, missing: error.code === 'ENOENT', stderr: error.message }),
    )
    child.once('close', (code, signal) => finish({ code: code ?? 1, signal }))
  })
}
