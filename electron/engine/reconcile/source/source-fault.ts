/** How a step of a source's run ends early, as source-controller tells its errors apart. Semantics: source-controller internal/error, internal/reconcile. */

/**
 * `stalling`: nothing is tried again before something changes; `waiting`: again after `requeueAfterMs`; `failing`: again with growing pauses;
 * `noChange`: there was nothing to do, which ends a run like success.
 */
export type SourceFaultKind = 'stalling' | 'waiting' | 'failing' | 'noChange'

export class SourceFault extends Error {
  override readonly name = 'SourceFault'
  readonly kind: SourceFaultKind
  readonly reason: string
  readonly requeueAfterMs: number

  constructor(kind: SourceFaultKind, reason: string, message: string, requeueAfterMs = 0) {
    super(message)
    this.kind = kind
    this.reason = reason
    this.requeueAfterMs = requeueAfterMs
  }
}

/** Hosted mode cannot do this source's work: nothing is written, the queue says why. */
export class NotHostedSource extends Error {
  override readonly name = 'NotHostedSource'
}
