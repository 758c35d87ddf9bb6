/** What is in the index of words: one seek for each different value of a field, or word, whatever number of entries has it. */
import type { DatabaseSync } from 'node:sqlite'
import { fieldOf, fieldToken } from './words.ts'
import type { TokenField } from './words.ts'

export interface FieldValues {
  /** Numbers of the field's values whose text, in small letters, is accepted. */
  find(field: TokenField, accepts: (text: string) => boolean): readonly number[]
  /** Words that begin so; null where they are more than `atMost`. */
  beginning(text: string, atMost: number): readonly string[] | null
}

/** `textOf` a number; '' for one that is cleared away by now. */
export function createFieldValues(database: DatabaseSync, textOf: (id: number) => string): FieldValues {
  // Of this connection alone, so that the file stays as it is.
  database.exec(
    'PRAGMA temp_store = MEMORY; CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, word, instance)',
  )
  const next = database.prepare('SELECT term FROM temp.vocabulary WHERE term >= ? LIMIT 1')

  /** The next in the order of the index: digits come before letters there. */
  const behind = (term: string): string => `${term}0`

  return {
    beginning(text, atMost) {
      const found: string[] = []
      for (let from = text; ;) {
        const term = next.get(from)?.['term']
        if (typeof term !== 'string' || !term.startsWith(text)) return found
        if (found.length === atMost) return null
        found.push(term)
        from = behind(term)
      }
    },
    find(field, accepts) {
      const found: number[] = []
      for (let from = fieldToken(field, 0); ;) {
        const term = next.get(from)?.['term']
        const id = typeof term === 'string' ? fieldOf(field, term) : null
        if (id === null) return found
        if (accepts(textOf(id).toLowerCase())) found.push(id)
        from = behind(String(term))
      }
    },
  }
}
