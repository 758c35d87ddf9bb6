/** A token of the user: kept for one repository of one cluster, used there and nowhere else, told to nobody. */
import { beforeEach, expect, it } from 'vitest'
import type { OwnCredentials } from '../../../electron/engine/drift/own-credentials.ts'
import { createOwnCredentials } from '../../../electron/engine/drift/own-credentials.ts'
import type { KeptSecret, SecretBox } from '../../../electron/engine/secret-box.ts'
import { readGitRequest } from '../../../electron/engine/source/git-source.ts'
import { ManualClock, MemoryCluster, silentLogger } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import { gitRepository, never } from '../source/memory-sources.ts'
import { createMemoryStore } from './memory-store.ts'

const url = 'https://git.example/org/fleet'
let kept: Map<string, KeptSecret>
let labels: string[]
let isAvailable: boolean
let answer: 'kept' | 'canceled' | 'unusable'
let own: OwnCredentials
let ports: Parameters<typeof createOwnCredentials>[0]

beforeEach(async () => {
  kept = new Map()
  labels = []
  isAvailable = true
  answer = 'kept'
  const secrets: SecretBox = {
    state: () => Promise.resolve({ isAvailable, reason: isAvailable ? '' : 'No keyring.' }),
    names: () => Promise.resolve([...kept.keys()]),
    keepFromClipboard(name, label) {
      labels.push(label)
      if (answer === 'kept') kept.set(name, { username: '', secret: 'hush-hush' })
      return Promise.resolve(answer)
    },
    read: (name) => Promise.resolve(kept.get(name) ?? null),
    forget: (name) => Promise.resolve(void kept.delete(name)),
  }
  ports = { clock: new ManualClock(), store: createMemoryStore(), logger: silentLogger, codec: memoryCodec, secrets }
  own = createOwnCredentials(ports, () => undefined)
  await own.loaded
  own.consents.noteRepository('c1', url, 'GitRepository/flux-system/fleet')
})

it('is used for its repository, survives a restart and can be forgotten', async () => {
  expect(await own.tokens.keep('c1', 'https://ana@GIT.example:443/org/fleet')).toBe('kept')
  expect(labels).toEqual([`${url} (cluster c1)`])
  expect(own.items.values()).toMatchObject([{ url, isAllowed: true, hasToken: true }])
  expect(await own.consents.keptToken('c1', url)).toEqual({ username: 'git', secret: 'hush-hush' })
  const again = createOwnCredentials(ports, () => undefined)
  await again.loaded
  expect(again.items.values()).toMatchObject([{ url, hasToken: true }])
  expect(JSON.stringify(again.items.values())).not.toContain('hush')
  const stamp = own.consents.tokenStamp('c1', url)
  await own.tokens.forget('c1', url)
  expect(own.consents.tokenStamp('c1', url)).not.toBe(stamp)
  expect(kept.size).toBe(0)
  expect(await own.consents.keptToken('c1', url)).toBeNull()
  expect(own.items.values()).toMatchObject([{ hasToken: false }])
})

it('SECURITY 10: goes to no other repository or cluster, and nowhere once own credentials are not allowed', async () => {
  own.consents.noteRepository('c2', url, 'x')
  own.consents.noteRepository('c1', `${url}2`, 'x')
  await own.tokens.keep('c1', url)
  await own.allow('c2', url, true)
  await own.allow('c1', `${url}2`, true)
  for (const [cluster, other] of [
    ['c2', url],
    ['c1', `${url}2`],
    ['c1', 'http://git.example/org/fleet'],
    ['c1', 'https://git.example:8443/org/fleet'],
  ] as const)
    expect(await own.consents.keptToken(cluster, other), other).toBeNull()
  await own.allow('c1', url, false)
  expect(await own.consents.keptToken('c1', url)).toBeNull()
})

it('SECURITY 9: is kept for no repository that nobody named, for no key’s, and not where it would be plain text', async () => {
  await expect(own.tokens.keep('c1', 'https://evil.example/x')).rejects.toMatchObject({ code: 'NotFound' })
  own.consents.noteRepository('c1', 'ssh://git@git.example/org/fleet', 'x')
  await expect(own.tokens.keep('c1', 'ssh://git@git.example/org/fleet')).rejects.toMatchObject({ code: 'Unsupported' })
  isAvailable = false
  expect(await own.tokens.store()).toEqual({ isAvailable: false, reason: 'No keyring.' })
  await expect(own.tokens.keep('c1', url)).rejects.toMatchObject({ code: 'Unsupported' })
  expect(labels).toEqual([])
  isAvailable = true
  answer = 'canceled'
  expect(await own.tokens.keep('c1', url)).toBe('canceled')
  expect(own.items.values()[0]).toMatchObject({ isAllowed: false, hasToken: false })
})

it('is part of what Git is asked with only where the source’s Secret cannot be used', async () => {
  await own.tokens.keep('c1', url)
  const cluster = new MemoryCluster()
  cluster.apply(
    gitRepository({ spec: 'secretRef: { name: deploy }' }),
    '{ apiVersion: v1, kind: Secret, metadata: { name: deploy, namespace: flux-system }, data: { username: dQ==, password: cA== } }',
  )
  const ref = cluster.ref('source.toolkit.fluxcd.io', 'GitRepository', 'flux-system', 'fleet')
  const hosts = { isAllowed: () => true, noteNamed: () => undefined, ...own.consents }
  const ask = async () => (await readGitRequest(cluster, ref, cluster.cached(ref)!, hosts, never)).request
  expect((await ask()).ownToken ?? null).toBeNull()
  cluster.delete(cluster.ref('', 'Secret', 'flux-system', 'deploy'))
  expect(await ask()).toMatchObject({ secret: null, ownToken: { username: 'git', secret: 'hush-hush' } })
})
