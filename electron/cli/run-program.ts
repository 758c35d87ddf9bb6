/** Runs a commander program of one of the command line's parts, and turns what it throws into words and an exit code. */
import { CommanderError } from 'commander'
import type { Command } from 'commander'
import { describeFailure, UsageError } from './failure.ts'
import { interrupted, terminal } from './terminal.ts'

/** `words`: the command's name and what follows it. The exit code: what the program ended with, 1 failed, 2 usage. */
export async function runProgram(
  create: (end: (exitCode: number) => void) => Command,
  words: readonly string[],
): Promise<number> {
  let exitCode = 0
  try {
    await create((code) => {
      exitCode = code
    }).parseAsync([...words], { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has printed its own words already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof UsageError) {
      terminal.say(error.message)
      return 2
    }
    terminal.say(interrupted.aborted ? 'Canceled.' : describeFailure(error))
    return 1
  }
}
