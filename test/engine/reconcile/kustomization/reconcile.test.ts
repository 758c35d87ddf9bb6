import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import type { RunContext } from '../../../../electron/engine/reconcile/reconciler.ts'
import { asArray, asRecord, textAt } from '../../../../electron/engine/status/read.ts'
import { createMemoryRun, kustomization, revision, source } from './memory-run.ts'

const conditions = (object: KubeObject): readonly string[] =>
  asArray(asRecord(object.status).conditions).map(
    (each) => `${textAt(each, 'type')}=${textAt(each, 'status')} ${textAt(each, 'reason')}: ${textAt(each, 'message')}`,
  )
const inventory = (object: KubeObject): readonly string[] =>
  asArray(asRecord(asRecord(object.status).inventory).entries).map((each) => textAt(each, 'id'))
const held = { 'sluice.dev/mode': 'held' }
const manual = { 'sluice.dev/mode': 'manual' }
const inventoryOf = (...names: readonly string[]): object => ({
  inventory: { entries: names.map((name) => ({ id: `apps_${name}__ConfigMap`, v: 'v1' })) },
})

describe('a run', () => {
  it('adds the finalizer first and comes again at once', async () => {
    const memory = createMemoryRun(kustomization({}, { finalizers: [] }))
    expect(await memory.run()).toMatchObject({ result: 'idle', requeueAfterMs: 0 })
    expect(memory.log).toEqual(['metadata'])
    expect(memory.object.metadata.finalizers).toEqual(['finalizers.fluxcd.io'])
  })

  it('applies, writes one status and tells one event more than its changes', async () => {
    const memory = createMemoryRun(kustomization())
    expect(await memory.run()).toMatchObject({ result: 'succeeded', state: 'sleeping', requeueAfterMs: 600_000 })
    expect(memory.log).toEqual(['render', 'apply a', 'event Progressing', 'status', 'event ReconciliationSucceeded'])
    expect(conditions(memory.object)).toEqual([`Ready=True ReconciliationSucceeded: Applied revision: ${revision}`])
    expect(memory.object.status).toMatchObject({
      observedGeneration: 1,
      lastAppliedRevision: revision,
      lastAttemptedRevision: revision,
      inventory: { entries: [{ id: 'apps_a__ConfigMap', v: 'v1' }] },
      history: [{ digest: 'sha256:a', lastReconciledStatus: 'ReconciliationSucceeded', metadata: { revision } }],
    })
    memory.log.length = 0
    memory.action = 'unchanged'
    await memory.run()
    expect(memory.log).toEqual(['render', 'apply a', 'status', 'event ReconciliationSucceeded'])
  })

  it('looks an artifact up once, however many runs are built from it, and the next one anew', async () => {
    const memory = createMemoryRun(kustomization())
    for (let runs = 0; runs < 3; runs += 1) await memory.run()
    expect([memory.log.filter((line) => line === 'render').length, memory.found]).toEqual([3, 1])
    const next = source('main@sha1:bbbb')
    const artifact = { path: 'gitrepository/flux/fleet/b.tar.gz', revision: 'main@sha1:bbbb', digest: 'sha256:2' }
    memory.objects.set('GitRepository/flux/fleet', { ...next, status: { artifact } })
    for (let runs = 0; runs < 2; runs += 1) await memory.run()
    expect(memory.found).toBe(2)
  })

  it('comes again after its interval, five of a hundred more or less', async () => {
    const nextAfter = async (unit: number): Promise<number | null> =>
      (await createMemoryRun(kustomization(), {}, unit).run()).requeueAfterMs
    expect([await nextAfter(0), await nextAfter(0.5), await nextAfter(1)]).toEqual([570_000, 600_000, 630_000])
  })

  it('says where it stands only when it takes long', async () => {
    const memory = createMemoryRun(kustomization({ wait: true, timeout: '45s' }))
    let finish: () => void = () => undefined
    const parked = async <T>(work: () => Promise<T>): Promise<T> => {
      await new Promise<void>((resolve) => (finish = resolve))
      return work()
    }
    const running = memory.run({ parked })
    await memory.clock.advance(1500)
    const message = `Running health checks for revision ${revision} with a timeout of 45s`
    expect(conditions(memory.object)).toEqual([
      `Reconciling=True Progressing: ${message}`,
      'Ready=Unknown Progressing: Reconciliation in progress',
      `Healthy=Unknown Progressing: ${message}`,
    ])
    finish()
    await running
    expect(conditions(memory.object)).toEqual([
      `Ready=True ReconciliationSucceeded: Applied revision: ${revision}`,
      'Healthy=True Succeeded: Health check passed in 1.5s',
    ])
  })

  it('acknowledges a request while suspended, and does nothing else', async () => {
    const annotations = { 'reconcile.fluxcd.io/requestedAt': 'now' }
    const memory = createMemoryRun(kustomization({ suspend: true }, { annotations }))
    expect(await memory.run()).toMatchObject({ state: 'suspended', requeueAfterMs: null })
    expect(memory.log).toEqual(['status'])
    expect(memory.object.status).toEqual({ observedGeneration: -1, lastHandledReconcileAt: 'now' })
  })

  it('keeps the last inventory and history of a failing apply', async () => {
    const memory = createMemoryRun(kustomization({ retryInterval: '2m' }, {}, inventoryOf('old')))
    memory.applyError = 'ConfigMap/apps/a dry-run failed\n'
    expect(await memory.run()).toMatchObject({ result: 'failed', requeueAfterMs: 120_000 })
    expect(inventory(memory.object)).toEqual(['apps_old__ConfigMap'])
    expect(conditions(memory.object)).toEqual([
      `Reconciling=True ProgressingWithRetry: Detecting drift for revision ${revision} with a timeout of 9m30s`,
      'Ready=False ReconciliationFailed: ConfigMap/apps/a dry-run failed\n',
    ])
    expect(memory.object.status).toMatchObject({ history: [{ lastReconciledStatus: 'ReconciliationFailed' }] })
    expect(memory.log).not.toContain('prune old')
  })

  it('waits for an artifact, for its storage and for dependencies', async () => {
    const memory = createMemoryRun(kustomization({ dependsOn: [{ name: 'base' }] }))
    memory.objects.set('GitRepository/flux/fleet', { ...source(), status: {} })
    expect((await memory.run()).message).toBe('Source artifact not found, retrying in 30s')
    memory.objects.set('GitRepository/flux/fleet', source())
    expect((await memory.run()).message).toContain("dependency 'flux/base' not found")
    const base = kustomization({}, { name: 'base' }, { observedGeneration: 1 })
    const ready = { ...(base.status as object), conditions: [{ type: 'Ready', status: 'True' }] }
    memory.objects.set('Kustomization/flux/base', {
      ...base,
      status: { ...ready, lastAppliedRevision: 'main@sha1:bbbb' },
    })
    expect((await memory.run()).message).toBe("dependency 'flux/base' revision is not up to date")
    memory.objects.set('Kustomization/flux/base', { ...base, status: { ...ready, lastAppliedRevision: revision } })
    memory.isStored = false
    expect(await memory.run()).toMatchObject({
      state: 'waiting',
      message: 'Source is not ready, artifact not found, retrying in 30s',
      requeueAfterMs: 30_000,
    })
    memory.isStored = true
    expect((await memory.run()).result).toBe('succeeded')
  })

  it('writes nothing for what only the controller could do', async () => {
    const memory = createMemoryRun(kustomization({ healthCheckExprs: ['unsupported'] }))
    expect(await memory.run()).toMatchObject({ state: 'not-hosted' })
    memory.object = kustomization()
    memory.assumptions = [{ kind: 'unknownVariables', message: 'Unknown.', names: [], file: '', line: 0 }]
    expect(await memory.run()).toMatchObject({ state: 'not-hosted', message: 'Unknown.' })
    memory.object = kustomization({ sourceRef: { kind: 'OCIRepository', name: 'oci' } })
    memory.objects.set('OCIRepository/flux/oci', source())
    expect(await memory.run()).toMatchObject({ state: 'not-hosted' })
    expect(memory.log.filter((each) => each !== 'render')).toEqual([])
  })

  it('stalls where the controller gives up', async () => {
    const memory = createMemoryRun(kustomization({ healthCheckExprs: ['x'] }))
    expect(await memory.run()).toMatchObject({ result: 'failed', requeueAfterMs: null })
    const text = 'Reconciliation failed terminally due to configuration error: syntax'
    expect(conditions(memory.object)).toEqual([
      `Stalled=True InvalidCELExpression: ${text}`,
      `Ready=False InvalidCELExpression: ${text}`,
    ])
  })
})

