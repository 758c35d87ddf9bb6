#!/usr/bin/env node
/**
 * The one entry of every npm script: `node scripts/run.mjs COMMAND [ARGUMENT…]`. Starts on Node 20 with nothing installed; each
 * command does the set-up that it needs, then continues under the pinned Node where it needs that.
 */
import { fail, say } from './lib/progress.mjs'

/** Command name -> module and exported function; modules load only when asked for. */
const commands = {
  start: ['./commands/start.mjs', 'start'],
  test: ['./commands/test.mjs', 'test'],
  soak: ['./commands/test.mjs', 'soak'],
  build: ['./commands/build.mjs', 'build'],
  'electron-path': ['./commands/electron-path.mjs', 'electronPath'],
  bench: ['./commands/drive.mjs', 'bench'],
  screenshots: ['./commands/drive.mjs', 'screenshots'],
  package: ['./commands/package.mjs', 'packageApplication'],
  lint: ['./commands/check.mjs', 'lint'],
  typecheck: ['./commands/check.mjs', 'typecheck'],
}

const [name, ...args] = process.argv.slice(2)
const command = commands[name]
if (command === undefined) {
  say(`unknown command ${name ?? ''}; there are: ${Object.keys(commands).join(', ')}`)
  process.exit(2)
}
try {
  const module = await import(command[0])
  await module[command[1]](args)
} catch (error) {
  fail(error)
}
