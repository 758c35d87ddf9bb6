/**
 * Where things are: the checkout, the cache folder, the tools inside node_modules. Runs on Node 20 with nothing
 * installed, as everything in scripts/ does that is not said to need Node 24.
 */
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's root folder, absolute. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The folder of caches: SLUICE_CACHE_DIR, else XDG_CACHE_HOME/sluice, else ~/.cache/sluice; absolute, perhaps absent. */
export function cacheDir(env = process.env, home = homedir()) {
  if (env.SLUICE_CACHE_DIR) return resolve(env.SLUICE_CACHE_DIR)
  if (env.XDG_CACHE_HOME) return resolve(env.XDG_CACHE_HOME, 'sluice')
  return join(home, '.cache', 'sluice')
}

/** The Node that the lock file pins, which runs whatever needs TypeScript or an installed package. */
export function pinnedNode(folder = root) {
  return join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

/** An environment whose PATH finds the pinned Node and the installed tools first. */
export function toolEnv(env = process.env) {
  const bin = join(root, 'node_modules', '.bin')
  const separator = process.platform === 'win32' ? ';' : ':'
  const rest = (env.PATH ?? '').split(separator).filter((part) => part !== bin)
  return { ...env, PATH: [bin, ...rest].join(separator) }
}

/** An environment whose PATH finds nothing of node_modules: for npm, which may replace that folder while it runs. */
export function outsideEnv(env = process.env) {
  const separator = process.platform === 'win32' ? ';' : ':'
  const parts = (env.PATH ?? '').split(separator).filter((part) => !/[\\/]node_modules[\\/]/.test(part + '/'))
  const kept = Object.entries(env).filter(
    ([name]) => !/^npm_(?!config_(cache|registry|userconfig|proxy|https))/i.test(name),
  )
  return { ...Object.fromEntries(kept), PATH: parts.join(separator) }
}
