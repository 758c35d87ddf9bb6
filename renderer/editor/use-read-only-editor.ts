/** The life of one read-only editor in a component: loaded when it is first drawn, themed with the window, disposed with its label. */
import { useEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'
import type { ReadOnlyEditor } from './monaco.ts'

/** `onCreated` is called with each new, empty editor. `hasFailed`: Monaco could not be loaded; show the plain text. */
export function useReadOnlyEditor(
  label: string,
  onCreated: (editor: ReadOnlyEditor) => void,
): {
  readonly host: RefObject<HTMLDivElement | null>
  readonly editor: ReadOnlyEditor | null
  readonly hasFailed: boolean
} {
  const host = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<ReadOnlyEditor | null>(null)
  const [hasFailed, setFailed] = useState(false)
  const prepare = useRef(onCreated)
  useEffect(() => {
    prepare.current = onCreated
  })

  useEffect(() => {
    const element = host.current
    if (element === null) return undefined
    let created: ReadOnlyEditor | null = null
    let isGone = false
    let watcher: MutationObserver | null = null
    import('./monaco.ts').then(
      ({ applyTheme, createReadOnlyEditor }) => {
        if (isGone) return
        created = createReadOnlyEditor(element, label)
        prepare.current(created)
        setEditor(created)
        watcher = new MutationObserver(applyTheme)
        watcher.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
      },
      () => setFailed(true),
    )
    return () => {
      isGone = true
      watcher?.disconnect()
      created?.dispose()
      setEditor(null)
    }
  }, [label])

  return { host, editor, hasFailed }
}
