/** One log on the screen: follows, pauses, wraps, finds. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement, ReactNode } from 'react'
import type { LogLine } from '../../../shared/model/detail.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { copyText } from '../../stores/actions.ts'
import { openStream } from '../../stores/host.ts'
import { Button, IconButton } from '../../ui/button/button.tsx'
import { Checkbox } from '../../ui/checkbox/checkbox.tsx'
import { classNames } from '../../ui/class-names/class-names.ts'
import { useCommands } from '../../stores/commands.ts'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import { appendLines, emptyLog, findLines, lineText, markParts, maxLogLines } from './log-buffer.ts'
import type { LogBuffer } from './log-buffer.ts'
import pageStyles from './object-page.module.css'
import styles from './logs-tab.module.css'

export interface LogChoice {
  readonly role: 'pod' | 'controller'
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly isPrevious: boolean
}

const tailLines = 1000
const linePx = 18
const maxCopied = 200_000
const maxLineShown = 16_384

interface LogState {
  readonly buffer: LogBuffer
  readonly isReady: boolean
  readonly isEnded: boolean
  readonly error: SluiceErrorData | null
}

/** Follows a log; while paused, what comes is kept aside and shown on going on. */
function useLog(reference: ObjectRef, choice: LogChoice, isPaused: boolean): LogState & { readonly waiting: number } {
  const [state, setState] = useState<LogState>({ buffer: emptyLog, isReady: false, isEnded: false, error: null })
  const [waiting, setWaiting] = useState(0)
  const aside = useRef<LogLine[]>([])
  const paused = useRef(isPaused)
  useEffect(() => {
    paused.current = isPaused
    if (isPaused || aside.current.length === 0) return
    const added = aside.current
    aside.current = []
    setWaiting(0)
    setState((before) => ({ ...before, buffer: appendLines(before.buffer, added) }))
  }, [isPaused])
  const key = JSON.stringify([reference, choice])
  useEffect(() => {
    const [ref, log] = JSON.parse(key) as [ObjectRef, LogChoice]
    return openStream(
      'logs.follow',
      { ref, ...log, tailLines },
      {
        onDelta({ upsert, isReady }) {
          if (paused.current) {
            aside.current = [...aside.current, ...upsert].slice(-maxLogLines)
            setWaiting(aside.current.length)
            return
          }
          setState((before) => ({
            ...before,
            buffer: appendLines(before.buffer, upsert),
            isReady: before.isReady || isReady,
          }))
        },
        onEnd: (error) => setState((before) => ({ ...before, isReady: true, isEnded: true, error })),
      },
    )
  }, [key])
  return { ...state, waiting }
}

