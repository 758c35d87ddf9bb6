import { SluiceError } from '../../../shared/model/errors.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'

/** What a stream about one object ends with when no selected context leads, or leads any longer, to its cluster. */
export function notSelectedError(ref: ObjectRef): SluiceError {
  return new SluiceError('NotConnected', `The cluster of ${ref.kind} ${refTitle(ref)} is not selected`, {
    remedy: 'Select a context that leads to it',
  })
}
