/**
 * The hand-over itself, stage after stage. Whatever fails before the controllers have adopted everything is undone: they are taken away, and Sluice
 * goes on. A controller never gets its lease while Sluice may still write, and kustomize-controller none before every source is the controller's own.
 */
import type { HandOverPlan, HandOverStageName } from '../../../../shared/model/hand-over.ts'
import { SluiceError, toErrorData } from '../../../../shared/model/errors.ts'
import { hostedControllers } from '../../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../../shared/model/identity.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { pause } from '../../pause.ts'
import { computeKStatus } from '../../status/kstatus.ts'
import { asArray, at, textAt } from '../../status/read.ts'
import type { HostingTransfer } from '../hosting.ts'
import type { Sync } from '../bootstrap/run-bootstrap.ts'
import type { Fleet, Marks, Waiting } from './adoption.ts'
import { judgeFleet, markObjects, movedObjects, readFleet, seenRuns, unadopted, unfetched } from './adoption.ts'
import { install, readObject, waitEstablished, withdrawDeployment, withdrawObject } from './install.ts'
import { beginOf } from './make-hand-over-plan.ts'
import { persist } from './persist.ts'
import type { Installation } from './read-manifests.ts'
import { titleOf } from './read-manifests.ts'

/** How long each wait may take. */
export interface HandOverTimes {
  /** Images are fetched. */
  readonly runningMs: number
  readonly sourcesMs: number
  readonly kustomizationsMs: number
  /** Pods of controllers that are taken away again. */
  readonly goneMs: number
  readonly stepMs: number
}

export const defaultTimes: HandOverTimes = {
  runningMs: 5 * 60_000,
  sourcesMs: 5 * 60_000,
  kustomizationsMs: 10 * 60_000,
  goneMs: 60_000,
  stepMs: 1000,
}

export interface HandOverRun {
  readonly plan: HandOverPlan
  readonly installation: Installation
  readonly transfer: HostingTransfer
  /** What is put under Git with it. */
  readonly bootstrap?: BootstrapRun
  /** Ended by a cancel. */
  readonly calls: CallOptions
  readonly times: HandOverTimes
  readonly progress: HandOverProgress
  /** The program ends: what was begun is left as it is, and goes on by itself once Sluice's leases are given back. */
  readonly isLeaving: () => boolean
}

/** As far as a place is concerned, whoever reconciles there. */
export interface PlacedRun extends Omit<HandOverRun, 'transfer'> {
  readonly transfer: Pick<HostingTransfer, 'view'>
}

export interface BootstrapRun {
  /** Rejects with PlanMoved where the branch has moved: nothing has been done then. */
  push(): Promise<{ readonly commit: string; readonly isNew: boolean }>
  sync(commit: string): Promise<Sync>
}

export interface HandOverProgress {
  begin(stage: HandOverStageName, message: string, total?: number): void
  step(message: string, done: number, pending?: readonly Waiting[]): void
  finish(message: string): void
  watched(total: number, moved: readonly ObjectRef[]): void
  /** From here on a cancel is too late. */
  settle(): void
}

/** Rejects with what ended it; whatever came before the controllers had adopted everything is undone by then. */
export async function runHandOver(run: HandOverRun, onUndo: (error: SluiceError) => void): Promise<void> {
  const { transfer, progress } = run
  const commit = await commitFiles(run)
  transfer.expectControllers()
  const rights = new Map<string, KubeObject>()
  let looked: Looked
  try {
    looked = await moveIn(run, rights)
  } catch (error) {
    const fault = asFault(error)
    if (run.isLeaving()) throw fault
    onUndo(fault)
    const problem = await undo(run, [...rights.values()]).catch(asFault)
    if (problem !== undefined) throw unfinished(fault, problem)
    throw fault
  }
  progress.settle()
  // From here on the controllers reconcile: what is left belongs to the installation, not to the hand-over.
  await transfer.end()
  await startTheRest(run)
  await synchronise(run, commit, looked)
}

/** Where Flux runs already: what differs is applied, and Flux told to read it from Git. Nothing is undone when it fails: running it again goes on. */
export async function runBootstrap(run: PlacedRun): Promise<void> {
  const { installation, times, progress } = run
  const commit = await commitFiles(run)
  progress.settle()
  const looked = await look(run)
  progress.watched(looked.marks.size, [])
  await installStage(run, 'definitions', installation.objects.filter(isFirstStage))
  await installStage(
    run,
    'controllers',
    installation.objects.filter((each) => !isFirstStage(each)),
  )
  const total = installation.deployments.length
  await until(run, 'ready', 'Waiting until all controllers are ready.', times.runningMs, total, async () =>
    (await Promise.all(installation.deployments.map(({ object }) => whyNotReady(run, object)))).filter(
      (each) => each !== null,
    ),
  )
  await synchronise(run, commit, looked)
}

