/** The engine's side of reading stored releases, and the reading itself where the host brings no workers: the command line. */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { KubeObject } from '../../engine/clusters/view.ts'
import { parseExact } from '../../engine/exact-json.ts'
import type { ReleaseMessage } from '../../engine/helm/prepare-release.ts'
import type { ReleaseReader, ReleaseRequest } from '../../engine/helm/release-port.ts'
import { createCodec } from '../node/codec.ts'

export type SendRelease = (request: ReleaseRequest, signal: AbortSignal) => Promise<ReleaseMessage>

export function createReleaseReader(send: SendRelease): ReleaseReader {
  return {
    async read(request, signal) {
      const { error, release } = await send(request, signal)
      if (error !== null) {
        const { code, message, remedy, detail, retry } = error
        throw new SluiceError(code, message, { remedy, detail, retry })
      }
      return { ...release, objects: parseExact(release.objects) as readonly KubeObject[] }
    },
  }
}

/** Loaded with the first release. */
export const readReleaseHere: SendRelease = async (request, signal) => {
  const { answerRelease } = await import('../../engine/helm/prepare-release.ts')
  if (signal.aborted) throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
  return answerRelease(request, { codec: createCodec(), checkpoint: () => undefined })
}
