/** The gate in the real window against a real API server: what a press writes, what is asked first, what is refused and why. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchApp } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { startSampleCluster } from '../app/sample-cluster.ts'
import {
  chooseContext,
  confirmPlan,
  dialogOf,
  eventually,
  filterList,
  gateOf,
  openView,
  pointAt,
  rowOf,
  toastOf,
} from '../app/window.ts'
import type { TestCluster } from '../cluster/start.ts'

interface Stored {
  readonly metadata: {
    readonly annotations?: Readonly<Record<string, string>>
    readonly managedFields?: readonly { readonly manager: string; readonly fieldsV1?: unknown }[]
  }
  readonly spec: { readonly suspend?: boolean }
}

let cluster: TestCluster
let launched: LaunchedApp
const pathOf = (namespace: string, name: string): string =>
  `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespace}/kustomizations/${name}`
const read = (namespace: string, name: string): Promise<Stored> =>
  cluster.requestOk('GET', pathOf(namespace, name)) as unknown as Promise<Stored>
const isSuspended = async (namespace: string, name: string): Promise<boolean> =>
  (await read(namespace, name)).spec.suspend === true
const ownAnnotations = (object: Stored): readonly string[] =>
  Object.keys(object.metadata.annotations ?? {}).filter((name) => name.startsWith('sluice.dev/'))

beforeAll(async () => {
  cluster = await startSampleCluster('lab', false)
  const viewer = await cluster.makeUserKubeconfig({ name: 'viewer' })
  await cluster.applyYaml(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: only-look }
rules: [{ apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: only-look }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: only-look }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: viewer }]
`)
  const production = join(cluster.dataDir, 'prod.kubeconfig')
  const admin = await readFile(cluster.kubeconfigPath, 'utf8')
  await writeFile(
    production,
    admin.replace(/(contexts:\n {2}- name: )"lab"/, '$1"prod-eu"').replace(/(current-context: )"lab"/, '$1"prod-eu"'),
  )
  launched = await launchApp({ kubeconfig: [cluster.kubeconfigPath, production, viewer].join(':') })
  await chooseContext(launched.page, 'lab')
  await openView(launched.page, 'Kustomizations')
})
afterAll(async () => {
  await launched?.close()
  await cluster?.stop()
})

describe('one object', () => {
  test('rows are named namespace/name, their gates say what is', async () => {
    const { page } = launched
    await rowOf(page, 'flux-system/apps').waitFor()
    await gateOf(page, 'flux-system/monitoring', true).waitFor()
    await gateOf(page, 'flux-system/policies', false).waitFor()
    expect(await gateOf(page, 'flux-system/monitoring').getAttribute('aria-description')).toBe('open, reconciling')
    expect(await gateOf(page, 'flux-system/policies').getAttribute('aria-description')).toBe('closed, suspended')
  })

  test('one click closes an open gate at once; the API server has it with who and when; Undo opens it again', async () => {
    const { page } = launched
    await gateOf(page, 'flux-system/monitoring', true).click()
    expect(await page.getByRole('dialog').count()).toBe(0)
    await gateOf(page, 'flux-system/monitoring', false).waitFor()
    const stored = await read('flux-system', 'monitoring')
    expect(stored.spec.suspend).toBe(true)
    expect(ownAnnotations(stored)).toEqual(
      expect.arrayContaining(['sluice.dev/suspended-at', 'sluice.dev/suspended-by']),
    )
    const owner = stored.metadata.managedFields?.find(({ fieldsV1 }) =>
      JSON.stringify(fieldsV1).includes('"f:suspend"'),
    )
    expect(owner?.manager).toMatch(/^sluice/)

    await toastOf(page, 'Suspended flux-system/monitoring').getByRole('button', { name: 'Undo' }).click()
    await gateOf(page, 'flux-system/monitoring', true).waitFor()
    const undone = await read('flux-system', 'monitoring')
    expect(undone.spec.suspend ?? false).toBe(false)
    expect(ownAnnotations(undone)).toEqual([])
  })

  test('the toast takes a reason; the row shows it; the closed gate opens through its dialog with Ctrl+Enter', async () => {
    const { page } = launched
    await gateOf(page, 'flux-system/image-updates', true).click()
    const toast = toastOf(page, 'Suspended flux-system/image-updates')
    await toast.getByRole('button', { name: 'Add reason' }).click()
    await toast.getByRole('textbox', { name: 'Reason' }).fill('Registry moves tonight')
    await toast.getByRole('button', { name: 'Save' }).click()
    await rowOf(page, 'flux-system/image-updates').filter({ hasText: 'Registry moves tonight' }).waitFor()
    const stored = await read('flux-system', 'image-updates')
    expect(stored.metadata.annotations?.['sluice.dev/suspend-reason']).toBe('Registry moves tonight')

    await gateOf(page, 'flux-system/image-updates', false).click()
    const dialog = dialogOf(page, 'Resume flux-system/image-updates')
    await dialog.getByRole('list', { name: 'Fields that are written' }).filter({ hasText: 'spec.suspend' }).waitFor()
    expect(await isSuspended('flux-system', 'image-updates')).toBe(true)
    await confirmPlan(page, dialog, 'Resume')
    await gateOf(page, 'flux-system/image-updates', true).waitFor()
    expect(ownAnnotations(await read('flux-system', 'image-updates'))).toEqual([])
    await dialog.waitFor({ state: 'detached' })
  })

  test('s opens the dialog; Escape leaves everything as it was', async () => {
    const { page } = launched
    await pointAt(page, 'apps/storefront')
    await page.keyboard.press('s')
    const dialog = dialogOf(page, 'Suspend apps/storefront')
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await isSuspended('apps', 'storefront')).toBe(false)
  })

  test('a plan that moved is refused: nothing is written over what somebody else wrote', async () => {
    const { page } = launched
    await pointAt(page, 'apps/storefront')
    await page.keyboard.press('s')
    const dialog = dialogOf(page, 'Suspend apps/storefront')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Moves')
    const confirm = dialog.getByRole('button', { name: /^Suspend/ })
    await eventually(async () => expect(await confirm.getAttribute('aria-disabled')).not.toBe('true'))
    // The plan of the reason that was typed: its patch names it.
    await dialog.getByRole('button', { name: 'Show patch' }).click()
    await dialog.getByRole('region', { name: 'Patch' }).filter({ hasText: 'Moves' }).waitFor()
    await cluster.requestOk(
      'PATCH',
      pathOf('apps', 'storefront'),
      { spec: { path: './moved' } },
      'application/merge-patch+json',
    )
    await confirm.click()
    await toastOf(page, /apps\/storefront/, 'alert')
      .or(dialog.getByRole('button', { name: 'Prepare again' }))
      .first()
      .waitFor()
    expect(await isSuspended('apps', 'storefront')).toBe(false)
    const again = page.getByRole('button', { name: 'Prepare again' }).first()
    await again.click()
    const second = dialogOf(page, 'Suspend apps/storefront')
    await confirmPlan(page, second, 'Suspend')
    await gateOf(page, 'apps/storefront', false).waitFor()
  })

  test('a gate closed by another manager shows at once, with that manager', async () => {
    const { page } = launched
    await cluster.requestOk(
      'PATCH',
      `${pathOf('infra', 'external-dns')}?fieldManager=kubectl-edit`,
      { spec: { suspend: true } },
      'application/merge-patch+json',
    )
    await rowOf(page, 'infra/external-dns').filter({ hasText: 'kubectl-edit' }).waitFor()
    await gateOf(page, 'infra/external-dns', false).waitFor()
  })
})

describe('several objects', () => {
  test('x selects, the bar suspends all in one plan, the report has each', async () => {
    const { page } = launched
    for (const name of ['flux-system/infra-controllers', 'flux-system/infra-configs', 'docs/handbook']) {
      await pointAt(page, name)
      await page.keyboard.press('x')
      await page.getByRole('row', { name, exact: true, selected: true }).waitFor()
    }
    const bar = page.getByRole('toolbar', { name: 'Actions for 3 selected' })
    await bar.getByRole('button', { name: /^Suspend/ }).click()
    const dialog = dialogOf(page, 'Suspend 3 Kustomizations')
    await dialog.getByRole('list', { name: 'What happens to each object' }).getByRole('listitem').nth(2).waitFor()
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Freeze')
    await confirmPlan(page, dialog, 'Suspend')
    for (const name of ['flux-system/infra-controllers', 'flux-system/infra-configs', 'docs/handbook'])
      await gateOf(page, name, false).waitFor()
    await toastOf(page, '3 done').getByRole('button', { name: 'Report' }).click()
    const report = page.getByRole('list', { name: 'Result per object' })
    await report.getByRole('listitem').nth(2).waitFor()
    expect(await report.getByRole('listitem').allInnerTexts()).toEqual(
      ['docs/handbook', 'flux-system/infra-configs', 'flux-system/infra-controllers'].map(
        (name) => expect.stringContaining(name) as unknown as string,
      ),
    )
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await bar.waitFor({ state: 'detached' })
    for (const [namespace, name] of [
      ['flux-system', 'infra-controllers'],
      ['flux-system', 'infra-configs'],
      ['docs', 'handbook'],
    ] as const) {
      const stored = await read(namespace, name)
      expect(stored.spec.suspend).toBe(true)
      expect(stored.metadata.annotations?.['sluice.dev/suspend-reason']).toBe('Freeze')
    }
  })
})

describe('where the gate is locked', () => {
  test('a viewer sees the true state and why it may not be moved', async () => {
    const { page } = launched
    await chooseContext(page, 'viewer@lab')
    await openView(page, 'Kustomizations')
    const gate = gateOf(page, 'flux-system/monitoring', true)
    await eventually(async () => expect(await gate.getAttribute('aria-disabled')).toBe('true'))
    expect(await gate.getAttribute('aria-description')).toMatch(/may not|cannot patch|forbidden/i)
    // By force: a driver does not press what is aria-disabled, a person does.
    await gate.click({ force: true })
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(await isSuspended('flux-system', 'monitoring')).toBe(false)
  })

  test('a context that looks like production is read-only until said otherwise, then asks always and wants a reason', async () => {
    const { page } = launched
    await chooseContext(page, 'prod-eu')
    await openView(page, 'Kustomizations')
    const gate = gateOf(page, 'flux-system/monitoring', true)
    await eventually(async () =>
      expect(await gate.getAttribute('aria-description')).toContain('Context prod-eu is read-only'),
    )
    // By force: a driver does not press what is aria-disabled, a person does.
    await gate.click({ force: true })
    expect(await page.getByRole('dialog').count()).toBe(0)
    await openView(page, 'Settings', false)
    await page.getByRole('switch', { name: 'Read only: prod-eu' }).click()
    await page.getByRole('switch', { name: 'Read only: prod-eu', checked: false }).waitFor()
    await openView(page, 'Kustomizations')
    await gate.click()
    const dialog = dialogOf(page, 'Suspend flux-system/monitoring')
    await dialog.waitFor()
    await page.keyboard.press('Control+Enter')
    await dialog.getByRole('alert').waitFor()
    expect(await isSuspended('flux-system', 'monitoring')).toBe(false)
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Change freeze')
    await confirmPlan(page, dialog, 'Suspend')
    await gateOf(page, 'flux-system/monitoring', false).waitFor()
    const stored = await read('flux-system', 'monitoring')
    expect(stored.metadata.annotations?.['sluice.dev/suspend-reason']).toBe('Change freeze')
    await filterList(page, 'Kustomizations', '')
  })
})

test('the window did not complain', () => {
  expect(launched.complaints).toEqual([])
})
