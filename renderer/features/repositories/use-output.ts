/** The output of one entry, read from the engine in pages, kept until a newer one is whole. */
import { useEffect, useState } from 'react'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { RepositoryObject, RepositoryOutput, RepositorySource } from '../../../shared/model/repository.ts'
import { neutralizeText } from '../../../shared/lib/text.ts'
import { callHost } from '../../stores/host.ts'

export interface Output {
  readonly entry: string
  readonly head: RepositoryOutput
  readonly objects: readonly RepositoryObject[]
  /** The whole text; null where it is too long to be shown in one piece. */
  readonly text: string | null
}

export interface OutputState {
  readonly output: Output | null
  readonly error: SluiceErrorData | null
}

/** Beyond this a text is shown object by object: characters. */
export const maxWholeText = 8_000_000
/** An output that is rendered anew while it is read is read again, so many times in one go. */
const maxRestarts = 5

/** `revision` of the stream: another one means that there is something new to read. */
export function useOutput(repository: string, entry: string, revision: number): OutputState {
  const [state, setState] = useState<OutputState>({ output: null, error: null })
  useEffect(() => {
    if (entry === '') return undefined
    const controller = new AbortController()
    void readOutput(repository, entry, controller.signal).then((result) => {
      if (!controller.signal.aborted && result !== null) setState(result)
    })
    return () => controller.abort()
  }, [repository, entry, revision])
  return state.output !== null && state.output.entry !== entry ? { output: null, error: null } : state
}

/** All pages of one revision; null when it was given up. */
export async function readOutput(
  repository: string,
  entry: string,
  signal: AbortSignal,
  call: typeof callHost = callHost,
): Promise<OutputState | null> {
  for (let restart = 0; restart <= maxRestarts; restart += 1) {
    const head = await call('repository.output', { repository, entry }, signal)
    if (signal.aborted) return null
    if (!head.ok) return { output: null, error: head.error }
    const { revision, objectCount, length } = head.value
    const [objects, text] = await Promise.all([
      readObjects(repository, entry, revision, objectCount, signal, call),
      length > maxWholeText ? null : readText(repository, entry, revision, signal, call),
    ])
    if (signal.aborted) return null
    const fault = 'code' in objects ? objects : text !== null && typeof text !== 'string' ? text : null
    if (!('code' in objects) && (text === null || typeof text === 'string'))
      return { output: { entry, head: head.value, objects, text }, error: null }
    if (fault !== null && fault.code !== 'Gone') return { output: null, error: fault }
  }
  // It changes faster than it is read: the stream will say when there is more.
  return null
}

async function readObjects(
  repository: string,
  entry: string,
  revision: number,
  count: number,
  signal: AbortSignal,
  call: typeof callHost,
): Promise<readonly RepositoryObject[] | SluiceErrorData> {
  const objects: RepositoryObject[] = []
  while (objects.length < count) {
    const page = await call('repository.objects', { repository, entry, revision, offset: objects.length }, signal)
    if (!page.ok) return page.error
    if (page.value.objects.length === 0) break
    objects.push(...page.value.objects)
  }
  return objects
}

async function readText(
  repository: string,
  entry: string,
  revision: number,
  signal: AbortSignal,
  call: typeof callHost,
  object?: string,
): Promise<string | SluiceErrorData> {
  let text = ''
  for (;;) {
    const page = await call(
      'repository.text',
      { repository, entry, revision, offset: text.length, ...(object === undefined ? {} : { object }) },
      signal,
    )
    if (!page.ok) return page.error
    text += page.value.text
    if (text.length >= page.value.total || page.value.text === '') return documentText(text)
  }
}

/**
 * SECURITY: item 13: text of a repository as the editor shows it: what would reorder or hide parts of it is made visible. It has as many
 * lines as before.
 */
export function documentText(text: string): string {
  return neutralizeText(text.replace(/[\u2028\u2029]/g, '\ufffd'))
}

/** Text of one object of an output that is too long to be shown whole; '' until it is here. */
export function useObjectText(repository: string, output: Output | null, object: string): string {
  const [loaded, setLoaded] = useState({ id: '', text: '' })
  const isNeeded = output !== null && output.text === null && object !== ''
  const entry = output?.entry ?? ''
  const revision = output?.head.revision ?? 0
  const id = `${entry}|${revision}|${object}`
  useEffect(() => {
    if (!isNeeded) return undefined
    const controller = new AbortController()
    void readText(repository, entry, revision, controller.signal, callHost, object).then((text) => {
      if (!controller.signal.aborted && typeof text === 'string') setLoaded({ id, text })
    })
    return () => controller.abort()
  }, [repository, entry, revision, object, isNeeded, id])
  return loaded.id === id ? loaded.text : ''
}

export interface SourceState {
  readonly source: RepositorySource | null
  readonly error: SluiceErrorData | null
}

/** A file of the folder; `change` of the stream: another one means that it may be another. */
export function useSource(repository: string, file: string, change: number): SourceState {
  const [state, setState] = useState<SourceState & { readonly file: string }>({ file: '', source: null, error: null })
  useEffect(() => {
    if (file === '') return undefined
    const controller = new AbortController()
    void callHost('repository.source', { repository, file }, controller.signal).then((result) => {
      if (controller.signal.aborted) return
      setState(
        result.ok
          ? { file, source: { ...result.value, text: documentText(result.value.text) }, error: null }
          : { file, source: null, error: result.error },
      )
    })
    return () => controller.abort()
  }, [repository, file, change])
  return state.file === file ? state : { source: null, error: null }
}
