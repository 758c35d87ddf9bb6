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
import { themeOf } from './theme.ts'

// SECURITY: item 3: the worker is a file of our own bundle, never a blob or a CDN's.
self.MonacoEnvironment = { getWorker: () => new EditorWorker() }

const themeName = 'sluice'

/** Makes the theme anew from the tokens that are in force now. */
export function applyTheme(): void {
  const isDark = document.documentElement.dataset['theme'] === 'dark'
  monacoEditor.defineTheme(themeName, themeOf(getComputedStyle(document.documentElement), isDark))
  monacoEditor.setTheme(themeName)
}

export interface ReadOnlyEditor {
  /** Appends text without moving what is on the screen. */
  append(text: string): void
  replace(text: string): void
  find(): void
  dispose(): void
}

/** A read-only YAML editor in `host`; dispose it, and its model goes with it. */
export function createReadOnlyEditor(host: HTMLElement, label: string): ReadOnlyEditor {
  applyTheme()
  const model = monacoEditor.createModel('', 'yaml')
  const style = getComputedStyle(document.documentElement)
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
    fontFamily: style.getPropertyValue('--font-mono').trim(),
    fontSize: 12,
    lineHeight: 20,
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
  return {
    append(text) {
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
