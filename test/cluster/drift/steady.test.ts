/**
 * Nothing changed, nothing shown: an object of every built-in kind and objects of projects' CRDs, with all the defaults that an API server and the
 * controllers of Kubernetes fill in. And what autoscalers, injectors and the like add afterwards is shown as theirs, never as drift.
 */
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call -- manifests are reached into as the JSON that they are */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { absent } from '../../in-ci.ts'
import { isSoak } from '../../soak.ts'
import { fluxAssets, type TestCluster } from '../start.ts'
import { builtinObjects } from './builtin-objects.ts'
import { instancesOf, readDefinitions } from './definition-objects.ts'
import { driftedOf, linesOf, startDriftEngine, type DriftEngine, type Report } from './drift-engine.ts'
import { readServedKinds, type ServedKinds } from './served-kinds.ts'
import { fluxNamespace, startTruthFleet, type TruthFleet } from './truth-fleet.ts'
import type { Manifest, TruthKustomization } from './truth-manifests.ts'

/** Kinds that nobody keeps in Git, made by the API server or gone once they are answered; definitions have a Kustomization of their own. */
const notForGit = new Set([
  'Binding',
  'ComponentStatus',
  'CustomResourceDefinition',
  'LocalSubjectAccessReview',
  'Node',
  'SelfSubjectAccessReview',
  'SelfSubjectReview',
  'SelfSubjectRulesReview',
  'SubjectAccessReview',
  'TokenReview',
])

/** Their controller says which generation of the object it has seen, and writes to the object when it sees another one. */
const observedKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'PodDisruptionBudget'])

