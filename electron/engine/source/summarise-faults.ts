/** Several ways were tried and none worked: which of the reasons is said first. */
import { SluiceError } from '../../../shared/model/errors.ts'

/** Anything but a SluiceError is a fault of ours and ends the attempt. */
export function demandFault(error: unknown): SluiceError {
  if (!(error instanceof SluiceError) || error.code === 'Canceled') throw error
  return error
}

const silent = new WeakSet<SluiceError>()

/** The controller itself does not answer: whatever else could be tried, this is what somebody must know. */
export function markSilent(fault: SluiceError): SluiceError {
  silent.add(fault)
  return fault
}

/** What is said of several failed ways: the one that the user can do something about, the others as detail. */
const weights: Partial<Record<SluiceError['code'], number>> = {
  // A digest that does not match is never drowned.
  ArtifactRefused: 100,
  GitAuthFailed: 80,
  // One click of the user's, before a right that somebody else must give.
  HostNotAllowed: 75,
  Forbidden: 70,
  GitFailed: 50,
  ArtifactMissing: 40,
}

export function summarise(faults: readonly SluiceError[], what: string): SluiceError {
  // Above a host that could be allowed: below what was refused and what a server did not let in.
  const weigh = (fault: SluiceError): number => (silent.has(fault) ? 78 : (weights[fault.code] ?? 30))
  const [best, ...others] = faults.toSorted((a, b) => weigh(b) - weigh(a))
  if (best === undefined) return new SluiceError('ArtifactUnavailable', what, { retry: 'transient' })
  if (others.length === 0) return best
  const isTransient = faults.some((fault) => fault.retry === 'transient')
  // Ways fail alike where they end at the same place: what was said is not said again.
  const said = [best.message]
  const details = [best.detail, ...others.flatMap((fault) => [fault.message, fault.detail])].filter((text) => {
    const isNew = !said.some((earlier) => earlier.includes(text))
    said.push(text)
    return isNew
  })
  const summary = new SluiceError(best.code, best.message, {
    remedy: best.remedy,
    detail: details.join('\n').slice(0, 4000),
    retry: isTransient ? 'transient' : best.retry,
    cause: best,
  })
  return silent.has(best) ? markSilent(summary) : summary
}
