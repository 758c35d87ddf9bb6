import { beforeEach, describe, expect, it } from 'vitest'
import { refKey } from '../../../shared/model/identity.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { fromYaml } from '../status/yaml.ts'
import {
  digest,
  gitRepository,
  kustomization,
  MemorySources,
  never,
  pod,
  shaOf,
  storageHost,
} from './memory-sources.ts'

let sources: MemorySources
beforeEach(() => {
  sources = new MemorySources()
})

const consumerOf = (text: string) => fromYaml(text)
const latest = (text = kustomization()) =>
  ({ view: sources.cluster, consumer: consumerOf(text), revision: 'latest' }) as const
const applied = (revision: string) =>
  ({
    view: sources.cluster,
    consumer: consumerOf(kustomization(`lastAppliedRevision: '${revision}'`)),
    revision: 'applied',
  }) as const
const storagePath = `/gitrepository/flux-system/fleet/${shaOf('c')}.tar.gz`
const fleetRef = () => sources.cluster.ref('source.toolkit.fluxcd.io', 'GitRepository', 'flux-system', 'fleet')

async function failureOf(work: Promise<unknown>): Promise<SluiceError> {
  const error = await work.catch((error: unknown) => error)
  if (!(error instanceof SluiceError)) throw new Error(`no SluiceError: ${String(error)}`)
  return error
}

