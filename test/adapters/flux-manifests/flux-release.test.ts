/** A release downloaded from servers on loopback: one that publishes, one that it sends on to. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createArtifactTransport } from '../../../electron/adapters/artifacts/artifact-transport.ts'
import { createReleaseDownload } from '../../../electron/adapters/flux-manifests/flux-release.ts'

const { signal } = new AbortController()
const text = 'kind: Namespace\n'
const checksum = createHash('sha256').update(text).digest('hex')
const servers: Server[] = []

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

const releases = (base: string, maxBytes = 1000) =>
  createReleaseDownload({
    base,
    transport: createArtifactTransport({ userAgent: 'test', followsOtherHosts: true }),
    maxBytes,
  })

it('takes the file of its checksum, from where the release sends it on to', async () => {
  const asked: unknown[] = []
  const storage = await serve(({ url, headers }, answer) => {
    asked.push(url, headers.authorization, headers.cookie)
    answer.end(text)
  })
  const base = await serve(({ url }, answer) => {
    asked.push(url)
    answer.writeHead(302, { location: `${storage}/kept?signature=1` }).end()
  })
  const { download, releaseHost } = releases(`${base}/download/`)
  expect(releaseHost).toBe(new URL(base).host)
  expect(await download({ version: 'v2.9.5', checksum }, signal)).toEqual({
    name: `${base}/download/v2.9.5/install.yaml`,
    text,
  })
  expect(asked).toEqual(['/download/v2.9.5/install.yaml', '/kept?signature=1', undefined, undefined])
})

it('SECURITY 14: refuses any other file, and says both checksums', async () => {
  const { download } = releases(await serve((_request, answer) => answer.end(`${text}---\nkind: ClusterRoleBinding\n`)))
  const refused = await download({ version: 'v2.9.5', checksum }, signal).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'ArtifactRefused', remedy: expect.stringContaining('v2.9.5') as string })
  expect((refused as { detail: string }).detail).toContain(checksum)
})

it('SECURITY 11: does not hold a file without end', async () => {
  const { download } = releases(
    await serve((_request, answer) => {
      const more = (): void => {
        while (!answer.destroyed && answer.write('x'.repeat(512)));
      }
      answer.on('drain', more)
      more()
    }),
  )
  await expect(download({ version: 'v2.9.5', checksum }, signal)).rejects.toMatchObject({ code: 'ArtifactRefused' })
})

it('SECURITY 10: is not led away from http or https, nor to an address with credentials', async () => {
  for (const location of ['file:///etc/passwd', 'https://127.0.0.1:1/', 'http://user:word@127.0.0.1:1/']) {
    const { download } = releases(await serve((_request, answer) => answer.writeHead(302, { location }).end()))
    const refused = await download({ version: 'v2.9.5', checksum }, signal).catch((error: unknown) => error)
    expect((refused as { code: string }).code, location).toMatch(/^Artifact(Refused|Unavailable)$/)
    expect((refused as { message: string }).message, location).not.toContain('refused')
  }
})

it('names the release that is not there, and the host that cannot be reached', async () => {
  const base = await serve((_request, answer) => answer.writeHead(404).end())
  await expect(releases(base).download({ version: 'v9.9.9', checksum }, signal)).rejects.toMatchObject({
    code: 'ArtifactMissing',
    message: `${new URL(base).host} has no release v9.9.9 of Flux`,
  })
  await expect(releases('http://127.0.0.1:1').download({ version: 'v9.9.9', checksum }, signal)).rejects.toMatchObject({
    code: 'ArtifactUnavailable',
    remedy: 'Check that this machine reaches 127.0.0.1:1, or choose a file of manifests.',
  })
})
