/**
 * Which values of a document are encrypted: decided by the names on the path to a value, or by comments near it. At most one rule stands in
 * a document's metadata. Semantics: SOPS 3.13.2 `Tree.shouldBeEncrypted`.
 */
import { RE2JS } from 're2js'

export interface EncryptionRules {
  readonly unencryptedSuffix: string
  readonly encryptedSuffix: string
  readonly unencryptedRegex: string
  readonly encryptedRegex: string
  readonly unencryptedCommentRegex: string
  readonly encryptedCommentRegex: string
}

/** Comments that stand before a value, a list for each level of the tree. */
export type CommentStack = readonly (readonly string[])[]

/** True where the leaf at `path` is ciphertext in an encrypted document. */
export type EncryptionRule = (path: readonly string[], comments: CommentStack, isComment: boolean) => boolean

const simpleAlternatives = /^\^\(?([A-Za-z0-9_\-|]+)\)?\$$/

/** Does a pattern (RE2, unanchored) match? A pattern that does not compile matches nothing, as in SOPS. Answers are kept by text. */
function makeMatcher(pattern: string): (text: string) => boolean {
  const simple = simpleAlternatives.exec(pattern)
  const hasBothParentheses = pattern.startsWith('^(') === pattern.endsWith(')$')
  if (simple?.[1] !== undefined && hasBothParentheses && (pattern.startsWith('^(') || !pattern.includes('|'))) {
    const names = new Set(simple[1].split('|'))
    return (text) => names.has(text)
  }
  let compiled: RE2JS | null
  try {
    compiled = RE2JS.compile(pattern)
  } catch {
    return () => false
  }
  const regex = compiled
  const answers = new Map<string, boolean>()
  return (text) => {
    const known = answers.get(text)
    if (known !== undefined) return known
    const answer = regex.matcher(text).find()
    answers.set(text, answer)
    return answer
  }
}

export function makeEncryptionRule(rules: EncryptionRules): EncryptionRule {
  if (rules.unencryptedCommentRegex !== '') {
    const matches = makeMatcher(rules.unencryptedCommentRegex)
    return (_path, comments) => !comments.some((level) => level.some(matches))
  }
  if (rules.encryptedCommentRegex !== '') {
    const matches = makeMatcher(rules.encryptedCommentRegex)
    return (_path, comments, isComment) =>
      comments.some((level, depth) =>
        level.some((text, index) => {
          // the comment that switches encryption on is not encrypted itself
          const isItself = isComment && depth === comments.length - 1 && index === level.length - 1
          return !isItself && matches(text)
        }),
      )
  }
  if (rules.encryptedRegex !== '') {
    const matches = makeMatcher(rules.encryptedRegex)
    return (path) => path.some(matches)
  }
  if (rules.unencryptedRegex !== '') {
    const matches = makeMatcher(rules.unencryptedRegex)
    return (path) => !path.some(matches)
  }
  if (rules.encryptedSuffix !== '') return (path) => path.some((name) => name.endsWith(rules.encryptedSuffix))
  return (path) => !path.some((name) => name.endsWith(rules.unencryptedSuffix))
}
