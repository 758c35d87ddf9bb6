/** Every command of `sluice`. Exit codes: 0 done, 1 failed, 2 usage. Results go to stdout, words to stderr. */
import { Command, InvalidArgumentError, Option } from 'commander'
import type { ActionName } from '../../shared/model/actions.ts'
import { cliVersion } from './compose.ts'
import { SilentFailure, UsageError } from './failure.ts'
import { act, checkConfirmable, parseUntil } from './gate-commands.ts'
import type { OutputFormat } from './output.ts'
import { formatJson, formatYaml, outputFormats } from './output.ts'
import { getRows, listContexts, printEvents, printTree } from './read-commands.ts'
import type { GlobalOptions, Session } from './session.ts'
import { openSession } from './session.ts'
import { tellFailure } from './tell-failure.ts'
import { endProcess, interrupted, terminal } from './terminal.ts'

interface Options extends GlobalOptions {
  readonly output: OutputFormat
}

async function inSession(options: GlobalOptions, work: (session: Session) => Promise<void>): Promise<void> {
  const session = await openSession(options, terminal, interrupted)
  try {
    await work(session)
  } finally {
    await session.dispose()
  }
}

function parseTime(text: string): number {
  try {
    return parseUntil(text, Date.now())
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
}

function parseLimit(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 5000) return limit
  throw new InvalidArgumentError('a number from 1 to 5000')
}

const comparingCommands = [
  ['drift', 'what differs from Git, in which field, by whom'],
  ['diff', 'what a Kustomization of a local folder would change in the cluster'],
] as const

const lookingBack = [
  ['history', 'what happened, as it was recorded on this machine'],
  ['audit', 'every action taken in Sluice, and whether they are what was written'],
] as const

interface ChangeOptions extends Options {
  readonly yes?: boolean
  readonly reason?: string
  readonly until?: number
  readonly withSource?: boolean
  readonly wait?: boolean
  readonly force?: boolean
  readonly reset?: boolean
}

