/**
 * `install.yaml` of a release of Flux, over https from where Flux publishes its releases, or from a mirror. What arrives counts for nothing until its
 * SHA-256 is the one that the user gave.
 */
import { createHash } from 'node:crypto'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { FluxRelease } from '../../../shared/model/hand-over.ts'
import type { FluxManifests } from '../../engine/reconcile/hand-over/manifests-port.ts'
import type { ArtifactTransport } from '../../engine/source/artifact-port.ts'

const published = 'https://github.com/fluxcd/flux2/releases/download'
const fileName = 'install.yaml'

export interface FluxReleaseOptions {
  /** Of a mirror, in place of where Flux publishes: `BASE/v2.9.5/install.yaml`. */
  readonly base: string | undefined
  readonly transport: Pick<ArtifactTransport, 'download'>
  readonly maxBytes: number
}

export function createReleaseDownload({
  base = published,
  transport,
  maxBytes,
}: FluxReleaseOptions): Pick<FluxManifests, 'releaseHost' | 'download'> {
  const releaseHost = URL.parse(base)?.host ?? base

  async function read(address: string, signal: AbortSignal): Promise<Buffer> {
    const parts: Uint8Array[] = []
    let size = 0
    for await (const part of await transport.download(address, signal)) {
      size += part.length
      if (size > maxBytes)
        throw new SluiceError('ArtifactRefused', `${address} is too large for Flux’s manifests`, {
          remedy: 'Choose a file of manifests.',
        })
      parts.push(part)
    }
    return Buffer.concat(parts)
  }

  return {
    releaseHost,
    async download({ version, checksum }: FluxRelease, signal) {
      const address = `${base.replace(/\/+$/, '')}/${version}/${fileName}`
      const bytes = await read(address, signal).catch((error: unknown) => {
        if (!(error instanceof SluiceError) || error.code === 'Canceled' || error.code === 'ArtifactRefused')
          throw error
        const { code, message, detail, retry } = error
        throw new SluiceError(
          code,
          code === 'ArtifactMissing' ? `${releaseHost} has no release ${version} of Flux` : message,
          {
            detail,
            retry,
            remedy:
              code === 'ArtifactMissing'
                ? 'Look at the list of Flux’s releases, or choose a file of manifests.'
                : `Check that this machine reaches ${releaseHost}, or choose a file of manifests.`,
            cause: error,
          },
        )
      })
      const found = createHash('sha256').update(bytes).digest('hex')
      if (found !== checksum)
        throw new SluiceError('ArtifactRefused', `${fileName} of Flux ${version} is not the file of this checksum`, {
          detail: `${address}: its SHA-256 is ${found}, and not ${checksum}`,
          remedy: `Look up ${fileName} in the list of checksums of the release ${version}.`,
        })
      return { name: address, text: bytes.toString('utf8') }
    },
  }
}