interface Looked {
  readonly fleet: Fleet
  readonly marks: Marks
}

async function look({ transfer: { view }, calls }: PlacedRun): Promise<Looked> {
  const fleet = await persist(calls, () => readFleet(view, calls.signal))
  return { fleet, marks: await persist(calls, () => markObjects(view, fleet, calls)) }
}

/** Those that are not as they were. */
async function lookAgain(
  { transfer: { view }, calls }: PlacedRun,
  before: Looked,
): Promise<ReturnType<typeof movedObjects>> {
  return movedObjects(before.marks, await persist(calls, () => markObjects(view, before.fleet, calls)))
}

async function commitFiles({ bootstrap, progress }: PlacedRun): Promise<string> {
  if (bootstrap === undefined) return ''
  progress.begin('commit', 'Pushing the commits.')
  const { commit, isNew } = await bootstrap.push()
  const short = commit.slice(0, 7)
  progress.finish(isNew ? `The branch is at ${short} now.` : `Nothing to commit: the branch holds it at ${short}.`)
  return commit
}

async function synchronise(run: PlacedRun, commit: string, looked: Looked): Promise<void> {
  const { bootstrap, calls, times, progress } = run
  if (bootstrap === undefined) return
  progress.begin('sync', 'Telling Flux to read it from Git.', 2)
  const sync = await persist(calls, () => bootstrap.sync(commit))
  await persist(calls, () => sync.apply())
  const message = 'Waiting until Flux has applied it from Git.'
  await waitFor(run, message, times.sourcesMs, 2, () => sync.pending())
  const moved = await lookAgain(run, looked)
  progress.watched(looked.marks.size, moved)
  progress.finish(
    moved.length === 0 ? 'It is Ready; no workload was changed.' : `It is Ready; ${movedWords(moved.length)}.`,
  )
}

const movedWords = (count: number): string => (count === 1 ? 'one object moved' : `${String(count)} objects moved`)

async function installStage(
  { calls, progress }: PlacedRun,
  stage: 'definitions' | 'controllers',
  objects: readonly KubeObject[],
  onCreate: (object: KubeObject) => void = () => undefined,
): Promise<void> {
  const message = stage === 'definitions' ? 'Installing definitions.' : 'Installing the controllers.'
  progress.begin(stage, message, objects.length)
  const written = await install(objects, calls, {
    onStep: (done) => {
      progress.step(message, done)
    },
    onCreate,
  })
  if (stage === 'definitions')
    await waitEstablished(
      objects.filter(({ kind }) => kind === 'CustomResourceDefinition'),
      calls,
    )
  progress.finish(`${String(written)} of ${String(objects.length)} written.`)
}

/** `rights`: takes, by title, the ClusterRoleBindings that were not there before. */
async function moveIn(run: HandOverRun, rights: Map<string, KubeObject>): Promise<Looked> {
  const { installation, transfer, calls, times, progress, plan } = run
  const { view } = transfer
  const [sourceController, ...others] = hostedControllers
  await installStage(run, 'definitions', installation.objects.filter(isFirstStage))
  await installStage(
    run,
    'controllers',
    installation.objects.filter((each) => !isFirstStage(each) && !isLast(each)),
    (object) => {
      if (object.kind === 'ClusterRoleBinding') rights.set(titleOf(object), object)
    },
  )

  const starting = installation.deployments.filter(({ name }) => beginOf(name) !== 'last')
  await until(run, 'ready', 'Waiting until the controllers run.', times.runningMs, starting.length, async () =>
    (await Promise.all(starting.map(({ object }) => whyNotRunning(run, object)))).filter((each) => each !== null),
  )

  // Sluice goes on hosting during the installation: what has to be fetched and adopted is what it has fetched and applied by now, not what the plan saw.
  const hosted = judgeFleet(view, await persist(calls, () => readFleet(view, calls.signal)))
  progress.begin('sources', 'Sluice stops; source-controller gets its lease.', hosted.sources.length)
  await transfer.handOver(sourceController)
  // Nothing moves from here on until the controllers do: what they find is what is marked.
  const before = await look(run)
  progress.watched(before.marks.size, [])
  const found = judgeFleet(view, before.fleet)
  const message = 'Waiting for artifacts of source-controller’s own.'
  // Of both: its last runs may have brought one, and source-controller may have begun already to take away artifacts that it does not have.
  const sources = distinct([...hosted.sources, ...found.sources])
  if (sources.length > hosted.sources.length) progress.begin('sources', message, sources.length)
  await waitFor(run, message, times.sourcesMs, sources.length, async () =>
    unfetched(view, sources, await readFleet(view, calls.signal)),
  )
  progress.finish('')

  const kustomizations = distinct([...plan.kustomizations, ...hosted.kustomizations, ...found.kustomizations])
  const total = kustomizations.length
  progress.begin('kustomizations', 'kustomize-controller gets its lease.', total)
  const seen = seenRuns(view, before.fleet)
  for (const controller of others) await transfer.handOver(controller)
  await waitFor(run, 'Waiting until the controller has adopted them.', times.kustomizationsMs, total, async () =>
    unadopted(view, kustomizations, await readFleet(view, calls.signal), seen),
  )
  const moved = await lookAgain(run, before)
  progress.watched(before.marks.size, moved)
  progress.finish(
    moved.length === 0
      ? `None of ${String(before.marks.size)} objects was changed.`
      : `Adopted; ${movedWords(moved.length)}.`,
  )
  return before
}

