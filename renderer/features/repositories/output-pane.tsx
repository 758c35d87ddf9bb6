/** The rendered output of one entry: what it is, what is wrong or unknown with it, its text with what the last save changed. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { RepositoryEntry, RepositoryObject } from '../../../shared/model/repository.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { DocumentViewHandle } from '../../editor/document-view.tsx'
import type { LineMarks } from '../../editor/monaco.ts'
import { copyText } from '../../stores/actions.ts'
import { useCommands } from '../../stores/commands.ts'
import { Button, IconButton } from '../../ui/button/button.tsx'
import { KindBadge } from '../../ui/kind-badge/kind-badge.tsx'
import { StatusChip } from '../../ui/status-mark/status-mark.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { clippedTooltip, tooltip } from '../../ui/tooltip/tooltip.tsx'
import { Banner, SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { entryTitle, placeText } from './entry-model.ts'
import type { Output, OutputState } from './use-output.ts'
import { documentText, useObjectText } from './use-output.ts'
import styles from './repositories.module.css'

const DocumentView = lazy(async () => ({ default: (await import('../../editor/document-view.tsx')).DocumentView }))

/** Longer texts are not put on the clipboard whole. */
const maxCopied = 200_000

export interface OutputPaneProps {
  readonly repository: string
  readonly entry: RepositoryEntry
  readonly state: OutputState
  /** Key of the selected object; '' for none. */
  readonly object: string
  /** Where to scroll, by a click elsewhere; each new value scrolls once. */
  readonly target: { readonly line: number } | null
  readonly onObject: (object: RepositoryObject) => void
  readonly isSourceOpen: boolean
  readonly onSource: () => void
  readonly onEditor: (file: string, line: number) => void
  /** Shows a file beside the output. */
  readonly onShowFile: (file: string, line: number) => void
}

export function OutputPane(props: OutputPaneProps): ReactElement {
  const { entry, state, onSource, isSourceOpen, onEditor } = props
  const document = useRef<DocumentViewHandle>(null)
  const { output } = state
  const title = entryTitle(entry)
  return (
    <section className={styles.output} aria-label={`Output of ${title}`}>
      <header className={styles.outputHead}>
        {entry.kind === 'kustomization' ? <KindBadge kind="Kustomization" /> : <KindBadge kind="build" short="build" />}
        <span className={styles.outputTitle} {...clippedTooltip(title)}>
          {entry.namespace === '' ? null : <span className={styles.faint}>{oneLine(entry.namespace, 120)}/</span>}
          {oneLine(entry.name, 253)}
        </span>
        {entry.isSuspended ? <StatusChip word="Suspended" /> : null}
        <span className={styles.end}>
          <IconButton
            icon="search"
            size="small"
            label="Find in this output"
            keys="Mod+F"
            offReason={output === null ? 'There is no text yet' : ''}
            onClick={() => document.current?.find()}
          />
          <IconButton
            icon="copy"
            size="small"
            label="Copy the output"
            offReason={copyReason(output)}
            onClick={() => void copyText(output?.text ?? '', 'Output')}
          />
          <Button
            size="small"
            icon="external"
            onClick={() => onEditor(entry.file, entry.line)}
            {...tooltip(entry.file)}
          >
            Open in editor
          </Button>
          <IconButton
            icon="split"
            size="small"
            label={isSourceOpen ? 'Hide the source' : 'Show the source'}
            aria-pressed={isSourceOpen}
            onClick={onSource}
          />
        </span>
        <span className={styles.outputFacts} {...clippedTooltip(factsOf(entry, output))}>
          {factsOf(entry, output)}
        </span>
      </header>
      <Notes {...props} />
      <Body {...props} document={document} />
    </section>
  )
}

function factsOf(entry: RepositoryEntry, output: Output | null): string {
  const parts = [entry.kind === 'kustomization' ? `./${entry.directory === '.' ? '' : entry.directory}` : '']
  if (entry.targetNamespace !== '') parts.push(`into ${entry.targetNamespace}`)
  if (output !== null) {
    parts.push(formatCountOf(output.head.objectCount, 'object'), `${formatMs(output.head.durationMs)} ms`)
    if (output.head.digest !== null) parts.push(`${output.head.digest.slice(0, 14)}…`)
    if (output.head.hiddenCount > 0) parts.push(formatCountOf(output.head.hiddenCount, 'value hidden', 'values hidden'))
  }
  return parts.filter((part) => part !== '').join(' · ')
}

function formatMs(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString()
}

function copyReason(output: Output | null): string {
  if (output === null) return 'There is no text yet'
  return output.text === null || output.text.length > maxCopied
    ? 'More than 200,000 characters: select what you need'
    : ''
}

