import { describe, expect, it } from 'vitest'
import type { Hosting } from '../../../../electron/engine/reconcile/hosting.ts'
import { createLazyHosting } from '../../../../electron/engine/reconcile/lazy-hosting.ts'
import type { StreamSink } from '../../../../shared/contract/index.ts'
import type { HostingState } from '../../../../shared/model/hosting.ts'

function setUp(settings: string | null): {
  readonly hosting: Hosting
  readonly loads: () => number
  readonly open: () => { readonly told: string[]; readonly stop: () => void }
} {
  let loads = 0
  const state = { key: 'lab', state: 'active' } as HostingState
  const handlers = {
    'hosting.watch': (_input: unknown, sink: StreamSink<HostingState>) => {
      sink.push([state])
      sink.ready()
      return () => undefined
    },
    'hosting.stop': () => Promise.resolve(null),
  } as unknown as Hosting['handlers']
  const hosting = createLazyHosting({
    store: { read: () => Promise.resolve(settings === null ? null : new TextEncoder().encode(settings)) },
    afterFirstView: Promise.resolve(),
    load: () => {
      loads += 1
      return Promise.resolve({ handlers, dispose: () => Promise.resolve() } as unknown as Hosting)
    },
  })
  return {
    hosting,
    loads: () => loads,
    open() {
      const told: string[] = []
      const sink: StreamSink<HostingState> = {
        push: (upsert) => told.push(...upsert.map(({ key }) => key)),
        ready: () => told.push('ready'),
        end: () => told.push('end'),
        isClosed: false,
      }
      const call = { signal: new AbortController().signal, client: 'window' } as const
      return { told, stop: hosting.handlers['hosting.watch']({}, sink, call) }
    },
  }
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('hosted mode that is loaded late', () => {
  it('is not loaded by a window that only asks whether it is on; what it says later reaches that window', async () => {
    const { hosting, loads, open } = setUp('[]')
    const { told } = open()
    await settle()
    expect(loads()).toBe(0)
    expect(told).toEqual(['ready'])
    const call = { signal: new AbortController().signal, client: 'window' } as const
    await hosting.handlers['hosting.stop']({ context: 'lab' }, call)
    await settle()
    expect(loads()).toBe(1)
    expect(told).toEqual(['ready', 'lab', 'ready'])
  })

  it('is loaded where it is on, and the first snapshot is the true one', async () => {
    const { loads, open } = setUp('["lab"]')
    const { told } = open()
    await settle()
    expect(loads()).toBe(1)
    expect(told).toEqual(['lab', 'ready'])
  })

  it('tells nothing to who went away before it was loaded', async () => {
    const { hosting, open } = setUp(null)
    const { told, stop } = open()
    await settle()
    stop()
    const call = { signal: new AbortController().signal, client: 'window' } as const
    await hosting.handlers['hosting.stop']({ context: 'lab' }, call)
    await settle()
    expect(told).toEqual(['ready'])
  })
})
