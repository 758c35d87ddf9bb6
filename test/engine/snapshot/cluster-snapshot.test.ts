import { describe, expect, it } from 'vitest'
import { refKey } from '../../../shared/model/identity.ts'
import type { TreeNode } from '../../../shared/model/rows.ts'
import { memoryCodec } from '../memory-codec.ts'
import { KeptCluster, kustomization, refOf } from './kept-cluster.ts'
import { MemoryFiles } from './memory-files.ts'

async function saved(count: number, change: (cluster: KeptCluster) => void = () => undefined): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  const cluster = new KeptCluster(files)
  cluster.objects = Array.from({ length: count }, (_, index) => kustomization(`app-${String(index)}`))
  change(cluster)
  await cluster.save()
  return files
}

/** Everything in the files, as text. */
function plainText(files: MemoryFiles): string {
  const texts: string[] = []
  for (const { bytes } of files.files.values()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    for (let offset = 16; offset + 24 < bytes.length;) {
      const length = view.getUint32(offset)
      texts.push(memoryCodec.inflate(bytes.subarray(offset + 20, offset + 20 + length)))
      offset += 20 + length
    }
  }
  return texts.join('\n')
}

describe('what was last seen of a cluster', () => {
  it('comes back whole: rows in order, objects one by one, versions and age', async () => {
    const files = await saved(730)
    const later = new KeptCluster(files)
    later.isWhole = false
    await later.clock.advance(60_000)
    await later.show()
    expect(later.seeded.map(({ ref }) => ref.name)).toEqual(Array.from({ length: 730 }, (_, n) => `app-${String(n)}`))
    expect(later.snapshot).toMatchObject({ at: files.one.at, kubernetesVersion: 'v1.36.0', fluxVersion: 'v2.9.1' })
    for (const name of ['app-0', 'app-400', 'app-729'])
      expect(await later.snapshot.object(refOf(name))).toEqual(kustomization(name))
    expect(await later.snapshot.object(refOf('never'))).toBeNull()
  })

  it('holds no more than a piece at a time, however many objects there are', async () => {
    const files = await saved(3000)
    expect(files.largest).toBeLessThan(64 * 1024)
  })

  it('is nobody else’s: another identity, and one identity of two that saw it together, see nothing', async () => {
    const files = await saved(3, (cluster) => {
      cluster.identities = ['ann', 'admin']
    })
    for (const identities of [['bob'], ['ann'], [], ['ann', 'bob']]) {
      const later = new KeptCluster(files)
      await later.show(identities)
      expect([later.seeded.length, later.snapshot.at]).toEqual([0, null])
    }
    const both = new KeptCluster(files)
    await both.show(['admin', 'ann'])
    expect(both.seeded).toHaveLength(3)
  })

  it('of one identity is shown to it beside another', async () => {
    const later = new KeptCluster(await saved(3))
    await later.show(['bob', 'ann'])
    expect(later.seeded).toHaveLength(3)
  })

  it('is shown for no other cluster', async () => {
    const files = await saved(3)
    const [[path, file] = ['', { bytes: new Uint8Array(), at: 0 }]] = files.files
    const other = new KeptCluster(files, 'other')
    const folder = memoryCodec.sha256Hex('other').slice(0, 32)
    files.files.set(`${folder}/${path.split('/')[1] ?? ''}`, file)
    await other.show()
    expect(other.seeded).toEqual([])
  })

  it('is written after the first whole list, again three minutes later at most, and at the end', async () => {
    const files = new MemoryFiles()
    const cluster = new KeptCluster(files)
    cluster.objects = [kustomization('a')]
    cluster.isWhole = false
    cluster.snapshot.becameWhole()
    await cluster.save()
    expect(files.files.size).toBe(0)
    cluster.isWhole = true
    await cluster.save()
    const first = files.one
    cluster.changeCount += 1
    await cluster.save()
    expect(files.one).toBe(first)
    await cluster.clock.advance(3 * 60_000)
    await cluster.save()
    const second = files.one
    expect(second).not.toBe(first)
    cluster.changeCount += 1
    await cluster.settle(cluster.snapshot.dispose(true))
    expect(files.one).not.toBe(second)
  })

  it('that is unchanged is known to be so until the cluster falls silent', async () => {
    const files = new MemoryFiles()
    const cluster = new KeptCluster(files)
    cluster.objects = [kustomization('a')]
    await cluster.save()
    await cluster.clock.advance(600_000)
    await cluster.save()
    const confirmed = files.one.at
    expect(confirmed).toBeGreaterThan(cluster.clock.now() - 60_000)
    cluster.isReached = false
    await cluster.clock.advance(600_000)
    await cluster.save()
    expect(files.one.at).toBe(confirmed)
    cluster.changeCount += 1
    await cluster.save(true)
    expect(files.one.at).toBe(5000)
  })

  it('is never overwritten by itself', async () => {
    const files = await saved(3)
    const before = files.one
    const later = new KeptCluster(files)
    await later.show()
    await later.save(true)
    expect(files.one).toBe(before)
  })

  it('stays as it was where the disk is full', async () => {
    const files = await saved(3)
    const before = files.one
    const cluster = new KeptCluster(files)
    cluster.objects = [kustomization('new')]
    files.failIn = 3
    await cluster.save()
    expect(files.one).toBe(before)
    expect(cluster.logs).toContain('snapshot not saved')
  })

  it('is set aside, and said, where any byte of it was changed or is missing', async () => {
    const first = await saved(250)
    const [path = ''] = first.files.keys()
    const whole = first.one.bytes
    for (let step = 0; step < 60; step += 1) {
      const files = new MemoryFiles()
      files.files.set(path, { ...first.one })
      const at = Math.floor((whole.length * step) / 60)
      const bytes = step % 2 === 0 ? files.one.bytes.slice() : files.one.bytes.slice(0, at)
      if (step % 2 === 0) bytes[at] = (bytes[at] ?? 0) ^ 0x55
      files.one.bytes = bytes
      const later = new KeptCluster(files)
      await later.show()
      const objects = await Promise.all([0, 100, 249].map((n) => later.snapshot.object(refOf(`app-${String(n)}`))))
      // Whatever is shown is what was written: damage is found or lies where nobody looked.
      for (const row of later.seeded) expect(row.target).toBe(`./${row.ref.name}`)
      for (const object of objects) if (object !== null) expect(object.spec).toMatchObject({ interval: '10m' })
      const isWhole = later.seeded.length === 250 && objects.every((object) => object !== null)
      if (!isWhole)
        expect([step, files.aside.length, later.snapshot.problem]).toEqual([
          step,
          1,
          expect.stringMatching(/set aside/),
        ])
    }
  })

  it('has no secret in it, wherever somebody put one', async () => {
    const files = await saved(3, (cluster) => {
      cluster.objects = [
        kustomization('values', { spec: { values: { db: { adminPassword: 'hunter2-plain' }, apiKey: 'k-9x8y7z' } } }),
        kustomization('url', { path: 'https://ann:hunter3-plain@git.example.org/x' }),
        kustomization('said', { message: 'dial failed: password=hunter4-plain' }),
        kustomization('key', { message: '-----BEGIN PRIVATE KEY-----\nhunter5-plain\n-----END PRIVATE KEY-----' }),
        kustomization('name', { spec: { decryption: { secretRef: { name: 'sops-age' } } } }),
      ]
    })
    const text = plainText(files)
    expect(text).toContain('app')
    expect(text).toContain('sops-age')
    expect(text).not.toMatch(/hunter\d-plain|k-9x8y7z/)
    const later = new KeptCluster(files)
    await later.show()
    expect(later.seeded).toHaveLength(5)
    expect(await later.snapshot.object(refOf('values'))).toMatchObject({ spec: { interval: '10m' } })
  })

  it('is gone once forgotten, and is written anew when something changes', async () => {
    const files = new MemoryFiles()
    const cluster = new KeptCluster(files)
    cluster.objects = [kustomization('a')]
    await cluster.save()
    await cluster.snapshot.forget()
    await cluster.save(true)
    expect(files.files.size).toBe(0)
    cluster.changeCount += 1
    await cluster.save(true)
    expect(files.files.size).toBe(1)
  })

  it('is nothing where nothing is kept', async () => {
    const cluster = new KeptCluster(null)
    await cluster.save(true)
    await cluster.show()
    expect([cluster.seeded, await cluster.snapshot.tree(refOf('a'), () => null)]).toEqual([[], null])
  })
})

