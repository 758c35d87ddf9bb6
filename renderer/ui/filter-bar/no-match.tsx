import type { ReactElement } from 'react'
import { Button } from '../button/button.tsx'
import { ViewState } from '../view-state/view-state.tsx'

/** A filter that hides everything: which, how much it hides (`12 objects`), and the way out. */
export function NoMatch({
  what,
  text,
  hidden,
  onClear,
}: {
  readonly what: 'row' | 'object' | 'entry'
  /** The whole filter (`filterText`). */
  readonly text: string
  readonly hidden: string
  readonly onClear: () => void
}): ReactElement {
  return (
    <ViewState
      icon="filter"
      title={
        <>
          No {what} matches <span className="mono">{text}</span>
        </>
      }
      actions={
        <Button keys="Escape" onClick={onClear}>
          Clear filter
        </Button>
      }
    >
      The filter hides {hidden}.
    </ViewState>
  )
}
