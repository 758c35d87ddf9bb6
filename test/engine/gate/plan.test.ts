import { describe, expect, it } from 'vitest'
import { createAccessReviews } from '../../../electron/engine/access/access-reviews.ts'
import type { PlanInput, PlanMakerOptions } from '../../../electron/engine/gate/plan-maker.ts'
import { makePlan } from '../../../electron/engine/gate/plan-maker.ts'
import type { Plan, PlanItem } from '../../../shared/model/actions.ts'
import type { MemoryCluster } from './memory-cluster.ts'
import { createMemoryCluster, fluxObject, ManualClock, suspendOwner } from './memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'

function setUp(): { memory: MemoryCluster; clock: ManualClock; plan: (input: PlanInput) => Promise<Plan> } {
  const memory = createMemoryCluster()
  const clock = new ManualClock()
  const options: PlanMakerOptions = {
    clusters: memory.clusters,
    access: createAccessReviews({ clock }),
    clock,
    random: { uuid: () => 'id', unit: () => 0.5 },
    codec: memoryCodec,
    defaultOwner: () => 'Ana',
  }
  return {
    memory,
    clock,
    plan: async (input) => (await makePlan(input, options, new AbortController().signal)).plan,
  }
}

function only(plan: Plan): PlanItem {
  const [item] = plan.items
  if (item === undefined || plan.items.length !== 1) throw new Error('expected one item')
  return item
}

function bodyOf(item: PlanItem, index = 0): unknown {
  return (JSON.parse(item.patch) as { body: unknown }[])[index]?.body
}

describe('modes of hosted mode', () => {
  it('suspends to everybody else and says the mode; words of an earlier suspension go', async () => {
    const { memory, plan } = setUp()
    const ref = memory.put(
      fluxObject('Kustomization', 'web', {
        metadata: { annotations: { 'sluice.dev/resume-at': '2026-09-17T08:00:00Z' } },
      }),
    )
    const item = only(await plan({ action: 'hold', refs: [ref], reason: 'Two eyes' }))
    expect(item.effect).toBe('change')
    expect(bodyOf(item)).toEqual(
      expect.arrayContaining([
        { op: 'add', path: '/spec/suspend', value: true },
        { op: 'add', path: '/metadata/annotations/sluice.dev~1mode', value: 'held' },
        { op: 'add', path: '/metadata/annotations/sluice.dev~1suspend-reason', value: 'Two eyes' },
        { op: 'remove', path: '/metadata/annotations/sluice.dev~1resume-at' },
      ]),
    )
  })

  it('changes from one mode to the other, to plainly suspended, and back to automatic', async () => {
    const { memory, plan } = setUp()
    const ref = memory.put(
      fluxObject('Kustomization', 'web', {
        spec: { suspend: true },
        metadata: { annotations: { 'sluice.dev/mode': 'manual', 'sluice.dev/suspended-by': 'Ana' } },
      }),
    )
    const toHeld = bodyOf(only(await plan({ action: 'hold', refs: [ref] })))
    expect(toHeld).toContainEqual({ op: 'replace', path: '/metadata/annotations/sluice.dev~1mode', value: 'held' })
    expect(toHeld).not.toContainEqual(expect.objectContaining({ op: 'replace', path: '/spec/suspend' }))
    expect(only(await plan({ action: 'manual', refs: [ref] }))).toMatchObject({
      effect: 'unchanged',
      refusal: { code: 'AlreadySuspended', message: 'Kustomization apps/web is already manual.' },
    })
    const gone = { op: 'remove', path: '/metadata/annotations/sluice.dev~1mode' }
    expect(bodyOf(only(await plan({ action: 'suspend', refs: [ref] })))).toContainEqual(gone)
    const automatic = bodyOf(only(await plan({ action: 'resume', refs: [ref] })))
    expect(automatic).toContainEqual(gone)
    expect(automatic).toContainEqual({ op: 'remove', path: '/spec/suspend' })
  })

  it('is for Kustomizations alone', async () => {
    const { memory, plan } = setUp()
    const ref = memory.put(fluxObject('GitRepository', 'fleet'))
    expect(only(await plan({ action: 'manual', refs: [ref] }))).toMatchObject({
      effect: 'refused',
      refusal: { code: 'Unsupported' },
    })
  })
})

