/** A kubeconfig wants to run a program to get credentials: shown whole, run only after approval. Semantics: security.md 10. */
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { ContextId } from '../../../shared/model/identity.ts'
import { approveExec } from '../../stores/actions.ts'
import { contextsStore, findContext } from '../../stores/contexts.ts'
import { Button } from '../../ui/button/button.tsx'
import { Dialog, DialogEnd } from '../../ui/dialog/dialog.tsx'
import { manyLines, oneLine } from '../../ui/text/plain-text.ts'
import { Banner } from '../../ui/view-state/view-state.tsx'
import styles from './gate.module.css'

export function ExecDialog({
  context: id,
  onClose,
}: {
  readonly context: ContextId
  readonly onClose: () => void
}): ReactElement {
  const context = useStore(contextsStore, (state) => findContext(state.items, id))
  const [isBusy, setBusy] = useState(false)
  const approval = context?.approval ?? null
  const approve = async (): Promise<void> => {
    // SECURITY: item 10: what is approved is the digest of what is shown, nothing looked up again.
    if (approval === null || isBusy) return
    setBusy(true)
    const isDone = await approveExec(id, approval.digest)
    setBusy(false)
    if (isDone) onClose()
  }
  return (
    <Dialog
      title={`Run a program to sign in to ${context?.name ?? id}?`}
      subtitle={
        context === null ? undefined : (
          <span>
            From {oneLine(context.file)}, user {oneLine(context.user)}
          </span>
        )
      }
      size="plan"
      onCancel={onClose}
      foot={
        <DialogEnd>
          <Button keys="Escape" data-first-focus="" onClick={onClose}>
            Cancel
          </Button>
          <Button
            variant="primary"
            offReason={approval === null ? 'Nothing waits for approval' : ''}
            aria-busy={isBusy || undefined}
            onClick={() => void approve()}
          >
            Approve this program
          </Button>
        </DialogEnd>
      }
    >
      {approval === null ? (
        <p className={styles.meaning}>Nothing waits for approval in this context.</p>
      ) : (
        <>
          {approval.isChanged && (
            <Banner tone="drifted">The program, its arguments or its environment changed since you approved it.</Banner>
          )}
          <p className={styles.meaning}>
            The kubeconfig names a program that hands out credentials. It runs on this computer, as you. Sluice asks
            once, and again when anything below changes.
          </p>
          <dl className={styles.facts}>
            <dt>Command</dt>
            <dd className="selectable">
              <code>{manyLines(approval.command)}</code>
            </dd>
            <dt>Arguments</dt>
            <dd className="selectable">
              {approval.args.length === 0 ? (
                <span className={styles.faint}>none</span>
              ) : (
                <ol className={styles.args}>
                  {approval.args.map((argument, index) => (
                    // Arguments have no identity but their place.
                    <li key={index}>
                      <code>{manyLines(argument)}</code>
                    </li>
                  ))}
                </ol>
              )}
            </dd>
            <dt>Environment</dt>
            <dd className="selectable">
              {approval.envNames.length === 0 ? (
                <span className={styles.faint}>nothing is added</span>
              ) : (
                <code>{oneLine(approval.envNames.join(', '))}</code>
              )}
            </dd>
            <dt>Digest</dt>
            <dd className="selectable">
              <code>{approval.digest}</code>
            </dd>
          </dl>
        </>
      )}
    </Dialog>
  )
}
