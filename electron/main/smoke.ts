/** `--smoke out.png`: proves that the application starts: waits for the first real view, saves its picture, prints timings, exits. */
import { writeFile } from 'node:fs/promises'
import { app } from 'electron'
import type { BrowserWindow } from 'electron'

const deadlineMs = 60_000

export interface SmokeMarks {
  readonly ready: number
  readonly window: number
}

/** The window marks its root with `data-view` when a view other than the loading one has been painted. */
export async function runSmoke(window: BrowserWindow, picture: string, marks: SmokeMarks): Promise<void> {
  const created = process.getCreationTime() ?? marks.ready
  const startedAt = Date.now()
  let view: unknown = null
  while (typeof view !== 'string') {
    if (Date.now() - startedAt > deadlineMs) {
      console.error(`No view was painted within ${deadlineMs / 1000} s`)
      app.exit(1)
      return
    }
    view = await window.webContents
      .executeJavaScript(
        'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(document.documentElement.dataset.view ?? null))))',
      )
      .catch(() => null)
  }
  const painted = Date.now()
  const image = await window.webContents.capturePage()
  await writeFile(picture, image.toPNG())
  console.log(
    JSON.stringify({
      view,
      readyMs: Math.round(marks.ready - created),
      windowMs: Math.round(marks.window - created),
      viewMs: Math.round(painted - created),
      electron: process.versions.electron,
      picture,
    }),
  )
}
