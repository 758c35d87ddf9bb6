/** The four stages of a reconcile, as the toast shows them: requested → fetched → applied → healthy, or where it stopped. */
import type { Stage, StageName } from '../../../shared/model/actions.ts'
import { shortenRevision } from '../../../shared/flux/revision.ts'
import type { RunVerdict } from './reconcile-judge.ts'

const order: readonly StageName[] = ['requested', 'fetched', 'applied', 'healthy']

/** Before anything was sent. Sources and the like end with `fetched`. */
export function firstStages(isApplier: boolean): readonly Stage[] {
  return order.map((name) => ({
    name,
    state: isApplier || name === 'requested' || name === 'fetched' ? 'waiting' : 'skipped',
    message: '',
    at: null,
  }))
}

/** One stage set; those before it that still waited or ran are done. */
export function setStage(
  stages: readonly Stage[],
  name: StageName,
  state: 'running' | 'done' | 'failed' | 'waiting',
  message: string,
  at: number,
): readonly Stage[] {
  const index = order.indexOf(name)
  return stages.map((stage, position) => {
    if (stage.state === 'skipped') return stage
    if (position < index && stage.state !== 'done') return { ...stage, state: 'done', at }
    if (position !== index) return stage
    return stage.state === state && stage.message === message ? stage : { ...stage, state, message, at }
  })
}

/** The stages after a new state of the object. */
export function stagesAfter(stages: readonly Stage[], verdict: RunVerdict, at: number): readonly Stage[] {
  const fetched = verdict.revision === '' ? '' : shortenRevision(verdict.revision)
  let next = stages
  if (verdict.stage !== 'requested' && verdict.stage !== 'fetched' && stateOf(next, 'fetched') !== 'done')
    next = setStage(next, 'fetched', 'done', fetched, at)
  if (verdict.state === 'done') {
    next = setStage(next, 'fetched', 'done', fetched, at)
    if (verdict.stage === 'healthy') {
      next = setStage(next, 'applied', 'done', verdict.message, at)
      next = setStage(next, 'healthy', 'done', '', at)
    }
    return next
  }
  // A run that begins again (a newer revision) does not take back what was shown as done.
  if (verdict.state === 'running' && stateOf(next, verdict.stage) === 'done') return next
  return setStage(next, verdict.stage, verdict.state, verdict.message, at)
}

function stateOf(stages: readonly Stage[], name: StageName): Stage['state'] | undefined {
  return stages.find((stage) => stage.name === name)?.state
}
