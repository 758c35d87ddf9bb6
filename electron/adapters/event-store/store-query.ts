/**
 * A question as SQL. Three ways lead to its rows, all of them newest first without sorting: the index of one object or revision, the inverted index
 * of words and fields, and the table itself.
 */
import type { DatabaseSync } from 'node:sqlite'
import { historyTones, historyTypes } from '../../../shared/model/history.ts'
import type { HistoryQuery } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { stringHash } from './intern.ts'
import { boundText, maxTime } from './limits.ts'
import { firstRowId } from './row.ts'
import { beginning, exactly, fieldToken, wordsOf, wordsWithin } from './words.ts'
import type { TokenField } from './words.ts'

export type SqlValue = number | bigint | string

export interface Sought {
  /** Conditions on `e`, the table `entry`, with their values. */
  readonly conditions: readonly string[]
  readonly values: readonly SqlValue[]
  /** The object's or revision's own index leads; the rest are conditions. */
  readonly isNarrow: boolean
  /** All of these are in a row's words; [] where only times or nothing narrow. Includes what `conditions` say, but for times and narrow ones. */
  readonly tokens: readonly string[]
  /** Words are only in `tokens`; without the index they are looked for like this. */
  readonly words: readonly string[]
  /** In small letters; '' if none. */
  readonly text: string
  readonly from: bigint
  readonly until: bigint
}

/** null: nothing can be found, because something asked for never occurred. */
export function seek(database: DatabaseSync, query: HistoryQuery): Sought | null {
  const conditions: string[] = []
  const values: SqlValue[] = []
  const tokens: string[] = []
  const findString = database.prepare('SELECT id FROM string WHERE hash = ? AND text = ?')
  const stringId = (text: string): number | null => {
    const found = findString.get(stringHash(text), text)
    return found === undefined ? null : Number(found['id'])
  }
  const objectId = (ref: ObjectRef): number => {
    const parts = [ref.name, ref.namespace, ref.kind, ref.cluster, ref.group].map(stringId)
    if (parts.includes(null)) return -1
    const found = database
      .prepare('SELECT id FROM object WHERE name = ? AND namespace = ? AND kind = ? AND cluster = ? AND grp = ?')
      .get(...parts)
    return found === undefined ? -1 : Number(found['id'])
  }
  /** False: asked for, and nothing of it ever occurred. */
  const oneOf = (field: TokenField, ids: readonly (number | null)[] | undefined, condition: string): boolean => {
    if (ids === undefined || ids.length === 0) return true
    const known = [...new Set(ids)].filter((id) => id !== null && id >= 0) as number[]
    if (known.length === 0) return false
    conditions.push(condition)
    values.push(JSON.stringify(known))
    tokens.push(known.map((id) => exactly(fieldToken(field, id))).join(' OR '))
    return true
  }
  const list = '(SELECT value FROM json_each(?))'
  const isPossible =
    oneOf('cluster', query.clusters?.map(stringId), `e.cluster IN ${list}`) &&
    oneOf('type', query.types?.map((type) => historyTypes.indexOf(type)), `e.type IN ${list}`) &&
    oneOf('tone', query.tones?.map((tone) => historyTones.indexOf(tone)), `e.tone IN ${list}`) &&
    oneOf('reason', query.reasons?.map(stringId), `e.reason IN ${list}`) &&
    oneOf('kind', query.kinds?.map(stringId), `e.object IN (SELECT id FROM object WHERE kind IN ${list})`) &&
    oneOf('namespace', query.namespaces?.map(stringId), `e.object IN (SELECT id FROM object WHERE namespace IN ${list})`)
  if (!isPossible) return null
  if (query.by !== undefined && query.by.length > 0) {
    // Nobody is no actor: such rows have none.
    if (query.by.includes('')) {
      conditions.push(`(e.actor IS NULL OR e.actor IN ${list})`)
      values.push(JSON.stringify(query.by.map(stringId).filter((id) => id !== null)))
    } else if (!oneOf('actor', query.by.map(stringId), `e.actor IN ${list}`)) return null
  }
  let isNarrow = false
  if (query.ref !== undefined) {
    isNarrow = true
    conditions.push('e.object = ?')
    values.push(objectId(query.ref))
  }
  if (query.owner !== undefined) {
    const id = objectId(query.owner)
    if (!isNarrow)
      conditions.unshift(
        'e.id IN (SELECT id FROM entry WHERE object = ? UNION ALL SELECT id FROM entry WHERE owner = ? AND owner IS NOT object)',
      )
    else conditions.unshift('(e.object = ? OR e.owner = ?)')
    values.unshift(id, id)
    isNarrow = true
  }
  if (query.commits !== undefined && query.commits.length > 0) {
    conditions.push(`e.revision IN ${list}`)
    values.push(JSON.stringify(revisionsOf(database, query.commits)))
    isNarrow = true
  }
  const words = [...new Set((query.words ?? []).flatMap((word) => [...wordsOf(boundText(word))]))]
  tokens.push(...words.map(beginning))
  const text = boundText(query.text ?? '').toLowerCase()
  return {
    conditions,
    values,
    isNarrow,
    tokens: [
      ...tokens,
      ...wordsWithin(text).map(({ word, isWhole }) => (isWhole ? exactly(word) : beginning(word))),
    ].map((token) => `(${token})`),
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
  const ids = new Set<number>()
  for (const commit of commits) {
    for (const { id } of whole.all(commit)) ids.add(Number(id))
    const start = commit.toLowerCase()
    // Every digit of a hash is smaller than g.
    if (/^[0-9a-f]+$/.test(start)) for (const { id } of begins.all(start, `${start}g`)) ids.add(Number(id))
  }
  return [...ids]
}
