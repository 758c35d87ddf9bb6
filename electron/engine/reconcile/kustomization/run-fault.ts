/** How a step of a Kustomization's run ends early, as the controller tells its errors apart. */

/** The run failed for a reason that a user can mend: it is written to Ready, told in an event, and tried again after the retry interval. */
export class RunFault extends Error {
  override readonly name = 'RunFault'
  /** Reason of Ready. */
  readonly reason: string
  /** Text of the event where it is not the condition's. */
  readonly told: string
  /** A person has to decide: the row's state. */
  readonly needsApproval: boolean

  constructor(
    reason: string,
    message: string,
    more: { readonly told?: string; readonly needsApproval?: boolean } = {},
  ) {
    super(message)
    this.reason = reason
    this.told = more.told ?? message
    this.needsApproval = more.needsApproval ?? false
  }
}

/** The artifact is not in the storage (any more): the source brings it again. */
export class ArtifactNotFound extends Error {
  override readonly name = 'ArtifactNotFound'
}

/** Hosted mode cannot do this object's work as the controller would: nothing is written, the queue says why. */
export class NotHosted extends Error {
  override readonly name = 'NotHosted'
  /** Looked at again after this; null: when something changes. */
  readonly retryMs: number | null

  constructor(why: string, retryMs: number | null = null) {
    super(why)
    this.retryMs = retryMs
  }
}
