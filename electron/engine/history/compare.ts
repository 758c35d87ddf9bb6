/**
 * What changed between two points of time: what Git wanted otherwise (the difference of what was rendered), what became of the cluster (turns of
 * conditions, revisions and health), and what somebody did by hand (drift with its managers, gates, actions). Reads what is kept; asks no cluster.
 */
import { shortenRevision } from '../../../shared/flux/revision.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { isGateTurn } from '../../../shared/model/history.ts'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type {
  ChangedField,
  ChangedObject,
  ChangeOrigin,
  ComparedTexts,
  ComparePoint,
  CompareScope,
  HistoryBand,
  HistoryComparison,
} from '../../../shared/model/history-compare.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { asArray, asRecord, asText, textAt } from '../status/read.ts'
import { readSessions, sessionBands } from './compare-bands.ts'
import { changedFields, comparedTexts } from './compare-fields.ts'
import { readAll, renderAt } from './compare-read.ts'
import type { ReadStore, RenderThen } from './compare-read.ts'
import { isApplier } from './owner-index.ts'
import { readRendered, refOfRenderName, renderNameOf } from './renders.ts'
import type { KeptRender } from './renders.ts'

const maxEntries = 10_000
const maxOwners = 100
const maxTexts = 2000
const maxObjects = 500
const maxFields = 200
/** Of these a change is what Git says, whoever sees it in the cluster. */
const controllers: ReadonlySet<string> = new Set(['kustomize-controller', 'helm-controller', 'sluice'])

interface Draft {
  readonly ref: ObjectRef
  owner: ObjectRef | null
  git: ChangedObject['git']
  lastAt: number
  /** By key. */
  readonly fields: Map<string, ChangedField>
  /** What a drift found in this time differs in, until it is gone. */
  drifted: readonly DriftedField[]
}

interface DriftedField {
  readonly path: string
  readonly git: string | null
  readonly live: string | null
}

