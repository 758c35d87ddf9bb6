import { useCallback, useEffect, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { graphOfRows, neighbourhoodOf } from '../../graph/model.ts'
import { GraphView } from '../../graph/graph-view.tsx'
import { openObject } from '../../stores/navigation.ts'
import { allRows, rowsStore } from '../../stores/rows.ts'

const refreshMs = 1000

/** Version of the rows, told at most once a second: the graph of thousands of rows is not made anew for every frame. */
function useCalmVersion(): number {
  const [version, setVersion] = useState(() => rowsStore.getState().version)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const unsubscribe = rowsStore.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined
        setVersion(rowsStore.getState().version)
      }, refreshMs)
    })
    setVersion(rowsStore.getState().version)
    return () => {
      unsubscribe()
      clearTimeout(timer)
    }
  }, [])
  return version
}

/** dependsOn and sources around one object, from the rows that the lists hold. */
export function GraphTab({ reference }: { readonly reference: ObjectRef }): ReactElement {
  const version = useCalmVersion()
  const id = refKey(reference)
  const model = useMemo(
    () => neighbourhoodOf(graphOfRows(allRows().values(), reference.cluster), id),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `version` stands for the rows, which change in place
    [version, id, reference.cluster],
  )
  const open = useCallback((ref: ObjectRef) => openObject(ref, 'graph'), [])
  return <GraphView model={model} current={id} onOpen={open} />
}
