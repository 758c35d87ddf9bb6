/** `sluice://` links open views; they never act. */

/** Length beyond which a link is not ours. */
const maxLinkLength = 2048
const linkShape = /^sluice:\/\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/

/** SECURITY: item 14: the part after `sluice://` of a well-formed link, else null. */
export function parseLink(text: string): string | null {
  if (text.length > maxLinkLength || !linkShape.test(text)) return null
  try {
    decodeURIComponent(text)
  } catch {
    return null
  }
  return text.slice('sluice://'.length)
}

/** First link among command-line arguments, null if none. */
export function findLink(args: readonly string[]): string | null {
  for (const arg of args) {
    const path = parseLink(arg)
    if (path !== null) return path
  }
  return null
}
