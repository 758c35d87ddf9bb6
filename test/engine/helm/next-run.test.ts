/** What a run of helm-controller would do, where a real one is not to be had into the state; the rest is proven in test/integration/drift/release-preview.test.ts. */
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { NextRun } from '../../../electron/engine/helm/next-run.ts'
import { digestValues } from '../../../electron/engine/helm/values/values-digest.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ControllerRow } from '../../../shared/model/rows.ts'
import { Bench, never, sha256Hex, snapshot, storedRelease } from './release-bench.ts'

const ns = 'flux-system'
const digest = `sha256:${'0123456789ab'.padEnd(64, '0')}`
const noValues = digestValues(new Map(), { sha256Hex: (data) => sha256Hex(data) })

interface World {
  readonly spec?: object
  readonly status?: object
  readonly history?: readonly object[]
  readonly stored?: Record<string, unknown>
  readonly args?: readonly string[]
  readonly chart?: object | null
  readonly metadata?: object
}

const chart = (more: object = {}): KubeObject => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'HelmChart',
  metadata: { name: `${ns}-shop`, namespace: ns, generation: 1 },
  spec: { chart: 'shop', version: '*', sourceRef: { kind: 'HelmRepository', name: 'shops' } },
  status: { observedGeneration: 1, observedChartName: 'shop', artifact: { revision: '1.2.3' } },
  ...more,
})

const made = (more: object = {}): object => snapshot(storedRelease(1), { configDigest: noValues, ...more })

async function runOf(world: World, prepare: (bench: Bench) => void = () => undefined): Promise<NextRun> {
  const bench = new Bench()
  bench.store(world.stored ?? storedRelease(1))
  if (world.chart !== null) bench.cluster.apply(chart(world.chart))
  bench.cluster.controllerRows = [
    { name: 'helm-controller', image: 'x', args: world.args ?? [], shard: null } as unknown as ControllerRow,
  ]
  prepare(bench)
  const release: KubeObject = {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'shop', namespace: ns, generation: 2, ...world.metadata },
    spec: {
      chart: { spec: { chart: 'shop', sourceRef: { kind: 'HelmRepository', name: 'shops' } } },
      storageNamespace: 'storage',
      targetNamespace: 'shops',
      releaseName: 'shop',
      ...world.spec,
    },
    status: {
      storageNamespace: 'storage',
      helmChart: `${ns}/${ns}-shop`,
      history: world.history ?? [made()],
      observedGeneration: 2,
      lastAttemptedGeneration: 2,
      lastAttemptedRevision: '1.2.3',
      lastAttemptedConfigDigest: noValues,
      lastAttemptedReleaseAction: 'upgrade',
      ...world.status,
    },
  }
  return bench.state.nextRunOf(bench.cluster, release, never)
}

const failedRelease = storedRelease(1, { info: { status: 'failed' } })
const failedRun = (spec: object, status: object = { upgradeFailures: 1 }, more: World = {}): Promise<NextRun> =>
  runOf({
    stored: failedRelease,
    history: [snapshot(failedRelease, { status: 'failed', configDigest: noValues })],
    spec,
    status,
    ...more,
  })

