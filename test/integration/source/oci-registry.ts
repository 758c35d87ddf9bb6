/** An OCI registry on loopback with one Flux artifact, `fleet:latest`. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export const contentType = 'application/vnd.cncf.flux.content.v1.tar+gzip'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** `annotations`: of its manifest, as pipelines write them: where it was made from. */
export async function startRegistry(
  layer: Buffer,
  annotations: Readonly<Record<string, string>> = {},
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const config = Buffer.from('{}')
  const describe = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: digestOf(bytes), size: bytes.length })
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: describe('application/vnd.cncf.flux.config.v1+json', config),
      layers: [describe(contentType, layer)],
      annotations,
    }),
  )
  const content = new Map<string, readonly [type: string, bytes: Buffer]>([
    ['/v2/', ['application/json', config]],
    ['/v2/fleet/tags/list', ['application/json', Buffer.from('{"name":"fleet","tags":["latest"]}')]],
    ['/v2/fleet/manifests/latest', [manifestType, manifest]],
    [`/v2/fleet/manifests/${digestOf(manifest)}`, [manifestType, manifest]],
    [`/v2/fleet/blobs/${digestOf(config)}`, ['application/octet-stream', config]],
    [`/v2/fleet/blobs/${digestOf(layer)}`, ['application/octet-stream', layer]],
  ])
  const server = createServer((request, response) => {
    const found = content.get((request.url ?? '').split('?', 1)[0] ?? '')
    if (found === undefined) return void response.writeHead(404).end()
    const [type, bytes] = found
    response.writeHead(200, {
      'content-type': type,
      'content-length': bytes.length,
      'docker-content-digest': digestOf(bytes),
    })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
