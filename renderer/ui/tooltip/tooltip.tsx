/**
 * Tooltips for everything, from one layer: an element says what its tooltip is by `{...tooltip('text', 'key')}` and one `TooltipLayer`
 * in the shell shows it after a delay, on hover and on keyboard focus. Thousands of rows cost nothing this way. A tooltip never
 * carries the only copy of a meaning: names and descriptions are on the element itself.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { formatMoment } from '../../../shared/lib/format/time.ts'
import { Keys } from '../kbd/kbd.tsx'
import styles from './tooltip.module.css'

/** Attributes that give an element a tooltip, with the key that does the same. Empty text: none. */
export function tooltip(
  text: string | null | undefined,
  keys?: string,
): { readonly 'data-tooltip'?: string; readonly 'data-tooltip-keys'?: string } {
  if (text === null || text === undefined || text === '') return {}
  return keys === undefined ? { 'data-tooltip': text } : { 'data-tooltip': text, 'data-tooltip-keys': keys }
}

/** Attributes for a moment, ms since the epoch: its absolute time is written only when somebody looks. */
export function timeTooltip(at: number): { readonly 'data-tooltip': ''; readonly 'data-tooltip-time': number } {
  return { 'data-tooltip': '', 'data-tooltip-time': at }
}

/** Attributes for text that may be clipped: the tooltip shows only while it is. */
export function clippedTooltip(text: string): { readonly 'data-tooltip': string; readonly 'data-tooltip-clipped': '' } {
  return { 'data-tooltip': text, 'data-tooltip-clipped': '' }
}

interface Shown {
  readonly text: string
  readonly keys: string | null
  readonly anchor: DOMRect
}

const maxTooltipLength = 600

export function TooltipLayer({ delayMs = 500 }: { readonly delayMs?: number }): ReactElement | null {
  const [shown, setShown] = useState<Shown | null>(null)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let current: Element | null = null
    const hide = (): void => {
      clearTimeout(timer)
      current = null
      setShown(null)
    }
    const show = (element: Element, isAtOnce: boolean): void => {
      if (element === current) return
      hide()
      current = element
      timer = setTimeout(
        () => {
          const at = element.getAttribute('data-tooltip-time')
          const text = at === null ? element.getAttribute('data-tooltip') : formatMoment(Number(at))
          if (text === null || !element.isConnected) return
          if (element.hasAttribute('data-tooltip-clipped') && element.scrollWidth <= element.clientWidth) return
          setShown({
            text: text.length > maxTooltipLength ? `${text.slice(0, maxTooltipLength)}…` : text,
            keys: element.getAttribute('data-tooltip-keys'),
            anchor: element.getBoundingClientRect(),
          })
        },
        isAtOnce ? 0 : delayMs,
      )
    }
    const over = (event: Event): void => {
      const element = event.target instanceof Element ? event.target.closest('[data-tooltip]') : null
      if (element === null) hide()
      else show(element, false)
    }
    const focus = (event: FocusEvent): void => {
      const element = event.target instanceof Element ? event.target : null
      if (element?.hasAttribute('data-tooltip') === true && element.matches(':focus-visible')) show(element, false)
    }
    document.addEventListener('pointerover', over)
    document.addEventListener('focusin', focus)
    document.addEventListener('focusout', hide)
    document.addEventListener('pointerdown', hide, true)
    document.addEventListener('keydown', hide, true)
    document.addEventListener('wheel', hide, { capture: true, passive: true })
    return () => {
      hide()
      document.removeEventListener('pointerover', over)
      document.removeEventListener('focusin', focus)
      document.removeEventListener('focusout', hide)
      document.removeEventListener('pointerdown', hide, true)
      document.removeEventListener('keydown', hide, true)
      document.removeEventListener('wheel', hide, { capture: true })
    }
  }, [delayMs])
  useLayoutEffect(() => {
    const element = box.current
    if (element === null || shown === null) return
    const size = element.getBoundingClientRect()
    const left = Math.max(8, Math.min(shown.anchor.left, window.innerWidth - size.width - 8))
    const below = shown.anchor.bottom + 6
    const top = below + size.height > window.innerHeight - 4 ? shown.anchor.top - size.height - 6 : below
    element.style.left = `${left}px`
    element.style.top = `${Math.max(4, top)}px`
  }, [shown])
  if (shown === null) return null
  return (
    <div ref={box} className={styles.tooltip} role="tooltip">
      <span className={styles.text}>{shown.text}</span>
      {shown.keys === null ? null : <Keys keys={shown.keys} />}
    </div>
  )
}
