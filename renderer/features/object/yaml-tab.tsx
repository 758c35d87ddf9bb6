/** The object's YAML, read-only, loaded in pages: the first is shown at once, a line says how far the rest is. */
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { YamlViewHandle } from '../../editor/yaml-view.tsx'
import { copyText } from '../../stores/actions.ts'
import { callHost } from '../../stores/host.ts'
import { Button } from '../../ui/button/button.tsx'
import { manyLines } from '../../ui/text/plain-text.ts'
import { SkeletonRows, ViewState } from '../../ui/view-state/view-state.tsx'
import styles from './object-page.module.css'

const YamlView = lazy(async () => ({ default: (await import('../../editor/yaml-view.tsx')).YamlView }))

interface Loaded {
  readonly pages: readonly string[]
  readonly loaded: number
  readonly total: number
  readonly isComplete: boolean
  readonly error: SluiceErrorData | null
}

const nothing: Loaded = { pages: [], loaded: 0, total: 0, isComplete: false, error: null }
const maxCopied = 200_000
/** A moved object is read anew at most so often in one go. */
const maxRestarts = 3

/** Reads all pages; each is shown as it comes. An object that moves meanwhile is read from its beginning. */
export async function loadYaml(
  ref: ObjectRef,
  signal: AbortSignal,
  show: (loaded: Loaded) => void,
  call: typeof callHost = callHost,
): Promise<void> {
  for (let restart = 0; ; restart += 1) {
    let pages: string[] = []
    let etag: string | undefined
    let loaded = 0
    for (;;) {
      const result = await call('object.yaml', { ref, offset: loaded, ...(etag === undefined ? {} : { etag }) }, signal)
      if (signal.aborted) return
      if (!result.ok) {
        const hasMoved = etag !== undefined && (result.error.code === 'Conflict' || result.error.code === 'Gone')
        if (hasMoved && restart < maxRestarts) break
        show({ pages, loaded, total: loaded, isComplete: false, error: result.error })
        return
      }
      const { text, total } = result.value
      etag = result.value.etag
      pages = [...pages, text]
      loaded += text.length
      const isComplete = loaded >= total || text === ''
      show({ pages, loaded, total, isComplete, error: null })
      if (isComplete) return
    }
  }
}

export function YamlTab({ reference }: { readonly reference: ObjectRef }): ReactElement {
  const key = refKey(reference)
  const [loaded, setLoaded] = useState<Loaded>(nothing)
  const [round, setRound] = useState(0)
  const editor = useRef<YamlViewHandle>(null)
  useEffect(() => {
    const controller = new AbortController()
    void loadYaml(reference, controller.signal, setLoaded)
    return () => controller.abort()
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` stands for the reference
  }, [key, round])
  const reload = useCallback(() => setRound((before) => before + 1), [])
  const name = `${reference.kind} ${refTitle(reference)}`

  if (loaded.error !== null && loaded.pages.length === 0)
    return (
      <ViewState
        shape={loaded.error.code === 'Forbidden' ? 'forbidden' : 'failed'}
        title={`The YAML of ${name} could not be read`}
        detail={manyLines(loaded.error.detail, 2000)}
        actions={<Button onClick={reload}>Try again</Button>}
      >
        {manyLines(loaded.error.message, 2000)}
      </ViewState>
    )
  if (loaded.pages.length === 0) return <SkeletonRows label="Loading YAML" />
  const isCopyable = loaded.isComplete && loaded.loaded <= maxCopied
  return (
    <>
      <div className={styles.tools}>
        <span className={styles.faint}>Read-only. Values of Secrets are masked.</span>
        {!loaded.isComplete && loaded.error === null && (
          <span className={styles.progress} role="status">
            <progress value={loaded.loaded} max={loaded.total} aria-label="Loading YAML" />
            {size(loaded.loaded)} of {size(loaded.total)}
          </span>
        )}
        {loaded.error !== null && (
          <span className={styles.failedText} role="alert">
            Stopped at {size(loaded.loaded)}: {manyLines(loaded.error.message, 300)}
          </span>
        )}
        <span className={styles.toolsEnd}>
          <Button size="small" icon="search" keys="Mod+F" onClick={() => editor.current?.find()}>
            Find
          </Button>
          <Button
            size="small"
            icon="copy"
            offReason={
              isCopyable
                ? ''
                : loaded.isComplete
                  ? 'More than 200,000 characters: select what you need'
                  : 'Still loading'
            }
            onClick={() => void copyText(loaded.pages.join(''), 'YAML')}
          >
            Copy
          </Button>
          <Button size="small" icon="reconcile" onClick={reload}>
            Reload
          </Button>
        </span>
      </div>
      <Suspense fallback={<SkeletonRows label="Loading the editor" />}>
        <YamlView ref={editor} label={`YAML of ${name}`} pages={loaded.pages} />
      </Suspense>
    </>
  )
}

function size(characters: number): string {
  return characters < 1_000_000
    ? `${Math.round(characters / 1000).toLocaleString()} kB`
    : `${(characters / 1e6).toFixed(1)} MB`
}
