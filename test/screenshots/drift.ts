/** Pictures of drift: the view in its groupings, the Drift tab in its layouts, the dialogs that say what applying would do. */
import { zoomTo } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { everyVariant, openLink } from './camera.ts'
import type { Camera } from './camera.ts'
import type { DriftCluster } from './drift-cluster.ts'

type Scene = (names: readonly string[], launched: LaunchedApp, act: () => Promise<void>) => Promise<void>

const disturbedPictures = [
  'object-drift-release',
  'object-drift-differs',
  'object-drift-pruned',
  'object-drift-refused',
]
const movingPicture = 'object-drift-moving'

export const driftPictures = [
  'drift',
  'drift-managers',
  'drift-failures',
  'drift-calm',
  'object-drift',
  'object-drift-inline',
  'object-drift-whole',
  'object-drift-zoomed',
  'object-drift-missing',
  'object-drift-secret',
  'dialog-ignore',
  'dialog-ignore-commit',
  'toast-ignore-commit',
  'dialog-resume-preview',
  'drift-lists',
  'dialog-resume-waits',
  ...disturbedPictures,
  movingPicture,
  'drift-record',
  'object-drift-record',
  'drift-approximate',
  'object-drift-approximate',
]

/** As somebody sees them who may look at Kustomizations alone. */
export const driftViewerPictures = ['drift-forbidden', 'object-drift-forbidden']

const kustomizations = 'context/prod-eu-1/kustomize.toolkit.fluxcd.io/Kustomization/flux-system'
const tab = `${kustomizations}/apps/drift`
const at = (item: string): string => `${tab}/${encodeURIComponent(item)}`

/** The native dialog answers with this folder. */
async function answerWithFolder({ app }: LaunchedApp, folder: string): Promise<void> {
  await app.evaluate(({ dialog }, path) => {
    const native = dialog as unknown as { showOpenDialog: unknown }
    native.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] })
  }, folder)
}