describe('suspend', () => {
  it('tests uid, generation and every field that it writes', async () => {
    const { memory, plan } = setUp()
    const ref = memory.put(fluxObject('Kustomization', 'web'))
    const item = only(await plan({ action: 'suspend', refs: [ref], reason: 'migration', until: 1789600000000 }))
    expect(item.effect).toBe('change')
    expect(bodyOf(item)).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'uid-web' },
      { op: 'test', path: '/metadata/generation', value: 3 },
      { op: 'test', path: '/metadata/annotations', value: null },
      { op: 'test', path: '/spec/suspend', value: null },
      { op: 'add', path: '/metadata/annotations', value: {} },
      { op: 'add', path: '/spec/suspend', value: true },
      { op: 'add', path: '/metadata/annotations/sluice.dev~1suspended-by', value: 'Ana' },
      { op: 'add', path: '/metadata/annotations/sluice.dev~1suspended-at', value: '2026-09-16T07:00:00Z' },
      { op: 'add', path: '/metadata/annotations/sluice.dev~1suspend-reason', value: 'migration' },
      { op: 'add', path: '/metadata/annotations/sluice.dev~1resume-at', value: '2026-09-16T23:06:40Z' },
    ])
  })

  it('takes away words of an earlier suspension, and tests them', async () => {
    const { memory, plan } = setUp()
    const ref = memory.put(
      fluxObject('Kustomization', 'web', {
        spec: { suspend: false },
        metadata: { annotations: { 'sluice.dev/suspend-reason': 'old', other: 'x' } },
      }),
    )
    const body = bodyOf(only(await plan({ action: 'suspend', refs: [ref] })))
    expect(body).toContainEqual({ op: 'test', path: '/spec/suspend', value: false })
    expect(body).toContainEqual({ op: 'replace', path: '/spec/suspend', value: true })
    expect(body).toContainEqual({
      op: 'test',
      path: '/metadata/annotations/sluice.dev~1suspend-reason',
      value: 'old',
    })
    expect(body).toContainEqual({ op: 'remove', path: '/metadata/annotations/sluice.dev~1suspend-reason' })
  })

  it.each([
    ['ResourceSet', '/metadata/annotations/fluxcd.controlplane.io~1reconcile', 'disabled'],
    ['ArtifactGenerator', '/metadata/annotations/source.extensions.fluxcd.io~1reconcile', 'Disabled'],
    ['HelmRelease', '/spec/suspend', true],
    ['Alert', '/spec/suspend', true],
  ])('of a %s writes %s', async (kind, path, value) => {
    const { memory, plan } = setUp()
    const ref = memory.put(fluxObject(kind, 'one'))
    expect(bodyOf(only(await plan({ action: 'suspend', refs: [ref] })))).toContainEqual({ op: 'add', path, value })
  })

  it('is unchanged where the gate is closed, and says by whom', async () => {
    const { memory, plan } = setUp()
    const ref = memory.put(
      fluxObject('Kustomization', 'web', {
        spec: { suspend: true },
        metadata: { managedFields: suspendOwner('flux') },
      }),
    )
    const item = only(await plan({ action: 'suspend', refs: [ref] }))
    expect(item).toMatchObject({ effect: 'unchanged', changes: [], refusal: { code: 'AlreadySuspended' } })
    expect(item.refusal?.message).toContain('suspended by flux at 2026-09-16T06:00:00Z')
  })

  it('is refused without a gate, without permission, on a read-only context and for what is gone', async () => {
    const { memory, plan } = setUp()
    const artifact = memory.put(fluxObject('ExternalArtifact', 'x'))
    const denied = memory.put(fluxObject('HelmRelease', 'denied'))
    const fine = memory.put(fluxObject('Kustomization', 'fine'))
    memory.allow = ({ resource }) => resource !== 'helmreleases'
    const gone = { ...fine, name: 'gone' }
    const canary = { ...fine, group: 'flagger.app', kind: 'Canary' }
    const result = await plan({ action: 'suspend', refs: [artifact, denied, fine, gone, canary, fine] })
    expect(result.items.map(({ effect, refusal }) => [effect, refusal?.code])).toEqual([
      ['refused', 'NoGate'],
      ['refused', 'Forbidden'],
      ['change', undefined],
      ['refused', 'NotFound'],
      ['refused', 'ResourceNotServed'],
    ])
    expect(result.items[1]?.refusal?.message).toBe(
      'HelmRelease apps/denied: User "ana" may not patch helmreleases in namespace apps: no role binds it.',
    )
    expect(result).toMatchObject({ changeCount: 1, refusedCount: 4, unchangedCount: 0 })
    memory.context.isReadOnly = true
    const readOnly = only(await plan({ action: 'suspend', refs: [fine] }))
    expect(readOnly.refusal?.code).toBe('ReadOnlyContext')
    const elsewhere = only(await plan({ action: 'suspend', refs: [{ ...fine, cluster: 'c2' }] }))
    expect(elsewhere.refusal?.code).toBe('NotConnected')
  })

  it('lists what depends on it, and asks for a reason in production', async () => {
    const { memory, plan } = setUp()
    const base = memory.put(fluxObject('Kustomization', 'base'))
    const upper = memory.put(fluxObject('Kustomization', 'upper', { spec: { dependsOn: [{ name: 'base' }] } }))
    memory.context.isProduction = true
    const result = await plan({ action: 'suspend', refs: [base] })
    expect(only(result).dependents).toEqual([upper])
    expect(result.isReasonRequired).toBe(true)
  })

  it('says that Git sets the gate, who puts it back and when', async () => {
    const { memory, plan, clock } = setUp()
    const lastReconciled = new Date(clock.now() - 60_000).toISOString()
    const parent = fluxObject('Kustomization', 'all', { status: { history: [{ lastReconciled }] } })
    memory.put(parent)
    const labels = { 'kustomize.toolkit.fluxcd.io/name': 'all', 'kustomize.toolkit.fluxcd.io/namespace': 'apps' }
    const ref = memory.put(
      fluxObject('Kustomization', 'web', {
        spec: { suspend: false },
        metadata: { labels, managedFields: suspendOwner('kustomize-controller', 'Apply') },
      }),
    )
    expect(only(await plan({ action: 'suspend', refs: [ref] })).notes).toEqual([
      { level: 'warning', text: 'Git sets this; apps/all puts it back in about 9 min' },
    ])
    memory.put({ ...parent, spec: { interval: '10m', suspend: true } })
    expect(only(await plan({ action: 'suspend', refs: [ref] })).notes[0]?.text).toBe(
      'Git sets this; apps/all puts it back when it is resumed',
    )
  })
})

