/**
 * What may happen to the API server, to the way there and to this machine while hosted mode applies: after each of them the cluster is exactly what Git
 * says, nothing is left over, and the audit log has no write that the lease did not cover.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request as sendHttps } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { KubeClient } from '../../../electron/engine/ports.ts'
import { passThrough } from '../../../electron/engine/reconcile/lease/fence.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { createChance } from '../../cluster/drift/random.ts'
import { fluxAssets } from '../../cluster/start.ts'
import { isSoak, scaleCount, seed } from '../../soak.ts'
import { removeFolders } from '../clusters/running-engine.ts'
import type { FaultFleet, FleetModel } from './fault-fleet.ts'
import { startFaultFleet } from './fault-fleet.ts'
import type { Fate, PassedRequest } from './fault-proxy.ts'
import { kindOf } from './fault-proxy.ts'
import type { HostedEngine } from './hosted-engine.ts'
import { quickTimings, startHostedEngine } from './hosted-engine.ts'

/** Milliseconds: some thirty requests at two seconds each. */
const slowMs = isSoak ? 900_000 : 240_000
const mergePatch = 'application/merge-patch+json'
const leases = '/apis/coordination.k8s.io/v1/namespaces/flux-system/leases'
const kustomizeLease = `${leases}/kustomize-controller-leader-election`
const appAt = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations/app'

