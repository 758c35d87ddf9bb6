/**
 * What a view shows instead of, or above, its content (interface.md, Wording of states). Title: what; text: why; buttons: what next.
 * The states are never mixed up: each has its own shape.
 */
import { useEffect, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { classNames } from '../class-names/class-names.ts'
import { StatusMark } from '../status-mark/status-mark.tsx'
import type { StatusShape } from '../status-mark/status-mark.tsx'
import { Icon } from '../icon/icon.tsx'
import type { IconName } from '../icon/icon.tsx'
import styles from './view-state.module.css'

export function ViewState({
  shape,
  icon,
  title,
  children,
  detail,
  actions,
}: {
  readonly shape?: StatusShape
  readonly icon?: IconName
  readonly title: ReactNode
  /** Why. */
  readonly children?: ReactNode
  /** Verbatim text of the other side. */
  readonly detail?: string | undefined
  readonly actions?: ReactNode
}): ReactElement {
  const isFailure = shape === 'failed' || shape === 'unreachable'
  return (
    <div className={styles.state} role={isFailure ? 'alert' : 'status'}>
      {shape === undefined ? (
        icon === undefined ? null : (
          <Icon name={icon} size={22} className={styles.mark} />
        )
      ) : (
        <StatusMark shape={shape} size={22} className={styles.mark} />
      )}
      <h2 className={styles.title}>{title}</h2>
      {children === undefined ? null : <p className={styles.text}>{children}</p>}
      {detail === undefined || detail === '' ? null : (
        <p className={classNames(styles.detail, 'selectable')}>{detail}</p>
      )}
      {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
    </div>
  )
}

/** Of a view that shows contexts, while none is selected. */
export function NoContext({ actions }: { readonly actions?: ReactNode }): ReactElement {
  return (
    <ViewState icon="water" title="No context is selected" actions={actions}>
      Choose one at the left; shift-click adds another.
    </ViewState>
  )
}

/** True after `ms`: skeletons wait, so that what is quick does not flicker. */
export function useDelay(ms: number): boolean {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), ms)
    return () => clearTimeout(timer)
  }, [ms])
  return isOver
}

export const skeletonDelayMs = 150

/** Rows that are still to come. Draws nothing for the first 150 ms. */
export function SkeletonRows({ count = 12, label }: { readonly count?: number; readonly label: string }): ReactElement {
  const isShown = useDelay(skeletonDelayMs)
  return (
    <div className={styles.skeleton} role="status" aria-label={label} aria-busy="true">
      {isShown
        ? Array.from({ length: count }, (_, index) => (
            <div key={index} className={styles.skeletonRow}>
              <i className={styles.skeletonGate} />
              <i style={{ width: `${40 + ((index * 37) % 45)}%` }} />
              <i style={{ width: `${50 + ((index * 53) % 40)}%` }} />
              <i style={{ width: '60%' }} />
            </div>
          ))
        : null}
    </div>
  )
}

/** A line above content that still stands: stale, partly forbidden, degraded. */
export function Banner({
  tone,
  shape,
  children,
  actions,
}: {
  readonly tone: 'ok' | 'failed' | 'drifted' | 'suspended' | 'held' | 'progressing' | 'unknown'
  readonly shape?: StatusShape
  readonly children: ReactNode
  readonly actions?: ReactNode
}): ReactElement {
  return (
    <div className={classNames(styles.banner, styles[tone])} role={tone === 'failed' ? 'alert' : 'status'}>
      {shape === undefined ? null : <StatusMark shape={shape} />}
      <div className={styles.bannerText}>{children}</div>
      {actions === undefined ? null : <div className={styles.bannerActions}>{actions}</div>}
    </div>
  )
}
