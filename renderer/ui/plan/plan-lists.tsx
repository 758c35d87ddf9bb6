/** The lists of a plan: sentences, facts at a glance, and what is behind them folded. */
import type { ReactElement, ReactNode } from 'react'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { classNames } from '../class-names/class-names.ts'
import { Icon } from '../icon/icon.tsx'
import type { IconName } from '../icon/icon.tsx'
import { KindBadge } from '../kind-badge/kind-badge.tsx'
import { StatusMark } from '../status-mark/status-mark.tsx'
import type { StatusShape } from '../status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../text/plain-text.ts'
import { clippedTooltip } from '../tooltip/tooltip.tsx'
import styles from './plan.module.css'

/** A part of a plan under its own heading. */
export function PlanSection({
  title,
  children,
}: {
  readonly title: string
  readonly children: ReactNode
}): ReactElement {
  return (
    <section>
      <h3 className={styles.heading}>{title}</h3>
      {children}
    </section>
  )
}

/** Sentences with the same small mark before each. */
export function Sentences({
  texts,
  icon,
}: {
  readonly texts: readonly string[]
  readonly icon: IconName
}): ReactElement {
  return (
    <ul className={styles.sentences}>
      {texts.map((text) => (
        <li key={text}>
          <Icon name={icon} size={12} />
          <span>{manyLines(text, 600)}</span>
        </li>
      ))}
    </ul>
  )
}

/** A table of `Fact`s. */
export function Facts({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactElement {
  return (
    <dl className={styles.facts} aria-label={label}>
      {children}
    </dl>
  )
}

/** A thing that was looked at, how it stands, and what was found. */
export function Fact({
  label,
  shape,
  children,
}: {
  readonly label: string
  readonly shape: StatusShape
  readonly children: ReactNode
}): ReactElement {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <StatusMark shape={shape} />
        <span>{children}</span>
      </dd>
    </>
  )
}

/** A list in a box that scrolls where it is long; `isShort`: as one of several things. */
export function BoxedList({
  label,
  isShort = false,
  children,
}: {
  readonly label: string
  readonly isShort?: boolean
  readonly children: ReactNode
}): ReactElement {
  return (
    <ul className={classNames(styles.list, isShort && styles.short)} aria-label={label}>
      {children}
    </ul>
  )
}

/** The same behind its title. `label` names the list where the title would not. */
export function Folded({
  title,
  label = title,
  isOpen = false,
  isShort = false,
  children,
}: {
  readonly title: string
  readonly label?: string
  readonly isOpen?: boolean
  readonly isShort?: boolean
  readonly children: ReactNode
}): ReactElement {
  return (
    <details className={styles.folded} open={isOpen}>
      <summary>{title}</summary>
      <BoxedList label={label} isShort={isShort}>
        {children}
      </BoxedList>
    </details>
  )
}

/** A list's object and a word about it, of which `max` characters are shown. */
export function Named({
  subject,
  why,
  max = 600,
}: {
  readonly subject: ObjectRef
  readonly why: string
  readonly max?: number
}): ReactElement {
  return (
    <li className={styles.named}>
      <KindBadge kind={subject.kind} group={subject.group} />
      <span className="clip" {...clippedTooltip(refTitle(subject))}>
        {oneLine(refTitle(subject), 300)}
      </span>
      <span className="muted">{oneLine(why, max)}</span>
    </li>
  )
}