/** What is unknown, and what was warned of. */
function Notes({ state, onEditor, onShowFile }: OutputPaneProps): ReactElement | null {
  const [isOpen, setOpen] = useState(false)
  const head = state.output?.head
  if (head === undefined || (head.assumptions.length === 0 && head.warnings.length === 0)) return null
  const names = [...new Set(head.assumptions.flatMap((assumption) => assumption.names))]
  return (
    <div className={styles.notes}>
      {head.assumptions.length === 0 ? null : (
        <Banner
          tone="drifted"
          shape="unknown"
          actions={
            <Button size="small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isOpen ? 'Hide' : `Show ${head.assumptions.length === 1 ? 'it' : `all ${head.assumptions.length}`}`}
            </Button>
          }
        >
          <b>Partly unknown.</b> The controller may apply something else
          {names.length === 0 ? '.' : `: ${namesText(names)}`}
        </Banner>
      )}
      {isOpen ? (
        <ul className={styles.assumptions} aria-label="What is unknown">
          {head.assumptions.map((assumption, index) => (
            // Assumptions have no identity but their place.
            <li key={index}>
              <span className="selectable">{manyLines(assumption.message, 1000)}</span>
              {assumption.names.length === 0 ? null : (
                <code className="selectable">{oneLine(assumption.names.join(', '), 1000)}</code>
              )}
              {assumption.file === '' ? null : (
                <FileLink file={assumption.file} line={assumption.line} onShow={onShowFile} onEditor={onEditor} />
              )}
            </li>
          ))}
        </ul>
      ) : null}
      {head.warnings.slice(0, 3).map((warning) => (
        <Banner key={warning} tone="unknown" shape="unknown">
          {manyLines(warning, 600)}
        </Banner>
      ))}
    </div>
  )
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => oneLine(name, 60))
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ')
}

/** `file:line` that shows the file beside the output, and opens it in the editor. */
export function FileLink({
  file,
  line,
  onShow,
  onEditor,
}: {
  readonly file: string
  readonly line: number
  readonly onShow: (file: string, line: number) => void
  readonly onEditor: (file: string, line: number) => void
}): ReactElement {
  return (
    <span className={styles.fileLink}>
      <Button size="small" variant="link" icon="file" onClick={() => onShow(file, line)}>
        {oneLine(placeText(file, line), 300)}
      </Button>
      <Button size="small" icon="external" onClick={() => onEditor(file, line)}>
        Open in editor
      </Button>
    </span>
  )
}

