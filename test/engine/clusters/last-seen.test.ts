/** Whose rows of before a context shows while its cluster is silent, and when they are deleted. */
import { afterEach, describe, expect, it } from 'vitest'
import { createAccessReviews } from '../../../electron/engine/access/access-reviews.ts'
import { FirstView } from '../../../electron/engine/clusters/first-view.ts'
import { LiveCluster } from '../../../electron/engine/clusters/live-cluster.ts'
import { ContextRegistry } from '../../../electron/engine/clusters/registry.ts'
import type { KubeConfigSet, KubeContextInfo, Ports } from '../../../electron/engine/ports.ts'
import { SettingsStore } from '../../../electron/engine/settings/settings-store.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { createMemoryStore } from '../drift/memory-store.ts'
import { ManualClock, silentLogger } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import { KeptCluster, kustomization } from '../snapshot/kept-cluster.ts'
import { MemoryFiles } from '../snapshot/memory-files.ts'

const info: KubeContextInfo = {
  id: 'lab',
  name: 'lab',
  cluster: 'lab',
  server: 'https://127.0.0.1:6443',
  user: 'me',
  namespace: '',
  file: '',
  isPlayground: false,
  endpointHash: 'server-and-ca',
  configHash: '1',
  warnings: [],
  problem: null,
}

async function start(remembered: object) {
  const files = new MemoryFiles()
  const before = new KeptCluster(files)
  before.objects = [kustomization('a'), kustomization('b')]
  await before.save()
  const clock = new ManualClock()
  const store = createMemoryStore()
  const known = { context: 'lab', cluster: 'c', server: info.server, lastSeenAt: 1, ...remembered }
  await store.write('contexts.json', JSON.stringify({ version: 1, selected: ['lab'], known: [known] }))
  let tell: (set: KubeConfigSet) => void = () => undefined
  const ports = {
    clock,
    random: { uuid: () => '', unit: () => 0 },
    logger: silentLogger,
    codec: memoryCodec,
    store,
    snapshots: files,
    environment: { userName: 'me' },
    kubeConfigs: {
      watch(listener: typeof tell) {
        tell = listener
        listener({ contexts: [info], files: [], current: 'lab' })
        return () => undefined
      },
      open() {
        throw new SluiceError('ContextInvalid', 'nobody is there')
      },
    },
  } as unknown as Ports
  const registry = new ContextRegistry({
    ports,
    settings: new SettingsStore(ports),
    access: createAccessReviews(ports),
    firstView: new FirstView(clock, false),
  })
  running.push(registry)
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) {
      await clock.advance(20)
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  }
  await settle()
  const names = (): readonly string[] =>
    registry.views().flatMap((view) => [...view.rows()].map(({ ref, status }) => `${ref.name} ${status.word}`))
  const change = async (contexts: readonly KubeContextInfo[]): Promise<void> => {
    tell({ contexts, files: [], current: null })
    await settle()
  }
  return { registry, files, names, change, settle }
}
const running: ContextRegistry[] = []
afterEach(() => Promise.all(running.splice(0).map((registry) => registry.dispose())))
const own = { endpointHash: info.endpointHash, user: info.user, identity: 'ann' }

describe('a context whose cluster is silent', () => {
  it('shows what it saw last', async () => {
    const { names, registry } = await start(own)
    expect(names()).toEqual(['a Stale', 'b Stale'])
    expect(registry.contextRow('lab')?.snapshotAt).not.toBeNull()
  })

  it.each([
    ['server or authority', { ...own, endpointHash: 'other' }],
    ['user', { ...own, user: 'other' }],
    ['identity', { ...own, identity: 'bob' }],
    ['Sluice', {}],
  ])('shows nothing that was seen by another %s', async (_what, remembered) => {
    const { names, registry } = await start(remembered)
    expect([names(), registry.contextRow('lab')?.snapshotAt]).toEqual([[], null])
  })

  it('shows nothing any longer once it is pointed elsewhere', async () => {
    const { names, change } = await start(own)
    await change([{ ...info, endpointHash: 'other', configHash: '2' }])
    expect(names()).toEqual([])
  })
})

describe('what is told of a cluster', () => {
  it('has its rows before anything that counts them', async () => {
    const { registry } = await start(own)
    const [view] = registry.views()
    const [row] = view?.rows() ?? []
    if (!(view instanceof LiveCluster) || row === undefined) throw new Error('nothing was last seen')
    const told = new Set<string>()
    view.watchRows(({ upsert }) => {
      for (const { key } of upsert) told.add(key)
    })
    for (let index = 0; index < 20; index += 1) view.table.put({ ...row, key: `new-${String(index)}` })
    expect(told.size).toBe(0)
    await registry.setReadOnly('lab', true)
    expect(told.size).toBe(20)
  })
})

describe('what was last seen', () => {
  it('is deleted with the last context that led there, and not before', async () => {
    const { registry, files, change } = await start(own)
    const before = registry.contextIds()
    await registry.forgetGone(before)
    expect(files.files.size).toBe(1)
    await change([])
    await registry.forgetGone(before)
    expect(files.files.size).toBe(0)
  })

  it('is deleted for the clusters that are forgotten', async () => {
    const { registry, files } = await start(own)
    await registry.forgetLastSeen(['other'])
    expect(files.files.size).toBe(1)
    await registry.forgetLastSeen(['c'])
    expect(files.files.size).toBe(0)
  })
})