export function LogView({
  reference,
  choice,
  source,
}: {
  readonly reference: ObjectRef
  readonly choice: LogChoice
  readonly source: ReactNode
}): ReactElement {
  const [isPaused, setPaused] = useState(false)
  const [isFollowing, setFollowing] = useState(true)
  const [isWrapped, setWrapped] = useState(false)
  const [hasTimestamps, setTimestamps] = useState(false)
  const [query, setQuery] = useState('')
  const [hit, setHit] = useState(0)
  const log = useLog(reference, choice, isPaused)
  const { lines, dropped } = log.buffer
  const scroller = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const words = useDeferredValue(query)
  const known = useMemo(() => ({ words, lines: new WeakMap<LogLine, boolean>() }), [words])
  const matches = useMemo(() => findLines(lines, known.words, known.lines), [lines, known])
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => linePx,
    // Kept: another function has the places of all rows computed anew.
    getItemKey: useCallback((index: number) => lines[index]?.key ?? index, [lines]),
    overscan: 30,
    initialRect: { width: 900, height: 600 },
  })
  useCommands({ filter: () => input.current?.focus() })

  useEffect(() => {
    if (isFollowing && lines.length > 0) virtualizer.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [isFollowing, lines, virtualizer])
  useEffect(() => virtualizer.measure(), [isWrapped, hasTimestamps, virtualizer])

  const go = (to: number): void => {
    if (matches.length === 0) return
    const next = (to + matches.length) % matches.length
    setHit(next)
    setFollowing(false)
    virtualizer.scrollToIndex(matches[next] ?? 0, { align: 'center' })
  }
  const onFindKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') go(event.shiftKey ? hit - 1 : hit + 1)
    else if (event.key === 'Escape' && query !== '') setQuery('')
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const text = (): string =>
    lines
      .map((line) => lineText(line, hasTimestamps))
      .join('\n')
      .slice(-maxCopied)
  const current = matches[hit]

  return (
    <section className={styles.logs} aria-label={`Logs of ${choice.namespace}/${choice.pod}`}>
      <div className={classNames(pageStyles.tools, styles.tools)}>
        {source}
        <span className={pageStyles.toolsEnd}>
          <span className={styles.find}>
            <input
              ref={input}
              type="search"
              className={styles.input}
              aria-label="Find in the log"
              placeholder="Find"
              value={query}
              onChange={(event) => {
                setQuery(event.target.value)
                setHit(0)
              }}
              onKeyDown={onFindKey}
            />
            {query !== '' && (
              <span className={pageStyles.faint} role="status">
                {matches.length === 0 ? 'none' : `${hit + 1} of ${matches.length.toLocaleString()}`}
              </span>
            )}
          </span>
          <Checkbox label="Wrap" checked={isWrapped} onChange={() => setWrapped(!isWrapped)}>
            Wrap
          </Checkbox>
          <Checkbox label="Timestamps" checked={hasTimestamps} onChange={() => setTimestamps(!hasTimestamps)}>
            Timestamps
          </Checkbox>
          <Button
            size="small"
            icon={isPaused ? 'play' : 'pause'}
            aria-pressed={isPaused}
            onClick={() => setPaused(!isPaused)}
          >
            {isPaused ? `Go on${log.waiting > 0 ? `, ${log.waiting.toLocaleString()} new` : ''}` : 'Pause'}
          </Button>
          <IconButton icon="copy" label="Copy the log" size="small" onClick={() => void copyText(text(), 'Log')} />
        </span>
      </div>
      {log.error !== null && (
        <div className={pageStyles.banner}>
          <Banner tone="failed" shape="failed">
            {manyLines([log.error.message, log.error.detail].filter((part) => part !== '').join('\n'), 1000)}
          </Banner>
        </div>
      )}
      <div
        ref={scroller}
        className={classNames(styles.scroller, 'selectable')}
        role="log"
        aria-label="Log lines"
        aria-live="off"
        tabIndex={0}
        onWheel={(event) => {
          if (event.deltaY < 0) setFollowing(false)
        }}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget
          if (scrollHeight - scrollTop - clientHeight < 4) setFollowing(true)
        }}
        onKeyDown={(event) => {
          if (['ArrowUp', 'PageUp', 'Home'].includes(event.key)) setFollowing(false)
        }}
      >
        {lines.length === 0 && (
          <p className={styles.empty}>
            {log.isEnded ? 'The log is empty.' : log.isReady ? 'Nothing logged yet.' : 'Opening the log…'}
          </p>
        )}
        <div className={styles.canvas} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const line = lines[item.index]
            if (line === undefined) return null
            const shown = oneLine(line.text, maxLineShown)
            return (
              <div
                key={item.key}
                data-index={item.index}
                ref={isWrapped ? virtualizer.measureElement : undefined}
                className={classNames(
                  styles.line,
                  isWrapped && styles.wrapped,
                  item.index === current && styles.current,
                )}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {hasTimestamps && line.at !== null && (
                  <span className={styles.stamp}>{new Date(line.at).toISOString().slice(0, 23)}</span>
                )}
                {markParts(shown, query).map((part, index) =>
                  part.isMatch ? <mark key={index}>{part.text}</mark> : <span key={index}>{part.text}</span>,
                )}
              </div>
            )
          })}
        </div>
      </div>
      <div className={styles.foot} role="status">
        <span>
          {lines.length.toLocaleString()} lines
          {dropped > 0 ? `, ${dropped.toLocaleString()} older ones dropped` : ''}
          {log.isEnded && log.error === null ? ', ended' : ''}
        </span>
        {!isFollowing && (
          <Button size="small" variant="link" icon="arrow-down" onClick={() => setFollowing(true)}>
            Follow
          </Button>
        )}
        {isFollowing && !log.isEnded && <span>{isPaused ? 'paused' : 'following'}</span>}
      </div>
    </section>
  )
}
