/**
 * Monaco with what Sluice needs of it and nothing more: the editor core, find, folding, clipboard, long lines, and YAML. This module
 * is loaded when the first text is shown; nothing else imports monaco. Themes are made from the tokens.
 */
import { editor as monacoEditor } from 'monaco-editor/editor/editor.api.js'
import 'monaco-editor/features/clipboard/register.js'
import 'monaco-editor/features/codicon/register.js'
import 'monaco-editor/features/find/register.js'
import 'monaco-editor/features/folding/register.js'
import 'monaco-editor/features/gotoLine/register.js'
import 'monaco-editor/features/longLinesHelper/register.js'
import 'monaco-editor/features/stickyScroll/register.js'
import 'monaco-editor/languages/definitions/yaml/register.js'
import EditorWorker from 'monaco-editor/editor/editor.worker.js?worker'
import { minimalEdit } from './minimal-edit.ts'
import { themeOf } from './theme.ts'
import styles from './document-view.module.css'

// SECURITY: item 3: the worker is a file of our own bundle, never a blob or a CDN's.
self.MonacoEnvironment = { getWorker: () => new EditorWorker() }

export const themeName = 'sluice'
export const lineHeightPx = 20

/** Makes the theme anew from the tokens that are in force now. */
export function applyTheme(): void {
  const isDark = document.documentElement.dataset['theme'] === 'dark'
  monacoEditor.defineTheme(themeName, themeOf(getComputedStyle(document.documentElement), isDark))
  monacoEditor.setTheme(themeName)
}

/** The font of every editor: measured once, by the first. */
export function fontOptions(): { readonly fontFamily: string; readonly fontSize: number; readonly lineHeight: number } {
  const fontFamily = getComputedStyle(document.documentElement).getPropertyValue('--font-mono').trim()
  return { fontFamily, fontSize: 12, lineHeight: lineHeightPx }
}

/**
 * What the first editor would do in one task: the parts that all editors share are made here, a frame each. The style sheet before the editor:
 * measuring a font would otherwise style the whole document anew in the same task.
 */
export const preparations: readonly (() => unknown)[] = [
  applyTheme,
  () => monacoEditor.createModel('', 'yaml').dispose(),
  () => monacoEditor.colorize('', 'plaintext', {}),
  () => monacoEditor.create(document.createElement('div'), { model: null, ...fontOptions() }).dispose(),
]

export interface ReadOnlyEditor {
  /** Appends text without moving what is on the screen. */
  append(text: string): void
  replace(text: string): void
  /** Shows another text from its beginning. */
  open(text: string): void
  /** Makes the text this one with one edit: the place on the screen and the folding of what stays are kept. */
  update(text: string): void
  /** Draws lines that changed, the lines that they stand for, and the lines of what is selected. */
  mark(marks: LineMarks): void
  /** Scrolls to a line; `isNear`: only when it is not on the screen. */
  reveal(line: number, isNear: boolean): void
  /** Calls back when the user puts the cursor into another line. */
  onLine(listener: (line: number) => void): void
  hasFocus(): boolean
  find(): void
  dispose(): void
}

/** Lines are 1-based. */
export interface LineMarks {
  /** `added` lines from `line` on are new; `removed` stood before them. */
  readonly hunks: readonly { readonly line: number; readonly added: number; readonly removed: readonly string[] }[]
  readonly selected: { readonly from: number; readonly to: number } | null
  /** The line that matters in it; 0 for none. */
  readonly focus: number
}

/** Characters beyond which the editor does without what looks at all lines: folding, guides, headings that stick. */
const largeText = 1_000_000
/** Gone lines of one place; more are counted. */
const maxGoneLines = 12

/** Lines that are gone, as they stand in a block between lines. */
function goneTexts(removed: readonly string[]): readonly string[] {
  if (removed.length <= maxGoneLines) return removed
  return [...removed.slice(0, maxGoneLines - 1), `… ${removed.length - maxGoneLines + 1} more lines`]
}

/** A block of lines. Text only. */
function blockOf(texts: readonly string[], className: string | undefined): HTMLElement {
  const block = document.createElement('div')
  block.className = className ?? ''
  for (const text of texts) {
    const line = document.createElement('div')
    line.textContent = text === '' ? ' ' : text
    block.append(line)
  }
  return block
}