describe.skipIf(fluxAssets() === null)('faults on the way to the API server (skipped without FLUX_ASSETS)', () => {
  let fleet: FaultFleet
  let engine: HostedEngine
  let folder = ''
  let tokenFile = ''
  /** Of the engine's wall clock. */
  let skewMs = 0
  let round = 0

  let slow: Promise<SlowRun>
  const others: HostedEngine[] = []
  const hosting = { timings: quickTimings } as const
  /** By the engine, in order, each at the moment in which it went out: what arrives may have been on its way for a while. */
  const wentOut: Pick<PassedRequest, 'method' | 'path' | 'kind'>[] = []

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sluice-way-'))
    // Most of the time it waits: it runs beside the others, and the test that is last of all asks how it went.
    slow = runSlowly()
    slow.catch(() => undefined)
    tokenFile = path.join(folder, 'token')
    await writeFile(tokenFile, 'first')
    fleet = await startFaultFleet(['app'])
    const kubeconfig = path.join(folder, 'kubeconfig')
    await writeFile(kubeconfig, fleet.proxy.kubeconfig({ tokenFile }), { mode: 0o600 })
    engine = await startHostedEngine({
      kubeconfig,
      hosting,
      wrapPorts: (ports) => ({
        ...ports,
        clock: { ...ports.clock, now: () => ports.clock.now() + skewMs },
        kubeConfigs: { ...ports.kubeConfigs, open: (context) => noteSent(ports.kubeConfigs.open(context)) },
      }),
    })
    await change({})
    await engine.switchOn()
    await allowGit(engine, fleet)
    await waitUntil(() => engine.state()?.state === 'active')
    await fleet.settled()
  })

  afterEach(({ task }) => {
    fleet.proxy.obey(null)
    fleet.proxy.freezeWatches(false)
    if (task.result?.state === 'fail') console.log(engine.logs.slice(-60).join('\n'))
  })
  afterAll(async () => {
    await slow?.catch(() => undefined)
    for (const other of [...others, engine]) await other?.dispose()
    await fleet?.stop()
    await removeFolders()
    await rm(folder, { recursive: true, force: true })
  })

  const noteSent = (client: KubeClient): KubeClient => ({
    ...passThrough(client),
    request: (request) =>
      client.request({
        ...request,
        demand: () => {
          request.demand?.()
          const { method, path: at } = request
          wentOut.push({ method, path: at, kind: kindOf(method, at) })
        },
      }),
  })
  const requeueSource = (of = engine): Promise<void> => lookAtSource(of)
  const requeueApp = (): Promise<void> =>
    engine.engine.hosting.requeue(refOf(engine, 'kustomize.toolkit.fluxcd.io', 'Kustomization', 'app'))

  /** What is always there, changed each time, and `more`. */
  async function change(more: Readonly<Record<string, string>>): Promise<FleetModel> {
    round += 1
    const model = {
      app: {
        'cm-always': String(round),
        'cm-same': 'same',
        'sa-always': String(round),
        'cr-always': String(round),
        ...more,
      },
    }
    await fleet.commit(model)
    return model
  }
  const isStatusOfApp = ({ method, path: at }: PassedRequest): boolean =>
    method === 'PATCH' && at.startsWith(`${appAt}/status`)
  const isOfApply = ({ kind }: PassedRequest): boolean => kind === 'write' || kind === 'dryRun' || kind === 'read'
  const active = async (): Promise<unknown> => waitUntil(() => engine.state()?.state === 'active', 90_000)
  /** Whatever waits for its next try is tried now. */
  const settledSoon = async (): Promise<void> => {
    fleet.proxy.obey(null)
    await active()
    await requeueSource()
    await requeueApp()
    await fleet.settled(60_000)
  }

  it('answers that never came are not forgotten, though no watch tells of them', async () => {
    fleet.proxy.freezeWatches(true)
    let cuts = 0
    fleet.proxy.obey((request) => {
      if (!isStatusOfApp(request)) return 'pass'
      cuts += 1
      return 'cutAfter'
    })
    const { app } = await change({ 'cm-fleeting': '1' })
    await requeueSource()
    await waitUntil(async () => (await fleet.deviations(false)).length === 0)
    expect(app).toHaveProperty('cm-fleeting')
    expect(cuts).toBeGreaterThan(0)
    // What is known here of the inventory is older than what the server has.
    await change({})
    fleet.proxy.obey(null)
    await requeueSource()
    await waitUntil(async () => {
      await requeueApp()
      return (await fleet.deviations()).length === 0
    })
    fleet.proxy.freezeWatches(false)
    expect(engine.state()?.found).toEqual([])
  }, 90_000)

  it('an object whose state cannot be read is left alone', async () => {
    const at = '/api/v1/namespaces/default/configmaps/cm-same'
    const marked = { metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' } } }
    await fleet.cluster.requestOk('PATCH', at, { ...marked, data: { value: 'by hand' } }, mergePatch)
    fleet.proxy.obey(({ method, path: asked }) => (method === 'GET' && asked === at ? { status: 500 } : 'pass'))
    await change({})
    await requeueSource()
    await waitUntil(async () => (await fleet.ready('app')).message.includes('cm-same'))
    await settledSoon()
    const { data } = await fleet.cluster.requestOk<{ readonly data: unknown }>('GET', at)
    expect(data).toEqual({ value: 'by hand' })
    const free = { metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': null } } }
    await fleet.cluster.requestOk('PATCH', at, free, mergePatch)
  }, 60_000)

  it('a conflict that passes makes nothing anew, however much force is allowed', async () => {
    await fleet.cluster.requestOk('PATCH', appAt, { spec: { force: true } }, mergePatch)
    const uids = async (): Promise<readonly unknown[]> => {
      const { items } = await fleet.cluster.requestOk<{ items: { metadata: { name: string; uid: string } }[] }>(
        'GET',
        '/api/v1/namespaces/default/configmaps?labelSelector=kustomize.toolkit.fluxcd.io%2Fname',
      )
      return items.map(({ metadata }) => [metadata.name, metadata.uid])
    }
    const before = await uids()
    let left = 2
    fleet.proxy.obey(({ kind, path: at }) => {
      if (kind !== 'dryRun' || !at.includes('/configmaps/cm-always')) return 'pass'
      left -= 1
      return left >= 0 ? { status: 409 } : 'pass'
    })
    await change({})
    await requeueSource()
    await fleet.settled()
    expect(left).toBeLessThan(0)
    expect(await uids()).toEqual(before)
    await fleet.cluster.requestOk('PATCH', appAt, { spec: { force: null } }, mergePatch)
    await settledSoon()
  }, 60_000)

  it(
    '429, 409, 500, cuts and delays at random',
    async () => {
      const chance = createChance(seed())
      const counts: Record<string, number> = {}
      for (let storm = 0; storm < scaleCount(20); storm += 1) {
        let left = 80
        fleet.proxy.obey(async (request): Promise<Fate> => {
          if (request.kind === 'watch') return 'pass'
          left -= 1
          if (left < 0 || chance.below(3) > 0) return 'pass'
          const fate = chance.pick([
            { status: 429, headers: { 'retry-after': '1' } },
            { status: 409 },
            { status: 500 },
            { status: 503 },
            'cutBefore',
            'cutAfter',
            'delay',
          ] as const)
          const word = typeof fate === 'string' ? fate : String(fate.status)
          counts[word] = (counts[word] ?? 0) + 1
          if (fate !== 'delay') return fate
          await delay(chance.below(300))
          return 'pass'
        })
        await change(chance.below(2) === 0 ? { 'cm-storm': '1', 'pc-storm': '1' } : {})
        // The request of a person who knows nothing of the storm.
        await requeueSource().catch(() => undefined)
        await waitUntil(() => left < 40, 30_000).catch(() => undefined)
        await change(chance.below(2) === 0 ? { 'cm-later': '1' } : {})
        await settledSoon()
      }
      console.log(`storms: ${JSON.stringify(counts)}`)
      expect(Object.keys(counts).length).toBeGreaterThan(4)
    },
    30 * 60_000,
  )

  it('the server dies in the middle, its history is compacted, and it comes back', async () => {
    let writes = 0
    const expiredBefore = fleet.proxy.expired()
    const killed: Promise<void>[] = []
    fleet.proxy.obey(({ kind }) => {
      writes += kind === 'write' ? 1 : 0
      if (writes === 3 && killed.length === 0) killed.push(fleet.cluster.apiServer.kill())
      return 'pass'
    })
    await change({ 'cm-before': '1' })
    await requeueSource()
    await waitUntil(() => killed.length > 0)
    await Promise.all(killed)
    await compactStore(fleet)
    fleet.proxy.obey(null)
    await fleet.cluster.apiServer.restart()
    await change({})
    await settledSoon()
    // Watches went on after their 410: an edit is seen without being asked for.
    await fleet.ask('app')
    await waitUntil(async () => {
      const { status } = (await fleet.kustomization('app')) as { status?: { lastHandledReconcileAt?: string } }
      const { metadata } = await fleet.kustomization('app')
      return status?.lastHandledReconcileAt === metadata.annotations?.['reconcile.fluxcd.io/requestedAt']
    })
    expect(fleet.proxy.expired()).toBeGreaterThan(expiredBefore)
  }, 180_000)

  it('the server stops for longer than the lease lasts', async () => {
    let writes = 0
    fleet.proxy.obey(({ kind }) => {
      writes += kind === 'write' ? 1 : 0
      if (writes === 2) fleet.cluster.apiServer.pause()
      return 'pass'
    })
    await change({ 'cm-paused': '1' })
    await requeueSource()
    await waitUntil(() => writes >= 2)
    await waitUntil(() => engine.state()?.state !== 'active', 20_000)
    const sent = fleet.proxy.requests.length
    fleet.proxy.obey(null)
    fleet.cluster.apiServer.resume()
    await active()
    const after = fleet.proxy.requests.slice(sent)
    const confirmed = after.findIndex(({ kind, method }) => kind === 'lease' && method === 'PUT')
    expect(after.slice(0, Math.max(0, confirmed)).filter(({ kind }) => kind === 'write')).toEqual([])
    await change({})
    await settledSoon()
  }, 90_000)

  it('the lease is stolen in the middle of an apply', async () => {
    let writes = 0
    let stolenAt = 0
    fleet.proxy.obey(async ({ kind }): Promise<Fate> => {
      if (kind !== 'write') return 'pass'
      writes += 1
      if (writes === 3) {
        const spec = { holderIdentity: 'thief', renewTime: new Date().toISOString().replace('Z', '000Z') }
        await fleet.cluster.requestOk('PATCH', kustomizeLease, { spec }, mergePatch)
        stolenAt = performance.now()
      }
      // Long enough for it to be noticed.
      if (writes >= 3) await delay(300)
      return 'pass'
    })
    await change({ 'cm-a': '1', 'cm-b': '1', 'cm-c': '1', 'cm-d': '1', 'cm-e': '1' })
    await requeueSource()
    await waitUntil(() => engine.state()?.state === 'waiting', 20_000)
    const noticedAt = performance.now()
    expect(stolenAt).toBeGreaterThan(0)
    const before = fleet.proxy.requests.length
    await active()
    const takenAt =
      fleet.proxy.requests.slice(before).findLast(({ kind, method }) => kind === 'lease' && method === 'PUT')?.at ?? 0
    const between = fleet.proxy.requests.filter(({ kind, at }) => kind === 'write' && at > noticedAt && at < takenAt)
    expect(between).toEqual([])
    await change({ 'cm-a': '1' })
    await settledSoon()
  }, 90_000)

  it('the token runs out in the middle of an apply', async () => {
    let writes = 0
    let refused = 0
    fleet.proxy.obey(({ kind, authorization }) => {
      writes += kind === 'write' ? 1 : 0
      if (writes < 3 || authorization === 'Bearer second') return 'pass'
      refused += 1
      return { status: 401 }
    })
    await change({ 'cm-token': '1' })
    await requeueSource()
    await waitUntil(() => refused > 2)
    await writeFile(tokenFile, 'second')
    await fleet.settled(60_000)
    fleet.proxy.obey(null)
    await change({})
    await settledSoon()
  }, 90_000)

  it('the clock jumps by an hour, forwards and back', async () => {
    const hourMs = 3_600_000
    // While the source is fetched, which a first write has said, and in the middle of an apply.
    for (const [jumpMs, at, busy] of [
      [hourMs, 1, 'source'],
      [-hourMs, 1, 'source'],
      [hourMs, 3, 'kustomize'],
      [-hourMs, 3, 'kustomize'],
    ] as const) {
      const began = Date.now()
      let writes = 0
      let before = 0
      fleet.proxy.obey(({ kind }) => {
        writes += kind === 'write' ? 1 : 0
        if (writes === at && skewMs !== jumpMs) {
          skewMs = jumpMs
          before = wentOut.length
        }
        return 'pass'
      })
      // That of the jump before this one is pruned.
      await change({ [`cm-jump-${String(jumpMs)}-${String(at)}`]: '1' })
      await (busy === 'source' ? fleet.askSource() : requeueSource())
      await waitUntil(() => skewMs === jumpMs)
      await settledSoon()
      const after = wentOut.slice(before)
      for (const controller of ['source', 'kustomize']) {
        const isOwnWrite = ({ kind, path: to }: (typeof after)[number]): boolean =>
          kind === 'write' && to.startsWith('/apis/source.toolkit.fluxcd.io/') === (controller === 'source')
        const lease = `${leases}/${controller}-controller-leader-election`
        const renewed = after.findIndex(({ method, path: to }) => method === 'PUT' && to.startsWith(lease))
        // What was allowed by the clock before is allowed by nothing until the server has the lease renewed.
        expect(after.slice(0, renewed < 0 ? after.length : renewed).filter(isOwnWrite)).toEqual([])
        if (controller === busy) expect(after.filter(isOwnWrite)).not.toEqual([])
      }
      // The run that begins anew does nothing that was done already.
      const done = await fleet.objectWrites(began)
      expect(done).toContain('patch /api/v1/namespaces/default/configmaps/cm-always')
      expect(done.filter((each, index) => done.indexOf(each) !== index)).toEqual([])
    }
    skewMs = 0
    await change({})
    await settledSoon()
  }, 90_000)

  it('sleeps while another one acts, and does not wake up with what it knew before', async () => {
    let writes = 0
    const asleep: Promise<void>[] = []
    fleet.proxy.obey(({ kind }) => {
      writes += kind === 'write' ? 1 : 0
      if (writes === 3 && asleep.length === 0) asleep.push(engine.engine.hosting.suspend())
      return 'pass'
    })
    await change({ 'cm-evening': '1' })
    await requeueSource()
    await waitUntil(() => asleep.length > 0)
    await Promise.all(asleep)
    // Its connections stand and say nothing, as after ten minutes of sleep.
    fleet.proxy.freezeWatches(true)
    skewMs += 600_000
    const sent = fleet.proxy.requests.length

    const other = await startHostedEngine({ kubeconfig: fleet.directKubeconfig, version: '0.0.0-other', hosting })
    others.push(other)
    await other.switchOn()
    await allowGit(other, fleet)
    await change({ 'cm-night': '1' })
    await waitUntil(() => other.state()?.state === 'active', 30_000)
    await requeueSource(other)
    await fleet.settled(60_000)
    await other.switchOff()
    // Whoever looks at who holds the leases writes nothing.
    const isWrite = ({ kind, method }: PassedRequest): boolean =>
      kind === 'write' || (kind === 'lease' && method !== 'GET')
    expect(fleet.proxy.requests.slice(sent).filter(isWrite)).toEqual([])

    const values: string[] = []
    fleet.proxy.obey((request) => {
      if (request.kind === 'write' && request.path.includes('/configmaps/')) values.push(request.path)
      return 'pass'
    })
    engine.engine.hosting.resume()
    await active()
    await waitUntil(() => fleet.proxy.requests.slice(sent).some(isStatusOfApp))
    // It finds all as the other one left it.
    await fleet.settled()
    expect(values).toEqual([])
    await change({})
    await requeueSource()
    await fleet.settled()
    fleet.proxy.freezeWatches(false)
  }, 120_000)

  it('a process that was stopped for longer than the lease lasts writes nothing when it goes on', async () => {
    await engine.switchOff()
    const program = path.join(import.meta.dirname, 'fault-host-child.ts')
    const words = [path.join(folder, 'kubeconfig'), path.join(folder, 'child'), fleet.gitHost]
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const over = once(child, 'close')
    try {
      let said = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
      await waitUntil(() => said.includes('active'), 60_000)
      await fleet.settled()
      let writes = 0
      let isStopped = false
      fleet.proxy.obey(({ kind }) => {
        writes += kind === 'write' ? 1 : 0
        // The answer is there when it goes on: the next step is a write.
        if (writes === 3 && !isStopped) isStopped = child.kill('SIGSTOP')
        return 'pass'
      })
      await change({ 'cm-x': '1', 'cm-y': '1', 'cm-z': '1' })
      await fleet.askSource()
      await waitUntil(() => isStopped)
      const renewed = async (): Promise<string> => {
        const lease = await fleet.cluster.requestOk<{ spec: { renewTime: string } }>('GET', kustomizeLease)
        return lease.spec.renewTime
      }
      const seen = await renewed()
      await waitUntil(async () => Date.now() - Date.parse(seen) > quickTimings.leaseDurationMs)
      expect(await renewed()).toBe(seen)
      const spec = { holderIdentity: 'thief', renewTime: new Date().toISOString().replace('Z', '000Z') }
      await fleet.cluster.requestOk('PATCH', kustomizeLease, { spec }, mergePatch)
      const sent = fleet.proxy.requests.length
      child.kill('SIGCONT')
      // It looks, finds the thief, waits until that one is gone, and goes on.
      await fleet.settled(60_000)
      const after = fleet.proxy.requests.slice(sent)
      const taken = after.findIndex(
        ({ kind, method, path: at }) => kind === 'lease' && method === 'PUT' && at.startsWith(kustomizeLease),
      )
      expect(taken).toBeGreaterThanOrEqual(0)
      expect(after.slice(0, taken).filter(({ kind }) => kind === 'write')).toEqual([])
    } finally {
      child.kill('SIGCONT')
      child.kill('SIGKILL')
      await over
    }
  }, 120_000)

  it('a server that takes two seconds for each request', { timeout: 1.5 * slowMs }, async () => {
    const { seconds, delayed, state, wrongWrites } = await slow
    process.stderr.write(`at 2 s a request: settled after ${seconds.toFixed(1)} s and ${String(delayed)} requests\n`)
    expect(delayed).toBeGreaterThan(10)
    expect(state).toBe('active')
    expect(wrongWrites).toEqual([])
  })

  it('no write of all these was without a lease', async () => {
    // A thief is noticed with the next renewal.
    expect(await fleet.wrongWrites(2 * quickTimings.retryPeriodMs)).toEqual([])
    expect(fleet.proxy.requests.filter(isOfApply).length).toBeGreaterThan(200)
  })
})

