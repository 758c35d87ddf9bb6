/** One opened folder: entries and objects at the left, output in the middle, source at the right; graph, problems and find in their place. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type {
  RepositoryEntry,
  RepositoryMatch,
  RepositoryObject,
  RepositoryRow,
  RepositoryTree,
} from '../../../shared/model/repository.ts'
import { keysOf } from '../../app/keymap.ts'
import { formatLink, viewRoute } from '../../app/routes.ts'
import { copyText } from '../../stores/actions.ts'
import { useCommands } from '../../stores/commands.ts'
import {
  forgetFolder,
  formatPlace,
  openFolder,
  openInEditor,
  openPlace,
  refreshFolder,
} from '../../stores/repositories.ts'
import type { RepositoryPlace } from '../../stores/repositories.ts'
import { openView } from '../../stores/navigation.ts'
import { uiStore } from '../../stores/ui-state.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Button, Segmented } from '../../ui/button/button.tsx'
import { Icon } from '../../ui/icon/icon.tsx'
import { Keys } from '../../ui/kbd/kbd.tsx'
import { useIsNarrow } from '../../ui/media/media.ts'
import { Menu } from '../../ui/menu/menu.tsx'
import type { MenuEntry } from '../../ui/menu/menu.tsx'
import { Split } from '../../ui/split/split.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Age } from '../../ui/time/age.tsx'
import { clippedTooltip } from '../../ui/tooltip/tooltip.tsx'
import { Banner, SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import { EntriesGraph } from './entries-graph.tsx'
import { contentOf } from './entry-model.ts'
import type { RepositoryContent } from './entry-model.ts'
import { EntryTree } from './entry-tree.tsx'
import type { EntryGroup } from './entry-tree.tsx'
import { FindPane, useFind } from './find-pane.tsx'
import { allFolders } from './folders-page.tsx'
import { ObjectList } from './object-list.tsx'
import { FileLink, OutputPane } from './output-pane.tsx'
import { SourcePane } from './source-pane.tsx'
import { useOutput } from './use-output.ts'
import styles from './repositories.module.css'

/** Steps that follow one another faster are one walk. */
const walkMs = 700

type Mode = 'output' | 'graph' | 'problems'

/** Pixels of the side panes, kept by name. */
const panes = {
  left: { name: 'repositories.left', start: 288, min: 200, max: 480 },
  right: { name: 'repositories.right', start: 400, min: 280, max: 760 },
} as const

function usePane(pane: (typeof panes)[keyof typeof panes]): readonly [number, (width: number) => void] {
  const width = useStore(uiStore, (state) => state.panels[pane.name]) ?? pane.start
  const set = useCallback(
    (next: number) => uiStore.setState((state) => ({ panels: { ...state.panels, [pane.name]: next } })),
    [pane.name],
  )
  return [width, set]
}

