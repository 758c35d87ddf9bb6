/** Photographs the application's window: one scene in both themes and both widths, written as VIEW.THEME.WIDTH.png. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { resizeWindow } from '../app/launch.ts'
import type { LaunchedApp } from '../app/launch.ts'
import { encodePng } from './png.ts'

export type Theme = 'light' | 'dark'
export type Width = 1440 | 900
export type Variant = `${Theme}.${Width}`

export const everyVariant: readonly Variant[] = ['light.1440', 'dark.1440', 'light.900', 'dark.900']

const heights: Readonly<Record<Width, number>> = { 1440: 900, 900: 640 }
/** Longer than any motion of the interface, 260 ms. */
const settleMs = 350

/** Puts right what another width moves, or poses in a way that ends with the picture. */
export type Aim = () => Promise<(() => Promise<void>) | void>

export interface Camera {
  /** `aim` is run before each picture, in its theme and width, what it answers after it. */
  take(name: string, launched: LaunchedApp, variants?: readonly Variant[], aim?: Aim): Promise<void>
  readonly taken: readonly string[]
  /** Whether any picture of this scene is asked for. */
  isWanted(name: string): boolean
}

/** Whether one of `wanted` is the beginning of this picture's name, or a picture of this scene. Nothing wanted: everything is. */
export function isWantedBy(wanted: readonly string[], name: string): boolean {
  return wanted.length === 0 || wanted.some((start) => name.startsWith(start) || start.startsWith(`${name}.`))
}

/** A camera that writes into `folder`; `isWanted` leaves scenes out by NAME, and pictures by NAME.THEME.WIDTH. */
export function createCamera(folder: string, isWanted: (name: string) => boolean): Camera {
  const taken: string[] = []
  return {
    taken,
    isWanted,
    async take(name, launched, variants = everyVariant, aim = undefined) {
      for (const variant of variants.filter((each) => isWanted(`${name}.${each}`))) {
        const [theme, width] = variant.split('.') as [Theme, `${Width}`]
        await pose(launched, theme, Number(width) as Width)
        const lower = await aim?.()
        await settle(launched.page)
        // Not page.screenshot(): that one waits for fonts and resizes; this is what the window shows.
        const picture = await launched.app.evaluate(async ({ BrowserWindow }) => {
          const image = await BrowserWindow.getAllWindows()[0]?.webContents.capturePage()
          if (image === undefined) throw new Error('No window')
          return { ...image.getSize(), bgra: image.toBitmap().toString('base64') }
        })
        await lower?.()
        const file = `${name}.${variant}.png`
        await writeFile(
          join(folder, file),
          encodePng(picture.width, picture.height, Buffer.from(picture.bgra, 'base64')),
        )
        taken.push(file)
        process.stderr.write(`${file}\n`)
      }
      // What follows is done in a wide window.
      await resizeWindow(launched.app, { width: 1440, height: heights[1440] })
      await launched.page.waitForFunction(() => window.innerWidth === 1440)
    },
  }
}

async function pose({ app, page }: LaunchedApp, theme: Theme, width: Width): Promise<void> {
  // The driver pins the page's scheme; the window's own buttons follow Electron's.
  await page.emulateMedia({ colorScheme: theme })
  await app.evaluate(({ nativeTheme }, source) => {
    nativeTheme.themeSource = source
  }, theme)
  // No tooltip, no hovered row.
  await page.mouse.move(width - 30, 1)
  await resizeWindow(app, { width, height: heights[width] })
  await page.waitForFunction(
    ([wantedTheme, wantedWidth]) =>
      document.documentElement.dataset['theme'] === wantedTheme && window.innerWidth === wantedWidth,
    [theme, width] as const,
  )
}

async function settle(page: Page): Promise<void> {
  await page.evaluate(
    (ms) => new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), ms)),
    settleMs,
  )
  // Another theme colours the lines of an editor anew, when there is time for it.
  await page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLElement>('.monaco-editor .view-lines')]
      .filter((lines) => lines.checkVisibility() && lines.closest('.editor.original') === null)
      .flatMap((lines) => [...lines.querySelectorAll('.view-line')])
      .filter((line) => /^\s*(- )?[\w./-]+:/.test((line.textContent ?? '').replaceAll('\u00a0', ' ')))
      .every((line) => line.querySelector('[class*="mtk"]:not(.mtk1)') !== null),
  )
}

/** Opens a place of the window as a link from outside does. */
export async function openLink(launched: LaunchedApp, path: string): Promise<void> {
  await launched.app.evaluate(
    ({ app }, url) => app.emit('open-url', { preventDefault: () => undefined }, url),
    `sluice://${path}`,
  )
}