function Body({
  repository,
  entry,
  state,
  object,
  target,
  onObject,
  onEditor,
  onShowFile,
  document,
}: OutputPaneProps & { readonly document: React.RefObject<DocumentViewHandle | null> }): ReactElement {
  const { output } = state
  const objectText = useObjectText(repository, output, object)
  const selected = output?.objects.find((each) => each.key === object) ?? null
  const isPiece = output !== null && output.text === null
  const text = output === null ? '' : (output.text ?? objectText)
  /** Lines that stand before the text that is shown. */
  const before = isPiece ? (selected?.line ?? 1) - 1 : 0
  const hunks = useMemo(
    () => (isPiece ? (selected?.hunks ?? []) : (output?.objects.flatMap(({ hunks: own }) => own) ?? [])),
    [isPiece, output, selected],
  )
  const focus = useRef(0)
  const marks = useMemo(
    (): LineMarks => ({
      hunks: hunks.map((hunk) => ({
        line: hunk.line - before,
        added: hunk.added,
        removed: hunk.removed.map(documentText),
      })),
      selected:
        selected === null || isPiece ? null : { from: selected.line, to: selected.line + selected.lineCount - 1 },
      focus: 0,
    }),
    [hunks, before, selected, isPiece],
  )
  const place = useRef(0)
  const scroll = useCallback(
    (line: number, isNear: boolean) => {
      place.current = line
      document.current?.reveal(line, isNear)
    },
    [document],
  )
  const waiting = useRef<{ readonly line: number } | null>(null)
  const revision = useRef({ entry: '', revision: 0 })
  useEffect(() => {
    if (target === null) return
    waiting.current = target
    if (text !== '') scroll(target.line - before, false)
    // Only a new target scrolls.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [target])
  const onReady = (handle: DocumentViewHandle): void => {
    if (output === null) return
    const last = revision.current
    revision.current = { entry: output.entry, revision: output.head.revision }
    const first = marks.hunks[0]
    if (waiting.current !== null) {
      handle.reveal(waiting.current.line - before, false)
      waiting.current = null
      // What a save changed comes to the eye by itself, unless somebody is reading.
    } else if (last.entry === output.entry && first !== undefined && !handle.hasFocus()) handle.reveal(first.line, true)
    else if (last.entry !== output.entry && selected !== null && !isPiece) handle.reveal(selected.line, false)
  }
  const step = (direction: 1 | -1): void => {
    const lines = marks.hunks.map((hunk) => hunk.line)
    const next =
      direction === 1
        ? (lines.find((line) => line > focus.current) ?? lines[0])
        : (lines.findLast((line) => line < focus.current) ?? lines.at(-1))
    if (next === undefined) return
    focus.current = next
    document.current?.reveal(next, true)
  }
  const offReason = marks.hunks.length === 0 ? 'Nothing changed here' : ''
  useCommands({
    nextChange: { run: () => step(1), offReason },
    previousChange: { run: () => step(-1), offReason },
    openInEditor: () => {
      const origin = selected?.origin
      if (origin == null) onEditor(entry.file, entry.line)
      else onEditor(origin.file, origin.line)
    },
  })
  const onLine = (line: number): void => {
    focus.current = line
    const found = isPiece ? null : objectAt(output?.objects ?? [], line)
    if (found !== null && found.key !== object) onObject(found)
  }

  const error = output?.head.error ?? null
  if (error !== null)
    return (
      <ViewState
        shape="failed"
        title={`${entryTitle(entry)} cannot be built`}
        detail={manyLines(error.message, 6000)}
        actions={
          error.file === '' ? undefined : (
            <FileLink file={error.file} line={error.line} onShow={onShowFile} onEditor={onEditor} />
          )
        }
      >
        {error.remedy === ''
          ? 'It is built again as soon as a file that it reads is saved.'
          : manyLines(error.remedy, 600)}
      </ViewState>
    )
  if (entry.state === 'elsewhere')
    return (
      <ViewState
        shape={entry.kind === 'component' ? 'empty' : 'not-installed'}
        title={`${entryTitle(entry)} is not built here`}
      >
        {manyLines(entry.note, 600)}
      </ViewState>
    )
  if (state.error !== null)
    return (
      <ViewState
        shape="failed"
        title={`The output of ${entryTitle(entry)} could not be read`}
        detail={manyLines(state.error.detail, 2000)}
      >
        {manyLines(state.error.message, 2000)}
      </ViewState>
    )
  if (output === null) return <SkeletonRows label={`Rendering ${entryTitle(entry)}`} />
  if (output.head.objectCount === 0)
    return (
      <ViewState shape="empty" title={`${entryTitle(entry)} holds no objects`}>
        Its build succeeded and is empty.
      </ViewState>
    )
  return (
    <>
      <ChangeBar
        hunks={marks.hunks.length}
        objects={output.objects}
        removed={output.head.removed.length}
        onStep={step}
      />
      {isPiece ? (
        <Note>
          {output.head.lineCount.toLocaleString()} lines are too many for one text: one object is shown at a time. Find
          above looks through all of them.
        </Note>
      ) : null}
      {isPiece && selected === null ? (
        <ViewState icon="file" title="Choose an object">
          {formatCountOf(output.head.objectCount, 'object')} stand in the list.
        </ViewState>
      ) : (
        <Suspense fallback={<SkeletonRows label="Loading the editor" />}>
          <DocumentView
            ref={document}
            label={`Output of ${entryTitle(entry)}`}
            identity={isPiece ? `${entry.key} ${object}` : entry.key}
            text={text}
            marks={marks}
            onLine={onLine}
            onReady={onReady}
          />
        </Suspense>
      )}
      <span className="visually-hidden" role="status">
        {selected === null ? '' : `${selected.kind} ${refTitle(selected)}`}
      </span>
    </>
  )
}

function Note({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <p className={styles.note} role="note">
      {children}
    </p>
  )
}

function ChangeBar({
  hunks,
  objects,
  removed,
  onStep,
}: {
  readonly hunks: number
  readonly objects: readonly RepositoryObject[]
  readonly removed: number
  readonly onStep: (direction: 1 | -1) => void
}): ReactElement | null {
  const changed = objects.filter(({ change }) => change === 'changed').length
  const added = objects.filter(({ change }) => change === 'added').length
  const parts = [
    changed > 0 ? `${changed} changed` : '',
    added > 0 ? `${added} added` : '',
    removed > 0 ? `${removed} removed` : '',
  ].filter((part) => part !== '')
  if (parts.length === 0) return null
  return (
    <div className={styles.changeBar} role="status" aria-label="Changes">
      <span className={styles.changeMark} aria-hidden="true" />
      <span>
        <b>Last save:</b> {parts.join(', ')} of {formatCountOf(objects.length, 'object')}
      </span>
      <span className={styles.end}>
        <IconButton
          icon="arrow-up"
          size="small"
          label="Previous difference"
          keys="Shift+N"
          offReason={hunks === 0 ? 'No line to go to' : ''}
          onClick={() => onStep(-1)}
        />
        <IconButton
          icon="arrow-down"
          size="small"
          label="Next difference"
          keys="N"
          offReason={hunks === 0 ? 'No line to go to' : ''}
          onClick={() => onStep(1)}
        />
      </span>
    </div>
  )
}

/** The object in whose lines this one stands; objects are in order. */
export function objectAt(objects: readonly RepositoryObject[], line: number): RepositoryObject | null {
  let low = 0
  let high = objects.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const object = objects[middle]
    if (object === undefined) return null
    if (line < object.line) high = middle - 1
    // The line after an object is the mark before the next.
    else if (line > object.line + object.lineCount) low = middle + 1
    else return object
  }
  return null
}
