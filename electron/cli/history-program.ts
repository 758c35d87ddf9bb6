/**
 * `sluice history` and `sluice audit`: what happened, as it is kept on this machine; no cluster is asked. Exit codes 0 done (or nothing found), 1
 * failed (or the audit log is not whole), 2 usage.
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import { auditFormats, historyFormats } from './history-options.ts'
import type { AuditOptions, HistoryOptions } from './history-options.ts'
import { runWords } from './tell-failure.ts'
import { interrupted, terminal } from './terminal.ts'

const maxLimit = 100_000

function parseLimit(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxLimit) return limit
  throw new InvalidArgumentError(`a number from 1 to ${maxLimit}`)
}

function createHistoryProgram(end: (exitCode: number) => void): Command {
  const program = new Command('sluice').exitOverride().helpCommand(false)
  program
    .command('history')
    .description(
      'What happened, long after Kubernetes forgot: as it was recorded on this machine. No cluster is asked.',
    )
    .exitOverride()
    .argument('[object...]', 'KIND/NAME: it and what belongs to it; all of the namespace without one')
    .addOption(new Option('-o, --output <format>', 'how results are printed').choices(historyFormats).default('table'))
    .option('--context <name>', 'in place of the current context')
    .option('--all-contexts', 'of all clusters that were ever recorded')
    .option('--kubeconfig <file>', 'in place of KUBECONFIG and ~/.kube/config')
    .option('-n, --namespace <namespace>', "in place of the context's namespace")
    .option('-A, --all-namespaces', 'look in all namespaces')
    .option('--since <time>', 'a time, or how long ago', '24h')
    .option('--until <time>', 'a time, or how long ago; now without it')
    .option('--limit <count>', 'at most so many, the newest', parseLimit, 1000)
    .option('--verbose', 'say more on stderr')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 usage.')
    .action(async (words: string[], options: HistoryOptions) => {
      const { runHistory } = await import('./history-command.ts')
      end(await runHistory(words, options, terminal, interrupted))
    })
  program
    .command('audit')
    .description('Every action taken in Sluice, in the window and on the command line, as a chain of digests.')
    .exitOverride()
    .addOption(
      new Option('-o, --output <format>', 'how results are printed; jsonl: each line as it is kept')
        .choices(auditFormats)
        .default('table'),
    )
    .option('--since <time>', 'a time, or how long ago; all without it')
    .option('--verify', 'look through the whole chain for rows that were changed, removed or moved')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or the chain is not whole, 2 usage.')
    .action(async (options: AuditOptions) => {
      const { runAudit } = await import('./audit-command.ts')
      end(await runAudit(options, terminal, interrupted))
    })
  return program
}

/** `words`: the command's name and what follows it. The exit code. */
export function runHistoryCommand(words: readonly string[]): Promise<number> {
  return runWords(createHistoryProgram, words)
}
