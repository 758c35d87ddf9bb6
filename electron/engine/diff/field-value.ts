/** Values of fields as compact texts for people. */
import { isLongNumber } from '../exact-json.ts'
import { isSealed, sealedText } from './sealed-values.ts'

const maxLength = 2000

/** Scalars as they are, maps and lists as one line of JSON, at most 2,000 characters; null for what is absent. */
export function valueText(value: unknown): string | null {
  if (value === undefined) return null
  if (isSealed(value)) return sealedText(value)
  if (typeof value === 'string') return cap(value)
  if (typeof value !== 'object' || value === null || isLongNumber(value)) return JSON.stringify(value) ?? 'null'
  return cap(compactJson(value))
}

/** Whether a sealed value is in it. */
export function holdsSealed(value: unknown): boolean {
  if (isSealed(value)) return true
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsSealed)
}

/** JSON that stops soon after the cap: a field may be a list of megabytes. */
function compactJson(value: unknown): string {
  let left = maxLength
  const write = (item: unknown): string => {
    if (left <= 0) return ''
    if (isSealed(item)) return spend(JSON.stringify(sealedText(item)))
    if (typeof item !== 'object' || item === null || isLongNumber(item)) return spend(JSON.stringify(item) ?? 'null')
    const isList = Array.isArray(item)
    const parts: string[] = []
    for (const [key, child] of Object.entries(item)) {
      if (left <= 0) break
      parts.push(isList ? write(child) : `${spend(JSON.stringify(key))}:${write(child)}`)
      left -= 1
    }
    return isList ? `[${parts.join(',')}]` : `{${parts.join(',')}}`
  }
  const spend = (text: string): string => {
    left -= text.length
    return text
  }
  return write(value)
}

function cap(text: string): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`
}
