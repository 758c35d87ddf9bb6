/**
 * Sluice takes over from the real controllers and gives back, several times in a row on one cluster, each of them reconciling everything in between: no
 * object that a Kustomization manages is written, by the objects themselves and by the API server's audit log.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLogTail } from '../../../electron/adapters/control-plane/guarded-process.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { textAt } from '../../../electron/engine/status/read.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fluxAssets } from '../../cluster/start.ts'
import { isSoak } from '../../soak.ts'
import { removeFolders } from '../clusters/running-engine.ts'
import type { AuditedCluster, AuditLine } from './audited-cluster.ts'
import { startAuditedCluster } from './audited-cluster.ts'
import { readObjects } from './fleet-compare.ts'
import { kustomizationsRoot, readUnsettled, sourcesRoot } from './fleet-settled.ts'
import type { Synthetic } from './fleet-synthetic.ts'
import { createSynthetic } from './fleet-synthetic.ts'
import { allowLoopback } from './fleet-twins.ts'
import type { HostedEngine } from './hosted-engine.ts'
import { leaderFlags, quickTimings, startHostedEngine } from './hosted-engine.ts'

/** Ten in a soak run. */
const rounds = isSoak ? 10 : 1
/** Milliseconds; a soak run may be the last that the machine works on. */
const patience = isSoak ? 300_000 : 60_000
/** Who ends gives its lease back: a long one costs no time, and a machine that stands still for ten seconds costs no leader. */
const timings = isSoak ? { leaseDurationMs: 30_000, renewDeadlineMs: 20_000, retryPeriodMs: 500 } : quickTimings
const controllers = ['source-controller', 'kustomize-controller'] as const
/** Writes of everything but what Flux says of itself. A review of rights is created and stores nothing. */
const rules = `
  - {level: None, resources: [{group: "", resources: [events]}, {group: coordination.k8s.io, resources: [leases]}]}
  - {level: None, resources: [{group: authorization.k8s.io}, {group: authentication.k8s.io}]}
  - {level: Metadata, verbs: [create, update, patch, delete, deletecollection]}`

