/** The `spec` of a Lease as client-go's leader election reads and writes it. Semantics: client-go tools/leaderelection, coordination.k8s.io/v1. */
import { asNumber, at, textAt, timeMs } from '../../status/read.ts'

export interface LeaseRecord {
  readonly holder: string
  readonly durationMs: number
  readonly transitions: number
  /** ms since the epoch by the holder's clock; null where nobody ever renewed it. */
  readonly renewedAt: number | null
  /** Verbatim: times of others are never rewritten. */
  readonly acquireTime: string
  readonly renewTime: string
}

/** The object as it was read, with what is needed to replace it. */
export interface SeenLease {
  readonly record: LeaseRecord
  readonly object: Readonly<Record<string, unknown>>
  readonly resourceVersion: string
}

export function readLeaseObject(object: unknown): SeenLease {
  const spec = at(object, 'spec')
  const seconds = asNumber(at(spec, 'leaseDurationSeconds')) ?? 0
  return {
    record: {
      holder: textAt(spec, 'holderIdentity'),
      durationMs: seconds * 1000,
      transitions: asNumber(at(spec, 'leaseTransitions')) ?? 0,
      renewedAt: timeMs(at(spec, 'renewTime')),
      acquireTime: textAt(spec, 'acquireTime'),
      renewTime: textAt(spec, 'renewTime'),
    },
    object: object as Readonly<Record<string, unknown>>,
    resourceVersion: textAt(object, 'metadata', 'resourceVersion'),
  }
}

/** metav1.MicroTime: six digits after the point. `micros` makes two renewals within one millisecond differ. */
export function microTime(ms: number, micros = 0): string {
  return new Date(ms).toISOString().replace(/(\.\d{3})Z$/, `$1${String(micros % 1000).padStart(3, '0')}Z`)
}

export function leaseSpec(record: Omit<LeaseRecord, 'renewedAt'>): Readonly<Record<string, unknown>> {
  return {
    holderIdentity: record.holder,
    leaseDurationSeconds: Math.round(record.durationMs / 1000),
    acquireTime: record.acquireTime,
    renewTime: record.renewTime,
    leaseTransitions: record.transitions,
  }
}
