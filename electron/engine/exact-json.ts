/**
 * JSON whose whole numbers keep all their digits. Kubernetes' integers have 64 bits, JavaScript's numbers 53: two objects that differ in the last
 * digit of a long one would be called equal. Where objects are compared such a number is JSON.rawJSON: an object that nobody looks into, which
 * JSON.stringify prints as it came. What lies beyond 64 bits is a float64 for the API server as well, and stays a number.
 */
import type { KubeResponse } from './kube-port.ts'

/** A whole number beyond 2^53, as JSON.rawJSON makes it. */
export interface LongNumber {
  readonly rawJSON: string
}

interface ExactJson {
  rawJSON(text: string): LongNumber
  isRawJSON(value: unknown): boolean
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
}

// Newer than the types: in V8 since 11.4.
const json = JSON as unknown as ExactJson

/** A long number between the separators that machines write, without white space; a text may hold the same: no harm. */
const longNumber = /[:[,]-?\d{16,}[,}\]]/

export function isLongNumber(value: unknown): value is LongNumber {
  return typeof value === 'object' && value !== null && json.isRawJSON(value)
}

/** As JSON.parse of what a machine wrote; long whole numbers become LongNumber. Throws SyntaxError. */
export function parseExact(text: string): unknown {
  if (!longNumber.test(text)) return JSON.parse(text) as unknown
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && /^-?\d{16,}$/.test(source)
      ? exactNumber(source, value)
      : value,
  )
}

/** As JSON.stringify; bigints are written as numbers. Only for values that are defined. */
export function exactText(value: object): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? json.rawJSON(String(item)) : item))
}

/** The body of an answer; throws what its json() throws. */
export function exactBody(response: KubeResponse): unknown {
  try {
    return parseExact(response.text())
  } catch {
    return response.json()
  }
}

function exactNumber(digits: string, value: number): unknown {
  if (Number.isSafeInteger(value)) return value
  const whole = BigInt(digits)
  return BigInt.asIntN(64, whole) === whole ? json.rawJSON(String(whole)) : value
}
