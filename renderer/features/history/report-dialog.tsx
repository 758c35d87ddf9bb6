/** An incident report before it is saved: its title, its format, and its text as it will be. What is in it, and where it goes, is not the window's. */
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import type { OutputOf } from '../../../shared/contract/index.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { HistoryQuery } from '../../../shared/model/history.ts'
import type { ReportFormat } from '../../../shared/model/report.ts'
import { callHost } from '../../stores/host.ts'
import { showFailure, showToast } from '../../stores/toasts.ts'
import { Button, Segmented } from '../../ui/button/button.tsx'
import { Dialog, DialogEnd } from '../../ui/dialog/dialog.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { TextField } from '../../ui/text-field/text-field.tsx'
import { formatDateTime } from '../../ui/timeline/timeline-words.ts'
import type { Range } from '../../ui/timeline/week-strip.tsx'
import { Banner, SkeletonRows } from '../../ui/view-state/view-state.tsx'
import styles from './report-dialog.module.css'

const formats: readonly { readonly value: ReportFormat; readonly label: string }[] = [
  { value: 'markdown', label: 'Markdown' },
  { value: 'html', label: 'HTML' },
  { value: 'json', label: 'JSON' },
]
/** The text is made anew once nobody has typed for so long. */
const typingMs = 250

export function ReportDialog({
  query,
  filter,
  range,
  onClose,
}: {
  readonly query: HistoryQuery
  readonly filter: string
  readonly range: Range
  readonly onClose: () => void
}): ReactElement {
  const { from, until } = range
  const [title, setTitle] = useState('Incident report')
  const [format, setFormat] = useState<ReportFormat>('markdown')
  const [made, setMade] = useState<OutputOf<'history.report'> | null>(null)
  const [error, setError] = useState<SluiceErrorData | null>(null)
  const [isSaving, setSaving] = useState(false)
  const id = JSON.stringify(query)
  const name = title.trim()
  useEffect(() => {
    const controller = new AbortController()
    const timer = setTimeout(() => {
      const input = { query: readQuery(id), filter, from, until, format, title: name || 'Incident report' }
      void callHost('history.report', input, controller.signal).then((result) => {
        if (controller.signal.aborted) return
        setMade(result.ok ? result.value : null)
        setError(result.ok ? null : result.error)
      })
    }, typingMs)
    return () => {
      controller.abort()
      clearTimeout(timer)
    }
  }, [id, filter, from, until, format, name])
  const offReason =
    name === '' ? 'It needs a title' : made === null ? 'It is being made' : isSaving ? 'It is being saved' : ''
  const save = async (): Promise<void> => {
    if (offReason !== '') return
    setSaving(true)
    const result = await callHost('history.saveReport', {
      query: readQuery(id),
      filter,
      from,
      until,
      format,
      title: name,
    })
    setSaving(false)
    if (!result.ok) return showFailure(result.error)
    if (result.value.path === null) return
    showToast('info', `Saved as ${oneLine(result.value.path, 300)}`)
    onClose()
  }
  return (
    <Dialog
      title="Incident report"
      subtitle={`${formatDateTime(from)} to ${formatDateTime(until)}${filter === '' ? '' : `, ${filter}`}`}
      size="plan"
      onCancel={onClose}
      onConfirm={() => void save()}
      foot={
        <>
          <span className={styles.note}>
            {made === null ? '' : `${made.entries.toLocaleString()} entries. Secret values are left out.`}
          </span>
          <DialogEnd>
            <Button keys="Escape" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" icon="file" keys="Mod+Enter" offReason={offReason} onClick={() => void save()}>
              Save…
            </Button>
          </DialogEnd>
        </>
      }
    >
      <div className={styles.form}>
        <TextField label="Title" value={title} onChange={(text) => setTitle(text.slice(0, 200))} />
        <Segmented label="Format" value={format} options={formats} onChange={setFormat} />
      </div>
      {made?.isCut === true ? (
        <Banner tone="unknown" shape="stale">
          There are more entries than a report takes: the oldest are left out, and it says so.
        </Banner>
      ) : null}
      {error !== null ? (
        <Banner tone="failed" shape="failed">
          {manyLines([error.message, error.remedy].filter((text) => text !== '').join(' '), 1000)}
        </Banner>
      ) : made === null ? (
        <SkeletonRows label="Making the report" />
      ) : (
        <pre className={styles.preview} tabIndex={0} aria-label={`Preview of ${made.name}`}>
          {made.preview}
        </pre>
      )}
    </Dialog>
  )
}

function readQuery(id: string): Parameters<typeof callHost<'history.report'>>[1]['query'] {
  return JSON.parse(id) as Parameters<typeof callHost<'history.report'>>[1]['query']
}
