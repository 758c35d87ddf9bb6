import type { ReactElement } from 'react'
import { timeTooltip, tooltip } from '../tooltip/tooltip.tsx'
import { useTimeText } from './clock.ts'
import { formatAge, formatAgeColumn } from '../../../shared/lib/format/time.ts'

/** How long ago something was, kept current; the absolute time stands in the tooltip. `?` where it is not known. */
export function Age({
  at,
  isShort = false,
  suffix = '',
  className,
}: {
  readonly at: number | null
  readonly isShort?: boolean
  readonly suffix?: string
  readonly className?: string
}): ReactElement {
  const text = useTimeText((now) => (at === null ? '?' : (isShort ? formatAgeColumn : formatAge)(now - at) + suffix))
  return (
    <time className={className} {...(at === null ? tooltip('Not known') : timeTooltip(at))}>
      {text}
    </time>
  )
}
