/** `sluice drift`: every Kustomization and HelmRelease of the namespaces asked for, compared now, in one context or several. */
import type { DriftObject } from '../../shared/model/drift.ts'
import { isDrift } from '../../shared/model/drift.ts'
import { toErrorData } from '../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import { compareText } from '../../shared/lib/row-order.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { refKey, refTitle } from '../../shared/model/identity.ts'
import type { KindRow } from '../../shared/model/rows.ts'
import type { Allowance } from './allow-named.ts'
import { createAllowance } from './allow-named.ts'
import type { DriftOptions } from './drift-options.ts'
import type { Report, ReportedObject, ReportedOwner } from './drift-report.ts'
import { printReport } from './drift-report.ts'
import { describeFailure, UsageError } from './failure.ts'
import type { Terminal } from './output.ts'
import { findObject } from './read-commands.ts'
import type { Session } from './session.ts'
import { openSession } from './session.ts'

/** Comparisons under way; how many dry-runs there are at once is the engine's to decide. */
const concurrency = 8
const ownerKinds = ['kustomizations', 'helmreleases'] as const

/** The exit code. */
export async function runDrift(
  words: readonly string[],
  options: DriftOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { context: contexts, ...more } = options
  const isMany = contexts.length > 1
  const owners: ReportedOwner[] = []
  const problems: string[] = []
  for (const context of contexts.length === 0 ? [undefined] : contexts) {
    try {
      const session = await openSession({ ...more, ...(context === undefined ? {} : { context }) }, terminal, signal)
      try {
        const found = await compareContext(session, words, options, isMany ? session.context.name : '', terminal)
        owners.push(...found.owners)
        problems.push(...found.problems)
      } finally {
        await session.dispose()
      }
    } catch (error) {
      // One context that cannot be reached says nothing about the others.
      if (!isMany || error instanceof UsageError || signal.aborted) throw error
      problems.push(`Context ${context ?? ''} could not be compared: ${describeFailure(error)}`)
    }
  }
  const format = options.output
  return printReport({ owners, problems }, { format, isVerbose: options.verbose === true, now: Date.now() }, terminal)
}

async function compareContext(
  session: Session,
  words: readonly string[],
  options: DriftOptions,
  context: string,
  terminal: Terminal,
): Promise<Report> {
  const { refs, problems } = words.length > 0 ? await namedOwner(session, words) : await ownersOf(session)
  // A person waits; a script has nothing to read here.
  if (terminal.ask !== null && refs.length > 1)
    terminal.say(`Comparing ${refs.length} Kustomizations and HelmReleases of ${session.context.name} …`)
  const owners: ReportedOwner[] = []
  const allowance = createAllowance(session, options)
  const waiting = [...refs].sort(compareRefs)
  const order = new Map(waiting.map((ref, index) => [refKey(ref), index]))
  const worker = async (): Promise<void> => {
    for (let ref = waiting.shift(); ref !== undefined; ref = waiting.shift())
      owners.push({ context, ref, ...(await compareOwner(session, ref, options, allowance)) })
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  owners.sort((a, b) => (order.get(refKey(a.ref)) ?? 0) - (order.get(refKey(b.ref)) ?? 0))
  return { owners, problems }
}

async function namedOwner(
  session: Session,
  words: readonly string[],
): Promise<{ refs: ObjectRef[]; problems: string[] }> {
  const { ref } = await findObject(session, words)
  if (ref.kind !== 'Kustomization' && ref.kind !== 'HelmRelease')
    throw new UsageError(`${ref.kind} ${refTitle(ref)} applies no objects: name a Kustomization or a HelmRelease.`)
  return { refs: [ref], problems: [] }
}

async function ownersOf(session: Session): Promise<{ refs: readonly ObjectRef[]; problems: readonly string[] }> {
  const problems: string[] = []
  const visible: KindRow[] = []
  const where = session.context.name
  for (const word of ownerKinds) {
    const kind = await session.kindOf(word)
    if (kind.state === 'notInstalled') continue
    if (kind.state === 'live' || kind.state === 'stale') visible.push(kind)
    else {
      const why = kind.state === 'forbidden' ? `You may not list ${kind.plural}` : `${kind.plural} could not be read`
      problems.push(`${why} in ${where}: nothing is known of them. ${kind.message}`.trim())
    }
    if (kind.namespaces !== null && session.namespace === '')
      problems.push(`You may list ${kind.plural} in these namespaces of ${where} only: ${kind.namespaces.join(', ')}.`)
  }
  if (visible.length === 0 && problems.length === 0) problems.push(`Flux is not installed in ${where}.`)
  const rows = visible.length === 0 ? [] : await session.rowsOf(visible)
  return { refs: rows.map(({ ref }) => ref), problems }
}

async function compareOwner(
  session: Session,
  ref: ObjectRef,
  options: DriftOptions,
  allowance: Allowance,
): Promise<Omit<ReportedOwner, 'context' | 'ref'>> {
  const call = { signal: session.signal, client: 'cli' } as const
  const failed = (error: SluiceErrorData): Omit<ReportedOwner, 'context' | 'ref'> => ({
    owner: null,
    objects: [],
    error,
  })
  try {
    // The source's host, then the one of the cluster that the objects live in. Whatever it failed with: of a stopped source-controller that is told
    // first, and the Git server that would do as well only beside it.
    const checked = await allowance.retry(
      () => session.handlers['drift.check']({ ref }, call),
      (found) => found.owner.error !== null,
    )
    const { owner, objects } = checked
    // SECURITY: "not known" is never "no drift": an older result beside an error counts for nothing here.
    if (owner.error !== null) return failed(owner.error)
    if (owner.state !== 'checked') return failed(notChecked(owner.state))
    const reported: ReportedObject[] = []
    for (const object of objects) reported.push(await withDetails(session, ref, object, options))
    if (options.output !== 'json') return { owner, objects: reported, error: null }
    const { commit } = await session.handlers['drift.commit']({ ref }, call)
    return { owner: { ...owner, commit }, objects: reported, error: null }
  } catch (error) {
    if (session.signal.aborted) throw error
    return failed(toErrorData(error))
  }
}

function notChecked(state: string): SluiceErrorData {
  const message = `The comparison did not end (${state}).`
  return { code: 'Unsupported', message, remedy: '', detail: '', retry: 'terminal' }
}

async function withDetails(
  session: Session,
  owner: ObjectRef,
  object: DriftObject,
  options: DriftOptions,
): Promise<ReportedObject> {
  if (!isDrift(object.action)) return { object, fields: [], texts: null }
  const call = { signal: session.signal, client: 'cli' } as const
  const { fields } = await session.handlers['drift.fields']({ owner, ref: object.ref }, call)
  const texts =
    options.output === 'diff'
      ? await session.handlers['drift.texts']({ owner, ref: object.ref }, call).catch(toErrorData)
      : null
  return { object, fields, texts }
}

function compareRefs(a: ObjectRef, b: ObjectRef): number {
  return compareText(a.namespace, b.namespace) || compareText(b.kind, a.kind) || compareText(a.name, b.name)
}
