/** One command's way into one cluster: the context chosen, connected, and the kinds it serves. */
import type { Handlers } from '../../shared/contract/index.ts'
import { findFluxKind } from '../../shared/flux/kinds.ts'
import { SluiceError } from '../../shared/model/errors.ts'
import type { GroupKind, ObjectRef } from '../../shared/model/identity.ts'
import type { ContextRow, FluxRow, KindRow } from '../../shared/model/rows.ts'
import type { Clusters } from '../engine/clusters/view.ts'
import type { Engine } from '../engine/index.ts'
import type { KubeConfigSet, KubeContextInfo, Ports } from '../engine/ports.ts'
import type { HostingOptions } from '../engine/reconcile/hosting.ts'
import { startCliEngine } from './compose.ts'
import { UsageError } from './failure.ts'
import type { Terminal } from './output.ts'
import { openStream } from './stream-items.ts'
import type { StreamItems } from './stream-items.ts'

export interface GlobalOptions {
  readonly context?: string
  readonly kubeconfig?: string
  readonly namespace?: string
  readonly allNamespaces?: boolean
  readonly verbose?: boolean
  /** Of `sluice host`. */
  readonly hosting?: HostingOptions
}

export interface Session {
  readonly handlers: Handlers
  /** For commands that compose parts of the engine themselves. */
  readonly engine: { readonly ports: Ports; readonly clusters: Clusters; readonly hosting: Engine['hosting'] }
  readonly context: ContextRow
  readonly cluster: string
  readonly signal: AbortSignal
  /** Namespace of `-n`, else the context's, else `default`; '' with `-A`. */
  readonly namespace: string
  readonly kinds: StreamItems<KindRow>
  /** State of a kind once it is known; SluiceError when the cluster does not tell. */
  kindOf(word: string): Promise<KindRow>
  /** Rows of the kinds given (null: all), complete as far as the identity may see. */
  rowsOf(kinds: readonly KindRow[] | null): Promise<readonly FluxRow[]>
  /** Resolves when no kind is loading any more; never rejects but when canceled. */
  settled(): Promise<void>
  refTo(kind: GroupKind & { readonly isNamespaced: boolean }, name: string): ObjectRef
  dispose(): Promise<void>
}

const connectMs = 30_000
const loadMs = 60_000

/** The context that a person means: by name or id; without one kubectl's current context. */
export function chooseContext(set: KubeConfigSet, name: string | undefined): KubeContextInfo {
  if (name === undefined) {
    const current = set.contexts.find(({ id }) => id === set.current)
    if (current !== undefined) return current
    const problem = set.files.find((file) => file.problem !== null)?.problem
    if (set.contexts.length === 0)
      throw new SluiceError(problem?.code ?? 'KubeconfigMissing', problem?.message ?? 'No kubeconfig was found.', {
        remedy: problem?.remedy ?? 'Set KUBECONFIG, or name a file with --kubeconfig.',
      })
    throw new UsageError('No context is current. Name one with --context; `sluice contexts` lists them.')
  }
  const byId = set.contexts.find(({ id }) => id === name)
  const byName = set.contexts.filter((info) => info.name === name)
  if (byId !== undefined && byName.length < 2) return byId
  if (byName.length > 1)
    throw new UsageError(`Several contexts are named "${name}": ${byName.map(({ id }) => id).join(', ')}.`)
  const [only] = byName
  if (only !== undefined) return only
  throw new UsageError(`There is no context "${name}". \`sluice contexts\` lists them.`)
}