describe('ways to an artifact', () => {
  it('through the API server, where the host is not allowed', async () => {
    sources.cluster.apply(gitRepository())
    sources.serveStorage()
    const found = await sources.resolver().resolve(latest(), never)
    expect(found).toMatchObject({
      source: fleetRef(),
      revision: `main@sha1:${shaOf('c')}`,
      digest,
      origin: 'storageThroughApi',
      reasons: [],
    })
    expect(sources.contacts).toEqual([`pod flux-system/source-controller-1:9090 ${storagePath}`])
    // A name of the cluster's own network is not worth a question while another way works.
    expect(sources.named).toEqual([])
  })

  it('directly, where it is; through the API server at once while it does not answer', async () => {
    sources.cluster.apply(gitRepository({ host: 'storage.example:8080' }))
    sources.serveStorage()
    sources.allowed.add('storage.example:8080')
    const resolver = sources.resolver()
    expect((await resolver.resolve(latest(), never)).origin).toBe('storage')
    expect(sources.contacts).toEqual([`download http://storage.example:8080${storagePath}`])
    sources.trees.clear()
    sources.contacts.length = 0
    sources.failures.set('download', 'ArtifactUnavailable')
    expect((await resolver.resolve(latest(), never)).origin).toBe('storageThroughApi')
    sources.trees.clear()
    expect((await resolver.resolve(latest(), never)).origin).toBe('storageThroughApi')
    expect(sources.contacts.filter((contact) => contact.startsWith('download'))).toHaveLength(1)
    await sources.cluster.clock.advance(61_000)
    sources.trees.clear()
    await resolver.resolve(latest(), never)
    expect(sources.contacts.filter((contact) => contact.startsWith('download'))).toHaveLength(2)
  })

  it('from Git at the artifact’s commit, where storage cannot be reached and the host is allowed', async () => {
    sources.cluster.apply(
      gitRepository({
        spec: "ignore: '/docs', recurseSubmodules: true, sparseCheckout: [apps], timeout: 90s, secretRef: { name: deploy }, verify: { mode: HEAD }",
      }),
      `{ apiVersion: v1, kind: Secret, metadata: { name: deploy, namespace: flux-system }, data: { username: dQ==, password: cA== } }`,
    )
    sources.allowed.add('git.example:443')
    const found = await sources.resolver().resolve(latest(), never)
    expect(found).toMatchObject({ origin: 'git', revision: `main@sha1:${shaOf('c')}`, digest: '' })
    expect(found.reasons.join(' ')).toMatch(/taken from Git.*spec\.verify/)
    expect(sources.gitRequests).toEqual([
      {
        request: {
          url: 'https://git.example/org/fleet',
          ref: { branch: 'main' },
          recurseSubmodules: true,
          sparseCheckout: ['apps'],
          ignore: '/docs',
          secret: new Map([
            ['username', 'u'],
            ['password', 'p'],
          ]),
          usesOwnCredentials: false,
          proxy: null,
          cluster: 'c1',
          timeoutMs: 90_000,
        },
        revision: { revision: `main@sha1:${shaOf('c')}`, commit: shaOf('c') },
      },
    ])
  })

  it('a mapped folder, when nothing else works, and says so', async () => {
    sources.cluster.apply(gitRepository({ spec: "ignore: '!/docs'" }))
    sources.folders.set(refKey(fleetRef()), '/repositories/fleet')
    const found = await sources.resolver().resolve(latest(), never)
    expect(found).toMatchObject({ origin: 'folder', digest: '' })
    expect(found.reasons[0]).toContain('working copy /repositories/fleet')
    expect(sources.contacts).toEqual(['folder /repositories/fleet !/docs'])
  })

  it.each(['OCIRepository', 'Bucket', 'ExternalArtifact', 'HelmChart'])('%s is fetched the same way', async (kind) => {
    const controller = kind === 'ExternalArtifact' ? 'source-watcher' : 'source-controller'
    sources.cluster.apply(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: ${kind}
metadata: { name: other, namespace: team }
status: { artifact: { revision: 'latest@sha256:${'b'.repeat(64)}', digest: '${digest}', url: 'http://${controller}.flux-system.svc.cluster.local./x/y.tgz' } }
`)
    sources.serveStorage([], 'source-controller')
    sources.serveStorage([], 'source-watcher')
    const found = await sources
      .resolver()
      .resolve(latest(kustomization('', `{ kind: ${kind}, name: other, namespace: team }`)), never)
    expect(found.revision).toBe(`latest@sha256:${'b'.repeat(64)}`)
    expect(sources.contacts).toEqual([`pod flux-system/${controller}-1:9090 /x/y.tgz`])
  })
})

describe('the pod that serves an artifact', () => {
  it('is that of the shard which advertises the address, on its own port', async () => {
    sources.cluster.apply(gitRepository({ host: 'shard.flux-system.svc.cluster.local.' }))
    sources.serveStorage()
    sources.serveStorage(
      ['--storage-adv-addr=shard.$(RUNTIME_NAMESPACE).svc.cluster.local.', '--storage-addr=:9191'],
      'source-controller-shard1',
    )
    await sources.resolver().resolve(latest(), never)
    expect(sources.contacts[0]).toContain('source-controller-shard1-1:9191')
  })

  it('is a ready one of several', async () => {
    sources.cluster.apply(gitRepository())
    sources.serveStorage()
    sources.cluster.delete(sources.cluster.ref('', 'Pod', 'flux-system', 'source-controller-1'))
    sources.cluster.apply(
      pod('a', 'flux-system', 'source-controller', { isReady: false }),
      pod('b', 'flux-system', 'source-controller', { phase: 'Pending' }),
      pod('c', 'flux-system', 'source-controller', { port: 9999 }),
    )
    await sources.resolver().resolve(latest(), never)
    expect(sources.contacts).toEqual([`pod flux-system/c:9999 ${storagePath}`])
  })

  it('is found by the Service where controllers are not known', async () => {
    sources.cluster.apply(
      gitRepository(),
      '{ apiVersion: v1, kind: Service, metadata: { name: source-controller, namespace: flux-system }, spec: { selector: { app: sc } } }',
      pod('sc-1', 'flux-system', 'sc'),
    )
    await sources.resolver().resolve(latest(), never)
    expect(sources.contacts).toEqual([`pod flux-system/sc-1:9090 ${storagePath}`])
  })
})

describe('includes', () => {
  it('are copied in from the revisions that source-controller included', async () => {
    sources.cluster.apply(
      gitRepository({
        spec: 'include: [{ repository: { name: lib }, fromPath: charts, toPath: vendor }, { repository: { name: base } }]',
        status: `includedArtifacts: [{ revision: 'main@sha1:${shaOf('1')}' }, { revision: 'main@sha1:${shaOf('2')}' }]`,
      }),
      gitRepository({ name: 'lib', commit: 'd' }),
      gitRepository({ name: 'base', commit: 'e' }),
    )
    sources.allowed.add('git.example:443')
    const found = await sources.resolver().resolve(latest(), never)
    expect(sources.contacts).toEqual([
      `git https://git.example/org/fleet ${shaOf('c')}`,
      `git https://git.example/org/lib ${shaOf('1')}`,
      `git https://git.example/org/base ${shaOf('2')}`,
      'compose > charts>vendor >base',
    ])
    expect(found.origin).toBe('git')
  })

  it('that include each other end', async () => {
    sources.cluster.apply(gitRepository({ spec: 'include: [{ repository: { name: fleet } }]' }))
    sources.allowed.add('git.example:443')
    expect((await failureOf(sources.resolver().resolve(latest(), never))).code).toBe('ArtifactRefused')
  })
})

