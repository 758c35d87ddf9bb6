import type { SluiceError } from '../../../shared/model/errors.ts'

/** Why nothing is written, and what to do about it, as sentences. */
export function describeProblem({ message, remedy }: Pick<SluiceError, 'message' | 'remedy'>): string {
  return [message, remedy]
    .filter((text) => text !== '')
    .map((text) => (/[.!?…]$/.test(text) ? text : `${text}.`))
    .join(' ')
}
