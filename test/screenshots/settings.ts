/** Pictures of Settings: it is longer than the window, so each picture begins with another of its sections, and no section is left out. */
import type { LaunchedApp } from '../app/launch.ts'
import { everyVariant, openLink } from './camera.ts'
import type { Camera } from './camera.ts'

type Scene = (names: readonly string[], launched: LaunchedApp, act: () => Promise<void>) => Promise<void>

/** By picture: the section at its top. */
const tops = {
  settings: 'General',
  'settings-notifications': 'Notifications',
  'settings-contexts': 'Contexts',
  'settings-sources': 'Hosts of sources',
  'settings-history': 'History',
  'settings-about': 'About',
} as const
/** In a wide window the end stands below the history already. */
const narrow = ['light.900', 'dark.900'] as const
const rule = 'settings-notification-rule'
export const settingsPictures = [...Object.keys(tops), rule]

export async function photographSettings(launched: LaunchedApp, camera: Camera, scene: Scene): Promise<void> {
  const { page } = launched
  const sections = page.getByRole('main').getByRole('region')
  const open = async (): Promise<void> => {
    await openLink(launched, 'view/settings')
    await page.getByRole('region', { name: 'About' }).waitFor()
    await page.getByRole('table', { name: 'Rules of notifications' }).waitFor()
    await page.getByText('Looking …').waitFor({ state: 'detached' })
  }
  const scrollTo = (top: string): Promise<void> =>
    page
      .getByRole('region', { name: top, exact: true })
      .evaluate((section) => section.scrollIntoView({ block: 'start', behavior: 'instant' }))
  const seen = new Set<string>()
  let aimed = 0
  for (const [name, top] of Object.entries(tops))
    await scene([name], launched, async () => {
      await open()
      await camera.take(name, launched, name === 'settings-about' ? narrow : everyVariant, () => scrollTo(top))
      await scrollTo(top)
      for (const heading of await sections.getByRole('heading').all())
        if (await heading.evaluate(isInView)) seen.add((await heading.textContent()) ?? '')
      aimed += 1
    })
  await scene([rule], launched, async () => {
    await open()
    await page.getByRole('button', { name: /^Change: An object fails/ }).click()
    await page.getByRole('dialog', { name: 'Change the rule' }).waitFor()
    await camera.take(rule, launched)
  })
  if (aimed < Object.keys(tops).length) return
  await scene(['settings'], launched, async () => {
    await open()
    const missing = (await sections.getByRole('heading').allTextContents()).filter((title) => !seen.has(title))
    if (missing.length > 0) throw new Error(`no picture shows the settings ${missing.join(', ')}`)
  })
}

function isInView(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect()
  return top >= 0 && bottom <= window.innerHeight
}
