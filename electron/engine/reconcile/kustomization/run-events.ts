/** Events of a Kustomization's run. Semantics: kustomize-controller `event`: the reason is the one of Ready at that moment. */
import { kustomizeGroup } from '../../../../shared/flux/groups.ts'
import { conditionTypes } from '../../../../shared/flux/reasons.ts'
import type { AppliedEntry } from '../../apply/apply-set.ts'
import type { EventRecorder } from '../events/event-recorder.ts'
import { getCondition } from '../status/conditions.ts'
import type { Draft } from '../status/draft.ts'

export interface EventRevision {
  readonly revision: string
  readonly originRevision: string
}

export interface RunEvents {
  tell(severity: 'info' | 'error', message: string, of?: EventRevision, more?: Readonly<Record<string, string>>): void
}

export function createRunEvents(draft: Draft, recorder: EventRecorder): RunEvents {
  return {
    tell(severity, message, of = { revision: '', originRevision: '' }, more = {}) {
      const metadata: Record<string, string> = {}
      for (const [key, value] of Object.entries({ ...more, revision: of.revision, originRevision: of.originRevision }))
        if (value !== '') metadata[`${kustomizeGroup}/${key}`] = value
      const reason = getCondition(draft, conditionTypes.ready)?.reason ?? ''
      recorder.record({
        involved: draft.base,
        severity,
        reason: reason === '' ? severity : reason,
        message,
        metadata,
      })
    },
  }
}

/** `Deployment/apps/podinfo created`, one line each. */
export function changeLines(entries: readonly Pick<AppliedEntry, 'subject' | 'action'>[]): string {
  return entries.map(({ subject, action }) => `${subject} ${action}`).join('\n')
}

export function hasChanged({ action }: Pick<AppliedEntry, 'action'>): boolean {
  return action !== 'skipped' && action !== 'unchanged'
}
