/** Running and finished operations: their items, their state as a whole, who watches them, how they are canceled and undone. */
import type { ActionName, Operation, OperationItem, OperationItemState, Stage } from '../../../shared/model/actions.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { StreamSink } from '../../../shared/contract/index.ts'
import type { Clock, Dispose, Random } from '../ports.ts'
import type { Expected } from './field-edits.ts'
import type { PlannedWrite } from './planned-write.ts'

/** What one operation did to one object: enough to take it back. */
export interface DoneWrite {
  readonly write: PlannedWrite
  /** The object right after it. */
  readonly after: Pick<Expected, 'uid' | 'generation'> & { readonly hasAnnotations: boolean }
}

export interface ItemUpdate {
  readonly state?: OperationItemState
  readonly stages?: readonly Stage[]
  readonly error?: SluiceErrorData | null
  readonly message?: string
}

/** One operation, as its execution sees it. */
export interface RunningOperation {
  readonly key: string
  readonly signal: AbortSignal
  update(ref: ObjectRef, update: ItemUpdate): void
  stagesOf(ref: ObjectRef): readonly Stage[]
  /** Remembers a write for Undo. */
  remember(done: DoneWrite): void
  end(): void
}

export interface OperationStart {
  readonly action: ActionName
  readonly title: string
  readonly items: readonly { readonly ref: ObjectRef; readonly stages: readonly Stage[] }[]
  readonly isUndoable: boolean
}

export interface UndoableOperation {
  readonly action: ActionName
  readonly title: string
  /** Oldest first: the operation's own writes and later ones to the same objects. */
  readonly writes: readonly DoneWrite[]
}

export interface Operations {
  start(start: OperationStart): RunningOperation
  /** Takes an operation's writes for Undo; SluiceError NotFound or Unsupported with the reason. It can be had once. */
  takeForUndo(key: string): UndoableOperation
  cancel(key: string): void
  watch(sink: StreamSink<Operation>): Dispose
  watchItems(key: string, sink: StreamSink<OperationItem>): Dispose
  /** Cancels all that runs. */
  dispose(): void
}

export const undoMs = 60_000
const keptMs = 30 * 60_000
const maxKept = 50

interface Entry {
  readonly key: string
  readonly start: OperationStart
  readonly order: number
  readonly startedAt: number
  readonly abort: AbortController
  readonly items: Map<string, OperationItem>
  readonly counts: Record<OperationItemState, number>
  readonly sinks: Set<StreamSink<OperationItem>>
  writes: DoneWrite[]
  endedAt: number | null
  undoUntil: number | null
}

