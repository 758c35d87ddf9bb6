/** Numbers for what repeats, while writing: looked up once, then remembered until another process may have cleared them away. */
import { hash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { revisionHash } from './row.ts'

/** Of each kind; what is looked up again is in the pages that SQLite keeps. */
const maxKept = 5000

/** 48 bits: small enough for a number, large enough that two texts with the same one are rare; they are compared anyway. */
export function stringHash(text: string): number {
  return Number.parseInt(hash('sha1', text).slice(0, 12), 16)
}

export interface Interner {
  string(text: string): number
  object(ref: ObjectRef): number
  revision(text: string): number
  forget(): void
  /** While another's sweep looks for what nothing uses any more (sweep.ts), what is found here is noted as used again. */
  setSweeping(isSweeping: boolean): void
}

/** Which table a number of `used_again` is of. */
export const sweptTables = ['string', 'object', 'revision'] as const

export function createInterner(database: DatabaseSync): Interner {
  const strings = new Map<string, number>()
  const objects = new Map<string, number>()
  const revisions = new Map<string, number>()
  const findString = database.prepare('SELECT id FROM string WHERE hash = ? AND text = ?')
  const addString = database.prepare('INSERT INTO string (hash, text) VALUES (?, ?)')
  const findObject = database.prepare(
    'SELECT id FROM object WHERE name = ? AND namespace = ? AND kind = ? AND cluster = ? AND grp = ?',
  )
  const addObject = database.prepare('INSERT INTO object (name, namespace, kind, cluster, grp) VALUES (?, ?, ?, ?, ?)')
  const findRevision = database.prepare('SELECT id FROM revision WHERE text = ?')
  const addRevision = database.prepare('INSERT INTO revision (text, hash) VALUES (?, ?)')

  const noteUse = database.prepare('INSERT OR IGNORE INTO used_again (kind, id) VALUES (?, ?)')
  let isSweeping = false

  function use(kind: (typeof sweptTables)[number], found: Record<string, unknown>): number {
    const id = Number(found['id'])
    if (isSweeping) noteUse.run(sweptTables.indexOf(kind), id)
    return id
  }

  function remember(kept: Map<string, number>, key: string, find: () => number): number {
    const known = kept.get(key)
    if (known !== undefined) return known
    const id = find()
    if (kept.size >= maxKept) kept.clear()
    kept.set(key, id)
    return id
  }

  const intern: Interner = {
    string: (text) =>
      remember(strings, text, () => {
        const hashed = stringHash(text)
        const found = findString.get(hashed, text)
        return found === undefined ? Number(addString.run(hashed, text).lastInsertRowid) : use('string', found)
      }),
    object: (ref) =>
      remember(
        objects,
        [ref.cluster, ref.group, ref.kind, ref.namespace, ref.name].map((part) => `${part.length}:${part}`).join(''),
        () => {
          const parts = [ref.name, ref.namespace, ref.kind, ref.cluster, ref.group].map((part) => intern.string(part))
          const found = findObject.get(...parts)
          return found === undefined ? Number(addObject.run(...parts).lastInsertRowid) : use('object', found)
        },
      ),
    revision: (text) =>
      remember(revisions, text, () => {
        const found = findRevision.get(text)
        return found === undefined
          ? Number(addRevision.run(text, revisionHash(text)).lastInsertRowid)
          : use('revision', found)
      }),
    forget() {
      strings.clear()
      objects.clear()
      revisions.clear()
    },
    setSweeping(is) {
      isSweeping = is
    },
  }
  return intern
}
