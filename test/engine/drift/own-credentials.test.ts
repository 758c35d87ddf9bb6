/** For which repositories the user's own Git credentials may be used: kept, bound to cluster and repository, never widened. */
import { expect, it } from 'vitest'
import { createOwnCredentials } from '../../../electron/engine/drift/own-credentials.ts'
import { ManualClock, silentLogger } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import { createMemoryStore } from './memory-store.ts'

const url = 'https://git.example/org/fleet'

it('are allowed for a repository that an object of the cluster named, remembered, and taken back', async () => {
  const ports = { clock: new ManualClock(), store: createMemoryStore(), logger: silentLogger, codec: memoryCodec }
  const told: string[] = []
  const own = createOwnCredentials(ports, (cluster) => told.push(cluster))
  await own.loaded
  await expect(own.allow('c1', url, true)).rejects.toMatchObject({ code: 'NotFound' })
  own.consents.noteRepository('c1', 'https://ana:hush@GIT.example:443/org/fleet#x', 'GitRepository/apps/fleet')
  expect(own.items.values()).toEqual([
    { key: `c1|${url}`, cluster: 'c1', url, isAllowed: false, hasToken: false, namedBy: ['GitRepository/apps/fleet'] },
  ])
  expect(own.consents.usesOwnCredentials('c1', url)).toBe(false)
  // However it is written.
  await own.allow('c1', 'https://bob@git.example/org/fleet', true)
  expect(told).toEqual(['c1'])
  expect(own.consents.usesOwnCredentials('c1', 'https://GIT.example:443/org/fleet')).toBe(true)
  const again = createOwnCredentials(ports, () => undefined)
  await again.loaded
  expect(again.consents.usesOwnCredentials('c1', url)).toBe(true)
  await again.allow('c1', url, false)
  const third = createOwnCredentials(ports, () => undefined)
  await third.loaded
  expect(third.consents.usesOwnCredentials('c1', url)).toBe(false)
})

it('SECURITY 10: mean that repository of that cluster, nothing that looks like it', async () => {
  const ports = { clock: new ManualClock(), store: createMemoryStore(), logger: silentLogger, codec: memoryCodec }
  const { consents, allow, loaded } = createOwnCredentials(ports, () => undefined)
  await loaded
  consents.noteRepository('c1', url, 'GitRepository/apps/fleet')
  await allow('c1', url, true)
  for (const other of [
    'https://git.example/org/fleet2',
    'https://git.example/org/fleet/../secrets',
    'https://git.example/org/fleet?x',
    'https://git.example:8443/org/fleet',
    'http://git.example/org/fleet',
    'ssh://git.example/org/fleet',
    'https://git.example@evil.example/org/fleet',
    'https://evil.example/https://git.example/org/fleet',
    '-https://git.example/org/fleet',
    'git@git.example:org/fleet',
    '',
  ])
    expect(consents.usesOwnCredentials('c1', other), other).toBe(false)
  expect(consents.usesOwnCredentials('c2', url)).toBe(false)
  await expect(allow('c2', url, true)).rejects.toMatchObject({ code: 'NotFound' })
})

it('are never offered where they would go out in plain text, or to what is no URL', () => {
  const ports = { clock: new ManualClock(), store: createMemoryStore(), logger: silentLogger, codec: memoryCodec }
  const { consents, items } = createOwnCredentials(ports, () => undefined)
  for (const bad of ['http://git.example/a', 'file:///etc', '-x', `https://git.example/${'x'.repeat(2000)}`])
    consents.noteRepository('c1', bad, 'GitRepository/apps/fleet')
  expect(items.values()).toEqual([])
})
