/** "Ignore field…": the exact addition to the owner's manifest, where it goes, and what it does not do. It writes nothing itself. */
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import type { OutputOf } from '../../../../shared/contract/index.ts'
import type { DriftField, DriftObject } from '../../../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../../../shared/model/errors.ts'
import { refTitle } from '../../../../shared/model/identity.ts'
import { copyText } from '../../../stores/actions.ts'
import { callHost } from '../../../stores/host.ts'
import { Button } from '../../../ui/button/button.tsx'
import { Dialog, DialogEnd } from '../../../ui/dialog/dialog.tsx'
import { manyLines, oneLine } from '../../../ui/text/plain-text.ts'
import { Banner } from '../../../ui/view-state/view-state.tsx'
import styles from './drift-tab.module.css'

export function IgnoreDialog({
  object,
  field,
  onClose,
}: {
  readonly object: DriftObject
  readonly field: DriftField
  readonly onClose: () => void
}): ReactElement {
  const [rule, setRule] = useState<OutputOf<'drift.ignoreRule'> | null>(null)
  const [error, setError] = useState<SluiceErrorData | null>(null)
  useEffect(() => {
    const controller = new AbortController()
    const input = { owner: object.owner, ref: object.ref, field: field.key }
    void callHost('drift.ignoreRule', input, controller.signal).then((result) => {
      if (controller.signal.aborted) return
      if (result.ok) setRule(result.value)
      else setError(result.error)
    })
    return () => controller.abort()
  }, [object.owner, object.ref, field.key])
  const copy = async (): Promise<void> => {
    if (rule === null) return
    await copyText(rule.text, 'Rule')
    onClose()
  }
  const owner = `${object.owner.kind} ${refTitle(object.owner)}`
  return (
    <Dialog
      title="Ignore a field"
      subtitle={
        <>
          <span className="mono">{oneLine(field.path, 400)}</span> of {object.ref.kind}{' '}
          {oneLine(refTitle(object.ref), 300)}
        </>
      }
      size="plan"
      onCancel={onClose}
      onConfirm={() => void copy()}
      foot={
        <DialogEnd>
          <Button keys="Escape" onClick={onClose}>
            Close
          </Button>
          <Button
            variant="primary"
            icon="copy"
            keys="Mod+Enter"
            data-first-focus=""
            offReason={rule === null ? (error === null ? 'The rule is being made' : 'There is no rule') : ''}
            onClick={() => void copy()}
          >
            Copy the rule
          </Button>
        </DialogEnd>
      }
    >
      <p className={styles.muted}>
        Add this to {oneLine(owner, 300)} in Git. From the next apply on its controller leaves the field as the cluster
        has it, and Sluice lists it under “Ignored by rule”. Nothing is written from here.
      </p>
      {error !== null ? (
        <Banner tone="failed" shape="failed">
          {manyLines([error.message, error.remedy].filter((text) => text !== '').join(' '), 1000)}
        </Banner>
      ) : rule === null ? (
        <p className={styles.faint} role="status">
          Making the rule…
        </p>
      ) : (
        <>
          <dl className={styles.ruleFacts}>
            <dt>Where</dt>
            <dd className="mono selectable">{oneLine(rule.path, 300)}</dd>
            {rule.origin === '' ? null : (
              <>
                <dt>File</dt>
                <dd className="mono selectable">{oneLine(rule.origin, 400)}</dd>
              </>
            )}
          </dl>
          <pre className={styles.ruleText} tabIndex={0} aria-label="Rule">
            {manyLines(rule.text, 20_000)}
          </pre>
          {rule.note === '' ? null : <Banner tone="unknown">{manyLines(rule.note, 1000)}</Banner>}
        </>
      )}
    </Dialog>
  )
}
