/** Pictures of the history: the view, an object's tab, a comparison, an object as it was, where an object comes from, a report. */
import type { LaunchedApp } from '../app/launch.ts'
import { dialogVariants, openLink } from './camera.ts'
import type { Camera } from './camera.ts'

type Scene = (names: readonly string[], launched: LaunchedApp, act: () => Promise<void>) => Promise<void>

export const historyPictures = [
  'history',
  'history-as-it-was',
  'history-compare',
  'history-report',
  'object-history',
  'object-trace',
]

const object = 'context/prod-eu-1/kustomize.toolkit.fluxcd.io/Kustomization/flux-system/apps'

/** After the pictures of drift: what was done for them is what the history tells. */
export async function photographHistory(launched: LaunchedApp, camera: Camera, scene: Scene): Promise<void> {
  const { page } = launched
  const entries = page.getByRole('listbox', { name: /^History/ }).getByRole('option')
  const openHistory = async (): Promise<void> => {
    await openLink(launched, 'view/history')
    await entries.nth(4).waitFor({ timeout: 30_000 })
  }
  await scene(['history', 'history-report'], launched, async () => {
    await openHistory()
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await page.keyboard.press('j')
    await page.keyboard.press(' ')
    await camera.take('history', launched)
    await page.getByRole('slider', { name: 'Shown range' }).press('ArrowRight')
    await page.getByRole('button', { name: 'Report…' }).click()
    await page
      .getByRole('dialog')
      .getByText(/^# Incident report/)
      .waitFor()
    await camera.take('history-report', launched, dialogVariants)
  })
  await scene(['history-as-it-was', 'history-compare'], launched, async () => {
    await openHistory()
    await entries.filter({ hasText: 'Changed in the cluster' }).first().click()
    await page.getByRole('button', { name: 'As it was then' }).click()
    await page.getByRole('heading', { level: 1, name: 'As it was' }).waitFor()
    await page.locator('.view-lines').waitFor({ timeout: 30_000 })
    await camera.take('history-as-it-was', launched)
    await page.getByRole('button', { name: 'Compare with now' }).click()
    await page
      .getByRole('listbox', { name: 'Changed objects' })
      .getByRole('option')
      .first()
      .waitFor({ timeout: 30_000 })
    await page.waitForTimeout(800)
    await camera.take('history-compare', launched)
  })
  await scene(['object-history'], launched, async () => {
    await openLink(launched, `${object}/history`)
    await entries.nth(2).waitFor({ timeout: 30_000 })
    await camera.take('object-history', launched)
  })
  await scene(['object-trace'], launched, async () => {
    await openLink(launched, `${object}/trace`)
    await page
      .getByRole('region', { name: /comes from$/ })
      .first()
      .waitFor({ timeout: 30_000 })
    await page.waitForTimeout(1500)
    await camera.take('object-trace', launched)
  })
}
