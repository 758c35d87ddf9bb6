/** The draft of a bootstrap and what it needs from the engine: repositories, consents, a key. */
import { useEffect, useState } from 'react'
import type { BootstrapRepository, BootstrapTarget } from '../../../shared/model/bootstrap.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import { allowCredentials, allowHost } from '../../stores/drift-actions.ts'
import { addRepository, askBootstrapRepositories, pickKey } from '../../stores/hand-over.ts'
import { draftOf, keepDraft, readDraft, repositoryKey } from './bootstrap-draft.ts'
import type { BootstrapFormProps } from './bootstrap-form.tsx'

export interface BootstrapChoice {
  readonly form: BootstrapFormProps
  readonly isWanted: boolean
  /** A new one for each change that was meant; null: nothing to plan with (yet). */
  readonly target: BootstrapTarget | null
}

/** Typing is over after so long. */
const calmMs = 600

export function useBootstrap(context: ContextId, name: string): BootstrapChoice {
  const [draft, setDraft] = useState(() => draftOf(context, name))
  const [repositories, setRepositories] = useState<readonly BootstrapRepository[] | null>(null)
  const [error, setError] = useState<SluiceErrorData | null>(null)
  const [round, setRound] = useState(0)
  const { isWanted } = draft

  useEffect(() => {
    if (!isWanted) return undefined
    const controller = new AbortController()
    void askBootstrapRepositories(context, controller.signal).then((answer) => {
      if (controller.signal.aborted) return
      setRepositories('value' in answer ? answer.value : null)
      setError('value' in answer ? null : answer.error)
    })
    return () => controller.abort()
  }, [context, isWanted, round])

  const read = readDraft(draft, repositories ?? [])
  // What is planned with is what stands there once nobody types any more; a consent that was given is a change, too.
  const current = isWanted && read.target !== null ? JSON.stringify([read.target, read.repository, round]) : ''
  const [settled, setSettled] = useState('')
  useEffect(() => {
    if (current === settled) return undefined
    const timer = setTimeout(() => setSettled(current), settled === '' || current === '' ? 0 : calmMs)
    return () => clearTimeout(timer)
  }, [current, settled])
  const [target, setTarget] = useState<BootstrapTarget | null>(null)
  useEffect(() => {
    setTarget(settled === '' ? null : (JSON.parse(settled) as [BootstrapTarget])[0])
  }, [settled])

  const change = (more: Partial<typeof draft>): void => {
    const next = { ...draft, ...more }
    keepDraft(context, next)
    setDraft(next)
  }
  const again = (): void => setRound((before) => before + 1)
  return {
    isWanted,
    target: current === settled ? target : null,
    form: {
      draft,
      read,
      repositories,
      error,
      onChange: change,
      onAgain: again,
      onPickKey: () =>
        void pickKey().then((answer) => {
          if ('value' in answer && answer.value !== null) change({ key: answer.value })
          else if ('error' in answer) setError(answer.error)
        }),
      onAdd: async (url) => {
        const answer = await addRepository(context, url)
        if ('error' in answer) return answer.error
        if (answer.value !== null) {
          change({ repository: repositoryKey(answer.value), branch: null, secret: null })
          again()
        }
        return null
      },
      onAllowHost: ({ cluster, host }) => void allowHost(cluster, host, true).then(again),
      onAllowCredentials: ({ cluster, repository }) => {
        if (repository !== null) void allowCredentials(cluster, repository, true).then(again)
      },
    },
  }
}
