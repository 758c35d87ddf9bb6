/**
 * Feature hand-over: "Move to the cluster" in the window. Owns the dialog from the choice of manifests to the end; what is installed and when a lease
 * is given away is the engine's word. Must not know how a controller works. Semantics: docs/hosted.md, interface.md.
 */
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useStore } from 'zustand'
import type { ContextId } from '../../../shared/model/identity.ts'
import { contextsStore, findContext } from '../../stores/contexts.ts'
import { closeDialog, dialogsStore } from '../../stores/dialogs.ts'
import { useStream } from '../../stores/use-stream.ts'
import { oneLine } from '../../ui/text/plain-text.ts'
import { PlanDialog } from './plan-dialog.tsx'
import { ProgressDialog } from './progress-dialog.tsx'

/** Its dialog, whatever view is shown. */
export function HandOverLayer(): ReactElement | null {
  const open = useStore(dialogsStore, (state) => state.open)
  return open?.kind === 'handOver' ? <HandOverDialog key={open.context} context={open.context} /> : null
}

function HandOverDialog({ context }: { readonly context: ContextId }): ReactElement | null {
  const { items, isReady } = useStream('handOver.watch', {})
  const row = useStore(contextsStore, (state) => findContext(state.items, context))
  /** The end of an earlier one that the user has seen. */
  const [seenEnd, setSeenEnd] = useState<number | null>(null)
  const state = items.get(context) ?? null
  if (!isReady) return null
  const name = oneLine(row?.name ?? state?.contextName ?? context, 200)
  return state === null || (state.endedAt !== null && state.endedAt === seenEnd) ? (
    <PlanDialog context={context} name={name} onClose={closeDialog} />
  ) : (
    <ProgressDialog state={state} name={name} onClose={closeDialog} onAgain={() => setSeenEnd(state.endedAt)} />
  )
}
