/**
 * What the dialogs of plans are made of: where it happens, what was found, what went wrong, the digest that is confirmed, the foot. Knows no
 * plan and no procedure: the texts are the caller's. Semantics: interface.md, "Dialogs, toasts, palette".
 */
import type { ReactElement, ReactNode } from 'react'
import { Icon } from '../icon/icon.tsx'
import { StatusMark } from '../status-mark/status-mark.tsx'
import styles from './plan.module.css'

/** Where it happens: words, marks and chips in one line under the title. */
export function Where({ children }: { readonly children: ReactNode }): ReactElement {
  return <span className={styles.where}>{children}</span>
}

/** A context by its name, and whether it is production. */
export function ContextChip({
  name,
  isProduction,
}: {
  readonly name: string
  readonly isProduction: boolean
}): ReactElement {
  return (
    <span className={styles.chip}>
      {name}
      {isProduction ? <span className={styles.production}>production</span> : null}
    </span>
  )
}

/** What is being found out; `action` stands at its end. */
export function Looking({
  children,
  action,
}: {
  readonly children: string
  readonly action?: ReactNode
}): ReactElement {
  return (
    <div className={styles.looking} role="status">
      <StatusMark shape="progressing" />
      <span>{children}</span>
      {action}
    </div>
  )
}

/** Which plan is confirmed, and behind it what else there is to say: how old it is, what refuses it. */
export function DigestLine({
  digest,
  children,
}: {
  readonly digest: string
  readonly children: ReactNode
}): ReactElement {
  return (
    <p className={styles.digest}>
      <Icon name="shield-check" size={14} />
      <span>
        Plan <span className="sha">{digest.slice(0, 15)}</span>
        {children}
      </span>
    </p>
  )
}
