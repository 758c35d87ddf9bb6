import { SluiceError } from '../../../shared/model/errors.ts'

export function canceled(signal: AbortSignal): SluiceError {
  return new SluiceError('Canceled', 'Canceled', { retry: 'canceled', cause: signal.reason })
}
