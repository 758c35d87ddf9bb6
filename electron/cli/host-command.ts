/** Hosted mode of one context: its plan, a line for each run, and with `--once` an end. */
import { fluxRelease } from '../../shared/contract/schemas.ts'
import { SluiceError } from '../../shared/model/errors.ts'
import type { FluxRelease } from '../../shared/model/hand-over.ts'
import type { HostedRow, HostingPlan, HostingState, PendingApproval } from '../../shared/model/hosting.ts'
import { refKey, refTitle } from '../../shared/model/identity.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { neutralizeLine } from '../../shared/lib/text.ts'
import { controllerTimings } from '../engine/reconcile/lease/create-leadership.ts'
import { pause } from '../engine/pause.ts'
import { createAllowance } from './allow-named.ts'
import { UsageError } from './failure.ts'
import type { HostOptions } from './host-options.ts'
import { OnceWatch, Patience } from './host-once.ts'
import type { Terminal } from './output.ts'
import { plainWords } from './output.ts'
import { openSession } from './session.ts'
import type { Session } from './session.ts'
import { openStream } from './stream-items.ts'

const lookMs = 200
const maxListed = 20

/** The exit code. Leases are given back whatever ends it. */
export async function runHost(options: HostOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { context, kubeconfig, verbose, namespace, pruneGuard } = options
  const release = releaseOf(options)
  const session = await openSession(
    {
      ...(context === undefined ? {} : { context }),
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(verbose === undefined ? {} : { verbose }),
      allNamespaces: true,
      hosting: { client: 'cli', isPruneGuarded: pruneGuard, ...(namespace === undefined ? {} : { namespace }) },
    },
    terminal,
    signal,
  )
  try {
    return await host(session, options, release, terminal, signal)
  } finally {
    await session.dispose()
  }
}

/** What the contract asks of a release that the window names. Throws UsageError. */
export function releaseOf({ fluxRelease: version, fluxChecksum: checksum }: Partial<HostOptions>): FluxRelease | null {
  if (version === undefined && checksum === undefined) return null
  if (version === undefined || checksum === undefined)
    throw new UsageError('--flux-release and --flux-checksum belong together: give both, or neither.')
  const parsed = fluxRelease.safeParse({
    version: `v${version.replace(/^v/, '')}`,
    checksum: checksum.replace(/^sha256:/, '').toLowerCase(),
  })
  if (parsed.success) return parsed.data
  const isVersion = parsed.error.issues.some(({ path }) => path[0] === 'version')
  throw new UsageError(
    isVersion
      ? `--flux-release takes a version such as v2.9.5, not ${JSON.stringify(version)}.`
      : `--flux-checksum takes the 64 hexadecimal digits of flux_VERSION_checksums.txt for install.yaml, not ${JSON.stringify(checksum)}.`,
  )
}

async function host(
  session: Session,
  options: HostOptions,
  release: FluxRelease | null,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const call = { signal, client: 'cli' } as const
  const { handlers } = session
  const context = session.context.key
  const plan = await handlers['hosting.plan']({ context, ...(release === null ? {} : { release }) }, call)
  sayPlan(plan, session.context.name, terminal)
  if (plan.refusal !== null) throw new SluiceError(plan.refusal.code, plan.refusal.message, plan.refusal)
  await confirm(plan, session.context.name, options, terminal)
  await handlers['hosting.start']({ context, digest: plan.digest }, call)
  const { clock } = session.engine.ports
  const once = options.once === true ? new OnceWatch() : null
  const patience = once === null ? null : new Patience(controllerTimings)
  const states = openStream(handlers, 'hosting.watch', {}, signal)
  const rows = openStream(handlers, 'hosting.rows', {}, signal, (upsert, remove) => {
    for (const key of remove) once?.gone(key)
    for (const row of upsert) once?.see(row)
  })
  const approvals = openStream(handlers, 'hosting.approvals', {}, signal)
  const told = new Map<string, number>()
  const allowance = new Set(options.approve)
  const allowed = createAllowance(session, options)
  const held = new Set<string>()
  let word = ''
  for (;;) {
    const state = states.items.get(context)
    word = sayState(state, word, terminal)
    for (const row of rows.items.values()) tellRun(row, told, terminal)
    // Not everything was judged: a script must not take that for success.
    if (signal.aborted && once !== null) throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
    if (signal.aborted) return 0
    if (state?.state === 'failed')
      throw new SluiceError(state.error?.code ?? 'Internal', state.message, state.error ?? {})
    const isListed = session.engine.hosting.isListed(context)
    const waitedMs = patience?.look(wordFor(state, isListed), clock.monotonicMs()) ?? null
    if (waitedMs !== null) throw cannotAct(state, session.context.name, waitedMs)
    // What was refused for want of it runs again by itself.
    const before = allowed.count
    await allowed.look()
    const isMoreAllowed = allowed.count > before || (await approve(approvals.items, allowance, session, signal))
    if (isMoreAllowed || state?.state !== 'active') once?.restart()
    if (once === null) tellHeld(approvals.items, held, terminal)
    if (once !== null && !isMoreAllowed && state?.state === 'active' && isListed) {
      const step = once.look((key) => signOf(session, key), clock.monotonicMs())
      if (step === 'done') {
        for (const digest of allowance) terminal.say(`Nothing was held with the digest ${digest}.`)
        return report(once.verdicts(), [...approvals.items.values()], plan, terminal)
      }
      for (const ref of step === 'wait' ? [] : step) await session.engine.hosting.requeue(ref)
    }
    await pause(clock, lookMs, signal).catch(() => undefined)
  }
}

