/** `sluice host` on a cluster that has nothing of Flux: it installs what is missing, reconciles, ends, dies and comes back. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import type { GitRepository, GitServer } from '../../cluster/git-server.ts'
import { startGitServer } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'
import { isSoak } from '../../soak.ts'
import type { Ran } from '../run-sluice.ts'
import { runSluice } from '../run-sluice.ts'
import { startFaultProxy } from './fault-proxy.ts'

let cluster: TestCluster
let git: GitServer
let repository: GitRepository
let home = ''
const leases = '/apis/coordination.k8s.io/v1/namespaces/flux-system/leases'

interface LeaseList {
  readonly items: readonly { readonly spec: { readonly holderIdentity: string; readonly leaseTransitions: number } }[]
}

type Options = Parameters<typeof runSluice>[1]

const host = (
  words: readonly string[],
  onWords?: Options['onWords'],
  more: Pick<Options, 'isOutClosed'> = {},
): Promise<Ran> =>
  runSluice(['host', '--context', 'test', '--allow-host', new URL(repository.url).host, ...words], {
    home,
    kubeconfig: cluster.kubeconfigPath,
    ...(onWords === undefined ? {} : { onWords }),
    ...more,
  })
const holders = async (): Promise<readonly string[]> =>
  (await cluster.requestOk<LeaseList>('GET', leases)).items.map(({ spec }) => spec.holderIdentity)

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'sluice-host-'))
  cluster = await startTestCluster()
  git = await startGitServer()
  repository = await git.createRepository('fleet', {
    'app/all.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app, namespace: default}\ndata: {color: red}\n',
    'after/all.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: after, namespace: default}\n',
    'often/all.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: often, namespace: default}\ndata: {color: red}\n',
    'remote/kustomization.yaml': 'resources: [https://bases.example/all.yaml]\n',
    'gated/all.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: gated, namespace: default}\n',
  })
})

afterAll(async () => {
  await git?.stop()
  await cluster?.stop()
  await rm(home, { recursive: true, force: true })
})

it('installs the definitions, and has nothing to do', async () => {
  const { code, words } = await host(['--once'])
  expect(words).toContain('Creates the namespace flux-system.')
  expect(words).toContain('Kustomization.kustomize.toolkit.fluxcd.io')
  expect(words).toContain('0 reconciled, 0 failed or held.')
  expect(code).toBe(0)
}, 120_000)

it('reconciles everything to Ready, dependencies in their order, or names what failed', async () => {
  await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: default}
spec: {interval: 1h, url: "${repository.url}", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: after, namespace: default}
spec: {interval: 1h, prune: true, path: ./after, sourceRef: {kind: GitRepository, name: fleet}, dependsOn: [{name: app}]}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: default}
spec: {interval: 1h, prune: true, path: ./app, sourceRef: {kind: GitRepository, name: fleet}}
`)
  const good = await host(['--once'])
  expect(good.words).toContain('3 reconciled, 0 failed or held.')
  expect(good.out).toMatch(/^\S+Z Kustomization\/default\/after succeeded in [\d.]+ s/m)
  expect(good.code).toBe(0)
  await cluster.requestOk('GET', '/api/v1/namespaces/default/configmaps/after')
  expect(await holders()).toEqual(['', ''])

  await cluster.applyYaml(`
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: broken, namespace: default}
spec: {interval: 1h, retryInterval: 1m, prune: true, path: ./missing, sourceRef: {kind: GitRepository, name: fleet}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: release, namespace: default}
spec: {interval: 1h, chart: {spec: {chart: x, sourceRef: {kind: HelmRepository, name: x}}}}
`)
  const bad = await host(['--once'])
  expect(bad.words).toMatch(/^Failed: Kustomization\/default\/broken: .+/m)
  expect(bad.words).toContain('Not hosted: HelmRelease/default/release: Hosted mode does not install Helm releases.')
  expect(bad.words).toContain('3 reconciled, 1 failed or held.')
  expect(bad.code).toBe(1)
}, 180_000)

it('goes on at once after it was killed, and gives the leases back when it is interrupted', async () => {
  let isKilled = false
  const killed = await host([], (text, kill) => {
    if (isKilled || !/^active$/m.test(text)) return
    isKilled = true
    kill('SIGKILL')
  })
  expect(killed.code).toBe(-1)
  const before = await cluster.requestOk<LeaseList>('GET', leases)
  expect(before.items.every(({ spec }) => spec.holderIdentity.startsWith('sluice-'))).toBe(true)
  let beganAt = 0
  let activeAt = 0
  const during: LeaseList[] = []
  const again = await host([], (text, kill) => {
    if (beganAt === 0 && text.includes('Hosted mode in test')) beganAt = performance.now()
    if (activeAt > 0 || !/^active$/m.test(text)) return
    activeAt = performance.now()
    void cluster.requestOk<LeaseList>('GET', leases).then((list) => {
      during.push(list)
      kill('SIGINT')
    })
  })
  // Another one would have to wait for 35 s.
  expect(activeAt - beganAt).toBeLessThan(20_000)
  expect(during[0]?.items.map(({ spec }) => [spec.holderIdentity, spec.leaseTransitions])).toEqual(
    before.items.map(({ spec }) => [spec.holderIdentity, spec.leaseTransitions]),
  )
  expect(again.code).toBe(0)
  expect(await holders()).toEqual(['', ''])
}, 180_000)

it('reads nothing at an interval that a watch knows as it was, sees what somebody changed, and reads everything when it is asked to run', async () => {
  const often = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations/often'
  const configMap = '/api/v1/namespaces/default/configmaps/often'
  const mergePatch = 'application/merge-patch+json'
  interface Status {
    readonly history?: readonly { readonly totalReconciliations: number }[]
    readonly lastHandledReconcileAt?: string
  }
  const status = async (): Promise<Status> => (await cluster.requestOk<{ status?: Status }>('GET', often)).status ?? {}
  const passes = async (): Promise<number> => (await status()).history?.[0]?.totalReconciliations ?? 0
  const reads = async (): Promise<number> => {
    const { text } = await cluster.request('GET', '/metrics')
    const isRead = (line: string): boolean =>
      line.startsWith('apiserver_request_total{') &&
      line.includes('resource="configmaps"') &&
      line.includes('verb="GET"')
    return text
      .split('\n')
      .filter(isRead)
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }
  /** Two whole passes without a read; how many reads there have been. */
  const settled = (): Promise<number> =>
    waitUntil(async () => {
      const before = await reads()
      const seen = await passes()
      if (seen === 0) return null
      await waitUntil(async () => (await passes()) >= seen + 3, 60_000)
      return (await reads()) === before ? before : null
    }, 60_000)
  await cluster.applyYaml(`
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: often, namespace: default}
spec: {interval: 1s, prune: true, path: ./often, sourceRef: {kind: GitRepository, name: fleet}}
`)
  let end: () => void = () => undefined
  const running = host([], (_text, kill) => {
    end = () => kill('SIGINT')
  })
  try {
    await settled()
    await cluster.requestOk('PATCH', `${configMap}?fieldManager=kubectl-edit`, { data: { color: 'blue' } }, mergePatch)
    await waitUntil(async () => {
      const { data } = await cluster.requestOk<{ data?: { color?: string } }>('GET', configMap)
      return data?.color === 'red'
    })
    const before = await settled()
    const annotations = { 'reconcile.fluxcd.io/requestedAt': 'now' }
    await cluster.requestOk('PATCH', often, { metadata: { annotations } }, mergePatch)
    await waitUntil(async () => (await status()).lastHandledReconcileAt === 'now')
    expect(await reads()).toBeGreaterThan(before)
  } finally {
    end()
  }
  expect((await running).code).toBe(0)
}, 180_000)

