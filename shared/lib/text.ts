/** Untrusted text made safe to show: no escape sequences, no control or bidi characters, bounded length. (security.md 13) */

// Written as texts: control characters in a regular expression literal look like mistakes.
const escape = '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]'
const operatingSystemCommand = '\\u001b\\][^\\u0007\\u001b]{0,4096}(?:\\u0007|\\u001b\\\\)'
const shortEscape = '\\u001b[ -/]*[0-~]'
/** CSI, OSC (ended by BEL or ST) and two-character escapes, in their 7-bit and 8-bit forms. */
const ansi = new RegExp(`${escape}|${operatingSystemCommand}|${shortEscape}`, 'g')
/** C0 and C1 but tab and newline, bidi marks, embeddings, overrides and isolates, zero-width and invisible characters, tags. */
const controlClass =
  '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb'
const controls = new RegExp(`[${controlClass}]|[\\u{e0000}-\\u{e007f}]`, 'gu')
const unsafe = /[^\t\n\u0020-\u007e\u00a0-\u0600]/

const replacement = '\ufffd'

/**
 * Text for one place on the screen. SECURITY: item 13: ANSI sequences go, control, bidi and invisible characters become U+FFFD, so that
 * a name cannot reorder, hide or imitate what stands around it. Newlines and tabs stay; carriage returns before newlines go.
 */
export function neutralizeText(text: string): string {
  // Nearly every text is plain: one test instead of five passes.
  if (!unsafe.test(text)) return text
  return text
    .replace(/\r\n/g, '\n')
    .replace(/[\u2028\u2029]/g, '\n')
    .replace(ansi, '')
    .replace(controls, replacement)
    .toWellFormed()
}

/** The same on one line: newlines and tabs become spaces. */
export function neutralizeLine(text: string): string {
  return neutralizeText(text).replace(/[\n\t]+/g, ' ')
}

/** At most `max` UTF-16 units, never half a character; `…` marks what was cut. */
export function capText(text: string, max: number): string {
  if (text.length <= max) return text
  const last = text.charCodeAt(max - 2)
  const end = last >= 0xd800 && last <= 0xdbff ? max - 2 : max - 1
  return `${text.slice(0, Math.max(end, 0))}…`
}

/** 7 characters of a commit or digest; texts that are no hex are returned as they are. */
export function shortSha(text: string): string {
  const hex = text.slice(text.lastIndexOf(':') + 1)
  return /^[0-9a-f]{8,}$/i.test(hex) ? hex.slice(0, 7) : text
}