async function startTheRest(run: HandOverRun): Promise<void> {
  const { installation, calls, times, progress } = run
  const rest = installation.objects.filter(isLast)
  progress.begin('rest', 'Starting the other controllers.', installation.deployments.length)
  await install(rest, calls)
  await waitFor(
    run,
    'Waiting until all controllers are ready.',
    times.runningMs,
    installation.deployments.length,
    async () =>
      (await Promise.all(installation.deployments.map(({ object }) => whyNotReady(run, object)))).filter(
        (each) => each !== null,
      ),
  )
  progress.finish('')
}

const distinct = (refs: readonly ObjectRef[]): readonly ObjectRef[] => [
  ...new Map(refs.map((ref) => [refKey(ref), ref])).values(),
]

/** A cancel ended the run, not its undoing. */
const uncanceled = ({ calls }: HandOverRun): CallOptions => ({ ...calls, signal: new AbortController().signal })

/** Takes away what runs, then the leases back, then away what gave it rights; rejects naming what is left. The rest of what was installed does nothing by itself. */
async function undo(run: HandOverRun, rights: readonly KubeObject[]): Promise<void> {
  const calls = uncanceled(run)
  try {
    await withdrawControllers(run, calls)
  } catch (error) {
    const kept = rights.length === 0 ? '' : ` They keep ${rights.map(titleOf).join(', ')}.`
    throw remedied(
      error,
      `The controllers could not be taken away again: as long as they are there, Sluice does nothing.${kept}`,
    )
  }
  await withdrawRights(rights, calls)
}

async function withdrawControllers(run: HandOverRun, calls: CallOptions): Promise<void> {
  const { installation, transfer, plan, times } = run
  let areGone = false
  try {
    for (const { name, object } of installation.deployments) {
      const action = plan.objects.find((each) => each.kind === 'Deployment' && each.name === name)?.action
      await persist(calls, () => withdrawDeployment(object, action === 'created', calls))
    }
    const end = calls.clock.monotonicMs() + times.goneMs
    while (!areGone && calls.clock.monotonicMs() < end) {
      const pods = await persist(calls, () =>
        Promise.all(installation.deployments.map(({ object }) => podsOf(run, object, calls))),
      )
      areGone = pods.flat().length === 0
      if (!areGone) await pause(calls.clock, times.stepMs, calls.signal)
    }
  } finally {
    // Those that could not be taken away are seen by hosted mode, which then stays back by itself.
    transfer.takeBack(areGone)
  }
  if (!areGone) throw new SluiceError('ReconcileTimeout', `Their pods are still there after ${minutes(times.goneMs)}`)
}

/** SECURITY: item 12: rights that nobody needs any more do not stay behind for accounts that do. */
async function withdrawRights(rights: readonly KubeObject[], calls: CallOptions): Promise<void> {
  const left: string[] = []
  const problems: string[] = []
  for (const binding of rights)
    await persist(calls, () => withdrawObject(binding, calls)).catch((error: unknown) => {
      left.push(titleOf(binding))
      problems.push(toErrorData(error).message)
    })
  if (left.length > 0)
    throw new SluiceError('ApplyFailed', problems.join('\n'), {
      remedy: `The controllers are gone, but not all of their rights: look at ${left.join(', ')}, and delete what nobody needs.`,
    })
}

/** What ended it, and what is left of it. A cancel is what was asked for: only what is left is told then. */
function unfinished(fault: SluiceError, left: SluiceError): SluiceError {
  if (fault.retry === 'canceled') return left
  const { code, message, detail, retry } = fault
  return new SluiceError(code, message, {
    detail: [detail, left.message].filter((text) => text !== '').join('\n'),
    remedy: left.remedy,
    retry,
  })
}

function remedied(error: unknown, remedy: string): SluiceError {
  const { code, message, detail, retry } = asFault(error)
  return new SluiceError(code, message, { detail, remedy, retry, cause: error })
}

