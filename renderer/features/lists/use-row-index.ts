import { useEffect, useMemo, useReducer, useRef } from 'react'
import type { Category, FluxRow } from '../../../shared/model/rows.ts'
import { allRows, watchRows } from '../../stores/rows.ts'
import { RowIndex } from './row-index.ts'
import type { Compare } from './row-index.ts'

/**
 * The ordered rows of a category, kept current. Changes reach the index at once and the screen at most once a frame, so that a burst
 * of frames while loading costs one rendering. `version` rises with each change shown.
 */
export function useRowIndex(
  category: Category,
  compare: Compare,
  matches: ((row: FluxRow) => boolean) | null,
): { readonly index: RowIndex; readonly version: number } {
  const [version, show] = useReducer((count: number) => count + 1, 0)
  const index = useMemo(() => {
    const created = new RowIndex({ isMember: (row) => row.category === category, compare, matches })
    created.reset(allRows().values())
    return created
    // The order and the filter are arranged below; only another category makes another index.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [category])
  const arranged = useRef<{ index: RowIndex; compare: Compare; matches: unknown } | null>(null)
  if (arranged.current?.index !== index) arranged.current = { index, compare, matches }
  else if (arranged.current.compare !== compare || arranged.current.matches !== matches) {
    arranged.current = { index, compare, matches }
    index.arrange({ compare, matches })
  }
  useEffect(() => {
    let frame = 0
    let isBehind = false
    const showSoon = (): void => {
      if (frame !== 0) {
        isBehind = true
        return
      }
      // At once, not in the frame's callback: what is drawn after that is on screen a frame later.
      show()
      frame = requestAnimationFrame(() => {
        frame = 0
        if (!isBehind) return
        isBehind = false
        showSoon()
      })
    }
    // Rows may have come between the first rendering and now.
    index.reset(allRows().values())
    show()
    const stop = watchRows(({ upsert, remove }) => {
      if (index.apply(upsert, remove)) showSoon()
    })
    return () => {
      stop()
      cancelAnimationFrame(frame)
    }
  }, [index])
  return { index, version }
}
