/**
 * `sluice drift` and `sluice diff`: exit codes 0 no drift, 1 drift, 2 something failed or could not be compared. Results go to stdout, words to
 * stderr.
 */
import { Command, Option } from 'commander'
import { runWords } from './tell-failure.ts'
import { interrupted, terminal } from './terminal.ts'
import type { DriftOptions, LocalDiffOptions } from './drift-options.ts'
import { driftFormats } from './drift-options.ts'
import { exitCodes } from './drift-report.ts'

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

function createDriftProgram(end: (exitCode: number) => void): Command {
  const program = new Command('sluice').exitOverride().helpCommand(false)
  const command = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .exitOverride()
      .addOption(new Option('-o, --output <format>', 'how results are printed').choices(driftFormats).default('table'))
      .option('--kubeconfig <file>', 'in place of KUBECONFIG and ~/.kube/config')
      .option('-n, --namespace <namespace>', "in place of the context's namespace")
      .option('--verbose', 'say more on stderr, what was taken for granted above all')
      .option(
        '--allow-host <host:port>',
        'a host that the cluster names may be contacted; may be repeated',
        collect,
        [],
      )
      .addHelpText('after', '\nExit codes: 0 no drift, 1 drift, 2 something failed or could not be compared.')
  command('drift', 'What differs from Git in Kustomizations and HelmReleases, in which field, and by whom.')
    .argument('[object...]', 'KIND/NAME; all of the namespace without one')
    .option('--context <name>', 'in place of the current context; may be repeated', collect, [])
    .option('-A, --all-namespaces', 'look in all namespaces')
    .option(
      '--allow-own-credentials <url>',
      'your own Git credentials may be used for this repository of the cluster; may be repeated',
      collect,
      [],
    )
    .action(async (words: string[], options: DriftOptions) => {
      const { runDrift } = await import('./drift-command.ts')
      end(await runDrift(words, options, terminal, interrupted))
    })
  command('diff', 'What the Kustomizations of a file, built from a local folder, would change in the cluster.')
    .requiredOption('-f, --file <file>', 'Flux Kustomizations; - reads them from stdin')
    .option('--root <folder>', 'stands for the root of their source', '.')
    .option('--context <name>', 'in place of the current context', collect, [])
    .addHelpText('after', '\nWhat SOPS encrypted is decrypted with the keys of the cluster or your own.')
    .action(async (options: LocalDiffOptions) => {
      const { runLocalDiff } = await import('./diff-command.ts')
      end(await runLocalDiff(options, terminal, interrupted))
    })
  return program
}

/** `words`: the command's name and what follows it. The exit code. */
export function runDriftCommand(words: readonly string[]): Promise<number> {
  return runWords(createDriftProgram, words, exitCodes.failed)
}
