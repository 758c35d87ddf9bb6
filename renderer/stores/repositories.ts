/** Local repositories: opening folders, and the place in the window that shows one. What is in a folder is streamed to the view itself. */
import type { CallName, InputOf, OutputOf } from '../../shared/contract/index.ts'
import type { Result } from '../bridge/bridge.ts'
import { callHost } from './host.ts'
import { navigate, openView } from './navigation.ts'
import { viewRoute } from '../app/routes.ts'
import { showFailure, showToast } from './toasts.ts'

/** Where in Repositories the window is. All '' : the list of folders. */
export interface RepositoryPlace {
  readonly repository: string
  /** Key of an entry; '' for none. */
  readonly entry: string
  /** Key of an object of it; '' for none. */
  readonly object: string
}

/** The place as the text that stands in a link: `ID/ENTRY/OBJECT`. */
export function formatPlace(place: Partial<RepositoryPlace>): string {
  const parts = [place.repository ?? '', place.entry ?? '', place.object ?? ''].map(encodeURIComponent)
  return parts.join('/').replace(/\/+$/, '')
}

export function parsePlace(text: string): RepositoryPlace {
  try {
    const [repository = '', entry = '', object = ''] = text.split('/').map(decodeURIComponent)
    if (/^[0-9a-f]{16}$/.test(repository)) return { repository, entry, object }
  } catch {
    // No place of ours.
  }
  return { repository: '', entry: '', object: '' }
}

/** `isReplacing` keeps a step within one entry out of the way back. */
export function openPlace(place: Partial<RepositoryPlace>, options: { readonly isReplacing?: boolean } = {}): void {
  navigate(viewRoute('repositories', formatPlace(place)), options)
}

/** Shows the native dialog and opens the folder that was chosen. */
export async function openFolder(): Promise<void> {
  const result = await act('repository.pick', {})
  if (result.ok && result.value?.repository != null) openView('repositories', result.value.repository)
}

/** Opens a folder by its path, after the main process asked. Says whether it is open. */
export async function openFolderAt(path: string): Promise<boolean> {
  const result = await act('repository.openPath', { path })
  if (!result.ok || result.value?.repository == null) return false
  openView('repositories', result.value.repository)
  return true
}

export async function forgetFolder(repository: string, name: string): Promise<void> {
  const result = await act('repository.forget', { repository })
  if (result.ok) showToast('info', `${name} is no longer in the list. Its files were not touched.`)
}

export async function refreshFolder(repository: string): Promise<void> {
  await act('repository.refresh', { repository })
}

/** Opens a file of a folder in the editor of the settings. */
export async function openInEditor(repository: string, file: string, line: number): Promise<void> {
  const result = await act('repository.openInEditor', { repository, file, line })
  if (result.ok && result.value !== null) showToast('info', `Opened ${file} in ${result.value.editor}`)
}

async function act<P extends CallName>(name: P, input: InputOf<P>): Promise<Result<OutputOf<P>>> {
  const result = await callHost(name, input)
  if (!result.ok) showFailure(result.error)
  return result
}
