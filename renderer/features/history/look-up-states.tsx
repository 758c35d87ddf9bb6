/** What the views of the past say instead of content, and how they are left. */
import type { ReactElement } from 'react'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { goBack, navigationStore, openView } from '../../stores/navigation.ts'
import { manyLines } from '../../ui/text/plain-text.ts'
import { ViewState } from '../../ui/view-state/view-state.tsx'

/** Back to where one came from; to the history where the view was opened by a link. */
export function leaveThePast(): void {
  if (navigationStore.getState().back.length > 0) goBack()
  else openView('history')
}

export function NoClusterState(): ReactElement {
  return (
    <ViewState shape="unreachable" title="No selected context leads to this cluster">
      Select its context: what is kept of it is looked up by its cluster.
    </ViewState>
  )
}

export function LookUpFailedState({
  title,
  error,
}: {
  readonly title: string
  readonly error: SluiceErrorData
}): ReactElement {
  return (
    <ViewState shape="failed" title={title} detail={manyLines(error.detail, 2000)}>
      {manyLines([error.message, error.remedy].filter((text) => text !== '').join(' '), 2000)}
    </ViewState>
  )
}