describe('pruning', () => {
  const many = Array.from({ length: 30 }, (_each, index) => `c${String(index)}`)

  it('takes what is gone out of the inventory, and keeps what would not go', async () => {
    const memory = createMemoryRun(kustomization({}, {}, inventoryOf('a', 'b')))
    memory.pruneError = 'delete failed, errors: x;'
    expect(await memory.run()).toMatchObject({ result: 'failed' })
    expect(inventory(memory.object)).toEqual(['apps_a__ConfigMap', 'apps_b__ConfigMap'])
    memory.pruneError = null
    await memory.run()
    expect(inventory(memory.object)).toEqual(['apps_a__ConfigMap'])
  })

  it('is held where it is implausible, until just that is approved', async () => {
    const memory = createMemoryRun(kustomization({}, {}, inventoryOf(...many)))
    expect(await memory.run()).toMatchObject({ result: 'failed', state: 'needs-approval' })
    expect(memory.log).toContain('ask prune')
    expect(memory.log.filter((each) => each.startsWith('prune'))).toEqual([])
    expect(inventory(memory.object)).toHaveLength(31)
    expect(conditions(memory.object)[1]).toContain('Ready=False PruneFailed: Prune held for approval: 30 of 30 objects')
    memory.approved.add(memory.asked[0]?.digest ?? '')
    expect(await memory.run()).toMatchObject({ result: 'succeeded' })
    expect(inventory(memory.object)).toEqual(['apps_a__ConfigMap'])
  })

  it('is not held with the guard off, and forgets with prune off', async () => {
    const memory = createMemoryRun(kustomization({}, {}, inventoryOf(...many)))
    expect(await memory.run({ isPruneGuarded: false })).toMatchObject({ result: 'succeeded' })
    const off = createMemoryRun(kustomization({ prune: false }, {}, inventoryOf(...many)))
    await off.run()
    expect(inventory(off.object)).toEqual(['apps_a__ConfigMap'])
    expect(off.log).not.toContain(`prune ${many.join(' ')}`)
  })

  it('counts what a Kustomization takes with it', async () => {
    const id = 'flux_child_kustomize.toolkit.fluxcd.io_Kustomization'
    const memory = createMemoryRun(
      kustomization(
        {},
        {},
        {
          inventory: {
            entries: [
              { id, v: 'v1' },
              { id: 'apps_a__ConfigMap', v: 'v1' },
            ],
          },
        },
      ),
    )
    memory.objects.set('Kustomization/flux/child', kustomization({}, { name: 'child' }, inventoryOf(...many)))
    expect(await memory.run()).toMatchObject({ state: 'needs-approval' })
    expect(memory.asked[0]?.pruned).toHaveLength(31)
  })
})

