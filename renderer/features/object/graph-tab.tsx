import { useCallback, useMemo } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { graphOfRows, neighbourhoodOf } from '../../graph/model.ts'
import { GraphView } from '../../graph/graph-view.tsx'
import { openObject } from '../../stores/navigation.ts'
import { allRows, rowsStore } from '../../stores/rows.ts'

/** dependsOn and sources around one object, from the rows that the lists hold. */
export function GraphTab({ reference }: { readonly reference: ObjectRef }): ReactElement {
  const version = useStore(rowsStore, (state) => state.version)
  const id = refKey(reference)
  const model = useMemo(
    () => neighbourhoodOf(graphOfRows(allRows().values(), reference.cluster), id),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `version` stands for the rows, which change in place
    [version, id, reference.cluster],
  )
  const open = useCallback((ref: ObjectRef) => openObject(ref, 'graph'), [])
  return <GraphView model={model} current={id} onOpen={open} />
}
