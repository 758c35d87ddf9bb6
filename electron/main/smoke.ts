/** `--smoke out.png`: proves that the application starts: waits for the first real view, saves its picture, prints timings, exits. */
import { writeFile } from 'node:fs/promises'
import { app } from 'electron'
import type { BrowserWindow } from 'electron'

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
  const image = await window.webContents.capturePage()
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

async function findView(window: BrowserWindow): Promise<{ readonly view: string; readonly at: number } | null> {
  const found: unknown = await window.webContents.executeJavaScript(lookForView).catch(() => null)
  return found as { view: string; at: number } | null
}