export async function compareHistory(
  store: ReadStore,
  scope: CompareScope,
  points: { readonly from: number; readonly until: number; readonly now: number },
  signal: AbortSignal,
): Promise<HistoryComparison> {
  const { from, until } = points
  if (until <= from)
    throw new SluiceError('InvalidInput', 'The second point is not after the first.', {
      remedy: 'Choose a later second point, or an earlier first one.',
    })
  const { clusters, owner, ref } = scope
  const about = { clusters, ...(owner === null ? {} : { owner }), ...(ref === null ? {} : { ref }) }
  const [{ entries, isCut }, renders, sessions] = await Promise.all([
    readAll(
      store,
      {
        ...about,
        types: ['run', 'status', 'artifact', 'object', 'gate', 'drift', 'action'],
        from,
        until: until + 1,
      },
      maxEntries,
      signal,
    ),
    readAll(store, { ...about, types: ['render'], from, until: until + 1 }, maxEntries, signal),
    readSessions(store, clusters, until, signal),
  ])
  const drafts = new Map<string, Draft>()
  const wanted = ref === null ? null : refKey(ref)
  const notes: string[] = []
  if (isCut) notes.push(`Only the last ${maxEntries.toLocaleString('en')} entries of this time were compared.`)

  const owners = new Map<string, ObjectRef>()
  if (owner !== null) owners.set(refKey(owner), owner)
  for (const entry of [...entries, ...renders.entries]) {
    const { type, tone, ref: object } = entry
    if (object === null || !isApplier(object)) continue
    if (type === 'run' || type === 'render' || (type === 'status' && tone === 'bad')) owners.set(refKey(object), object)
  }
  if (ref !== null) for (const each of await ownersOf(store, ref, until, signal)) owners.set(refKey(each), each)
  if (owners.size > maxOwners)
    notes.push(
      `Manifests of ${maxOwners} of ${owners.size.toLocaleString('en')} Kustomizations and HelmReleases were compared: narrow the range.`,
    )
  let texts = 0
  for (const each of [...owners.values()].slice(0, maxOwners)) {
    signal.throwIfAborted()
    const [before, after] = [await renderAt(store, each, from, signal), await renderAt(store, each, until, signal)]
    if (after !== null && after.isOlder)
      notes.push(
        `${each.kind} ${refTitle(each)}: the revision that it tried last was not rendered: ${shortenRevision(after.render.revision)} before it is compared.`,
      )
    if (before === null && after === null) {
      if (entries.some((entry) => entry.type === 'run' && entry.ref !== null && refKey(entry.ref) === refKey(each)))
        notes.push(`${each.kind} ${refTitle(each)}: no manifest of that time is kept.`)
      continue
    }
    if (before === null || after === null) {
      if (!wasCreated(entries, each))
        notes.push(
          `${each.kind} ${refTitle(each)}: its manifests ${before === null ? 'at the first point are' : 'are'} not kept.`,
        )
      if (before === null && !wasCreated(entries, each)) continue
    }
    if (before?.render.digest === after?.render.digest) continue
    const author = after === null ? '' : await authorOf(store, after.render.revision, signal)
    texts += await diffRenders(each, before, after, author, maxTexts - texts)
    if (texts >= maxTexts) {
      notes.push(`More than ${maxTexts.toLocaleString('en')} manifests differ: the rest was not looked into.`)
      break
    }
  }
  // Oldest first: what something was before the range is what its first entry says.
  for (const entry of entries.toReversed()) takeEntry(entry)

  const objects = [...drafts.entries()]
    .filter(([key]) => wanted === null || key === wanted)
    .map(([key, { ref: object, owner: of, git, lastAt, fields }]): ChangedObject => ({
      key,
      ref: object,
      owner: of,
      git,
      lastAt,
      fields: sorted([...fields.values()]),
    }))
    // What went and came back is no change.
    .filter(({ git, fields }) => git !== null || fields.length > 0)
    .sort((a, b) => weight(b) - weight(a) || b.lastAt - a.lastAt)
  const counts = { git: 0, cluster: 0, hand: 0 }
  for (const { git, fields } of objects)
    for (const origin of new Set([...(git === null ? [] : ['git' as const]), ...fields.map((field) => field.origin)]))
      counts[origin] += 1
  return {
    from,
    until,
    objects: objects.slice(0, maxObjects),
    counts,
    total: objects.length,
    gaps: sessionBands(sessions, clusters, points).filter(isGap),
    notes: notes.slice(0, 50),
  }

  function draftOf(object: ObjectRef, of: ObjectRef | null, at: number): Draft {
    const key = refKey(object)
    const known = drafts.get(key)
    const draft = known ?? {
      ref: object,
      owner: of,
      git: null,
      lastAt: at,
      fields: new Map<string, ChangedField>(),
      drifted: [],
    }
    draft.owner ??= of
    draft.lastAt = Math.max(draft.lastAt, at)
    if (known === undefined) drafts.set(key, draft)
    return draft
  }

  async function diffRenders(
    of: ObjectRef,
    before: RenderThen | null,
    after: RenderThen | null,
    by: string,
    room: number,
  ): Promise<number> {
    const old = before?.render.objects ?? none
    const now = after?.render.objects ?? none
    const at = after?.at ?? until
    let count = 0
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      const [first, second] = [old.get(name), now.get(name)]
      if (first === second) continue
      if (count >= room) break
      count += 1
      const object = refOfRenderName(name, of.cluster)
      if (wanted !== null && refKey(object) !== wanted) continue
      const draft = draftOf(object, of, Math.max(from, at))
      draft.git = first === undefined ? 'added' : second === undefined ? 'removed' : 'changed'
      const read = (digest: string | undefined): ReturnType<typeof readRendered> =>
        digest === undefined ? Promise.resolve(null) : readRendered(store, digest)
      const [oldText, newText] = await Promise.all([read(first), read(second)])
      for (const field of changedFields(oldText, newText, { at, by })) put(draft, field)
    }
    return count
  }

  function takeEntry(entry: HistoryEntry): void {
    const { type, ref: object, at, reason, message, by, revision, facts, tone } = entry
    if (object === null) return
    const draft = draftOf(object, entry.owner, at)
    const turn: Turn = (origin, path, before, after) => {
      const key = `${origin}|${path}`
      // A gate that one closes and another opens is open.
      const same = path === 'Gate' ? order.map((each) => `${each}|${path}`) : [key]
      const known = same.map((each) => draft.fields.get(each)).find((each) => each !== undefined)
      const first = known === undefined ? before : known.before
      for (const each of same) draft.fields.delete(each)
      if (first !== after) put(draft, { key, origin, path, before: first, after, isSecret: false, at, by })
    }
    const origin = by === '' || controllers.has(by) ? 'git' : 'hand'
    switch (type) {
      case 'status':
        turn('cluster', 'Status', asText(asRecord(facts).before) || null, reason)
        break
      case 'run':
      case 'artifact':
        if (tone !== 'bad') turn('cluster', 'Revision', asText(asRecord(facts).before) || null, revision || message)
        break
      case 'gate':
        turn(
          // Who it was is not known of every gate that opened: but it was somebody.
          controllers.has(by) ? 'git' : 'hand',
          'Gate',
          isGateTurn(entry)
            ? tone === 'closed'
              ? 'open'
              : 'suspended'
            : closedWords(textAt(facts, 'before', 'reason')),
          tone === 'closed' ? closedWords(message) : 'open',
        )
        break
      case 'object':
        if (reason === 'SpecChanged') {
          // What Git changed is told by its fields. Of what was found later often only the writer and the time are known.
          const isNumbered = asRecord(facts).generation !== undefined
          if (origin === 'hand')
            turn(
              'hand',
              'Spec',
              isNumbered ? `generation ${numberText(facts, 'before')}` : null,
              isNumbered ? `generation ${numberText(facts, 'generation')}` : message,
            )
        } else turn('cluster', 'Object', reason === 'Created' ? null : 'there', reason.toLowerCase())
        break
      case 'drift':
        takeDrift(draft, entry, turn)
        break
      case 'action':
        put(draft, {
          key: `hand|${entry.key}`,
          origin: 'hand',
          path: `${reason} in Sluice`,
          before: null,
          after: message,
          isSecret: false,
          at,
          by,
        })
        break
      // Not asked for: what its conditions come to is its status.
      case 'condition':
      case 'event':
      case 'commit':
      case 'session':
      case 'render':
        break
    }
  }
}

