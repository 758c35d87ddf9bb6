/**
 * A question as SQL. Three ways lead to its rows, all of them newest first without sorting: the index of one object or revision, the inverted index
 * of words and fields, and the table itself.
 */
import type { DatabaseSync } from 'node:sqlite'
import { chartHashLength } from '../../../shared/flux/revision.ts'
import { historyTones, historyTypes } from '../../../shared/model/history.ts'
import type { HistoryFacts, HistoryQuery } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FieldValues } from './field-values.ts'
import { stringHash } from './intern.ts'
import { boundText, maxTime } from './limits.ts'
import { firstRowId, reasonBehind, unpackText } from './row.ts'
import type { Packed } from './row.ts'
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
/** As many values as a beginning may stand for. */
const maxAlternatives = 200
/** As many words as a beginning is taken apart into. */
const maxBeginnings = 32
const event = historyTypes.indexOf('event')

/** What conditions call: once for each connection that asks. */
export function addFunctions(database: DatabaseSync): void {
  database.function('reason_behind', { deterministic: true }, (facts) => {
    const text = unpackText(facts as Packed)
    return text === null ? '' : reasonBehind(JSON.parse(text) as HistoryFacts)
  })
}

/**
 * What begins so, word by word where these are few: SQLite gathers all places of a beginning before it looks at the first of them, and passes over
 * most places of single words.
 */
function beginningOf(values: FieldValues, word: string): string {
  const words = values.beginning(word, maxBeginnings)
  return words === null || words.length === 0 ? beginning(word) : words.map(exactly).join(' OR ')
}

/** null: nothing can be found, because something asked for never occurred. */
export function seek(database: DatabaseSync, values: FieldValues, query: HistoryQuery): Sought | null {
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
  /** Values with a text like that, and what else says the same. */
  const alike = (
    field: TokenField,
    accepts: (text: string) => boolean,
    column: string,
    more: { readonly condition: Condition; readonly tokens: readonly string[] } | null = null,
  ): boolean => {
    const ids = values.find(field, accepts)
    const own = { sql: `${column} IN ${list}`, values: [JSON.stringify(ids)] }
    const condition =
      more === null
        ? own
        : { sql: `(${own.sql} OR ${more.condition.sql})`, values: [...own.values, ...more.condition.values] }
    conditions.push(condition)
    if (ids.length > maxAlternatives) beside.push(condition)
    else tokens.push([...ids.map((id) => fieldToken(field, id)), ...(more?.tokens ?? [])].map(exactly).join(' OR '))
    return ids.length > 0 || more !== null
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
    hasReason() &&
    hasKind() &&
    oneOf('namespace', query.namespaces?.map(stringId), '(SELECT o.namespace FROM object o WHERE o.id = e.object)')
  if (!isPossible || !hasActor()) return null

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
  tokens.push(...words.map((word) => beginningOf(values, word)))
  const text = boundText(query.text ?? '').toLowerCase()
  tokens.push(...wordsWithin(text).map(({ word, isWhole }) => (isWhole ? exactly(word) : beginningOf(values, word))))
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

  function hasReason(): boolean {
    const reasons = inSmallLetters(query.reasons)
    if (reasons.length === 0) return true
    // A failure's word is Failed; why it failed is beside it.
    const behind = reasons.filter((reason) => reason !== '')
    const condition = {
      sql: `(e.type <> ${event} AND e.facts IS NOT NULL AND reason_behind(e.facts) IN ${list})`,
      values: [JSON.stringify(behind)],
    }
    const more = {
      condition,
      tokens: behind.map((reason) => fieldToken('because', stringHash(reason))),
    }
    return alike('reason', (text) => reasons.includes(text), 'e.reason', behind.length === 0 ? null : more)
  }

  function hasKind(): boolean {
    const kinds = inSmallLetters(query.kinds)
    const column = '(SELECT o.kind FROM object o WHERE o.id = e.object)'
    return kinds.length === 0 || alike('kind', (text) => kinds.includes(text), column)
  }

  function hasActor(): boolean {
    const by = inSmallLetters(query.by)
    const starts = by.filter((start) => start !== '')
    const isOne = (text: string): boolean => starts.some((start) => text.startsWith(start))
    if (starts.length === by.length) return by.length === 0 || alike('actor', isOne, 'e.actor')
    // Nobody is no actor: such rows have none, and no word for it.
    const ids = starts.length === 0 ? [] : values.find('actor', isOne)
    const condition = { sql: `(e.actor IS NULL OR e.actor IN ${list})`, values: [JSON.stringify(ids)] }
    conditions.push(condition)
    beside.push(condition)
    return true
  }
}

function inSmallLetters(texts: readonly string[] | undefined): readonly string[] {
  return [...new Set(texts?.map((text) => boundText(text).toLowerCase()))]
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
