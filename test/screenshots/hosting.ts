/** Pictures of hosted mode on a real API server and a Git server on loopback: before it is switched on, at work, asking, stepped back, refused. */
import type { LaunchedApp } from '../app/launch.ts'
import { confirmPlan, dialogOf, eventually } from '../app/window.ts'
import type { GitRepository, GitServer } from '../cluster/git-server.ts'
import type { TestCluster } from '../cluster/start.ts'
import { openLink } from './camera.ts'
import type { Camera } from './camera.ts'

type Scene = (names: readonly string[], launched: LaunchedApp, act: () => Promise<void>) => Promise<void>

export const hostingPictures = [
  'hosting-switch-on',
  'hosting-nothing',
  'hosting',
  'hosting-gates',
  'hosting-approval',
  'hosting-mode',
  'hosting-object',
  'hosting-apply-now',
  'hosting-apply-moved',
  'hosting-overview',
  'hosting-stepped-back',
  'hosting-switch-off',
  'hosting-off',
  'hosting-refused',
]

const name = 'homelab'
const configMap = (of: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${of}, namespace: apps}\ndata: {${data}}\n`
const kustomization = (of: string, more = ''): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${of}, namespace: flux-system}
spec: {interval: 10m, prune: true, path: ./${of}, sourceRef: {kind: GitRepository, name: fleet}${more}}
---`
const release = (of: string): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${of}, namespace: apps}
spec: {interval: 1h, chart: {spec: {chart: ${of}, sourceRef: {kind: HelmRepository, name: charts}}}}
---`
const claim = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: uploads, namespace: apps}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}
`

/** What the cluster is reconciled from. */
export function stageRepository(git: GitServer): Promise<GitRepository> {
  const plain = ['infrastructure', 'cert-manager', 'ingress', 'storefront', 'handbook', 'backup']
  return git.createRepository('fleet', {
    ...Object.fromEntries(plain.map((of) => [`${of}/${of}.yaml`, configMap(of, 'replicas: "2"')])),
    'shop/shop.yaml': configMap('shop', 'image: shop:1.4.0'),
    'shop/uploads.yaml': claim,
    'shop/cache.yaml': configMap('cache', 'size: 64Mi'),
    'shop/old.yaml': configMap('legacy', 'a: b'),
  })
}