function closedWords(why: string): string {
  return why === '' ? 'suspended' : `suspended: ${why}`
}

const none: KeptRender['objects'] = new Map()

type Turn = (origin: ChangeOrigin, path: string, before: string | null, after: string | null) => void

function takeDrift(draft: Draft, { reason, message, facts }: HistoryEntry, turn: Turn): void {
  // Found anew, it may differ elsewhere: what it differed in before is as in Git again.
  for (const { path, git, live } of draft.drifted) turn('hand', path, live, git)
  const isKnown = draft.drifted.length > 0
  draft.drifted = []
  if (reason === 'DriftGone') {
    if (!isKnown) turn('hand', 'Drift', message, 'as in Git')
    return
  }
  const fields = asArray(asRecord(facts).changes).map((field) => ({
    path: textAt(field, 'path'),
    git: textOrNull(field, 'git'),
    live: textOrNull(field, 'live'),
  }))
  draft.drifted = fields.length > 0 ? fields : [{ path: 'Drift', git: 'as in Git', live: message }]
  for (const { path, git, live } of draft.drifted) turn('hand', path, git, live)
}

function textOrNull(field: unknown, name: string): string | null {
  const value = asRecord(field)[name]
  return typeof value === 'string' ? value : null
}

function numberText(facts: unknown, name: string): string {
  const value = asRecord(facts)[name]
  return typeof value === 'number' ? String(value) : '?'
}

function put(draft: Draft, field: ChangedField): void {
  if (draft.fields.size < maxFields) draft.fields.set(field.key, field)
}

const order: readonly ChangeOrigin[] = ['git', 'hand', 'cluster']

function sorted(fields: readonly ChangedField[]): readonly ChangedField[] {
  return fields.toSorted((a, b) => order.indexOf(a.origin) - order.indexOf(b.origin) || a.at - b.at)
}

function weight({ git, fields }: ChangedObject): number {
  return (git === null ? 0 : 2) + (fields.some(({ origin }) => origin === 'hand') ? 1 : 0)
}