describe('hosts that a cluster names', () => {
  it('are not contacted before the user allowed them, and are shown', async () => {
    sources.cluster.apply(gitRepository({ host: 'evil.example' }))
    const error = await failureOf(sources.resolver().resolve(latest(), never))
    expect(error).toMatchObject({ code: 'HostNotAllowed' })
    expect(error.message + error.detail).toContain('git.example:443')
    expect(error.message + error.detail).toContain('evil.example:80')
    expect(sources.contacts).toEqual([])
    expect([...new Set(sources.named)]).toEqual([
      'evil.example:80 by GitRepository/flux-system/fleet',
      'git.example:443 by GitRepository/flux-system/fleet',
    ])
  })

  it.each([
    '--upload-pack=touch /tmp/x',
    'ext::sh -c id',
    'file:///etc/passwd',
    'git@git.example:org/fleet',
    'https://-oProxyCommand=x/',
    '',
  ])('%j is no address', async (url) => {
    sources.cluster.apply(gitRepository().replace('https://git.example/org/fleet', url))
    const error = await failureOf(sources.resolver().resolve(latest(), never))
    expect(error.code === 'GitFailed' || error.detail.includes('no http, https or ssh address')).toBe(true)
    expect(sources.contacts).toEqual([])
  })

  it('a proxy is one of them', async () => {
    sources.cluster.apply(
      gitRepository({ spec: 'proxySecretRef: { name: proxy }' }),
      `{ apiVersion: v1, kind: Secret, metadata: { name: proxy, namespace: flux-system }, data: { address: ${btoa('http://proxy.example:3128')} } }`,
    )
    sources.allowed.add('git.example:443')
    expect((await failureOf(sources.resolver().resolve(latest(), never))).message).toContain('proxy.example:3128')
    expect(sources.contacts).toEqual([])
    sources.allowed.add('proxy.example:3128')
    expect((await sources.resolver().resolve(latest(), never)).origin).toBe('git')
  })
})

describe('what cannot be had', () => {
  it('a source that does not exist, or has nothing yet', async () => {
    expect(await failureOf(sources.resolver().resolve(latest(), never))).toMatchObject({
      code: 'SourceNotFound',
      message: 'GitRepository flux-system/fleet does not exist',
    })
    sources.cluster.apply(gitRepository().replace(/status:.*/, 'status: {}'))
    expect((await failureOf(sources.resolver().resolve(latest(), never))).code).toBe('ArtifactMissing')
    const nothing = latest(kustomization('', '{}'))
    expect((await failureOf(sources.resolver().resolve(nothing, never))).code).toBe('SourceNotFound')
  })

  it('a refused archive is never drowned by what else failed', async () => {
    sources.cluster.apply(gitRepository())
    sources.serveStorage()
    sources.failures.set('store', 'ArtifactRefused')
    const error = await failureOf(sources.resolver().resolve(latest(), never))
    expect(error.code).toBe('ArtifactRefused')
    expect(error.detail).toContain('git.example:443')
  })

  it('says Forbidden where only a right is missing', async () => {
    sources.cluster.apply(
      `{ apiVersion: source.toolkit.fluxcd.io/v1, kind: OCIRepository, metadata: { name: oci, namespace: flux-system }, status: { artifact: { revision: 'x@sha256:${'b'.repeat(64)}', digest: '${digest}', url: 'http://${storageHost}/x.tgz' } } }`,
    )
    sources.serveStorage()
    sources.failures.set('pod', 'Forbidden')
    sources.failures.set('service', 'Forbidden')
    const wish = latest(kustomization('', '{ kind: OCIRepository, name: oci }'))
    expect((await failureOf(sources.resolver().resolve(wish, never))).code).toBe('Forbidden')
    // Now the user may want to try the address itself.
    expect(sources.named).toHaveLength(1)
  })

  it('an unreadable Secret leaves the user’s own credentials', async () => {
    sources.cluster.apply(gitRepository({ spec: 'secretRef: { name: deploy }' }))
    sources.cluster.refusals.set(refKey(sources.cluster.ref('', 'Secret', 'flux-system', 'deploy')), 'Forbidden')
    sources.allowed.add('git.example:443')
    const found = await sources.resolver().resolve(latest(), never)
    expect(sources.gitRequests[0]?.request.secret).toBeNull()
    expect(found.reasons.join(' ')).toContain('You may not read Secret flux-system/deploy')
  })
})

