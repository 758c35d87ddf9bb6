/** A compared object in its printed forms, for a worker that is handed it as JSON. */
import type { DriftTexts } from '../../../shared/model/drift.ts'
import { parseExact } from '../exact-json.ts'
import { patchOf } from './patch-text.ts'
import type { Compared } from './texts.ts'
import { textsOf } from './texts.ts'

/** Both forms of the JSON of a Compared. Throws SyntaxError for anything else. */
export function printCompared(text: string): { readonly texts: Omit<DriftTexts, 'checkedAt'>; readonly patch: string } {
  const compared = parseExact(text) as Compared
  return { texts: textsOf(compared), patch: patchOf(compared) }
}
