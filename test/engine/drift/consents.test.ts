/** What the user decided about hosts and folders: kept, and never widened by the window. */
import { expect, it } from 'vitest'
import { createMappedFolders } from '../../../electron/engine/drift/folders.ts'
import { createHosts } from '../../../electron/engine/drift/hosts.ts'
import { FirstSeen } from '../../../electron/engine/drift/results/first-seen.ts'
import { ManualClock, silentLogger } from '../memory-cluster.ts'
import { createMemoryStore } from './memory-store.ts'

const source = {
  cluster: 'c1',
  group: 'source.toolkit.fluxcd.io',
  kind: 'GitRepository',
  namespace: 'apps',
  name: 'fleet',
}

it('allows a host for one cluster, after an object of it named the host, and remembers that', async () => {
  const ports = { clock: new ManualClock(), store: createMemoryStore(), logger: silentLogger }
  const told: string[] = []
  const hosts = createHosts(ports, (cluster) => told.push(cluster))
  await hosts.loaded
  await expect(hosts.allow('c1', 'evil.example:443', true)).rejects.toMatchObject({ code: 'NotFound' })
  expect(hosts.isAllowedFor('c1', 'git.example:443', source)).toBe(false)
  await hosts.allow('c1', 'git.example:443', true)
  expect(hosts.isAllowed('c1', 'git.example:443')).toBe(true)
  expect(hosts.isAllowed('c2', 'git.example:443')).toBe(false)
  expect(told).toEqual(['c1'])
  expect(hosts.items.values()).toEqual([
    {
      key: 'c1|git.example:443',
      cluster: 'c1',
      host: 'git.example:443',
      isAllowed: true,
      namedBy: ['GitRepository/apps/fleet'],
    },
  ])
  const again = createHosts(ports, () => undefined)
  expect(again.isAllowed('c1', 'git.example:443')).toBe(false)
  await again.loaded
  expect(again.isAllowed('c1', 'git.example:443')).toBe(true)
  await again.allow('c1', 'git.example:443', false)
  const third = createHosts(ports, () => undefined)
  await third.loaded
  expect(third.isAllowed('c1', 'git.example:443')).toBe(false)
})

it('names at most twenty objects for a host, and a thousand hosts', async () => {
  const ports = { clock: new ManualClock(), store: createMemoryStore(), logger: silentLogger }
  const hosts = createHosts(ports, () => undefined)
  await hosts.loaded
  for (let index = 0; index < 50; index += 1) hosts.noteNamed('c1', 'one:443', `GitRepository/apps/${String(index)}`)
  expect(hosts.items.values()[0]?.namedBy).toHaveLength(20)
  for (let index = 0; index < 1200; index += 1) hosts.noteNamed('c1', `host-${String(index)}:443`, 'GitRepository/a/b')
  expect(hosts.items.values().length).toBeLessThanOrEqual(1000)
})

it('maps a folder that the user picked, and forgets it on request', async () => {
  const picked: string[][] = [[], ['/folders/fleet']]
  const ports = {
    clock: new ManualClock(),
    store: createMemoryStore(),
    logger: silentLogger,
    shell: { pickFiles: () => Promise.resolve(picked.shift() ?? []) },
    folders: {
      resolve: (path: string) => Promise.resolve(path),
      display: (path: string) => path.replace('/folders', '~'),
    },
  } as unknown as Parameters<typeof createMappedFolders>[0]
  let changes = 0
  const folders = createMappedFolders(ports, () => (changes += 1))
  expect(await folders.map(source)).toEqual({ canceled: true })
  expect(await folders.map(source)).toEqual({ canceled: false })
  expect(folders.folderOf(source)).toEqual({ path: '/folders/fleet', label: '~/fleet' })
  expect(folders.folderOf({ ...source, cluster: 'c2' })).toBeNull()
  const again = createMappedFolders(ports, () => undefined)
  await again.loaded
  expect(again.items.values()[0]?.folder).toBe('~/fleet')
  await folders.unmap(source)
  expect(folders.folderOf(source)).toBeNull()
  expect(changes).toBe(2)
})

it('remembers since when over restarts, in bounds', async () => {
  const clock = new ManualClock()
  const ports = { clock, store: createMemoryStore(), logger: silentLogger }
  const seen = new FirstSeen(ports)
  await seen.loaded
  const startedAt = clock.now()
  expect(seen.mark('a', startedAt)).toBe(startedAt)
  for (let index = 0; index < 12_000; index += 1) seen.mark(`b-${String(index)}`, startedAt)
  seen.mark('kept', startedAt)
  seen.clear('b-11999')
  await seen.dispose()
  const again = new FirstSeen(ports)
  await again.loaded
  expect(again.mark('kept', startedAt + 1000)).toBe(startedAt)
  expect(again.mark('b-11999', startedAt + 1000)).toBe(startedAt + 1000)
  expect(again.mark('a', startedAt + 1000)).toBe(startedAt + 1000)
})
