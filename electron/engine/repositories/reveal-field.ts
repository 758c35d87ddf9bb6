/** One hidden value, when the user asks for it. Nothing of it is kept. */
import { decodeBase64 } from '../inventory/base64.ts'
import type { ShownObject } from './rendered-entry.ts'

/** The lines of a hidden field without its key, and the text behind base64 where it is readable; null where nothing of that name is hidden. */
export function revealField(
  object: ShownObject,
  field: string,
): { readonly value: string; readonly decoded: string | null } | null {
  const hidden = object.hidden.find((each) => each.field === field)
  if (hidden === undefined) return null
  const lines = object.yaml.split('\n').slice(hidden.start, hidden.end)
  const [first = '', ...rest] = lines
  if (field === '') return { value: lines.join('\n'), decoded: null }
  const inline = first.replace(/^\s*(?:- )?(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^#]*?)\s*:(?:\s+|$)/, '')
  const indent = rest.find((line) => line.trim() !== '')?.search(/\S/) ?? 0
  const block = rest
    .map((line) => line.slice(indent))
    .join('\n')
    .trimEnd()
  const isBlock = /^[|>][-+0-9]*$/.test(inline.trim())
  const value =
    isBlock || inline === '' ? block : [unquote(inline.trim()), block].filter((part) => part !== '').join('\n')
  return { value, decoded: field.startsWith('data.') ? decodedText(value) : null }
}

function unquote(text: string): string {
  if (/^'.*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'")
  if (!/^".*"$/.test(text)) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return text.slice(1, -1)
  }
}

/** The text behind base64; null for bytes that are no text. */
function decodedText(value: string): string | null {
  try {
    const bytes = decodeBase64(value)
    if (bytes === null) return null
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // Control characters other than tab and line ends: a key or an archive, not a text.
    return [...text].some((character) => character < ' ' && !'\t\n\r'.includes(character)) ? null : text
  } catch {
    return null
  }
}
