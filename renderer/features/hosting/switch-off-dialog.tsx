/** Switching hosted mode off: what ends, what stays. Nothing in the cluster is deleted by it. */
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import { contextsStore, findContext } from '../../stores/contexts.ts'
import { hostingOf, hostingStore } from '../../stores/hosting.ts'
import { stopHosting } from '../../stores/hosting-actions.ts'
import { Dialog } from '../../ui/dialog/dialog.tsx'
import { ConfirmFoot } from '../../ui/plan/confirm-foot.tsx'
import { Sentences } from '../../ui/plan/plan-lists.tsx'
import { ProblemBanner, refusalBounds } from '../../ui/plan/problem-banner.tsx'
import { oneLine } from '../../ui/text/plain-text.ts'

export function SwitchOffDialog({
  context,
  onClose,
}: {
  readonly context: ContextId
  readonly onClose: () => void
}): ReactElement {
  const row = useStore(contextsStore, (state) => findContext(state.items, context))
  const hosting = useStore(hostingStore, (state) => hostingOf(state.items, context))
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<SluiceErrorData | null>(null)
  const name = oneLine(row?.name ?? context, 200)
  const total = hosting?.total ?? 0
  const running = hosting?.running ?? 0
  const held = hosting?.leases.filter(({ state }) => state === 'held').length ?? 0
  const confirm = async (): Promise<void> => {
    if (isBusy) return
    setBusy(true)
    const refusal = await stopHosting(context)
    setBusy(false)
    if (refusal === null) onClose()
    else setError(refusal)
  }
  const texts = [
    running > 0
      ? `${running === 1 ? 'The run' : `The ${running.toLocaleString()} runs`} under way ${running === 1 ? 'ends' : 'end'} at a safe point, then both leases are given back.`
      : held > 0
        ? 'Both leases are given back.'
        : 'No lease is held now, so nothing is written now either.',
    total > 0
      ? `${total === 1 ? '1 object is' : `${total.toLocaleString()} objects are`} not reconciled any more until Flux’s controllers, or hosted mode, go on with ${total === 1 ? 'it' : 'them'}.`
      : 'Nothing is reconciled any more until Flux’s controllers, or hosted mode, go on.',
    'What was applied stays as it is: nothing is deleted. What is manual or held stays suspended.',
  ]
  return (
    <Dialog
      title={`Stop hosting ${name}`}
      onCancel={onClose}
      onConfirm={() => void confirm()}
      foot={
        <ConfirmFoot
          label="Switch off"
          offReason=""
          busyReason="Runs are being ended"
          isBusy={isBusy}
          onCancel={onClose}
          onConfirm={() => void confirm()}
        />
      }
    >
      <Sentences texts={texts} icon="arrow-right" />
      {error === null ? null : <ProblemBanner error={error} bounds={refusalBounds} />}
    </Dialog>
  )
}
