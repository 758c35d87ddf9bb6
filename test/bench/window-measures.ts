/** How smooth the window and main are: the longest task of its thread, the delays of main's loop. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import type { LaunchedApp } from '../app/launch.ts'

/**
 * Longest task of the window's thread between two moments after its start, in ms; 0 when none took 50 ms (the browser reports no shorter ones).
 */
export async function longestTask(page: Page, fromMs = 0, untilMs = Infinity): Promise<number> {
  const all = await page.evaluate(
    () =>
      new Promise<readonly { readonly at: number; readonly ms: number }[]>((resolve) => {
        const found: { at: number; ms: number }[] = []
        const observer = new PerformanceObserver((list) => {
          for (const { startTime, duration } of list.getEntries())
            found.push({ at: Math.round(startTime), ms: Math.round(duration) })
        })
        observer.observe({ type: 'longtask', buffered: true })
        setTimeout(() => {
          observer.disconnect()
          resolve(found)
        }, 200)
      }),
  )
  const tasks = all.filter(({ at }) => at >= fromMs && at < untilMs)
  console.error(`  tasks over 50 ms: ${tasks.map(({ at, ms }) => `${ms} ms at ${at}`).join(', ') || 'none'}`)
  return Math.max(0, ...tasks.map(({ ms }) => ms))
}

/** From here on. */
export async function watchMainLoop({ app }: LaunchedApp): Promise<void> {
  await app.evaluate(() => {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks')
    const histogram = monitorEventLoopDelay({ resolution: 10 })
    histogram.enable()
    Object.assign(globalThis, { benchLoop: histogram })
  })
}

export function mainLoopDelay({ app }: LaunchedApp): Promise<{ maxMs: number }> {
  return app.evaluate(() => {
    const { benchLoop } = globalThis as unknown as { benchLoop: { max: number } }
    return { maxMs: benchLoop.max / 1e6 - 10 }
  })
}

/** From here on: what every thread of the application does, task by task. */
export function traceTasks({ app }: LaunchedApp): Promise<void> {
  return app.evaluate(({ contentTracing }) =>
    contentTracing.startRecording({ included_categories: ['toplevel'], excluded_categories: ['*'] }),
  )
}

interface TraceEvent {
  readonly ph: string
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

/** Longest task of the window's thread since `traceTasks` by the processor time that it took itself, in ms: whatever else the machine does is not in it. */
export async function longestWork({ app }: LaunchedApp, file: string): Promise<number> {
  await app.evaluate(({ contentTracing }, path) => contentTracing.stopRecording(path), file)
  const { traceEvents } = JSON.parse(await readFile(file, 'utf8')) as { traceEvents: readonly TraceEvent[] }
  const threads = new Set(
    traceEvents
      .filter(({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  const tasks = traceEvents.filter(({ ph, pid, tid }) => ph === 'X' && threads.has(`${pid} ${tid}`))
  if (tasks.length === 0) throw new Error('The trace has no tasks of the window')
  return tasks.reduce((longest, { tdur = 0 }) => Math.max(longest, tdur / 1000), 0)
}
