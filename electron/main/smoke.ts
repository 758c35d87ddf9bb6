/** `--smoke out.png`: proves that the application starts: waits for the first real view, saves its picture, prints timings, exits. */
import { writeFile } from 'node:fs/promises'
import { app } from 'electron'
import type { BrowserWindow, NativeImage } from 'electron'

const deadlineMs = 60_000
/** Answers in the second frame after the mark: the first one has been handed to the compositor by then. */
const lookForView = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const view = document.documentElement.dataset.painted
  done(view === undefined ? null : { view, at: Date.now() })
})))`

export interface SmokeMarks {
  readonly ready: number
  readonly window: number
}

/** The window marks its root with `data-painted` when a view's content (rows, or an explicit state) has been painted. */
export async function runSmoke(window: BrowserWindow, picture: string, marks: SmokeMarks): Promise<void> {
  const created = process.getCreationTime() ?? marks.ready
  const startedAt = Date.now()
  let seen = await findView(window)
  while (seen === null) {
    if (Date.now() - startedAt > deadlineMs) {
      console.error(`No view was painted within ${deadlineMs / 1000} s`)
      app.exit(1)
      return
    }
    seen = await findView(window)
  }
  let image = await window.webContents.capturePage()
  while (isBlank(image)) {
    if (Date.now() - startedAt > deadlineMs) {
      console.error(
        `The window stayed empty for ${deadlineMs / 1000} s, though its page says that ${seen.view} is painted`,
      )
      app.exit(1)
      return
    }
    image = await window.webContents.capturePage()
  }
  await writeFile(picture, image.toPNG())
  console.log(
    JSON.stringify({
      view: seen.view,
      readyMs: Math.round(marks.ready - created),
      windowMs: Math.round(marks.window - created),
      viewMs: Math.round(seen.at - created),
      // Absolute, for who started this and knows when: the kernel's creation time is off where a machine was suspended.
      paintedAt: seen.at,
      electron: process.versions.electron,
      picture,
    }),
  )
}

/** Any view has text, whose edges alone have more. */
const fewColours = 16
/** Every so-manieth pixel is looked at: a prime, so that no column is looked at again and again. */
const pixelStep = 97

/** On a busy machine the compositor may show the empty first frame for a while after the page has drawn its own. */
function isBlank(image: NativeImage): boolean {
  const bitmap = image.toBitmap()
  const colours = new Set<number>()
  for (let at = 0; at + 4 <= bitmap.length; at += 4 * pixelStep) colours.add(bitmap.readUInt32LE(at))
  return colours.size < fewColours
}

async function findView(window: BrowserWindow): Promise<{ readonly view: string; readonly at: number } | null> {
  const found: unknown = await window.webContents.executeJavaScript(lookForView).catch(() => null)
  return found as { view: string; at: number } | null
}
