/**
 * Two texts beside each other in Monaco, whole or a part of something larger: their lines are compared in Monaco's worker and shown when that is
 * done. Says where each marked line stands, so that a column beside the editor can be aligned with it. Sets what it is given at once: how
 * much that may be is the caller's (diff-editor.ts).
 */
import { editor as monacoEditor } from 'monaco-editor/editor/editor.api.js'
import { applyTheme, fontOptions, lineHeightPx, themeName } from './monaco.ts'
import { isWithin, linesOf, noSpans, spansOf } from './diff-marks.ts'
import type { DiffMark, MarkSpans, Span } from './diff-marks.ts'
import { nextTask } from './turns.ts'
import styles from './diff-view.module.css'

interface MarkPlace {
  readonly field: string
  /** px from the top of the whole text. */
  readonly top: number
  readonly height: number
}

export interface DiffLayout {
  readonly places: readonly MarkPlace[]
  readonly contentHeight: number
  /** False although asked for where one column would hold too many lines that are gone. */
  readonly isInline: boolean
}

export interface PaneTexts {
  readonly git: string
  readonly live: string
  /** What the lines are called, by line from 0; 0: nothing. null: by their own number. */
  readonly gitNumbers: readonly number[] | null
  readonly liveNumbers: readonly number[] | null
  /** Lines, 1-based, that stand for others: they open with a click or Enter. */
  readonly folds: readonly { readonly gitLine: number; readonly liveLine: number }[]
  /** What these texts allow. */
  readonly canFold: boolean
  readonly canBeInline: boolean
}

interface PaneMatch {
  readonly side: 'git' | 'live'
  readonly line: number
  readonly column: number
  readonly length: number
  readonly isCurrent: boolean
}

export interface DiffPane {
  /** Shows other texts; resolves to false when later ones were given before these stood. Nothing of them is outlined. */
  open(texts: PaneTexts, marks: readonly DiffMark[]): Promise<boolean>
  /** `isWithNext`: from the next texts on, which are on their way; laying out the old ones anew would be a task of its own. */
  setInline(isInline: boolean, isWithNext: boolean): void
  setFolded(isFolded: boolean): void
  /** Outlines lines; `isRevealed`: and brings them into sight. null: none. */
  outline(spans: MarkSpans | null, isRevealed: boolean): void
  spanOf(field: string): MarkSpans | null
  /** Marks what was found, and brings the current one into sight. */
  showMatches(matches: readonly PaneMatch[]): void
  readonly scrollTop: () => number
  readonly setScrollTop: (top: number) => void
  readonly onLayout: (listener: (layout: DiffLayout) => void) => void
  readonly onScroll: (listener: (top: number) => void) => void
  readonly onKey: (listener: (event: KeyboardEvent) => boolean) => void
  readonly onField: (listener: (field: string) => void) => void
  /** A fold was opened: its index. */
  onFold(listener: (index: number) => void): void
  /** Lines were compared anew, with what was outlined before. */
  onCompared(listener: () => void): void
  readonly focus: () => void
  find(): void
  dispose(): void
}

const folding = { contextLineCount: 2, minimumLineCount: 4, revealLineCount: 20 }
/** Longer texts do without colours of their language. */
const largeText = 1_000_000
const leastNumberChars = 4

