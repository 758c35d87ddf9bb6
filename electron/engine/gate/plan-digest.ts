/** The name of a plan: a hash over all that it writes and tests, so that what was shown is what is done. */
import type { ActionName } from '../../../shared/model/actions.ts'
import type { Codec } from '../ports.ts'
import type { PlannedStep } from './plan-store.ts'
import { requestOf } from './planned-write.ts'

/** `sha256:…` over action, contexts, requests and the words that a person gave. */
export function planDigest(
  codec: Codec,
  action: ActionName,
  steps: readonly (readonly PlannedStep[])[],
  words: unknown,
): string {
  const parts = steps.flatMap((chain) =>
    chain.map(({ write }) => [
      write.ref.cluster,
      write.context,
      requestOf(write, write.hasAnnotations),
      write.expected,
    ]),
  )
  return `sha256:${codec.sha256Hex(JSON.stringify([action, words, parts]))}`
}
