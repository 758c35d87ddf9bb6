/** Author, time and subject of a revision: asked for once, only where the user allowed the host, never in the way. */
import { beforeEach, expect, it } from 'vitest'
import type { CommitInfo } from '../../../electron/engine/source/artifact-port.ts'
import { createCommitLookup } from '../../../electron/engine/source/commit-lookup.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { RevisionCommit } from '../../../shared/model/drift.ts'
import { fromYaml } from '../status/yaml.ts'
import { gitRepository, kustomization, MemorySources, never, shaOf } from './memory-sources.ts'

const host = 'git.example:443'
const revision = `main@sha1:${shaOf('c')}`
const info: CommitInfo = { sha: shaOf('c'), author: 'Ana', email: 'ana@x.invalid', at: 5000, subject: 'Scale' }
const told: RevisionCommit = { sha: shaOf('c'), author: 'Ana', at: 5000, subject: 'Scale' }

let sources: MemorySources
let asked: string[]
let answer: () => Promise<CommitInfo | null>
let find: (of?: string, consumer?: string, signal?: AbortSignal) => Promise<RevisionCommit | null>

beforeEach(() => {
  sources = new MemorySources()
  asked = []
  answer = () => Promise.resolve(info)
  const { ports, hosts } = sources.deps
  const git = {
    ...ports.git,
    commit: async ({ url, usesOwnCredentials = false }: { url: string; usesOwnCredentials?: boolean }, sha: string) => {
      asked.push(`${url} ${sha} ${String(usesOwnCredentials)}`)
      return answer()
    },
  }
  const lookup = createCommitLookup({ ports: { clock: ports.clock, git }, hosts })
  find = (of = revision, consumer = kustomization(), signal = never) =>
    lookup.find(sources.cluster, fromYaml(consumer), of, signal)
})

it('is asked for once for all who build from a revision', async () => {
  sources.allowed.add(host)
  sources.cluster.apply(gitRepository())
  expect(await Promise.all([find(), find()])).toEqual([told, told])
  expect(await find(`main/${shaOf('c')}`)).toEqual(told)
  expect(asked).toEqual([`https://git.example/org/fleet ${shaOf('c')} false`])
  await find(`main@sha1:${shaOf('d')}`)
  expect(asked).toHaveLength(2)
})

it('is that from which an artifact was packed, where a GitRepository of the same repository may be read', async () => {
  const packed = (more: string): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: packed, namespace: flux-system }
spec: { interval: 1h, url: "oci://registry.example/fleet" }
status:
  artifact:
    revision: latest@sha256:${'5'.repeat(64)}
    metadata: {${more}}
`
  const fromPacked = kustomization('', '{ kind: OCIRepository, name: packed }')
  const origin = `org.opencontainers.image.revision: "${revision}"`
  const own = `latest@sha256:${'5'.repeat(64)}`
  sources.allowed.add(host)
  sources.cluster.apply(packed(origin))
  sources.cluster.apply(gitRepository())
  // It does not say of which repository.
  expect(await find(own, fromPacked)).toBeNull()
  sources.cluster.apply(packed(`${origin}, org.opencontainers.image.source: "ssh://git@git.example/org/other.git"`))
  expect(await find(own, fromPacked)).toBeNull()
  sources.cluster.apply(packed(`${origin}, org.opencontainers.image.source: "ssh://git@git.example/org/fleet.git"`))
  expect(asked).toEqual([])
  expect(await find(own, fromPacked)).toEqual(told)
  expect(await find(revision, fromPacked)).toEqual(told)
  expect(asked).toEqual([`https://git.example/org/fleet ${shaOf('c')} false`])
  // A digest that it says nothing of is no commit.
  expect(await find(`latest@sha256:${'6'.repeat(64)}`, fromPacked)).toBeNull()
  sources.allowed.clear()
  expect(await find(own, fromPacked)).toBeNull()
})

it('SECURITY 10: a host that is not allowed is neither contacted nor shown for it, nor one that is not any more', async () => {
  sources.cluster.apply(gitRepository())
  expect(await find()).toBeNull()
  expect({ asked, named: sources.named }).toEqual({ asked: [], named: [] })
  sources.allowed.add(host)
  expect(await find()).toEqual(told)
  sources.allowed.clear()
  expect(await find()).toBeNull()
})

it('SECURITY 10: nor a proxy', async () => {
  sources.allowed.add(host)
  sources.cluster.apply(
    gitRepository({ spec: 'proxySecretRef: { name: proxy }' }),
    `{ apiVersion: v1, kind: Secret, metadata: { name: proxy, namespace: flux-system }, data: { address: ${btoa('http://proxy.example:3128')} } }`,
  )
  expect(await find()).toBeNull()
  expect({ asked, named: sources.named }).toEqual({ asked: [], named: [] })
})

it('is nothing for what is no commit of a GitRepository', async () => {
  sources.allowed.add(host)
  sources.cluster.apply(gitRepository())
  for (const of of ['', 'folder:abc', '6.5.0', 'main@sha1:abc']) expect(await find(of)).toBeNull()
  expect(await find(revision, kustomization('', '{ kind: OCIRepository, name: fleet }'))).toBeNull()
  expect(await find(revision, kustomization('', '{ kind: GitRepository, name: gone }'))).toBeNull()
  expect(await find(revision, kustomization('', '{}'))).toBeNull()
  expect(asked).toEqual([])
})

it('is also that of what a GitRepository has itself', async () => {
  sources.allowed.add(host)
  sources.cluster.apply(gitRepository())
  expect(await find(revision, gitRepository())).toEqual(told)
})

it('that cannot be had is not asked for again at once', async () => {
  sources.allowed.add(host)
  sources.cluster.apply(gitRepository())
  answer = () => Promise.reject(new SluiceError('GitFailed', 'no'))
  expect(await find()).toBeNull()
  answer = () => Promise.resolve(info)
  expect(await find()).toBeNull()
  expect(asked).toHaveLength(1)
  await sources.cluster.clock.advance(61 * 60_000)
  expect(await find()).toEqual(told)
})

it('is asked for again soon where the server did not answer in time', async () => {
  sources.allowed.add(host)
  sources.cluster.apply(gitRepository())
  answer = () => Promise.reject(new SluiceError('GitFailed', 'took more than 20 s', { retry: 'transient' }))
  expect(await find()).toBeNull()
  answer = () => Promise.resolve(info)
  expect(await find()).toBeNull()
  expect(asked).toHaveLength(1)
  await sources.cluster.clock.advance(21_000)
  expect(await find()).toEqual(told)
})

it('many are asked for two at a time, and who leaves holds nobody up', async () => {
  sources.allowed.add(host)
  sources.cluster.apply(gitRepository())
  let open = (): void => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  answer = () => gate.then(() => info)
  const leaving = new AbortController()
  const all = ['1', '2', '3', '4'].map((letter) =>
    find(`main@sha1:${shaOf(letter)}`, kustomization(), leaving.signal).catch((error: unknown) => error),
  )
  const stays = find()
  await expect.poll(() => asked.length).toBe(2)
  leaving.abort()
  for (const one of await Promise.all(all)) expect(one).toMatchObject({ code: 'Canceled' })
  open()
  expect(await stays).toEqual(told)
})
