/** The context menu of the rows: what the keys do, for the selection where the row is part of it, else for the row alone. */
import type { ReactElement, ReactNode } from 'react'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import { keysOf } from '../../app/keymap.ts'
import type { CommandId } from '../../app/keymap.ts'
import { formatLink, objectRoute } from '../../app/routes.ts'
import { copyText } from '../../stores/actions.ts'
import { offReasonOf, runCommand } from '../../stores/commands.ts'
import { openApplyNow, openApproval, openModeDialog } from '../../stores/hosting-actions.ts'
import { approvalOf, approvalsStore, canHaveMode } from '../../stores/hosting.ts'
import { ContextMenu } from '../../ui/menu/context-menu.tsx'
import type { MenuEntry } from '../../ui/menu/menu.tsx'

export function RowMenu({
  cursorRow,
  context,
  gateWord,
  onRow,
  children,
}: {
  readonly cursorRow: FluxRow | undefined
  /** The way to the row's cluster; null: no link can be made. */
  readonly context: ContextId | null
  /** What the gate's command would do now. */
  readonly gateWord: 'Suspend' | 'Resume'
  /** The menu is asked for on this row: it takes the cursor, and a selection that it is not part of goes. */
  readonly onRow: (key: string) => void
  readonly children: ReactNode
}): ReactElement {
  const command = (id: CommandId, label: string, icon?: Exclude<MenuEntry, 'rule'>['icon']): MenuEntry => ({
    label,
    ...(icon === undefined ? {} : { icon }),
    keys: keysOf(id),
    offReason: offReasonOf(id),
    onSelect: () => void runCommand(id),
  })
  const entries = (): readonly MenuEntry[] =>
    cursorRow === undefined
      ? []
      : [
          command('open', 'Open'),
          command('preview', 'Preview row'),
          'rule',
          command('gate', `${gateWord}…`),
          ...hostedEntries(cursorRow),
          command('reconcile', 'Reconcile', 'reconcile'),
          command('reconcileWithSource', 'Reconcile with source'),
          command('planPreview', 'Preview what it would do', 'eye'),
          command('drift', 'Show drift'),
          'rule',
          { label: 'Copy name', icon: 'copy', onSelect: () => void copyText(refTitle(cursorRow.ref), 'Name') },
          {
            label: 'Copy link',
            icon: 'link',
            offReason: context === null ? 'No context leads to its cluster' : '',
            onSelect: () => context !== null && void copyText(formatLink(objectRoute(context, cursorRow.ref)), 'Link'),
          },
        ]
  return (
    <ContextMenu label="Actions of the row" entries={entries}>
      <div
        style={{ display: 'contents' }}
        onContextMenuCapture={(event) => {
          const key =
            event.target instanceof Element ? event.target.closest('[data-key]')?.getAttribute('data-key') : null
          if (key != null) onRow(key)
          else if (cursorRow === undefined) event.stopPropagation()
        }}
      >
        {children}
      </div>
    </ContextMenu>
  )
}

/** The gate's third state, where the row's cluster is hosted from here. */
function hostedEntries({ ref, mode }: FluxRow): readonly MenuEntry[] {
  if (!canHaveMode(ref)) return []
  const isWaiting = approvalOf(approvalsStore.getState().items, ref) !== null
  return [
    ...(isWaiting
      ? [{ label: 'Review and approve…', icon: 'shield-check', onSelect: () => openApproval(ref) } as const]
      : mode === 'manual'
        ? [{ label: 'Apply now…', icon: 'play', onSelect: () => openApplyNow(ref) } as const]
        : []),
    {
      label: 'Mode: automatic, manual, held…',
      icon: 'water',
      onSelect: () => openModeDialog(ref, mode === 'held' ? 'manual' : 'held'),
    },
  ]
}
