/** One small fleet as the engine would send it: a failed Kustomization with its tree, a suspended one, a waiting one. */
import type { Plan, PlanItem } from '../../../shared/model/actions.ts'
import type { ObjectDetail } from '../../../shared/model/detail.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { ContextRow, EventRow, FluxRow, TreeNode } from '../../../shared/model/rows.ts'
import type { SuspendInfo } from '../../../shared/model/status.ts'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

export const ks = 'kustomize.toolkit.fluxcd.io'
export const src = 'source.toolkit.fluxcd.io'
export const helm = 'helm.toolkit.fluxcd.io'

export function ref(
  kind: string,
  name: string,
  namespace = 'flux-system',
  group = '',
  cluster = 'c-staging',
): ObjectRef {
  return { cluster, group, kind, namespace, name }
}

export function contextRow(name: string, more: Partial<ContextRow> = {}): ContextRow {
  return {
    key: name,
    name,
    cluster: `c-${name}`,
    server: `https://127.0.0.1:6443`,
    user: 'oncall-1',
    namespace: 'default',
    file: '~/.kube/config',
    isSelected: true,
    connection: 'connected',
    error: null,
    nextTryAt: null,
    lastSeenAt: 0,
    watchLagMs: 400,
    kubernetesVersion: 'v1.34.2',
    fluxVersion: 'v2.7.3',
    isReadOnly: false,
    isProduction: false,
    isAlwaysAsk: false,
    isPlayground: false,
    warnings: [],
    snapshotAt: null,
    recreatedAt: null,
    approval: null,
    ...more,
  }
}

export function fluxRow(of: ObjectRef, word: FluxRow['status']['word'], more: Partial<FluxRow> = {}): FluxRow {
  return {
    key: refKey(of),
    ref: of,
    version: 'v1',
    category: of.group === src ? 'sources' : of.group === helm ? 'releases' : 'kustomizations',
    uid: `uid-${of.name}`,
    generation: 4,
    status: {
      word,
      reason: 'ReconciliationSucceeded',
      message: 'Applied revision: main@sha1:5a3f1c2e9d04b7716fa1',
      since: null,
      isOverdue: false,
    },
    isSuspended: word === 'Suspended',
    suspend: null,
    source:
      of.group === src ? null : { kind: 'GitRepository', group: src, namespace: 'flux-system', name: 'flux-system' },
    revision: 'main@sha1:5a3f1c2e9d04b7716fa1c0ffee0123456789abcd',
    target: './apps/staging',
    lastAppliedAt: null,
    createdAt: null,
    intervalMs: 10 * minute,
    dependsOn: [],
    blockedBy: [],
    inventoryCount: 48,
    parent: null,
    columns: {},
    isTerminating: false,
    ...more,
  }
}

export function detailOf(row: FluxRow, more: Partial<ObjectDetail> = {}): ObjectDetail {
  const allowed = { isAllowed: true, reason: '' }
  return {
    key: row.key,
    ref: row.ref,
    version: row.version,
    uid: row.uid,
    row,
    status: 'Current',
    statusMessage: '',
    createdAt: row.createdAt,
    conditions: [],
    labels: {},
    annotations: {},
    facts: [],
    flow: [],
    nextRunAt: null,
    source: row.source,
    dependsOn: [],
    dependents: [],
    blockedBy: [],
    parent: null,
    access: { suspend: allowed, resume: allowed, reconcile: allowed, logs: allowed },
    gateNote: '',
    problem: null,
    ...more,
  }
}

export function treeNode(
  of: ObjectRef,
  shortKind: string,
  parent: string | null,
  more: Partial<TreeNode> = {},
): TreeNode {
  return {
    key: refKey(of),
    parent,
    ref: of,
    version: 'v1',
    order: 0,
    shortKind,
    isFlux: false,
    status: 'Current',
    message: '',
    cause: '',
    ready: '',
    createdAt: null,
    uid: `uid-${of.kind}-${of.name}`,
    problem: null,
    ...more,
  }
}

export function eventRow(key: string, involved: ObjectRef, more: Partial<EventRow> = {}): EventRow {
  return {
    key,
    cluster: involved.cluster,
    involved,
    type: 'Normal',
    reason: 'ReconciliationSucceeded',
    message: 'Reconciliation finished',
    count: 1,
    firstAt: 0,
    lastAt: 0,
    source: 'kustomize-controller',
    ...more,
  }
}