describe('a tree as it was last on screen', () => {
  const nodeOf = (name: string, parent: string | null): TreeNode => ({
    key: refKey(refOf(name)),
    parent,
    ref: refOf(name),
    version: 'v1',
    order: 0,
    shortKind: 'ks',
    isFlux: true,
    status: 'Ready',
    message: '',
    cause: '',
    ready: '1/1',
    createdAt: null,
    uid: '',
    problem: null,
  })

  it('is shown again; one that never was comes from the inventory, without states', async () => {
    const files = new MemoryFiles()
    const cluster = new KeptCluster(files)
    cluster.objects = [kustomization('a'), kustomization('b')]
    await cluster.save()
    const nodes = [nodeOf('a', null), nodeOf('a-1', refKey(refOf('a')))]
    cluster.snapshot.keepTree(refOf('a'), nodes)
    await cluster.settle(cluster.snapshot.dispose(true))
    const later = new KeptCluster(files)
    await later.show()
    expect(await later.snapshot.tree(refOf('a'), () => null)).toEqual(nodes)
    const other = await later.snapshot.tree(refOf('b'), () => null)
    expect(other?.map(({ ref, status }) => `${ref.kind}/${ref.name} ${status}`)).toEqual([
      'Kustomization/b Unknown',
      'Deployment/web Unknown',
    ])
  })

  it('is not another identity’s', async () => {
    const files = new MemoryFiles()
    const cluster = new KeptCluster(files)
    cluster.objects = [kustomization('a')]
    cluster.snapshot.keepTree(refOf('a'), [nodeOf('a', null), nodeOf('only-ann', null)])
    cluster.identities = ['bob']
    await cluster.settle(cluster.snapshot.dispose(true))
    const later = new KeptCluster(files)
    await later.show(['bob'])
    const nodes = await later.snapshot.tree(refOf('a'), () => null)
    expect(nodes?.map(({ ref }) => ref.name)).toEqual(['a', 'web'])
  })
})
