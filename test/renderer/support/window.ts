/** What jsdom lacks of a window: sizes for virtual lists, ResizeObserver, CSS.escape. Import it first. */
import { cleanup } from '@testing-library/react'
import { afterEach } from 'vitest'

const sizes = { width: 1200, height: 600 }
for (const [name, value] of [
  ['offsetHeight', sizes.height],
  ['clientHeight', sizes.height],
  ['offsetWidth', sizes.width],
  ['clientWidth', sizes.width],
] as const)
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value })

// The wide layout, whatever this jsdom makes of media queries.
window.matchMedia = (media: string) =>
  ({
    media,
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList

globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
globalThis.CSS ??= { escape: (text: string) => text.replace(/[^\w-]/g, '\\$&') } as typeof CSS
for (const name of ['scrollTo', 'setPointerCapture'])
  if (!(name in HTMLElement.prototype))
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, value: () => undefined })

afterEach(cleanup)
