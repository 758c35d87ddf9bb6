/** One object as it was known at a time, out of what was recorded: its word, its gate, what was applied, its manifest in that, and its drift then. */
import { shortenRevision } from '../../../shared/flux/revision.ts'
import { gateUntil, isGateTurn } from '../../../shared/model/history.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { ObjectAsItWas } from '../../../shared/model/history-compare.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { statusWords } from '../../../shared/model/status.ts'
import type { StatusWord } from '../../../shared/model/status.ts'
import type { Clusters } from '../clusters/view.ts'
import { asText, textAt } from '../status/read.ts'
import { readSessions, sessionBands } from './compare-bands.ts'
import { manifestText } from './compare-fields.ts'
import { commitOf, ownersOf } from './compare.ts'
import { readAll, renderAt, triedAt } from './compare-read.ts'
import type { ReadStore } from './compare-read.ts'
import { isApplier } from './owner-index.ts'
import { readRendered, refOfRenderName, renderNameOf } from './renders.ts'

const eventsMs = 3_600_000
const maxEvents = 20
const maxObjects = 2000
const maxDrift = 200

export async function findAsItWas(
  store: ReadStore,
  clusters: Pick<Clusters, 'view'>,
  ref: ObjectRef,
  at: number,
  now: number,
  signal: AbortSignal,
): Promise<ObjectAsItWas> {
  const until = at + 1
  const about = { clusters: [ref.cluster], ref }
  const [owner = null] = await ownersOf(store, ref, now, signal)
  const [turns, later, events, drift, sessions] = await Promise.all([
    readAll(store, { ...about, types: ['status', 'gate', 'object', 'run', 'artifact'], until }, 300, signal),
    readAll(store, { ...about, types: ['status', 'gate'], from: until }, 1000, signal),
    readAll(store, { ...about, types: ['event'], from: at - eventsMs, until }, maxEvents, signal),
    readAll(
      store,
      {
        clusters: [ref.cluster],
        ...(isApplier(ref) ? { owner: ref } : { ref }),
        types: ['drift'],
        until,
      },
      2000,
      signal,
    ),
    readSessions(store, [ref.cluster], now, signal),
  ])
  const past = turns.entries
  const life = past.find(({ type, reason }) => type === 'object' && reason !== 'SpecChanged')
  const tried = owner === null ? [] : await triedAt(store, owner, at, 1, signal)
  const then = owner === null ? null : await renderAt(store, owner, at, signal)
  const revision = tried[0]?.revision ?? past.find(({ type }) => type === 'run' || type === 'artifact')?.revision ?? ''
  const commit = await commitOf(store, revision, signal)
  const manifest = await readManifest()
  const gap = sessionBands(sessions, [ref.cluster], { from: 0, until: now, now }).find(
    (band) => band.from < at && at < band.until,
  )
  return {
    ref,
    at,
    owner,
    isKnown: past.length > 0 || later.entries.length > 0 || manifest.text !== '' || events.entries.length > 0,
    isDeleted: life?.reason === 'Deleted',
    status: statusOf(past, later.entries),
    gate: gateOf(past, later.entries),
    revision,
    appliedAt: tried[0]?.at ?? null,
    commit: commit === null ? null : { subject: commit.message, author: commit.by, at: commit.at },
    manifest: manifest.text,
    manifestNote: manifest.note,
    objects:
      then === null || !isApplier(ref)
        ? []
        : [...then.render.objects.keys()].slice(0, maxObjects).map((name) => refOfRenderName(name, ref.cluster)),
    drift: openDrift(drift.entries),
    events: events.entries.map((event) => ({
      at: event.at,
      reason: event.reason,
      message: event.message,
      isBad: event.tone === 'bad',
    })),
    gap: gap ?? null,
  }

  async function readManifest(): Promise<{ readonly text: string; readonly note: string }> {
    // What applies others stands in what its own parent rendered.
    const parent = isApplier(ref) ? (clusters.view(ref.cluster)?.row(refKey(ref))?.parent ?? null) : null
    const from = isApplier(ref) ? (parent === null ? null : await renderAt(store, parent, at, signal)) : then
    if (from === null)
      return {
        text: '',
        note: isApplier(ref)
          ? 'Its own manifest is not known: nothing that Sluice has rendered contains it.'
          : 'No manifest of that time is kept. They are, from the first comparison with Git on.',
      }
    const digest = from.render.objects.get(renderNameOf(ref))
    if (digest === undefined)
      return { text: '', note: `It is not in what ${shortenRevision(from.render.revision)} rendered.` }
    const object = await readRendered(store, digest)
    if (object === null) return { text: '', note: 'Its manifest of that time is no longer kept.' }
    return {
      text: manifestText(object),
      note: from.isOlder
        ? `The revision that was tried last was not rendered: this is ${shortenRevision(from.render.revision)} before it.`
        : from.render.at > at
          ? `Rendered by Sluice later, from ${shortenRevision(from.render.revision)}.`
          : '',
    }
  }
}

/** Both newest first. */
function statusOf(past: readonly HistoryEntry[], later: readonly HistoryEntry[]): ObjectAsItWas['status'] {
  const last = past.find(({ type }) => type === 'status')
  if (last !== undefined)
    return {
      word: wordOf(last.reason),
      reason: textAt(last.facts, 'because'),
      message: last.message,
      since: last.at,
    }
  // What it turned from is what it was.
  const next = later.findLast(({ type }) => type === 'status')
  // A release that was taken away again says nothing of how it stood.
  const run = past.find(({ type, tone }) => type === 'run' && tone !== 'plain')
  if (run !== undefined && next === undefined)
    return run.tone === 'good'
      ? { word: 'Ready', reason: '', message: '', since: run.at }
      : { word: 'Failed', reason: run.reason, message: '', since: run.at }
  const before = textAt(next?.facts, 'before')
  return before === '' || before === 'Unknown' ? null : { word: wordOf(before), reason: '', message: '', since: null }
}

function gateOf(past: readonly HistoryEntry[], later: readonly HistoryEntry[]): ObjectAsItWas['gate'] {
  const last = past.find(({ type }) => type === 'gate')
  if (last === undefined) {
    const next = later.findLast(({ type }) => type === 'gate')
    // What is closed in another way was closed before.
    if (next === undefined || (next.tone !== 'open' && isGateTurn(next))) return null
    return { isSuspended: true, by: '', reason: '', until: null, since: next.at }
  }
  return {
    isSuspended: last.tone === 'closed',
    by: last.by,
    reason: last.tone === 'closed' ? last.message : '',
    until: gateUntil(last),
    // Not since it was last changed.
    since: (past.find(isGateTurn) ?? last).at,
  }
}

/** `entries` newest first: the last word about each object. */
function openDrift(entries: readonly HistoryEntry[]): ObjectAsItWas['drift'] {
  const seen = new Set<string>()
  const open: ObjectAsItWas['drift'][number][] = []
  for (const { ref, reason, message, by, at } of entries) {
    if (ref === null || seen.has(refKey(ref))) continue
    seen.add(refKey(ref))
    if (reason === 'DriftFound' && open.length < maxDrift) open.push({ ref, summary: asText(message), by, since: at })
  }
  return open
}

function wordOf(text: string): StatusWord {
  return statusWords.find((word) => word === text) ?? 'Unknown'
}