export function createDiffPane(host: HTMLElement, label: string): DiffPane {
  applyTheme()
  let texts: PaneTexts | null = null
  const view = monacoEditor.createDiffEditor(host, {
    theme: themeName,
    readOnly: true,
    domReadOnly: true,
    originalEditable: false,
    originalAriaLabel: `${label}, in Git`,
    modifiedAriaLabel: `${label}, in the cluster`,
    automaticLayout: true,
    renderSideBySide: true,
    useInlineViewWhenSpaceIsLimited: false,
    enableSplitViewResizing: false,
    renderOverviewRuler: false,
    renderMarginRevertIcon: false,
    renderGutterMenu: false,
    renderIndicators: false,
    ignoreTrimWhitespace: false,
    diffWordWrap: 'off',
    // Of the worker; beyond it whole lines are marked, not what in them differs.
    maxComputationTime: 700,
    hideUnchangedRegions: { ...folding, enabled: true },
    tabFocusMode: true,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    ...fontOptions(),
    lineNumbersMinChars: leastNumberChars,
    lineDecorationsWidth: 18,
    glyphMargin: false,
    folding: false,
    renderControlCharacters: true,
    renderLineHighlight: 'none',
    occurrencesHighlight: 'off',
    selectionHighlight: false,
    guides: { indentation: false },
    links: false,
    contextmenu: false,
    stickyScroll: { enabled: false },
    hover: { enabled: 'off' },
    scrollbar: {
      vertical: 'hidden',
      verticalScrollbarSize: 0,
      horizontalScrollbarSize: 8,
      alwaysConsumeMouseWheel: false,
    },
    find: { addExtraSpaceOnTop: false, seedSearchStringFromSelection: 'selection' },
  })
  const original = view.getOriginalEditor()
  const modified = view.getModifiedEditor()
  const numberIn = (numbers: readonly number[] | null | undefined, line: number): string => {
    if (numbers == null) return String(line)
    const number = numbers[line - 1] ?? 0
    return number === 0 ? '' : String(number)
  }
  original.updateOptions({ lineNumbers: (line) => numberIn(texts?.gitNumbers, line) })
  modified.updateOptions({ lineNumbers: (line) => numberIn(texts?.liveNumbers, line) })
  const collections = (): Record<'git' | 'live', monacoEditor.IEditorDecorationsCollection> => ({
    git: original.createDecorationsCollection(),
    live: modified.createDecorationsCollection(),
  })
  const marksOf = collections()
  const current = collections()
  const found = collections()
  const layoutListeners: ((layout: DiffLayout) => void)[] = []
  const comparedListeners: (() => void)[] = []
  let marks: readonly DiffMark[] = []
  let outlined: MarkSpans | null = null
  let round = 0
  let isOwnMove = false
  let isOpening = false
  let frame = 0
  let wished = { isFolded: true, isInline: false }
  const isInline = (): boolean => wished.isInline && texts?.canBeInline === true
  let isInlineNow = false
  /**
   * The lines that are gone are drawn once, in the colours that are known by then, and the editor that would ask for more is not on the screen: all of
   * them are asked for before. Asking for the last line does it.
   */
  const colourGone = (gone: monacoEditor.ITextModel | undefined): void => {
    if (gone !== undefined && isInlineNow) monacoEditor.colorizeModelLine(gone, gone.getLineCount())
  }
  let laidOut = ''
  const layOut = (): void => {
    const last = Math.max(...[texts?.gitNumbers, texts?.liveNumbers].map((numbers) => numbers?.at(-1) ?? 0))
    const options = {
      renderSideBySide: !isInline(),
      hideUnchangedRegions: { ...folding, enabled: wished.isFolded && texts?.canFold === true },
      lineNumbersMinChars: Math.max(leastNumberChars, String(last).length),
    }
    // Each setting of options lays out anew, whether they differ or not.
    if (laidOut === JSON.stringify(options)) return
    laidOut = JSON.stringify(options)
    isInlineNow = isInline()
    colourGone(view.getModel()?.original)
    view.updateOptions(options)
  }

  /** Made once for each comparison of the lines: asked for again with every step and every layout. */
  let spans: ReadonlyMap<string, MarkSpans> = new Map()
  const spanOf = (mark: DiffMark): MarkSpans => spans.get(mark.field) ?? noSpans

  const placeOf = (mark: DiffMark): MarkPlace | null => {
    const side = mark.liveLine > 0 ? modified : original
    const line = mark.liveLine > 0 ? mark.liveLine : mark.gitLine
    const lineCount = side.getModel()?.getLineCount() ?? 0
    if (line <= 0 || line > lineCount) return null
    const top = side.getTopForLineNumber(line)
    // A folded line has no height.
    if (line < lineCount && side.getTopForLineNumber(line + 1) <= top) return null
    const own = spanOf(mark)
    const span = mark.liveLine > 0 ? own.live : own.git
    return { field: mark.field, top, height: span === null ? lineHeightPx : (span.to - span.from + 1) * lineHeightPx }
  }

  const tellLayout = (): void => {
    if (frame !== 0) return
    frame = requestAnimationFrame(() => {
      frame = 0
      const layout = {
        places: marks.map(placeOf).filter((place) => place !== null),
        contentHeight: Math.max(modified.getContentHeight(), original.getContentHeight()),
        isInline: isInlineNow,
      }
      for (const listener of layoutListeners) listener(layout)
    })
  }

  /** Signs in the gutter for every difference; grey where a difference is no drift; folds as what they are. */
  const decorate = (): void => {
    const changes = view.getLineChanges() ?? []
    spans = spansOf(marks, changes)
    const quiet = marks.filter((mark) => mark.isQuiet)
    const quietLines = { git: linesOf(quiet, spans, 'git'), live: linesOf(quiet, spans, 'live') }
    const git: monacoEditor.IModelDeltaDecoration[] = []
    const live: monacoEditor.IModelDeltaDecoration[] = []
    for (const change of changes) {
      // An empty side is one empty line to the editor.
      const hasGit = change.originalEndLineNumber > 0 && texts?.git !== ''
      const hasLive = change.modifiedEndLineNumber > 0 && texts?.live !== ''
      if (hasLive && !quietLines.live.has(change.modifiedStartLineNumber))
        live.push(
          wholeLines(change.modifiedStartLineNumber, change.modifiedEndLineNumber, {
            linesDecorationsClassName: hasGit ? styles.differs : styles.added,
          }),
        )
      else if (hasGit && !hasLive && !quietLines.git.has(change.originalStartLineNumber))
        git.push(
          wholeLines(change.originalStartLineNumber, change.originalEndLineNumber, {
            linesDecorationsClassName: styles.removed,
          }),
        )
    }
    for (const mark of quiet) {
      const own = spanOf(mark)
      if (own.git !== null) git.push(wholeLines(own.git.from, own.git.to, quietOptions))
      if (own.live !== null) live.push(wholeLines(own.live.from, own.live.to, quietOptions))
    }
    for (const fold of texts?.folds ?? []) {
      git.push(...foldDecorations(fold.gitLine))
      live.push(...foldDecorations(fold.liveLine))
    }
    marksOf.git.set(git)
    marksOf.live.set(live)
  }

  const outline = (next: MarkSpans | null, isRevealed: boolean): void => {
    outlined = next
    current.git.set(outlineOf(next?.git ?? null))
    current.live.set(outlineOf(next?.live ?? null))
    if (next === null || !isRevealed) return
    isOwnMove = true
    for (const [side, span] of [
      [original, next.git],
      [modified, next.live],
    ] as const) {
      if (span === null) continue
      side.setPosition({ lineNumber: span.from, column: 1 })
      side.revealLinesInCenterIfOutsideViewport(span.from, span.to, monacoEditor.ScrollType.Immediate)
    }
    isOwnMove = false
  }

  const foldAt = (side: monacoEditor.ICodeEditor, line: number | undefined): number =>
    texts?.folds.findIndex((fold) => (side === original ? fold.gitLine : fold.liveLine) === line) ?? -1

  const disposables = [
    view.onDidUpdateDiff(() => {
      if (isOpening) return
      decorate()
      outline(outlined, false)
      for (const listener of comparedListeners) listener()
      tellLayout()
    }),
    modified.onDidContentSizeChange(tellLayout),
    original.onDidContentSizeChange(tellLayout),
    modified.onDidLayoutChange(tellLayout),
    modified.onDidChangeHiddenAreas(tellLayout),
  ]
  const dropModels = (): void => {
    const before = view.getModel()
    view.setModel(null)
    before?.original.dispose()
    before?.modified.dispose()
  }

  return {
    async open(next, nextMarks) {
      round += 1
      const own = round
      const language = next.git.length + next.live.length > largeText ? 'plaintext' : 'yaml'
      const models = {
        original: monacoEditor.createModel(next.git, language),
        modified: monacoEditor.createModel(next.live, language),
      }
      const viewModel = view.createViewModel(models)
      const isOvertaken = (): boolean => {
        if (own === round) return false
        viewModel.dispose()
        models.original.dispose()
        models.modified.dispose()
        return true
      }
      await viewModel.waitForDiff()
      if (isOvertaken()) return false
      // What went before, the new one and its signs are a task each.
      isOpening = true
      outline(null, false)
      found.git.clear()
      found.live.clear()
      marks = []
      spans = new Map()
      dropModels()
      texts = next
      // One side has none of it: nothing in the other is stronger than the rest, and the empty one is all hatched.
      host.dataset['empty'] = next.git === '' ? 'git' : next.live === '' ? 'live' : ''
      layOut()
      await nextTask()
      if (isOvertaken()) return false
      colourGone(models.original)
      view.setModel(viewModel)
      view.getModifiedEditor().setScrollPosition({ scrollTop: 0, scrollLeft: 0 }, monacoEditor.ScrollType.Immediate)
      await nextTask()
      if (own !== round) return false
      marks = nextMarks
      isOpening = false
      decorate()
      tellLayout()
      return true
    },
    setInline(isWished, isWithNext) {
      wished = { ...wished, isInline: isWished }
      if (isWithNext) return
      layOut()
      tellLayout()
    },
    setFolded(isWished) {
      wished = { ...wished, isFolded: isWished }
      layOut()
    },
    outline,
    spanOf: (field) => spans.get(field) ?? null,
    showMatches(matches) {
      const of = (side: 'git' | 'live'): monacoEditor.IModelDeltaDecoration[] =>
        matches
          .filter((match) => match.side === side)
          .map(({ line, column, length, isCurrent }) => ({
            range: {
              startLineNumber: line,
              startColumn: column + 1,
              endLineNumber: line,
              endColumn: column + 1 + length,
            },
            options: { inlineClassName: (isCurrent ? styles.currentMatch : styles.match) ?? '' },
          }))
      found.git.set(of('git'))
      found.live.set(of('live'))
      const shown = matches.find((match) => match.isCurrent)
      if (shown === undefined) return
      const side = shown.side === 'git' ? original : modified
      isOwnMove = true
      side.setPosition({ lineNumber: shown.line, column: shown.column + 1 })
      side.revealRangeInCenterIfOutsideViewport(
        {
          startLineNumber: shown.line,
          startColumn: shown.column + 1,
          endLineNumber: shown.line,
          endColumn: shown.column + 1 + shown.length,
        },
        monacoEditor.ScrollType.Immediate,
      )
      isOwnMove = false
    },
    scrollTop: () => modified.getScrollTop(),
    setScrollTop: (top) => modified.setScrollTop(top, monacoEditor.ScrollType.Immediate),
    onLayout: (listener) => void layoutListeners.push(listener),
    onScroll: (listener) => {
      disposables.push(
        modified.onDidScrollChange((event) => {
          if (event.scrollTopChanged || event.scrollHeightChanged) listener(event.scrollTop)
        }),
      )
    },
    onKey: (listener) => {
      for (const side of [original, modified])
        disposables.push(
          side.onKeyDown((event) => {
            if (!listener(event.browserEvent)) return
            event.preventDefault()
            event.stopPropagation()
          }),
        )
    },
    onField: (listener) => {
      for (const [side, lineOf] of [
        [original, (mark: DiffMark) => mark.gitLine],
        [modified, (mark: DiffMark) => mark.liveLine],
      ] as const)
        disposables.push(
          side.onDidChangeCursorPosition((event) => {
            if (isOwnMove || event.source !== 'mouse') return
            const line = event.position.lineNumber
            const mark = marks.find((each) => {
              const own = spanOf(each)
              const span = side === original ? own.git : own.live
              return lineOf(each) === line || (span !== null && isWithin(line, span.from, span.to))
            })
            if (mark !== undefined) listener(mark.field)
          }),
        )
    },
    onFold: (listener) => {
      for (const side of [original, modified])
        disposables.push(
          side.onMouseUp(({ target, event }) => {
            const index =
              event.leftButton && side.getSelection()?.isEmpty() !== false
                ? foldAt(side, target.position?.lineNumber)
                : -1
            if (index >= 0) listener(index)
          }),
          side.onKeyDown((event) => {
            const index = event.browserEvent.key === 'Enter' ? foldAt(side, side.getPosition()?.lineNumber) : -1
            if (index < 0) return
            event.preventDefault()
            event.stopPropagation()
            listener(index)
          }),
        )
    },
    onCompared: (listener) => void comparedListeners.push(listener),
    focus: () => modified.focus(),
    find() {
      modified.focus()
      void modified.getAction('actions.find')?.run()
    },
    dispose() {
      round += 1
      cancelAnimationFrame(frame)
      for (const disposable of disposables) disposable.dispose()
      dropModels()
      view.dispose()
    },
  }
}

const quietOptions = {
  className: styles.quiet,
  marginClassName: styles.quiet,
  linesDecorationsClassName: styles.quietMark,
  zIndex: 10_000,
}

function outlineOf(span: Span | null): monacoEditor.IModelDeltaDecoration[] {
  if (span === null) return []
  const options = { blockClassName: styles.current, blockDoesNotCollapse: true, blockPadding: [0, 0, 0, 0] }
  return [wholeLines(span.from, span.to, options)]
}

function foldDecorations(line: number): monacoEditor.IModelDeltaDecoration[] {
  return [
    wholeLines(line, line, { className: styles.fold, marginClassName: styles.fold }),
    {
      range: { startLineNumber: line, startColumn: 1, endLineNumber: line, endColumn: 1000 },
      options: { inlineClassName: styles.foldText ?? '' },
    },
  ]
}

function wholeLines(from: number, to: number, options: object): monacoEditor.IModelDeltaDecoration {
  return {
    range: { startLineNumber: from, startColumn: 1, endLineNumber: to, endColumn: 1 },
    options: { isWholeLine: true, ...options },
  }
}