interface SlowRun {
  readonly seconds: number
  readonly delayed: number
  readonly state: string | undefined
  readonly wrongWrites: readonly string[]
}

/**
 * A change where every request takes two seconds, on a cluster of its own. With the timings that hosted mode has for people: four seconds to renew a lease
 * would be too few, for the write that it covers takes two as well.
 */
async function runSlowly(): Promise<SlowRun> {
  const fleet = await startFaultFleet(['app'])
  try {
    const own = await startHostedEngine({ kubeconfig: fleet.kubeconfig, version: '0.0.0-patient' })
    try {
      const same = { 'cm-same': 'same', 'sa-same': 'same', 'cr-same': 'same' }
      await fleet.commit({ app: { 'cm-always': '1', 'cm-gone': '1', ...same } })
      await own.switchOn()
      await allowGit(own, fleet)
      await waitUntil(() => own.state()?.state === 'active', 90_000)
      await fleet.settled(60_000)
      let delayed = 0
      fleet.proxy.obey(async ({ kind }): Promise<Fate> => {
        if (kind === 'watch') return 'pass'
        delayed += 1
        await delay(2000)
        return 'pass'
      })
      const began = performance.now()
      await fleet.commit({ app: { 'cm-always': '2', ...same } })
      await lookAtSource(own)
      await fleet.settled(slowMs)
      const seconds = (performance.now() - began) / 1000
      return { seconds, delayed, state: own.state()?.state, wrongWrites: await fleet.wrongWrites() }
    } finally {
      fleet.proxy.obey(null)
      await own.dispose()
    }
  } finally {
    await fleet.stop()
  }
}