describe.skipIf(fluxAssets() === null)('Sluice and the real controllers on one cluster', () => {
  let audited: AuditedCluster
  let cluster: TestCluster
  let git: GitServer
  let synthetic: Synthetic | undefined
  let flux: RunningFlux
  let engine: HostedEngine
  let asked = 0

  beforeAll(async () => {
    audited = await startAuditedCluster(rules)
    cluster = audited.cluster
    const flags = leaderFlags(timings)
    flux = await startFluxControllers(cluster, {
      assets: fluxAssets() ?? '',
      controllers,
      isElected: true,
      extraArgs: { 'source-controller': flags, 'kustomize-controller': flags },
    })
    git = await startGitServer()
    const kept = ['overlay', 'variables', 'stages', 'after-stages', 'checked', 'controls', 'library']
    synthetic = await createSynthetic(git, 2, (name) => kept.includes(name))
    const { entry, kustomizations } = synthetic
    await cluster.applyObjects(entry)
    await waitUntil(async () => (await list('kustomizations')).length === kustomizations.length, patience)
    await waitUntil(async () => (await readUnsettled(cluster)).length === 0, patience)
    engine = await startHostedEngine({
      kubeconfig: cluster.kubeconfigPath,
      version: '1.0.0-handover',
      hosting: { isPruneGuarded: false, timings },
    })
    allowLoopback(engine)
  })
  afterAll(async () => {
    await engine?.dispose()
    await flux?.stop()
    await synthetic?.stop()
    await git?.stop()
    await audited?.stop()
    await removeFolders()
  })

  it(
    'hand over to each other, again and again, without a write to what they manage',
    { timeout: 10 * patience },
    async () => {
      const before = await managed()
      expect(before.size).toBeGreaterThan(20)
      const from = (await audit()).length
      for (let round = 1; round <= rounds; round += 1) {
        for (const name of controllers.toReversed()) await flux.kill(name, 20_000)
        await engine.switchOn()
        await waitUntil(() => engine.state()?.state === 'active', patience)
        await reconcileAll()
        expect(await holders()).toEqual([expect.stringMatching(/^sluice-/), expect.stringMatching(/^sluice-/)])

        await engine.switchOff()
        await flux.restart('source-controller')
        // As the hand-over does it: nobody can fetch what lies on this machine.
        await waitUntil(async () => (await list('gitrepositories')).every(isServed), patience)
        await flux.restart('kustomize-controller')
        await reconcileAll()
        expect((await holders()).some((holder) => holder === '' || holder.startsWith('sluice-'))).toBe(false)
        expect(await managed()).toEqual(before)
      }
      const lines = (await audit()).slice(from)
      for (const writer of ['sluice', ...controllers])
        expect(
          lines.some(({ userAgent = '' }) => userAgent.startsWith(writer)),
          writer,
        ).toBe(true)
      const wrong = lines.filter(
        ({ objectRef: { apiGroup = '', resource } = { resource: '' }, requestURI }) =>
          !['kustomizations', 'gitrepositories'].some(
            (own) => own === resource && apiGroup.endsWith('.toolkit.fluxcd.io'),
          ) &&
          !requestURI.includes('dryRun=All') &&
          !requestURI.includes('/serviceaccounts/'),
      )
      expect(wrong.map(({ verb, requestURI, userAgent = '' }) => `${userAgent} ${verb} ${requestURI}`)).toEqual([])
    },
  )

  async function list(plural: 'kustomizations' | 'gitrepositories'): Promise<readonly KubeObject[]> {
    const root = plural === 'kustomizations' ? kustomizationsRoot : sourcesRoot
    return (await cluster.requestOk<{ items: KubeObject[] }>('GET', `${root}/${plural}`)).items
  }

  /** By source-controller itself, or by nobody because it cannot be had. */
  function isServed(source: KubeObject): boolean {
    const url = textAt(source, 'status', 'artifact', 'url')
    return url === '' || url.startsWith('http://127.0.0.1:')
  }

  async function reconcileAll(): Promise<void> {
    asked += 1
    const body = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': `round-${String(asked)}` } } }
    for (const plural of ['gitrepositories', 'kustomizations'] as const) {
      const root = plural === 'kustomizations' ? kustomizationsRoot : sourcesRoot
      await Promise.all(
        (await list(plural)).map(({ metadata: { namespace = '', name } }) =>
          cluster.requestOk(
            'PATCH',
            `${root}/namespaces/${namespace}/${plural}/${name}?fieldManager=flux`,
            body,
            'application/merge-patch+json',
          ),
        ),
      )
    }
    let unsettled: readonly string[] = []
    await waitUntil(async () => (unsettled = await readUnsettled(cluster)).length === 0, 1.5 * patience).catch(
      async () => {
        const told = await Promise.all(controllers.map((name) => readLogTail(flux.logFile(name))))
        throw new Error(
          `request ${String(asked)}, hosted mode ${engine.state()?.state ?? 'off'}: ${unsettled.join('; ')}\n${[...engine.logs.slice(-40), ...told].join('\n')}`,
        )
      },
    )
  }

  async function holders(): Promise<readonly string[]> {
    const at = '/apis/coordination.k8s.io/v1/namespaces/flux-system/leases'
    return Promise.all(
      controllers.map(async (name) =>
        textAt(await cluster.requestOk('GET', `${at}/${name}-leader-election`), 'spec', 'holderIdentity'),
      ),
    )
  }

  /** What the Kustomizations applied, the Flux objects among them by their generation only: `resourceVersion generation`. */
  async function managed(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>()
    for (const [key, { apiVersion, metadata }] of await readObjects(cluster)) {
      if (metadata.labels?.['kustomize.toolkit.fluxcd.io/name'] === undefined) continue
      const isFlux = apiVersion.includes('.toolkit.fluxcd.io/')
      found.set(key, `${isFlux ? '' : (metadata.resourceVersion ?? '')} ${String(metadata.generation ?? 0)}`)
    }
    return found
  }

  async function audit(): Promise<readonly AuditLine[]> {
    const lines = await audited.audit()
    return lines.filter(({ userAgent = '' }) => /^(sluice|source-controller|kustomize-controller)[-/]/.test(userAgent))
  }
})