describe('deletion', () => {
  const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z' }

  it('follows the policy', async () => {
    const cases: readonly (readonly [object, boolean])[] = [
      [{}, true],
      [{ prune: false }, false],
      [{ suspend: true }, false],
      [{ deletionPolicy: 'Orphan' }, false],
      [{ deletionPolicy: 'Delete', prune: false }, true],
      [{ deletionPolicy: 'WaitForTermination', prune: false }, true],
    ]
    for (const [spec, isPruned] of cases) {
      const memory = createMemoryRun(kustomization(spec, deleted, inventoryOf('a')))
      expect(await memory.run(), JSON.stringify(spec)).toMatchObject({ result: 'succeeded' })
      expect(memory.log.includes('prune a'), JSON.stringify(spec)).toBe(isPruned)
      expect(memory.object.metadata.finalizers).toEqual([])
    }
  })

  it('keeps the finalizer while something would not go, and lets go where the account is gone', async () => {
    const memory = createMemoryRun(kustomization({}, deleted, inventoryOf('a')))
    memory.pruneError = 'delete failed'
    expect(await memory.run({ failures: 1 })).toMatchObject({ result: 'failed', requeueAfterMs: 1500 })
    expect(memory.object.metadata.finalizers).toEqual(['finalizers.fluxcd.io'])
    memory.object = kustomization({ serviceAccountName: 'gone' }, deleted, inventoryOf('a'))
    memory.log.length = 0
    await memory.run()
    expect(memory.events.at(-1)?.message).toBe('unable to prune objects: \nConfigMap/apps/a')
    expect(memory.object.metadata.finalizers).toEqual([])
  })
})