/** As soon as it has seen the source that names the host. */
async function allowGit(of: HostedEngine, { gitHost }: FaultFleet): Promise<void> {
  const allowed = { cluster: clusterOf(of), host: gitHost, isAllowed: true }
  await waitUntil(() =>
    of.engine.handlers['hosts.allow'](allowed, of.call).then(
      () => true,
      () => false,
    ),
  )
}

/** Now, whatever watches tell. */
const lookAtSource = (of: HostedEngine): Promise<void> =>
  of.engine.hosting.requeue(refOf(of, 'source.toolkit.fluxcd.io', 'GitRepository', 'fleet'))

const clusterOf = ({ contexts }: HostedEngine): string => [...contexts.values()][0]?.cluster ?? ''

const refOf = (of: HostedEngine, group: string, kind: string, name: string): ObjectRef => ({
  cluster: clusterOf(of),
  group,
  kind,
  namespace: 'default',
  name,
})

/** As etcd's own maintenance does it: nobody can go on from where he was. */
async function compactStore({ cluster }: FaultFleet): Promise<void> {
  const pki = (name: string): Promise<string> => readFile(path.join(cluster.dataDir, 'pki', name), 'utf8')
  const [ca, cert, key] = await Promise.all([pki('etcd-ca.crt'), pki('etcd-client.crt'), pki('etcd-client.key')])
  const words = await readFile(`/proc/${String(cluster.pids.etcd)}/cmdline`, 'utf8')
  const url = /--listen-client-urls=([^\0]+)/.exec(words)?.[1] ?? ''
  const ask = (at: string, body: unknown): Promise<{ readonly header: { readonly revision: string } }> =>
    new Promise((resolve, reject) => {
      const request = sendHttps(new URL(at, url), { method: 'POST', ca, cert, key }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => (text += part))
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(JSON.parse(text) as { header: { revision: string } })
          else reject(new Error(`${at}: ${String(answer.statusCode)} ${text}`))
        })
      })
      request.on('error', reject)
      request.end(JSON.stringify(body))
    })
  const { header } = await ask('/v3/kv/range', { key: Buffer.from('/').toString('base64') })
  await ask('/v3/kv/compaction', { revision: header.revision, physical: true })
}