export function planItem(of: ObjectRef, more: Partial<PlanItem> = {}): PlanItem {
  return {
    ref: of,
    context: 'staging',
    uid: `uid-${of.name}`,
    generation: 4,
    effect: 'change',
    refusal: null,
    changes: [{ path: '/spec/suspend', before: null, after: 'true' }],
    patch: '[{"op":"test","path":"/metadata/uid","value":"x"},{"op":"add","path":"/spec/suspend","value":true}]',
    notes: [],
    dependents: [],
    ...more,
  }
}

export function planOf(action: Plan['action'], items: readonly PlanItem[], more: Partial<Plan> = {}): Plan {
  const count = (effect: PlanItem['effect']): number => items.filter((item) => item.effect === effect).length
  return {
    digest: `sha256:${'ab'.repeat(32)}`,
    action,
    createdAt: 0,
    contexts: [{ context: 'staging', cluster: 'c-staging', isProduction: false }],
    items,
    changeCount: count('change'),
    unchangedCount: count('unchanged'),
    refusedCount: count('refused'),
    isReasonRequired: false,
    ...more,
  }
}

export function suspendInfo(now: number, more: Partial<SuspendInfo> = {}): SuspendInfo {
  return {
    by: 'oncall-1',
    reason: 'Hotfix for checkout latency (INC-2041)',
    at: now - 2 * hour - 14 * minute,
    resumeAt: now + 4 * hour,
    manager: 'sluice',
    isTrusted: true,
    ...more,
  }
}

