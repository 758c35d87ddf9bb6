/** A row of tabs with counts: one tab stop, arrows inside, the panel named by its tab. Knows nothing of what the panels hold. */
import { useRef } from 'react'
import type { KeyboardEvent, ReactElement, ReactNode } from 'react'
import { classNames } from '../class-names/class-names.ts'
import styles from './tabs.module.css'

export interface TabItem<Id extends string = string> {
  readonly id: Id
  readonly label: string
  /** null: no count. */
  readonly count?: number | null
  readonly tone?: 'plain' | 'failed' | 'drifted'
}

const tabId = (scope: string, id: string): string => `${scope}-tab-${id}`
const panelId = (scope: string, id: string): string => `${scope}-panel-${id}`

/** The tab list; `scope` makes the ids of tabs and panels unique on the page. */
export function Tabs<Id extends string>({
  scope,
  label,
  tabs,
  selected,
  onSelect,
  end,
}: {
  readonly scope: string
  readonly label: string
  readonly tabs: readonly TabItem<Id>[]
  readonly selected: Id
  readonly onSelect: (id: Id) => void
  readonly end?: ReactNode
}): ReactElement {
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.id === selected)
    const next = targetOf(event.key, at, tabs.length)
    const tab = next === null ? undefined : tabs[next]
    if (tab === undefined) return
    event.preventDefault()
    onSelect(tab.id)
    list.current?.querySelector<HTMLElement>(`#${CSS.escape(tabId(scope, tab.id))}`)?.focus()
  }
  return (
    <div className={styles.bar}>
      <div ref={list} className={styles.tabs} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={tabId(scope, tab.id)}
            aria-label={tab.label}
            aria-selected={tab.id === selected}
            aria-controls={tab.id === selected ? panelId(scope, tab.id) : undefined}
            aria-description={typeof tab.count === 'number' ? String(tab.count) : undefined}
            tabIndex={tab.id === selected ? 0 : -1}
            className={styles.tab}
            onClick={() => onSelect(tab.id)}
          >
            {tab.label}
            {typeof tab.count === 'number' && (
              <span
                className={classNames(
                  styles.count,
                  tab.tone === 'failed' && styles.failed,
                  tab.tone === 'drifted' && styles.drifted,
                )}
              >
                {tab.count.toLocaleString()}
              </span>
            )}
          </button>
        ))}
      </div>
      {end !== undefined && <div className={styles.end}>{end}</div>}
    </div>
  )
}

function targetOf(key: string, at: number, count: number): number | null {
  if (count === 0) return null
  if (key === 'ArrowRight') return (at + 1) % count
  if (key === 'ArrowLeft') return (at - 1 + count) % count
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return null
}

/** The panel of the selected tab. */
export function TabPanel({
  scope,
  id,
  className,
  children,
}: {
  readonly scope: string
  readonly id: string
  readonly className?: string | undefined
  readonly children: ReactNode
}): ReactElement {
  return (
    <div
      role="tabpanel"
      id={panelId(scope, id)}
      aria-labelledby={tabId(scope, id)}
      className={classNames(styles.panel, className)}
    >
      {children}
    </div>
  )
}