export async function photographHosting(
  launched: LaunchedApp,
  camera: Camera,
  scene: Scene,
  cluster: TestCluster,
  repository: GitRepository,
): Promise<void> {
  const { page } = launched
  const rowIs = (of: string, word: string): Promise<void> =>
    page.locator(`[role="row"][aria-label="${of}"][aria-description*=", ${word}"]`).first().waitFor()
  const openDialog = async (): Promise<void> => {
    await openLink(launched, 'view/overview')
    await page.getByRole('button', { name: 'Host from this machine…' }).click()
    await page.getByRole('button', { name: /^Switch on/ }).waitFor()
    await page.getByText('Controllers', { exact: true }).last().waitFor()
  }
  await scene(['hosting-switch-on'], launched, async () => {
    await openDialog()
    await camera.take('hosting-switch-on', launched)
  })
  await openDialog()
  await confirmPlan(page, dialogOf(page, `Host ${name} from this machine`), 'Switch on')
  await page.getByRole('heading', { level: 2, name: 'Nothing to reconcile' }).waitFor()
  await scene(['hosting-nothing'], launched, () => camera.take('hosting-nothing', launched))

  await cluster.applyYaml(`{apiVersion: v1, kind: Namespace, metadata: {name: apps}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: flux-system}
spec: {interval: 5m, url: "${repository.url}", ref: {branch: main}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: charts, namespace: apps}
spec: {interval: 1h, url: "https://charts.example.test"}
---${kustomization('infrastructure')}${kustomization('cert-manager', ', dependsOn: [{name: infrastructure}]')}
${kustomization('ingress', ', dependsOn: [{name: cert-manager}]')}${kustomization('storefront')}${kustomization('handbook')}
${kustomization('backup')}${kustomization('shop')}${kustomization('monitoring', ', retryInterval: 2m')}
${kustomization('dashboards', ', dependsOn: [{name: monitoring}, {name: ingress}]')}${release('podinfo')}${release('loki')}`)
  await page.getByRole('button', { name: /^Allow 127/ }).click()
  for (const each of ['shop', 'backup', 'storefront', 'handbook', 'ingress'])
    await rowIs(`flux-system/${each}`, 'Sleeping')
  const close = (of: string, mode: string): Promise<unknown> =>
    cluster.requestOk(
      'PATCH',
      `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/${of}?fieldManager=sluice`,
      {
        metadata: {
          annotations: {
            'sluice.dev/suspended-by': 'ana',
            'sluice.dev/suspended-at': new Date().toISOString(),
            ...(mode === '' ? {} : { 'sluice.dev/mode': mode }),
          },
        },
        spec: { suspend: true },
      },
      'application/merge-patch+json',
    )
  await Promise.all([
    close('shop', 'held'),
    close('backup', 'held'),
    close('storefront', 'manual'),
    close('handbook', ''),
  ])
  await rowIs('flux-system/handbook', 'Suspended')
  await rowIs('flux-system/shop', 'Held')
  await repository.commit({
    'shop/shop.yaml': configMap('shop', 'image: shop:1.5.0'),
    'shop/uploads.yaml': null,
    'shop/old.yaml': null,
    'shop/search.yaml': configMap('search', 'index: products'),
    'storefront/storefront.yaml': configMap('storefront', 'replicas: "3"'),
  })
  const fetchNow = (token: string): Promise<unknown> =>
    cluster.requestOk(
      'PATCH',
      '/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/fleet',
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } },
      'application/merge-patch+json',
    )
  await fetchNow('now')
  await rowIs('flux-system/shop', 'Needs approval')
  await eventually(() => page.getByText('it is applied when you say so').waitFor())
  await scene(['hosting'], launched, async () => {
    await openLink(launched, 'view/hosting')
    await rowIs('flux-system/shop', 'Needs approval')
    await camera.take('hosting', launched)
  })
  await scene(['hosting-gates'], launched, async () => {
    await openLink(launched, 'view/kustomizations')
    await page.getByRole('switch', { name: 'Gate of flux-system/shop' }).waitFor()
    await camera.take('hosting-gates', launched)
  })
  await scene(['hosting-approval'], launched, async () => {
    await openLink(launched, 'view/hosting')
    await page.getByRole('button', { name: 'Review flux-system/shop' }).click()
    await page.getByRole('list', { name: 'Objects' }).waitFor()
    await camera.take('hosting-approval', launched)
  })
  await scene(['hosting-mode'], launched, async () => {
    await openLink(launched, 'view/kustomizations')
    await page.getByRole('row', { name: 'flux-system/ingress' }).click({ button: 'right' })
    await page.getByRole('menuitem', { name: /^Mode/ }).click()
    await page.getByRole('list', { name: 'Fields that are written' }).waitFor()
    await camera.take('hosting-mode', launched)
  })
  await scene(['hosting-object'], launched, async () => {
    await openLink(launched, `context/${name}/kustomize.toolkit.fluxcd.io/Kustomization/flux-system/storefront`)
    await page.getByRole('button', { name: 'Apply now…' }).waitFor()
    await camera.take('hosting-object', launched)
  })
  const openApplyNow = async (): Promise<void> => {
    await openLink(launched, 'view/hosting')
    await page.getByRole('button', { name: 'Apply flux-system/storefront now' }).click()
    await page.getByRole('dialog').getByText('will be configured').waitFor()
  }
  await scene(['hosting-apply-now'], launched, async () => {
    await openApplyNow()
    await camera.take('hosting-apply-now', launched)
  })
  await scene(['hosting-apply-moved'], launched, async () => {
    await openApplyNow()
    await repository.commit({ 'storefront/storefront.yaml': configMap('storefront', 'replicas: "4"') })
    await fetchNow('again')
    await page.getByText('The plan moved since you opened it', { exact: false }).waitFor()
    await camera.take('hosting-apply-moved', launched)
  })
  await scene(['hosting-overview'], launched, async () => {
    await openLink(launched, 'view/overview')
    await page.getByRole('row', { name: `Sluice (this machine) in ${name}` }).waitFor()
    await camera.take('hosting-overview', launched)
  })
  await cluster.applyYaml(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: kustomize-controller, namespace: flux-system, labels: {app.kubernetes.io/part-of: flux}}
spec:
  selector: {matchLabels: {app: kustomize-controller}}
  template:
    metadata: {labels: {app: kustomize-controller}}
    spec: {containers: [{name: manager, image: kustomize-controller}]}
`)
  await openLink(launched, 'view/hosting')
  await page.getByText('Stepped back', { exact: true }).first().waitFor()
  await scene(['hosting-stepped-back'], launched, () => camera.take('hosting-stepped-back', launched))
  await scene(['hosting-switch-off'], launched, async () => {
    await page.getByRole('button', { name: `Switch off hosted mode in ${name}` }).click()
    await page.getByRole('dialog').waitFor()
    await camera.take('hosting-switch-off', launched)
  })
  await page.getByRole('button', { name: `Switch off hosted mode in ${name}` }).click()
  await confirmPlan(page, dialogOf(page, `Stop hosting ${name}`), 'Switch off')
  await page.getByRole('heading', { level: 2, name: 'Hosted mode is off' }).waitFor()
  await scene(['hosting-off'], launched, () => camera.take('hosting-off', launched))
  await scene(['hosting-refused'], launched, async () => {
    await openLink(launched, 'view/settings')
    await page.getByRole('switch', { name: `Read only: ${name}` }).click()
    await page.getByRole('switch', { name: `Hosted: ${name}` }).click()
    await page.getByRole('alert').waitFor()
    await camera.take('hosting-refused', launched)
  })
}
