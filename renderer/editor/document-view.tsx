/**
 * A document of Kubernetes objects, read-only, in Monaco, with marks: what changed, what is selected. Owns the editor's life; knows nothing
 * of where text and marks come from.
 */
import { useEffect, useImperativeHandle, useRef } from 'react'
import type { ReactElement, Ref } from 'react'
import { loadMonaco } from './load-monaco.ts'
import type { LineMarks, ReadOnlyEditor } from './monaco.ts'
import styles from './document-view.module.css'
import { useEditor } from './use-editor.ts'

export interface DocumentViewHandle {
  readonly find: () => void
  /** Scrolls there; `isNear`: only when it is not on the screen. */
  readonly reveal: (line: number, isNear: boolean) => void
  readonly hasFocus: () => boolean
}

/**
 * `identity` names the document: another one starts at its beginning, the same one keeps its place when `text` changes. `onReady` is called
 * when marks and text of this identity stand.
 */
export function DocumentView({
  label,
  identity,
  text,
  marks,
  onLine,
  onReady,
  ref,
}: {
  readonly label: string
  readonly identity: string
  readonly text: string
  readonly marks: LineMarks
  readonly onLine?: (line: number) => void
  readonly onReady?: (handle: DocumentViewHandle) => void
  readonly ref?: Ref<DocumentViewHandle>
}): ReactElement {
  const shown = useRef<{ readonly identity: string; readonly text: string } | null>(null)
  const listener = useRef(onLine)
  const ready = useRef(onReady)
  useEffect(() => {
    listener.current = onLine
    ready.current = onReady
  })

  const { host, editor, hasFailed } = useEditor<ReadOnlyEditor>(label, loadReadOnly, (created) => {
    created.onLine((line) => listener.current?.(line))
    shown.current = null
  })

  useEffect(() => {
    if (editor === null) return
    const before = shown.current
    if (before?.identity === identity && before.text === text) {
      editor.mark(marks)
      return
    }
    // Marks of the text before would be moved by the edit.
    editor.mark(noMarks)
    if (before?.identity === identity) editor.update(text)
    else editor.open(text)
    shown.current = { identity, text }
    editor.mark(marks)
    ready.current?.(handleOf(editor))
  }, [editor, identity, text, marks])

  useImperativeHandle(ref, () => handleOf(editor), [editor])

  // Without the editor the text is still there to be read.
  if (hasFailed) return <pre className={styles.plain}>{text}</pre>
  return <div ref={host} className={styles.host} data-editor="document" data-identity={identity} />
}

const loadReadOnly = async () => (await loadMonaco()).createReadOnlyEditor
const noMarks: LineMarks = { hunks: [], selected: null, focus: 0 }

function handleOf(editor: ReadOnlyEditor | null): DocumentViewHandle {
  return {
    find: () => editor?.find(),
    reveal: (line, isNear) => editor?.reveal(line, isNear),
    hasFocus: () => editor?.hasFocus() === true,
  }
}
