/** Benches of history's store, over generated fleets. Ids start with `history.`; `--quick` fills a tenth and holds the figures against the same bars. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createEventStore } from '../../electron/adapters/event-store/event-store.ts'
import type { EventStore } from '../../electron/engine/history/event-store-port.ts'
import type { HistoryQuery } from '../../shared/model/history.ts'
import { createFleet, fleetEnd, renderOf } from './history-fleet.ts'
import type { Fleet } from './history-fleet.ts'
import { floodIds, measureFlood } from './history-flood.ts'
import { measureSnapshot } from './history-snapshot.ts'
import { againstAnchor, againstBar, percentile } from './report.ts'
import type { Figure } from './report.ts'
import type { Bench } from './spine.ts'

const entry = join(import.meta.dirname, '../../electron/workers/history.ts')
const megabyte = 1024 * 1024
const never = new AbortController().signal
const batch = 500

export function createHistoryBenches(isQuick: boolean): readonly Bench[] {
  const ids = [
    'history.ingest',
    'history.ingest-raw',
    'history.cpu',
    'history.query',
    'history.words',
    'history.text',
    'history.disk',
    'history.start',
  ]
  return [
    { ids, run: () => measure(isQuick ? 100_000 : 1_000_000) },
    { ids: ['history.snapshot'], run: measureSnapshot },
    { ids: floodIds, run: () => measureFlood(isQuick ? 10 : 60) },
  ]
}

async function measure(count: number): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-history-'))
  const open = (name: string): EventStore =>
    createEventStore({
      file: join(folder, name),
      auditFile: join(folder, 'audit.jsonl'),
      entry,
      onCrash: (reason) => console.error(`  ended: ${reason}`),
    })
  try {
    const cpuShare = await shareOfCoreAtRest(open('rest.db'), createFleet(1000, 3))
    const raw = rawPerSecond(join(folder, 'raw.db'), createFleet(count, 7), Math.min(count, 100_000))
    const fleet = createFleet(count, 7)
    const store = open('history.db')
    const ingest = await fill(store, fleet, count)
    for (let index = 0; index < count / 100; index++) await store.putText(renderOf(index))
    const { bytes } = await store.state()
    const times = await askAll(store, fleet)
    await store.close()
    const start = await startMs(() => open('history.db'))
    const empty = await startMs(() => open('empty.db'))
    console.error(
      `  ${count} entries: ${Math.round(ingest)}/s (plain inserts ${Math.round(raw)}/s), ${Math.round(bytes / megabyte)} MB, first answer after ${Math.round(start)} ms (empty ${Math.round(empty)} ms)`,
    )
    return [
      againstBar('history.ingest', 1e6 / ingest, 'us/entry', 200),
      againstAnchor('history.ingest-raw', 1e6 / ingest, 'us/entry', 1e6 / raw, 30, 'plain inserts'),
      againstBar('history.cpu', cpuShare * 100, '% of a core', 10),
      againstBar('history.query', percentile(times.fields, 0.95), 'ms', 50),
      againstBar('history.words', percentile(times.words, 0.95), 'ms', 150),
      againstBar('history.text', percentile(times.text, 0.95), 'ms', 500),
      againstBar('history.disk', (bytes / megabyte / count) * 1e6, 'MB per million', 400),
      againstBar('history.start', start - empty, 'ms more', 50),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Entries a second, each batch acknowledged before the next but one is handed over. */
async function fill(store: EventStore, fleet: Fleet, count: number): Promise<number> {
  let ms = 0
  for (let index = 0; index < count;) {
    const batches = Array.from({ length: 4 }, () => Array.from({ length: batch }, () => fleet.entry(index++)))
    const begunAt = performance.now()
    await Promise.all(batches.map((entries) => store.append(entries)))
    ms += performance.now() - begunAt
  }
  return (count / ms) * 1000
}

