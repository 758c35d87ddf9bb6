/** Mounts one piece of the window on a fake bridge with the sample fleet. */
import './window.ts'
import { cleanup, render } from '@testing-library/react'
import type { ReactElement } from 'react'
import { afterEach, vi } from 'vitest'
import { closeDialog } from '../../../renderer/stores/dialogs.ts'
import { connectStores } from '../../../renderer/stores/host.ts'
import { toastQueue } from '../../../renderer/ui/toast/toast-queue.ts'
import { createFakeBridge } from './fake-bridge.ts'
import type { FakeBridge } from './fake-bridge.ts'
import { sampleFleet } from './sample-fleet.ts'

let disconnect: (() => void) | null = null
/** Longer than useStream keeps a stream after its last user: the next test starts on its own bridge. */
const lingerMs = 10_000

afterEach(() => {
  vi.useFakeTimers()
  cleanup()
  vi.advanceTimersByTime(lingerMs)
  vi.useRealTimers()
  closeDialog()
  toastQueue.setState({ toasts: [] })
  disconnect?.()
  disconnect = null
})

export interface Mounted {
  readonly bridge: FakeBridge
  readonly fleet: ReturnType<typeof sampleFleet>
  readonly now: number
}

/** Connects the stores; `prepare` answers and publishes before anything is drawn. */
export function connect(prepare: (mounted: Mounted) => void = () => undefined): Mounted {
  const now = Date.now()
  const fleet = sampleFleet(now)
  const bridge = createFakeBridge()
  bridge.publish('contexts.watch', fleet.contexts)
  bridge.publish('rows.watch', fleet.rows)
  bridge.publish('tree.watch', fleet.tree)
  bridge.publish('events.watch', fleet.events)
  for (const detail of [fleet.apps, fleet.suspended, fleet.waiting])
    bridge.publish('object.watch', [detail], { ref: detail.ref })
  const mounted = { bridge, fleet, now }
  prepare(mounted)
  disconnect = connectStores(bridge)
  return mounted
}

export function mount(element: ReactElement, prepare?: (mounted: Mounted) => void): Mounted {
  const mounted = connect(prepare)
  render(element)
  return mounted
}
