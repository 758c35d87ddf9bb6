/**
 * Writes a draft as the controllers' patch helper does: merge patches of the status subresource and of metadata, under the controller's field manager,
 * so that managedFields come out equal. Conditions and the rest of the status go in one request. Semantics: pkg/runtime/patch.
 */
import { pause } from '../../pause.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { errorFromAnswer } from '../../cache/api-answer.ts'
import type { KubeObject, ServedResource } from '../../clusters/view.ts'
import { resourcePath } from '../../clusters/view.ts'
import { areEqual } from '../../diff/equal-values.ts'
import type { Clock, KubeClient, Random } from '../../ports.ts'
import { asRecord } from '../../status/read.ts'
import { conditionsOf, mergeCondition } from './conditions.ts'
import type { StatusCondition } from './conditions.ts'
import { openDraft } from './draft.ts'
import type { Draft } from './draft.ts'
import { mergePatchOf } from './merge-patch.ts'

export interface PatcherOptions {
  /** Fenced. */
  readonly client: KubeClient
  readonly resource: ServedResource
  readonly clock: Clock
  readonly random: Random
  /** `gotk-kustomize-controller`, `source-controller`: manager of both operations. */
  readonly fieldManager: string
  /** Condition types that are this controller's alone; others are only changed where nobody else has. */
  readonly owned: ReadonlySet<string>
  /**
   * Fields of the status that a run replaces whole, after what it made of the old ones: where somebody else has written them meanwhile (another
   * holder of the lease, or an earlier write of ours whose answer was lost), the run is refused with Conflict instead of overwriting them.
   */
  readonly whole?: readonly string[]
  readonly signal: AbortSignal
}

export interface PatchOptions {
  /** status.observedGeneration becomes metadata.generation. */
  readonly isGenerationObserved?: boolean
  /**
   * Transition times as the draft has them, even where the object already stands in that state: for runs that leave out the progress which the
   * controller would have written in between.
   */
  readonly areTransitionsKept?: boolean
}

export interface SerialPatcher {
  /** The object as the last answer had it. */
  current(): KubeObject
  /**
   * Writes what the draft has and the object had not when it was last written; no request where that is nothing. SluiceError Conflict after five
   * attempts, LeaseLost, NotFound (not for an object under deletion), transport faults.
   */
  patch(options?: PatchOptions): Promise<KubeObject>
  /** Reads the object: SluiceError Conflict where it is another one by now, its spec has changed, or one of `whole` has. */
  confirm(): Promise<void>
}

const maxAttempts = 5
const firstWaitMs = 100

