/** Stored releases in a real worker of the render pool. */
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createReleaseReader, readReleaseHere } from '../../../electron/adapters/worker-pool/release-reader.ts'
import type { RenderPool } from '../../../electron/adapters/worker-pool/render-pool.ts'
import { createRenderPool } from '../../../electron/adapters/worker-pool/render-pool.ts'
import type { ReleaseReader, ReleaseRequest } from '../../../electron/engine/helm/release-port.ts'
import { packReleaseForSecret } from '../../fixtures/helm-storage.ts'

const entry = path.join(import.meta.dirname, '../../..', 'electron/workers/render.ts')
const never = new AbortController().signal

function requestOf(manifest: string): ReleaseRequest {
  const release = {
    name: 'a',
    namespace: 'n',
    version: 1,
    info: { status: 'deployed' },
    chart: { metadata: { name: 'c', version: '1' } },
    manifest,
  }
  return {
    payload: packReleaseForSecret(release),
    isFromSecret: true,
    place: 'Secret n/a',
    ociDigest: '',
  }
}

const configMap = (name: string, lines = 1): string =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${Array.from({ length: lines }, (_, index) => `  key-${index}: "${name} ${index}"\n`).join('')}`

describe('a stored release', () => {
  let pool: RenderPool
  let reader: ReleaseReader
  beforeAll(() => {
    pool = createRenderPool({ entry, logger: { log: () => undefined }, size: 1 })
    reader = createReleaseReader((request, signal) => pool.readRelease(request, signal))
  })
  afterAll(() => pool.dispose())

  it('is read in a worker as it is here', async () => {
    const request = requestOf(configMap('x') + configMap('z'))
    const release = await reader.read(request, never)
    expect(release.objects.map(({ metadata }) => metadata.name)).toEqual(['x', 'z'])
    expect(release).toEqual(await createReleaseReader(readReleaseHere).read(request, never))
  })

  it('of megabytes leaves the thread that asks free', async () => {
    const manifest = Array.from({ length: 300 }, (_, index) => configMap(`map-${index}`, 200)).join('')
    const request = requestOf(manifest)
    expect(manifest.length).toBeGreaterThan(1_400_000)
    const before = process.threadCpuUsage()
    const { objects } = await reader.read(request, never)
    const { user, system } = process.threadCpuUsage(before)
    console.log(
      `${manifest.length} characters of manifest: ${((user + system) / 1000).toFixed(0)} ms of the asking thread`,
    )
    expect(objects).toHaveLength(300)
    expect((user + system) / 1000).toBeLessThan(150)
  })

  it('that cannot be read says so, and a canceled one that', async () => {
    await expect(reader.read(requestOf('a: [b'), never)).rejects.toMatchObject({
      code: 'ReleaseUnreadable',
      message: 'The manifest of the release in Secret n/a cannot be read.',
    })
    await expect(reader.read({ ...requestOf(''), payload: 'e30' }, never)).rejects.toMatchObject({
      code: 'ReleaseUnreadable',
    })
    await expect(reader.read(requestOf(''), AbortSignal.abort())).rejects.toMatchObject({ code: 'Canceled' })
  })
})