/** Connects; rejects with the reason when the cluster cannot be reached. */
export async function openSession(options: GlobalOptions, terminal: Terminal, signal: AbortSignal): Promise<Session> {
  const cli = await startCliEngine({
    kubeconfig: options.kubeconfig,
    choose: (set) => chooseContext(set, options.context),
    isVerbose: options.verbose === true,
    env: process.env,
    ...(options.hosting === undefined ? {} : { hosting: options.hosting }),
  })
  try {
    const { handlers } = cli.engine
    const contexts = openStream(handlers, 'contexts.watch', {}, signal)
    const context = await connected(contexts, handlers, cli.chosen?.id ?? '', terminal, signal)
    const kinds = openStream(handlers, 'kinds.watch', {}, signal)
    const rows = openStream(handlers, 'rows.watch', {}, signal)
    const namespace = options.allNamespaces === true ? '' : (options.namespace ?? (context.namespace || 'default'))

    const session: Session = {
      handlers,
      engine: { ports: cli.ports, clusters: cli.engine.clusters, hosting: cli.engine.hosting },
      context,
      cluster: context.cluster ?? '',
      signal,
      namespace,
      kinds,
      async kindOf(word) {
        const known = findFluxKind(word)
        return kinds.until(
          () => {
            if (!kinds.isReady) return null
            const all = [...kinds.items.values()]
            const found = all.find((row) => (known === null ? isNamed(row, word) : isSameKind(row, known)))
            if (found === undefined && known === null && isSettled(all)) throw unknownKind(word)
            return found !== undefined && found.state !== 'loading' ? found : null
          },
          { timeoutMs: loadMs, what: `${known?.kind ?? word} of ${context.name}` },
        )
      },
      async rowsOf(wanted) {
        if (wanted === null) await session.settled()
        const loaded = await kinds.until(
          () => {
            const now = [...kinds.items.values()].filter(
              (row) => wanted === null || wanted.some((kind) => isSameKind(row, kind)),
            )
            const expected = now.reduce((sum, row) => sum + row.count, 0)
            const own = ownRows()
            // The table of rows tells a moment later than the kinds' states.
            return rows.isReady && own.length >= expected ? own : null
            function ownRows(): FluxRow[] {
              return [...rows.items.values()].filter(({ ref }) => now.some((row) => isSameKind(row, ref)))
            }
          },
          { timeoutMs: loadMs, what: `rows of ${context.name}` },
        )
        return namespace === ''
          ? loaded
          : loaded.filter(({ ref }) => ref.namespace === '' || ref.namespace === namespace)
      },
      async settled() {
        await kinds.until(() => kinds.isReady && isSettled([...kinds.items.values()]), {
          timeoutMs: loadMs,
          what: `lists of ${context.name}`,
        })
      },
      refTo: (kind, name) => ({
        cluster: context.cluster ?? '',
        group: kind.group,
        kind: kind.kind,
        namespace: kind.isNamespaced ? namespace : '',
        name,
      }),
      dispose: () => cli.dispose(),
    }
    return session
  } catch (error) {
    await cli.dispose()
    throw error
  }
}

async function connected(
  contexts: StreamItems<ContextRow>,
  handlers: Handlers,
  id: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ContextRow> {
  let approved = ''
  for (;;) {
    const row = await contexts.until(
      () => {
        const found = contexts.items.get(id)
        if (found === undefined) return null
        if (found.connection === 'connected' && found.cluster !== null) return found
        if (found.connection === 'needs-approval' && found.approval !== null && found.approval.digest !== approved)
          return found
        if (
          found.connection === 'unreachable' ||
          found.connection === 'unauthorized' ||
          found.connection === 'invalid'
        ) {
          const { code, message, remedy, detail } = found.error ?? {
            code: 'ConnectionLost' as const,
            message: `Context ${found.name} is ${found.connection}.`,
            remedy: '',
            detail: '',
          }
          throw new SluiceError(code, message, { remedy, detail })
        }
        return null
      },
      { timeoutMs: connectMs, what: `the API server of ${contexts.items.get(id)?.name ?? id}` },
    )
    if (row.connection === 'connected') return row
    const approval = row.approval
    if (approval === null) continue
    // SECURITY: item 10: a program that a kubeconfig names runs only after a person has seen it; --yes does not stand for that.
    const command = [approval.command, ...approval.args].join(' ')
    terminal.say(
      `Context ${row.name} gets its credentials from this program${approval.isChanged ? ', which has changed' : ''}:\n  ${command}`,
    )
    const isApproved = terminal.ask !== null && (await terminal.ask('Run it now and from now on?'))
    if (!isApproved)
      throw new SluiceError('ExecNotApproved', `The program of context ${row.name} is not approved.`, {
        remedy: 'Approve it in the window, or run this command on a terminal.',
      })
    approved = approval.digest
    await handlers['contexts.approveExec']({ context: id, digest: approval.digest }, { signal, client: 'cli' })
  }
}

function isSettled(rows: readonly KindRow[]): boolean {
  return rows.length > 0 && rows.every(({ state }) => state !== 'loading')
}

function isSameKind(a: GroupKind, b: GroupKind): boolean {
  return a.group === b.group && a.kind === b.kind
}

function isNamed(row: KindRow, word: string): boolean {
  const lower = word.toLowerCase()
  return [row.kind.toLowerCase(), row.plural, `${row.plural}.${row.group}`].includes(lower)
}

function unknownKind(word: string): UsageError {
  return new UsageError(
    `The cluster knows no Flux kind "${word}". Kinds are named like ks, kustomization or kustomizations.`,
  )
}

/** Throws where a kind's objects cannot be seen: forbidden, not installed, unreachable. */
export function checkVisible(kind: KindRow, context: ContextRow): void {
  if (kind.state === 'forbidden')
    throw new SluiceError('Forbidden', `You may not list ${kind.plural} in ${context.name}.`, { detail: kind.message })
  if (kind.state === 'notInstalled')
    throw new SluiceError('ResourceNotServed', `${kind.kind} is not installed in ${context.name}.`)
  if (kind.state === 'unreachable' || kind.state === 'error')
    throw new SluiceError('ServerError', `${kind.kind} of ${context.name} could not be read.`, { detail: kind.message })
}