it('--once ends with 1 for a held revision until it is approved, with 0 for what is applied or waits for a person, whatever runs again by its interval', async () => {
  const kustomizations = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/default/kustomizations'
  await cluster.requestOk('DELETE', `${kustomizations}/broken`)
  const suspended = (name: string, mode: string): string => `
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: default, annotations: {sluice.dev/mode: ${mode}}}
spec: {interval: 1h, suspend: true, prune: true, path: ./gated, sourceRef: {kind: GitRepository, name: fleet}}`
  await cluster.applyYaml(suspended('held', 'held'))
  const asked = await host(['--once'])
  const [, digest = ''] =
    /^Held: Kustomization\/default\/held: .+\(allow it with --approve (sha256:\S+)\)$/m.exec(asked.words) ?? []
  expect(asked.words).toContain(', 1 failed or held.')
  expect(asked.code).toBe(1)
  const approved = await host(['--once', '--approve', digest])
  expect(approved.out).toMatch(/^\S+Z Kustomization\/default\/held held in /m)
  expect(approved.words).toContain(', 0 failed or held.')
  expect(approved.code).toBe(0)
  await cluster.requestOk('GET', '/api/v1/namespaces/default/configmaps/gated')
  await cluster.applyYaml(suspended('by-hand', 'manual'))
  const applied = await host(['--once'])
  expect(applied.words).not.toContain('Held:')
  expect(applied.words).toMatch(/^Manual: Kustomization\/default\/by-hand: Revision .+$/m)
  expect(applied.code).toBe(0)
}, 240_000)

