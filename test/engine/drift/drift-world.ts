/** Drift over a cluster in memory, with a clock that moves only when told to and a comparison that only looks at one field. */
import type { ComparedObject, CompareSet } from '../../../electron/engine/apply/compare-set.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { Comparison } from '../../../electron/engine/drift/compare-owner.ts'
import type { DesiredSource } from '../../../electron/engine/drift/owner-comparer.ts'
import type { DesiredSet } from '../../../electron/engine/drift/desired-set.ts'
import { ignoreRuleOf } from '../../../electron/engine/diff/ignore-rule-text.ts'
import { patchOf } from '../../../electron/engine/diff/patch-text.ts'
import { createDrift } from '../../../electron/engine/drift/drift.ts'
import type { Drift } from '../../../electron/engine/drift/drift.ts'
import type { KubeClient, Ports } from '../../../electron/engine/ports.ts'
import { textAt } from '../../../electron/engine/status/read.ts'
import { compileReadyExpression } from '../../../electron/engine/reconcile/health/health-expressions.ts'
import type { DriftField, DriftObject, DriftOwner } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { createMemoryStore } from './memory-store.ts'
import { MemoryCluster, MemorySink, silentLogger, testCall } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import { ObjectServer } from './object-server.ts'

export interface World {
  readonly cluster: MemoryCluster
  readonly server: ObjectServer
  readonly drift: Drift
  readonly owners: MemorySink<DriftOwner>
  readonly objects: MemorySink<DriftObject>
  /** Names of objects that were asked for by dry-run, in order. */
  readonly dryRuns: string[]
  /** Owners whose desired state was made. */
  readonly rendered: string[]
  fail: SluiceError | null
  /** Where objects stand in their files. */
  line: number
  /** What editors were asked to open: `FOLDER FILE:LINE`. */
  readonly opened: readonly string[]
  /** Names of objects that the API server refuses, after it was asked. */
  readonly refused: Set<string>
  /** Times that texts were made. */
  readonly printed: number
  owner(name: string): DriftOwner | undefined
}

