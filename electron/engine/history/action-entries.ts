/** What was done in Sluice, as an entry beside the line of the audit log. Pure. */
import type { ActionName } from '../../../shared/model/actions.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import { redactFields } from '../../../shared/lib/redact.ts'
import type { AuditEntry } from '../audit/audit-log.ts'
import { isApplier } from './owner-index.ts'
import { entryOf } from './row-changes.ts'

const reasons: Readonly<Record<ActionName | 'undo' | 'hosted' | 'hostingStart' | 'handOver', string>> = {
  suspend: 'Suspend',
  resume: 'Resume',
  reconcile: 'Reconcile',
  reconcileWithSource: 'ReconcileWithSource',
  force: 'Force',
  reset: 'Reset',
  annotate: 'Annotate',
  manual: 'SetManual',
  hold: 'SetHeld',
  undo: 'Undo',
  hosted: 'Hosted',
  hostingStart: 'HostingStart',
  handOver: 'HandOver',
}

export function actionEntry(entry: AuditEntry, at: number, person: string): NewHistoryEntry {
  const { object, action, verb, result, code, client, context, identity, plan, patch } = entry
  return entryOf(object, { owner: isApplier(object) ? object : null, isBackfilled: false })({
    type: 'action',
    reason: reasons[action],
    at,
    message: result === 'ok' ? `${verb} by Sluice` : `${verb} by Sluice: ${result}`,
    tone: result === 'ok' ? 'plain' : 'bad',
    by: person,
    facts: redactFields({ client, context, identity, plan, verb, result, code, patch }),
  })
}
