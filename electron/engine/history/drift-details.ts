/**
 * Fields and their managers beside a drift that was found. SECURITY: item 9: of an owner that takes values out of Secrets no value is written down: it
 * may be one of theirs, in whatever object it stands.
 */
import type { CallContext, Handlers } from '../../../shared/contract/index.ts'
import { redactText } from '../../../shared/lib/redact.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import type { Clusters } from '../clusters/view.ts'
import { secretInputsOf } from './renders-secrets.ts'

const maxFields = 50
const maxValue = 300

export interface DriftDetailsDeps {
  readonly clusters: Pick<Clusters, 'view'>
  readonly fieldsOf: Handlers['drift.fields'] | undefined
  readonly call: CallContext
}

/** The entry with `changes` among its facts; as it came where its fields cannot be had. */
export async function withDriftFields(entry: NewHistoryEntry, deps: DriftDetailsDeps): Promise<NewHistoryEntry> {
  const { owner, ref, reason, facts } = entry
  if (owner === null || ref === null) return entry
  const object = deps.clusters.view(owner.cluster)?.cached(owner) ?? null
  const isHidden = object === null || secretInputsOf(object).length > 0
  // A summary shows a value, too.
  const shown = isHidden ? { ...entry, message: 'Differs from Git' } : entry
  if (reason !== 'DriftFound' || deps.fieldsOf === undefined || facts?.['action'] !== 'configured') return shown
  try {
    const { fields } = await deps.fieldsOf({ owner, ref }, deps.call)
    const changes = fields
      .filter(({ verdict }) => verdict === 'drift' || verdict === 'reclaimed')
      .slice(0, maxFields)
      .map(({ path, gitValue, liveValue, isSecret, blame }) => ({
        path,
        git: textOf(gitValue, isHidden || isSecret ? 'as in Git' : null),
        live: textOf(liveValue, isHidden || isSecret ? 'another value' : null),
        manager: blame?.manager ?? '',
        at: blame?.at ?? null,
      }))
    const message = isHidden && changes.length > 0 ? changes.map(({ path }) => path).join(', ') : shown.message
    return { ...shown, message: message.slice(0, 1000), facts: { ...facts, changes } }
  } catch {
    return shown
  }
}

function textOf(value: string | null, instead: string | null): string | null {
  return value === null ? null : (instead ?? redactText(value).slice(0, maxValue))
}
