/** Options that every command knows may stand before the command's name: they are moved behind it. */

const withValue = new Set(['-o', '--output', '--context', '--kubeconfig', '-n', '--namespace'])
const withoutValue = new Set(['-A', '--all-namespaces', '--verbose'])

/** `-n apps drift` → `drift -n apps`; left as it is where no command follows, or anything unknown stands before it. */
export function commandFirst(words: readonly string[]): readonly string[] {
  let at = 0
  while (at < words.length) {
    const word = words[at]!
    if (withValue.has(word)) at += 2
    else if (withoutValue.has(word) || isAttached(word)) at += 1
    else break
  }
  const command = words[at]
  if (command === undefined || command.startsWith('-')) return words
  return [command, ...words.slice(0, at), ...words.slice(at + 1)]
}

/** `--context=x`, `-nx`. */
function isAttached(word: string): boolean {
  const equals = word.indexOf('=')
  if (word.startsWith('--')) return equals > 0 && withValue.has(word.slice(0, equals))
  return word.length > 2 && withValue.has(word.slice(0, 2))
}