export function RepositoryPage({
  place,
  folders,
}: {
  readonly place: RepositoryPlace
  readonly folders: readonly RepositoryRow[]
}): ReactElement {
  const { repository } = place
  const stream = useStream('repository.watch', { repository })
  const content = useMemo(() => contentOf(stream.items), [stream.items])
  const isNarrow = useIsNarrow()
  const [mode, setMode] = useState<Mode>('output')
  const [chosenGroup, setGroup] = useState<EntryGroup | null>(null)
  const [text, setText] = useState('')
  const [isFinding, setFinding] = useState(false)
  const [target, setTarget] = useState<{ readonly line: number } | null>(null)
  const [shownFile, setShownFile] = useState<{ readonly file: string; readonly line: number } | null>(null)
  const [isSourceChosen, setSourceChosen] = useState<boolean | null>(null)
  const [leftWidth, setLeftWidth] = usePane(panes.left)
  const [rightWidth, setRightWidth] = usePane(panes.right)
  const search = useRef<HTMLInputElement>(null)

  const entry = content.byKey.get(place.entry) ?? firstEntry(content)
  const state = useOutput(
    repository,
    entry === null || entry.state === 'elsewhere' ? '' : entry.key,
    entry?.revision ?? 0,
  )
  const object = state.output?.objects.find((each) => each.key === place.object) ?? null
  const group = chosenGroup ?? (content.kustomizations.length === 0 ? 'files' : 'kustomizations')
  const found = useFind(repository, isFinding ? text : '', `${content.tree?.change ?? 0} ${waitingOf(content)}`)
  const isSourceOpen = isSourceChosen ?? !isNarrow

  const steppedAt = useRef(-Infinity)
  const openEntry = useCallback(
    (next: RepositoryEntry) => {
      // Walking along the list with the keys leaves one step on the way back, not one for each row.
      const isReplacing = performance.now() - steppedAt.current < walkMs
      steppedAt.current = performance.now()
      setShownFile(null)
      setMode('output')
      setFinding(false)
      openPlace({ repository, entry: next.key }, { isReplacing })
    },
    [repository],
  )
  const openEntryKey = useCallback(
    (key: string) => {
      const next = content.byKey.get(key)
      if (next !== undefined) openEntry(next)
    },
    [content, openEntry],
  )
  const selectObject = (next: RepositoryObject): void => {
    setShownFile(null)
    openPlace({ repository, entry: entry?.key ?? '', object: next.key }, { isReplacing: true })
  }
  const openMatch = (match: RepositoryMatch): void => {
    setFinding(false)
    setMode('output')
    setShownFile(null)
    openPlace({ repository, entry: match.entry, object: match.object.key })
    setTarget({ line: match.line })
  }
  const edit = useCallback((file: string, line: number) => void openInEditor(repository, file, line), [repository])
  const showFile = (file: string, line: number): void => {
    setShownFile({ file, line })
    setSourceChosen(true)
  }
  const clearFind = (): void => {
    setText('')
    setFinding(false)
  }
  useCommands({
    filter: () => {
      search.current?.focus()
      search.current?.select()
    },
    ...(isFinding ? { escape: clearFind } : {}),
  })
  // A place that names no entry yet gets the one that is shown, so that links and the way back are exact.
  useEffect(() => {
    if (entry !== null && place.entry === '') openPlace({ repository, entry: entry.key }, { isReplacing: true })
  }, [repository, entry, place.entry])

  const { tree } = content
  const name = tree?.name ?? folders.find((row) => row.key === repository)?.name ?? ''
  const bar = (
    <header className="viewbar">
      <h1 className="visually-hidden">Repositories</h1>
      <Menu
        label="Folders"
        align="start"
        trigger={
          <Button variant="quiet" icon="folder" iconEnd="chevron-down" className={styles.folderButton}>
            <b className="clip">{oneLine(name, 80)}</b>
          </Button>
        }
        entries={folderEntries(repository, name, folders)}
      />
      <span className={styles.barPath} {...clippedTooltip(tree?.folder ?? '')}>
        {oneLine(tree?.folder ?? '', 300)}
      </span>
      <LastChange content={content} />
      <span className="end">
        <Segmented<Mode>
          label="Show"
          value={mode}
          options={[
            { value: 'output', label: 'Output' },
            { value: 'graph', label: 'Graph' },
            ...(content.problems.length === 0
              ? []
              : [{ value: 'problems' as const, label: `Problems ${content.problems.length}` }]),
          ]}
          onChange={(next) => {
            setMode(next)
            setFinding(false)
          }}
        />
      </span>
    </header>
  )
  const problem = stateOf(stream.error, tree, repository, name)
  if (problem !== null)
    return (
      <div className={styles.page}>
        {bar}
        {problem}
      </div>
    )
  const isEmpty = content.kustomizations.length === 0 && content.files.length === 0
  if (isEmpty)
    return (
      <div className={styles.page}>
        {bar}
        {tree === null || tree.state === 'scanning' ? (
          <SkeletonRows label="Reading the folder" />
        ) : content.problems.length > 0 ? (
          <Problems content={content} onShow={showFile} onEditor={edit} />
        ) : (
          <ViewState
            shape="empty"
            title={`No Kustomization in ${oneLine(name, 80)}`}
            actions={<Button onClick={() => void openFolder()}>Open another folder…</Button>}
          >
            It holds neither a Flux Kustomization nor a kustomization.yaml. As soon as one is saved, it is built here.
          </ViewState>
        )}
      </div>
    )

  const output =
    entry === null ? null : (
      <OutputPane
        key={entry.key}
        repository={repository}
        entry={entry}
        state={state}
        object={place.object}
        target={target}
        onObject={selectObject}
        isSourceOpen={isSourceOpen}
        onSource={() => setSourceChosen(!isSourceOpen)}
        onEditor={edit}
        onShowFile={showFile}
      />
    )
  const source = shownFile === null ? sourceOf(entry, object) : { ...shownFile, why: '' }
  const middle =
    isFinding && text.trim() !== '' ? (
      <FindPane content={content} text={text} found={found} onOpen={openMatch} onClear={clearFind} />
    ) : mode === 'graph' ? (
      <EntriesGraph content={content} current={entry?.key ?? ''} onOpen={openEntryKey} />
    ) : mode === 'problems' ? (
      <Problems content={content} onShow={showFile} onEditor={edit} />
    ) : (
      output
    )
  const hasSource = isSourceOpen && entry !== null && mode !== 'graph' && !(isFinding && text.trim() !== '')
  return (
    <div className={styles.page}>
      {bar}
      <div className={styles.findBar} role="search">
        <div className={styles.findBox}>
          <Icon name="search" size={14} />
          <input
            ref={search}
            type="search"
            aria-label="Find in all rendered objects"
            placeholder="Find in all rendered objects: kind: ns: name: in: and any text"
            value={text}
            maxLength={500}
            spellCheck={false}
            onFocus={() => setFinding(true)}
            onChange={(event) => {
              setText(event.target.value)
              setFinding(true)
            }}
            onKeyDown={(event) => {
              if (event.key === 'Escape') {
                event.preventDefault()
                event.stopPropagation()
                if (text === '') search.current?.blur()
                else clearFind()
              } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
                event.preventDefault()
                document.querySelector<HTMLElement>('[role="listbox"][aria-label="Matches"]')?.focus()
              }
            }}
          />
          <span className={styles.findCount} role="status">
            {isFinding && found !== null && text.trim() !== '' ? formatCountOf(found.total, 'match', 'matches') : ''}
          </span>
          <Keys keys={keysOf('filter')} />
        </div>
      </div>
      <Banners content={content} onProblems={() => setMode('problems')} />
      <Split
        label="Resize entries"
        width={isNarrow ? Math.min(leftWidth, 232) : leftWidth}
        min={panes.left.min}
        max={panes.left.max}
        onWidth={setLeftWidth}
        end={false}
        side={
          <div className={styles.left}>
            <EntryTree
              content={content}
              group={group}
              onGroup={setGroup}
              current={entry?.key ?? ''}
              onOpen={openEntry}
            />
            <ObjectList
              objects={state.output?.objects ?? []}
              removed={state.output?.head.removed ?? []}
              current={place.object}
              onOpen={(next) => {
                selectObject(next)
                setMode('output')
                setFinding(false)
                setTarget({ line: next.line })
              }}
            />
          </div>
        }
        main={
          <Split
            label="Resize the source"
            width={rightWidth}
            min={panes.right.min}
            max={panes.right.max}
            onWidth={setRightWidth}
            main={middle}
            side={
              hasSource ? (
                <SourcePane
                  repository={repository}
                  entry={entry.key}
                  revision={state.output?.head.revision ?? 0}
                  object={shownFile === null && entry.error === null ? object : null}
                  file={source.file}
                  line={source.line}
                  why={source.why}
                  change={tree?.change ?? 0}
                  onEditor={edit}
                  onClose={() => setSourceChosen(false)}
                />
              ) : null
            }
          />
        }
      />
    </div>
  )
}