/** What the cluster has of an object: whatever runs because of it runs once more where this changes. */
function signOf({ engine, cluster }: Session, key: string): string | null {
  const row = engine.clusters.view(cluster)?.row(key) ?? null
  return row === null ? null : `${String(row.generation)} ${row.revision}`
}

function wordFor(state: HostingState | undefined, isListed: boolean): Parameters<Patience['look']>[0] {
  return state?.state === 'active' && !isListed ? 'listing' : (state?.state ?? null)
}

/** Who or what is in the way of `--once`, and what to do about it. */
function cannotAct(state: HostingState | undefined, name: string, waitedMs: number): SluiceError {
  const waited = `for ${String(Math.round(waitedMs / 1000))} s`
  switch (state?.state) {
    case 'stepped-back':
      return new SluiceError('NotHosted', `Hosted mode cannot act in ${name}. ${state.message}`, {
        remedy: 'Where they are, they reconcile: use flux there, or take them away first.',
      })
    case 'waiting':
      return new SluiceError('NotHosted', `Hosted mode could not act in ${name} ${waited}. ${state.message}`, {
        remedy: 'End it there, or give it another --namespace if it hosts another cluster.',
      })
    case 'disconnected':
      return new SluiceError('ConnectionLost', `Hosted mode could not act in ${name} ${waited}. ${state.message}`)
    case 'active':
      return new SluiceError(
        'NotHosted',
        `GitRepositories or Kustomizations of ${name} could not be listed ${waited}, so nobody knows whether all are Ready.`,
        { remedy: 'The identity of the context has to be allowed to list and watch both kinds in all namespaces.' },
      )
    default:
      return new SluiceError(
        'NotHosted',
        `Hosted mode did not begin in ${name} ${waited}. ${state?.message ?? ''}`.trim(),
      )
  }
}

/** SECURITY: item 12: what the command line names by its digest, each once: the same deletion another time is asked for again. True: something was. */
async function approve(
  pending: ReadonlyMap<string, PendingApproval>,
  allowance: Set<string>,
  session: Session,
  signal: AbortSignal,
): Promise<boolean> {
  for (const { ref, digest } of pending.values()) {
    if (!allowance.has(digest)) continue
    try {
      await session.handlers['hosting.approve']({ ref, digest }, { signal, client: 'cli' })
    } catch (error) {
      // It moved, or is gone, since it was told.
      if (error instanceof SluiceError && (error.code === 'PlanMoved' || error.code === 'NotFound')) continue
      throw error
    }
    allowance.delete(digest)
    return true
  }
  return false
}

function tellHeld(pending: ReadonlyMap<string, PendingApproval>, told: Set<string>, terminal: Terminal): void {
  for (const key of told) if (![...pending.values()].some((each) => heldKey(each) === key)) told.delete(key)
  for (const each of pending.values()) {
    if (told.has(heldKey(each))) continue
    told.add(heldKey(each))
    terminal.say(neutralizeLine(`Held: ${nameOf(each.ref)}: ${whyHeld(each)}`))
  }
}

const heldKey = ({ key, digest }: PendingApproval): string => `${key} ${digest}`

