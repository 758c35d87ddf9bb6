/** What applying now would do, asked for as the dialog opens. The dialog goes on without it where it cannot be made. */
import { useEffect, useState } from 'react'
import type { ResumePreview } from '../../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { canDrift } from '../../stores/drift.ts'
import { callHost } from '../../stores/host.ts'

export interface PreviewState {
  /** There can be one: a single object that applies others. */
  readonly isOffered: boolean
  readonly isLoading: boolean
  readonly preview: ResumePreview | null
  readonly error: SluiceErrorData | null
  readonly again: () => void
}

export function usePreview(refs: readonly ObjectRef[]): PreviewState {
  const [only] = refs
  const ref = only !== undefined && refs.length === 1 && canDrift(only) ? only : null
  const key = ref === null ? '' : refKey(ref)
  const [round, setRound] = useState(0)
  const [state, setState] = useState<Pick<PreviewState, 'isLoading' | 'preview' | 'error'>>({
    isLoading: ref !== null,
    preview: null,
    error: null,
  })
  useEffect(() => {
    if (ref === null) return undefined
    const controller = new AbortController()
    setState((before) => ({ ...before, isLoading: true }))
    void callHost('drift.preview', { ref }, controller.signal).then((result) => {
      if (controller.signal.aborted) return
      setState(
        result.ok
          ? { isLoading: false, preview: result.value, error: null }
          : { isLoading: false, preview: null, error: result.error },
      )
    })
    return () => controller.abort()
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` stands for the reference
  }, [key, round])
  return { isOffered: ref !== null, ...state, again: () => setRound((before) => before + 1) }
}

/** Objects that change. */
export function changesOf(preview: ResumePreview): number {
  return preview.createdCount + preview.configuredCount + preview.recreatedCount + preview.prunedCount
}

/** Objects that are deleted, for good or to be created anew. */
export function deletionsOf(preview: ResumePreview): number {
  return preview.prunedCount + preview.recreatedCount
}

/** `Resume, 6 changes`; without a preview the act alone. */
export function previewLabel(label: string, preview: ResumePreview | null): string {
  if (preview === null) return label
  const changes = changesOf(preview)
  // What a release's upgrade changes is not counted.
  if (changes === 0 && preview.caution !== '') return label
  return `${label}, ${changes === 0 ? 'no changes' : changes === 1 ? '1 change' : `${changes.toLocaleString()} changes`}`
}
