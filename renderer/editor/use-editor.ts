/**
 * The life of one editor in a component, whatever kind it is: loaded when it is first drawn, themed with the window, disposed with its
 * label or its component.
 */
import { useEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'
import { loadMonaco } from './load-monaco.ts'

export interface Disposable {
  dispose(): void
}

/**
 * `load` brings the code and makes the editor in the host element; `onCreated` is called with each new, empty one. Both may be new
 * functions at each drawing. `hasFailed`: Monaco could not be loaded; show the plain text.
 */
export function useEditor<T extends Disposable>(
  label: string,
  load: () => Promise<(host: HTMLElement, label: string) => T>,
  onCreated: (editor: T) => void,
): {
  readonly host: RefObject<HTMLDivElement | null>
  readonly editor: T | null
  readonly hasFailed: boolean
} {
  const host = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<T | null>(null)
  const [hasFailed, setFailed] = useState(false)
  const now = useRef({ load, onCreated })
  useEffect(() => {
    now.current = { load, onCreated }
  })

  useEffect(() => {
    const element = host.current
    if (element === null) return undefined
    let created: T | null = null
    let isGone = false
    let watcher: MutationObserver | null = null
    // Monaco takes its own theme for forced colours, and another one of its own after them.
    const forced = typeof window.matchMedia === 'function' ? window.matchMedia('(forced-colors: active)') : null
    let afterForced: (() => void) | null = null
    Promise.all([now.current.load(), loadMonaco()]).then(
      ([create, { applyTheme }]) => {
        if (isGone) return
        created = create(element, label)
        now.current.onCreated(created)
        setEditor(created)
        afterForced = () => {
          if (forced?.matches === false) applyTheme()
        }
        forced?.addEventListener('change', afterForced)
        watcher = new MutationObserver(applyTheme)
        watcher.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
      },
      () => setFailed(true),
    )
    return () => {
      isGone = true
      watcher?.disconnect()
      if (afterForced !== null) forced?.removeEventListener('change', afterForced)
      created?.dispose()
      setEditor(null)
    }
  }, [label])

  return { host, editor, hasFailed }
}
