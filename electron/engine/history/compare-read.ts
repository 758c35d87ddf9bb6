/** Reading back what was kept: all entries of a question up to a limit, and the render that was in force at a time. */
import type { HistoryEntry, HistoryQuery } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { EventStore } from './event-store-port.ts'
import { findRender } from './renders.ts'
import type { KeptRender } from './renders.ts'

export type ReadStore = Pick<EventStore, 'query' | 'text'>

const pageSize = 1000

/** Newest first; `isCut`: there are more than `limit`. */
export async function readAll(
  store: ReadStore,
  query: HistoryQuery,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly entries: readonly HistoryEntry[]; readonly isCut: boolean }> {
  const entries: HistoryEntry[] = []
  let after: string | null = null
  do {
    signal.throwIfAborted()
    const page = await store.query(query, { limit: Math.min(pageSize, limit - entries.length), after }, signal)
    entries.push(...page.entries)
    after = page.next
  } while (after !== null && entries.length < limit)
  return { entries, isCut: after !== null }
}

/** What an owner was on at a time. */
export interface Tried {
  readonly revision: string
  readonly at: number
  readonly isFailed: boolean
}

/** Revisions that an owner ran or failed at, at or before `at`, newest first, each once; at most `count`. */
export async function triedAt(
  store: ReadStore,
  owner: ObjectRef,
  at: number,
  count: number,
  signal: AbortSignal,
): Promise<readonly Tried[]> {
  const query = {
    clusters: [owner.cluster],
    ref: owner,
    types: ['run' as const, 'status' as const],
    until: at + 1,
  }
  const { entries } = await readAll(store, query, 60, signal)
  const tried: Tried[] = []
  for (const { type, tone, revision, at: when } of entries) {
    if (revision === '' || (type !== 'run' && tone !== 'bad')) continue
    const last = tried.at(-1)
    // The first word of a revision says when it was tried.
    if (last?.revision === revision) tried[tried.length - 1] = { ...last, at: when }
    else if (tried.length === count) break
    else tried.push({ revision, at: when, isFailed: tone === 'bad' })
  }
  return tried
}

export interface RenderThen {
  readonly render: KeptRender
  /** When its revision was tried; of a render without one, when it was made. */
  readonly at: number
  /** The revision that was tried last is not kept: this is the one before. */
  readonly isOlder: boolean
}

/** What an owner wanted its cluster to be at a time; null: that is not kept. */
export async function renderAt(
  store: ReadStore,
  owner: ObjectRef,
  at: number,
  signal: AbortSignal,
): Promise<RenderThen | null> {
  const tried = await triedAt(store, owner, at, 3, signal)
  for (const [index, { revision, at: when }] of tried.entries()) {
    const render =
      (await findRender(store, owner, { revision, at }, signal)) ??
      (await findRender(store, owner, { revision }, signal))
    if (render !== null) return { render, at: when, isOlder: index > 0 }
  }
  const render = await findRender(store, owner, { at }, signal)
  return render === null ? null : { render, at: render.at, isOlder: tried.length > 0 }
}
