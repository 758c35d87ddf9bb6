import { describe, expect, it } from 'vitest'
import type { Bridge } from '../../../renderer/bridge/bridge.ts'
import { createKeyedStore, feedWhileLookedAt } from '../../../renderer/stores/keyed-stream.ts'
import type { DriftObject } from '../../../shared/model/drift.ts'

interface Handlers {
  readonly onDelta: (delta: { upsert: readonly unknown[]; remove: readonly string[]; isReady: boolean }) => void
}

/** A host that tells one object, ready at once, to each who asks. */
function oneObject(key: string): { readonly bridge: Bridge; readonly open: () => number } {
  let open = 0
  const bridge = {
    subscribe(_name: string, _input: unknown, { onDelta }: Handlers) {
      open += 1
      onDelta({ upsert: [{ key }], remove: [], isReady: true })
      return () => void (open -= 1)
    },
  }
  return { bridge: bridge as unknown as Bridge, open: () => open }
}

describe('feedWhileLookedAt', () => {
  it('has one stream for all who look, and none and nothing for nobody, whatever comes first and over a reconnection', () => {
    const store = createKeyedStore<DriftObject>()
    const feed = feedWhileLookedAt(store, 'drift.objects', {}, 0)
    const keys = () => [...store.getState().items.keys()]
    const first = oneObject('a')

    const leaveEarly = feed.look()
    const disconnect = feed.connect(first.bridge)
    expect([first.open(), keys()]).toEqual([1, ['a']])
    const leaveLate = feed.look()
    leaveEarly()
    expect([first.open(), keys(), store.getState().isReady]).toEqual([1, ['a'], true])

    disconnect()
    expect([first.open(), keys(), store.getState().isReady]).toEqual([0, [], false])
    const second = oneObject('b')
    const disconnectSecond = feed.connect(second.bridge)
    expect([second.open(), keys()]).toEqual([1, ['b']])

    leaveLate()
    expect([second.open(), keys()]).toEqual([0, []])
    const leaveLast = feed.look()
    expect([second.open(), keys()]).toEqual([1, ['b']])
    leaveLast()
    disconnectSecond()
    feed.look()()
    expect([second.open(), keys()]).toEqual([0, []])
  })
})
