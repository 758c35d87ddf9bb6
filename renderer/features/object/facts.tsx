import type { ReactElement } from 'react'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import styles from './object-page.module.css'

export function FactsList({
  facts,
}: {
  readonly facts: readonly { readonly label: string; readonly value: string }[]
}): ReactElement {
  return (
    <dl className={styles.facts}>
      {facts.map((fact) => (
        <div key={fact.label}>
          <dt>{oneLine(fact.label, 80)}</dt>
          <dd className="selectable">{manyLines(fact.value, 2000)}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Labels or annotations; nothing where there are none. */
export function Labels({
  title,
  entries,
}: {
  readonly title: string
  readonly entries: Readonly<Record<string, string>>
}): ReactElement | null {
  const list = Object.entries(entries)
  if (list.length === 0) return null
  return (
    <section aria-label={title} className={styles.labels}>
      <h2 className={styles.section}>{title}</h2>
      <FactsList facts={list.map(([label, value]) => ({ label, value }))} />
    </section>
  )
}
