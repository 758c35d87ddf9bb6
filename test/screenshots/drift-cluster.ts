/** A cluster whose objects differ from Git, with the real controllers and a Git server beside it: what the pictures of drift show. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../app/window.ts'
import { startChartServer } from '../cluster/fleet/chart-server.ts'
import { startFluxControllers } from '../cluster/flux.ts'
import { startGitServer } from '../cluster/git-server.ts'
import { startTestCluster } from '../cluster/start.ts'
import type { TestCluster } from '../cluster/start.ts'

export interface DriftCluster {
  readonly cluster: TestCluster
  /** A home folder with a Git identity, and a clone of the fleet in it, with a hook. */
  readonly home: string
  readonly workingCopy: string
  /** Of somebody who may see Kustomizations and what they are made from, and nothing that they apply. */
  readonly viewer: string
  /** The suspended one depends on two that are not ready; false: on none again. */
  wait(isWaiting: boolean): Promise<void>
  /** A release that differs, an object that admission refuses, a Kustomization edited after its last run, which would prune one. */
  disturb(): Promise<void>
  /** A program writes one object again and again; false: it has stopped, and left it as Git says. */
  stir(isStirred: boolean): Promise<void>
  /** Somebody edits one object and sets it back: its values are Git's again, the record of who owns them is not. */
  editAndSetBack(): Promise<void>
  /** Sets everything back: nothing drifts any more. */
  heal(): Promise<void>
  stop(): Promise<void>
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: podinfo
  namespace: apps
  labels: { app.kubernetes.io/name: podinfo, app.kubernetes.io/part-of: shop }
  annotations: { team: checkout }
spec:
  minReadySeconds: 3
  progressDeadlineSeconds: 60
  replicas: 2
  revisionHistoryLimit: 5
  selector:
    matchLabels: { app: podinfo }
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  template:
    metadata:
      labels: { app: podinfo }
    spec:
      containers:
      - name: podinfo
        image: oci.example.com/podinfo:6.7.1
        imagePullPolicy: IfNotPresent
        env:
        - name: PODINFO_UI_COLOR
          value: "#34577c"
        ports:
        - { name: http, containerPort: 9898, protocol: TCP }
        - { name: http-metrics, containerPort: 9797, protocol: TCP }
        livenessProbe:
          exec: { command: [podcli, check, http, 'localhost:9898/healthz'] }
          initialDelaySeconds: 5
          timeoutSeconds: 5
        readinessProbe:
          exec: { command: [podcli, check, http, 'localhost:9898/readyz'] }
        resources:
          limits: { cpu: 2000m, memory: 256Mi }
          requests: { cpu: 100m, memory: 64Mi }
`

const others = `apiVersion: v1
kind: Service
metadata: { name: podinfo, namespace: apps }
spec: { selector: { app: podinfo }, ports: [{ name: http, port: 9898, targetPort: http }] }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: podinfo, namespace: apps }
spec:
  minReplicas: 2
  maxReplicas: 8
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: podinfo-canary }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: podinfo, namespace: apps, annotations: { nginx.ingress.kubernetes.io/proxy-body-size: 1m } }
spec:
  rules:
  - host: podinfo.example.com
    http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: podinfo, port: { name: http } } } }] }
`

const checkout = `apiVersion: v1
kind: ConfigMap
metadata: { name: checkout-config, namespace: checkout }
data: { LOG_FORMAT: json, CACHE_TTL: "60", CURRENCY: EUR }
---
apiVersion: v1
kind: Secret
metadata: { name: checkout-tokens, namespace: checkout }
stringData: { api-token: not-a-real-one }
---
apiVersion: v1
kind: Service
metadata: { name: checkout-metrics, namespace: checkout }
spec: { selector: { app: checkout }, ports: [{ name: metrics, port: 9797 }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: cart-cache, namespace: checkout, annotations: { kustomize.toolkit.fluxcd.io/ssa: IfNotPresent } }
spec:
  replicas: 1
  serviceName: cart-cache
  selector: { matchLabels: { app: cart-cache } }
  template:
    metadata: { labels: { app: cart-cache } }
    spec: { containers: [{ name: cache, image: 'oci.example.com/cache:7.2' }] }
`

const settings = (count: number): string =>
  Array.from(
    { length: count },
    (_, index) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings-${String(index + 1).padStart(2, '0')}, namespace: apps }\ndata: { value: "${index}" }\n`,
  ).join('---\n')