function isGap({ kind }: HistoryBand): boolean {
  return kind === 'off' || kind === 'unreachable'
}

function wasCreated(entries: readonly HistoryEntry[], object: ObjectRef): boolean {
  const key = refKey(object)
  return entries.some(
    ({ type, reason, ref }) => type === 'object' && reason === 'Created' && ref !== null && refKey(ref) === key,
  )
}

/** Whom `ref` belonged to, itself where it applies others. */
export async function ownersOf(
  store: ReadStore,
  ref: ObjectRef,
  until: number,
  signal: AbortSignal,
): Promise<readonly ObjectRef[]> {
  if (isApplier(ref)) return [ref]
  const { entries } = await readAll(store, { clusters: [ref.cluster], ref, until: until + 1 }, 50, signal)
  const owner = entries.find((entry) => entry.owner !== null)?.owner ?? null
  if (owner !== null) return [owner]
  // Nothing was told about it: it stands in what was rendered.
  const { entries: renders } = await readAll(
    store,
    { clusters: [ref.cluster], types: ['render'], until: until + 1 },
    2000,
    signal,
  )
  const name = ` ${renderNameOf(ref)}`
  const found = renders.find(({ facts }) =>
    asArray(asRecord(facts).objects).some((line) => asText(line).endsWith(name)),
  )
  return found?.ref == null ? [] : [found.ref]
}

async function authorOf(store: ReadStore, revision: string, signal: AbortSignal): Promise<string> {
  return (await commitOf(store, revision, signal))?.by ?? ''
}

/** What a revision is in Git, as it was recorded; null: it was not. */
export async function commitOf(store: ReadStore, revision: string, signal: AbortSignal): Promise<HistoryEntry | null> {
  const sha = /sha1:([0-9a-f]{7,40})$/i.exec(revision)?.[1]
  if (sha === undefined) return null
  const { entries } = await store.query({ types: ['commit'], commits: [sha] }, { limit: 1, after: null }, signal)
  return entries[0] ?? null
}

/** A manifest at both points. Throws NotFound where neither is kept. */
export async function compareTexts(
  store: ReadStore,
  owner: ObjectRef,
  ref: ObjectRef,
  points: { readonly from: number; readonly until: number },
  signal: AbortSignal,
): Promise<ComparedTexts> {
  const name = renderNameOf(ref)
  const [before, after] = await Promise.all([
    renderAt(store, owner, points.from, signal),
    renderAt(store, owner, points.until, signal),
  ])
  const read = async (then: RenderThen | null): Promise<Awaited<ReturnType<typeof readRendered>>> => {
    const digest = then?.render.objects.get(name)
    return digest === undefined ? null : readRendered(store, digest)
  }
  const [old, now] = await Promise.all([read(before), read(after)])
  if (old === null && now === null)
    throw new SluiceError('NotFound', `No manifest of ${ref.kind} ${refTitle(ref)} is kept of that time.`, {
      remedy: 'Manifests are kept from the first comparison with Git on.',
    })
  return {
    ...comparedTexts(old, now),
    revisionBefore: before?.render.revision ?? '',
    revisionAfter: after?.render.revision ?? '',
  }
}

/** When a point was: a time as it is, a revision when its owner first tried it. Throws NotFound for one that it never did. */
export async function timeOfPoint(
  store: ReadStore,
  owner: ObjectRef | null,
  point: ComparePoint,
  signal: AbortSignal,
): Promise<number> {
  if (typeof point === 'number') return point
  if (owner === null)
    throw new SluiceError('InvalidInput', 'A revision is one of a Kustomization or HelmRelease: name it.')
  const { entries } = await readAll(
    store,
    { clusters: [owner.cluster], ref: owner, types: ['run', 'status', 'render'], commits: [point] },
    500,
    signal,
  )
  const first = entries.findLast(({ type, tone }) => type !== 'status' || tone === 'bad')
  if (first === undefined)
    throw new SluiceError('NotFound', `${owner.kind} ${refTitle(owner)} has run no revision ${point} that is known.`)
  return first.at
}
