/** What storage answers when it has not what its source says, is not there, or may be reached by one way only. */
import { beforeEach, expect, it } from 'vitest'
import { SluiceError } from '../../../shared/model/errors.ts'
import { fromYaml } from '../status/yaml.ts'
import { gitRepository, kustomization, MemorySources, never, pod, shaOf } from './memory-sources.ts'

let sources: MemorySources
beforeEach(() => {
  sources = new MemorySources()
})

const latest = () => ({ view: sources.cluster, consumer: fromYaml(kustomization()), revision: 'latest' }) as const
const pathOf = (letter: string): string => `/gitrepository/flux-system/fleet/${shaOf(letter)}.tar.gz`
const podContact = (letter: string): string => `pod flux-system/source-controller-1:9090 ${pathOf(letter)}`

async function failure(): Promise<SluiceError> {
  const error = await sources
    .resolver()
    .resolve(latest(), never)
    .catch((reason: unknown) => reason)
  if (!(error instanceof SluiceError)) throw new Error(`no SluiceError: ${String(error)}`)
  return error
}

it('404: the source’s status is read anew, and what it says then is fetched, once', async () => {
  sources.cluster.apply(gitRepository({ commit: 'b' }))
  sources.serveStorage()
  const behind = sources.cluster.cached(
    sources.cluster.ref('source.toolkit.fluxcd.io', 'GitRepository', 'flux-system', 'fleet'),
  )
  sources.cluster.apply(gitRepository({ commit: 'c' }))
  const cached = sources.cluster.cached.bind(sources.cluster)
  sources.cluster.cached = (ref) => (ref.kind === 'GitRepository' ? behind : cached(ref))
  sources.gone.add(pathOf('b'))
  expect((await sources.resolver().resolve(latest(), never)).revision).toBe(`main@sha1:${shaOf('c')}`)
  expect(sources.contacts).toEqual([podContact('b'), podContact('c')])
  // That one has gone too: no circle.
  sources.trees.clear()
  sources.gone.add(pathOf('c'))
  sources.contacts.length = 0
  await failure()
  expect(sources.contacts).toEqual([podContact('b'), podContact('c')])
})

it('404 says nothing of the host: it is asked directly again', async () => {
  sources.cluster.apply(gitRepository({ host: 'storage.example:8080' }))
  sources.serveStorage()
  sources.allowed.add('storage.example:8080')
  sources.gone.add(pathOf('c'))
  const resolver = sources.resolver()
  await resolver.resolve(latest(), never).catch(() => undefined)
  await sources.cluster.clock.advance(11_000)
  sources.gone.clear()
  sources.contacts.length = 0
  expect((await resolver.resolve(latest(), never)).origin).toBe('storage')
  expect(sources.contacts).toEqual([`download http://storage.example:8080${pathOf('c')}`])
})

it('a stopped source-controller is told as that, with the host that could be allowed beside it', async () => {
  sources.cluster.apply(gitRepository())
  sources.serveStorage()
  sources.cluster.delete(sources.cluster.ref('', 'Pod', 'flux-system', 'source-controller-1'))
  expect(await failure()).toMatchObject({
    code: 'ArtifactUnavailable',
    message: 'source-controller does not answer: Deployment flux-system/source-controller has no running pod',
    retry: 'transient',
    detail: expect.stringContaining('git.example:443, which is not allowed') as string,
  })
  sources.allowed.add('git.example:443')
  expect((await sources.resolver().resolve(latest(), never)).origin).toBe('git')
})

it('the API server’s proxy is taken where ports may not be forwarded', async () => {
  sources.cluster.apply(gitRepository())
  sources.serveStorage()
  sources.failures.set('pod', 'Forbidden')
  expect((await sources.resolver().resolve(latest(), never)).origin).toBe('storageThroughProxy')
  expect(sources.contacts).toEqual([podContact('c'), `service http:flux-system/source-controller:80 ${pathOf('c')}`])
  sources.trees.clear()
  sources.failures.set('service', 'Forbidden')
  expect((await failure()).code).toBe('HostNotAllowed')
})

it('SECURITY 10: no other service than a controller’s own is asked by the proxy', async () => {
  sources.serveStorage()
  sources.failures.set('pod', 'Forbidden')
  for (const host of [
    'vault.secrets.svc.cluster.local.',
    'source-controller.team.svc',
    'grafana.flux-system.svc:3000',
  ]) {
    sources.cluster.apply(gitRepository({ host }))
    await failure()
  }
  expect(sources.contacts.filter((contact) => contact.startsWith('service'))).toEqual([])
  sources.cluster.apply(
    gitRepository({ host: 'shard.flux-system.svc.cluster.local.:8080' }),
    pod('shard-1', 'flux-system', 'shard'),
  )
  sources.serveStorage(['--storage-adv-addr=shard.$(RUNTIME_NAMESPACE).svc.cluster.local.:8080'], 'shard-controller')
  expect((await sources.resolver().resolve(latest(), never)).origin).toBe('storageThroughProxy')
  expect(sources.contacts.at(-1)).toBe(`service http:flux-system/shard:8080 ${pathOf('c')}`)
})
