/** The marks of drift: what would happen to an object, how risky that is, which origin a value has. Shape and word before colour. */
import type { ReactElement } from 'react'
import type { DriftAction, DriftRisk } from '../../../shared/model/drift.ts'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import type { IconName } from '../icon/icon.tsx'
import styles from './drift-marks.module.css'

const symbols: Readonly<
  Record<DriftAction, { readonly icon: IconName; readonly tone: 'changed' | 'added' | 'removed' | null }>
> = {
  created: { icon: 'plus', tone: 'added' },
  configured: { icon: 'drift', tone: 'changed' },
  recreated: { icon: 'reset', tone: 'changed' },
  pruned: { icon: 'minus', tone: 'removed' },
  refused: { icon: 'lock', tone: 'removed' },
  moving: { icon: 'reconcile', tone: null },
  skipped: { icon: 'pause', tone: null },
  unchanged: { icon: 'check', tone: null },
}

/**
 * What the controller would do to the object. `isClusterSeen`: seen from the cluster instead, where an object that would be created is
 * missing and one that would be pruned is too much. `isQuiet`: no value would change.
 */
export function ActionSymbol({
  action,
  size = 11,
  isClusterSeen = false,
  isQuiet = false,
}: {
  readonly action: DriftAction
  readonly size?: number
  readonly isClusterSeen?: boolean
  readonly isQuiet?: boolean
}): ReactElement {
  const seen =
    isClusterSeen && action === 'created' ? 'pruned' : isClusterSeen && action === 'pruned' ? 'created' : action
  const { icon, tone } = symbols[seen]
  const shown = isQuiet ? null : isClusterSeen && seen === 'created' ? 'changed' : tone
  return (
    <span className={classNames(styles.symbol, shown !== null && styles[shown])}>
      <Icon name={icon} size={size} />
    </span>
  )
}

export const riskWords: Readonly<Record<DriftRisk['level'], string>> = { low: 'Low', medium: 'Medium', high: 'High' }
const bars = { low: 1, medium: 2, high: 3 } as const

/** Bars plus a word. */
export function RiskMark({
  level,
  suffix = '',
  className,
}: {
  readonly level: DriftRisk['level']
  readonly suffix?: string
  readonly className?: string | undefined
}): ReactElement {
  return (
    <span className={classNames(styles.risk, styles[level], className)}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M3.5 10.5v3" />
        <path d="M8 7.5v6" className={bars[level] < 2 ? styles.faintBar : undefined} />
        <path d="M12.5 4v9.5" className={bars[level] < 3 ? styles.faintBar : undefined} />
      </svg>
      {riskWords[level]}
      {suffix}
    </span>
  )
}

/** Git: a teal square. Cluster: an amber disc. None: hatched grey. Decorative: the origin's name or the order says the same. */
export function OriginMark({
  origin,
  isSmall = false,
}: {
  readonly origin: 'git' | 'cluster' | 'none'
  readonly isSmall?: boolean
}): ReactElement {
  return (
    <i
      aria-hidden="true"
      className={classNames(
        styles.origin,
        origin === 'cluster' && styles.cluster,
        origin === 'none' && styles.none,
        isSmall && styles.small,
      )}
    />
  )
}

/** `≠ 5`. */
export function DriftBadge({ count }: { readonly count: number }): ReactElement {
  return (
    <span className={styles.badge} aria-label={`${count.toLocaleString()} drifted`} role="img">
      <Icon name="drift" size={11} />
      {count.toLocaleString()}
    </span>
  )
}
