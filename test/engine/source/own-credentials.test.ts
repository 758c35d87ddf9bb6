/** What a source is read with where its Secret cannot be: attacks on the user's own Git credentials. */
import { beforeEach, expect, it } from 'vitest'
import type { OwnCredentials } from '../../../electron/engine/drift/own-credentials.ts'
import { createOwnCredentials } from '../../../electron/engine/drift/own-credentials.ts'
import { createArtifactResolver } from '../../../electron/engine/source/resolve-artifact.ts'
import type { ArtifactResolver } from '../../../electron/engine/source/resolved-artifact.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { silentLogger } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import { fromYaml } from '../status/yaml.ts'
import { gitRepository, kustomization, MemorySources, never } from './memory-sources.ts'

const url = 'https://git.example/org/fleet'
let sources: MemorySources
let own: OwnCredentials
let resolver: ArtifactResolver

beforeEach(async () => {
  sources = new MemorySources()
  sources.allowed.add('git.example:443')
  const { deps } = sources
  own = createOwnCredentials({ ...deps.ports, logger: silentLogger, codec: memoryCodec }, () => undefined)
  await own.loaded
  resolver = createArtifactResolver({ ...deps, hosts: { ...deps.hosts, ...own.consents } })
})

const resolve = (): Promise<unknown> =>
  resolver.resolve({ view: sources.cluster, consumer: fromYaml(kustomization()), revision: 'latest' }, never)
const lastRequest = () => sources.gitRequests.at(-1)?.request

it('SECURITY 10: they are never used without the consent, and the repository is shown', async () => {
  sources.cluster.apply(gitRepository())
  await resolve()
  expect(lastRequest()).toMatchObject({ url, secret: null, usesOwnCredentials: false })
  expect(own.items.values()).toMatchObject([{ url, isAllowed: false, namedBy: ['GitRepository/flux-system/fleet'] }])
})

it('SECURITY 10: the consent of another cluster, or for another repository of the same host, does not count', async () => {
  own.consents.noteRepository('c2', url, 'GitRepository/a/b')
  await own.allow('c2', url, true)
  own.consents.noteRepository('c1', 'https://git.example/org/other', 'GitRepository/a/b')
  await own.allow('c1', 'https://git.example/org/other', true)
  sources.cluster.apply(gitRepository())
  await resolve()
  expect(lastRequest()).toMatchObject({ cluster: 'c1', usesOwnCredentials: false })
})

it('SECURITY 10: a source that moves to another address takes no consent along', async () => {
  sources.cluster.apply(gitRepository())
  await resolve()
  await own.allow('c1', url, true)
  sources.cluster.apply(gitRepository().replace('org/fleet', 'evil/fleet'))
  sources.trees.clear()
  await resolve()
  expect(lastRequest()).toMatchObject({ url: 'https://git.example/evil/fleet', usesOwnCredentials: false })
})

it('a Secret that can be read goes first, whatever is allowed', async () => {
  sources.cluster.apply(
    gitRepository({ spec: 'secretRef: { name: deploy }' }),
    `{ apiVersion: v1, kind: Secret, metadata: { name: deploy, namespace: flux-system }, data: { username: ${btoa('bot')}, password: ${btoa('x')} } }`,
  )
  await resolve()
  expect(lastRequest()?.secret?.get('username')).toBe('bot')
  expect(own.items.values()).toEqual([])
})

it('what was refused is tried again at once when they are allowed', async () => {
  sources.cluster.apply(gitRepository({ spec: 'secretRef: { name: deploy }' }))
  sources.cluster.refusals.set(refKey(sources.cluster.ref('', 'Secret', 'flux-system', 'deploy')), 'Forbidden')
  sources.failures.set('git', 'GitAuthFailed')
  await expect(resolve()).rejects.toMatchObject({ code: 'GitAuthFailed' })
  await expect(resolve()).rejects.toMatchObject({ code: 'GitAuthFailed' })
  expect(sources.contacts.filter((contact) => contact.startsWith('git'))).toHaveLength(1)
  sources.failures.delete('git')
  await own.allow('c1', url, true)
  await resolve()
  expect(lastRequest()).toMatchObject({ secret: null, usesOwnCredentials: true })
})

it('a GitHub App’s key gives way to them, only once they are allowed', async () => {
  sources.cluster.apply(
    gitRepository({ spec: 'secretRef: { name: app }' }),
    `{ apiVersion: v1, kind: Secret, metadata: { name: app, namespace: flux-system }, data: { githubAppID: ${btoa('7')} } }`,
  )
  await resolve()
  expect(lastRequest()?.secret?.has('githubAppID')).toBe(true)
  await own.allow('c1', url, true)
  sources.trees.clear()
  await resolve()
  expect(lastRequest()).toMatchObject({ secret: null, usesOwnCredentials: true })
})
