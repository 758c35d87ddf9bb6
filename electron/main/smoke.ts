/** `--smoke out.png`: proves that the application starts: waits for the first real view, saves its picture, prints timings, exits. */
import { writeFile } from 'node:fs/promises'
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
  const endsAt = Date.now() + deadlineMs
  const seen = await firstFound(() => findView(window), endsAt, 'No view was painted')
  const image = await firstFound(
    () => takePicture(window),
    endsAt,
    `The page painted ${seen.view}, but the window showed nothing of it`,
  )
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

/** Looks until there is something; rejects with `why` where there is nothing by `endsAt`. */
async function firstFound<T>(look: () => Promise<T | null>, endsAt: number, why: string): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (Date.now() > endsAt) throw new Error(`${why} within ${deadlineMs / 1000} s`)
  }
}

/** Any view has text, whose edges alone have more. */
const fewColours = 16
/** Every so-manieth pixel is looked at: a prime, so that no column is looked at again and again. */
const pixelStep = 97

/** null while it is empty: on a busy machine the compositor may show the first frame for a while after the page has drawn its own. */
async function takePicture(window: BrowserWindow): Promise<NativeImage | null> {
  const image = await window.webContents.capturePage()
  const bitmap = image.toBitmap()
  const colours = new Set<number>()
  for (let at = 0; at + 4 <= bitmap.length; at += 4 * pixelStep) colours.add(bitmap.readUInt32LE(at))
  return colours.size < fewColours ? null : image
}

async function findView(window: BrowserWindow): Promise<{ readonly view: string; readonly at: number } | null> {
  const found: unknown = await window.webContents.executeJavaScript(lookForView).catch(() => null)
  return found as { view: string; at: number } | null
}
