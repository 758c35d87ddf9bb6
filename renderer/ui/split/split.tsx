/** Two panes with a handle between them: the side pane keeps its width, the main pane takes the rest. Width kept by the caller. */
import { useRef } from 'react'
import type { KeyboardEvent, PointerEvent, ReactElement, ReactNode } from 'react'
import styles from './split.module.css'

const keyStepPx = 16

/** `width` of the side pane in px, between `min` and `max`; `side` null shows the main pane alone. */
export function Split({
  label,
  width,
  min,
  max,
  onWidth,
  main,
  side,
  end = true,
}: {
  /** Name of the handle, e.g. "Resize details". */
  readonly label: string
  readonly width: number
  readonly min: number
  readonly max: number
  readonly onWidth: (width: number) => void
  readonly main: ReactNode
  readonly side: ReactNode
  /** true: the side pane stands at the inline end. */
  readonly end?: boolean
}): ReactElement {
  const drag = useRef<{ x: number; width: number } | null>(null)
  const clamp = (value: number): number => Math.round(Math.min(max, Math.max(min, value)))
  const direction = (end ? -1 : 1) * (document.documentElement.dir === 'rtl' ? -1 : 1)

  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    drag.current = { x: event.clientX, width }
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const onPointerMove = (event: PointerEvent): void => {
    if (drag.current !== null) onWidth(clamp(drag.current.width + direction * (event.clientX - drag.current.x)))
  }
  const onPointerUp = (): void => {
    drag.current = null
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -keyStepPx, ArrowRight: keyStepPx }[event.key]
    if (step !== undefined) onWidth(clamp(width + direction * step))
    else if (event.key === 'Home') onWidth(min)
    else if (event.key === 'End') onWidth(max)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const isOpen = side !== null && side !== undefined && side !== false
  const handle = (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      className={styles.handle}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      onKeyDown={onKeyDown}
    />
  )
  const sidePane = (
    <div className={styles.side} style={{ width }} data-end={end}>
      {side}
    </div>
  )
  return (
    <div className={styles.split}>
      {isOpen && !end && sidePane}
      {isOpen && !end && handle}
      <div className={styles.main}>{main}</div>
      {isOpen && end && handle}
      {isOpen && end && sidePane}
    </div>
  )
}