/** A read-only YAML editor in `host`; dispose it, and its model goes with it. */
export function createReadOnlyEditor(host: HTMLElement, label: string): ReadOnlyEditor {
  applyTheme()
  const model = monacoEditor.createModel('', 'yaml')
  const view = monacoEditor.create(host, {
    model,
    theme: themeName,
    readOnly: true,
    domReadOnly: true,
    ariaLabel: label,
    automaticLayout: true,
    // Tab moves on, as everywhere else in the window.
    tabFocusMode: true,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    ...fontOptions(),
    renderControlCharacters: true,
    renderLineHighlight: 'line',
    occurrencesHighlight: 'off',
    links: false,
    contextmenu: false,
    wordWrap: 'off',
    largeFileOptimizations: true,
    padding: { top: 8, bottom: 8 },
    stickyScroll: { enabled: true, maxLineCount: 4 },
    find: { addExtraSpaceOnTop: false, seedSearchStringFromSelection: 'selection' },
  })
  const decorations = view.createDecorationsCollection()
  let zones: string[] = []
  let isOwnMove = false
  return {
    open(text) {
      const isLarge = text.length > largeText
      isOwnMove = true
      view.updateOptions({
        stickyScroll: { enabled: !isLarge, maxLineCount: 4 },
        folding: !isLarge,
        guides: { indentation: !isLarge },
      })
      model.setValue(text)
      view.setScrollPosition({ scrollTop: 0, scrollLeft: 0 })
      isOwnMove = false
    },
    update(text) {
      const edit = minimalEdit(model.getValue(), text)
      if (edit === null) return
      const start = model.getPositionAt(edit.start)
      const end = model.getPositionAt(edit.end)
      isOwnMove = true
      model.applyEdits([
        {
          range: {
            startLineNumber: start.lineNumber,
            startColumn: start.column,
            endLineNumber: end.lineNumber,
            endColumn: end.column,
          },
          text: edit.text,
        },
      ])
      isOwnMove = false
    },
    mark({ hunks, selected, focus }) {
      const whole = (from: number, to: number, options: object) => ({
        range: { startLineNumber: from, startColumn: 1, endLineNumber: to, endColumn: 1 },
        options: { isWholeLine: true, ...options },
      })
      decorations.set([
        ...hunks
          .filter((hunk) => hunk.added > 0)
          .map((hunk) =>
            whole(hunk.line, hunk.line + hunk.added - 1, {
              className: styles.added,
              linesDecorationsClassName: styles.addedMark,
            }),
          ),
        ...(selected === null
          ? []
          : [whole(selected.from, selected.to, { linesDecorationsClassName: styles.selected })]),
        ...(focus > 0 ? [whole(focus, focus, { className: styles.focused })] : []),
      ])
      view.changeViewZones((accessor) => {
        for (const zone of zones) accessor.removeZone(zone)
        zones = hunks
          .filter((hunk) => hunk.removed.length > 0)
          .map((hunk) =>
            accessor.addZone({
              afterLineNumber: hunk.line - 1,
              heightInPx: Math.min(hunk.removed.length, maxGoneLines) * lineHeightPx,
              domNode: blockOf(goneTexts(hunk.removed), styles.gone),
              marginDomNode: blockOf(
                goneTexts(hunk.removed).map(() => '−'),
                styles.goneMark,
              ),
            }),
          )
      })
    },
    reveal(line, isNear) {
      isOwnMove = true
      view.setPosition({ lineNumber: Math.min(line, model.getLineCount()), column: 1 })
      if (isNear) view.revealLineInCenterIfOutsideViewport(line)
      else view.revealLineNearTop(line)
      isOwnMove = false
    },
    onLine(listener) {
      view.onDidChangeCursorPosition((event) => {
        if (!isOwnMove) listener(event.position.lineNumber)
      })
    },
    hasFocus: () => view.hasWidgetFocus(),
    append(text) {
      isOwnMove = true
      const end = model.getFullModelRange()
      model.applyEdits([
        {
          range: {
            startLineNumber: end.endLineNumber,
            startColumn: end.endColumn,
            endLineNumber: end.endLineNumber,
            endColumn: end.endColumn,
          },
          text,
        },
      ])
      // Before the first page the cursor stood at the end as well as at the beginning.
      if (end.isEmpty()) view.setPosition({ lineNumber: 1, column: 1 })
      isOwnMove = false
    },
    replace(text) {
      const state = view.saveViewState()
      model.setValue(text)
      if (state !== null) view.restoreViewState(state)
    },
    find() {
      view.focus()
      void view.getAction('actions.find')?.run()
    },
    dispose() {
      view.dispose()
      model.dispose()
    },
  }
}
