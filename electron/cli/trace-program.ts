/** `sluice trace` and `sluice where`: from an object back to Git, and from a commit to where it has arrived. Results go to stdout, words to stderr. */
import { Command, Option } from 'commander'
import { runWords } from './tell-failure.ts'
import { interrupted, terminal } from './terminal.ts'
import { traceFormats } from './trace-options.ts'
import type { TraceObjectOptions, TraceOptions } from './trace-options.ts'

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

function createTraceProgram(end: (exitCode: number) => void): Command {
  const program = new Command('sluice').exitOverride().helpCommand(false)
  const command = (name: string, description: string, exits: string): Command =>
    program
      .command(name)
      .description(description)
      .exitOverride()
      .addOption(new Option('-o, --output <format>', 'how results are printed').choices(traceFormats).default('table'))
      .option('--kubeconfig <file>', 'in place of KUBECONFIG and ~/.kube/config')
      .option('-n, --namespace <namespace>', "in place of the context's namespace")
      .option('--verbose', 'say more on stderr')
      .addHelpText('after', `\nExit codes: ${exits}`)
  command(
    'trace',
    'Where an object comes from: who applies it, source, file and line, commit and author.',
    '0 it was traced, 1 nothing applies it or something failed, 2 usage.',
  )
    .argument('<object...>', 'KIND/NAME, of any kind')
    .option('--context <name>', 'in place of the current context', collect, [])
    .option(
      '--allow-host <host:port>',
      'a host that the cluster names may be contacted for files and commits; may be repeated',
      collect,
      [],
    )
    .action(async (words: string[], options: TraceObjectOptions) => {
      const { runTrace } = await import('./trace-command.ts')
      end(await runTrace(words, options, terminal, interrupted))
    })
  command(
    'where',
    'Where a commit has arrived: fetched, applied, failed or not yet, for every Kustomization and HelmRelease.',
    '0 it is applied everywhere, 1 not everywhere or something failed, 2 usage.',
  )
    .argument('<commit>', 'a hash, its beginning, or a revision')
    .option(
      '--context <name>',
      'in place of the current context and all that was recorded; may be repeated',
      collect,
      [],
    )
    .action(async (commit: string, options: TraceOptions) => {
      const { runWhere } = await import('./where-command.ts')
      end(await runWhere(commit, options, terminal, interrupted))
    })
  return program
}

/** `words`: the command's name and what follows it. The exit code. */
export function runTraceCommand(words: readonly string[]): Promise<number> {
  return runWords(createTraceProgram, words)
}