function whyHeld({ reason, pruned, digest }: PendingApproval): string {
  const objects = pruned.map(({ ref }) => nameOf(ref)).join(', ')
  return `${reason}${objects === '' ? '' : ` ${objects}`} (allow it with --approve ${digest})`
}

async function confirm(plan: HostingPlan, name: string, options: HostOptions, terminal: Terminal): Promise<void> {
  if (options.yes === true) return
  if (terminal.ask !== null) {
    if (await terminal.ask(`Begin in ${name}?`)) return
    throw new SluiceError('Canceled', 'Nothing was changed.', { retry: 'canceled' })
  }
  if (plan.isProduction) throw new UsageError(`${name} looks like production, and nobody can be asked here: add --yes.`)
}

function sayPlan(plan: HostingPlan, name: string, terminal: Terminal): void {
  terminal.say(`Hosted mode in ${name}: ${String(plan.hosted)} objects, ${String(plan.suspended)} of them suspended.`)
  if (plan.isNamespaceCreated) terminal.say(`Creates the namespace ${plan.namespace}.`)
  if (plan.missingDefinitions.length > 0)
    terminal.say(
      `Creates definitions (${plan.definitionsFrom === '' ? plan.definitions : plan.definitionsFrom}): ${plan.missingDefinitions.join(', ')}.`,
    )
  for (const { text } of plan.found) terminal.say(`Found: ${text}.`)
  for (const note of plan.notes) terminal.say(note)
  for (const { ref, why } of plan.notHosted.slice(0, maxListed))
    terminal.say(`Not hosted: ${ref.kind}/${refTitle(ref)}: ${why}`)
  if (plan.notHosted.length > maxListed) terminal.say(`… and ${String(plan.notHosted.length - maxListed)} more.`)
}

function sayState(state: HostingState | undefined, before: string, terminal: Terminal): string {
  if (state === undefined) return before
  const word = `${state.state}${state.message === '' ? '' : `: ${state.message}`}`
  if (word !== before) terminal.say(plainWords(word))
  return word
}

/** SECURITY: item 13: one line for each run that has ended, without control sequences. */
function tellRun(row: HostedRow, told: Map<string, number>, terminal: Terminal): void {
  if (row.lastAt === null || told.get(row.key) === row.lastAt || row.state === 'running') return
  told.set(row.key, row.lastAt)
  const took = row.lastDurationMs === null ? '' : ` in ${(row.lastDurationMs / 1000).toFixed(1)} s`
  const word = row.state === 'sleeping' || row.state === 'queued' ? (row.lastResult ?? 'idle') : row.state
  const line = `${new Date(row.lastAt).toISOString()} ${nameOf(row.ref)} ${word}${took}${row.message === '' ? '' : `: ${row.message}`}`
  terminal.out(neutralizeLine(line))
}

/** The exit code: 1 where anything is not as it should be. */
function report(
  rows: readonly HostedRow[],
  approvals: readonly PendingApproval[],
  plan: HostingPlan,
  terminal: Terminal,
): number {
  const line = (word: string, { ref }: HostedRow, why: string): void => {
    terminal.say(neutralizeLine(`${word}: ${nameOf(ref)}${why === '' ? '' : `: ${why}`}`))
  }
  const bad = rows.flatMap((row) => {
    const word = OnceWatch.wordOf(row)
    return word === null ? [] : [{ row, word }]
  })
  for (const { row, word } of bad) {
    const held = approvals.find(({ key }) => key === row.key)
    line(word, row, held === undefined ? row.message : whyHeld(held))
  }
  const good = rows.filter((row) => OnceWatch.wordOf(row) === null)
  for (const row of good) if (row.state === 'manual' && row.message !== '') line('Manual', row, row.message)
  // The plan has told of those that were there before.
  const planned = new Set(plan.notHosted.map(({ ref }) => refKey(ref)))
  for (const row of good) if (row.state === 'not-hosted' && !planned.has(row.key)) line('Not hosted', row, row.message)
  const ready = good.filter(
    ({ lastResult, state }) => lastResult === 'succeeded' && (state === 'sleeping' || state === 'held'),
  ).length
  terminal.say(`${String(ready)} reconciled, ${String(bad.length)} failed or held.`)
  return bad.length === 0 ? 0 : 1
}

function nameOf(ref: ObjectRef): string {
  return `${ref.kind}/${refTitle(ref)}`
}
