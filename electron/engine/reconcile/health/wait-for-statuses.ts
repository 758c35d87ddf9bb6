/**
 * health/: whether objects have settled, asked until they have. Knows kstatus and spec.healthCheckExprs; must not know what is waited for or what
 * a condition says of it. Semantics: flux-semantics §2.13; cli-utils' poller, fluxcd/pkg ssa `WaitForSet`.
 *
 * This file: the waiting. The controller reads every object every five seconds; here what has not settled is read sooner at first, and everything
 * anew at that pace, so that nothing is called settled on older grounds than the controller's.
 */
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { KStatusWord } from '../../../../shared/model/status.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import { call, isOk, pauseCall, refusalOf, subjectOf } from '../../apply/server-calls.ts'
import { inParallel } from '../../apply/in-parallel.ts'
import type { TargetKinds } from '../../apply/target-kinds.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { resourcePath } from '../../clusters/view.ts'
import { exactBody } from '../../exact-json.ts'
import type { InventoryEntry } from '../../inventory/entry.ts'
import { computeKStatus } from '../../status/kstatus.ts'
import { asArray, asRecord, at, textAt } from '../../status/read.ts'
import type { HealthExpressions } from './health-check.ts'

export interface WaitTarget {
  readonly entry: InventoryEntry
  /** As it was answered a moment ago; null: it has to be read. */
  readonly object: KubeObject | null
}

export interface WaitOptions {
  readonly kinds: TargetKinds
  readonly calls: CallOptions
  readonly expressions: HealthExpressions | null
  readonly timeoutMs: number
  /** One failure ends it, whatever the others may still become. */
  readonly isFailFast: boolean
  readonly poll: { readonly firstMs: number; readonly longestMs: number }
  /** A Job that takes itself away when it has ended: its absence is its success. */
  readonly isJobDone: (entry: InventoryEntry) => boolean
  /** Asked for once, when something has to be waited for: calls back when one of those may have changed; the result stops it. */
  readonly onHint?: (entries: readonly InventoryEntry[], wake: () => void) => () => void
}

/** Why it ended without everything being Current: `Deployment/apps/web status: 'Failed'`, one each. */
export interface Unsettled {
  readonly isTimeout: boolean
  readonly subjects: readonly string[]
}

interface Seen {
  readonly word: KStatusWord
  readonly error: string
}

const readsAtOnce = 8
const settleMs = 50
const longestReadMs = 20_000

/** Null: all are Current. Rejects with Canceled and Unauthorized; other faults of the way leave an object Unknown until the time is over. */
export async function waitForStatuses(targets: readonly WaitTarget[], options: WaitOptions): Promise<Unsettled | null> {
  const { calls, poll } = options
  const { clock, signal } = calls
  const startedAt = clock.monotonicMs()
  const deadline = startedAt + options.timeoutMs
  const seen: (Seen | null)[] = targets.map(({ object, entry }) => {
    // Only good news is taken from what is not fresh.
    const known = object === null || needsPods(entry) ? null : statusOf(object, entry, options)
    return known?.word === 'Current' ? known : null
  })
  let delayMs = poll.firstMs
  let allReadAt = startedAt
  // What was answered a moment ago is not asked for again at once.
  let isDue = targets.some(({ object }) => object === null)
  const hint = createHint(options.onHint)
  const unsettled = (): readonly InventoryEntry[] =>
    targets.flatMap(({ entry }, index) => (seen[index]?.word === 'Current' ? [] : [entry]))
  try {
    for (;;) {
      const now = clock.monotonicMs()
      const verdict = judge(targets, seen, options, now >= deadline)
      if (verdict !== undefined) return verdict
      if (!isDue) {
        hint.start(unsettled)
        await hint.within(Math.min(delayMs, deadline - now), (ms) => pauseCall(clock, ms, signal))
        delayMs = Math.min(delayMs * 2, poll.longestMs)
      }
      isDue = false
      const isWhole = clock.monotonicMs() - allReadAt >= poll.longestMs
      if (isWhole) allReadAt = clock.monotonicMs()
      const asked = targets.flatMap((_target, index) => (isWhole || seen[index]?.word !== 'Current' ? [index] : []))
      await inParallel(asked, readsAtOnce, signal, async (index) => {
        seen[index] = await look(targets[index]!.entry, options, deadline - clock.monotonicMs())
      })
    }
  } finally {
    hint.stop()
  }
}

/** undefined: wait on. */
function judge(
  targets: readonly WaitTarget[],
  seen: readonly (Seen | null)[],
  { isFailFast, isJobDone }: WaitOptions,
  isTimeout: boolean,
): Unsettled | null | undefined {
  const words = targets.map(({ entry }, index): KStatusWord => {
    const word = seen[index]?.word ?? 'Unknown'
    return word === 'NotFound' && isJobDone(entry) ? 'Current' : word
  })
  const hasFailed = words.includes('Failed')
  const isTerminal = words.every((word) => word === 'Failed' || word === 'Current')
  if (!isTimeout && !isTerminal && !(isFailFast && hasFailed)) return undefined
  const subjects = targets.flatMap(({ entry }, index) => {
    const word = words[index]!
    if (word !== 'Failed' && !(isTimeout && word !== 'Current')) return []
    const error = seen[index]?.error ?? ''
    return [`${subjectOf(entry)} status: '${word}'${error === '' ? '' : `: ${error}`}`]
  })
  return subjects.length === 0 ? null : { isTimeout, subjects }
}

