/**
 * Messages of controllers are the same few sentences with other digests, durations and names: they are kept as a template, which is kept once,
 * and what stood in its holes.
 */
const hole = '\u0001'
const between = '\u001f'
/** Words with a digit in them. */
const varying = /[A-Za-z0-9._+-]*[0-9][A-Za-z0-9._+-]*/g
const constant = /^(sha1|sha256|sha512|v[0-9]+((alpha|beta)[0-9]+)?)$/
/** Longer than any sentence that is told twice with other numbers. */
const maxTemplateChars = 4000

export interface SplitMessage {
  readonly template: string
  /** What stood in the holes, joined; null: there is none. */
  readonly holes: string | null
}

export function splitMessage(message: string): SplitMessage {
  if (message.length > maxTemplateChars || message.includes(hole) || message.includes(between))
    return { template: hole, holes: message }
  const parts: string[] = []
  const template = message.replace(varying, (text) => {
    if (constant.test(text)) return text
    parts.push(text)
    return hole
  })
  return { template, holes: parts.length === 0 ? null : parts.join(between) }
}

export function joinMessage(template: string, holes: string | null): string {
  if (holes === null) return template
  // One hole that is all: whatever stood in it, separators too.
  if (template === hole) return holes
  const parts = holes.split(between)
  let next = 0
  return template
    .split(hole)
    .map((text, index) => (index === 0 ? text : `${parts[next++] ?? ''}${text}`))
    .join('')
}
