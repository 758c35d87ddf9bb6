/** Words of drift for people. Verbs of the controllers stay theirs. Pure. */
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { DriftField, DriftObject } from '../../../shared/model/drift.ts'
import { isRecordOnly } from '../../../shared/model/drift.ts'

/** What stands beside an object in the tree: fields, or what is wrong with it as a whole; '' for one that is as it should be. */
export function driftWord({ action, driftCount }: Pick<DriftObject, 'action' | 'driftCount'>): string {
  switch (action) {
    case 'created':
      return 'missing'
    case 'pruned':
      return 'not in Git'
    case 'recreated':
      return 'recreate'
    case 'refused':
    case 'moving':
    case 'skipped':
      return action
    case 'configured':
      return driftCount === 0 ? 'record only' : driftCount.toLocaleString()
    case 'unchanged':
      return ''
  }
}

/** The same as a sentence's end: `4 fields differ`, `is missing in the cluster`. */
export function driftSentence({ action, driftCount }: Pick<DriftObject, 'action' | 'driftCount'>): string {
  switch (action) {
    case 'created':
      return 'is missing in the cluster'
    case 'pruned':
      return 'is no longer in Git and will be deleted'
    case 'recreated':
      return 'can only be set back by deleting and creating it'
    case 'refused':
      return 'could not be compared'
    case 'moving':
      return 'changes while it is compared'
    case 'skipped':
      return 'is skipped'
    case 'configured':
      return driftCount === 0
        ? 'differs only in who owns its fields'
        : formatCountOf(driftCount, 'field differs', 'fields differ')
    case 'unchanged':
      return 'is as Git says'
  }
}

export function actionTitle(object: Pick<DriftObject, 'action' | 'driftCount'>): string {
  if (isRecordOnly(object)) return 'Only who owns its fields differs: no value will change'
  switch (object.action) {
    case 'created':
      return 'Missing in the cluster: will be created'
    case 'configured':
      return 'Differs: will be configured'
    case 'recreated':
      return 'Cannot be changed in place: will be deleted and created'
    case 'pruned':
      return 'Not in Git any more: will be deleted'
    case 'refused':
      return 'Refused: not known whether it drifts'
    case 'moving':
      return 'Kept changing while it was compared: not known whether it drifts'
    case 'skipped':
      return 'Skipped by a rule or annotation'
    case 'unchanged':
      return 'As Git says'
  }
}

/** A path that keeps its end, which tells more than its beginning: `…containers[podinfo].image`. */
export function shortPath(path: string, max = 34): string {
  if (path.length <= max) return path
  const tail = path.slice(-(max - 1))
  const cut = tail.search(/[.[]/)
  return `…${cut > 0 && cut < max / 2 ? tail.slice(tail[cut] === '.' ? cut + 1 : cut) : tail}`
}

/** `none` for what is absent; values of Secrets are said, never shown. */
export function valueText(value: string | null, isSecret: boolean): string {
  if (value === null) return 'none'
  return isSecret ? 'value hidden' : value === '' ? '""' : value
}

/** Two long texts that begin alike, from where they differ: `…6.7.1` and `…6.7.0`. Short ones stay whole. */
export function differingEnds(before: string, after: string, max = 16): readonly [string, string] {
  if (before.length <= max && after.length <= max) return [before, after]
  let same = 0
  while (same < before.length && same < after.length && before[same] === after[same]) same += 1
  // From the beginning of the word that differs.
  const start = before.slice(0, same).search(/[^/:,=@ ]*$/)
  if (start < 4) return [before, after]
  return [`…${before.slice(start)}`, `…${after.slice(start)}`]
}

export function verdictText(field: DriftField): string {
  switch (field.verdict) {
    case 'drift':
      return field.change === 'removed'
        ? 'removed, will be set again'
        : field.change === 'added'
          ? 'added, will be removed'
          : 'changed, will be set back'
    case 'reclaimed':
      return 'added, will be removed'
    case 'record':
      return 'no value changes: the next apply takes over that it owns'
    case 'notOwned':
      return 'owned by others, stays'
    case 'ignored':
      return field.rule === '' ? 'ignored' : `ignored: ${field.rule}`
  }
}

/** managedFields record who wrote a field, never who removed one: the youngest writer that can have done it is named. */
export function isGuessed({ change, blame }: Pick<DriftField, 'change' | 'blame'>): boolean {
  return change === 'removed' && blame !== null
}

/** Manager, operation, subresource: what the blame column's tooltip says before the time. */
export function blameText(field: DriftField): string {
  const { blame } = field
  if (blame === null)
    return field.change === 'removed' ? 'Who removed it is not recorded' : 'The API server does not say who set it'
  const manager = isGuessed(field) ? `probably removed by ${blame.manager}` : blame.manager
  return [manager, blame.operation, blame.subresource === '' ? '' : `subresource ${blame.subresource}`]
    .filter((part) => part !== '')
    .join(', ')
}
