/** What became of each object of a bulk operation: failures first, live while it runs. */
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import type { OperationItem, OperationItemState } from '../../../shared/model/actions.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { useStore } from 'zustand'
import { copyText } from '../../stores/actions.ts'
import { operationsStore } from '../../stores/operations.ts'
import { useStream } from '../../stores/use-stream.ts'
import { Button, Segmented } from '../../ui/button/button.tsx'
import { Dialog, DialogEnd } from '../../ui/dialog/dialog.tsx'
import { StatusMark } from '../../ui/status-mark/status-mark.tsx'
import type { StatusShape } from '../../ui/status-mark/status-mark.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'
import { tooltip } from '../../ui/tooltip/tooltip.tsx'
import { ObjectList, ObjectName } from './object-list.tsx'
import { operationTitle } from './plan-words.ts'
import styles from './gate.module.css'

const order: readonly OperationItemState[] = ['failed', 'refused', 'running', 'queued', 'canceled', 'done', 'unchanged']
const shapes: Readonly<Record<OperationItemState, StatusShape>> = {
  failed: 'failed',
  refused: 'forbidden',
  running: 'progressing',
  queued: 'unknown',
  canceled: 'stalled',
  done: 'ready',
  unchanged: 'empty',
}

export function sortItems(items: Iterable<OperationItem>): readonly OperationItem[] {
  return [...items].sort(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || compare(refTitle(a.ref), refTitle(b.ref)),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function textOf(item: OperationItem): string {
  return oneLine(item.error?.message ?? item.message)
}

export function ReportDialog({
  operation: key,
  onClose,
}: {
  readonly operation: string
  readonly onClose: () => void
}): ReactElement {
  const operation = useStore(operationsStore, (state) => state.items.get(key))
  const { items, error } = useStream('operation.items', { operation: key })
  const [shown, setShown] = useState<'all' | 'failures'>('all')
  const sorted = useMemo(() => sortItems(items.values()), [items])
  const failures = sorted.filter((item) => item.state === 'failed' || item.state === 'refused')
  const list = shown === 'all' ? sorted : failures
  const copy = (): void =>
    void copyText(
      sorted.map((item) => `${item.state}\t${item.ref.kind}\t${refTitle(item.ref)}\t${textOf(item)}`).join('\n'),
      'Report',
    )
  return (
    <Dialog
      title={operation === undefined ? 'Report' : operationTitle(operation)}
      size="plan"
      onCancel={onClose}
      onConfirm={onClose}
      foot={
        <>
          <Button variant="quiet" icon="copy" onClick={copy}>
            Copy report
          </Button>
          <DialogEnd>
            <Button variant="primary" keys="Escape" data-first-focus="" onClick={onClose}>
              Close
            </Button>
          </DialogEnd>
        </>
      }
    >
      <Segmented
        label="Show"
        value={shown}
        options={[
          { value: 'all', label: `All ${sorted.length.toLocaleString()}`, name: 'All' },
          {
            value: 'failures',
            label: `Failed or refused ${failures.length.toLocaleString()}`,
            name: 'Failed or refused',
          },
        ]}
        onChange={setShown}
      />
      {error !== null && <p className={styles.hintError}>{error.message}</p>}
      <ObjectList
        label="Result per object"
        items={list}
        shownRows={12}
        keyOf={({ key: item }) => item}
        rowClass={() => styles.reportItem}
        row={(item) => (
          <>
            <StatusMark shape={shapes[item.state]} />
            <span className={styles.reportState}>{item.state}</span>
            <ObjectName subject={item.ref} />
            <span className={styles.planText} {...tooltip(textOf(item))}>
              {textOf(item)}
            </span>
          </>
        )}
      />
    </Dialog>
  )
}
