/**
 * What may happen to Git, to artifacts and to the disk, and what is held before it is deleted: a source that fails takes nothing away, and what is
 * wrong with a folder is asked about before it costs anybody an object.
 */
import { mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { PendingApproval } from '../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { fluxAssets } from '../../cluster/start.ts'
import { removeFolders } from '../clusters/running-engine.ts'
import type { FaultFleet, FluxObject } from './fault-fleet.ts'
import { startFaultFleet } from './fault-fleet.ts'
import type { HostProcess } from './fault-process.ts'
import { startHostProcess } from './fault-process.ts'
import type { HostedEngine } from './hosted-engine.ts'
import { startHostedEngine } from './hosted-engine.ts'

describe.skipIf(fluxAssets() === null)('faults of sources (skipped without FLUX_ASSETS)', () => {
  let fleet: FaultFleet
  let engine: HostedEngine | null = null
  let home = ''
  let host: HostProcess | null = null
  let round = 0

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'sluice-source-'))
    fleet = await startFaultFleet(['app', 'guard'])
    await fleet.repository.commit({ 'guard/all.yaml': configMaps(1) })
    engine = await startHostedEngine({ kubeconfig: fleet.directKubeconfig, hosting: {} })
    await change()
    await engine.switchOn()
    await allowGit()
    await waitUntil(() => engine?.state()?.state === 'active')
    await settled()
  })

  afterEach(({ task }) => {
    fleet.git.failWith(null)
    fleet.git.cutPacksAfter(null)
    if (task.result?.state === 'fail') console.log(engine?.logs.slice(-40).join('\n') ?? '', host?.words() ?? '')
  })
  afterAll(async () => {
    host?.kill('SIGKILL')
    await host?.over
    await engine?.dispose()
    await fleet?.stop()
    await removeFolders()
    await rm(home, { recursive: true, force: true })
  })

  const cluster = (): string => [...(engine?.contexts.values() ?? [])][0]?.cluster ?? ''
  const allowGit = (gitHost = fleet.gitHost): Promise<unknown> =>
    waitUntil(
      () =>
        engine?.engine.handlers['hosts.allow'](
          { cluster: cluster(), host: gitHost, isAllowed: true },
          engine.call,
        ).then(
          () => true,
          () => false,
        ) ?? false,
    )
  const change = async (more: Readonly<Record<string, string>> = {}): Promise<void> => {
    round += 1
    await fleet.commit({ app: { 'cm-always': String(round), 'sa-always': 'same', ...more } })
  }
  const refOf = (group: string, kind: string, name: string): ObjectRef => {
    return { cluster: cluster(), group, kind, namespace: 'default', name }
  }
  /** Waits for nobody's backoff. */
  const settled = async (): Promise<void> => {
    await fleet.askSource()
    await waitUntil(async () => (await fleet.source()).status?.artifact?.revision === fleet.revision)
    await fleet.ask('app')
    await fleet.settled(60_000)
  }
  const sourceReady = async (): Promise<{ readonly status: string; readonly message: string }> =>
    (await fleet.source()).status?.conditions?.find(({ type }) => type === 'Ready') ?? { status: '', message: '' }
  const failed = (): Promise<unknown> =>
    waitUntil(async () => (await sourceReady()).status === 'False' && (await sourceReady()).message)

  it('a Git host that is down, and packs that end too early, take nothing away', async () => {
    const before = await fleet.deviations()
    expect(before).toEqual([])
    const { status } = await fleet.kustomization('app')
    fleet.git.failWith(503)
    await fleet.askSource()
    await failed()
    fleet.git.failWith(null)
    await settled()
    for (const bytes of [0, 300]) {
      fleet.git.cutPacksAfter(bytes)
      await change({ 'cm-pack': 'x'.repeat(4000) })
      await fleet.askSource()
      await failed()
      expect((await fleet.kustomization('app')).status?.inventory).toEqual(status?.inventory)
      fleet.git.cutPacksAfter(null)
      await settled()
      await change()
      await settled()
    }
  }, 90_000)

  it('sources of one branch fetch a new commit once', async () => {
    const sources = '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories'
    const spec = { interval: '1h', url: fleet.repository.url, ref: { branch: fleet.repository.branch } }
    // One that wants the same, and one whose artifact is another.
    const besides = [
      { metadata: { name: 'beside' }, spec },
      { metadata: { name: 'other' }, spec: { ...spec, ignore: '/guard/' } },
    ]
    const names = ['fleet', 'beside', 'other']
    const stored = (token?: string): Promise<readonly string[]> =>
      waitUntil(async () => {
        const facts = names.map(async (name) => {
          const { status } = await fleet.cluster.requestOk<FluxObject>('GET', `${sources}/${name}`)
          if (status?.artifact?.revision !== fleet.revision) return ''
          if (token !== undefined && status.lastHandledReconcileAt !== token) return ''
          const file = path.join(engine?.dataDir ?? '', 'hosted-artifacts', cluster(), status.artifact.path)
          return (await stat(file)).size === status.artifact.size ? file : ''
        })
        const files = await Promise.all(facts)
        return files.includes('') ? null : files
      })
    await settled()
    for (const beside of besides)
      await fleet.cluster.requestOk('POST', sources, {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        ...beside,
      })
    await stored()
    const before = fleet.git.requests.length
    await change()
    const annotations = { 'reconcile.fluxcd.io/requestedAt': 'all' }
    const ask = (name: string): Promise<unknown> =>
      fleet.cluster.requestOk(
        'PATCH',
        `${sources}/${name}`,
        { metadata: { annotations } },
        'application/merge-patch+json',
      )
    await Promise.all(names.map(ask))
    expect(new Set(await stored('all')).size).toBe(3)
    const asked = fleet.git.requests.slice(before)
    expect(asked.filter((line) => line.startsWith('POST ') && line.endsWith('/git-upload-pack'))).toHaveLength(1)
    // Who wants something else looks for itself where the branch stands.
    expect(asked.filter((line) => line.includes('/info/refs?')).length).toBeGreaterThanOrEqual(2)
    for (const { metadata } of besides) await fleet.cluster.requestOk('DELETE', `${sources}/${metadata.name}`)
    await settled()
  }, 60_000)

  it('a Git host that takes connections and says nothing, or takes none', async () => {
    await change()
    await settled()
    const { status } = await fleet.kustomization('app')
    const { revision } = fleet
    const held: Socket[] = []
    const mute = createServer((socket) => void held.push(socket))
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const place = `127.0.0.1:${String((mute.address() as AddressInfo).port)}`
    const sourceAt = '/apis/source.toolkit.fluxcd.io/v1/namespaces/default/gitrepositories/fleet'
    const lead = (url: string, timeout: string | null): Promise<unknown> =>
      fleet.cluster.requestOk('PATCH', sourceAt, { spec: { url, timeout } }, 'application/merge-patch+json')
    const says = (pattern: RegExp): Promise<unknown> =>
      waitUntil(async () => (await sourceReady()).status === 'False' && pattern.test((await sourceReady()).message))
    try {
      await lead(`http://${place}/fleet.git`, '2s')
      await allowGit(place)
      await fleet.askSource()
      await says(/ took more than 2 s/)
      expect(held.length).toBeGreaterThan(0)
      for (const socket of held) socket.destroy()
      await new Promise((resolve) => mute.close(resolve))
      await fleet.askSource()
      await says(/: unable to (list remote for|clone) .*: connection refused$/)
      const source = await fleet.source()
      expect(source.status?.artifact?.revision).toBe(revision)
      expect((await fleet.kustomization('app')).status?.inventory).toEqual(status?.inventory)
    } finally {
      mute.close()
      await lead(fleet.repository.url, null)
    }
    await change()
    await settled()
  }, 90_000)

  it('a branch that was pushed by force or deleted', async () => {
    const { repository } = fleet
    await change({ 'cm-forced': '1' })
    await settled()
    const before = await repository.git('rev-parse', 'HEAD')
    await repository.git('update-ref', '-d', 'refs/heads/main')
    await fleet.askSource()
    await failed()
    expect(await fleet.deviations()).toEqual([])
    await repository.git('update-ref', 'refs/heads/main', before)
    await settled()
    // Another history altogether: nothing of the old one is in it.
    const tree = await repository.git('write-tree')
    const root = await repository.git('commit-tree', '-m', 'Begin anew', tree)
    await repository.git('update-ref', 'refs/heads/main', root)
    await change()
    await settled()
  }, 60_000)

  it('a path that is not there deletes nothing, an empty one asks first', async () => {
    const { repository } = fleet
    const { status } = await fleet.kustomization('app')
    const has = async (): Promise<void> => {
      expect((await fleet.kustomization('app')).status?.inventory).toEqual(status?.inventory)
      await fleet.cluster.requestOk('GET', '/api/v1/namespaces/default/configmaps/cm-always')
    }
    await repository.commit({ app: null })
    await fleet.askSource()
    await waitUntil(async () => (await fleet.ready('app')).message.includes('path not found'))
    await has()
    await repository.commit({ 'app/README.md': 'nothing here' })
    await fleet.askSource()
    await waitUntil(async () => (await fleet.ready('app')).message.startsWith('Prune held for approval'))
    await has()
    const [held] = [...(engine?.approvals.values() ?? [])]
    expect(held?.pruned.map(({ ref }) => ref.name).sort()).toEqual(['cm-always', 'sa-always'])
    await repository.commit({ 'app/README.md': null })
    await change()
    await settled()
    await waitUntil(() => engine?.approvals.size === 0)
  }, 60_000)

  it('held: what a revision removes stays until just that plan is approved', async () => {
    const app = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations/app'
    const setMode = (mode: 'held' | null): Promise<unknown> =>
      fleet.cluster.requestOk(
        'PATCH',
        app,
        { metadata: { annotations: { 'sluice.dev/mode': mode } }, spec: { suspend: mode === null ? null : true } },
        'application/merge-patch+json',
      )
    const names = async (): Promise<readonly string[]> => {
      const list = '/api/v1/namespaces/default/configmaps?labelSelector=kustomize.toolkit.fluxcd.io%2Fname%3Dapp'
      const { items } = await fleet.cluster.requestOk<{ items: { metadata: { name: string } }[] }>('GET', list)
      return items.map(({ metadata }) => metadata.name)
    }
    const waiting = (): Promise<PendingApproval> =>
      waitUntil(() =>
        [...(engine?.approvals.values() ?? [])].find(
          (each) => each.kind === 'revision' && each.revision === fleet.revision,
        ),
      )
    const ref = refOf('kustomize.toolkit.fluxcd.io', 'Kustomization', 'app')
    const approve = async (digest: string): Promise<unknown> =>
      engine?.engine.handlers['hosting.approve']({ ref, digest }, engine.call)

    await change({ 'cm-first': '1', 'cm-second': '1' })
    await settled()
    await setMode('held')
    const { status } = await fleet.kustomization('app')
    await change({ 'cm-second': '1' })
    await fleet.askSource()
    const first = await waiting()
    expect(first.pruned.map((each) => each.ref.name)).toEqual(['cm-first'])
    // Whatever else is asked of it, and whatever it was asked before.
    await change({})
    await fleet.askSource()
    const second = await waiting()
    expect(second.pruned.map((each) => each.ref.name).sort()).toEqual(['cm-first', 'cm-second'])
    await expect(approve(first.digest)).rejects.toMatchObject({ code: 'PlanMoved' })
    await fleet.ask('app')
    await waitUntil(async () => {
      const { metadata, status: now } = await fleet.kustomization('app')
      return now?.lastHandledReconcileAt === metadata.annotations?.['reconcile.fluxcd.io/requestedAt']
    })
    expect(await names()).toEqual(['cm-always', 'cm-first', 'cm-second'])
    expect((await fleet.kustomization('app')).status?.inventory).toEqual(status?.inventory)
    await approve(second.digest)
    await waitUntil(async () => (await fleet.kustomization('app')).status?.lastAppliedRevision === fleet.revision)
    expect(await names()).toEqual(['cm-always'])
    expect((await fleet.kustomization('app')).spec?.suspend).toBe(true)
    await setMode(null)
    await settled()
  }, 60_000)

  it('artifacts that are damaged or gone on disk are made again', async () => {
    const folder = engine?.dataDir ?? ''
    const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && /\.tar(\.gz)?$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name))
    expect(files.some((file) => file.endsWith('.tar.gz'))).toBe(true)
    expect(files.some((file) => file.endsWith('.tar'))).toBe(true)
    for (const harm of [(file: string) => truncate(file, 600), (file: string) => rm(file, { force: true })]) {
      for (const file of files) await harm(file).catch(() => undefined)
      await fleet.ask('app')
      await fleet.ask('guard')
      await settled()
      await waitUntil(async () => (await fleet.ready('guard')).status === 'True')
      // It is taken out of the status while it is made again.
      await waitUntil(async () => {
        const { artifact } = (await fleet.source()).status ?? {}
        if (artifact === undefined) return false
        const facts = await stat(path.join(folder, 'hosted-artifacts', cluster(), artifact.path)).catch(() => null)
        return facts?.size === artifact.size
      })
    }
  }, 60_000)

  it('holds what would cost too much, by each of its rules, until the user allows it', async () => {
    const apiVersion = 'v1'
    const data = [
      { apiVersion, kind: 'Namespace', metadata: { name: 'guarded' } },
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'widgets.guard.example' },
        spec: {
          group: 'guard.example',
          scope: 'Namespaced',
          names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        },
      },
      {
        apiVersion,
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'guarded', namespace: 'default' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
      },
      {
        apiVersion,
        kind: 'PersistentVolume',
        metadata: { name: 'guarded' },
        spec: { capacity: { storage: '1Mi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/nowhere' } },
      },
    ]
    const generator = (value: string): string =>
      `resources: [all.yaml]\nconfigMapGenerator: [{name: generated, namespace: default, literals: ["a=${value}"]}]\n`
    const commit = async (text: string, value = '1'): Promise<void> => {
      await fleet.repository.commit({ 'guard/all.yaml': text, 'guard/kustomization.yaml': generator(value) })
      await fleet.askSource()
    }
    const head = async (): Promise<string> => `main@sha1:${await fleet.repository.git('rev-parse', 'HEAD')}`
    const applied = async (): Promise<void> => {
      const revision = await head()
      await waitUntil(async () => (await fleet.kustomization('guard')).status?.lastAppliedRevision === revision)
    }
    const held = async (): Promise<string> => {
      const revision = await head()
      const pending = await waitUntil(() =>
        [...(engine?.approvals.values() ?? [])].find((each) => each.ref.name === 'guard' && each.revision === revision),
      )
      await waitUntil(async () => (await fleet.ready('guard')).message.startsWith('Prune held for approval'))
      return `${pending.reason} ${pending.pruned.map(({ ref }) => ref.kind).join(' ')}`
    }
    const ids = async (): Promise<number> =>
      (await fleet.kustomization('guard')).status?.inventory?.entries?.length ?? 0
    const all = (objects: readonly unknown[], count: number): string =>
      `${objects.map((object) => `---\n${JSON.stringify(object)}\n`).join('')}---\n${configMaps(count)}`

    await commit(all(data, 15))
    await applied()
    expect(await ids()).toBe(20)
    // A name that only got another hash, and ten more: one less than would be held.
    await commit(all(data, 5), '2')
    await applied()
    expect(await ids()).toBe(10)
    for (const [index, { kind, metadata }] of data.entries()) {
      const without = data.filter((_each, other) => other !== index)
      await commit(all(without, 5), String(3 + index))
      const place = 'namespace' in metadata ? `${metadata.namespace}/` : ''
      expect(await held()).toBe(`${kind} ${place}${metadata.name} would be deleted, with all that is in it ${kind}`)
      expect(await ids()).toBe(10 + 1)
      await commit(all(data, 5), '2')
      await applied()
      expect(await ids()).toBe(10)
    }
    await commit(all(data, 12), '2')
    await applied()
    expect(await ids()).toBe(17)
    await commit(all(data, 1), '2')
    expect(await held()).toMatch(/^11 of 17 objects would be deleted( ConfigMap){11}$/)
    // Allowed for exactly that.
    const [pending] = [...(engine?.approvals.values() ?? [])]
    const approve = {
      ref: refOf('kustomize.toolkit.fluxcd.io', 'Kustomization', 'guard'),
      digest: pending?.digest ?? '',
    }
    await engine?.engine.handlers['hosting.approve'](approve, engine.call)
    await applied()
    expect(await ids()).toBe(6)
    await commit(configMaps(1), '2')
    await held()
  }, 120_000)

  it('--once ends with 1 and names what is held, and with 0 once that is approved, or without the guard', async () => {
    await engine?.dispose()
    engine = null
    const words = async (more: readonly string[]): Promise<readonly [number, string]> => {
      host = startHostProcess({
        home,
        kubeconfig: fleet.directKubeconfig,
        gitHost: fleet.gitHost,
        words: ['--once', ...more],
      })
      return [await host.over, host.words()]
    }
    const [code, said] = await words([])
    expect(said).toMatch(/^Held: Kustomization\/default\/guard: .+PersistentVolumeClaim\/default\/guarded/m)
    expect(code).toBe(1)
    const digest = /\(allow it with --approve (sha256:[0-9a-f]{64})\)/.exec(said)?.[1] ?? ''
    const count = async (): Promise<number> =>
      (await fleet.kustomization('guard')).status?.inventory?.entries?.length ?? 0
    expect(await count()).toBe(6)
    const other = `sha256:${'0'.repeat(64)}`
    const [done, allowed] = await words(['--approve', other, '--approve', digest])
    expect(allowed).not.toMatch(/^Held/m)
    expect(allowed).toContain(`Nothing was held with the digest ${other}.`)
    expect([done, await count()]).toEqual([0, 2])
    // Used up: the same another time is asked for again.
    expect(await readFile(path.join(home, 'data', 'hosting-approvals.json'), 'utf8')).toBe('{}')
    await fleet.repository.commit({ 'guard/all.yaml': configMaps(14) })
    expect([(await words([]))[0], await count()]).toEqual([0, 15])
    await fleet.repository.commit({ 'guard/all.yaml': configMaps(1) })
    const [free, calm] = await words(['--no-prune-guard'])
    expect(calm).not.toMatch(/^Held/m)
    expect(free).toBe(0)
    expect((await fleet.kustomization('guard')).status?.inventory?.entries).toHaveLength(2)
  }, 240_000)

  it('a disk that is full stops new revisions and nothing else', async () => {
    const small = path.join(home, 'small')
    await mkdir(small)
    const mount = `mount -t tmpfs -o size=3m tmpfs ${small} && exec "$@"`
    host = startHostProcess({
      home: small,
      compiled: path.join(home, 'compiled'),
      kubeconfig: fleet.directKubeconfig,
      gitHost: fleet.gitHost,
      wrap: ['unshare', '--map-root-user', '--mount', 'sh', '-c', mount, 'host'],
    })
    expect(await host.active()).toBe(true)
    await change()
    await settled()
    const inside = path.join('/proc', String(host.pid), 'root', small, 'ballast')
    await expect(writeFile(inside, Buffer.alloc(4 << 20))).rejects.toMatchObject({ code: 'ENOSPC' })
    await change({ 'cm-full': 'y'.repeat(100_000) })
    await fleet.askSource()
    await failed()
    expect((await fleet.kustomization('app')).status?.inventory?.entries).toHaveLength(2)
    // It goes on with what it has.
    await fleet.cluster.requestOk('DELETE', '/api/v1/namespaces/default/configmaps/cm-always')
    await fleet.ask('app')
    await waitUntil(
      async () =>
        (await fleet.cluster.request('GET', '/api/v1/namespaces/default/configmaps/cm-always')).status === 200,
    )
    await rm(inside)
    await settled()
    await change()
    await settled()
    host.kill('SIGINT')
    expect(await host.over).toBe(0)
    expect(await fleet.wrongWrites()).toEqual([])
  }, 120_000)
})

function configMaps(count: number): string {
  return Array.from({ length: count }, (_each, index) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `guard-${String(index)}`, namespace: 'default' },
    }),
  ).join('\n---\n')
}
