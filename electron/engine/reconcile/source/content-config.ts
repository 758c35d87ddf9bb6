/** Whether a GitRepository's artifact would come out otherwise though its revision has not moved. Semantics: source-controller, gitContentConfigChanged. */
import { areEqual } from '../../diff/equal-values.ts'
import { asArray, asRecord, at, textAt } from '../../status/read.ts'

/** `included`: `status.artifact` of the repositories of spec.include now, in their order. */
export function isContentConfigChanged(
  spec: unknown,
  status: Readonly<Record<string, unknown>>,
  included: readonly unknown[],
): boolean {
  const { ignore, recurseSubmodules, include, sparseCheckout } = asRecord(spec)
  if (ignore !== status.observedIgnore) return true
  if ((recurseSubmodules === true) !== (status.observedRecurseSubmodules === true)) return true
  if (needsVerification(spec, status)) return true
  if (!areEqual(asArray(sparseCheckout), asArray(status.observedSparseCheckout))) return true
  const wanted = asArray(include)
  const observed = asArray(status.observedInclude)
  const before = asArray(status.includedArtifacts)
  if (wanted.length !== observed.length || wanted.length !== included.length || wanted.length !== before.length)
    return true
  return wanted.some(
    (one, index) =>
      !isSameInclude(one, observed[index]) ||
      textAt(before[index], 'revision') !== textAt(included[index], 'revision') ||
      textAt(before[index], 'digest') !== textAt(included[index], 'digest'),
  )
}

/** Whether the included revisions are others than those that went into the artifact. */
export function areIncludesChanged(included: readonly unknown[], status: Readonly<Record<string, unknown>>): boolean {
  const before = asArray(status.includedArtifacts).map((artifact) => textAt(artifact, 'revision'))
  return (
    included.length !== before.length || included.some((artifact) => !before.includes(textAt(artifact, 'revision')))
  )
}

export type VerificationMode = 'HEAD' | 'Tag' | 'TagAndHEAD'

/** Null: nothing is to be verified. `head` is what old objects have. */
export function verificationMode(spec: unknown): VerificationMode | null {
  if (at(spec, 'verify') === undefined || at(spec, 'verify') === null) return null
  const mode = textAt(spec, 'verify', 'mode')
  return mode === 'Tag' || mode === 'TagAndHEAD' ? mode : 'HEAD'
}

function needsVerification(spec: unknown, status: Readonly<Record<string, unknown>>): boolean {
  const mode = verificationMode(spec)
  if (mode === null) return false
  const observed = status.sourceVerificationMode
  if (observed === undefined || observed === null) return true
  return (observed === 'Tag' && mode !== 'Tag') || (observed === 'HEAD' && mode !== 'HEAD')
}

function isSameInclude(a: unknown, b: unknown): boolean {
  return (
    textAt(a, 'repository', 'name') === textAt(b, 'repository', 'name') &&
    textAt(a, 'fromPath') === textAt(b, 'fromPath') &&
    textAt(a, 'toPath') === textAt(b, 'toPath')
  )
}