describe('what was applied last', () => {
  const older = `main@sha1:${shaOf('b')}`

  it('is the current artifact as long as both are the same, whatever form the revision has', async () => {
    sources.cluster.apply(gitRepository())
    sources.serveStorage()
    for (const revision of [`main@sha1:${shaOf('c')}`, `main/${shaOf('c')}`]) {
      const found = await sources.resolver().resolve(applied(revision), never)
      expect(found).toMatchObject({ revision: `main@sha1:${shaOf('c')}`, reasons: [] })
    }
  })

  it('is kept when the source moves on, over a restart too', async () => {
    sources.serveStorage()
    sources.cluster.apply(gitRepository({ commit: 'b' }))
    await sources.resolver().resolve(latest(), never)
    await sources.cluster.clock.advance(10_000)
    sources.cluster.apply(gitRepository())
    sources.contacts.length = 0
    const found = await sources.resolver().resolve(applied(older), never)
    expect(found).toMatchObject({ revision: older, digest, reasons: [] })
    expect(sources.contacts).toEqual([])
    // Gone from the cache: storage keeps the last ones under their own names.
    sources.trees.clear()
    expect((await sources.resolver().resolve(applied(older), never)).revision).toBe(older)
    expect(sources.contacts).toEqual([
      `pod flux-system/source-controller-1:9090 /gitrepository/flux-system/fleet/${shaOf('b')}.tar.gz`,
    ])
  })

  it('comes from Git at its commit', async () => {
    sources.cluster.apply(gitRepository())
    sources.serveStorage()
    sources.allowed.add('git.example:443')
    const found = await sources.resolver().resolve(applied(older), never)
    expect(found).toMatchObject({ revision: older, origin: 'git' })
    expect(sources.contacts).toEqual([`git https://git.example/org/fleet ${shaOf('b')}`])
  })

  it('gives way to the current one, and says so', async () => {
    sources.cluster.apply(gitRepository())
    sources.serveStorage()
    const found = await sources.resolver().resolve(applied(older), never)
    expect(found.revision).toBe(`main@sha1:${shaOf('c')}`)
    expect(found.reasons[0]).toContain(`Revision ${older}, which was applied last, cannot be had any more`)
  })

  it('is told beforehand where that is certain', async () => {
    const resolver = sources.resolver()
    expect(resolver.peek(latest())).toBeNull()
    sources.cluster.apply(gitRepository({ commit: 'b' }))
    expect(resolver.peek(latest())).toBe(older)
    sources.cluster.apply(gitRepository())
    expect(resolver.peek(latest())).toBe(`main@sha1:${shaOf('c')}`)
    expect(resolver.peek(applied(older))).toBe(older)
    expect(resolver.peek(applied(`main@sha1:${shaOf('9')}`))).toBeNull()
    expect(sources.contacts).toEqual([])
  })
})

describe('many who ask', () => {
  it('share one download; it ends when the last one leaves', async () => {
    sources.cluster.apply(gitRepository())
    sources.serveStorage()
    let open = (): void => undefined
    sources.gate = new Promise((resolve) => (open = resolve))
    const resolver = sources.resolver()
    const leaving = new AbortController()
    const canceled = failureOf(resolver.resolve(latest(), leaving.signal))
    const all = Array.from({ length: 50 }, () => resolver.resolve(latest(), never))
    await expect.poll(() => sources.contacts.length).toBe(1)
    leaving.abort()
    expect((await canceled).code).toBe('Canceled')
    open()
    expect(new Set((await Promise.all(all)).map(({ tree }) => tree.path)).size).toBe(1)
    expect(sources.contacts).toHaveLength(1)
    expect(sources.canceledCount).toBe(0)

    sources.trees.clear()
    sources.gate = new Promise(() => undefined)
    const alone = new AbortController()
    const waiting = failureOf(resolver.resolve(latest(), alone.signal))
    await expect.poll(() => sources.contacts.length).toBe(2)
    alone.abort()
    expect((await waiting).code).toBe('Canceled')
    await expect.poll(() => sources.canceledCount).toBe(1)
  })

  it('are not all turned away one by one: what failed is tried again after a while, or when a host was allowed', async () => {
    sources.cluster.apply(gitRepository())
    sources.serveStorage()
    sources.failures.set('pod', 'ConnectionLost')
    const resolver = sources.resolver()
    for (let index = 0; index < 20; index++) await failureOf(resolver.resolve(latest(), never))
    expect(sources.contacts).toHaveLength(1)
    expect(sources.cluster.fetched.filter((key) => key.includes('Deployment'))).toHaveLength(1)
    await sources.cluster.clock.advance(11_000)
    await failureOf(resolver.resolve(latest(), never))
    expect(sources.contacts).toHaveLength(2)
    sources.allowed.add('git.example:443')
    expect((await resolver.resolve(latest(), never)).origin).toBe('git')
  })

  it('of two clusters never share', async () => {
    const other = new MemorySources()
    expect(other.cluster.id).toBe(sources.cluster.id)
    sources.cluster.apply(gitRepository())
    sources.serveStorage()
    await sources.resolver().resolve(latest(), never)
    expect([...sources.trees.keys()].every((key) => key.includes('c1|source.toolkit.fluxcd.io/GitRepository'))).toBe(
      true,
    )
  })
})