export const kustomization = (name: string, more = ''): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: apps, uid: u-${name}, generation: 1}
spec: {interval: 10m, prune: true, path: ., sourceRef: {kind: GitRepository, name: fleet}${more}}
status: {observedGeneration: 1, lastAppliedRevision: main@sha1:a, lastAttemptedRevision: main@sha1:a}
`

export const config = (name: string, value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'apps', labels: { 'kustomize.toolkit.fluxcd.io/name': 'any' } },
  data: { value },
})

/** Desired: two ConfigMaps for each Kustomization with value "git". */
export function setUp(options: {
  owners: readonly string[]
  isWatched?: boolean
  perSecond?: number
  atOnce?: number
  isOnBattery?: boolean
  commitOf?: DesiredSource['commitOf']
  logOf?: DesiredSource['logOf']
  /** False: desired states are made from nothing in the cluster. */
  hasInputs?: boolean
  /** Where the owners' objects are, if not in their own cluster. */
  remote?: KubeClient
}): World {
  const cluster = new MemoryCluster()
  const server = new ObjectServer()
  cluster.kubeClient = server.client
  const dryRuns: string[] = []
  const rendered: string[] = []
  const opened: string[] = []
  const refused = new Set<string>()
  const world = { fail: null as SluiceError | null, printed: 0, line: 1 }
  for (const name of options.owners) {
    cluster.apply(kustomization(name))
    for (const part of ['a', 'b']) server.put('configmaps', config(`${name}-${part}`, 'git'))
  }
  const desired: DesiredSource & { dispose(): void } = {
    async desiredOf(_view, object) {
      await Promise.resolve()
      if (world.fail !== null) throw world.fail
      const { name } = object.metadata
      rendered.push(name)
      return setOf(cluster, name, world.line, options.remote ?? null)
    },
    inputsOf: () =>
      options.hasInputs === false
        ? []
        : [{ cluster: 'c1', group: '', kind: 'ConfigMap', namespace: 'apps', name: 'vars' }],
    peek: (_view, { status }) => textAt(status, 'lastAppliedRevision'),
    nextRunOf: () => Promise.reject(new Error('not asked here')),
    choicesOf: () => '',
    ...(options.commitOf === undefined ? {} : { commitOf: options.commitOf }),
    ...(options.logOf === undefined ? {} : { logOf: options.logOf }),
    dispose: () => undefined,
  }
  const compareSet: CompareSet = async (set, { live, reuse, takeDryRun, signal }) => {
    const compared: ComparedObject[] = []
    for (const each of set.objects) {
      const { apiVersion, kind, metadata } = each.object
      const read = await live.read({ apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name })
      if ('problem' in read) throw new Error('unexpected problem')
      const earlier = reuse(each, read.object)
      if (earlier !== null) {
        compared.push(earlier)
        continue
      }
      const done = await takeDryRun(signal)
      dryRuns.push(metadata.name)
      done({ status: server.isUp ? 200 : 0, durationMs: 5 })
      if (!server.isUp) throw new SluiceError('ConnectionRefused', 'nobody listens', { retry: 'transient' })
      const value = (read.object?.['data'] as { value?: string } | undefined)?.value
      compared.push({
        apiVersion,
        kind,
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        action: refused.has(metadata.name)
          ? 'refused'
          : read.object === null
            ? 'created'
            : value === 'git'
              ? 'unchanged'
              : 'configured',
        fields: value === undefined || value === 'git' ? [] : [valueField(value)],
        risk: { level: 'low', text: '' },
        rule: '',
        problem: null,
        isSecret: false,
        isApproximate: false,
        desired: each,
        live: read.object,
        wouldBe: each.object,
      })
    }
    return { objects: compared, isApproximate: false, dryRunCount: compared.length }
  }
  const comparison: Comparison = {
    compareSet,
    textsOf: () => {
      world.printed += 1
      return { git: 'g', live: 'l', marks: [] }
    },
    patchOf,
    ignoreRuleOf,
  }
  const ports = {
    clock: cluster.clock,
    random: { uuid: () => 'u', unit: () => 0.5 },
    logger: silentLogger,
    codec: memoryCodec,
    store: createMemoryStore(),
    folders: { display: (root: string) => root, resolve: (path: string) => Promise.resolve(path) },
    clusterRenderer: {},
    editors: {
      open: (_id: string, root: string, file: string, line: number) => {
        opened.push(`${root} ${file}:${String(line)}`)
        return Promise.resolve({ label: 'VS Code' })
      },
    },
    shell: { pickFiles: () => Promise.resolve(['/folders/fleet']) },
  } as unknown as Ports
  const drift = createDrift({
    ports,
    clusters: cluster,
    options: {
      isWatched: options.isWatched ?? true,
      budget: { perSecond: options.perSecond ?? Infinity, atOnce: options.atOnce ?? 4 },
      isOnBattery: () => options.isOnBattery === true,
    },
    createDesired: () => desired,
    comparison,
    compileReady: async (text) => compileReadyExpression(text),
    editor: () => 'vscode',
    setDryRuns: () => Promise.resolve(),
  })
  const owners = new MemorySink<DriftOwner>()
  const objects = new MemorySink<DriftObject>()
  drift.handlers['drift.owners']({}, owners, testCall())
  drift.handlers['drift.objects']({}, objects, testCall())
  return Object.assign(world, {
    cluster,
    server,
    drift,
    owners,
    objects,
    dryRuns,
    rendered,
    opened,
    refused,
    owner: (name: string) => [...owners.items.values()].find(({ owner }) => owner.name === name),
  })
}

const valueField = (value: string): DriftField => ({
  key: '/data/value',
  path: 'data.value',
  pointer: '/data/value',
  change: 'changed',
  gitValue: 'git',
  liveValue: value,
  isSecret: false,
  blame: null,
  verdict: 'drift',
  rule: '',
})

function setOf(cluster: MemoryCluster, name: string, line: number, remote: KubeClient | null): DesiredSet {
  return {
    owner: refOf(cluster, name),
    controller: 'kustomize-controller',
    objects: ['a', 'b'].map((part) => ({
      object: config(`${name}-${part}`, 'git'),
      origin: { file: `${name}.yaml`, line },
      sensitive: [],
      unknown: '',
    })),
    stale: [],
    ignoreRules: [],
    isForced: false,
    overrideManagers: [],
    customStageKinds: [],
    target: { remote, impersonate: null },
    fidelity: {
      word: 'verified',
      digest: 'd',
      controllerDigest: 'd',
      revision: 'main@sha1:a',
      origin: 'storage',
      reasons: [],
      assumptions: [],
    },
    inputsKey: 'k',
  }
}

export const refOf = (cluster: MemoryCluster, name: string): ObjectRef =>
  cluster.ref('kustomize.toolkit.fluxcd.io', 'Kustomization', 'apps', name)
