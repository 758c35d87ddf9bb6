/**
 * `sluice host`: hosted mode without a window. Exit codes: 0 done, 1 something failed or is held, or `--once` was interrupted or could not act, 2 usage.
 * Runs go to stdout, words to stderr.
 */
import { Command, CommanderError } from 'commander'
import { UsageError } from './failure.ts'
import type { HostOptions } from './host-options.ts'
import { tellFailure } from './tell-failure.ts'
import { interrupted, terminal } from './terminal.ts'

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

function collectDigest(value: string, before: readonly string[]): readonly string[] {
  if (!/^sha256:[0-9a-f]{64}$/.test(value))
    throw new UsageError(
      `--approve takes the digest of a Held: line as it stands there (sha256:…), not ${JSON.stringify(value)}.`,
    )
  return [...before, value]
}

/** `words`: what follows the command's name. The exit code. */
export async function runHostCommand(words: readonly string[]): Promise<number> {
  let exitCode = 0
  const program = new Command('sluice host')
    .description(
      "Do the work of Flux's source- and kustomize-controller in a cluster that has none, from this machine.",
    )
    .exitOverride()
    .helpCommand(false)
    .option('--context <name>', 'in place of the current context')
    .option('--kubeconfig <file>', 'in place of KUBECONFIG and ~/.kube/config')
    .option('-n, --namespace <namespace>', 'of the leases', 'flux-system')
    .option('--once', 'reconcile everything to Ready or failure, then exit with 0 or 1')
    .option('--no-prune-guard', 'hold no prune back, however much it deletes')
    .option('--flux-release <version>', 'download missing definitions from this release of Flux (v2.9.5)')
    .option('--flux-checksum <sha256>', 'of its install.yaml, as the release publishes it; any other file is refused')
    .option(
      '--approve <digest>',
      'let what was named as Held with this digest happen, once; may be repeated',
      collectDigest,
      [],
    )
    .option('-y, --yes', 'begin without asking')
    .option('--allow-host <host:port>', 'a host that the cluster names may be contacted; may be repeated', collect, [])
    .option(
      '--allow-own-credentials <url>',
      'your own Git credentials may be used for this repository of the cluster; may be repeated',
      collect,
      [],
    )
    .option('--verbose', 'say more on stderr')
    .addHelpText(
      'after',
      '\nCtrl-C and SIGTERM end it: what runs is ended, the leases are given back. With --once that is exit code 1.',
    )
    .action(async (options: HostOptions) => {
      const { runHost } = await import('./host-command.ts')
      exitCode = await runHost(options, terminal, interrupted)
    })
  try {
    await program.parseAsync([...words], { from: 'user' })
    return exitCode
  } catch (error) {
    const isOwn = !(error instanceof CommanderError || error instanceof UsageError)
    // To be interrupted is how hosted mode ends; a pass that was to be whole is not.
    const isOver = isOwn && interrupted.aborted && program.opts<HostOptions>().once !== true
    return isOver ? 0 : tellFailure(error)
  }
}
