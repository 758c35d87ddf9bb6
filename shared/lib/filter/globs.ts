/** Globs of the filter language: whole text, any case, `*` for any characters. */

/** One test for several globs: any of them. */
export function anyGlob(patterns: readonly string[]): (text: string) => boolean {
  const tests = patterns.map(globTest)
  const [first] = tests
  return tests.length === 1 && first !== undefined ? first : (text) => tests.some((test) => test(text))
}

/** Whole text, any case. Parts between stars are looked for left to right: linear, unlike a regular expression with many stars. */
export function globTest(pattern: string): (text: string) => boolean {
  const lower = pattern.toLowerCase()
  const parts = lower.split('*')
  if (parts.length === 1) return (text) => text.length === lower.length && text.toLowerCase() === lower
  const head = parts[0] ?? ''
  const tail = parts[parts.length - 1] ?? ''
  const middle = parts.slice(1, -1).filter((part) => part !== '')
  return (text) => {
    const value = text.toLowerCase()
    if (value.length < head.length + tail.length || !value.startsWith(head) || !value.endsWith(tail)) return false
    let position = head.length
    const end = value.length - tail.length
    for (const part of middle) {
      const found = value.indexOf(part, position)
      if (found < 0 || found + part.length > end) return false
      position = found + part.length
    }
    return true
  }
}
