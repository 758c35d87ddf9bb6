/** What a field has been, found in the index of words: one seek for each different value, whatever number of entries has it. */
import type { DatabaseSync } from 'node:sqlite'
import { fieldOf, fieldToken } from './words.ts'
import type { TokenField } from './words.ts'

export interface FieldValues {
  /** Numbers of the field's values whose text, in small letters, is accepted. */
  find(field: TokenField, accepts: (text: string) => boolean): readonly number[]
}

/** `textOf` a number; '' for one that is cleared away by now. */
export function createFieldValues(database: DatabaseSync, textOf: (id: number) => string): FieldValues {
  // Of this connection alone, so that the file stays as it is.
  database.exec(
    'PRAGMA temp_store = MEMORY; CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, word, instance)',
  )
  const next = database.prepare('SELECT term FROM temp.vocabulary WHERE term >= ? LIMIT 1')

  return {
    find(field, accepts) {
      const found: number[] = []
      for (let from = fieldToken(field, 0); ;) {
        const term = next.get(from)?.['term']
        const id = typeof term === 'string' ? fieldOf(field, term) : null
        if (id === null) return found
        if (accepts(textOf(id).toLowerCase())) found.push(id)
        // The next in the order of the index: digits come before letters there.
        from = `${String(term)}0`
      }
    },
  }
}
