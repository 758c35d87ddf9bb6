/** Pictures of the history: the view, an object's tab, a comparison, an object as it was, where an object comes from, a report. */
import type { Page } from 'playwright-core'
import type { LaunchedApp } from '../app/launch.ts'
import { openLink } from './camera.ts'
import type { Camera } from './camera.ts'

type Scene = (names: readonly string[], launched: LaunchedApp, act: () => Promise<void>) => Promise<void>

export const historyPictures = [
  'history',
  'history-as-it-was',
  'history-compare',
  'history-compare-loading',
  'history-compare-empty',
  'history-compare-unwatched',
  'history-compare-failed',
  'history-compare-nowhere',
  'history-report',
  'object-history',
  'object-trace',
]

const object = 'context/prod-eu-1/kustomize.toolkit.fluxcd.io/Kustomization/flux-system/apps'

const hourMs = 3_600_000

/** Keeps what the window asks of `procedure` from the engine, until what is returned is called. */
async function holdBack(page: Page, procedure: string): Promise<() => Promise<void>> {
  await page.evaluate((name) => {
    const send = Reflect.get(MessagePort.prototype, 'postMessage') as (this: MessagePort, message: ArrayBuffer) => void
    const held: (() => void)[] = []
    // React has ports of its own, with other messages.
    const isAsked = (message: unknown): boolean =>
      message instanceof ArrayBuffer && new TextDecoder().decode(message).includes(`"${name}"`)
    const post = function (this: MessagePort, message: ArrayBuffer): void {
      if (isAsked(message)) held.push(() => send.call(this, message))
      else send.call(this, message)
    }
    MessagePort.prototype.postMessage = post
    Object.assign(window, {
      goOn: () => {
        MessagePort.prototype.postMessage = send
        for (const go of held) go()
      },
    })
  }, procedure)
  return () => page.evaluate(() => (window as unknown as { goOn(): void }).goOn())
}

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
    await camera.take('history-report', launched)
  })
  await scene(['history-as-it-was'], launched, async () => {
    await openHistory()
    await entries.filter({ hasText: 'Changed in the cluster' }).first().click()
    await page.getByRole('button', { name: 'As it was then' }).click()
    await page.getByRole('heading', { level: 1, name: 'As it was' }).waitFor()
    await page.locator('.view-lines').waitFor({ timeout: 30_000 })
    await camera.take('history-as-it-was', launched)
  })
  const compare = (from: number, until: number, about = ''): Promise<void> =>
    openLink(launched, `view/compare?filter=${encodeURIComponent(`${from}..${until}${about}`)}`)
  const titled = (text: string): Promise<void> => page.getByRole('heading', { name: text }).waitFor({ timeout: 30_000 })
  await scene(['history-compare'], launched, async () => {
    await compare(Date.now() - hourMs, Date.now())
    const changed = page.getByRole('listbox', { name: 'Changed objects' }).getByRole('option')
    await changed.filter({ hasText: 'apps/podinfo' }).first().click({ timeout: 30_000 })
    await page.waitForTimeout(1500)
    await camera.take('history-compare', launched)
  })
  await scene(['history-compare-loading'], launched, async () => {
    const release = await holdBack(page, 'history.compare')
    await compare(Date.now() - hourMs, Date.now())
    await page.getByRole('status', { name: 'Comparing' }).waitFor()
    await camera.take('history-compare-loading', launched)
    await release()
  })
  await scene(['history-compare-empty'], launched, async () => {
    await compare(Date.now() - 2000, Date.now() - 1000)
    await titled('Nothing changed')
    await camera.take('history-compare-empty', launched)
  })
  await scene(['history-compare-unwatched'], launched, async () => {
    await compare(Date.now() - 3 * 24 * hourMs, Date.now() - 2 * 24 * hourMs)
    await titled('Nothing is known of this time')
    await camera.take('history-compare-unwatched', launched)
  })
  await scene(['history-compare-failed'], launched, async () => {
    await compare(Date.now(), Date.now() - hourMs)
    await titled('The two points could not be compared')
    const from = page.getByRole('textbox', { name: 'From' })
    await from.fill('yesterday')
    await from.press('Enter')
    await page.getByText(/^No time/).waitFor()
    await camera.take('history-compare-failed', launched)
    await from.press('Escape')
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  })
  await scene(['history-compare-nowhere'], launched, async () => {
    await compare(
      Date.now() - hourMs,
      Date.now(),
      `/${object.replace('prod-eu-1', 'prod-us-1').slice('context/'.length)}`,
    )
    await titled('No selected context leads to this cluster')
    await camera.take('history-compare-nowhere', launched)
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
