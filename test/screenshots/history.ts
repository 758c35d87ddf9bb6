/** Pictures of the history: the view, an object's tab, a comparison, an object as it was, where an object comes from, where a commit is, a report. */
import type { Locator, Page } from 'playwright-core'
import type { LaunchedApp } from '../app/launch.ts'
import { openLink } from './camera.ts'
import type { Camera } from './camera.ts'
import type { HistoryFleet } from './history-fleet.ts'

type Scene = (names: readonly string[], launched: LaunchedApp, act: () => Promise<void>) => Promise<void>

/** Of a week in two clusters. */
export const weekPictures = [
  'history',
  'history-range',
  'history-failed',
  'history-where',
  'history-filter',
  'history-report',
  'history-compare',
  'object-history',
  'object-trace',
]

export const historyPictures = [
  'history-as-it-was',
  'history-compare-loading',
  'history-compare-empty',
  'history-compare-unwatched',
  'history-compare-failed',
  'history-compare-nowhere',
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

function openComparison(launched: LaunchedApp, from: number, until: number, about = ''): Promise<void> {
  return openLink(launched, `view/compare?filter=${encodeURIComponent(`${from}..${until}${about}`)}`)
}

/** After the pictures of drift: what was done for them is what the history tells. */
export async function photographHistory(launched: LaunchedApp, camera: Camera, scene: Scene): Promise<void> {
  const { page } = launched
  const entries = page.getByRole('listbox', { name: /^History/ }).getByRole('option')
  const openHistory = async (): Promise<void> => {
    await openLink(launched, 'view/history')
    await entries.nth(4).waitFor({ timeout: 30_000 })
  }
  await scene(['history-as-it-was'], launched, async () => {
    await openHistory()
    await entries.filter({ hasText: 'Changed in the cluster' }).first().click()
    await page.getByRole('button', { name: 'As it was then' }).click()
    await page.getByRole('heading', { level: 1, name: 'As it was' }).waitFor()
    await page.locator('.view-lines').waitFor({ timeout: 30_000 })
    await camera.take('history-as-it-was', launched)
  })
  const compare = (from: number, until: number, about = ''): Promise<void> =>
    openComparison(launched, from, until, about)
  const titled = (text: string): Promise<void> => page.getByRole('heading', { name: text }).waitFor({ timeout: 30_000 })
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
}

/** The part of the days that is shown, as by a drag from one share of the strip to another. */
async function brush(page: Page, from: number, until: number): Promise<void> {
  const box = await page.getByRole('slider', { name: 'Shown range' }).boundingBox()
  if (box === null) throw new Error('There is no strip of days')
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + box.width * from, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * until, y, { steps: 8 })
  await page.mouse.up()
}

/** With real controllers, and a week that was recorded. */
export async function photographWeek(
  launched: LaunchedApp,
  camera: Camera,
  scene: Scene,
  fleet: HistoryFleet,
): Promise<void> {
  const { page } = launched
  page.setDefaultTimeout(60_000)
  const entries = page.getByRole('listbox', { name: /^History/ }).getByRole('option')
  const told = (text: string | RegExp): Locator => entries.filter({ hasText: text }).first()
  const open = async (path: string): Promise<void> => {
    await openLink(launched, path)
    await entries.nth(2).waitFor({ timeout: 60_000 })
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  }
  /** The range of a picture is not the next one's. */
  const showAll = (): Promise<void> => page.getByRole('slider', { name: 'Shown range' }).press('Escape')
  // What is there before has been rendered: a comparison tells what Git changed from then on.
  await openLink(launched, `${object}/drift`)
  await page.getByText('Rendered exactly as the controller did (digest equal)').waitFor({ timeout: 120_000 })
  const before = Date.now()
  const { applied, waiting } = await fleet.happen()
  // All of it is written down before the first picture.
  await open('view/history')
  for (const text of [/podinfo 6\.7\.2.*staging-eu/, /Suspended by oncall-1/, /Changed in the cluster/])
    await told(text).waitFor({ timeout: 120_000 })
  await scene(['history'], launched, async () => {
    await open('view/history')
    await camera.take('history', launched)
  })
  await scene(['history-range', 'history-report'], launched, async () => {
    await open('view/history')
    await brush(page, 0.3, 0.75)
    await told('Fix checkout-config mount').click()
    await page.getByRole('complementary', { name: /^Details of/ }).waitFor()
    await camera.take('history-range', launched)
    await page.getByRole('button', { name: 'Report…' }).click()
    await page
      .getByRole('dialog')
      .getByText(/^# Incident report/)
      .waitFor()
    await camera.take('history-report', launched)
    await page.getByRole('dialog').press('Escape')
    await showAll()
  })
  await scene(['history-failed'], launched, async () => {
    await open('view/history')
    await brush(page, 0.45, 0.6)
    await told('Mount checkout-config').click()
    await camera.take('history-failed', launched)
    await showAll()
  })
  await scene(['history-where'], launched, async () => {
    await open(`view/history?filter=${encodeURIComponent(`commit:${waiting}`)}`)
    await page
      .getByRole('region', { name: /^Where is commit/ })
      .getByText('Fetched')
      .first()
      .waitFor()
    await camera.take('history-where', launched)
  })
  await scene(['history-filter'], launched, async () => {
    await open('view/history?filter=is%3Afailed')
    await camera.take('history-filter', launched)
  })
  await scene(['history-compare'], launched, async () => {
    await openComparison(launched, before, Date.now())
    const changed = page.getByRole('listbox', { name: 'Changed objects' }).getByRole('option')
    await changed.filter({ hasText: 'apps/podinfo' }).first().click({ timeout: 60_000 })
    await page.locator('.view-lines').first().waitFor({ timeout: 30_000 })
    await camera.take('history-compare', launched)
  })
  await scene(['object-history'], launched, async () => {
    await open(`${object}/history`)
    await brush(page, 0.8, 1)
    await page.getByText('3 commits wait behind the gate').waitFor({ timeout: 120_000 })
    await told('podinfo 6.7.1').click()
    await camera.take('object-history', launched)
  })
  await scene(['object-trace'], launched, async () => {
    const path = 'context/prod-eu-1/apps/Deployment/checkout/checkout/trace'
    await openLink(launched, path)
    const steps = page.getByRole('region', { name: /comes from$/ })
    await steps.first().waitFor({ timeout: 30_000 })
    await page
      .getByText('checkout 2.15.0')
      .or(page.getByText(applied.slice(0, 7)))
      .first()
      .waitFor({ timeout: 60_000 })
    await camera.take('object-trace', launched)
  })
}
