/**
 * The status vocabulary (interface.md, Status): every word has its own outline, so that meaning never hangs on colour. Takes Flux
 * words, kstatus words and the states of a view; draws the mark, the word, or both as a chip.
 */
import type { ReactElement } from 'react'
import type { KStatusWord, StatusWord } from '../../../shared/model/status.ts'
import { classNames } from '../class-names/class-names.ts'
import styles from './status-mark.module.css'

const shapes = {
  drifted: (
    <>
      <path className={styles.solid} d="M8 1.25 14.75 8 8 14.75 1.25 8z" />
      <path className={styles.knock} d="M5.5 6.7h5M5.5 9.3h5" strokeWidth={1.5} />
    </>
  ),
  empty: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M3.8 12.2 12.2 3.8" />
    </>
  ),
  failed: (
    <>
      <circle cx="8" cy="8" r="6.25" className={styles.solid} />
      <path className={styles.knock} d="m5.75 5.75 4.5 4.5M10.25 5.75l-4.5 4.5" />
    </>
  ),
  forbidden: (
    <>
      <rect x="3" y="7" width="10" height="7" rx="1.5" />
      <path d="M5.25 7V5a2.75 2.75 0 0 1 5.5 0v2" />
    </>
  ),
  held: (
    <>
      <rect x="2" y="2" width="12" height="12" rx="2.5" className={styles.solid} />
      <path className={styles.knock} d="M5 6.25h6M5 9.75h3.5" />
    </>
  ),
  'not-installed': (
    <>
      <rect x="2" y="2" width="12" height="12" rx="2.5" strokeDasharray="2.6 2.2" />
      <path d="M5.5 8h5" />
    </>
  ),
  progressing: (
    <>
      <circle cx="8" cy="8" r="6" opacity=".3" />
      <path d="M8 2a6 6 0 0 1 6 6" strokeWidth={2.2} />
    </>
  ),
  ready: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m5.25 8.25 1.9 1.9 3.6-4.1" />
    </>
  ),
  stale: (
    <>
      <circle cx="8" cy="8" r="6" strokeDasharray="2.4 2.3" />
      <path d="M8 4.75V8l2.25 1.4" />
    </>
  ),
  stalled: (
    <>
      <path className={styles.solid} d="M5.3 1.75h5.4l3.55 3.55v5.4l-3.55 3.55H5.3L1.75 10.7V5.3z" />
      <path className={styles.knock} d="M5 8h6" strokeWidth={2} />
    </>
  ),
  suspended: (
    <>
      <rect x="2" y="2" width="12" height="12" rx="2.5" />
      <path d="M6.25 5.75v4.5M9.75 5.75v4.5" />
    </>
  ),
  unknown: (
    <>
      <circle cx="8" cy="8" r="6" strokeDasharray="2.4 2.3" />
      <path d="M6.3 6.5a1.75 1.75 0 1 1 2.5 1.6c-.55.25-.8.6-.8 1.15M8 11.4v.01" />
    </>
  ),
  unreachable: (
    <>
      <path d="m4.3 8 3.7 3.7-1.1 1.1a2.6 2.6 0 0 1-3.7-3.7z" />
      <path d="m11.7 8-3.7-3.7 1.1-1.1a2.6 2.6 0 0 1 3.7 3.7z" />
      <path d="M3.2 12.8 1.75 14.25M12.8 3.2l1.45-1.45M6.3 7.9l1.2-1.2M8.1 9.7l1.2-1.2" />
    </>
  ),
  waiting: (
    <>
      <path d="M4 1.75h8M4 14.25h8M5 1.75v2.5L8 8l3-3.75v-2.5M5 14.25v-2.5L8 8l3 3.75v2.5" />
    </>
  ),
} as const satisfies Record<string, ReactElement>

export type StatusShape = keyof typeof shapes

const shapeOfWord: Readonly<Record<StatusWord | KStatusWord | ViewStateWord, StatusShape>> = {
  Failed: 'failed',
  Stalled: 'stalled',
  Unreachable: 'unreachable',
  Waiting: 'waiting',
  Progressing: 'progressing',
  Held: 'held',
  Suspended: 'suspended',
  Drifted: 'drifted',
  Unknown: 'unknown',
  Ready: 'ready',
  Stale: 'stale',
  Current: 'ready',
  InProgress: 'progressing',
  Terminating: 'progressing',
  NotFound: 'not-installed',
  Forbidden: 'forbidden',
  'Not installed': 'not-installed',
  Empty: 'empty',
}

/** Words of a view's states beside those of objects. */
export type ViewStateWord = 'Forbidden' | 'Not installed' | 'Empty'
export type AnyStatusWord = StatusWord | KStatusWord | ViewStateWord

/** The shape of a word; words that this version does not know are drawn as unknown. */
export function statusShape(word: AnyStatusWord): StatusShape {
  return shapeOfWord[word] ?? 'unknown'
}

/** The mark alone, hidden from assistive technology: the word stands beside it or in the control's description. */
export function StatusMark({
  word,
  shape,
  size = 14,
  className,
}: {
  readonly word?: AnyStatusWord
  readonly shape?: StatusShape
  readonly size?: number
  readonly className?: string | undefined
}): ReactElement {
  const drawn = shape ?? statusShape(word ?? 'Unknown')
  return (
    <svg
      className={classNames(styles.mark, styles[drawn], className)}
      style={{ width: size, height: size }}
      viewBox="0 0 16 16"
      aria-hidden="true"
      data-status={drawn}
    >
      {shapes[drawn]}
    </svg>
  )
}

/** The word in its colour. */
export function StatusText({
  word,
  children,
  className,
}: {
  readonly word: AnyStatusWord
  readonly children?: string
  readonly className?: string | undefined
}): ReactElement {
  return (
    <span className={classNames(styles.word, styles[`text-${statusShape(word)}`], className)}>{children ?? word}</span>
  )
}

/** Mark and word on the status's own ground. */
export function StatusChip({
  word,
  children,
}: {
  readonly word: AnyStatusWord
  readonly children?: string
}): ReactElement {
  const shape = statusShape(word)
  return (
    <span className={classNames(styles.chip, styles[`chip-${shape}`])}>
      <StatusMark shape={shape} size={14} />
      {children ?? word}
    </span>
  )
}
