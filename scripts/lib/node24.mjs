/**
 * The way from whatever Node started the script to the one that the lock file pins.
 */
import { existsSync, realpathSync } from 'node:fs'
import { run } from './children.mjs'
import { pinnedNode, toolEnv } from './places.mjs'

/** Whether this process is the pinned Node. */
export function isPinnedNode() {
  const wanted = pinnedNode()
  return existsSync(wanted) && realpathSync(process.execPath) === realpathSync(wanted)
}

/** Runs a script (with arguments) under the pinned Node and answers its exit code. */
export async function runPinned(args, options = {}) {
  const { code } = await run(pinnedNode(), args, { ...options, env: toolEnv(options.env) })
  return code
}

/** Runs this very command again under the pinned Node and ends with its exit code; returns at once when it already is. */
export async function continuePinned() {
  if (isPinnedNode()) return
  process.exit(await runPinned(process.argv.slice(1)))
}