export function createSerialPatcher(draft: Draft, options: PatcherOptions): SerialPatcher {
  const { client, clock, random, resource, signal } = options
  let latest = draft.base
  /** What was written last: changes are counted from here. */
  let before = openDraft(draft.base, clock)
  const { name, namespace = '' } = draft.base.metadata
  const title = `${draft.base.kind} ${namespace}/${name}`
  const path = resourcePath(resource, namespace, name)
  const query = `?fieldManager=${encodeURIComponent(options.fieldManager)}`

  async function fetchLatest(): Promise<void> {
    const response = await client.request({ method: 'GET', path, signal })
    if (response.status >= 300) throw errorFromAnswer(response, `Read ${title}`)
    const now = response.json() as KubeObject
    for (const field of options.whole ?? []) {
      if (areEqual(asRecord(now.status)[field], before.status[field])) continue
      throw new SluiceError('Conflict', `${title}: status.${field} is not what this run began with`, {
        retry: 'transient',
      })
    }
    latest = now
  }

  function statusPatch(isKept: boolean): Readonly<Record<string, unknown>> | null {
    const { conditions: _after, ...after } = draft.status
    const { conditions: _before, ...was } = before.status
    const rest = mergePatchOf(was, after)
    const conditions = changedConditions(isKept)
    if (conditions === null) return rest
    return { ...rest, conditions }
  }

  /** The newest list with this run's changes in it; null where it has them already. */
  function changedConditions(isKept: boolean): readonly StatusCondition[] | null {
    const current = conditionsOf({ status: asRecord(latest.status) })
    const wanted = conditionsOf(draft)
    const had = conditionsOf(before)
    let list = current
    for (const condition of wanted) {
      const old = had.find((entry) => entry.type === condition.type)
      if (old !== undefined && areEqual(old, condition)) continue
      const theirs = list.find((entry) => entry.type === condition.type)
      if (!options.owned.has(condition.type) && !isUnmoved(old, theirs) && !isSameState(theirs, condition))
        throw movedCondition(condition.type)
      if (isSameState(theirs, condition) && !isKept)
        list = mergeCondition(
          list,
          {
            ...condition,
            ...(theirs?.lastTransitionTime === undefined ? {} : { lastTransitionTime: theirs.lastTransitionTime }),
          },
          null,
        )
      else list = mergeCondition(list, condition, null)
    }
    for (const old of had) {
      if (wanted.some((entry) => entry.type === old.type)) continue
      const theirs = list.find((entry) => entry.type === old.type)
      if (theirs !== undefined && !options.owned.has(old.type) && !isSameState(theirs, old))
        throw movedCondition(old.type)
      list = list.filter((entry) => entry.type !== old.type)
    }
    return areEqual(list, current) ? null : list
  }

  function movedCondition(type: string): SluiceError {
    return new SluiceError('Conflict', `${title}: condition ${type} was changed by somebody else`, {
      retry: 'transient',
    })
  }

  function metadataPatch(): Readonly<Record<string, unknown>> | null {
    if (areEqual(before.finalizers, draft.finalizers)) return null
    const theirs = openDraft(latest, clock).finalizers
    const kept = theirs.filter((entry) => !before.finalizers.includes(entry) || draft.finalizers.includes(entry))
    const added = draft.finalizers.filter((entry) => !before.finalizers.includes(entry) && !kept.includes(entry))
    const list = [...kept, ...added]
    if (areEqual(list, theirs)) return null
    return { finalizers: list.length === 0 ? null : list }
  }

  async function send(suffix: string, make: () => Readonly<Record<string, unknown>> | null): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const body = make()
      if (body === null) return
      const { resourceVersion } = latest.metadata
      const metadata = { ...asRecord(body.metadata), ...(resourceVersion === undefined ? {} : { resourceVersion }) }
      const response = await client.request({
        method: 'PATCH',
        path: `${path}${suffix}${query}`,
        contentType: 'application/merge-patch+json',
        body: { ...body, metadata },
        signal,
      })
      if (response.status < 300) {
        latest = response.json() as KubeObject
        return
      }
      const error = errorFromAnswer(response, `Write ${suffix === '' ? '' : 'the status of '}${title}`)
      if (error.code !== 'Conflict' || attempt >= maxAttempts) throw error
      if (attempt > 1) await pause(clock, firstWaitMs * 2 ** (attempt - 2) * (1 + random.unit()), signal)
      await fetchLatest()
    }
  }

  return {
    current: () => latest,
    async confirm() {
      await fetchLatest()
      const { uid, generation } = draft.base.metadata
      if (latest.metadata.uid === uid && latest.metadata.generation === generation) return
      throw new SluiceError('Conflict', `${title}: it was changed during this run`, { retry: 'transient' })
    },
    async patch({ isGenerationObserved = false, areTransitionsKept = false } = {}) {
      if (isGenerationObserved && Object.keys(draft.status).length > 0)
        draft.status.observedGeneration = draft.base.metadata.generation ?? 0
      // As it was sent: the run goes on while the answer is awaited.
      let { status, finalizers } = before
      try {
        await send('/status', () => {
          status = { ...draft.status }
          const patch = statusPatch(areTransitionsKept)
          return patch === null ? null : { status: patch }
        })
        await send('', () => {
          finalizers = draft.finalizers
          const patch = metadataPatch()
          return patch === null ? null : { metadata: patch }
        })
      } catch (error) {
        const isGone = error instanceof SluiceError && error.code === 'NotFound'
        if (!isGone || draft.base.metadata.deletionTimestamp === undefined) throw error
      }
      before = { ...before, status, finalizers }
      return latest
    },
  }
}

function isSameState(a: StatusCondition | undefined, b: StatusCondition): boolean {
  return a !== undefined && a.status === b.status && a.reason === b.reason && a.message === b.message
}

function isUnmoved(old: StatusCondition | undefined, theirs: StatusCondition | undefined): boolean {
  return old === undefined ? theirs === undefined : theirs !== undefined && areEqual(old, theirs)
}