const kustomization = (name: string, path: string): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: flux-system }
spec: { interval: 1h, path: ${path}, prune: true, timeout: 1m, sourceRef: { kind: GitRepository, name: flux-system } }
`

const configMap = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: apps }\ndata: { ${data} }\n`

/** A release whose chart holds a Deployment and a ConfigMap. */
const release = (chartHost: string): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: { name: charts, namespace: apps }
spec: { interval: 1h, url: "http://${chartHost}/charts" }
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: storefront, namespace: apps }
spec:
  interval: 1h
  chart: { spec: { chart: storefront, version: 2.4.1, sourceRef: { kind: HelmRepository, name: charts } } }
`

/** Nobody changes the object any more, the controllers neither. */
const frozenPolicy = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: change-freeze }
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - { apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [configmaps], resourceNames: [checkout-limits] }
  validations: [{ expression: "false", message: "checkout-limits is frozen until the release of 4 August" }]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: change-freeze }
spec: { policyName: change-freeze, validationActions: [Deny] }
`

const viewerRights = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: flux-viewer }
rules:
  - { apiGroups: [""], resources: [namespaces], verbs: [get, list, watch] }
  - { apiGroups: [kustomize.toolkit.fluxcd.io, source.toolkit.fluxcd.io], resources: ["*"], verbs: [get, list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: flux-viewer }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: flux-viewer }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: app-dev }]
`

/** As people write it: rules can be put into it. */
const appsManifest = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  interval: 1h
  path: ./apps/production
  prune: true # what goes out of Git goes out of the cluster
  timeout: 1m
  sourceRef:
    kind: GitRepository
    name: flux-system
`

export async function startDriftCluster(assets: string): Promise<DriftCluster> {
  const cluster = await startTestCluster({
    name: 'prod-eu-1',
    components: { controllerManager: true, scheduler: true, kwok: true },
  })
  const flux = await startFluxControllers(cluster, { assets })
  const git = await startGitServer()
  const charts = await startChartServer({ workloads: true })
  charts.charts.set('storefront', new Set(['2.4.1']))
  const repository = await git.createRepository('fleet', {
    'namespaces/namespaces.yaml':
      'apiVersion: v1\nkind: Namespace\nmetadata: { name: apps }\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: checkout }\n',
    'apps/production/podinfo/deployment.yaml': deployment,
    'apps/production/podinfo/others.yaml': others,
    'apps/production/checkout/checkout.yaml': checkout,
    'apps/production/settings.yaml': settings(36),
    'clusters/production/apps.yaml': appsManifest,
    'infra/limits.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: limits, namespace: apps }\ndata: { most: "10" }\n',
    'limits/limits.yaml': configMap('checkout-limits', 'orders: "200"'),
    'reports/reports.yaml': `${configMap('nightly-report', 'at: "02:00"')}---\n${configMap('legacy-report', 'at: "05:00"')}`,
    'reports-2/reports.yaml': configMap('nightly-report', 'at: "02:00"'),
    'monitoring/rules.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: rules, namespace: apps }\ndata: { every: 30s }\n',
  })
  await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: flux-system, namespace: flux-system }
