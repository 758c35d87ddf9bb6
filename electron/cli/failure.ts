/** How a command ends: exit codes 0 done, 1 failed, 2 usage. */
import { toErrorData } from '../../shared/model/errors.ts'

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** The command's own words were said already; exit code 1. */
export class SilentFailure extends Error {
  constructor() {
    super('failed')
    this.name = 'SilentFailure'
  }
}

/** Sentence and remedy for stderr. */
export function describeFailure(error: unknown): string {
  const { message, remedy, detail } = toErrorData(error)
  const more = [detail === '' || message.includes(detail) ? '' : detail, remedy].filter((text) => text !== '')
  return [message, ...more].join('\n')
}
