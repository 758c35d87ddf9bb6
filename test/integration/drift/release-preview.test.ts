/** What Sluice says that resuming a HelmRelease does is what the real helm-controller then does: a new release or none, objects written or none. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ResumePreview } from '../../../shared/model/drift.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import type { KubeObject } from '../../cluster/apply-manifests.ts'
import type { DriftEngine } from '../../cluster/drift/drift-engine.ts'
import { startDriftEngine } from '../../cluster/drift/drift-engine.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'
import { configSources, ns, previewChart, situations } from './release-previews.ts'
import type { Situation } from './release-previews.ts'

const assets = fluxAssets()
const merge = 'application/merge-patch+json'

interface Release extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly generation: number }
  readonly status?: {
    readonly observedGeneration?: number
    readonly lastAttemptedGeneration?: number
    readonly lastHandledReconcileAt?: string
    readonly history?: readonly { readonly status: string }[]
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[]
  }
}

describe.skipIf(assets === null)('previews of suspended releases (skipped without FLUX_ASSETS)', () => {
  let cluster: TestCluster
  let flux: RunningFlux
  let git: GitServer
  let charts: GitRepository
  let sluice: DriftEngine

  const pathOf = (name: string): string => `/apis/helm.toolkit.fluxcd.io/v2/namespaces/${ns}/helmreleases/${name}`
  const sources = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${ns}`
  const release = (name: string): Promise<Release> => cluster.requestOk<Release>('GET', pathOf(name))
  const patch = (path: string, body: object): Promise<unknown> => cluster.requestOk('PATCH', path, body, merge)
  const waitFor = async (names: readonly string[], isThere: (release: Release) => boolean): Promise<void> => {
    for (const name of names) {
      let last: Release | null = null
      await waitUntil(async () => isThere((last = await release(name))), 90_000).catch(() => {
        throw new Error(`${name}: ${JSON.stringify(last?.status)}`)
      })
    }
  }
  const isObserved = ({ metadata, status }: Release): boolean => status?.observedGeneration === metadata.generation
  /** Its run has come to an end, whichever. */
  const isSettled = ({ metadata, status }: Release): boolean => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')
    if (ready?.reason === 'ValuesError') return true
    const isRunning = status?.conditions?.some(({ type, status: is }) => type === 'Reconciling' && is === 'True')
    return status?.lastAttemptedGeneration === metadata.generation && ready?.status !== 'Unknown' && isRunning !== true
  }
  const chartOf = (name: string): string => (name === 'moved' ? './moving' : './chart')

  beforeAll(async () => {
    cluster = await startTestCluster()
    git = await startGitServer()
    const inFolder = (folder: string, version: string): Record<string, string> =>
      Object.fromEntries(Object.entries(previewChart(version)).map(([file, text]) => [`${folder}/${file}`, text]))
    charts = await git.createRepository('charts', { ...inFolder('chart', '1.0.0'), ...inFolder('moving', '1.0.0') })
    flux = await startFluxControllers(cluster, {
      assets: assets ?? '',
      controllers: ['source-controller', 'helm-controller'],
      deployments: true,
    })
    await cluster.applyObjects([
      ...configSources,
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: 'charts', namespace: ns },
        spec: { url: charts.url, interval: '10m', ref: { branch: charts.branch } },
      },
      ...situations.map(({ name, spec }) => ({
        apiVersion: 'helm.toolkit.fluxcd.io/v2',
        kind: 'HelmRelease',
        metadata: { name, namespace: ns },
        spec: {
          interval: '10m',
          chart: { spec: { chart: chartOf(name), sourceRef: { kind: 'GitRepository', name: 'charts' } } },
          install: { disableWait: true },
          upgrade: { disableWait: true },
          uninstall: { disableWait: true },
          values: { text: 'old' },
          ...spec,
        },
      })),
    ])
    const names = situations.map(({ name }) => name)
    await waitFor(names, ({ status }) => status?.history?.[0]?.status === 'deployed')
    // A list where a text is wanted: the API server refuses it.
    await patch(pathOf('failed'), { spec: { values: { broken: '[a]' } } })
    await waitFor(['failed'], (found) => found.status?.history?.[0]?.status === 'failed' && isObserved(found))
    await waitFor(names, (found) => isObserved(found) && isSettled(found))
    for (const name of names) await patch(pathOf(name), { spec: { suspend: true } })
    await waitFor(names, isObserved)

    for (const { name, change } of situations) await change?.(cluster, pathOf(name))
    await charts.commit(inFolder('moving', '1.1.0'))
    await patch(`${sources}/gitrepositories/charts`, {
      metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } },
    })
    await waitUntil(async () => {
      const chart = await cluster.requestOk<{ status?: { artifact?: { revision: string } } }>(
        'GET',
        `${sources}/helmcharts/${ns}-moved`,
      )
      return chart.status?.artifact?.revision === '1.1.0'
    }, 60_000)
    await waitFor(names, isObserved)
    await waitFor(['asked'], ({ status }) => status?.lastHandledReconcileAt === 'token')
    sluice = await startDriftEngine({ kubeconfig: cluster.kubeconfigPath })
  })

  afterAll(async () => {
    await sluice?.stop()
    await flux?.stop()
    await git?.stop()
    await cluster?.stop()
  })

  const previewOf = async (name: string): Promise<ResumePreview> =>
    sluice.engine.handlers['drift.preview']({ ref: await sluice.ref('HelmRelease', ns, name) }, sluice.call)

  it.each(situations)('$name', async ({ name, caution, counts }: Situation) => {
    const preview = await previewOf(name)
    expect({ ...preview, objects: preview.objects.length }).toMatchObject({
      isHarmless: caution === undefined,
      caution: caution === undefined ? '' : (expect.stringMatching(caution) as string),
      configuredCount: 0,
      createdCount: 0,
      ...counts,
    })
    expect(JSON.stringify(preview)).not.toMatch(/hunter2|from map|needed\\n/)
  })

  it('opens by one click what is harmless, and nothing else', async () => {
    const ref = await sluice.ref('HelmRelease', ns, 'values')
    const { handlers } = sluice.engine
    await expect(handlers['gate.open']({ ref }, sluice.call)).rejects.toMatchObject({
      code: 'PreviewNeeded',
      message: expect.stringContaining('its values changed') as string,
    })
  })

  it('is what the controller does', async () => {
    /** By title: uid and version. */
    const snapshot = async (): Promise<ReadonlyMap<string, string>> => {
      const seen = new Map<string, string>()
      for (const plural of ['secrets', 'configmaps']) {
        const { items } = await cluster.requestOk<{ items: KubeObject[] }>('GET', `/api/v1/namespaces/${ns}/${plural}`)
        for (const { metadata } of items)
          seen.set(`${plural}/${metadata.name}`, `${String(metadata['uid'])} ${String(metadata['resourceVersion'])}`)
      }
      return seen
    }
    const before = await snapshot()
    const { handlers } = sluice.engine
    for (const { name, caution } of situations)
      if (caution === undefined)
        await handlers['gate.open']({ ref: await sluice.ref('HelmRelease', ns, name) }, sluice.call)
      else await patch(pathOf(name), { spec: { suspend: null } })
    const names = situations.map(({ name }) => name)
    await waitFor(names, (found) => !('suspend' in (found as unknown as { spec: object }).spec) && isSettled(found))
    const after = await snapshot()
    const touched = [...after].filter(([title, version]) => before.get(title) !== version).map(([title]) => title)
    const ownedBy = (name: string): readonly string[] => touched.filter((title) => isOf(title, name))
    const outcomes = situations.map(({ name }) => ({
      name,
      makesRelease: ownedBy(name).some((title) => title.startsWith('secrets/sh.helm.release') && !before.has(title)),
      writes: ownedBy(name)
        .filter((title) => title.startsWith('configmaps/'))
        .map((title) => title.slice('configmaps/'.length)),
    }))
    const expected = situations.map(({ name, makesRelease, writes = [] }, index) => ({
      name,
      makesRelease,
      // What an upgrade writes is not foretold.
      writes: makesRelease ? outcomes[index]!.writes : writes,
    }))
    expect(outcomes).toEqual(expected)
  })
})

/** `configmaps/NAME-a`, `secrets/sh.helm.release.v1.NAME.v2`; of a release under another name, too. */
function isOf(title: string, name: string): boolean {
  return new RegExp(`^(configmaps/${name}(-b)?-[ab]|secrets/sh\\.helm\\.release\\.v1\\.${name}(-b)?\\.v\\d+)$`).test(
    title,
  )
}