describe.skipIf(fluxAssets() === null)('an unmutated cluster (skipped without FLUX_ASSETS)', () => {
  let fleet: TruthFleet
  let drift: DriftEngine
  let served: ServedKinds
  const owners: ObjectRef[] = []
  /** Kinds of which the API server took no object, and why. */
  const refused = { builtin: new Map<string, string>(), instances: new Map<string, string>() }
  let missing: readonly string[] = []
  let kustomizations: readonly TruthKustomization[] = []

  /** The first of these that the API server would take. */
  const accepted = async (
    cluster: TestCluster,
    of: keyof typeof refused,
    candidates: readonly Manifest[],
  ): Promise<Manifest | null> => {
    let last = ''
    for (const object of candidates) {
      const at = served.pathOf(object)
      if (at === null) {
        last = 'not served'
        continue
      }
      const { status, text } = await cluster.request(
        'PATCH',
        `${at}?fieldManager=trial&force=true&dryRun=All`,
        object,
        'application/apply-patch+yaml',
      )
      if (status < 300) return object
      last = text.slice(0, 300)
    }
    const [first] = candidates
    refused[of].set(
      of === 'instances' ? (first?.kind ?? '') : `${first?.kind ?? ''} ${first?.metadata.name ?? ''}`,
      last,
    )
    return null
  }

  const prepare = async (cluster: TestCluster): Promise<readonly TruthKustomization[]> => {
    const definitions = await readDefinitions()
    ;({ missing } = definitions)
    if (missing.length > 0) absent(`The CRDs of ${missing.join(', ')} cannot be had: no Go toolchain or proxy`)
    // In `npm test` a few of them: the whole lot is megabytes for every check.
    const chosen = isSoak
      ? definitions.objects
      : definitions.objects.filter(({ spec }, index) => index % 4 === 0 || spec.group.startsWith('gateway'))
    await cluster.applyObjects([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'steady', labels: { 'sluice.invalid/trial': '1' } } },
      ...chosen,
    ])
    served = await readServedKinds(cluster)
    const builtin: Manifest[] = []
    for (const object of builtinObjects()) {
      const found = await accepted(cluster, 'builtin', [object])
      if (found !== null) builtin.push(found)
    }
    const instances: Manifest[] = []
    for (const definition of chosen) {
      const found = await accepted(cluster, 'instances', instancesOf(definition, 'steady'))
      if (found !== null) instances.push(found)
    }
    kustomizations = [
      { name: 'definitions', objects: chosen, spec: { prune: false } },
      { name: 'builtin', objects: builtin },
      { name: 'instances', objects: instances },
    ]
    return kustomizations
  }

  beforeAll(async () => {
    fleet = await startTruthFleet({ kustomizations: prepare, components: { controllerManager: true } })
    drift = await startDriftEngine({ kubeconfig: fleet.cluster.kubeconfigPath })
    for (const { name } of kustomizations) owners.push(await drift.ref('Kustomization', fluxNamespace, name))
    await drift.check(owners[0]!)
  })
  afterAll(async () => {
    await drift?.stop()
    await fleet?.stop()
  })

  const checkAll = async (): Promise<readonly Report[]> => {
    const reports: Report[] = []
    for (const owner of owners) reports.push(await drift.check(owner))
    for (const { owner } of reports)
      if (owner.error !== null || owner.isApproximate || owner.fidelity?.word !== 'verified')
        throw new Error(`${owner.owner.name}: ${JSON.stringify(owner)}`)
    return reports
  }
  const driftLines = (reports: readonly Report[]): readonly string[] =>
    linesOf(reports)
      .filter(({ line }) => !line.includes(': notOwned '))
      .map(({ line, text }) => `${line} (${text})`)

  it('has an object of every built-in kind', () => {
    const present = new Set(builtinObjects().map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))
    const without = served.builtin.filter(
      ({ kind }) => !notForGit.has(kind) && ![...present].some((each) => each.endsWith(` ${kind}`)),
    )
    expect(without.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([])
    // What it refuses is not compared.
    expect([...refused.builtin]).toEqual([])
  })

  it('has an object of every custom kind', () => {
    if (missing.length > 0)
      process.stderr.write(`without the CRDs of ${missing.join(', ')}: no Go toolchain or proxy\n`)
    expect([...refused.instances]).toEqual([])
  })

  it('shows no drift, and the controller has nothing to do either', async () => {
    await settled()
    const reports = await checkAll()
    const count = reports.reduce((sum, { objects }) => sum + objects.length, 0)
    process.stderr.write(
      `${kustomizations.map(({ name, objects }) => `${objects.length} ${name}`).join(', ')}: ${count} compared\n` +
        linesOf(reports)
          .map(({ line, text }) => `  ${line} (${text})\n`)
          .join(''),
    )
    expect(count).toBe(kustomizations.reduce((sum, { objects }) => sum + objects.length, 0))
    const before = await versions()
    const failures = await fleet.reconcile(kustomizations.map(({ name }) => name))
    const after = await versions()
    expect(failures).toEqual([])
    const touched = Object.keys(after).filter((title) => after[title] !== before[title])
    expect({ drift: driftLines(reports), listed: driftedOf(reports) }).toEqual({ drift: [], listed: touched })
  })

  /** The controllers of Kubernetes have done their part: they have seen each workload as it is, and nothing moves any more. */
  const settled = (): Promise<unknown> =>
    waitUntil(async () => {
      for (const object of kustomizations.flatMap(({ objects }) => objects)) {
        if (!observedKinds.has(object.kind)) continue
        const { body } = await fleet.cluster.request('GET', served.pathOf(object) ?? '')
        const { metadata, status } = (body ?? {}) as Manifest & { status?: { observedGeneration?: number } }
        if (status?.observedGeneration !== metadata.generation) return false
      }
      const before = await versions()
      await new Promise((resolve) => setTimeout(resolve, 1000))
      return JSON.stringify(before) === JSON.stringify(await versions())
    }, 60_000)

  /** Every object as it was last written, but for its status: autoscalers write theirs every 15 s. */
  const versions = async (): Promise<Record<string, string>> => {
    const found: Record<string, string> = {}
    for (const { objects } of kustomizations)
      for (const object of objects) {
        const at = served.pathOf(object)
        const { body } = await fleet.cluster.request('GET', at ?? '')
        const { status: _status, metadata, ...rest } = (body ?? {}) as Manifest & { status?: unknown }
        const {
          resourceVersion: _version,
          managedFields,
          annotations = {},
          ...own
        } = (metadata ?? {}) as Record<string, unknown>
        const writes = ((managedFields ?? []) as { subresource?: string }[]).filter(
          ({ subresource }) => subresource === undefined,
        )
        // The first version of autoscalers has its status in annotations, and none before the first one.
        const said = Object.entries(annotations as object).filter(
          ([key]) => !key.startsWith('autoscaling.alpha.kubernetes.io/'),
        )
        found[`${object.kind} ${object.metadata.name}`] = JSON.stringify([rest, own, said, writes])
      }
    return found
  }

  it(
    'shows what autoscalers, injectors and controllers add as theirs',
    { timeout: isSoak ? 900_000 : 120_000 },
    async () => {
      const { cluster } = fleet
      const at = (kind: string, name: string): string =>
        served.pathOf(
          kustomizations
            .flatMap(({ objects }) => objects)
            .find((each) => each.kind === kind && each.metadata.name === name)!,
        ) ?? ''
      const merge = (path: string, manager: string, patch: unknown): Promise<unknown> =>
        cluster.requestOk('PATCH', `${path}?fieldManager=${manager}`, patch, 'application/merge-patch+json')
      const json = (path: string, manager: string, patch: unknown): Promise<unknown> =>
        cluster.requestOk('PATCH', `${path}?fieldManager=${manager}`, patch, 'application/json-patch+json')
      const before = new Set(linesOf(await checkAll()).map(({ line }) => line))

      await merge(`${at('Deployment', 'plain')}/scale`, 'kube-controller-manager', { spec: { replicas: 4 } })
      await json(at('Deployment', 'plain'), 'sidecar-injector', [
        {
          op: 'add',
          path: '/spec/template/spec/containers/-',
          value: { name: 'proxy', image: 'registry.invalid/proxy' },
        },
        {
          op: 'add',
          path: '/spec/template/spec/initContainers',
          value: [{ name: 'proxy-init', image: 'registry.invalid/proxy' }],
        },
        { op: 'add', path: '/spec/template/spec/volumes', value: [{ name: 'proxy', emptyDir: {} }] },
        { op: 'add', path: '/spec/template/metadata/annotations', value: { 'sidecar.invalid/injected': 'true' } },
      ])
      await json(at('MutatingWebhookConfiguration', 'steady'), 'cainjector', [
        { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: 'Q0E=' },
      ])
      await merge(at('Namespace', 'steady'), 'policy-controller', {
        metadata: {
          labels: { 'pod-security.kubernetes.io/enforce': 'privileged' },
          annotations: { 'policy.invalid/seen': '1' },
        },
      })
      await merge(at('Service', 'balanced'), 'cloud-provider', {
        spec: { loadBalancerClass: null, healthCheckNodePort: null },
        metadata: {
          annotations: { 'cloud.invalid/id': 'lb-1' },
          finalizers: ['service.kubernetes.io/load-balancer-cleanup'],
        },
      })
      await merge(`${at('Service', 'balanced')}/status`, 'cloud-provider', {
        status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } },
      })
      await merge(at('ServiceAccount', 'plain'), 'registry-controller', { imagePullSecrets: [{ name: 'pull' }] })
      await merge(at('PersistentVolumeClaim', 'plain'), 'provisioner', {
        metadata: { annotations: { 'provisioner.invalid/seen': '1' } },
      })

      const expected = [
        'Deployment steady/plain: notOwned added spec.replicas',
        'Deployment steady/plain: notOwned added spec.template.spec.containers[proxy]',
        'Deployment steady/plain: notOwned added spec.template.spec.initContainers',
        'Deployment steady/plain: notOwned added spec.template.spec.volumes',
        'Deployment steady/plain: notOwned added spec.template.metadata.annotations',
        'MutatingWebhookConfiguration steady: notOwned added webhooks[b.steady.invalid].clientConfig.caBundle',
        'Namespace steady: notOwned added metadata.labels[pod-security.kubernetes.io/enforce]',
        'Namespace steady: notOwned added metadata.annotations[policy.invalid/seen]',
        'Service steady/balanced: notOwned added metadata.annotations[cloud.invalid/id]',
        'ServiceAccount steady/plain: notOwned added imagePullSecrets',
        'PersistentVolumeClaim steady/plain: notOwned added metadata.annotations[provisioner.invalid/seen]',
      ].sort()
      const added = async (): Promise<readonly string[]> =>
        linesOf(await checkAll())
          .map(({ line }) => line)
          .filter((line) => !before.has(line) && !line.includes('deployment.kubernetes.io/'))
          .sort()
      // Watches tell of it a moment later.
      await waitUntil(async () => JSON.stringify(await added()) === JSON.stringify(expected), 10_000).catch(
        () => undefined,
      )
      expect(await added()).toEqual(expected)
      const reports = await checkAll()
      expect(driftLines(reports)).toEqual([])
      // New pods and what they tell of themselves are no writes of the one that is looked at.
      await settled()
      const versionsBefore = await versions()
      await fleet.reconcile(kustomizations.map(({ name }) => name))
      const versionsAfter = await versions()
      // Autoscalers are written by their own controller every 15 s: the first test holds them against the controller of Flux.
      const touched = Object.keys(versionsAfter).filter((title) => versionsAfter[title] !== versionsBefore[title])
      expect(touched.filter((title) => !title.startsWith('HorizontalPodAutoscaler '))).toEqual([])
    },
  )
})
