/** Sentences about plans and operations. Kinds and verbs stay Flux's own. Pure. */
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { ActionName, Operation, Plan } from '../../../shared/model/actions.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'

const verbs: Readonly<Record<ActionName, { readonly plain: string; readonly running: string; readonly done: string }>> =
  {
    suspend: { plain: 'Suspend', running: 'Suspending', done: 'Suspended' },
    resume: { plain: 'Resume', running: 'Resuming', done: 'Resumed' },
    reconcile: { plain: 'Reconcile', running: 'Reconciling', done: 'Reconciled' },
    reconcileWithSource: { plain: 'Reconcile with source', running: 'Reconciling', done: 'Reconciled' },
    force: { plain: 'Force', running: 'Forcing', done: 'Forced' },
    reset: { plain: 'Reset', running: 'Resetting', done: 'Reset' },
    annotate: { plain: 'Save reason', running: 'Saving the reason of', done: 'Saved the reason of' },
    manual: { plain: 'Set', running: 'Setting', done: 'Set' },
    hold: { plain: 'Set', running: 'Setting', done: 'Set' },
  }

const suffixes: Readonly<Partial<Record<ActionName, string>>> = {
  reconcileWithSource: ' with source',
  manual: ' to manual',
  hold: ' to held',
}

export function verbOf(action: ActionName): string {
  return verbs[action].plain
}

/** `flux-system/apps`, `3 Kustomizations`, `5 objects`. */
export function subjectOf(refs: readonly ObjectRef[]): string {
  const [first] = refs
  if (first !== undefined && refs.length === 1) return refTitle(first)
  const isOneKind = refs.every((ref) => ref.kind === first?.kind && ref.group === first.group)
  return `${refs.length.toLocaleString()} ${first !== undefined && isOneKind ? pluralOf(first.kind) : 'objects'}`
}

/** Plural of a kind for people: GitRepositories, HelmReleases, ImagePolicies. */
export function pluralOf(kind: string): string {
  if (/[^aeiou]y$/.test(kind)) return `${kind.slice(0, -1)}ies`
  return /(s|x|ch)$/.test(kind) ? `${kind}es` : `${kind}s`
}

export function dialogTitle(action: ActionName, refs: readonly ObjectRef[]): string {
  if (action === 'annotate') return `Reason and time of ${subjectOf(refs)}`
  if (action === 'reconcileWithSource') return `Reconcile ${subjectOf(refs)} with source`
  return `${verbOf(action)} ${subjectOf(refs)}`
}

/** What the filled button says: the act, and how many where there are several. */
export function confirmLabel(action: ActionName, plan: Plan | null): string {
  const verb = action === 'reconcileWithSource' ? 'Reconcile' : verbOf(action)
  if (plan === null || plan.items.length <= 1) return verb
  return `${verb} ${plan.changeCount.toLocaleString()}`
}

/** Why the filled button is off; '' if it is live. */
export function confirmOffReason(plan: Plan | null, isPreparing: boolean, reason: string): string {
  if (plan === null) return isPreparing ? 'The plan is being prepared' : 'There is no plan'
  if (plan.changeCount === 0) return 'The plan changes nothing'
  if (plan.isReasonRequired && reason.trim() === '') return 'A reason is required in production contexts'
  return ''
}

/** One line under the list: `4 change, 1 unchanged, 2 refused`. */
export function tallyText(plan: Plan): string {
  const parts = [formatCountOf(plan.changeCount, 'changes', 'change')]
  if (plan.unchangedCount > 0) parts.push(`${plan.unchangedCount.toLocaleString()} unchanged`)
  if (plan.refusedCount > 0) parts.push(`${plan.refusedCount.toLocaleString()} refused`)
  return parts.join(', ')
}

/** What closing the gate of such an object means. */
export function suspendMeaning(kind: string, group: string, inventoryCount: number | null): string {
  const keeps =
    inventoryCount === null
      ? 'What it applied keeps running.'
      : `Its ${formatCountOf(inventoryCount, 'object keeps', 'objects keep')} running.`
  switch (group) {
    case 'kustomize.toolkit.fluxcd.io':
      return `kustomize-controller stops applying this Kustomization. ${keeps} Changes made by hand are not corrected until you resume.`
    case 'helm.toolkit.fluxcd.io':
      return `helm-controller stops installing and upgrading this HelmRelease. ${keeps} Changes made by hand are not corrected until you resume.`
    case 'source.toolkit.fluxcd.io':
      return `source-controller stops fetching this ${kind}. What draws from it keeps its last artifact until you resume.`
    case 'image.toolkit.fluxcd.io':
      return `The image controllers stop working on this ${kind}. No new image is found or written to Git until you resume.`
    case 'notification.toolkit.fluxcd.io':
      return `notification-controller stops handling this ${kind} until you resume.`
    default:
      return `Its controller stops reconciling this ${kind} until you resume.`
  }
}

/** Title of an operation's toast in its present state. */
export function operationTitle(operation: Operation): string {
  const verb = verbs[operation.action]
  const subject = operation.item === null ? formatCountOf(operation.total, 'object') : refTitle(operation.item.ref)
  const suffix = suffixes[operation.action] ?? ''
  const plainSuffix = operation.action === 'reconcileWithSource' ? '' : suffix
  if (operation.state === 'running') return `${verb.running} ${subject}${suffix}`
  if (operation.state === 'canceled') return `${verb.plain} ${subject}${plainSuffix}: canceled`
  if (operation.state === 'failed')
    return operation.item === null
      ? `${verb.plain}: ${operation.failed + operation.refused} of ${operation.total.toLocaleString()} failed`
      : `${verb.plain} ${subject}${plainSuffix} ${operation.item.state === 'refused' ? 'was refused' : 'failed'}`
  return `${verb.done} ${subject}${suffix}`
}

/** A JSON pointer as people write paths: `/metadata/annotations/a~1b` is `metadata.annotations[a/b]`. */
export function pathText(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part, index) => (/^[\w-]+$/.test(part) ? `${index === 0 ? '' : '.'}${part}` : `[${part}]`))
    .join('')
}

/** The sentence to tick before anything is deleted. */
export function deletionText(count: number): string {
  return `I have seen that ${formatCountOf(count, 'object', 'objects')} will be deleted.`
}

/** Why the button is off until it is ticked. */
export const deletionOffReason = 'Tick first that you have seen what will be deleted'
