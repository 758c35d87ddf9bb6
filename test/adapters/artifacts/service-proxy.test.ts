/** The API server's proxy to a service, as the last way to an artifact. */
import { expect, test } from 'vitest'
import { createArtifactTransport } from '../../../electron/adapters/artifacts/artifact-transport.ts'
import type { KubeClient, KubeRequest } from '../../../electron/engine/ports.ts'

const { signal } = new AbortController()
const service = { namespace: 'flux-system', name: 'source-controller', port: 80, scheme: 'http' } as const
const path = '/gitrepository/flux-system/fleet/abc.tar.gz'

async function ask(status: number, body: string, asked = path): Promise<{ text: string; request: KubeRequest | null }> {
  let request: KubeRequest | null = null
  const client = {
    request(input: KubeRequest) {
      request = input
      const bytes = Buffer.from(body)
      return Promise.resolve({ status, headers: {}, bytes, text: () => body, json: () => JSON.parse(body) as unknown })
    },
  } as unknown as KubeClient
  const transport = createArtifactTransport({ userAgent: 'sluice-test' })
  const parts: Uint8Array[] = []
  for await (const part of await transport.downloadFromService(client, service, asked, signal)) parts.push(part)
  return { text: Buffer.concat(parts).toString(), request }
}

test('is a GET of the service’s proxy subresource, bounded', async () => {
  const { text, request } = await ask(200, 'archive')
  expect(text).toBe('archive')
  expect(request).toMatchObject({
    method: 'GET',
    path: `/api/v1/namespaces/flux-system/services/http:source-controller:80/proxy${path}`,
    maxBytes: 64 * 1024 * 1024,
  })
})

test('tells the API server’s answers from the storage’s', async () => {
  const status = (message: string): string => JSON.stringify({ kind: 'Status', message })
  await expect(ask(403, status('no'))).rejects.toMatchObject({ code: 'Forbidden' })
  await expect(ask(404, '404 page not found')).rejects.toMatchObject({ code: 'ArtifactMissing' })
  await expect(ask(404, status('services "source-controller" not found'))).rejects.toMatchObject({
    code: 'ArtifactUnavailable',
    message: expect.stringContaining('not found') as string,
  })
  await expect(ask(503, status('no endpoints available'))).rejects.toMatchObject({
    code: 'ArtifactUnavailable',
    retry: 'transient',
  })
  await expect(ask(302, '')).rejects.toMatchObject({ code: 'ArtifactUnavailable' })
})

test.each(['/../../pods/x', '/a/%2e%2e/b', '/a%2f..%2fb', '/a%5c..', '/%252e%252e/x', 'x', '/%zz'])(
  'SECURITY 10: %s does not leave',
  async (asked) => {
    await expect(ask(200, 'x', asked)).rejects.toMatchObject({ code: 'ArtifactRefused' })
  },
)
