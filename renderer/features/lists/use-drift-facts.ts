import { useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { driftObjectsStore, driftStore, lookAtDriftObjects, selectObjectsByOwner } from '../../stores/drift.ts'
import { driftAskedBy } from './row-filter.ts'
import type { DriftFacts } from './row-filter.ts'

const noObjects: DriftFacts['objects'] = new Map()

/** What the filter's text asks to know of drift, kept current; null where it asks nothing, so that comparisons disturb no list. */
export function useDriftFacts(text: string): DriftFacts | null {
  const asked = driftAskedBy(text)
  const owners = useStore(driftStore, (state) => (asked === 'nothing' ? null : state.items))
  const objects = useStore(driftObjectsStore, (state) => (asked === 'objects' ? state.items : null))
  useEffect(() => (asked === 'objects' ? lookAtDriftObjects() : undefined), [asked])
  return useMemo(
    () => (owners === null ? null : { owners, objects: objects === null ? noObjects : selectObjectsByOwner(objects) }),
    [owners, objects],
  )
}