describe('resume', () => {
  it('removes the field, as flux does, and all that Sluice wrote', async () => {
    const { memory, plan } = setUp()
    const annotations = { 'sluice.dev/suspended-by': 'Ana', 'sluice.dev/resume-at': 'x', keep: 'y' }
    const ref = memory.put(fluxObject('Kustomization', 'web', { spec: { suspend: true }, metadata: { annotations } }))
    const item = only(await plan({ action: 'resume', refs: [ref] }))
    expect(item.changes).toEqual([
      { path: '/spec/suspend', before: 'true', after: null },
      { path: '/metadata/annotations/sluice.dev~1suspended-by', before: 'Ana', after: null },
      { path: '/metadata/annotations/sluice.dev~1resume-at', before: 'x', after: null },
    ])
  })

  it('is unchanged on an open gate', async () => {
    const { memory, plan } = setUp()
    const ref = memory.put(fluxObject('Kustomization', 'web'))
    expect(only(await plan({ action: 'resume', refs: [ref] }))).toMatchObject({
      effect: 'unchanged',
      refusal: { code: 'NotSuspended' },
    })
  })
})

describe('annotate', () => {
  it('changes only what is given, and only on a suspension of its own', async () => {
    const { memory, plan } = setUp()
    const annotations = { 'sluice.dev/suspended-by': 'Ana', 'sluice.dev/resume-at': '2026-10-01T00:00:00Z' }
    const own = memory.put(
      fluxObject('Kustomization', 'own', {
        spec: { suspend: true },
        metadata: { annotations, managedFields: suspendOwner('sluice') },
      }),
    )
    const foreign = memory.put(
      fluxObject('Kustomization', 'foreign', {
        spec: { suspend: true },
        metadata: { managedFields: suspendOwner('kubectl-edit') },
      }),
    )
    const result = await plan({ action: 'annotate', refs: [own, foreign], reason: 'because' })
    expect(result.items[0]?.changes).toEqual([
      { path: '/metadata/annotations/sluice.dev~1suspend-reason', before: null, after: 'because' },
    ])
    expect(bodyOf(result.items[0] as PlanItem)).toContainEqual({ op: 'test', path: '/spec/suspend', value: true })
    expect(result.items[1]?.refusal?.code).toBe('Unsupported')
    const until = only(await plan({ action: 'annotate', refs: [own], until: 0 }))
    expect(until.changes).toEqual([
      { path: '/metadata/annotations/sluice.dev~1resume-at', before: '2026-10-01T00:00:00Z', after: null },
    ])
  })
})

