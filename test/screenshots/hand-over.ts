/** Pictures of "Move to the cluster": the plan, half-way, and the end, with the real controllers in pods that kwok plays. */
import type { Locator } from 'playwright-core'
import { resizeWindow } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { confirmPlan, dialogOf } from '../app/window.ts'
import type { FluxProgram } from '../cluster/flux-program.ts'
import { makeFluxProgram } from '../cluster/flux-program.ts'
import type { GitServer } from '../cluster/git-server.ts'
import type { TestCluster } from '../cluster/start.ts'
import { runControllersOfPods } from '../integration/host/controller-pods.ts'
import { startSshGitServer } from '../adapters/git/ssh-server.ts'
import { everyVariant, openLink } from './camera.ts'
import type { Camera } from './camera.ts'

type Scene = (names: readonly string[], launched: LaunchedApp, act: () => Promise<void>) => Promise<void>

export const handOverPictures = [
  'hand-over-plan',
  'bootstrap-form',
  'bootstrap-plan',
  'hand-over-progress',
  'hand-over-done',
]

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
  const platform = await git.createRepository('platform', {
    'clusters/homelab/apps.yaml': kustomization('apps').replaceAll('---', ''),
  })
  const ssh = await startSshGitServer({ '/home/platform.git': await platform.git('rev-parse', '--absolute-git-dir') })
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
---
apiVersion: v1
kind: Secret
metadata: {name: platform, namespace: flux-system}
stringData: ${JSON.stringify({ identity: ssh.clientKey, known_hosts: ssh.knownHosts })}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: platform, namespace: flux-system}
spec: {interval: 5m, url: "ssh://git@127.0.0.1:${ssh.port}/home/platform.git", ref: {branch: main}, secretRef: {name: platform}}
---${applied.map((of) => kustomization(of)).join('')}${kustomization('shop', ', suspend: true', ', annotations: {sluice.dev/mode: held}')}${kustomization('backup', ', suspend: true')}
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: podinfo, namespace: default}
spec: {interval: 1h, chart: {spec: {chart: podinfo, sourceRef: {kind: HelmRepository, name: charts}}}}
`)
  // The Git server over http, and the one over ssh.
  const allow = page.getByRole('button', { name: /^Allow 127/ })
  await allow.nth(1).waitFor()
  await allow.first().click()
  await allow.nth(1).waitFor({ state: 'detached' })
  await allow.click()
  for (const of of applied)
    await page.locator(`[role="row"][aria-label="flux-system/${of}"][aria-description*=", Sleeping"]`).first().waitFor()

  const begin = line.getByRole('button', { name: `Move Flux into ${name}` })
  const plan = dialogOf(page, `Move Flux into ${name}`)
  await scene(['hand-over-plan'], launched, async () => {
    await begin.click()
    await plan.getByRole('button', { name: /^Install Flux/, disabled: false }).waitFor()
    await camera.take('hand-over-plan', launched)
  })
  await scene(['bootstrap-form', 'bootstrap-plan'], launched, async () => {
    await begin.click()
    const wanted = plan.getByRole('checkbox', { name: 'Also put Flux under Git (bootstrap)' })
    await wanted.click()
    await plan.getByRole('button', { name: /^Push, install Flux/, disabled: false }).waitFor()
    const repositories = plan.getByLabel('Repository', { exact: true })
    const overSsh = await repositories.locator('option').filter({ hasText: 'ssh://' }).getAttribute('value')
    await repositories.selectOption(overSsh)
    await plan.getByText('pushed with the Secret of its source').waitFor()
    await plan.getByRole('button', { name: /^Push, install Flux/, disabled: false }).waitFor()
    const takeAt = async (of: string, place: Locator): Promise<void> => {
      for (const variant of everyVariant) {
        const width = Number(variant.split('.')[1])
        await resizeWindow(launched.app, { width, height: width === 900 ? 640 : 900 })
        await page.waitForFunction((wanted) => window.innerWidth === wanted, width)
        await place.evaluate((element) => element.scrollIntoView({ block: 'start' }))
        await camera.take(of, launched, [variant])
      }
    }
    await takeAt('bootstrap-form', wanted)
    await plan.getByLabel(/gotk-sync\.yaml, created: show the difference/).click()
    await takeAt('bootstrap-plan', plan.getByText('Objects', { exact: true }).last())
    // What follows is the hand-over alone.
    await wanted.click()
    await plan.getByRole('button', { name: /^Install Flux/, disabled: false }).waitFor()
  })
  const pods = runControllersOfPods(cluster, { assets, timings })
  try {
    pods.hold('source-controller')
    await begin.click()
    await confirmPlan(page, plan, 'Install Flux')
    const waiting = dialogOf(page, `Moving Flux into ${name}`).getByRole('list', { name: 'Waiting for' })
    await waiting.getByText('flux-system/fleet').waitFor()
    // Its dialog may be closed, and comes back where it was left.
    await scene(['hand-over-progress'], launched, () => camera.take('hand-over-progress', launched))
    pods.release('source-controller')
    await begin.click().catch(() => undefined)
    await dialogOf(page, `Flux runs in ${name}`).waitFor({ timeout: 2 * patienceMs })
    await scene(['hand-over-done'], launched, () => camera.take('hand-over-done', launched))
  } finally {
    await pods.stop()
    await ssh.stop()
  }
}
