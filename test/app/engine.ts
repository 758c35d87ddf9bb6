/** The engine over Node's ports, without a window: for benches and integration tests. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../../electron/engine/index.ts'
import type { ItemOf, InputOf, StreamName } from '../../shared/contract/index.ts'
import { startNodeEngine } from './node-engine.ts'

const root = join(import.meta.dirname, '..', '..')

export interface TestEngine extends Engine {
  readonly dataDir: string
  /** Keyed items of a stream, kept up to date; `until` resolves with the items once the condition holds. */
  watch<P extends StreamName>(name: P, input: InputOf<P>): WatchedStream<ItemOf<P>>
  close(): Promise<void>
}

export interface WatchedStream<T> {
  readonly items: ReadonlyMap<string, T>
  readonly isReady: () => boolean
  until(
    condition: (items: readonly T[], isReady: boolean) => boolean,
    what: string,
    timeoutMs?: number,
  ): Promise<readonly T[]>
  close(): void
}

export async function startTestEngine(kubeconfig: string): Promise<TestEngine> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-engine-'))
  const { engine, call, dispose } = startNodeEngine({
    kubeconfig,
    dataDir,
    assetsDir: join(root, 'assets'),
    modulesDir: join(root, 'electron/adapters/control-plane/go'),
  })
  return {
    ...engine,
    dataDir,
    watch<P extends StreamName>(name: P, input: InputOf<P>): WatchedStream<ItemOf<P>> {
      return watchStream<ItemOf<P> & { readonly key: string }>((sink) =>
        (engine.handlers[name] as (input: unknown, sink: unknown, call: unknown) => () => void)(input, sink, call),
      )
    },
    async close() {
      await dispose()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function watchStream<T extends { readonly key: string }>(
  start: (sink: {
    push(up: readonly T[], rm?: readonly string[]): void
    ready(): void
    end(error?: unknown): void
    isClosed: boolean
  }) => () => void,
): WatchedStream<T> {
  const items = new Map<string, T>()
  const waiting = new Set<() => void>()
  let ready = false
  const check = (): void => {
    for (const look of waiting) look()
  }
  const stop = start({
    isClosed: false,
    push(up, rm = []) {
      for (const item of up) items.set(item.key, item)
      for (const key of rm) items.delete(key)
      check()
    },
    ready() {
      ready = true
      check()
    },
    end: check,
  })
  return {
    items,
    isReady: () => ready,
    until(condition, what, timeoutMs = 30_000) {
      return new Promise((resolve, reject) => {
        const deadline = setTimeout(() => {
          waiting.delete(look)
          reject(
            new Error(
              `${what}: not within ${timeoutMs / 1000} s; ${items.size} items: ${JSON.stringify([...items.values()].slice(0, 3)).slice(0, 1500)}`,
            ),
          )
        }, timeoutMs)
        const look = (): void => {
          const all = [...items.values()]
          if (!condition(all, ready)) return
          clearTimeout(deadline)
          waiting.delete(look)
          resolve(all)
        }
        waiting.add(look)
        look()
      })
    },
    close: stop,
  }
}
