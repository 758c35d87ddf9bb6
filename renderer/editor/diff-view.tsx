/**
 * Two texts of one object side by side with a third column that is aligned to their lines. Owns the editor's life and the scrolling of
 * both; knows nothing of drift: what stands in the third column is the caller's.
 */
import { useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react'
import type { ReactElement, ReactNode, Ref } from 'react'
import { classNames } from '../ui/class-names/class-names.ts'
import { DiffBar } from './diff-bar.tsx'
import type { DiffEditor, DiffLayout, DiffMark, DiffState } from './diff-editor.ts'
import { loadMonaco } from './load-monaco.ts'
import { useEditor } from './use-editor.ts'
import styles from './diff-view.module.css'

export type { DiffMark } from './diff-editor.ts'

export interface DiffViewHandle {
  /** To the next or previous change of lines, of whatever field. */
  readonly step: (by: 1 | -1) => void
  /** Brings the current field's lines into sight again. */
  readonly showCurrent: () => void
}

export interface DiffViewProps {
  readonly label: string
  /** Another one starts at its first difference; with the same, other texts keep nothing but the current field. */
  readonly identity: string
  readonly git: string
  readonly live: string
  readonly marks: readonly DiffMark[]
  readonly isInline: boolean
  readonly isFolded: boolean
  readonly gitTitle: ReactNode
  readonly clusterTitle: ReactNode
  readonly blameTitle: ReactNode
  readonly blameEnd: ReactNode
  /** What stands beside a field's lines, and its tooltip's attributes. */
  readonly blameOf: (
    field: string,
  ) => { readonly node: ReactNode; readonly attributes: object; readonly isQuiet: boolean } | null
  readonly current: string | null
  readonly onField: (field: string) => void
  /** Keys pressed in the editor; true: taken. */
  readonly onKey: (event: KeyboardEvent) => boolean
  readonly ref?: Ref<DiffViewHandle>
}

function isFindKey({ ctrlKey, metaKey, altKey, shiftKey, key }: KeyboardEvent): boolean {
  return (ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === 'f'
}

const loadDiff = async () => {
  await loadMonaco()
  return (await import('./diff-editor.ts')).createDiffEditor
}
const noLayout: DiffLayout = { places: [], contentHeight: 0, isInline: false }
/** Fields beside lines are drawn for this much above and below the screen, in steps of as much. */
const marginPx = 600

export function DiffView(props: DiffViewProps): ReactElement {
  const { label, identity, git, live, marks, isInline, isFolded, current, ref } = props
  const column = useRef<HTMLDivElement>(null)
  const listeners = useRef(props)
  const [layout, setLayout] = useState<DiffLayout>(noLayout)
  const [isBusy, setBusy] = useState(true)
  const [step, setStep] = useState(0)
  const [state, setState] = useState<DiffState | null>(null)
  const [isFinding, setFinding] = useState(false)
  useEffect(() => {
    listeners.current = props
  })

  const { host, editor, hasFailed } = useEditor<DiffEditor>(label, loadDiff, (created) => {
    created.onLayout(setLayout)
    created.onScroll((top) => {
      if (column.current !== null && column.current.scrollTop !== top) column.current.scrollTop = top
      setStep(Math.floor(top / marginPx))
    })
    created.onKey((event) => {
      if (!isFindKey(event)) return listeners.current.onKey(event)
      if (!created.find()) setFinding(true)
      return true
    })
    created.onState(setState)
    created.onField((field) => listeners.current.onField(field))
  })
  useEffect(() => editor?.setInline(isInline), [editor, isInline])
  useEffect(() => editor?.setFolded(isFolded), [editor, isFolded])
  useEffect(() => {
    if (editor === null) return undefined
    let isGone = false
    setBusy(true)
    setFinding(false)
    editor.show(listeners.current.current)
    void editor.open(git, live, marks).then(() => {
      if (!isGone) setBusy(false)
    })
    return () => {
      isGone = true
    }
  }, [editor, identity, git, live, marks])
  useEffect(() => editor?.show(current), [editor, current])
  useImperativeHandle(
    ref,
    () => ({ step: (by) => editor?.step(by), showCurrent: () => editor?.show(listeners.current.current) }),
    [editor],
  )

  const places = useMemo(() => {
    const from = (step - 1) * marginPx
    const to = from + marginPx * 4 + (typeof window === 'undefined' ? 0 : window.innerHeight)
    return layout.places.filter((place) => place.top + place.height >= from && place.top <= to)
  }, [layout, step])

  return (
    <div className={styles.diff}>
      <div className={classNames(styles.columns, layout.isInline && styles.inlineColumns)}>
        {layout.isInline ? (
          <span>
            {props.gitTitle}
            {props.clusterTitle}
          </span>
        ) : (
          <>
            <span>{props.gitTitle}</span>
            <span>{props.clusterTitle}</span>
          </>
        )}
        <span>
          {props.blameTitle}
          <span className={styles.blameEnd}>{props.blameEnd}</span>
        </span>
      </div>
      {isInline && !layout.isInline && !isBusy && !hasFailed ? (
        <p className={styles.tooLong} role="note">
          Side by side: too many lines differ to show them in one column.
        </p>
      ) : null}
      {editor !== null && state !== null && (state.partCount > 1 || isFinding) ? (
        <DiffBar
          editor={editor}
          state={state}
          isFinding={isFinding}
          onFind={() => setFinding(true)}
          onClose={() => setFinding(false)}
        />
      ) : null}
      {hasFailed ? (
        // Without the editor the texts are still there to be read.
        <div className={styles.plain}>
          <pre>{git}</pre>
          <pre>{live}</pre>
        </div>
      ) : (
        <div className={styles.body}>
          <div ref={host} className={styles.host} data-editor="diff" data-identity={identity} />
          {isBusy ? (
            <div className={styles.busy} role="status">
              Comparing lines…
            </div>
          ) : null}
          <div
            ref={column}
            role="list"
            aria-label="Field managers"
            tabIndex={-1}
            className={styles.blameColumn}
            onScroll={(event) => {
              const top = event.currentTarget.scrollTop
              if (editor !== null && Math.abs(editor.scrollTop() - top) >= 1) editor.setScrollTop(top)
            }}
          >
            <div className={styles.canvas} role="presentation" style={{ height: layout.contentHeight }}>
              {places.map(({ field, top, height }) => {
                const blame = props.blameOf(field)
                if (blame === null) return null
                return (
                  <div
                    key={field}
                    role="listitem"
                    className={classNames(
                      styles.blame,
                      blame.isQuiet && styles.quietBlame,
                      field === current && styles.currentBlame,
                    )}
                    style={{ top, height }}
                    onClick={() => props.onField(field)}
                    {...blame.attributes}
                  >
                    {blame.node}
                  </div>
                )
              })}
            </div>
          </div>
        </div>
      )}
    </div>
  )
}