export async function photographDrift(
  launched: LaunchedApp,
  camera: Camera,
  scene: Scene,
  drift: DriftCluster,
): Promise<void> {
  const { page } = launched
  const pause = (ms: number): Promise<void> => page.waitForTimeout(ms)
  // Production contexts are read-only until somebody says otherwise.
  await openLink(launched, 'view/settings')
  const readOnly = page.getByRole('switch', { name: 'Read only: prod-eu-1' })
  await readOnly.waitFor()
  if ((await readOnly.getAttribute('aria-checked')) === 'true') await readOnly.click()
  await openLink(launched, 'view/drift')
  await page.getByRole('status', { name: 'Comparison' }).waitFor({ timeout: 60_000 })
  await scene(['drift-failures'], launched, async () => {
    const failed = page.getByRole('button', { name: /failed/ })
    await failed.waitFor({ timeout: 60_000 })
    await failed.click()
    await page
      .getByRole('button', { name: /^Allow / })
      .first()
      .waitFor()
    await camera.take('drift-failures', launched)
  })
  // Everything from here on: the host of the artifacts is allowed, and all is compared.
  await openLink(launched, tab)
  const allow = page.getByRole('button', { name: /^Allow / }).first()
  const verified = page.getByText('Rendered exactly as the controller did (digest equal)')
  await allow.or(verified).first().waitFor({ timeout: 60_000 })
  if (await allow.isVisible()) await allow.click()
  await verified.waitFor({ timeout: 90_000 })
  await page.getByText('Engine idle').waitFor({ timeout: 90_000 })
  await scene(['drift', 'drift-managers'], launched, async () => {
    await openLink(launched, 'view/drift')
    await page
      .getByRole('treegrid', { name: 'Drift' })
      .getByRole('row', { name: 'apps/limits' })
      .waitFor({ timeout: 90_000 })
    await page
      .getByRole('status', { name: 'Comparison' })
      .getByText(/not yet$/)
      .waitFor({ state: 'detached', timeout: 90_000 })
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await camera.take('drift', launched)
    await page.getByRole('radio', { name: 'Field manager' }).click()
    await camera.take('drift-managers', launched)
    await page.getByRole('radio', { name: 'Owner' }).click()
  })
  await scene(['drift-lists'], launched, async () => {
    await openLink(launched, 'view/kustomizations')
    await page.getByRole('row', { name: 'flux-system/apps' }).waitFor()
    await pause(400)
    await camera.take('drift-lists', launched)
  })
  await scene(
    [
      'object-drift',
      'object-drift-inline',
      'object-drift-whole',
      'object-drift-zoomed',
      'dialog-ignore',
      'dialog-resume-preview',
    ],
    launched,
    async () => {
      await openLink(launched, at('apps/Deployment/apps/podinfo'))
      await page.getByText('1 of 4').waitFor()
      await page.getByRole('list', { name: 'Field managers' }).getByRole('listitem').first().waitFor()
      await pause(800)
      await camera.take('object-drift', launched)
      await page.getByRole('radio', { name: 'Inline' }).click()
      await pause(500)
      await camera.take('object-drift-inline', launched)
      await page.getByRole('radio', { name: 'Side by side' }).click()
      await page.getByRole('button', { name: 'Show whole object' }).click()
      await pause(500)
      await camera.take('object-drift-whole', launched)
      await page.getByRole('button', { name: 'Show changes only' }).click()
      await camera.take('object-drift-zoomed', launched, ['light.1440', 'dark.1440'], async () => {
        await zoomTo(launched, 2)
        return () => zoomTo(launched, 1)
      })
      await page.getByRole('button', { name: 'Ignore field…' }).click()
      await page.getByRole('dialog').waitFor()
      await pause(600)
      await camera.take('dialog-ignore', launched)
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: /^Preview resume/ }).click()
      await page.getByRole('group', { name: 'What will happen' }).waitFor({ timeout: 60_000 })
      await camera.take('dialog-resume-preview', launched)
    },
  )
  await scene(['dialog-ignore-commit', 'toast-ignore-commit'], launched, async () => {
    await openLink(launched, at('apps/Deployment/apps/podinfo'))
    await page.getByText('1 of 4').waitFor()
    await page.getByRole('button', { name: 'Ignore field…' }).click()
    await answerWithFolder(launched, drift.workingCopy)
    await page.getByRole('button', { name: 'Map a folder…' }).click()
    await page.getByRole('textbox', { name: 'Commit message' }).waitFor()
    await pause(600)
    await camera.take('dialog-ignore-commit', launched)
    await page.getByRole('button', { name: /^Write and commit/ }).click()
    await page.getByText(/^The rule is commit/).waitFor()
    await pause(600)
    // It would go after six seconds: not while somebody points at it.
    await page.getByRole('status').filter({ hasText: 'The rule is commit' }).dispatchEvent('pointerover')
    await camera.take('toast-ignore-commit', launched)
    await page.getByRole('button', { name: 'Close message' }).click()
  })
  await scene(['object-drift-missing'], launched, async () => {
    await openLink(launched, at('/Service/checkout/checkout-metrics'))
    await page.getByRole('region', { name: 'Difference of Service checkout/checkout-metrics' }).waitFor()
    await pause(1500)
    await camera.take('object-drift-missing', launched)
  })
  await scene(['object-drift-secret'], launched, async () => {
    await openLink(launched, at('/Secret/checkout/checkout-tokens'))
    await page.getByRole('region', { name: 'Difference of Secret checkout/checkout-tokens' }).waitFor()
    await pause(1500)
    await camera.take('object-drift-secret', launched)
  })
  await scene(['dialog-resume-waits'], launched, async () => {
    await drift.wait(true)
    await openLink(launched, tab)
    await page.getByRole('button', { name: /^Preview resume/ }).click()
    const waits = page.getByRole('list', { name: 'Waits for' })
    await waits.waitFor({ timeout: 60_000 })
    await camera.take('dialog-resume-waits', launched)
    await page.keyboard.press('Escape')
    await drift.wait(false)
  })
  /** Lines are compared anew for another width. */
  const compared = (): Promise<void> =>
    page
      .getByText('Comparing lines…')
      .waitFor({ state: 'detached', timeout: 10_000 })
      .catch(() => undefined)
  /** One object of an owner on its Drift tab. */
  const takeObject = async (name: string, link: string, title: string, aim = compared): Promise<void> => {
    await openLink(launched, link)
    await page.getByRole('region', { name: `Difference of ${title}` }).waitFor({ timeout: 60_000 })
    await pause(1500)
    await camera.take(name, launched, everyVariant, aim)
  }
  if (disturbedPictures.some((name) => camera.isWanted(name))) await drift.disturb()
  await scene(['object-drift-release'], launched, () =>
    takeObject(
      'object-drift-release',
      `context/prod-eu-1/helm.toolkit.fluxcd.io/HelmRelease/apps/storefront/drift/${encodeURIComponent('apps/Deployment/apps/storefront')}`,
      'Deployment apps/storefront',
    ),
  )
  await scene(['object-drift-differs'], launched, async () => {
    await openLink(launched, `${kustomizations}/reports/drift`)
    await page.getByText('Digest differs').waitFor({ timeout: 60_000 })
    await page
      .getByRole('button', { name: /^Why|reason/ })
      .first()
      .click()
    await pause(800)
    await camera.take('object-drift-differs', launched, everyVariant, compared)
  })
  await scene(['object-drift-pruned'], launched, () =>
    takeObject(
      'object-drift-pruned',
      `${kustomizations}/reports/drift/${encodeURIComponent('/ConfigMap/apps/legacy-report')}`,
      'ConfigMap apps/legacy-report',
    ),
  )
  await scene(['object-drift-refused'], launched, () =>
    takeObject(
      'object-drift-refused',
      `${kustomizations}/limits/drift/${encodeURIComponent('/ConfigMap/apps/checkout-limits')}`,
      'ConfigMap apps/checkout-limits',
    ),
  )
  await scene([movingPicture], launched, async () => {
    await drift.stir(true)
    try {
      await openLink(launched, `${kustomizations}/monitoring/drift/${encodeURIComponent('/ConfigMap/apps/rules')}`)
      await page.getByText('It changes all the time').waitFor({ timeout: 60_000 })
      await pause(1500)
      await camera.take(movingPicture, launched, everyVariant, compared)
    } finally {
      await drift.stir(false)
    }
  })
  await scene(['drift-record', 'object-drift-record'], launched, async () => {
    await drift.editAndSetBack()
    await openLink(launched, 'view/drift')
    const row = page.getByRole('treegrid', { name: 'Drift' }).getByRole('row', { name: 'apps/settings-07' })
    await row.filter({ hasText: 'record only' }).waitFor({ timeout: 60_000 })
    await row.click()
    await camera.take('drift-record', launched)
    await takeObject(
      'object-drift-record',
      at('/ConfigMap/apps/settings-07'),
      'ConfigMap apps/settings-07',
      async () => {
        await compared()
        // The line that it is about, in a low window, too.
        await page.getByRole('button', { name: 'Next difference' }).dispatchEvent('click')
      },
    )
  })
  await scene(['drift-approximate', 'object-drift-approximate'], launched, async () => {
    const sendDryRuns = async (isOn: boolean): Promise<void> => {
      await openLink(launched, 'view/settings')
      const box = page.getByRole('switch', { name: 'Dry-runs: prod-eu-1', checked: !isOn })
      await box.click()
      await page.getByRole('switch', { name: 'Dry-runs: prod-eu-1', checked: isOn }).waitFor()
    }
    await sendDryRuns(false)
    await openLink(launched, at('apps/Deployment/apps/podinfo'))
    await page.getByText('Approximate: compared without dry-run').waitFor({ timeout: 60_000 })
    await pause(1500)
    await camera.take('object-drift-approximate', launched, everyVariant, compared)
    await openLink(launched, 'view/drift')
    await page.getByText(/\d approximate$/).waitFor({ timeout: 60_000 })
    await pause(800)
    await camera.take('drift-approximate', launched)
    await sendDryRuns(true)
  })
  await scene(['drift-calm'], launched, async () => {
    await drift.heal()
    await openLink(launched, 'view/drift')
    await page.getByText('Nothing drifts').waitFor({ timeout: 90_000 })
    await camera.take('drift-calm', launched)
  })
}

/** What is not known is named, and never called equal. */
export async function photographDriftForViewer(launched: LaunchedApp, camera: Camera, scene: Scene): Promise<void> {
  const { page } = launched
  await scene(['drift-forbidden', 'object-drift-forbidden'], launched, async () => {
    const owner = 'context/app-dev@prod-eu-1/kustomize.toolkit.fluxcd.io/Kustomization/flux-system/monitoring/drift'
    await openLink(launched, owner)
    const allow = page.getByRole('button', { name: /^Allow / }).first()
    await allow.waitFor({ timeout: 60_000 })
    await allow.click()
    await openLink(launched, `${owner}/${encodeURIComponent('/ConfigMap/apps/rules')}`)
    await page.getByRole('region', { name: 'Difference of ConfigMap apps/rules' }).waitFor({ timeout: 90_000 })
    await page.waitForTimeout(1500)
    await camera.take('object-drift-forbidden', launched)
    await openLink(launched, 'view/drift')
    await page.getByRole('status', { name: 'Comparison' }).waitFor()
    await page.waitForTimeout(1500)
    await camera.take('drift-forbidden', launched)
  })
}