/** The one that builds what lies highest: it is likely to be the root of the others before they are rendered. */
function shallowest(entries: readonly RepositoryEntry[]): RepositoryEntry | null {
  const depth = (entry: RepositoryEntry): number => entry.directory.split('/').length
  return entries.reduce<RepositoryEntry | null>(
    (best, entry) => (best === null || depth(entry) < depth(best) ? entry : best),
    null,
  )
}

/** What is shown first: the root of the Kustomizations, else the first file that nothing includes. */
function firstEntry(content: RepositoryContent): RepositoryEntry | null {
  const declared = new Set(
    content.kustomizations.flatMap(({ links }) =>
      links.filter(({ relation }) => relation === 'declares').map(({ to }) => to),
    ),
  )
  return (
    shallowest(content.kustomizations.filter(({ key, state }) => state !== 'elsewhere' && !declared.has(key))) ??
    shallowest(content.kustomizations) ??
    content.files.find(({ isRoot, kind }) => isRoot && kind === 'build') ??
    content.files[0] ??
    null
  )
}

function waitingOf(content: RepositoryContent): number {
  return [...content.kustomizations, ...content.files].filter(({ state }) => state === 'waiting').length
}

function sourceOf(
  entry: RepositoryEntry | null,
  object: RepositoryObject | null,
): { readonly file: string; readonly line: number; readonly why: string } {
  if (entry?.error != null && entry.error.file !== '')
    return { file: entry.error.file, line: entry.error.line, why: 'Failed at' }
  if (object !== null)
    return object.origin === null
      ? { file: '', line: 0, why: '' }
      : {
          file: object.origin.file,
          line: object.origin.line,
          why: object.origin.isGenerated ? 'Generated by' : '',
        }
  // A kustomization file is shown from its beginning; an object stands somewhere in its file.
  return { file: entry?.file ?? '', line: entry?.kind === 'kustomization' ? entry.line : 0, why: '' }
}

