/**
 * Text of Kubernetes objects, read-only, in Monaco. Owns the editor's life: lazy load, themes, disposal of models. Takes text in
 * pages and knows nothing of where it comes from.
 */
import { useEffect, useImperativeHandle, useRef } from 'react'
import type { ReactElement, Ref } from 'react'
import { loadMonaco } from './load-monaco.ts'
import type { ReadOnlyEditor } from './monaco.ts'
import { useEditor } from './use-editor.ts'
import styles from './yaml-view.module.css'

export interface YamlViewHandle {
  readonly find: () => void
}

const loadReadOnly = async () => (await loadMonaco()).createReadOnlyEditor

/** `pages` only grows while one text loads; a first page that changed replaces the text. */
export function YamlView({
  label,
  pages,
  ref,
}: {
  readonly label: string
  readonly pages: readonly string[]
  readonly ref?: Ref<YamlViewHandle>
}): ReactElement {
  const shown = useRef<readonly string[]>([])

  const { host, editor, hasFailed } = useEditor<ReadOnlyEditor>(label, loadReadOnly, () => {
    shown.current = []
  })

  useEffect(() => {
    if (editor === null) return
    const before = shown.current
    shown.current = pages
    if (before.length <= pages.length && before.every((page, index) => page === pages[index])) {
      for (const page of pages.slice(before.length)) editor.append(page)
    } else editor.replace(pages.join(''))
  }, [editor, pages])

  useImperativeHandle(ref, () => ({ find: () => editor?.find() }), [editor])

  // Without the editor the text is still there to be read.
  if (hasFailed) return <pre className={styles.plain}>{pages.join('')}</pre>
  return <div ref={host} className={styles.host} data-editor="yaml" />
}
