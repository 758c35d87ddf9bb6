/** One line about the fields of one object: how it differs from Git, or what an apply changes of it. Values of Secrets are not told. */
import type { DriftField } from '../../../shared/model/drift.ts'

const maxCharacters = 160

/** From what Git says to what is live: `spec.replicas 2 → 5 and 1 more`; '' where no value differs. */
export function differenceLine(fields: readonly DriftField[]): string {
  const secretWords = { changed: 'value changed', added: 'added', removed: 'removed' }
  return lineOf(fields, ({ isSecret, change, gitValue, liveValue }) =>
    isSecret ? secretWords[change] : arrow(gitValue, liveValue),
  )
}

/** As a plan tells it, from what is live to what will be: `spec.replicas 5 → 2 and 1 more`; '' where no value changes. */
export function changeLine(fields: readonly DriftField[]): string {
  // `change` says what the cluster did.
  const secretWords = { changed: 'value changed', added: 'removed', removed: 'added' }
  return lineOf(fields, ({ isSecret, change, gitValue, liveValue }) =>
    isSecret ? secretWords[change] : arrow(liveValue, gitValue),
  )
}

export function cappedLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > maxCharacters ? `${line.slice(0, maxCharacters - 1)}…` : line
}

function lineOf(fields: readonly DriftField[], say: (field: DriftField) => string): string {
  const changing = fields.filter(({ verdict }) => verdict === 'drift' || verdict === 'reclaimed')
  const [first] = changing
  if (first === undefined) return ''
  const more = changing.length > 1 ? ` and ${String(changing.length - 1)} more` : ''
  return cappedLine(`${first.path} ${say(first)}${more}`)
}

const arrow = (from: string | null, to: string | null): string => `${from ?? 'absent'} → ${to ?? 'absent'}`