async function look(entry: InventoryEntry, options: WaitOptions, leftMs: number): Promise<Seen> {
  try {
    // By group and kind alone, as the controller's poller asks.
    const resource = await options.kinds.findAnyVersion(entry.group, entry.kind, false)
    if (resource === null)
      return unknown(`no matches for kind ${JSON.stringify(entry.kind)} in group ${JSON.stringify(entry.group)}`)
    const timeoutMs = Math.max(1000, Math.min(longestReadMs, leftMs))
    const path = resourcePath(resource, resource.isNamespaced ? entry.namespace : '', entry.name)
    const response = await call({ method: 'GET', path, timeoutMs }, options.calls)
    if (response.status === 404) return { word: 'NotFound', error: '' }
    if (!isOk(response)) return unknown(refusalOf(response, 'get', resource, entry.name).text)
    const object = exactBody(response) as KubeObject
    const status = statusOf(object, entry, options)
    return status.word === 'InProgress' && needsPods(entry) ? await withPods(object, status, options) : status
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === 'Canceled' || error.code === 'Unauthorized') throw error
    return unknown(error.message)
  }
}

const unknown = (error: string): Seen => ({ word: 'Unknown', error })

function statusOf(object: KubeObject, entry: InventoryEntry, { expressions, calls }: WaitOptions): Seen {
  const isJob = entry.group === 'batch' && entry.kind === 'Job'
  // Which of the two readers comes first depends on the client that the controller uses.
  if (isJob && calls.impersonate === null) return jobStatus(object)
  const judged = expressions?.evaluate(entry.group, entry.kind, object) ?? null
  if (judged !== null) return { word: judged.word, error: judged.word === 'Unknown' ? judged.message : '' }
  if (isJob) return jobStatus(object)
  return { word: computeKStatus(object, calls.clock.now()).word, error: '' }
}

/** Flux's own rule for a Job: running is not settled; deletion and generations do not count. */
function jobStatus(object: KubeObject): Seen {
  if (at(object, 'spec', 'suspend') === true) return { word: 'Current', error: '' }
  for (const each of asArray(at(object, 'status', 'conditions'))) {
    const { type, status } = asRecord(each)
    if (status !== 'True') continue
    if (type === 'Complete') return { word: 'Current', error: '' }
    if (type === 'Failed') return { word: 'Failed', error: '' }
  }
  return { word: 'InProgress', error: '' }
}

function needsPods({ group, kind }: InventoryEntry): boolean {
  return group === 'apps' && (kind === 'StatefulSet' || kind === 'ReplicaSet')
}

/** One of its pods has failed for good: so has the whole, sooner than its own status tells. */
async function withPods(object: KubeObject, status: Seen, options: WaitOptions): Promise<Seen> {
  const selector = selectorText(at(object, 'spec', 'selector'))
  if (selector === '') return unknown('no selector found')
  const resource = { group: '', version: 'v1', plural: 'pods', isNamespaced: true }
  const path = `${resourcePath(resource, object.metadata.namespace ?? '')}?labelSelector=${encodeURIComponent(selector)}`
  const response = await call({ method: 'GET', path }, options.calls)
  if (!isOk(response)) return unknown(refusalOf(response, 'list', resource, '').text)
  const now = options.calls.clock.now()
  const hasFailed = asArray(asRecord(response.json())['items']).some((item) => {
    const pod = { apiVersion: 'v1', kind: 'Pod', ...asRecord(item) }
    const isUnscheduled = asArray(at(pod, 'status', 'conditions')).some(
      (each) => textAt(each, 'type') === 'PodScheduled' && textAt(each, 'reason') === 'Unschedulable',
    )
    return !isUnscheduled && computeKStatus(pod, now).word === 'Failed'
  })
  return hasFailed ? { word: 'Failed', error: '' } : status
}

function selectorText(selector: unknown): string {
  const parts = Object.entries(asRecord(asRecord(selector)['matchLabels'])).map(
    ([key, value]) => `${key}=${String(value)}`,
  )
  for (const each of asArray(asRecord(selector)['matchExpressions'])) {
    const key = textAt(each, 'key')
    const operator = textAt(each, 'operator')
    const values = asArray(asRecord(each)['values']).map(String).join(',')
    if (operator === 'In') parts.push(`${key} in (${values})`)
    else if (operator === 'NotIn') parts.push(`${key} notin (${values})`)
    else parts.push(operator === 'Exists' ? key : `!${key}`)
  }
  return parts.join(',')
}

/** A wait that a hint cuts short; hints that come while nobody waits count for the next one. */
function createHint(onHint: WaitOptions['onHint']): {
  start(entries: () => readonly InventoryEntry[]): void
  within(ms: number, wait: (ms: number) => Promise<void>): Promise<void>
  stop(): void
} {
  let isHinted = false
  let wake: (() => void) | null = null
  let stop: (() => void) | null = null
  return {
    start(entries) {
      if (onHint === undefined || stop !== null) return
      stop = onHint(entries(), () => {
        isHinted = true
        wake?.()
      })
    },
    async within(ms, wait) {
      if (!isHinted) await Promise.race([wait(ms), new Promise<void>((resolve) => (wake = resolve))])
      wake = null
      // Changes come in groups.
      if (isHinted) await wait(Math.min(ms, settleMs))
      isHinted = false
    },
    stop: () => stop?.(),
  }
}
