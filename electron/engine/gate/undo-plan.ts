/** The plan that takes back what an operation did: the same edits reversed, tested against the state in which it left each object. */
import { fluxKind } from '../../../shared/flux/kinds.ts'
import type { ActionName, PlanItem } from '../../../shared/model/actions.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { Clock, Codec } from '../ports.ts'
import { changesOf, composeEdits, reverseEdits } from './field-edits.ts'
import type { DoneWrite, UndoableOperation } from './operations.ts'
import { planDigest } from './plan-digest.ts'
import type { PlannedStep, StoredPlan } from './plan-store.ts'
import type { PlannedWrite } from './planned-write.ts'
import { requestOf } from './planned-write.ts'

const reversed: Readonly<Partial<Record<ActionName, ActionName>>> = { suspend: 'resume', resume: 'suspend' }

export function undoPlan(undone: UndoableOperation, clock: Clock, codec: Codec): StoredPlan {
  const byObject = new Map<string, DoneWrite[]>()
  for (const done of undone.writes) {
    const key = refKey(done.write.ref)
    const known = byObject.get(key)
    if (known === undefined) byObject.set(key, [done])
    else known.push(done)
  }
  const items: PlanItem[] = []
  const steps: PlannedStep[][] = []
  for (const chain of byObject.values()) {
    const last = chain.at(-1)
    const kind = last === undefined ? null : fluxKind(last.write.ref.group, last.write.ref.kind)
    if (last === undefined || kind === null) continue
    const edits = reverseEdits(chain.map(({ write }) => write.expected.edits).reduce(composeEdits))
    const write: PlannedWrite = {
      ...last.write,
      expected: { uid: last.after.uid, generation: last.after.generation, edits },
      hasAnnotations: last.after.hasAnnotations,
    }
    steps.push([{ write, kind, run: null }])
    items.push({
      ref: write.ref,
      context: write.context,
      uid: last.after.uid,
      generation: last.after.generation ?? 0,
      effect: 'change',
      refusal: null,
      changes: changesOf(edits),
      patch: JSON.stringify(requestOf(write, write.hasAnnotations).patch, null, 2),
      notes: [],
      dependents: [],
    })
  }
  const action = reversed[undone.action] ?? undone.action
  return {
    plan: {
      digest: planDigest(codec, action, steps, ['undo', undone.title]),
      action,
      createdAt: clock.now(),
      contexts: [],
      items,
      changeCount: items.length,
      unchangedCount: 0,
      refusedCount: 0,
      isReasonRequired: false,
    },
    steps,
    reason: '',
  }
}
