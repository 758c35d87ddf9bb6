/** Matches of the find over all rendered objects, by entry. The text is searched in the engine; this shows the first thousand. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { RepositoryFound, RepositoryMatch } from '../../../shared/model/repository.ts'
import { callHost } from '../../stores/host.ts'
import { Button } from '../../ui/button/button.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { entryTitle } from './entry-model.ts'
import type { RepositoryContent } from './entry-model.ts'
import styles from './repositories.module.css'

const limit = 1000
const typingPauseMs = 90
const rowPx = 26

/** The answer to `text`; the one before it stays until the new one is here. `version`: another one means to ask again. */
export function useFind(repository: string, text: string, version: string): RepositoryFound | null {
  const [found, setFound] = useState<{ readonly text: string; readonly found: RepositoryFound } | null>(null)
  const wanted = text.trim()
  useEffect(() => {
    if (wanted === '') return undefined
    const controller = new AbortController()
    const timer = setTimeout(() => {
      void callHost('repository.find', { repository, text: wanted, limit }, controller.signal).then((result) => {
        if (result.ok && !controller.signal.aborted) setFound({ text: wanted, found: result.value })
      })
    }, typingPauseMs)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [repository, wanted, version])
  return wanted === '' ? null : (found?.found ?? null)
}

type Row =
  | { readonly kind: 'entry'; readonly key: string; readonly title: string; readonly count: number }
  | { readonly kind: 'match'; readonly key: string; readonly match: RepositoryMatch; readonly isFirst: boolean }

export function FindPane({
  content,
  text,
  found,
  onOpen,
  onClear,
}: {
  readonly content: RepositoryContent
  readonly text: string
  readonly found: RepositoryFound | null
  readonly onOpen: (match: RepositoryMatch) => void
  readonly onClear: () => void
}): ReactElement {
  const rows = useMemo(() => (found === null ? [] : rowsOfFound(found, content)), [found, content])
  const [cursor, setCursor] = useState(0)
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 12,
    initialRect: { width: 700, height: 600 },
  })
  useEffect(() => setCursor(0), [text])
  if (found === null) return <SkeletonRows label="Looking" />
  if (found.total === 0)
    return (
      <ViewState
        icon="search"
        title={`Nothing matches ${oneLine(text.trim(), 120)}`}
        actions={
          <Button keys="Escape" onClick={onClear}>
            Clear
          </Button>
        }
      >
        {formatCountOf(found.objectCount, 'rendered object')} {found.objectCount === 1 ? 'was' : 'were'} searched
        {found.waitingCount > 0 ? `; ${found.waitingCount} are still being rendered` : ''}. kind: ns: name: in: narrow;
        hidden values are not searched.
      </ViewState>
    )
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key]
    const row = rows[cursor]
    if (event.key === 'Enter' && row?.kind === 'match') onOpen(row.match)
    else if (step === undefined) return
    else {
      let next = cursor + step
      while (rows[next]?.kind === 'entry') next += step
      if (rows[next] !== undefined) {
        setCursor(next)
        virtualizer.scrollToIndex(next)
      }
    }
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <section className={styles.found} aria-label="Found">
      <div className={styles.foundHead} role="status">
        {formatCountOf(found.total, 'match', 'matches')} in{' '}
        {formatCountOf(new Set(found.matches.map(({ entry }) => entry)).size, 'entry', 'entries')}
        {found.total > found.matches.length ? `, the first ${found.matches.length.toLocaleString()} are shown` : ''}
        {found.waitingCount > 0 ? ` · ${found.waitingCount} still being rendered` : ''}
      </div>
      <div
        ref={scroller}
        className={styles.foundScroller}
        role="listbox"
        aria-label="Matches"
        tabIndex={0}
        aria-activedescendant={`found-${cursor}`}
        onKeyDown={onKeyDown}
        onFocus={() => {
          if (rows[cursor]?.kind === 'entry') setCursor(cursor + 1)
        }}
      >
        <div role="presentation" className={styles.canvas} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            const place = { transform: `translateY(${item.start}px)` }
            if (row.kind === 'entry')
              return (
                <div key={row.key} role="presentation" className={styles.foundEntry} style={place}>
                  <b className="clip">{oneLine(row.title, 253)}</b>
                  <span className={styles.faint}>{row.count.toLocaleString()}</span>
                </div>
              )
            const { match } = row
            return (
              <div
                key={row.key}
                id={`found-${item.index}`}
                role="option"
                aria-selected={item.index === cursor}
                aria-label={`${match.object.kind} ${refTitle(match.object)}, line ${match.line}: ${oneLine(match.text, 200)}`}
                className={styles.foundRow}
                style={place}
                onClick={() => onOpen(match)}
              >
                <span className={styles.foundObject}>
                  {row.isFirst ? (
                    <>
                      <KindBadge group={match.object.group} kind={match.object.kind} />
                      <span className="clip">{oneLine(refTitle(match.object), 253)}</span>
                    </>
                  ) : null}
                </span>
                <span className={styles.foundLine}>{match.line}</span>
                <code className="clip">
                  {oneLine(match.text.slice(0, match.start))}
                  <mark>{oneLine(match.text.slice(match.start, match.end))}</mark>
                  {oneLine(match.text.slice(match.end))}
                </code>
              </div>
            )
          })}
        </div>
      </div>
    </section>
  )
}

function rowsOfFound(found: RepositoryFound, content: RepositoryContent): readonly Row[] {
  const counts = new Map<string, number>()
  for (const { entry } of found.matches) counts.set(entry, (counts.get(entry) ?? 0) + 1)
  const rows: Row[] = []
  let entry = ''
  let object = ''
  found.matches.forEach((match, index) => {
    if (match.entry !== entry) {
      const facts = content.byKey.get(match.entry)
      rows.push({
        kind: 'entry',
        key: `entry ${match.entry}`,
        title: facts === undefined ? match.entry : entryTitle(facts),
        count: counts.get(match.entry) ?? 0,
      })
      object = ''
    }
    rows.push({ kind: 'match', key: String(index), match, isFirst: match.object.key !== object })
    entry = match.entry
    object = match.object.key
  })
  return rows
}