it('--once ends with 1 for what it cannot run here, and where it is interrupted or nobody reads any more', async () => {
  await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: of-a-provider, namespace: default}
spec: {interval: 1h, provider: azure, url: "${repository.url}", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: of-a-remote-base, namespace: default}
spec: {interval: 1h, prune: true, path: ./remote, sourceRef: {kind: GitRepository, name: fleet}}
`)
  const { code, words } = await host(['--once'])
  expect(words).toMatch(/^Not hosted: GitRepository\/default\/of-a-provider: spec\.provider azure .+$/m)
  expect(words).toMatch(/^Not hosted: Kustomization\/default\/of-a-remote-base: .+$/m)
  expect(words).toContain(', 2 failed or held.')
  expect(code).toBe(1)
  const interruptAt = (moment: RegExp, signal: NodeJS.Signals): Promise<Ran> => {
    let isSent = false
    return host(['--once'], (text, kill) => {
      if (isSent || !moment.test(text)) return
      isSent = true
      kill(signal)
    })
  }
  for (const end of [
    () => interruptAt(/^Hosted mode in test/m, 'SIGTERM'),
    () => interruptAt(/^active$/m, 'SIGINT'),
    () => host(['--once'], undefined, { isOutClosed: true }),
  ]) {
    const interrupted = await end()
    expect(interrupted.words).toContain('Canceled.')
    expect(interrupted.code).toBe(1)
    expect(await holders()).toEqual(['', ''])
  }
}, 240_000)

// A minute of nothing but waiting: when it gives up is in test/cli/host-once.test.ts as well, by another clock.
it.skipIf(!isSoak)(
  '--once ends with 1 where somebody else keeps a lease or the cluster does not answer, and says so (soak)',
  async () => {
    const proxy = await startFaultProxy(cluster)
    let isCut = false
    proxy.obey(({ kind, method }) => {
      isCut ||= kind === 'lease' && method !== 'GET'
      return isCut ? 'cutBefore' : 'pass'
    })
    const others = await mkdtemp(path.join(tmpdir(), 'sluice-others-'))
    const kubeconfig = path.join(others, 'kubeconfig')
    await writeFile(kubeconfig, proxy.kubeconfig())
    const begin = (name: string, words: readonly string[], more: Partial<Options>) =>
      runSluice(['host', '--context', 'test', ...words], {
        home: path.join(others, name),
        kubeconfig: cluster.kubeconfigPath,
        ...more,
      })
    let end: () => void = () => undefined
    let isActive = false
    const keeper = begin('keeper', [], {
      onWords(text, kill) {
        end = () => kill('SIGINT')
        isActive ||= /^active$/m.test(text)
      },
    })
    try {
      await waitUntil(() => isActive, 60_000)
      const [holder = ''] = await holders()
      expect(holder).toMatch(/^sluice-/)
      const [late, lost] = await Promise.all([
        begin('late', ['--once'], {}),
        begin('lost', ['--once', '--namespace', 'elsewhere'], { kubeconfig }),
      ])
      expect(late.words).toMatch(
        /^Hosted mode could not act in test for \d+ s\. \S+ holds the lease flux-system\/\S+\.$/m,
      )
      expect(late.words).toContain(holder)
      expect(late.code).toBe(1)
      expect(lost.words).toMatch(/^disconnected: /m)
      expect(lost.words).toMatch(/^Hosted mode could not act in test for \d+ s\. .+/m)
      expect(lost.code).toBe(1)
    } finally {
      end()
      await keeper
      await proxy.stop()
      await rm(others, { recursive: true, force: true })
    }
    expect(await holders()).toEqual(['', ''])
  },
  300_000,
)

it('--once names the controller that is in its way, at once', async () => {
  const deployments = '/apis/apps/v1/namespaces/flux-system/deployments'
  await cluster.applyYaml(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: kustomize-controller, namespace: flux-system, labels: {app.kubernetes.io/part-of: flux}}
spec:
  selector: {matchLabels: {app: kustomize-controller}}
  template:
    metadata: {labels: {app: kustomize-controller}}
    spec: {containers: [{name: manager, image: registry.example/kustomize-controller:v1}]}
`)
  const { code, out, words } = await host(['--once'])
  expect(words).toContain(
    "Hosted mode cannot act in test. Flux's own controllers are there: Deployment flux-system/kustomize-controller, 0 of 1 ready.",
  )
  expect(out).toBe('')
  expect(code).toBe(1)
  await cluster.requestOk('DELETE', `${deployments}/kustomize-controller`)
}, 120_000)
