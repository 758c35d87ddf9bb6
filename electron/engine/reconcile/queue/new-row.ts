import type { HostedRow } from '../../../../shared/model/hosting.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'

/** The row of an object that has not run. */
export function newRow(ref: ObjectRef, state: HostedRow['state'], message: string): HostedRow {
  return {
    key: refKey(ref),
    ref,
    state,
    message,
    waitsFor: [],
    nextAt: null,
    lastResult: null,
    lastDurationMs: null,
    lastAt: null,
    failures: 0,
    mode: 'automatic',
    plan: null,
  }
}
