/**
 * Two texts of one object beside each other in Monaco: Git left, the cluster right, unchanged runs folded. The lines are compared in
 * Monaco's worker and shown when that is done, so that ten thousand of them keep nobody waiting. Says where each marked line stands, so
 * that a column beside the editor can be aligned with it.
 */
import { editor as monacoEditor } from 'monaco-editor/editor/editor.api.js'
import { applyTheme, themeName } from './monaco.ts'
import { isWithin, linesOf, noSpans, spansOf } from './diff-marks.ts'
import type { DiffMark, MarkSpans, Span } from './diff-marks.ts'
import styles from './diff-view.module.css'

export type { DiffMark } from './diff-marks.ts'

export interface MarkPlace {
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

export interface DiffEditor {
  /** Shows other texts from their first change on; resolves when they stand, or were replaced by later ones. */
  open(git: string, live: string, marks: readonly DiffMark[]): Promise<void>
  setInline(isInline: boolean): void
  setFolded(isFolded: boolean): void
  /** Outlines a field's lines and brings them into sight; null: none is current. */
  show(field: string | null): void
  scrollTop(): number
  setScrollTop(top: number): void
  /** Called when lines moved: folding, layout, another text. */
  onLayout(listener: (layout: DiffLayout) => void): void
  onScroll(listener: (top: number) => void): void
  /** Keys pressed in the editor; true: the caller took it. */
  onKey(listener: (event: KeyboardEvent) => boolean): void
  /** The cursor was put into another line: the field that is marked there. */
  onField(listener: (field: string) => void): void
  find(): void
  dispose(): void
}

const lineHeightPx = 20
const folding = { contextLineCount: 2, minimumLineCount: 4, revealLineCount: 20 }
/** Longer texts do without colours of their language. */
const largeText = 1_000_000
/** More differences are not decorated one by one: the colours of the lines are enough. */
const maxDecorated = 1500
/** With more differences hardly a line is left to fold, and every fold is two widgets that move with each scroll. */
const maxFolded = 64
/** Characters of both sides beyond which the texts are set in several tasks, so that none of them holds the window. */
const largeDiff = 60_000
/** Inline, Monaco draws every line that is gone at once, on the screen or not: beyond these both sides stand beside each other. */
const maxInline = { changes: 80, goneLines: 400 }

export function createDiffEditor(host: HTMLElement, label: string): DiffEditor {
  applyTheme()
  const style = getComputedStyle(document.documentElement)
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
    maxComputationTime: 3000,
    hideUnchangedRegions: { ...folding, enabled: true },
    tabFocusMode: true,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    fontFamily: style.getPropertyValue('--font-mono').trim(),
    fontSize: 12,
    lineHeight: lineHeightPx,
    lineNumbersMinChars: 4,
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
  const marksOf = { git: original.createDecorationsCollection(), live: modified.createDecorationsCollection() }
  const current = { git: original.createDecorationsCollection(), live: modified.createDecorationsCollection() }
  const layoutListeners: ((layout: DiffLayout) => void)[] = []
  let marks: readonly DiffMark[] = []
  let shown: string | null = null
  let round = 0
  let isOwnMove = false
  let isFolded = true
  let isOpening = false
  let isEmpty = { git: false, live: false }
  let frame = 0
  let isInlineWished = false
  /** What the texts that stand allow. */
  let can = { fold: true, inline: true }
  const isInline = (): boolean => isInlineWished && can.inline
  const layOut = (): void => {
    view.updateOptions({
      renderSideBySide: !isInline(),
      hideUnchangedRegions: { ...folding, enabled: isFolded && can.fold },
    })
  }

  /** Made once for each comparison of the lines: asked for again with every step and every layout. */
  let spans: ReadonlyMap<string, MarkSpans> = new Map()
  let changes: readonly monacoEditor.ILineChange[] = []
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
        isInline: isInline(),
      }
      for (const listener of layoutListeners) listener(layout)
    })
  }

  /** Signs in the gutter for every difference; grey where a difference is no drift. */
  const decorate = (): void => {
    changes = view.getLineChanges() ?? []
    spans = spansOf(marks, changes)
    const quiet = marks.filter((mark) => mark.isQuiet)
    const quietLines = { git: linesOf(quiet, spans, 'git'), live: linesOf(quiet, spans, 'live') }
    const git: monacoEditor.IModelDeltaDecoration[] = []
    const live: monacoEditor.IModelDeltaDecoration[] = []
    for (const change of changes.slice(0, maxDecorated)) {
      // An empty side is one empty line to the editor.
      const hasGit = change.originalEndLineNumber > 0 && !isEmpty.git
      const hasLive = change.modifiedEndLineNumber > 0 && !isEmpty.live
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
    for (const mark of quiet.slice(0, maxDecorated)) {
      const own = spanOf(mark)
      if (own.git !== null) git.push(wholeLines(own.git.from, own.git.to, quietOptions))
      if (own.live !== null) live.push(wholeLines(own.live.from, own.live.to, quietOptions))
    }
    marksOf.git.set(git)
    marksOf.live.set(live)
  }

  const outline = (isRevealed: boolean): void => {
    const mark = shown === null ? undefined : marks.find((each) => each.field === shown)
    const own = mark === undefined ? noSpans : spanOf(mark)
    const block = (span: Span | null): monacoEditor.IModelDeltaDecoration[] =>
      span === null
        ? []
        : [
            wholeLines(span.from, span.to, {
              blockClassName: styles.current,
              blockDoesNotCollapse: true,
              blockPadding: [0, 0, 0, 0],
            }),
          ]
    current.git.set(block(own.git))
    current.live.set(block(own.live))
    if (mark === undefined || !isRevealed) return
    isOwnMove = true
    for (const [side, span] of [
      [original, own.git],
      [modified, own.live],
    ] as const) {
      if (span === null) continue
      side.setPosition({ lineNumber: span.from, column: 1 })
      side.revealLinesInCenterIfOutsideViewport(span.from, span.to, monacoEditor.ScrollType.Immediate)
    }
    isOwnMove = false
  }

  const disposables = [
    view.onDidUpdateDiff(() => {
      if (isOpening) return
      decorate()
      outline(false)
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
    async open(git, live, nextMarks) {
      round += 1
      const own = round
      const size = git.length + live.length
      const isLarge = size > largeDiff
      const language = size > largeText ? 'plaintext' : 'yaml'
      const models = {
        original: monacoEditor.createModel(withoutLastBreak(git), language),
        modified: monacoEditor.createModel(withoutLastBreak(live), language),
      }
      const viewModel = view.createViewModel(models)
      const isOvertaken = (): boolean => own !== round
      await viewModel.waitForDiff()
      if (isOvertaken()) {
        viewModel.dispose()
        models.original.dispose()
        models.modified.dispose()
        return
      }
      isOpening = true
      dropModels()
      marks = []
      spans = new Map()
      isEmpty = { git: git === '', live: live === '' }
      // Flat and side by side first: what else these lines allow is known when they stand, and each is a task of its own.
      can = { fold: !isLarge, inline: !isLarge }
      layOut()
      if (isLarge) await nextTask()
      if (isOvertaken()) {
        viewModel.dispose()
        models.original.dispose()
        models.modified.dispose()
        return
      }
      view.setModel(viewModel)
      if (isLarge) {
        await nextTask()
        if (isOvertaken()) return
        const found = view.getLineChanges() ?? []
        can = { fold: found.length <= maxFolded, inline: can.inline }
        layOut()
        await nextTask()
        if (isOvertaken()) return
        can = { fold: can.fold, inline: found.length <= maxInline.changes && goneLines(found) <= maxInline.goneLines }
        layOut()
        await nextTask()
        if (isOvertaken()) return
      }
      marks = nextMarks
      isOpening = false
      decorate()
      if (isLarge) await nextTask()
      if (isOvertaken()) return
      outline(true)
      tellLayout()
    },
    setInline(wished) {
      isInlineWished = wished
      layOut()
      tellLayout()
    },
    setFolded(wished) {
      isFolded = wished
      layOut()
    },
    show(field) {
      shown = field
      outline(true)
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
            const found = marks.find((mark) => {
              const own = spanOf(mark)
              const span = side === original ? own.git : own.live
              return lineOf(mark) === line || (span !== null && isWithin(line, span.from, span.to))
            })
            if (found !== undefined) listener(found.field)
          }),
        )
    },
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

/** What waits, paints and input among it, has its turn. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

function goneLines(changes: readonly monacoEditor.ILineChange[]): number {
  return changes.reduce(
    (count, { originalStartLineNumber: from, originalEndLineNumber: to }) => count + (to === 0 ? 0 : to - from + 1),
    0,
  )
}

function withoutLastBreak(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

function wholeLines(from: number, to: number, options: object): monacoEditor.IModelDeltaDecoration {
  return {
    range: { startLineNumber: from, startColumn: 1, endLineNumber: to, endColumn: 1 },
    options: { isWholeLine: true, ...options },
  }
}