spec: { interval: 1h, url: "${repository.url}", ref: { branch: ${repository.branch} } }
---${kustomization('namespaces', './namespaces')}`)
  const base = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations'
  await ready(cluster, `${base}/namespaces`)
  await cluster.applyYaml(
    [
      kustomization('flux-system', './clusters/production'),
      kustomization('infra-configs', './infra'),
      kustomization('monitoring', './monitoring'),
      kustomization('limits', './limits'),
      kustomization('reports', './reports'),
      release(charts.host),
    ].join('---'),
  )
  for (const name of ['apps', 'infra-configs', 'monitoring', 'limits', 'reports'])
    await ready(cluster, `${base}/${name}`)
  await ready(cluster, '/apis/helm.toolkit.fluxcd.io/v2/namespaces/apps/helmreleases/storefront')
  const { home, workingCopy } = await cloneIntoHome(repository.url)
  await suspend(cluster, `${base}/apps`)
  await changeByHand(cluster)
  await cluster.applyYaml(viewerRights)
  const viewer = await cluster.makeUserKubeconfig({ name: 'app-dev' })
  let writers: { end(): Promise<void> } | null = null
  return {
    cluster,
    home,
    workingCopy,
    viewer,
    async wait(isWaiting) {
      const dependsOn = isWaiting
        ? [{ name: 'infra-crds' }, { name: 'monitoring', readyExpr: 'dep.metadata.generation > 1' }]
        : null
      await cluster.requestOk('PATCH', `${base}/apps`, { spec: { dependsOn } }, 'application/merge-patch+json')
    },
    async disturb() {
      const own = '/api/v1/namespaces/apps/configmaps'
      await merge(cluster, `${own}/checkout-limits`, 'kubectl-edit', { data: { orders: '900' } })
      await cluster.applyYaml(frozenPolicy)
      // Edited after its last run, and a file less is left of it.
      await merge(cluster, `${base}/reports`, 'kubectl-edit', { spec: { suspend: true, path: './reports-2' } })
      await setRelease(cluster, 3, '2.3.0')
    },
    async stir(isStirred) {
      if (isStirred) writers ??= stirRules(cluster)
      else await writers?.end()
      if (!isStirred) writers = null
    },
    async editAndSetBack() {
      const edited = '/api/v1/namespaces/apps/configmaps/settings-07'
      for (const value of ['600', '6']) await merge(cluster, edited, 'kubectl-edit', { data: { value } })
    },
    async heal() {
      const admission = '/apis/admissionregistration.k8s.io/v1'
      for (const plural of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies'])
        await cluster.request('DELETE', `${admission}/${plural}/change-freeze`)
      const limits = '/api/v1/namespaces/apps/configmaps/checkout-limits'
      // The API server forgets a policy a moment later.
      await eventually(() => merge(cluster, limits, 'kubectl-edit', { data: { orders: '200' } }))
      await merge(cluster, `${base}/reports`, 'kubectl-edit', { spec: { suspend: false, path: './reports' } })
      await setRelease(cluster, 1, '2.4.1')
      await cluster.requestOk('PATCH', `${base}/apps`, { spec: { suspend: false } }, 'application/merge-patch+json')
      await cluster.requestOk(
        'PATCH',
        `${base}/infra-configs`,
        { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': new Date().toISOString() } } },
        'application/merge-patch+json',
      )
    },
    async stop() {
      await writers?.end()
      await flux.stop()
      await charts.stop()
      await git.stop()
      await cluster.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

async function cloneIntoHome(url: string): Promise<{ home: string; workingCopy: string }> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-home-'))
  const workingCopy = join(home, 'fleet')
  await writeFile(join(home, '.gitconfig'), '[user]\n\tname = Ana Example\n\temail = ana@example.com\n')
  await promisify(execFile)('git', ['clone', '--quiet', url, workingCopy], {
    env: { PATH: process.env['PATH'], HOME: home, GIT_CONFIG_NOSYSTEM: '1' },
  })
  const hooks = join(workingCopy, '.git', 'hooks')
  await mkdir(hooks, { recursive: true })
  await writeFile(join(hooks, 'pre-commit'), '#!/bin/sh\n', { mode: 0o755 })
  return { home, workingCopy }
}

async function ready(cluster: TestCluster, at: string): Promise<void> {
  for (const until = Date.now() + 90_000; Date.now() < until;) {
    const { body } = await cluster.request('GET', at)
    const conditions =
      (body as { status?: { conditions?: readonly { type: string; status: string }[] } }).status?.conditions ?? []
    if (conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`${at} did not become ready`)
}

async function suspend(cluster: TestCluster, at: string): Promise<void> {
  const annotations = {
    'sluice.dev/suspend-reason': 'Hotfix for checkout latency (INC-2041)',
    'sluice.dev/suspended-by': 'oncall-1',
    'sluice.dev/suspended-at': new Date().toISOString(),
  }
  await cluster.requestOk(
    'PATCH',
    `${at}?fieldManager=sluice`,
    { metadata: { annotations }, spec: { suspend: true } },
    'application/merge-patch+json',
  )
}

function merge(cluster: TestCluster, at: string, manager: string, change: unknown): Promise<unknown> {
  return cluster.requestOk('PATCH', `${at}?fieldManager=${manager}`, change, 'application/merge-patch+json')
}

const stirringWriters = 3

/** As a program does that turns a value up and down all the time: faster than it can be read and asked for. */
function stirRules(cluster: TestCluster): { end(): Promise<void> } {
  const rules = '/api/v1/namespaces/apps/configmaps/rules'
  let isEnding = false
  const write = async (from: number): Promise<void> => {
    for (let count = from; !isEnding; count += stirringWriters)
      await merge(cluster, rules, 'autotune', { data: { every: `${10 + (count % 50)}s` } })
  }
  const running = Array.from({ length: stirringWriters }, (_, index) => write(index))
  return {
    async end() {
      isEnding = true
      await Promise.all(running)
      await merge(cluster, rules, 'autotune', { data: { every: '30s' } })
    },
  }
}

async function setRelease(cluster: TestCluster, replicas: number, version: string): Promise<void> {
  await merge(cluster, '/apis/apps/v1/namespaces/apps/deployments/storefront/scale', 'kubectl', { spec: { replicas } })
  await merge(cluster, '/api/v1/namespaces/apps/configmaps/storefront-release', 'kubectl-edit', { data: { version } })
}

/** What people do at night, each under the manager of the tool that they use. */
async function changeByHand(cluster: TestCluster): Promise<void> {
  const change = (at: string, manager: string, patch: unknown): Promise<unknown> => merge(cluster, at, manager, patch)
  const strategic = (at: string, manager: string, change: unknown): Promise<unknown> =>
    cluster.requestOk('PATCH', `${at}?fieldManager=${manager}`, change, 'application/strategic-merge-patch+json')
  const podinfo = '/apis/apps/v1/namespaces/apps/deployments/podinfo'
  const container = (change: object): object => ({
    spec: { template: { spec: { containers: [{ name: 'podinfo', ...change }] } } },
  })
  await strategic(podinfo, 'kubectl-set', container({ image: 'oci.example.com/podinfo:6.7.0' }))
  await strategic(podinfo, 'kubectl-edit', container({ env: [{ name: 'LOG_LEVEL', value: 'debug' }] }))
  await strategic(podinfo, 'kubectl-edit', container({ resources: { limits: { memory: '512Mi' } } }))
  await change(`${podinfo}/scale`, 'kubectl', { spec: { replicas: 5 } })
  await change('/apis/autoscaling/v2/namespaces/apps/horizontalpodautoscalers/podinfo', 'kubectl-edit', {
    spec: { minReplicas: 4 },
  })
  await change('/apis/networking.k8s.io/v1/namespaces/apps/ingresses/podinfo', 'k9s', {
    metadata: { annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '16m' } },
  })
  const own = '/api/v1/namespaces/checkout'
  await change(`${own}/configmaps/checkout-config`, 'kubectl-edit', { data: { LOG_FORMAT: 'text', CACHE_TTL: '5' } })
  await change(`${own}/secrets/checkout-tokens`, 'kubectl-patch', { stringData: { 'api-token': 'another-one' } })
  await cluster.requestOk('DELETE', `${own}/services/checkout-metrics`)
  await change('/api/v1/namespaces/apps/configmaps/limits', 'kubectl-edit', { data: { most: '25' } })
}