describe('modes of the closed gate', () => {
  it('applies a held revision only by the digest of its plan', async () => {
    const memory = createMemoryRun(kustomization({ suspend: true }, { annotations: held }, inventoryOf('old')))
    expect(await memory.run()).toMatchObject({ result: 'idle', state: 'needs-approval' })
    expect(memory.log.filter((each) => each.startsWith('apply') || each.startsWith('prune'))).toEqual([])
    const [pending] = memory.asked
    expect(pending).toMatchObject({ kind: 'revision', revision })
    memory.approved.add(pending?.digest ?? '')
    // Another revision came in: what was approved is not what would be applied.
    memory.built = ['a', 'b']
    expect(await memory.run()).toMatchObject({ state: 'needs-approval' })
    expect(memory.log.filter((each) => each.startsWith('apply'))).toEqual([])
    memory.built = ['a']
    expect(await memory.run()).toMatchObject({ result: 'succeeded', state: 'held' })
    expect(memory.log).toContain('apply a')
    expect(memory.log).toContain('prune old')
    // Nothing is left to approve.
    memory.asked.length = 0
    expect(await memory.run()).toMatchObject({ result: 'idle', state: 'held' })
    expect(memory.asked).toEqual([])
  })

  it('stops where the plan moves between the look and the apply', async () => {
    const memory = createMemoryRun(kustomization({ suspend: true }, { annotations: held }))
    await memory.run()
    memory.approved.add(memory.asked[0]?.digest ?? '')
    let looks = 0
    const isApproved = (digest: string): boolean => {
      looks += 1
      const isIt = memory.approved.has(digest)
      memory.built = ['other']
      return isIt
    }
    const asked: string[] = []
    const ignored = (): void => undefined
    const ask: RunContext['approvals']['ask'] = ({ digest }) => void asked.push(digest)
    const approvals = { isApproved, ask, allowRest: ignored, withdraw: ignored, settle: ignored }
    memory.log.length = 0
    const { message, ...outcome } = await memory.run({ approvals })
    expect(outcome).toMatchObject({ result: 'idle', state: 'needs-approval' })
    expect(message).toMatch(/^What was approved has changed meanwhile and was not applied\. Revision .* creates/)
    expect([looks, asked.length]).toEqual([2, 1])
    expect(asked).not.toContain(memory.asked[0]?.digest)
    expect(memory.log).toEqual(['render', 'render', 'render'])
    expect(conditions(memory.object)).toEqual([])
  })

  it('applies a manual one once, when told', async () => {
    const memory = createMemoryRun(kustomization({ suspend: true }, { annotations: manual }))
    expect(await memory.run()).toMatchObject({ result: 'idle', state: 'manual' })
    expect(memory.log).not.toContain('apply a')
    const done = await memory.run({ applyOnce: { plan: null } })
    expect(done).toMatchObject({ result: 'succeeded', state: 'manual', mode: 'manual', plan: { revision } })
    expect(memory.log).toContain('apply a')
    // Nothing waits, and what is in the cluster is what may be applied once more.
    expect(await memory.run()).toMatchObject({ result: 'idle', state: 'manual', message: '', plan: done.plan })
  })

  it('applies of a manual one what was looked at, and nothing that came since', async () => {
    const memory = createMemoryRun(kustomization({ suspend: true }, { annotations: manual }))
    const { plan = null } = await memory.run()
    expect(plan).toMatchObject({ revision })
    memory.built = ['a', 'b']
    memory.log.length = 0
    const { message, plan: next = null, ...moved } = await memory.run({ applyOnce: { plan } })
    expect(moved).toMatchObject({ result: 'idle', state: 'manual', requeueAfterMs: null })
    expect(message).toMatch(/^What you saw has changed meanwhile and was not applied\. Revision .* creates/)
    expect(memory.log).toEqual(['render', 'render'])
    expect([next?.revision, next?.digest === plan?.digest]).toEqual([revision, false])
    expect(await memory.run({ applyOnce: { plan: next } })).toMatchObject({ result: 'succeeded' })
    expect(memory.log).toContain('apply a b')
  })

  it('keeps the plan of a manual one that failed or has to wait: it can be applied again', async () => {
    const memory = createMemoryRun(kustomization({ suspend: true }, { annotations: manual }))
    const { plan = null } = await memory.run()
    memory.applyError = 'refused'
    const applyOnce = { plan }
    expect(await memory.run({ applyOnce })).toMatchObject({ result: 'failed', state: 'sleeping', mode: 'manual', plan })
    memory.applyError = null
    memory.object = { ...memory.object, spec: { ...(memory.object.spec as object), dependsOn: [{ name: 'base' }] } }
    expect(await memory.run({ applyOnce })).toMatchObject({ result: 'waiting', mode: 'manual', plan })
    memory.object = { ...memory.object, spec: { ...(memory.object.spec as object), dependsOn: [] } }
    expect(await memory.run({ applyOnce })).toMatchObject({ result: 'succeeded', state: 'manual' })
  })

  it('holds an implausible prune of a manual one, too, and waits for the answer alone', async () => {
    const many = Array.from({ length: 30 }, (_each, index) => `c${String(index)}`)
    const memory = createMemoryRun(kustomization({ suspend: true }, { annotations: manual }, inventoryOf(...many)))
    const { plan = null } = await memory.run()
    const applyOnce = { plan }
    const asks = { result: 'failed', state: 'needs-approval', mode: 'manual', plan, requeueAfterMs: null }
    expect(await memory.run({ applyOnce })).toMatchObject(asks)
    expect(memory.asked).toMatchObject([{ kind: 'prune' }])
    memory.approved.add(memory.asked[0]?.digest ?? '')
    expect(await memory.run({ applyOnce })).toMatchObject({ result: 'succeeded', state: 'manual' })
    expect(inventory(memory.object)).toEqual(['apps_a__ConfigMap'])
  })

  it('asks nothing any more of one that is suspended or fails otherwise, and keeps what was approved', async () => {
    const memory = createMemoryRun(kustomization({ suspend: true }, { annotations: held }))
    const { metadata, spec } = memory.object
    const be = (annotations: Record<string, string>, more: object): void => {
      memory.object = {
        ...memory.object,
        metadata: { ...metadata, annotations },
        spec: { ...(spec as object), ...more },
      }
    }
    await memory.run()
    expect(memory.pending).toMatchObject({ kind: 'revision' })
    memory.approved.add('another')
    be({}, {})
    expect(await memory.run()).toMatchObject({ result: 'idle', state: 'suspended' })
    expect([memory.pending, [...memory.approved]]).toEqual([null, ['another']])
    be(held, {})
    await memory.run()
    expect(memory.pending).not.toBeNull()
    be({}, { suspend: false })
    memory.applyError = 'refused'
    expect(await memory.run()).toMatchObject({ result: 'failed', state: 'sleeping' })
    expect(memory.pending).toBeNull()
  })

  it('tells of a success as of any other, and of nothing that only waits', async () => {
    for (const annotations of [held, manual]) {
      const memory = createMemoryRun(kustomization({ suspend: true }, { annotations }))
      const { plan = null } = await memory.run()
      expect(memory.events).toEqual([])
      memory.approved.add(memory.asked[0]?.digest ?? '')
      expect(await memory.run({ applyOnce: { plan } })).toMatchObject({ result: 'succeeded' })
      expect(memory.events.map(({ reason }) => reason)).toEqual(['Progressing', 'ReconciliationSucceeded'])
      expect(memory.events.at(-1)).toMatchObject({
        message: 'Reconciliation finished in 0s',
        metadata: {
          'kustomize.toolkit.fluxcd.io/commit_status': 'update',
          'kustomize.toolkit.fluxcd.io/revision': revision,
        },
      })
      // It is ready, and the next revision waits.
      memory.built = ['a', 'b']
      expect(await memory.run()).toMatchObject({ result: 'idle' })
      expect(memory.events).toHaveLength(2)
    }
  })

  it('offers another spec that builds the same, until it was applied', async () => {
    const changed = (object: KubeObject, spec: object): KubeObject => ({
      ...object,
      metadata: { ...object.metadata, generation: (object.metadata.generation ?? 0) + 1 },
      spec: { ...(object.spec as object), ...spec },
    })
    for (const [annotations, waits] of [
      [held, 'needs-approval'],
      [manual, 'manual'],
    ] as const) {
      const memory = createMemoryRun(kustomization())
      await memory.run()
      const before = memory.object
      memory.object = changed(
        { ...before, metadata: { ...before.metadata, annotations } },
        { suspend: true, commonMetadata: { labels: { team: 'a' } } },
      )
      for (let runs = 0; runs < 2; runs += 1) {
        const outcome = await memory.run()
        expect(outcome).toMatchObject({ result: 'idle', state: waits })
        expect(outcome.message).toContain('Revision main@sha1:aaaa creates')
      }
      memory.approved.add(memory.asked.at(-1)?.digest ?? '')
      const { plan = null } = await memory.run({ applyOnce: { plan: null } })
      memory.asked.length = 0
      expect(await memory.run()).toMatchObject({ result: 'idle', message: '', plan })
      expect(memory.asked).toEqual([])
    }
  })

  it('asks nothing where another spec, as the mode itself is, comes to the same objects', async () => {
    const memory = createMemoryRun(kustomization())
    await memory.run()
    memory.isInSync = true
    const before = memory.object
    memory.object = {
      ...before,
      metadata: { ...before.metadata, annotations: held, generation: 2 },
      spec: { ...(before.spec as object), suspend: true },
    }
    expect(await memory.run()).toMatchObject({ result: 'idle', state: 'held', message: '' })
    expect(memory.asked).toEqual([])
  })

  it('does not ask again for what is left of a held revision when its health fails after the prune', async () => {
    const memory = createMemoryRun(
      kustomization({ suspend: true, wait: true }, { annotations: held }, inventoryOf('old')),
    )
    await memory.run()
    memory.approved.add(memory.asked[0]?.digest ?? '')
    memory.health = { result: 'failed', message: 'not healthy' }
    expect(await memory.run()).toMatchObject({ result: 'failed', state: 'sleeping' })
    expect(memory.log).toContain('prune old')
    expect(inventory(memory.object)).toEqual(['apps_a__ConfigMap'])
    memory.asked.length = 0
    memory.health = { result: 'healthy' }
    expect(await memory.run()).toMatchObject({ result: 'succeeded', state: 'held' })
    expect(memory.asked).toEqual([])
    expect([...memory.approved]).toEqual([])
  })

  it('keeps an approval while its source has no artifact', async () => {
    const memory = createMemoryRun(kustomization({ suspend: true }, { annotations: held }))
    await memory.run()
    memory.approved.add(memory.asked[0]?.digest ?? '')
    memory.objects.set('GitRepository/flux/fleet', { ...source(), status: {} })
    expect(await memory.run()).toMatchObject({ state: 'held', message: 'Its source has no artifact yet' })
    memory.objects.set('GitRepository/flux/fleet', source())
    expect(await memory.run()).toMatchObject({ result: 'succeeded', state: 'held' })
  })

  it('takes no other word for a mode', async () => {
    const memory = createMemoryRun(kustomization({ suspend: true }, { annotations: { 'sluice.dev/mode': 'open' } }))
    expect(await memory.run({ applyOnce: { plan: null } })).toMatchObject({ state: 'suspended' })
    expect(memory.log).toEqual([])
  })
})

describe('triggers', () => {
  const { reconciler } = createMemoryRun(kustomization())
  const requested = (at: string): KubeObject =>
    kustomization({}, { annotations: { 'reconcile.fluxcd.io/requestedAt': at } })

  it('are generation, request, deletion and mode, not status', () => {
    const before = kustomization()
    expect(reconciler.isTriggeredBy(null, before)).toBe(true)
    expect(reconciler.isTriggeredBy(before, kustomization({}, {}, { lastAppliedRevision: 'x' }))).toBe(false)
    expect(reconciler.isTriggeredBy(before, kustomization({}, { generation: 2 }))).toBe(true)
    expect(reconciler.isTriggeredBy(before, requested('1'))).toBe(true)
    expect(reconciler.isTriggeredBy(requested('1'), requested('1'))).toBe(false)
    expect(reconciler.isTriggeredBy(before, kustomization({}, { annotations: held }))).toBe(true)
  })
})
