/** Queries wait as long as a loaded machine may need: a component test asserts what appears, never how fast. */
import { configure } from '@testing-library/react'

configure({ asyncUtilTimeout: 15_000 })

// What every browser has and jsdom has not.
if (typeof window !== 'undefined' && !('requestIdleCallback' in window))
  Object.assign(window, {
    requestIdleCallback: (callback: (deadline: IdleDeadline) => void) =>
      window.setTimeout(() => callback({ didTimeout: false, timeRemaining: () => 50 }), 0),
    cancelIdleCallback: (handle: number) => window.clearTimeout(handle),
  })