describe('the next run of a HelmRelease', () => {
  it('does nothing where all is as it was made', async () => {
    expect(await runOf({})).toEqual({ act: 'nothing', text: '', correctsDrift: false })
    expect(await runOf({ spec: { driftDetection: { mode: 'enabled' } } })).toMatchObject({ correctsDrift: true })
    expect(await runOf({ args: [], spec: { suspend: true } })).toMatchObject({ act: 'nothing' })
  })

  it('is not known where what decides may not be read', async () => {
    const valuesFrom = [{ kind: 'Secret', name: 'closed' }]
    const closed = await runOf({ spec: { valuesFrom } }, ({ cluster }) => {
      cluster.refusals.set(
        refKey({ cluster: cluster.id, group: '', kind: 'Secret', namespace: ns, name: 'closed' }),
        'Forbidden',
      )
    })
    expect(closed).toMatchObject({
      act: 'unknown',
      text: expect.stringMatching(/^Whether its values changed is not known: /) as string,
    })
    const unlisted = await runOf({}, (bench) => {
      bench.mayList = false
    })
    expect(unlisted).toMatchObject({ act: 'unknown', text: expect.stringContaining('may not list') as string })
    expect(await runOf({ history: [made({ digest: 'blake3:0' })] })).toMatchObject({ act: 'unknown' })
    expect(await runOf({ history: [made({ apiVersion: '' })] })).toMatchObject({ act: 'unknown' })
  })

  it('waits for its chart, or changes it first', async () => {
    const texts = [
      await runOf({ chart: null }),
      await runOf({ chart: { status: { observedGeneration: 0, artifact: { revision: '1.2.3' } } } }),
      await runOf({ chart: { status: { observedGeneration: 1 } } }),
      await runOf({
        spec: {
          chart: { spec: { chart: 'shop', version: '2.x', sourceRef: { kind: 'HelmRepository', name: 'shops' } } },
        },
      }),
      await runOf({ status: { helmChart: 'other/chart' } }),
    ]
    expect(texts.map(({ act }) => act)).toEqual(Array(5).fill('unknown'))
    expect(texts.map(({ text }) => text)).toEqual(
      [
        'makes HelmChart',
        'was changed and is not reconciled yet',
        'has no artifact',
        'version * → 2.x',
        'It deletes HelmChart other/chart',
      ].map((part) => expect.stringContaining(part) as string),
    )
    const elsewhere = {
      chart: { spec: { chart: 'shop', sourceRef: { kind: 'HelmRepository', name: 'shops', namespace: 'far' } } },
    }
    expect(
      await runOf({ spec: elsewhere, status: { helmChart: '' }, args: ['--no-cross-namespace-refs'] }),
    ).toMatchObject({ act: 'fails' })
  })

  it('goes by the digest of a chart from OCI, unless its controller does not', async () => {
    const spec = { chart: undefined, chartRef: { kind: 'OCIRepository', name: 'shop' } }
    const fromOci = (revision: string, made: string, args: readonly string[] = []): Promise<NextRun> => {
      const stored = storedRelease(1, { chart: { metadata: { name: 'shop', version: made, apiVersion: 'v2' } } })
      return runOf(
        {
          spec,
          stored,
          args,
          history: [snapshot(stored, { configDigest: noValues, chartVersion: made })],
          status: { helmChart: '' },
        },
        ({ cluster }) => {
          cluster.apply(
            chart({
              kind: 'OCIRepository',
              metadata: { name: 'shop', namespace: ns, generation: 1 },
              spec: {},
              status: { observedGeneration: 1, artifact: { revision } },
            }),
          )
        },
      )
    }
    expect(await fromOci(`1.2.3@${digest}`, '1.2.3+0123456789ab')).toMatchObject({ act: 'nothing' })
    expect(await fromOci(`latest@${digest}`, '1.2.3+0123456789ab')).toMatchObject({ act: 'nothing' })
    expect(await fromOci(`1.3.0@${digest}`, '1.2.3+ffffffffffff')).toMatchObject({
      act: 'upgrade',
      text: expect.stringContaining('from shop@1.2.3+ffffffffffff to shop@1.3.0') as string,
    })
    const off = ['--feature-gates=DisableChartDigestTracking=true']
    expect(await fromOci(`1.2.3@${digest}`, '1.2.3', off)).toMatchObject({ act: 'nothing' })
    expect(await fromOci(`1.3.0@${digest}`, '1.2.3', off)).toMatchObject({ act: 'upgrade' })
    expect(await fromOci(`latest@${digest}`, '1.2.3', off)).toMatchObject({ act: 'unknown' })
  })

  it('remediates what failed until it is out of retries, which a resume forgets', async () => {
    expect(await failedRun({}, {})).toMatchObject({ act: 'upgrade' })
    expect(await failedRun({})).toMatchObject({ act: 'stalled' })
    expect(await failedRun({ suspend: true })).toMatchObject({ act: 'upgrade' })
    expect(await failedRun({ upgrade: { remediation: { retries: 3 } } })).toMatchObject({ act: 'rollback' })
    expect(await failedRun({ upgrade: { remediation: { retries: -1, strategy: 'uninstall' } } })).toMatchObject({
      act: 'uninstall',
    })
    expect(await failedRun({ upgrade: { strategy: { name: 'RetryOnFailure' } } })).toMatchObject({ act: 'upgrade' })
    expect(await failedRun({}, undefined, { args: ['--feature-gates=DefaultToRetryOnFailure=true'] })).toMatchObject({
      act: 'upgrade',
    })
    expect(await failedRun({ values: { a: 1 } })).toMatchObject({ act: 'upgrade' })
    expect(
      await failedRun({}, undefined, {
        metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': '1', 'reconcile.fluxcd.io/resetAt': '1' } },
      }),
    ).toMatchObject({ act: 'upgrade' })
    const gone = { stored: storedRelease(1, { info: { status: 'uninstalled' } }), history: [] }
    expect(await runOf({ ...gone, status: { installFailures: 1 } })).toMatchObject({ act: 'stalled' })
    expect(await runOf(gone)).toMatchObject({ act: 'install' })
  })

  it('tests what was not tested, and upgrades what was forced', async () => {
    const test = { test: { enable: true } }
    expect(await runOf({ spec: test })).toMatchObject({ act: 'test' })
    expect(await runOf({ spec: test, history: [made({ testHooks: {} })] })).toMatchObject({ act: 'nothing' })
    const failed = [made({ testHooks: { a: { phase: 'Failed' } } })]
    expect(await runOf({ spec: test, history: failed })).toMatchObject({
      act: 'upgrade',
      text: expect.stringContaining('tests failed') as string,
    })
    expect(await runOf({ spec: { test: { enable: true, ignoreFailures: true } }, history: failed })).toMatchObject({
      act: 'nothing',
    })
    const annotations = { 'reconcile.fluxcd.io/requestedAt': '1', 'reconcile.fluxcd.io/forceAt': '1' }
    expect(await runOf({ metadata: { annotations } })).toMatchObject({ act: 'upgrade' })
    expect(await runOf({ metadata: { annotations }, status: { lastHandledReconcileAt: '1' } })).toMatchObject({
      act: 'nothing',
    })
  })

  it('uninstalls what is being deleted, and what moves', async () => {
    expect(await runOf({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })).toMatchObject({ act: 'uninstall' })
    expect(await runOf({ spec: { targetNamespace: 'other' } })).toMatchObject({ act: 'reinstall' })
    const named = { status: { observedGeneration: 1, observedChartName: 'store', artifact: { revision: '1.2.3' } } }
    expect(await runOf({ chart: named })).toMatchObject({ act: 'reinstall' })
    expect(
      await runOf({ chart: named, spec: { upgrade: { chartNameChangeStrategy: 'InPlaceUpdate' } } }),
    ).toMatchObject({ act: 'upgrade' })
  })
})
