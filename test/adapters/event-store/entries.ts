import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createEventStore } from '../../../electron/adapters/event-store/event-store.ts'
import type { EventStoreOptions } from '../../../electron/adapters/event-store/event-store.ts'
import type { EventStore } from '../../../electron/engine/history/event-store-port.ts'
import type { HistoryEntry, HistoryQuery, NewHistoryEntry } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'

export const workerEntry = join(import.meta.dirname, '../../../electron/workers/history.ts')
export const never = new AbortController().signal

export function refOf(name: string, more: Partial<ObjectRef> = {}): ObjectRef {
  return {
    cluster: 'c1',
    group: 'kustomize.toolkit.fluxcd.io',
    kind: 'Kustomization',
    namespace: 'apps',
    name,
    ...more,
  }
}

export function newEntry(more: Partial<NewHistoryEntry> = {}): NewHistoryEntry {
  const ref = more.ref === undefined ? refOf('podinfo') : more.ref
  return {
    cluster: 'c1',
    type: 'run',
    ref,
    owner: ref,
    at: 1_763_000_000_000,
    reason: 'ReconciliationSucceeded',
    message: 'Applied revision: main@sha1:0123456789abcdef',
    tone: 'good',
    revision: 'main@sha1:0123456789abcdef',
    by: 'kustomize-controller',
    count: 1,
    isBackfilled: false,
    identity: '',
    facts: null,
    ...more,
  }
}

/** A folder that goes with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-history-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Closed with the test; in this thread unless a worker is asked for. */
export function openStore(
  file: string,
  entry: string | null = null,
  more: Partial<EventStoreOptions> = {},
): EventStore {
  const store = createEventStore({
    file,
    auditFile: join(dirname(file), 'audit.jsonl'),
    entry,
    ...more,
    onCrash: (reason) => {
      if (reason !== '') throw new Error(`The worker ended: ${reason}`)
    },
  })
  onTestFinished(() => store.close())
  return store
}

/** All pages of a question. */
export async function readAll(
  store: EventStore,
  query: HistoryQuery = {},
  limit = 1000,
): Promise<readonly HistoryEntry[]> {
  const all: HistoryEntry[] = []
  let after: string | null = null
  do {
    const page = await store.query(query, { limit, after }, never)
    all.push(...page.entries)
    after = page.next
  } while (after !== null)
  return all
}
