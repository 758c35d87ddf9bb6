/**
 * A question as SQL. Three ways lead to its rows, all of them newest first without sorting: the index of one object or revision, the inverted index
 * of words and fields, and the table itself.
 */
import type { DatabaseSync } from 'node:sqlite'
import { chartHashLength } from '../../../shared/flux/revision.ts'
import { historyTones, historyTypes } from '../../../shared/model/history.ts'
import type { HistoryQuery } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { stringHash } from './intern.ts'
import { boundText, maxTime } from './limits.ts'
import { firstRowId } from './row.ts'
import { beginning, exactly, fieldToken, wordsOf, wordsWithin } from './words.ts'
import type { TokenField } from './words.ts'

export type SqlValue = number | bigint | string

export interface Condition {
  /** On `e`, the table `entry`. */
  readonly sql: string
  readonly values: readonly SqlValue[]
}

export interface Sought {
  /** Indexes of single objects or revisions that lead to all there is, each with its condition; [] where none does. */
  readonly streams: readonly (Condition & { readonly index: string })[]
  /** What else must hold. */
  readonly conditions: readonly Condition[]
  /** All of these are in a row's words, in the index' language; [] where nothing but times narrows. */
  readonly tokens: readonly string[]
  /** Of `conditions`, what `tokens` do not say. */
  readonly beside: readonly Condition[]
  /** Only `tokens` say them; without the index they are looked for like this. */
  readonly words: readonly string[]
  /** In small letters; '' if none. */
  readonly text: string
  readonly from: bigint
  readonly until: bigint
}

const list = '(SELECT value FROM json_each(?))'
/** More revisions than this are sorted instead of merged. */
const maxStreams = 20
/** What asks for so many values leads nowhere: rows are read through and looked at. */
const maxTokens = 5

/** null: nothing can be found, because something asked for never occurred. */
export function seek(database: DatabaseSync, query: HistoryQuery): Sought | null {
  const conditions: Condition[] = []
  const beside: Condition[] = []
  const tokens: string[] = []
  const findString = database.prepare('SELECT id FROM string WHERE hash = ? AND text = ?')
  const stringId = (text: string): number | null => {
    const found = findString.get(stringHash(text), text)
    return found === undefined ? null : Number(found['id'])
  }
  const objectId = (ref: ObjectRef): number | null => {
    const parts = [ref.name, ref.namespace, ref.kind, ref.cluster, ref.group].map(stringId)
    if (parts.includes(null)) return null
    const found = database
      .prepare('SELECT id FROM object WHERE name = ? AND namespace = ? AND kind = ? AND cluster = ? AND grp = ?')
      .get(...parts)
    return found === undefined ? null : Number(found['id'])
  }
  /** False: asked for, and nothing of it ever occurred. */
  const oneOf = (field: TokenField, ids: readonly (number | null)[] | undefined, column: string): boolean => {
    if (ids === undefined || ids.length === 0) return true
    const known = [...new Set(ids)].filter((id) => id !== null && id >= 0) as number[]
    conditions.push({ sql: `${column} IN ${list}`, values: [JSON.stringify(known)] })
    if (known.length > 0 && known.length === ids.length && known.length > maxTokens)
      beside.push(...conditions.slice(-1))
    else tokens.push(known.map((id) => exactly(fieldToken(field, id))).join(' OR '))
    return known.length > 0
  }
  const isPossible =
    oneOf('cluster', query.clusters?.map(stringId), 'e.cluster') &&
    oneOf(
      'type',
      query.types?.map((type) => historyTypes.indexOf(type)),
      'e.type',
    ) &&
    oneOf(
      'tone',
      query.tones?.map((tone) => historyTones.indexOf(tone)),
      'e.tone',
    ) &&
    oneOf('reason', query.reasons?.map(stringId), 'e.reason') &&
    oneOf('kind', query.kinds?.map(stringId), '(SELECT o.kind FROM object o WHERE o.id = e.object)') &&
    oneOf('namespace', query.namespaces?.map(stringId), '(SELECT o.namespace FROM object o WHERE o.id = e.object)')
  if (!isPossible) return null
  if (query.by?.includes('') === true) {
    // Nobody is no actor: such rows have none, and no word for it.
    const ids = query.by.map(stringId).filter((id) => id !== null)
    const condition = { sql: `(e.actor IS NULL OR e.actor IN ${list})`, values: [JSON.stringify(ids)] }
    conditions.push(condition)
    beside.push(condition)
  } else if (!oneOf('actor', query.by?.map(stringId), 'e.actor')) return null

  const leads: (readonly (Condition & { readonly index: string })[])[] = []
  for (const [ref, isOwner] of [
    [query.ref, false],
    [query.owner, true],
  ] as const) {
    if (ref === undefined) continue
    const id = objectId(ref)
    if (id === null) return null
    const streams = [{ index: 'entry_object', sql: 'e.object = ?', values: [id] }]
    if (isOwner) streams.push({ index: 'entry_owner', sql: 'e.owner = ? AND e.owner IS NOT e.object', values: [id] })
    leads.push(streams)
  }
  if (query.commits !== undefined && query.commits.length > 0) {
    const ids = revisionsOf(database, query.commits)
    if (ids.length === 0) return null
    leads.push(
      ids.length > maxStreams
        ? [{ index: 'entry_revision', sql: `e.revision IN ${list}`, values: [JSON.stringify(ids)] }]
        : ids.map((id) => ({ index: 'entry_revision', sql: 'e.revision = ?', values: [id] })),
    )
  }
  const [streams = [], ...others] = leads
  for (const other of others)
    conditions.push({
      sql: `(${other.map(({ sql }) => `(${sql})`).join(' OR ')})`,
      values: other.flatMap(({ values }) => values),
    })
  const words = [...new Set((query.words ?? []).flatMap((word) => [...wordsOf(boundText(word))]))]
  tokens.push(...words.map(beginning))
  const text = boundText(query.text ?? '').toLowerCase()
  tokens.push(...wordsWithin(text).map(({ word, isWhole }) => (isWhole ? exactly(word) : beginning(word))))
  return {
    streams,
    conditions,
    tokens: tokens.map((token) => `(${token})`),
    beside,
    words,
    text,
    from: boundary(query.from, 0),
    until: boundary(query.until, maxTime),
  }
}

function boundary(at: number | undefined, otherwise: number): bigint {
  if (at === undefined || Number.isNaN(at)) return firstRowId(otherwise)
  return firstRowId(Math.min(maxTime, Math.max(0, Math.ceil(at))))
}

function revisionsOf(database: DatabaseSync, commits: readonly string[]): readonly number[] {
  const whole = database.prepare('SELECT id FROM revision WHERE text = ?')
  const begins = database.prepare('SELECT id FROM revision WHERE hash >= ? AND hash < ?')
  const same = database.prepare('SELECT id FROM revision WHERE hash = ?')
  const ids = new Set<number>()
  for (const commit of commits) {
    for (const { id } of whole.all(commit)) ids.add(Number(id))
    const start = commit.toLowerCase()
    if (!/^[0-9a-f]+$/.test(start)) continue
    // Every digit of a hash is smaller than g.
    for (const { id } of begins.all(start, `${start}g`)) ids.add(Number(id))
    // Versions of charts have only its beginning.
    if (start.length > chartHashLength)
      for (const { id } of same.all(start.slice(0, chartHashLength))) ids.add(Number(id))
  }
  return [...ids]
}
