/**
 * Key-value pairs of generators: env files, literals and files, in that order.
 * Semantics: kustomize api kv and internal/generators (ParseFileSource), texts included.
 */
import { BuildError, wrapping } from '../build-error.ts'
import type { Loader } from '../loader/loader.ts'
import { baseName } from '../loader/paths.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

/** A value is text, or bytes that are no UTF-8. */
export interface Pair {
  readonly key: string
  readonly value: string | Uint8Array
}

export interface PairSources {
  readonly literals: readonly string[] | null
  readonly files: readonly string[] | null
  readonly envs: readonly string[] | null
}

/** Reads all sources; keys may repeat. Throws BuildError with upstream's text, naming the file. */
export function loadPairs(loader: Loader, sources: PairSources): Pair[] {
  const { envs, literals, files } = sources
  return [
    ...wrapping(`env source files: ${goList(envs)}`, () =>
      (envs ?? []).flatMap((path) => pairsOfEnvFile(loader, path)),
    ),
    ...wrapping(`literal sources ${goList(literals)}`, () => (literals ?? []).map(parseLiteral)),
    ...wrapping(`file sources: ${goList(files)}`, () => (files ?? []).map((source) => pairOfFile(loader, source))),
  ]
}

/** Go's `%v` of a list of strings. */
function goList(items: readonly string[] | null): string {
  return `[${(items ?? []).join(' ')}]`
}

/** `key=value`; one pair of equal quotes round the value is taken off. Throws BuildError InvalidKustomization. */
export function parseLiteral(source: string): Pair {
  const equals = source.indexOf('=')
  if (equals <= 0) throw new BuildError('InvalidKustomization', `invalid literal source ${source}, expected key=value`)
  return { key: source.slice(0, equals), value: withoutQuotes(source.slice(equals + 1)) }
}

function withoutQuotes(text: string): string {
  const first = text[0]
  const isQuoted = text.length >= 2 && (first === '"' || first === "'") && text.endsWith(first)
  return isQuoted ? text.slice(1, -1) : text
}

/** `path` or `key=path`; the key of a bare path is its last element. Throws BuildError InvalidKustomization. */
export function parseFileSource(source: string): { key: string; path: string } {
  const [key = '', path, ...rest] = source.split('=')
  if (path === undefined) return { key: baseName(source), path: source }
  const fail = (message: string): never => {
    throw new BuildError('InvalidKustomization', message)
  }
  const quoted = JSON.stringify(source)
  if (rest.length > 0) fail(`source ${quoted} key name or file path contains '='`)
  if (key === '') fail(`missing key name for file path ${JSON.stringify(path)} in source ${quoted}`)
  if (path === '') fail(`missing file path for key name ${JSON.stringify(key)} in source ${quoted}`)
  return { key, path }
}

function pairOfFile(loader: Loader, source: string): Pair {
  const { key, path } = parseFileSource(source)
  const { bytes } = loader.read(path)
  return { key, value: decodeUtf8(bytes) ?? bytes }
}

/** A scanner of Go gives up, silently, on a line that does not fit its buffer. */
const maxLineBytes = 64 * 1024

function pairsOfEnvFile(loader: Loader, path: string): Pair[] {
  const file = loader.read(path)
  const pairs: Pair[] = []
  let start = 0
  for (let line = 0; start < file.bytes.length; line++) {
    const newline = file.bytes.indexOf(10, start)
    const end = newline < 0 ? file.bytes.length : newline
    if (end - start >= maxLineBytes) break
    const hasReturn = end > start && file.bytes[end - 1] === 13
    const bytes = file.bytes.subarray(start, hasReturn ? end - 1 : end)
    const pair = parseEnvLine(bytes, line, file.path)
    if (pair !== null) pairs.push(pair)
    start = end + 1
  }
  return pairs
}

/** White space as Go's unicode.IsSpace has it. */
const leadingSpace = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/

/** One line of an env file, `line` counted from 0; null for a blank line, a comment and a line without a key. */
export function parseEnvLine(bytes: Uint8Array, line: number, file: string): Pair | null {
  const decoded = decodeUtf8(bytes)
  if (decoded === null)
    throw new BuildError(
      'InvalidKustomization',
      `line [${bytes.join(' ')}] has invalid utf8 bytes : ${new TextDecoder().decode(bytes)}`,
      { file, line: line + 1 },
    )
  const text = (line === 0 && decoded.startsWith('\ufeff') ? decoded.slice(1) : decoded).replace(leadingSpace, '')
  if (text === '' || text.startsWith('#')) return null
  const equals = text.indexOf('=')
  const key = equals < 0 ? text : text.slice(0, equals)
  return key === '' ? null : { key, value: equals < 0 ? '' : text.slice(equals + 1) }
}

/** The bytes of a pair's value. */
export function valueBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? encodeUtf8(value) : value
}
