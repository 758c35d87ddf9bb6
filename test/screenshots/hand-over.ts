/** Pictures of "Move to the cluster": the plan, half-way, and the end, with the real controllers in pods that kwok plays. */
import type { LaunchedApp } from '../app/launch.ts'
import { confirmPlan, dialogOf } from '../app/window.ts'
import type { FluxProgram } from '../cluster/flux-program.ts'
import { makeFluxProgram } from '../cluster/flux-program.ts'
import type { GitServer } from '../cluster/git-server.ts'
import type { TestCluster } from '../cluster/start.ts'
import { runControllersOfPods } from '../integration/host/controller-pods.ts'
import { everyVariant, openLink, wideVariants } from './camera.ts'
import type { Camera } from './camera.ts'

type Scene = (names: readonly string[], launched: LaunchedApp, act: () => Promise<void>) => Promise<void>

export const handOverPictures = ['hand-over-plan', 'hand-over-progress', 'hand-over-done']

/** The leases' own: a person waits a quarter of a minute for them, a picture need not. */
const timings = { leaseDurationMs: 5000, renewDeadlineMs: 4000, retryPeriodMs: 500 }
const name = 'homelab'
const patienceMs = 120_000
const kustomization = (of: string, more = '', annotations = ''): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${of}, namespace: flux-system${annotations}}
spec: {interval: 10m, prune: true, path: ./${of}, sourceRef: {kind: GitRepository, name: fleet}${more}}
---`

/** The user's flux; without controllers that nobody would start here. */
export const stageProgram = (assets: string): Promise<FluxProgram> =>
  makeFluxProgram({ assets, components: ['source-controller', 'kustomize-controller', 'helm-controller'] })

export async function photographHandOver(
  launched: LaunchedApp,
  camera: Camera,
  scene: Scene,
  own: { readonly cluster: TestCluster; readonly git: GitServer; readonly assets: string },
): Promise<void> {
  const { page } = launched
  const { cluster, git, assets } = own
  page.setDefaultTimeout(patienceMs)
  const applied = ['infrastructure', 'cert-manager', 'ingress', 'storefront']
  const repository = await git.createRepository(
    'fleet',
    Object.fromEntries(
      [...applied, 'shop', 'backup'].map((of) => [
        `${of}/all.yaml`,
        `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${of}, namespace: default}\ndata: {replicas: "2"}\n`,
      ]),
    ),
  )
  await openLink(launched, 'view/overview')
  await page.getByRole('button', { name: 'Host from this machine…' }).click()
  await confirmPlan(page, dialogOf(page, `Host ${name} from this machine`), 'Switch on')
  const line = page.getByRole('list', { name: 'Hosted contexts' }).getByRole('listitem').first()
  await line.getByText('Active', { exact: true }).waitFor()
  await cluster.applyYaml(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: flux-system}
spec: {interval: 5m, url: "${repository.url}", ref: {branch: main}}
---${applied.map((of) => kustomization(of)).join('')}${kustomization('shop', ', suspend: true', ', annotations: {sluice.dev/mode: held}')}${kustomization('backup', ', suspend: true')}
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: podinfo, namespace: default}
spec: {interval: 1h, chart: {spec: {chart: podinfo, sourceRef: {kind: HelmRepository, name: charts}}}}
`)
  await page.getByRole('button', { name: /^Allow 127/ }).click()
  for (const of of applied)
    await page.locator(`[role="row"][aria-label="flux-system/${of}"][aria-description*=", Sleeping"]`).first().waitFor()

  const begin = line.getByRole('button', { name: `Move Flux into ${name}` })
  const plan = dialogOf(page, `Move Flux into ${name}`)
  await scene(['hand-over-plan'], launched, async () => {
    await begin.click()
    await plan.getByRole('button', { name: /^Install Flux/, disabled: false }).waitFor()
    await camera.take('hand-over-plan', launched, everyVariant)
  })
  const pods = runControllersOfPods(cluster, { assets, timings })
  try {
    pods.hold('source-controller')
    await begin.click()
    await confirmPlan(page, plan, 'Install Flux')
    const waiting = dialogOf(page, `Moving Flux into ${name}`).getByRole('list', { name: 'Waiting for' })
    await waiting.getByText('flux-system/fleet').waitFor()
    // Its dialog may be closed, and comes back where it was left.
    await scene(['hand-over-progress'], launched, () => camera.take('hand-over-progress', launched, everyVariant))
    pods.release('source-controller')
    await begin.click().catch(() => undefined)
    await dialogOf(page, `Flux runs in ${name}`).waitFor({ timeout: 2 * patienceMs })
    await scene(['hand-over-done'], launched, () => camera.take('hand-over-done', launched, wideVariants))
  } finally {
    await pods.stop()
  }
}
