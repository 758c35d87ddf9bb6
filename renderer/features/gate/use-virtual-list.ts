import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import type { RefObject } from 'react'

/** The rows of a fixed-height list that are on the screen. `heightPx` is the whole list's. */
export function useVirtualList<T>(
  items: readonly T[],
  rowPx: number,
  viewPx: number,
): {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly rows: readonly { readonly item: T; readonly index: number; readonly startPx: number }[]
  readonly heightPx: number
} {
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 8,
    initialRect: { width: 600, height: viewPx },
  })
  return {
    scroller,
    heightPx: virtualizer.getTotalSize(),
    rows: virtualizer.getVirtualItems().flatMap(({ index, start }) => {
      const item = items[index]
      return item === undefined ? [] : [{ item, index, startPx: start }]
    }),
  }
}
