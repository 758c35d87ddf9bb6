import { buildStale } from '../lib/builds.mjs'
import { continuePinned } from '../lib/node24.mjs'
import { setUpPackages } from '../lib/setup.mjs'

/** `npm run build [-- NAME…]`: builds what is stale, all of it or the named builds. */
export async function build(args) {
  if (!args.includes('--no-set-up')) await setUpPackages()
  await continuePinned()
  const names = args.filter((arg) => !arg.startsWith('--'))
  await buildStale(names.length > 0 ? { only: names } : {})
}