export function createOperations(clock: Clock, random: Random): Operations {
  const entries = new Map<string, Entry>()
  const sinks = new Set<StreamSink<Operation>>()
  let started = 0

  function publish(entry: Entry): void {
    if (sinks.size === 0) return
    const operation = summarise(entry)
    for (const sink of sinks) sink.push([operation])
  }

  function prune(): void {
    const now = clock.now()
    const ended = [...entries.values()].filter((entry) => entry.endedAt !== null)
    for (const [index, entry] of ended.entries()) {
      const isOld = now - (entry.endedAt ?? now) > keptMs
      if (!isOld && ended.length - index <= maxKept) continue
      entries.delete(entry.key)
      for (const sink of sinks) sink.push([], [entry.key])
      for (const sink of entry.sinks) sink.end()
    }
  }

  function update(entry: Entry, ref: ObjectRef, change: ItemUpdate): void {
    const key = refKey(ref)
    const item = entry.items.get(key)
    if (item === undefined || entry.endedAt !== null) return
    const next: OperationItem = { ...item, ...change }
    entry.items.set(key, next)
    entry.counts[item.state] -= 1
    entry.counts[next.state] += 1
    for (const sink of entry.sinks) sink.push([next])
    publish(entry)
  }

  function end(entry: Entry): void {
    if (entry.endedAt !== null) return
    entry.endedAt = clock.now()
    if (entry.start.isUndoable && entry.writes.length > 0) entry.undoUntil = entry.endedAt + undoMs
    publish(entry)
    clock.after(undoMs, () => {
      entry.writes = []
      if (entry.undoUntil === null) return
      entry.undoUntil = null
      publish(entry)
    })
  }

  function find(key: string): Entry {
    const entry = entries.get(key)
    if (entry !== undefined) return entry
    throw new SluiceError('NotFound', 'This operation is no longer known.')
  }

  return {
    start(start) {
      prune()
      started += 1
      const items = new Map<string, OperationItem>()
      for (const { ref, stages } of start.items)
        items.set(refKey(ref), { key: refKey(ref), ref, state: 'queued', stages, error: null, message: '' })
      const entry: Entry = {
        key: random.uuid(),
        start,
        order: started,
        startedAt: clock.now(),
        abort: new AbortController(),
        items,
        counts: { queued: items.size, running: 0, done: 0, failed: 0, refused: 0, unchanged: 0, canceled: 0 },
        sinks: new Set(),
        writes: [],
        endedAt: null,
        undoUntil: null,
      }
      entries.set(entry.key, entry)
      publish(entry)
      return {
        key: entry.key,
        signal: entry.abort.signal,
        update: (ref, change) => {
          update(entry, ref, change)
        },
        stagesOf: (ref) => entry.items.get(refKey(ref))?.stages ?? [],
        remember: (done) => {
          entry.writes.push(done)
        },
        end: () => {
          end(entry)
        },
      }
    },
    takeForUndo(key) {
      const entry = find(key)
      if (entry.undoUntil === null || entry.undoUntil < clock.now() || entry.writes.length === 0)
        throw new SluiceError('Unsupported', `"${entry.start.title}" can no longer be undone.`, {
          remedy: 'Undo is offered for a minute, once. Use the gate instead.',
        })
      const keys = new Set(entry.writes.map(({ write }) => refKey(write.ref)))
      const writes = [...entry.writes]
      entry.undoUntil = null
      entry.writes = []
      // A reason given a moment later belongs to the same suspension: it goes with it.
      for (const later of entries.values()) {
        if (later.order <= entry.order || !later.start.isUndoable) continue
        writes.push(...later.writes.filter(({ write }) => keys.has(refKey(write.ref))))
        later.writes = later.writes.filter(({ write }) => !keys.has(refKey(write.ref)))
        if (later.writes.length === 0 && later.undoUntil !== null) {
          later.undoUntil = null
          publish(later)
        }
      }
      publish(entry)
      return { action: entry.start.action, title: entry.start.title, writes }
    },
    cancel(key) {
      const entry = find(key)
      if (entry.endedAt === null) entry.abort.abort()
    },
    watch(sink) {
      prune()
      sink.push([...entries.values()].map(summarise))
      sink.ready()
      sinks.add(sink)
      return () => sinks.delete(sink)
    },
    watchItems(key, sink) {
      const entry = entries.get(key)
      if (entry === undefined) {
        sink.end(new SluiceError('NotFound', 'This operation is no longer known.'))
        return () => undefined
      }
      sink.push([...entry.items.values()])
      sink.ready()
      entry.sinks.add(sink)
      return () => entry.sinks.delete(sink)
    },
    dispose() {
      for (const entry of entries.values()) if (entry.endedAt === null) entry.abort.abort()
      sinks.clear()
    },
  }
}

function summarise(entry: Entry): Operation {
  const { counts, start } = entry
  const [only] = entry.items.values()
  return {
    key: entry.key,
    action: start.action,
    title: start.title,
    startedAt: entry.startedAt,
    endedAt: entry.endedAt,
    total: entry.items.size,
    done: counts.done + counts.unchanged,
    failed: counts.failed,
    refused: counts.refused,
    state: stateOf(entry),
    item: entry.items.size === 1 ? (only ?? null) : null,
    undoUntil: entry.undoUntil,
  }
}

function stateOf({ counts, endedAt }: Entry): Operation['state'] {
  if (endedAt === null) return 'running'
  if (counts.failed > 0) return 'failed'
  if (counts.canceled > 0) return 'canceled'
  return counts.refused > 0 && counts.done + counts.unchanged === 0 ? 'failed' : 'done'
}
