#!/usr/bin/env node
/**
 * The one entry of every npm script: `node scripts/run.mjs COMMAND [ARGUMENT…]`. Starts on Node 20 with nothing installed; each
 * command does the set-up that it needs, then continues under the pinned Node where it needs that.
 */
import { fail, say } from './lib/progress.mjs'

/** Every command, its module loaded only when it is asked for. */
const commands = {
  start: async () => (await import('./commands/start.mjs')).start,
  demo: async () => (await import('./commands/demo.mjs')).demo,
  test: async () => (await import('./commands/test.mjs')).test,
  soak: async () => (await import('./commands/test.mjs')).soak,
  build: async () => (await import('./commands/build.mjs')).build,
  'electron-path': async () => (await import('./commands/electron-path.mjs')).electronPath,
  bench: async () => (await import('./commands/drive.mjs')).bench,
  fuzz: async () => (await import('./commands/drive.mjs')).fuzz,
  screenshots: async () => (await import('./commands/drive.mjs')).screenshots,
  package: async () => (await import('./commands/package.mjs')).packageApplication,
  lint: async () => (await import('./commands/check.mjs')).lint,
  typecheck: async () => (await import('./commands/check.mjs')).typecheck,
}

const [name, ...args] = process.argv.slice(2)
const command = commands[name]
if (command === undefined) {
  say(`unknown command ${name ?? ''}; there are: ${Object.keys(commands).join(', ')}`)
  process.exit(2)
}
try {
  const perform = await command()
  await perform(args)
} catch (error) {
  fail(error)
}
