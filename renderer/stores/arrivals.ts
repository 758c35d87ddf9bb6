/** Where a commit has arrived: asked for, and asked for anew while the history grows, one question at a time. */
import { useEffect, useRef, useState } from 'react'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import type { CommitArrivals } from '../../shared/model/trace.ts'
import { callHost } from './host.ts'
import { useStream } from './use-stream.ts'

export interface ArrivalsLook {
  /** null until it is known. */
  readonly found: CommitArrivals | null
  readonly error: SluiceErrorData | null
}

/** Of a storm of entries each second one answer is enough. */
const againMs = 1000

export function useArrivals(commit: string): ArrivalsLook {
  const changes = useStream('history.changes', {}).items.get('changes')?.added ?? 0
  const [look, setLook] = useState<ArrivalsLook & { readonly commit: string }>({ commit, found: null, error: null })
  const askedAt = useRef(0)
  useEffect(() => {
    let isGone = false
    const ask = (): void => {
      askedAt.current = Date.now()
      void callHost('history.where', { commit }).then((result) => {
        if (isGone) return
        setLook((before) => {
          if (result.ok) return { commit, found: result.value, error: null }
          return { commit, found: before.commit === commit ? before.found : null, error: result.error }
        })
      })
    }
    const timer = setTimeout(ask, Math.max(0, askedAt.current + againMs - Date.now()))
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [commit, changes])
  return look.commit === commit ? look : { found: null, error: null }
}
