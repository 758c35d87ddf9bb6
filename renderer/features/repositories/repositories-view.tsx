/**
 * Feature repositories: what Flux would build of a local folder, while it is edited. Needs no cluster. Owns the view of folders and of one
 * folder: its Kustomizations, their rendered output, where each object comes from, find over all of it. Knows files only by what the engine
 * tells; it names a folder by its id and a file by its path inside.
 */
import { useEffect, useMemo } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { navigationStore } from '../../stores/navigation.ts'
import { openPlace, parsePlace } from '../../stores/repositories.ts'
import type { RepositoryPlace } from '../../stores/repositories.ts'
import { useStream } from '../../stores/use-stream.ts'
import { allFolders, FoldersPage } from './folders-page.tsx'
import { RepositoryPage } from './repository-page.tsx'

/** Where the view was last: coming back to it from another one goes on there. */
let lastPlace: RepositoryPlace | null = null

export function RepositoriesView(): ReactElement {
  const text = useStore(navigationStore, ({ route }) => (route.page === 'view' ? route.filter : ''))
  const place = useMemo(() => parsePlace(text), [text])
  const folders = useStream('repositories.watch', {})
  const isKnown = !folders.isReady || folders.items.has(place.repository)
  useEffect(() => {
    if (place.repository !== '') lastPlace = place
    else if (text === allFolders) lastPlace = null
    else if (lastPlace !== null) openPlace(lastPlace, { isReplacing: true })
  }, [place, text])
  if (place.repository === '' || !isKnown)
    return <FoldersPage folders={folders} isUnknown={place.repository !== '' && !isKnown} />
  return <RepositoryPage key={place.repository} place={place} folders={[...folders.items.values()]} />
}
