/**
 * The audit log: every action taken in Sluice as one line of JSON, each of which holds the SHA-256 digest of the one before. Whoever has the lines can
 * check them with any SHA-256: that of line n is the `previous` of line n + 1. Secrets were taken out before a line was written.
 */

/** What an action has to say: a JSON object, without its place in the chain. */
export interface AuditLine {
  /** Ms since the epoch. */
  readonly at: number
  readonly text: string
}

export interface AuditRow {
  /** Counts from 1, without a gap. */
  readonly n: number
  readonly at: number
  /** The JSON object, `n` and `previous` first: what the digest is of. */
  readonly line: string
  /** SHA-256 of `line`, in hex. */
  readonly digest: string
}

/** Oldest first. */
export interface AuditPage {
  /** Not before this time. */
  readonly since: number
  /** Rows behind this number. */
  readonly after: number
  readonly limit: number
}

/** `changed`: not what was written. `moved`: written as another row. `missing`: not there. `unlinked`: does not follow the one before. */
export type AuditFaultKind = 'changed' | 'moved' | 'missing' | 'unlinked'

export interface AuditFault {
  readonly kind: AuditFaultKind
  readonly n: number
  /** Of a stretch of missing rows; `n` itself else. */
  readonly last: number
  /** A sentence that names the row. */
  readonly message: string
}

export interface AuditCheck {
  readonly rows: number
  /** Number of the first row that is kept; 0 if there is none. */
  readonly first: number
  /** The chain's end, to be kept elsewhere by whoever wants to prove more: 0 and '' if there is none. */
  readonly head: number
  readonly digest: string
  /** The first hundred; [] while the chain is whole. */
  readonly faults: readonly AuditFault[]
}
