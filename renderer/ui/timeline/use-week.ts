/** Which days a strip shows: the last seven, or seven of those before them, as far back as anything is kept. */
import { useMemo, useState } from 'react'
import type { Range } from './week-strip.tsx'

const dayMs = 86_400_000

export interface Week {
  readonly range: Range
  /** It ends before the present. */
  readonly isPast: boolean
  /** The part that is shown, null: from the end of the range on. */
  readonly brush: Range | null
  readonly setBrush: (brush: Range | null) => void
  /** What is asked for. */
  readonly bounds: Partial<Range>
  /** So many weeks, later ones above zero; where there is nothing, it stays. */
  readonly move: (weeks: number) => void
  readonly hasEarlier: boolean
}

/** `oldestAt`: when what is kept begins, null: not known, or nothing is. */
export function useWeek(now: number, oldestAt: number | null): Week {
  const [back, setBack] = useState(0)
  const [brush, setBrush] = useState<Range | null>(null)
  const range = useMemo(
    () => ({
      from: now - 7 * (back + 1) * dayMs,
      // A clock of a cluster may be ahead of this one.
      until: back === 0 ? now + dayMs / 24 : now - 7 * back * dayMs,
    }),
    [now, back],
  )
  const bounds = useMemo(
    (): Partial<Range> => brush ?? (back === 0 ? {} : { until: range.until }),
    [brush, back, range],
  )
  const hasEarlier = oldestAt !== null && oldestAt < range.from
  return {
    range,
    isPast: (brush?.until ?? range.until) < now,
    brush,
    setBrush,
    bounds,
    move: (weeks) => {
      const next = Math.max(0, back - weeks)
      if (next === back || (next > back && !hasEarlier)) return
      setBack(next)
      setBrush(null)
    },
    hasEarlier,
  }
}
