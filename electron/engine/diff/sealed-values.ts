/**
 * Secret values as sealed texts: equal texts for equal values and nothing else about them but their size.
 *
 * SECURITY: item 9: a comparison, what it keeps and what it tells work on sealed objects; the values themselves end here. The key is random
 * per process, so that a sealed text says nothing to who does not hold it.
 */
import { lastAppliedAnnotation } from '../../../shared/flux/annotations.ts'
import type { KubeObject } from '../clusters/view.ts'
import { isLongNumber } from '../exact-json.ts'
import { isSecret, maskValue } from '../detail/present-object.ts'
import { base64ByteCount } from '../inventory/base64.ts'
import type { Codec } from '../ports.ts'
import { asRecord } from '../status/read.ts'

export interface Sealer {
  seal(value: unknown, byteCount: number): string
}

const mark = '\u2063sealed:'

/** Seals by HMAC-SHA256. */
export function createSealer(codec: Codec, key: Uint8Array): Sealer {
  // Most sets hold nothing that is sealed.
  let pads: { readonly inner: Uint8Array; readonly outer: Uint8Array } | null = null
  const encoder = new TextEncoder()
  return {
    seal(value, byteCount) {
      const { inner, outer } = (pads ??= padsOf(codec, key))
      const text = encoder.encode(typeof value === 'string' ? value : JSON.stringify(value))
      const digest = codec.sha256Hex(join(outer, fromHex(codec.sha256Hex(join(inner, text)))))
      return `${mark}${digest.slice(0, 32)}:${String(byteCount)}`
    },
  }
}

function padsOf(codec: Codec, key: Uint8Array): { readonly inner: Uint8Array; readonly outer: Uint8Array } {
  const block = new Uint8Array(64)
  block.set(key.length > 64 ? fromHex(codec.sha256Hex(key)) : key)
  return { inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) }
}

/** Hides without a key: sealed texts of this one are equal whatever the values. */
export const blindSealer: Sealer = { seal: (_value, byteCount) => `${mark}${'0'.repeat(32)}:${String(byteCount)}` }

export function isSealed(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(mark)
}

/** `••• (12 bytes)`. */
export function sealedText(sealed: string): string {
  return maskValue(Number(sealed.slice(sealed.lastIndexOf(':') + 1)))
}

/** Equal for equal values: a few digits of the keyed digest. */
export function sealedDigits(sealed: string): string {
  return sealed.slice(mark.length, mark.length + 6)
}

export type SensitivePaths = readonly (readonly (string | number)[])[]

/**
 * The object with its secret values sealed: data and stringData of Secrets, what lies at `sensitive`, and the copy of either that kubectl
 * keeps. A path through a list seals the list whole: places in it are the desired object's. Shares everything else with its input.
 */
export function sealObject(object: KubeObject, sensitive: SensitivePaths, sealer: Sealer): KubeObject {
  const isSecretKind = isSecret(object)
  if (!isSecretKind && sensitive.length === 0) return object
  let result: unknown = object
  if (isSecretKind) result = sealAt(result, ['data'], 0, true, sealer)
  const paths = [['stringData'], ['metadata', 'annotations', lastAppliedAnnotation], ...sensitive.map(keysOnly)]
  for (const path of paths) if (path.length > 0) result = sealAt(result, path, 0, false, sealer)
  return result as KubeObject
}

function keysOnly(path: readonly (string | number)[]): string[] {
  const keys: string[] = []
  for (const part of path) {
    if (typeof part !== 'string') break
    keys.push(part)
  }
  return keys
}

function sealAt(value: unknown, path: readonly string[], depth: number, isBase64: boolean, sealer: Sealer): unknown {
  const key = path[depth]
  if (key === undefined) return sealAll(value, isBase64, sealer)
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) return value
  const record = value as Readonly<Record<string, unknown>>
  const before = record[key]
  const after = sealAt(before, path, depth + 1, isBase64, sealer)
  return before === after ? value : { ...record, [key]: after }
}

function sealAll(value: unknown, isBase64: boolean, sealer: Sealer): unknown {
  if (value === null || isSealed(value)) return value
  if (Array.isArray(value)) return value.map((item) => sealAll(item, false, sealer))
  if (typeof value === 'object' && !isLongNumber(value))
    return Object.fromEntries(
      Object.entries(asRecord(value)).map(([key, item]) => [key, sealAll(item, isBase64, sealer)] as const),
    )
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return sealer.seal(value, isBase64 ? base64ByteCount(text) : new TextEncoder().encode(text).length)
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const result = new Uint8Array(a.length + b.length)
  result.set(a)
  result.set(b, a.length)
  return result
}

function fromHex(hex: string): Uint8Array {
  const result = new Uint8Array(hex.length / 2)
  for (let index = 0; index < result.length; index += 1)
    result[index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16)
  return result
}