function folderEntries(repository: string, name: string, folders: readonly RepositoryRow[]): MenuEntry[] {
  const others = [...folders].sort((a, b) => b.openedAt - a.openedAt).slice(0, 10)
  return [
    ...others.map((row): MenuEntry => ({
      label: oneLine(`${row.name} · ${row.folder}`, 90),
      isChecked: row.key === repository,
      onSelect: () => openPlace({ repository: row.key }),
    })),
    ...(others.length === 0 ? [] : (['rule'] as const)),
    { label: 'Open a folder…', icon: 'folder', onSelect: () => void openFolder() },
    { label: 'All folders', icon: 'repo', onSelect: () => openView('repositories', allFolders) },
    { label: 'Read the folder again', icon: 'reconcile', onSelect: () => void refreshFolder(repository) },
    {
      label: 'Copy link',
      icon: 'link',
      onSelect: () => void copyText(formatLink(viewRoute('repositories', formatPlace({ repository }))), 'Link'),
    },
    'rule',
    { label: 'Forget this folder', icon: 'trash', onSelect: () => void forgetFolder(repository, name) },
  ]
}

/** What the last save did, all over the folder. */
function LastChange({ content }: { readonly content: RepositoryContent }): ReactElement | null {
  const { tree } = content
  if (tree === null || tree.state !== 'ready') return null
  const last = tree.lastChange
  if (last === null) return null
  const what =
    last.fileCount === 1
      ? (last.files[0] ?? '')
      : last.fileCount === 0
        ? 'Folder read again'
        : formatCountOf(last.fileCount, 'file')
  const failed = [...content.kustomizations, ...content.files].filter(({ state }) => state === 'failed').length
  const effect = !last.isComplete
    ? 'rendering…'
    : last.objectCount === 0
      ? failed > 0
        ? `${formatCountOf(failed, 'Kustomization')} cannot be built`
        : 'no object changed'
      : `${formatCountOf(last.objectCount, 'object')} in ${formatCountOf(last.entryCount, 'Kustomization')} changed`
  return (
    <span className={styles.lastChange} role="status" {...clippedTooltip(last.files.join('\n'))}>
      <Icon name="changes" size={14} />
      <span className="clip">
        {oneLine(what.split('/').at(-1) ?? what, 120)} · {effect} · <Age at={last.at} suffix=" ago" />
      </span>
    </span>
  )
}