/** The same rows as one table without an index. */
function rawPerSecond(file: string, fleet: Fleet, count: number): number {
  const database = new DatabaseSync(file)
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE entry (at, cluster, kind, namespace, name, type, reason, message, revision, actor, identity, facts)',
  )
  const insert = database.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  let ms = 0
  for (let index = 0; index < count;) {
    const entries = Array.from({ length: 4 * batch }, () => fleet.entry(index++))
    const begunAt = performance.now()
    database.exec('BEGIN')
    for (const { at, cluster, ref, type, reason, message, revision, by, identity, facts } of entries)
      insert.run(
        at,
        cluster,
        ref?.kind ?? '',
        ref?.namespace ?? '',
        ref?.name ?? '',
        type,
        reason,
        message,
        revision,
        by,
        identity,
        facts === null ? null : JSON.stringify(facts),
      )
    database.exec('COMMIT')
    ms += performance.now() - begunAt
  }
  database.close()
  return (count / ms) * 1000
}

/** Share of a core over all threads at 100 entries a second, each appended for itself, for five seconds. */
async function shareOfCoreAtRest(store: EventStore, fleet: Fleet): Promise<number> {
  await store.append([fleet.entry(0)])
  const before = process.cpuUsage()
  const begunAt = performance.now()
  const all: Promise<unknown>[] = []
  for (let index = 1; index <= 500; index++) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, begunAt + index * 10 - performance.now())))
    all.push(store.append([fleet.entry(index)]))
  }
  await Promise.all(all)
  const { user, system } = process.cpuUsage(before)
  const share = (user + system) / 1000 / (performance.now() - begunAt)
  await store.close()
  return share
}

async function askAll(
  store: EventStore,
  fleet: Fleet,
): Promise<Record<'fields' | 'words' | 'text', readonly number[]>> {
  const dayMs = 24 * 60 * 60 * 1000
  const owners = fleet.owners.filter((_, index) => index % 29 === 0)
  const fields: HistoryQuery[] = owners.flatMap((owner, index) => [
    { owner },
    { ref: owner, tones: ['bad'] },
    { clusters: [owner.cluster], kinds: ['Pod'] },
    { namespaces: [owner.namespace], reasons: ['HealthCheckFailed'], until: fleetEnd - index * dayMs },
    { types: ['gate'], clusters: [owner.cluster] },
    { by: ['ann@example.org'], kinds: [owner.kind] },
    { by: ['Ann'], namespaces: [owner.namespace] },
    { reasons: ['buildfailed'], clusters: [owner.cluster] },
    { from: fleetEnd - (index + 1) * dayMs, until: fleetEnd - index * dayMs, types: ['run'] },
  ])
  const [commit] = (await store.query({ types: ['artifact'] }, { limit: 1, after: null }, never)).entries
  fields.push({ commits: [commit?.revision.slice(10, 17) ?? ''] })
  const words: HistoryQuery[] = owners.flatMap(({ name, namespace }, index) => [
    { words: [name] },
    { words: ['health', namespace] },
    { words: ['maintenance', 'window'] },
    { words: ['timeout'], until: fleetEnd - index * dayMs },
    { words: [`back`, name] },
    { words: ['nowhere'] },
  ])
  const text: HistoryQuery[] = owners.flatMap(({ name }) => [
    { text: `${name} status:` },
    { text: 'timeout waiting for: [' },
    { text: `restarting failed container ${name}` },
    { text: 'eplica se' },
  ])
  const time = async (kind: string, queries: readonly HistoryQuery[]): Promise<readonly number[]> => {
    const times: number[] = []
    for (const query of queries) {
      const begunAt = performance.now()
      let found = 0
      let after: string | null = null
      do {
        const page = await store.query(query, { limit: 100 - found, after }, never)
        found += page.entries.length
        after = page.next
      } while (after !== null && found < 100)
      times.push(performance.now() - begunAt)
    }
    const slowest = times.indexOf(Math.max(...times))
    console.error(
      `  ${kind}: p50 ${percentile(times, 0.5).toFixed(1)} ms, p95 ${percentile(times, 0.95).toFixed(1)} ms, worst ${percentile(times, 1).toFixed(1)} ms: ${JSON.stringify(queries[slowest])}`,
    )
    return times
  }
  return {
    fields: await time('fields', fields),
    words: await time('words', words),
    text: await time('text', text),
  }
}

/** Until a new process' first page: best of three. */
async function startMs(open: () => EventStore): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 3; round++) {
    const begunAt = performance.now()
    const store = open()
    await store.state()
    await store.query({}, { limit: 100, after: null }, never)
    times.push(performance.now() - begunAt)
    await store.close()
  }
  return Math.min(...times)
}
