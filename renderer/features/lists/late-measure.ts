import { elementScroll } from '@tanstack/react-virtual'
import type { Virtualizer } from '@tanstack/react-virtual'

type ListVirtualizer = Virtualizer<HTMLDivElement, Element>
interface Rect {
  readonly width: number
  readonly height: number
}

/** Elements that a list has been given a scroll position in. */
const placed = new WeakSet<Element>()

/**
 * How a list learns and sets where it stands, without a layout of its own. The library reads the element's size and writes its scroll position
 * amid the first commit of React: the whole window is then laid out before there are rows, and these are made in the same task. Here the first
 * rendering goes by the window's height, which is never less, and the size is read when a frame has laid everything out.
 */
export function lateMeasure(): {
  readonly initialRect: Rect
  observeElementRect(list: ListVirtualizer, tell: (rect: Rect) => void): (() => void) | undefined
  scrollToFn: typeof elementScroll<HTMLDivElement>
} {
  return { initialRect: { width: window.innerWidth, height: window.innerHeight }, observeElementRect, scrollToFn }
}

function observeElementRect({ scrollElement }: ListVirtualizer, tell: (rect: Rect) => void): (() => void) | undefined {
  if (scrollElement === null) return undefined
  const observer = new ResizeObserver((entries) => {
    const rect = entries.at(-1)?.contentRect
    if (rect !== undefined) tell({ width: Math.round(rect.width), height: Math.round(rect.height) })
  })
  observer.observe(scrollElement)
  return () => observer.disconnect()
}

const scrollToFn: typeof elementScroll<HTMLDivElement> = (offset, options, list) => {
  const element = list.scrollElement
  const isNew = element !== null && !placed.has(element)
  if (isNew) placed.add(element)
  // A new element stands at its top.
  if (!isNew || offset !== 0) elementScroll(offset, options, list)
}
