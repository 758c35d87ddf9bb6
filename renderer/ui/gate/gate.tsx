/**
 * The gate, Sluice's signature control (interface.md, The gate): left of the leaf is the source, right of it the cluster. A switch
 * that knows nothing of objects: who uses it decides what a press means. Pointer presses and keys are told apart, because Space
 * and Enter always ask first.
 */
import { useEffect, useRef } from 'react'
import type { MouseEvent, ReactElement } from 'react'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import { tooltip } from '../tooltip/tooltip.tsx'
import styles from './gate.module.css'

/** `held`: a plan waits; `holding`: each revision will wait, none does now; `manual`: it is applied when somebody says so. */
export type GateState = 'open' | 'closed' | 'held' | 'holding' | 'manual' | 'moving' | 'unknown'

const descriptions: Readonly<Record<GateState, string>> = {
  open: 'open, reconciling',
  closed: 'closed, suspended',
  held: 'held, a plan is waiting',
  holding: 'held, no plan is waiting',
  manual: 'manual, applied when you say so',
  moving: 'moving, until the API server confirms',
  unknown: 'unknown, no live data',
}

/** Right of the leaf of a gate in its third state: two lines of a plan, a tick, the sign of a start by hand. */
const plans = {
  held: 'M22 8.25h6M22 11.75h3.5',
  holding: 'm22 10 2 2.2 3.5-4.2',
  manual: 'M22.5 7.25v5.5l5-2.75z',
} as const

export interface GateProps {
  /** `namespace/name`, with the context before it where several are shown. */
  readonly title: string
  readonly state: GateState
  /** What the switch says: for `moving` the value before; otherwise it follows from the state. */
  readonly isOpen?: boolean
  readonly size?: 'row' | 'large'
  /** Why it may not be moved; '' or absent: it may. */
  readonly lockedReason?: string | undefined
  /** More for the tooltip, such as who closed it and until when. */
  readonly note?: string | undefined
  readonly tabIndex?: number
  readonly onPress?: (how: 'pointer' | 'keyboard') => void
}

export function Gate({
  title,
  state,
  isOpen,
  size = 'row',
  lockedReason,
  note,
  tabIndex,
  onPress,
}: GateProps): ReactElement {
  // Rows are recycled while scrolling: the leaf slides for its own object's change, not when another takes the place.
  const shownTitle = useRef(title)
  const isSliding = shownTitle.current === title
  useEffect(() => {
    shownTitle.current = title
  }, [title])
  const isChecked = state === 'moving' ? isOpen === true : state === 'open'
  const isLocked = lockedReason !== undefined && lockedReason !== ''
  const isOff = isLocked || state === 'unknown'
  const description = isLocked ? `${descriptions[state]}; ${lockedReason}` : descriptions[state]
  const press = (event: MouseEvent): void => {
    event.stopPropagation()
    if (isOff || state === 'moving') return
    onPress?.(event.detail === 0 ? 'keyboard' : 'pointer')
  }
  return (
    <button
      type="button"
      role="switch"
      className={classNames(styles.gate, styles[state], size === 'large' && styles.large)}
      aria-checked={isChecked}
      aria-label={`Gate of ${title}`}
      aria-description={description}
      aria-busy={state === 'moving' || undefined}
      aria-disabled={isOff || undefined}
      data-gate={state}
      tabIndex={tabIndex}
      onClick={press}
      {...tooltip(
        `Gate ${description}${note !== undefined && note !== '' ? ` · ${note}` : ''}`,
        isOff ? undefined : 's',
      )}
    >
      <svg viewBox="0 0 32 18" aria-hidden="true" focusable="false">
        <rect className={styles.channel} x=".5" y="4.5" width="31" height="11" rx="2.5" />
        {state !== 'open' && state !== 'unknown' ? (
          <path className={styles.water} d="M3 5h11v10H3a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z" />
        ) : null}
        {state === 'open' ? (
          <path className={styles.wave} d="M4 11c2-1.6 4-1.6 6 0s4 1.6 6 0 4-1.6 6 0 4 1.6 6 0" />
        ) : null}
        <rect className={classNames(styles.leaf, isSliding && styles.sliding)} x="14" width="4" rx="1" />
        {state in plans ? <path className={styles.plan} d={plans[state as keyof typeof plans]} /> : null}
      </svg>
      {isLocked ? (
        <span className={styles.lock}>
          <Icon name="lock" size={11} />
        </span>
      ) : null}
    </button>
  )
}
