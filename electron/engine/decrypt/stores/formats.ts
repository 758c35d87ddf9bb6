/** Which format a file has, and whether it looks encrypted in it. Semantics: kustomize-controller 1.9.4 `internal/decryptor`. */
import type { SopsFormat } from '../decryptor.ts'
import { encodeUtf8 } from '../tree/go-format.ts'

/** By extension; everything that is not known is binary. */
export function formatOfPath(path: string): SopsFormat {
  if (path.endsWith('.dockerconfigjson') || path.endsWith('.json')) return 'json'
  if (path.endsWith('.yaml') || path.endsWith('.yml')) return 'yaml'
  if (path.endsWith('.env')) return 'dotenv'
  return path.endsWith('.ini') ? 'ini' : 'binary'
}

const markers: readonly (readonly [SopsFormat, Uint8Array])[] = [
  ['json', encodeUtf8('"mac": "ENC[')],
  ['dotenv', encodeUtf8('sops_mac=ENC[')],
  ['yaml', encodeUtf8('mac: ENC[')],
  ['ini', encodeUtf8('[sops]')],
]

/** True where `part` stands somewhere in `bytes`. */
export function includesBytes(bytes: Uint8Array, part: Uint8Array): boolean {
  const first = part[0]!
  for (let at = bytes.indexOf(first); at >= 0 && at + part.length <= bytes.length; at = bytes.indexOf(first, at + 1)) {
    let length = 1
    while (length < part.length && bytes[at + length] === part[length]) length++
    if (length === part.length) return true
  }
  return false
}

/** Does a file hold the text by which the controller knows an encrypted one of this format? */
export function hasMarker(bytes: Uint8Array, format: SopsFormat): boolean {
  const wanted = format === 'binary' ? 'json' : format
  return markers.some(([candidate, marker]) => candidate === wanted && includesBytes(bytes, marker))
}

/**
 * The format that the content itself shows, null where it does not look encrypted. Where several fit, upstream takes any of them; this one
 * takes the first of JSON, dotenv, YAML, INI.
 */
export function detectFormat(bytes: Uint8Array): SopsFormat | null {
  return markers.find(([, marker]) => includesBytes(bytes, marker))?.[0] ?? null
}
