/** What a command's failure comes to, for every part of the command line: words on stderr and an exit code. */
import { CommanderError } from 'commander'
import type { Command } from 'commander'
import { describeFailure, SilentFailure, UsageError } from './failure.ts'
import { interrupted, terminal } from './terminal.ts'

/** Says what went wrong, unless that was said already. The exit code: 2 usage, else `failed`; 0 where only help was asked for. */
export function tellFailure(error: unknown, failed = 1): number {
  // Commander has printed its own words already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof SilentFailure) return failed
  if (error instanceof UsageError) {
    terminal.say(error.message)
    return 2
  }
  terminal.say(interrupted.aborted ? 'Canceled.' : describeFailure(error))
  return failed
}

/** `words`: the command's name and what follows it. The exit code: what the program ended with, or that of its failure. */
export async function runWords(
  create: (end: (exitCode: number) => void) => Command,
  words: readonly string[],
  failed = 1,
): Promise<number> {
  let exitCode = 0
  try {
    await create((code) => {
      exitCode = code
    }).parseAsync([...words], { from: 'user' })
    return exitCode
  } catch (error) {
    return tellFailure(error, failed)
  }
}