describe('reconcile', () => {
  it('writes one token, force and reset twice', async () => {
    const { memory, plan } = setUp()
    const ref = memory.put(fluxObject('HelmRelease', 'web', { metadata: { annotations: { a: 'b' } } }))
    const token = '2026-09-16T07:00:00.000500000Z'
    const paths = async (action: PlanInput['action']): Promise<unknown> =>
      only(await plan({ action, refs: [ref] })).changes.map(({ path, after }) => [path.split('~1')[1], after])
    expect(await paths('reconcile')).toEqual([['requestedAt', token]])
    expect(await paths('force')).toEqual([
      ['requestedAt', token],
      ['forceAt', token],
    ])
    expect(await paths('reset')).toEqual([
      ['requestedAt', token],
      ['resetAt', token],
    ])
  })

  it('is refused on suspended objects, static kinds, oci repositories, and force on anything but HelmReleases', async () => {
    const { memory, plan } = setUp()
    const suspended = memory.put(fluxObject('Kustomization', 'closed', { spec: { suspend: true } }))
    const alert = memory.put(fluxObject('Alert', 'alert'))
    const oci = memory.put(fluxObject('HelmRepository', 'oci', { spec: { type: 'oci' } }))
    const artifact = memory.put(fluxObject('ExternalArtifact', 'ea'))
    const codes = async (action: PlanInput['action'], ...refs: PlanInput['refs']): Promise<unknown> =>
      (await plan({ action, refs })).items.map(({ refusal }) => refusal?.code)
    expect(await codes('reconcile', suspended, alert, oci, artifact)).toEqual([
      'SuspendedRefused',
      'Unsupported',
      'Unsupported',
      'Unsupported',
    ])
    const open = memory.put(fluxObject('Kustomization', 'open'))
    expect(await codes('force', open)).toEqual(['Unsupported'])
  })

  it('with source asks the source first, in its own namespace', async () => {
    const { memory, plan } = setUp()
    const ref = memory.put(
      fluxObject('Kustomization', 'web', {
        spec: { sourceRef: { kind: 'GitRepository', name: 'repo', namespace: 'flux-system' } },
      }),
    )
    memory.put(fluxObject('GitRepository', 'repo', { metadata: { namespace: 'flux-system' } }))
    const item = only(await plan({ action: 'reconcileWithSource', refs: [ref] }))
    const paths = (JSON.parse(item.patch) as { path: string }[]).map(({ path }) => path)
    expect(paths).toEqual([
      '/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/repo?fieldManager=sluice',
      '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/apps/kustomizations/web?fieldManager=sluice',
    ])
  })

  it('with source of a chart template asks repository, then HelmChart, then the release', async () => {
    const { memory, plan } = setUp()
    const chart = { spec: { chart: 'web', sourceRef: { kind: 'HelmRepository', name: 'repo', namespace: 'charts' } } }
    const ref = memory.put(fluxObject('HelmRelease', 'web', { spec: { chart } }))
    const repository = fluxObject('HelmRepository', 'repo', { metadata: { namespace: 'charts' } })
    memory.put(repository)
    memory.put(fluxObject('HelmChart', 'apps-web', { metadata: { namespace: 'charts' } }))
    const names = async (): Promise<unknown> =>
      (JSON.parse(only(await plan({ action: 'reconcileWithSource', refs: [ref] })).patch) as { path: string }[]).map(
        ({ path }) => /\/([a-z]+\/[a-z-]+)\?/.exec(path)?.[1],
      )
    expect(await names()).toEqual(['helmrepositories/repo', 'helmcharts/apps-web', 'helmreleases/web'])
    memory.put({ ...repository, spec: { type: 'oci' } })
    expect(await names()).toEqual(['helmcharts/apps-web', 'helmreleases/web'])
  })

  it('with source is refused where the source is suspended, missing, or an ExternalArtifact', async () => {
    const { memory, plan } = setUp()
    const from = (name: string, kind = 'GitRepository'): PlanInput['refs'][number] =>
      memory.put(fluxObject('Kustomization', `from-${name}`, { spec: { sourceRef: { kind, name } } }))
    memory.put(fluxObject('GitRepository', 'closed', { spec: { suspend: true } }))
    const refs = [from('closed'), from('missing'), from('made', 'ExternalArtifact')]
    const result = await plan({ action: 'reconcileWithSource', refs })
    expect(result.items.map(({ refusal }) => refusal?.code)).toEqual(['SuspendedRefused', 'NotFound', 'Unsupported'])
  })
})

describe('many objects', () => {
  it('are read with one list and one access review per kind', async () => {
    const { memory, plan } = setUp()
    const refs = Array.from({ length: 300 }, (_, index) =>
      memory.put(
        fluxObject('Kustomization', `k${String(index)}`, { metadata: { namespace: `n${String(index % 7)}` } }),
      ),
    )
    const result = await plan({ action: 'suspend', refs })
    expect(result.changeCount).toBe(300)
    expect(memory.reads).toEqual({ fetched: 0, listed: 1 })
    expect(memory.requests).toHaveLength(1)
  })

  it('have a digest that changes with anything written or tested', async () => {
    const { memory, plan } = setUp()
    const ref = memory.put(fluxObject('Kustomization', 'web'))
    const digest = async (reason?: string): Promise<string> =>
      (await plan({ action: 'suspend', refs: [ref], ...(reason === undefined ? {} : { reason }) })).digest
    const first = await digest()
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(await digest()).toBe(first)
    expect(await digest('x')).not.toBe(first)
    memory.put(fluxObject('Kustomization', 'web', { metadata: { generation: 4 } }))
    expect(await digest()).not.toBe(first)
  })
})
