/** Releases that the real helm-controller made, compared by the engine, whatever their drift detection says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import type { KubeObject } from '../../cluster/apply-manifests.ts'
import type { DriftEngine, Report } from '../../cluster/drift/drift-engine.ts'
import { startDriftEngine } from '../../cluster/drift/drift-engine.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../../cluster/start.ts'
import { chartFiles, helmRelease } from './helm-chart.ts'

const assets = fluxAssets()

interface Release extends KubeObject {
  readonly status?: {
    readonly history?: readonly { readonly status: string; readonly version: number; readonly chartVersion: string }[]
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[]
  }
}

describe.skipIf(assets === null)('drift of releases (skipped without FLUX_ASSETS)', () => {
  let cluster: TestCluster
  let flux: RunningFlux
  let git: GitServer
  let drift: DriftEngine

  const releasePath = (name: string): string =>
    `/apis/helm.toolkit.fluxcd.io/v2/namespaces/flux-system/helmreleases/${name}`
  const read = (name: string): Promise<Release> => cluster.requestOk<Release>('GET', releasePath(name))
  const waitFor = async (name: string, isThere: (release: Release) => boolean): Promise<void> => {
    let last: Release | null = null
    await waitUntil(async () => isThere((last = await read(name))), 120_000).catch(() => {
      throw new Error(`${name}: ${JSON.stringify(last?.status?.conditions)}`)
    })
  }
  const isDeployed = ({ status }: Release): boolean => status?.history?.[0]?.status === 'deployed'
  const check = async (name: string): Promise<{ readonly owner: ObjectRef; readonly report: Report }> => {
    const owner = await drift.ref('HelmRelease', 'flux-system', name)
    return { owner, report: await drift.check(owner) }
  }
  const lines = ({ reported }: Report): readonly string[] =>
    reported
      // What the controller manager notes on Deployments belongs to nobody here.
      .map(({ object, fields }) => ({
        object,
        fields: fields.filter(({ path }) => !path.includes('deployment.kubernetes.io/revision')),
      }))
      .filter(({ object, fields }) => fields.length > 0 || object.action !== 'unchanged')
      .flatMap(({ object, fields }) =>
        fields.length === 0
          ? [`${object.action} ${object.ref.kind} ${object.ref.name}`]
          : fields.map(
              (field) =>
                `${object.action} ${object.ref.kind} ${object.ref.name} ${field.verdict} ${field.path} ${field.blame?.manager ?? ''}`,
            ),
      )
      .sort()

  beforeAll(async () => {
    cluster = await startTestCluster({ components: { controllerManager: true } })
    flux = await startFluxControllers(cluster, {
      assets: assets ?? '',
      // Without the third the others wait for it, 15 s for each event.
      controllers: ['source-controller', 'helm-controller', 'notification-controller'],
      deployments: true,
    })
    git = await startGitServer()
    const repository = await git.createRepository('charts', chartFiles)
    await cluster.applyObjects([
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: 'charts', namespace: 'flux-system' },
        spec: { url: repository.url, interval: '10m', ref: { branch: repository.branch } },
      },
      helmRelease('plain'),
    ])
    await waitFor('plain', isDeployed)
    drift = await startDriftEngine({ kubeconfig: cluster.kubeconfigPath })
  })

  afterAll(async () => {
    await drift?.stop()
    await flux?.stop()
    await git?.stop()
    await cluster?.stop()
  })

  it('is none where nobody changed anything, and the release is the one that its controller remembers', async () => {
    const { report } = await check('plain')
    expect(lines(report)).toEqual(['skipped ConfigMap plain-left'])
    expect(report.owner.error).toBeNull()
    expect(report.owner.fidelity).toMatchObject({
      word: 'verified',
      origin: 'releaseStorage',
      reasons: [],
      assumptions: [],
    })
    expect(report.objects.map(({ ref }) => `${ref.kind} ${ref.namespace}/${ref.name}`).sort()).toEqual([
      'ClusterRole /plain-reader',
      'ConfigMap flux-system/plain-config',
      'ConfigMap flux-system/plain-left',
      'ConfigMap flux-system/plain-part',
      'CustomResourceDefinition /gizmos.shop.invalid',
      'Deployment flux-system/plain',
      'Secret flux-system/plain-secret',
      'Service flux-system/plain',
    ])
  })

  it('finds what was edited and deleted although driftDetection is off, and tells who did it', async () => {
    const ns = '/namespaces/flux-system'
    await cluster.requestOk(
      'PATCH',
      `/apis/apps/v1${ns}/deployments/plain?fieldManager=kubectl-edit`,
      { spec: { replicas: 5 }, metadata: { labels: { added: 'by-hand', app: 'other' } } },
      'application/merge-patch+json',
    )
    await cluster.requestOk(
      'PATCH',
      `/api/v1${ns}/secrets/plain-secret?fieldManager=kubectl-edit`,
      { data: { password: 'b3RoZXI=' } },
      'application/merge-patch+json',
    )
    await cluster.requestOk('DELETE', `/api/v1${ns}/services/plain`)
    await cluster.requestOk('DELETE', `/api/v1${ns}/configmaps/plain-left`)
    const { report } = await check('plain')
    expect(lines(report)).toEqual([
      'configured Deployment plain drift metadata.labels.app kubectl-edit',
      'configured Deployment plain drift spec.replicas kubectl-edit',
      'configured Deployment plain notOwned metadata.labels.added kubectl-edit',
      'configured Secret plain-secret drift data.password kubectl-edit',
      'created Service plain',
      'skipped ConfigMap plain-left',
    ])
    expect(JSON.stringify(report)).not.toMatch(/hunter2|aHVudGVyMg|b3RoZXI/)
  })

  it('leaves out what driftDetection.ignore names', async () => {
    await cluster.requestOk(
      'PATCH',
      releasePath('plain'),
      {
        spec: {
          driftDetection: {
            mode: 'disabled',
            ignore: [
              { paths: ['/spec/replicas'], target: { kind: 'Deployment' } },
              { paths: [''], target: { kind: 'Service' } },
            ],
          },
        },
      },
      'application/merge-patch+json',
    )
    await waitUntil(async () => {
      const { report } = await check('plain')
      return (
        lines(report).some((line) => line.includes('ignored spec.replicas')) &&
        lines(report).includes('skipped Service plain')
      )
    }, 60_000)
  })

  it('reads releases that were post-rendered and upgraded, and the last good one where an upgrade failed', async () => {
    const patch = '- op: replace\n  path: /spec/replicas\n  value: 4\n'
    const spec = {
      targetNamespace: 'shops',
      install: { disableWait: true, createNamespace: true },
      commonMetadata: { labels: { team: 'a' }, annotations: { note: 'b' } },
      postRenderers: [{ kustomize: { patches: [{ target: { kind: 'Deployment' }, patch }] } }],
    }
    const apply = (values: object): Promise<unknown> =>
      cluster.applyObjects([helmRelease('rendered', { ...spec, values })])
    await apply({ number: 1, broken: 'a', part: { enabled: false } })
    await waitFor('rendered', isDeployed)
    await apply({ number: 2, broken: 'a' })
    await waitFor('rendered', (release) => isDeployed(release) && release.status?.history?.[0]?.version === 2)
    const { report } = await check('rendered')
    expect(lines(report)).toEqual(['skipped ConfigMap shops-rendered-left'])
    expect(report.owner.fidelity).toMatchObject({ word: 'verified', reasons: [] })

    // A list where a text is wanted: the API server refuses it.
    await apply({ number: 3, broken: '[a]' })
    await waitFor('rendered', ({ status }) => status?.history?.[0]?.status === 'failed')
    const after = await check('rendered')
    expect(after.report.owner.fidelity).toMatchObject({ word: 'differs' })
    expect(after.report.owner.fidelity?.reasons.join()).toMatch(
      /rendered\.v3, is failed: it is compared with .*rendered\.v2/,
    )
    expect(after.report.owner.error).toBeNull()
  })

  it('notices a revision that its controller did not make', async () => {
    const secrets = '/api/v1/namespaces/flux-system/secrets'
    const made = await cluster.requestOk<KubeObject & { data: object }>('GET', `${secrets}/sh.helm.release.v1.plain.v1`)
    const metadata = {
      name: 'sh.helm.release.v1.plain.v2',
      labels: { owner: 'helm', name: 'plain', status: 'deployed', version: '2' },
    }
    const other = { apiVersion: 'v1', kind: 'Secret', type: 'helm.sh/release.v1', data: made.data, metadata }
    await cluster.requestOk('POST', secrets, other)
    const { report } = await check('plain')
    expect(report.owner.fidelity).toMatchObject({ word: 'differs', assumptions: [] })
    expect(report.owner.fidelity?.reasons.join()).toContain('made revision 2 of this release')
    await cluster.requestOk('DELETE', `${secrets}/${metadata.name}`)
  })

  it('says of a release that is gone from storage that it is', async () => {
    await cluster.requestOk('DELETE', '/api/v1/namespaces/flux-system/secrets/sh.helm.release.v1.plain.v1')
    await cluster.requestOk('PATCH', releasePath('plain'), { spec: { suspend: true } }, 'application/merge-patch+json')
    await waitUntil(async () => {
      const { report } = await check('plain')
      return report.owner.error?.code === 'ReleaseUnreadable'
    }, 60_000)
  })
})
