/** "Report…": the brushed range as a document. The dialog is loaded when it is asked for. */
import { lazy, Suspense, useState } from 'react'
import type { ReactElement } from 'react'
import type { HistoryQuery } from '../../../shared/model/history.ts'
import { Button } from '../../ui/button/button.tsx'
import type { Range } from '../../ui/timeline/week-strip.tsx'

const ReportDialog = lazy(async () => ({ default: (await import('./report-dialog.tsx')).ReportDialog }))

export function ReportButton({
  query,
  filter,
  brush,
}: {
  /** What is shown, without its range. */
  readonly query: HistoryQuery
  readonly filter: string
  /** null: nothing is chosen. */
  readonly brush: Range | null
}): ReactElement {
  const [asked, setAsked] = useState<Range | null>(null)
  return (
    <>
      <Button
        icon="file"
        offReason={brush === null ? 'Drag over the strip of days to choose a range first' : ''}
        onClick={() => setAsked(brush)}
      >
        Report…
      </Button>
      {asked === null ? null : (
        <Suspense fallback={null}>
          <ReportDialog query={query} filter={filter} range={asked} onClose={() => setAsked(null)} />
        </Suspense>
      )}
    </>
  )
}
