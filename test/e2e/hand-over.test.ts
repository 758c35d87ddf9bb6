/**
 * "Move to the cluster" in the real window: the user's flux is found on PATH, its manifests become a plan, the controllers are installed and wait, and
 * a cancel takes them away again. Who adopts what is the integration suite's: here no pod ever runs.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { confirmPlan, dialogOf, openView } from '../app/window.ts'
import type { FluxProgram } from '../cluster/flux-program.ts'
import { makeFluxProgram } from '../cluster/flux-program.ts'
import type { TestCluster } from '../cluster/start.ts'
import { fluxAssets, startTestCluster } from '../cluster/start.ts'

const assets = fluxAssets()
let cluster: TestCluster
let program: FluxProgram
let launched: LaunchedApp

const deployments = '/apis/apps/v1/namespaces/flux-system/deployments'
const names = async (): Promise<readonly string[]> => {
  const { items } = await cluster.requestOk<{ items: readonly { metadata: { name: string } }[] }>('GET', deployments)
  return items.map(({ metadata }) => metadata.name)
}

beforeAll(async () => {
  if (assets === null) return
  ;[cluster, program] = await Promise.all([startTestCluster({ name: 'lab' }), makeFluxProgram({ assets })])
  launched = await launchApp({
    kubeconfig: cluster.kubeconfigPath,
    env: { PATH: `${program.folder}:${process.env['PATH'] ?? ''}` },
  })
})
afterAll(async () => {
  await launched?.close()
  await cluster?.stop()
  await program?.remove()
})

test.skipIf(assets === null)(
  'plans with the flux of the user, installs, and takes all of it away when it is canceled',
  async () => {
    const { page } = launched
    await openView(page, 'Overview', false)
    await page
      .getByRole('row', { name: 'No controllers in lab' })
      .getByRole('button', { name: 'Host from this machine…' })
      .click()
    const hosting = dialogOf(page, 'Host lab from this machine')
    await hosting.getByText(/missing, Flux’s own from .*flux install --export, v2\.9\.5/).waitFor()
    await confirmPlan(page, hosting, 'Switch on')
    const line = page.getByRole('list', { name: 'Hosted contexts' }).getByRole('listitem').first()
    // Flux's own definitions are large: it takes a while until all of them are served.
    await line.getByText('Active', { exact: true }).waitFor({ timeout: 60_000 })

    await line.getByRole('button', { name: 'Move Flux into lab' }).click()
    const plan = dialogOf(page, 'Move Flux into lab')
    await plan.getByText('Your own Flux CLI, v2.9.5').waitFor()
    await plan.getByText('kustomize-controller, helm-controller (cluster-admin)').waitFor()
    await plan.getByText('fluxcd/source-controller:v1.9.1').waitFor()
    // Nothing names a repository here: what a bootstrap does is the integration suite's, too.
    const bootstrap = plan.getByRole('checkbox', { name: 'Also put Flux under Git (bootstrap)' })
    await bootstrap.click()
    await plan.getByText('No GitRepository of this cluster names one that Flux could read itself from').waitFor()
    await plan.getByRole('textbox', { name: 'Address' }).waitFor()
    await bootstrap.click()
    expect(await names()).toEqual([])
    await confirmPlan(page, plan, 'Install Flux v2.9.5 and hand over')

    const moving = dialogOf(page, 'Moving Flux into lab')
    await moving
      .getByRole('list', { name: 'Waiting for' })
      .getByText('flux-system/source-controller')
      .waitFor({ timeout: 60_000 })
    expect(await names()).toEqual(['kustomize-controller', 'notification-controller', 'source-controller'])
    await moving.getByRole('button', { name: 'Cancel and undo' }).click()
    const end = dialogOf(page, 'Canceled: Sluice goes on hosting lab')
    await end.getByRole('button', { name: 'Plan it again…' }).waitFor()
    expect(await names()).toEqual([])
    await page.keyboard.press('Escape')
    await end.waitFor({ state: 'detached' })
    await line.getByText('Active', { exact: true }).waitFor()
    expect(launched.complaints).toEqual([])
  },
  240_000,
)
