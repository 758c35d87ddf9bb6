import '../../support/window.ts'
import { useVirtualizer } from '@tanstack/react-virtual'
import { act, render } from '@testing-library/react'
import { useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { lateMeasure } from '../../../../renderer/features/lists/late-measure.ts'

type Callback = (entries: readonly { readonly contentRect: { width: number; height: number } }[]) => void
const observers: Callback[] = []
const scrolled: unknown[] = []
let reads = 0

class Observer {
  constructor(tell: Callback) {
    observers.push(tell)
  }
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

let scrollTo: (position: number) => void = () => undefined

function List(): ReactElement {
  const body = useRef<HTMLDivElement>(null)
  const [measuring] = useState(lateMeasure)
  const virtualizer = useVirtualizer({
    count: 1000,
    getScrollElement: () => body.current,
    estimateSize: () => 10,
    overscan: 0,
    ...measuring,
  })
  scrollTo = (position) => virtualizer.scrollToIndex(position, { align: 'start' })
  return (
    <div ref={body}>
      {virtualizer.getVirtualItems().map((item) => (
        <p key={item.index}>{item.index}</p>
      ))}
    </div>
  )
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test('the first rendering has rows and neither measures nor scrolls; the size comes after a layout', () => {
  vi.stubGlobal('ResizeObserver', Observer)
  for (const name of ['clientHeight', 'offsetHeight'] as const)
    vi.spyOn(HTMLElement.prototype, name, 'get').mockImplementation(() => {
      reads += 1
      return 600
    })
  vi.spyOn(HTMLElement.prototype, 'scrollHeight', 'get').mockReturnValue(10_000)
  vi.spyOn(HTMLElement.prototype, 'scrollTo').mockImplementation((...given: unknown[]) => void scrolled.push(given[0]))
  const { container } = render(<List />)
  const rowCount = (): number => container.querySelectorAll('p').length
  expect(rowCount()).toBeGreaterThanOrEqual(window.innerHeight / 10)
  expect({ reads, scrolled }).toEqual({ reads: 0, scrolled: [] })
  act(() => {
    for (const tell of observers) tell([{ contentRect: { width: 900.4, height: 299.6 } }])
  })
  expect(rowCount()).toBe(30)
  act(() => scrollTo(500))
  expect(scrolled).toEqual([{ top: 5000, behavior: 'auto' }])
})