const firstKinds: ReadonlySet<string> = new Set(['CustomResourceDefinition', 'Namespace'])
const isFirstStage = ({ kind }: KubeObject): boolean => firstKinds.has(kind)
const isLast = ({ kind, metadata }: KubeObject): boolean => kind === 'Deployment' && beginOf(metadata.name) === 'last'

async function until(
  run: PlacedRun,
  stage: HandOverStageName,
  message: string,
  maxMs: number,
  total: number,
  ask: () => Promise<readonly Waiting[]>,
): Promise<void> {
  run.progress.begin(stage, message, total)
  await waitFor(run, message, maxMs, total, ask)
  run.progress.finish('')
}

/** Until nothing is pending any more. Rejects, naming what is, when the time is over. */
async function waitFor(
  { calls, times, progress }: PlacedRun,
  message: string,
  maxMs: number,
  total: number,
  ask: () => Promise<readonly Waiting[]>,
): Promise<void> {
  for (const end = calls.clock.monotonicMs() + maxMs; ;) {
    const pending = await persist(calls, ask)
    progress.step(message, total - pending.length, pending)
    if (pending.length === 0) return
    if (calls.clock.monotonicMs() >= end) throw timedOut(message, maxMs, pending)
    await pause(calls.clock, times.stepMs, calls.signal)
  }
}

function timedOut(message: string, maxMs: number, pending: readonly Waiting[]): SluiceError {
  const [first] = pending
  const more = pending.length > 1 ? `, and ${String(pending.length - 1)} more` : ''
  const name = first === undefined ? '' : `${first.ref.kind} ${refTitle(first.ref)}${more}`
  return new SluiceError('ReconcileTimeout', `${name} did not come within ${minutes(maxMs)}`, {
    detail: pending
      .map(({ ref, why }) => `${ref.kind} ${refTitle(ref)}: ${why}`)
      .join('\n')
      .slice(0, 4000),
    remedy: `${message.replace(/\.$/, '')} took too long: look at what is named, mend it, and begin again.`,
  })
}

const minutes = (ms: number): string =>
  ms < 60_000 ? `${String(Math.round(ms / 1000))} s` : `${String(Math.round(ms / 60_000))} min`

function asFault(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  const { code, message, retry } = toErrorData(error)
  return new SluiceError(code, message, { retry, cause: error })
}

/** Not `ready`: source-controller is only once it has its lease. */
async function whyNotRunning(run: HandOverRun, deployment: KubeObject): Promise<Waiting | null> {
  const pods = await podsOf(run, deployment, run.calls)
  const isRunning = pods.some((pod) => {
    const statuses = asArray(at(pod, 'status', 'containerStatuses'))
    return statuses.length > 0 && statuses.every((each) => at(each, 'state', 'running') !== undefined)
  })
  return isRunning ? null : { ref: deploymentRef(run, deployment), why: whyPodsWait(pods) }
}

async function whyNotReady(run: PlacedRun, deployment: KubeObject): Promise<Waiting | null> {
  const live = await readObject(deployment, run.calls)
  const ref = deploymentRef(run, deployment)
  if (live === null) return { ref, why: 'It is not there.' }
  const { word, message } = computeKStatus(live, run.calls.clock.now())
  return word === 'Current' ? null : { ref, why: message }
}

async function podsOf(
  { transfer }: HandOverRun,
  deployment: KubeObject,
  calls: CallOptions,
): Promise<readonly KubeObject[]> {
  const labels = Object.entries((at(deployment, 'spec', 'selector', 'matchLabels') ?? {}) as Record<string, string>)
  return transfer.view.list('', 'Pod', deployment.metadata.namespace ?? '', {
    labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(','),
    signal: calls.signal,
  })
}

function whyPodsWait(pods: readonly KubeObject[]): string {
  for (const pod of pods) {
    for (const each of asArray(at(pod, 'status', 'containerStatuses'))) {
      const waiting = at(each, 'state', 'waiting')
      if (waiting !== undefined) return `${textAt(waiting, 'reason')} ${textAt(waiting, 'message')}`.trim()
    }
    const scheduled = asArray(at(pod, 'status', 'conditions')).find((each) => textAt(each, 'type') === 'PodScheduled')
    if (textAt(scheduled, 'status') === 'False') return textAt(scheduled, 'message')
  }
  return pods.length === 0 ? 'It has no pod yet.' : 'Its pod does not run yet.'
}

function deploymentRef({ transfer }: PlacedRun, { metadata }: KubeObject): ObjectRef {
  const { namespace = '', name } = metadata
  return { cluster: transfer.view.id, group: 'apps', kind: 'Deployment', namespace, name }
}