/** Everything of the staging cluster, told at `now`. */
export function sampleFleet(now: number): {
  readonly contexts: readonly ContextRow[]
  readonly rows: readonly FluxRow[]
  readonly apps: ObjectDetail
  readonly suspended: ObjectDetail
  readonly waiting: ObjectDetail
  readonly tree: readonly TreeNode[]
  readonly events: readonly EventRow[]
} {
  const contexts = [
    contextRow('staging', { name: 'staging-eu', lastSeenAt: now }),
    contextRow('prod', {
      name: 'prod-eu-1',
      isProduction: true,
      isAlwaysAsk: true,
      isSelected: false,
      connection: 'idle',
    }),
    contextRow('us', {
      name: 'prod-us-1',
      isProduction: true,
      isReadOnly: true,
      isSelected: false,
      connection: 'unreachable',
      error: {
        code: 'ConnectionTimeout',
        message: 'prod-us-1 did not answer within 3 s',
        remedy: 'Check the network.',
        detail: '',
        retry: 'transient',
      },
      warnings: ['The connection does not verify the server (insecure-skip-tls-verify).'],
    }),
  ]
  const source = fluxRow(ref('GitRepository', 'flux-system', 'flux-system', src), 'Ready', {
    target: 'https://git.example/fleet.git',
    lastAppliedAt: now - 9 * minute,
    inventoryCount: null,
  })
  const apps = fluxRow(ref('Kustomization', 'apps', 'flux-system', ks), 'Failed', {
    status: {
      word: 'Failed',
      reason: 'HealthCheckFailed',
      message: "Health check failed after 5m0s: timeout waiting for: [Deployment/apps/podinfo status: 'InProgress']",
      since: now - 4 * minute,
      isOverdue: false,
    },
    createdAt: now - 341 * day,
    intervalMs: 2 * minute,
  })
  const infra = fluxRow(ref('Kustomization', 'infra', 'flux-system', ks), 'Failed', {
    status: {
      word: 'Failed',
      reason: 'BuildFailed',
      message: 'kustomize build failed: accumulating resources',
      since: null,
      isOverdue: false,
    },
  })
  const suspendedRow = fluxRow(ref('Kustomization', 'legacy-batch', 'flux-system', ks), 'Suspended', {
    suspend: suspendInfo(now),
    createdAt: now - 48 * day,
  })
  const checkout = fluxRow(ref('Kustomization', 'checkout', 'apps', ks), 'Waiting', {
    status: {
      word: 'Waiting',
      reason: 'DependencyNotReady',
      message: "dependency 'flux-system/infra' is not ready",
      since: null,
      isOverdue: false,
    },
    dependsOn: [apps.ref, infra.ref],
    blockedBy: [infra.ref],
  })
  const canary = fluxRow(ref('Kustomization', 'podinfo-canary', 'apps', ks), 'Waiting', { dependsOn: [apps.ref] })
  const release = fluxRow(ref('HelmRelease', 'valkey', 'apps', helm), 'Ready', {
    parent: apps.ref,
    target: 'valkey@3.0.9',
  })
  const detail = detailOf(apps, {
    createdAt: apps.createdAt,
    flow: [
      { name: 'Fetched', state: 'done', value: apps.revision, note: '', at: now - 9 * minute },
      { name: 'Built', state: 'done', value: '', note: '48 objects', at: now - 9 * minute },
      {
        name: 'Applied',
        state: 'done',
        value: apps.revision,
        note: '1 configured, 47 unchanged',
        at: now - 9 * minute,
      },
      { name: 'Healthy', state: 'failed', value: '', note: '47 of 48 objects ready', at: now - 4 * minute },
    ],
    nextRunAt: now + 58_000,
    dependents: [
      { ref: checkout.ref, status: 'Waiting', message: '' },
      { ref: canary.ref, status: 'Waiting', message: '' },
    ],
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: 'HealthCheckFailed',
        message: apps.status.message,
        lastTransitionTime: now - 4 * minute,
        observedGeneration: 4,
      },
      {
        type: 'Reconciling',
        status: 'True',
        reason: 'ProgressingWithRetry',
        message: 'Running health checks with a timeout of 5m0s',
        lastTransitionTime: now - minute,
        observedGeneration: 4,
      },
      {
        type: 'Healthy',
        status: 'False',
        reason: 'HealthCheckFailed',
        message: '',
        lastTransitionTime: now - 4 * minute,
        observedGeneration: 4,
      },
    ],
    facts: [
      { label: 'Path', value: './apps/staging' },
      { label: 'Interval', value: '2m' },
      { label: 'Prune', value: 'true' },
    ],
    labels: { 'kustomize.toolkit.fluxcd.io/name': 'flux-system', 'app.kubernetes.io/part-of': 'fleet' },
  })
  const root = apps.key
  const deploy = ref('Deployment', 'podinfo', 'apps', 'apps')
  const rs = ref('ReplicaSet', 'podinfo-7d4c9b5f6d', 'apps', 'apps')
  const pods = ['2xk8p', '9qv5m', 'tb7wz'].map((id) => ref('Pod', `podinfo-7d4c9b5f6d-${id}`, 'apps'))
  const old = { createdAt: now - 341 * day }
  const young = { createdAt: now - 9 * minute }
  const tree: TreeNode[] = [
    treeNode(apps.ref, 'ks', null, {
      isFlux: true,
      status: 'Failed',
      message: 'HealthCheckFailed',
      ready: '47/48',
      ...old,
    }),
    treeNode(ref('Namespace', 'apps', ''), 'ns', root, { order: 1, ...old }),
    treeNode(ref('Namespace', 'checkout', ''), 'ns', root, { order: 2, createdAt: now - 96 * day }),
    treeNode(deploy, 'deploy', root, {
      order: 10,
      status: 'InProgress',
      message: 'Available: 1/3',
      ready: '1/3',
      ...old,
    }),
    treeNode(rs, 'rs', refKey(deploy), { status: 'InProgress', message: 'Available: 1/3', ready: '1/3', ...young }),
    treeNode(ref('ReplicaSet', 'podinfo-5f8c6d7c9b', 'apps', 'apps'), 'rs', refKey(deploy), {
      message: 'Scaled to 0',
      ready: '0/0',
      createdAt: now - 3 * day,
    }),
    ...pods.map((pod, index) =>
      treeNode(pod, 'po', refKey(rs), {
        ...young,
        ...(index === 0
          ? { ready: '1/1' }
          : {
              status: 'InProgress' as const,
              ready: '0/1',
              cause: 'ImagePullBackOff: oci.example/podinfo:6.7.2',
              message: 'containers with unready status: [podinfo]',
            }),
      }),
    ),
    treeNode(ref('Service', 'podinfo', 'apps'), 'svc', root, { order: 4, message: 'ClusterIP 10.43.118.7', ...old }),
    treeNode(ref('HorizontalPodAutoscaler', 'podinfo', 'apps', 'autoscaling'), 'hpa', root, {
      order: 11,
      message: 'cpu 31 % of 80 %',
      ...old,
    }),
    treeNode(ref('ConfigMap', 'podinfo-settings', 'apps'), 'cm', root, {
      order: 3,
      message: '6 keys',
      createdAt: now - 58 * day,
    }),
    treeNode(release.ref, 'hr', root, {
      order: 12,
      isFlux: true,
      status: 'Ready',
      message: 'Helm upgrade succeeded for release apps/valkey.v7 with chart valkey@3.0.9',
      createdAt: now - 120 * day,
    }),
    treeNode(ref('StatefulSet', 'valkey-primary', 'apps', 'apps'), 'sts', release.key, {
      ready: '1/1',
      createdAt: now - 120 * day,
    }),
    treeNode(ref('Secret', 'valkey', 'apps'), 'secret', release.key, {
      message: '1 key, values hidden',
      createdAt: now - 120 * day,
    }),
    treeNode(ref('ServiceAccount', 'podinfo', 'apps'), 'sa', root, { order: 3, ...old }),
    treeNode(ref('Deployment', 'checkout', 'checkout', 'apps'), 'deploy', root, {
      order: 13,
      message: 'Available: 2/2',
      ready: '2/2',
      createdAt: now - 96 * day,
    }),
    treeNode(ref('ConfigMap', 'checkout-config', 'checkout'), 'cm', root, {
      order: 3,
      message: '11 keys',
      createdAt: now - 96 * day,
    }),
  ]
  const pod = pods[1] ?? apps.ref
  const events = [
    eventRow('e1', pod, {
      type: 'Warning',
      reason: 'BackOff',
      count: 38,
      source: 'kubelet',
      message: 'Back-off pulling image "oci.example/podinfo:6.7.2"',
      lastAt: now - 41_000,
    }),
    eventRow('e2', pod, {
      type: 'Warning',
      reason: 'Failed',
      count: 6,
      source: 'kubelet',
      message: 'Failed to pull image: manifest unknown',
      lastAt: now - 2 * minute,
    }),
    eventRow('e3', apps.ref, {
      type: 'Warning',
      reason: 'HealthCheckFailed',
      message: apps.status.message,
      lastAt: now - 4 * minute,
    }),
    eventRow('e4', pod, {
      reason: 'Scheduled',
      source: 'default-scheduler',
      message: 'Assigned to node staging-eu-w3',
      lastAt: now - 9 * minute,
    }),
    eventRow('e5', source.ref, {
      reason: 'NewArtifact',
      source: 'source-controller',
      message: "stored artifact for commit 'podinfo 6.7.2, more memory'",
      lastAt: now - 9 * minute,
    }),
  ]
  return {
    contexts,
    rows: [source, apps, infra, suspendedRow, checkout, canary, release],
    apps: detail,
    suspended: detailOf(suspendedRow, {
      flow: [
        { name: 'Fetched', state: 'done', value: suspendedRow.revision, note: '', at: now - 9 * minute },
        { name: 'Built', state: 'unknown', value: '', note: '', at: null },
        {
          name: 'Applied',
          state: 'done',
          value: 'main@sha1:e07d9130000000000000000000000000000000ff',
          note: '',
          at: now - 2 * day,
        },
        { name: 'Healthy', state: 'done', value: '', note: '', at: now - 2 * day },
      ],
    }),
    waiting: detailOf(checkout, {
      flow: [
        { name: 'Fetched', state: 'done', value: checkout.revision, note: '', at: now - 9 * minute },
        { name: 'Built', state: 'waiting', value: '', note: '', at: null },
        { name: 'Applied', state: 'waiting', value: '', note: '', at: null },
        { name: 'Healthy', state: 'waiting', value: '', note: '', at: null },
      ],
      dependsOn: [{ ref: apps.ref, status: 'Failed', message: '' }],
      blockedBy: [{ ref: infra.ref, status: 'Failed', message: infra.status.message }],
    }),
    tree,
    events,
  }
}