function Banners({
  content,
  onProblems,
}: {
  readonly content: RepositoryContent
  readonly onProblems: () => void
}): ReactElement | null {
  const { tree, problems } = content
  const hasFlux = content.kustomizations.length > 0
  const watchProblem = tree?.watchProblem ?? ''
  if (hasFlux && watchProblem === '' && problems.length === 0) return null
  return (
    <div className={styles.banners}>
      {hasFlux ? null : (
        <Banner tone="unknown" shape="empty">
          <b>No Flux Kustomization in this folder.</b> Each kustomization is built as <code>kustomize build</code> does,
          without what Flux adds.
        </Banner>
      )}
      {watchProblem === '' ? null : (
        <Banner tone="drifted" shape="stale">
          {manyLines(watchProblem, 400)}
        </Banner>
      )}
      {problems.length === 0 ? null : (
        <Banner
          tone="failed"
          shape="failed"
          actions={
            <Button size="small" onClick={onProblems}>
              Show {problems.length === 1 ? 'it' : 'them'}
            </Button>
          }
        >
          {formatCountOf(problems.length, 'file')} could not be read; the others are built.
        </Banner>
      )}
    </div>
  )
}

function Problems({
  content,
  onShow,
  onEditor,
}: {
  readonly content: RepositoryContent
  readonly onShow: (file: string, line: number) => void
  readonly onEditor: (file: string, line: number) => void
}): ReactElement {
  return (
    <ul className={styles.problems} aria-label="Problems">
      {content.problems.slice(0, 500).map((problem) => (
        <li key={problem.key}>
          <FileLink file={problem.file} line={problem.line} onShow={onShow} onEditor={onEditor} />
          <p className="selectable">{manyLines(problem.message, 2000)}</p>
          {problem.remedy === '' ? null : <p className={styles.faint}>{manyLines(problem.remedy, 600)}</p>}
        </li>
      ))}
    </ul>
  )
}

/** A folder that cannot be shown at all; null where it can. */
function stateOf(
  ended: { readonly message: string; readonly remedy: string } | null,
  tree: RepositoryTree | null,
  repository: string,
  name: string,
): ReactElement | null {
  const others = (
    <>
      <Button onClick={() => void openFolder()}>Open another folder…</Button>
      <Button onClick={() => void forgetFolder(repository, name)}>Forget this folder</Button>
    </>
  )
  if (ended !== null)
    return (
      <ViewState shape="failed" title={`${oneLine(name, 80)} could not be opened`} actions={others}>
        {manyLines(`${ended.message}. ${ended.remedy}`, 1000)}
      </ViewState>
    )
  if (tree === null) return null
  const folder = oneLine(tree.folder, 300)
  switch (tree.state) {
    case 'missing':
      return (
        <ViewState shape="unreachable" title={`${oneLine(name, 80)} is gone`} detail={folder} actions={others}>
          The folder was moved, renamed or deleted, or its drive is not there. It is looked for every other second, and
          shown again when it is back.
        </ViewState>
      )
    case 'forbidden':
      return (
        <ViewState shape="forbidden" title={`You may not read ${oneLine(name, 80)}`} detail={folder} actions={others}>
          The system refuses to list the folder. It is tried again every other second.
        </ViewState>
      )
    case 'failed':
      return (
        <ViewState
          shape="failed"
          title={`${oneLine(name, 80)} could not be read`}
          detail={manyLines(tree.error?.detail ?? '', 2000)}
          actions={
            <>
              <Button variant="primary" onClick={() => void refreshFolder(repository)}>
                Try again
              </Button>
              {others}
            </>
          }
        >
          {manyLines(`${tree.error?.message ?? ''} ${tree.error?.remedy ?? ''}`, 2000)}
        </ViewState>
      )
    default:
      return null
  }
}