function createProgram(): Command {
  const program = new Command('sluice')
    .description('Flux on your clusters: what runs, what failed, and its gates.')
    .addOption(new Option('-o, --output <format>', 'how results are printed').choices(outputFormats).default('table'))
    .option('--context <name>', 'in place of the current context')
    .option('--kubeconfig <file>', 'in place of KUBECONFIG and ~/.kube/config')
    .option('-n, --namespace <namespace>', "in place of the context's namespace")
    .option('-A, --all-namespaces', 'look in all namespaces')
    .option('--verbose', 'say more on stderr')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .helpCommand(false)
    .showHelpAfterError('(sluice --help lists the commands)')

  const command = (name: string, description: string): Command => program.command(name).description(description)
  const change = (name: string, description: string): Command =>
    command(name, description).argument('<kind>').argument('<name...>').option('-y, --yes', 'do it without asking')
  const optionsOf = <T extends Options>(own: Command): T => own.optsWithGlobals<T>()

  async function read(own: Command, work: (session: Session, format: OutputFormat) => Promise<void>): Promise<void> {
    const options = optionsOf(own)
    await inSession(options, (session) => work(session, options.output))
  }
  async function mutate(
    own: Command,
    action: ActionName,
    kind: string,
    names: readonly string[],
    isWaiting: boolean,
  ): Promise<void> {
    const options = optionsOf<ChangeOptions>(own)
    const isYes = options.yes === true
    if (options.allNamespaces === true)
      throw new UsageError(`${own.name()} names its objects: use -n NAMESPACE in place of -A.`)
    checkConfirmable(isYes, terminal)
    const { reason, until, output: format } = options
    await inSession(options, (session) =>
      act(session, action, kind, names, { reason, until, isYes, isWaiting, format }, terminal),
    )
  }

  command('contexts', 'list the contexts of your kubeconfigs').action(async (_own: unknown, self: Command) => {
    const options = optionsOf(self)
    await listContexts(options, options.output, terminal, interrupted)
  })
  command('get', 'list Flux objects of a kind, or of all kinds')
    .argument('<kind>', 'kind, plural or short name (ks, helmreleases, gitrepo …), or "all"')
    .argument('[name]')
    .action((kind: string, name: string | undefined, _own: unknown, self: Command) =>
      read(self, (session, format) => getRows(session, kind, name, format, terminal)),
    )
  command('tree', 'what an object brought to the cluster, down to pods')
    .argument('<object...>', 'KIND/NAME')
    .action((words: string[], _own: unknown, self: Command) =>
      read(self, (session, format) => printTree(session, words, format, terminal)),
    )
  command('events', 'events of an object and what it owns, or of the namespace')
    .argument('[object...]', 'KIND/NAME')
    .option('--limit <count>', 'at most so many', parseLimit, 200)
    .action((words: string[], { limit }: { limit: number }, self: Command) =>
      read(self, (session, format) => printEvents(session, words, limit, format, terminal)),
    )
  change('suspend', 'close gates: nothing is reconciled until they are resumed')
    .option('--reason <text>', 'why, for everyone to read')
    .option('--until <time>', 'a time or a duration (2h, 3d); told when it passes, never acted upon', parseTime)
    .action((kind: string, names: string[], _own: unknown, self: Command) => mutate(self, 'suspend', kind, names, true))
  change('resume', 'open gates again').action((kind: string, names: string[], _own: unknown, self: Command) =>
    mutate(self, 'resume', kind, names, true),
  )
  change('reconcile', 'ask the controllers for a run now')
    .option('--with-source', 'its source first; waits')
    .option('--wait', 'wait for the end of the run and show its stages')
    .option('--force', 'HelmRelease: install or upgrade once more even if nothing changed; waits')
    .option('--reset', 'HelmRelease: forget its failures; waits')
    .action(async (kind: string, names: string[], own: ChangeOptions, self: Command) => {
      const { withSource = false, wait = false, force = false, reset = false } = own
      if ([withSource, force, reset].filter(Boolean).length > 1)
        throw new UsageError('--with-source, --force and --reset exclude each other.')
      const action = withSource ? 'reconcileWithSource' : force ? 'force' : reset ? 'reset' : 'reconcile'
      await mutate(self, action, kind, names, wait || action !== 'reconcile')
    })
  // Their words are read by the commands themselves: main.ts does not even come here for them.
  const rendering = (name: string, description: string): Command =>
    command(name, description).argument('[words...]').allowUnknownOption().helpOption(false)
  rendering('build', "kustomize build, or Flux's build of the Kustomizations in a file (sluice build --help)").action(
    async (words: string[]) => endWith(await (await import('./build-command.ts')).runBuildCommand(words)),
  )
  rendering('render', 'render every Flux Kustomization of a folder (sluice render --help)').action(
    async (words: string[]) => endWith(await (await import('./render-command.ts')).runRenderCommand(words)),
  )
  command('host', "do Flux's work in a cluster without its controllers, from this machine (sluice host --help)")
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: string[]) => {
      const { runHostCommand } = await import('./host-program.ts')
      process.exit(await runHostCommand(words))
    })
  const comparing = (name: string, description: string): Command =>
    command(name, `${description} (sluice ${name} --help)`)
      .argument('[words...]')
      .allowUnknownOption()
      .helpOption(false)
  for (const [name, description] of lookingBack)
    comparing(name, description).action(async (words: string[]) => {
      const { runHistoryCommand } = await import('./history-program.ts')
      process.exit(await runHistoryCommand([name, ...words]))
    })
  for (const [name, description] of comparingCommands)
    comparing(name, description).action(async (words: string[]) => {
      const { runDriftCommand } = await import('./drift-program.ts')
      process.exit(await runDriftCommand([name, ...words]))
    })
  comparing('trace', 'where an object comes from, back to the line in Git and its author').action(
    async (words: string[]) => {
      const { runTraceCommand } = await import('./trace-program.ts')
      process.exit(await runTraceCommand(['trace', ...words]))
    },
  )
  comparing('where', 'where a commit has arrived, for every Kustomization and HelmRelease').action(
    async (words: string[]) => {
      const { runTraceCommand } = await import('./trace-program.ts')
      process.exit(await runTraceCommand(['where', ...words]))
    },
  )
  command('version', 'print the version').action((_own: unknown, self: Command) => {
    const version = { sluice: cliVersion(), node: process.versions.node }
    const { output } = optionsOf(self)
    if (output === 'json') terminal.out(formatJson(version))
    else if (output === 'yaml') terminal.out(formatYaml(version, terminal))
    else terminal.out(version.sluice)
  })
  return program
}

/** For commands that have said everything themselves. */
function endWith(exitCode: number): void {
  if (exitCode !== 0) throw new SilentFailure()
}

/** Runs one command line; the exit code. */
async function run(argv: readonly string[]): Promise<number> {
  try {
    const program = createProgram()
    if (argv.length === 0) {
      process.stderr.write(program.helpInformation())
      return 2
    }
    await program.parseAsync([...argv], { from: 'user' })
    return 0
  } catch (error) {
    return tellFailure(error)
  }
}

/** Runs the command line of this process to its end. */
export function runProgram(): Promise<never> {
  return endProcess(() => run(process.argv.slice(2)))
}
