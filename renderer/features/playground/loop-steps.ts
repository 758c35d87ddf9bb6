/** What there is to watch after each of the playground's buttons: pure, from the loop, its rows and its drift. */
import type { PlaygroundLoop } from '../../../shared/model/app.ts'
import type { DriftOwner } from '../../../shared/model/drift.ts'
import type { HostingState } from '../../../shared/model/hosting.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'

export interface LoopStep {
  readonly word: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'drifted'
}

export interface LoopStory {
  readonly text: string
  readonly steps: readonly LoopStep[]
  /** Where to look closer. */
  readonly link: 'object' | 'drift'
}

export interface LoopFacts {
  readonly loop: PlaygroundLoop
  readonly source: FluxRow | undefined
  readonly kustomization: FluxRow | undefined
  readonly drift: DriftOwner | undefined
  /** Of the playground's context; null: hosted mode is not on. */
  readonly hosting: Pick<HostingState, 'state' | 'message'> | null
}

const failures: ReadonlySet<string> = new Set(['Failed', 'Stalled'])

export function tellLoop(facts: LoopFacts): LoopStory {
  const story = tellLast(facts)
  const why = whyNobodyRuns(facts)
  return why === '' || story.steps.every(({ state }) => state === 'done') ? story : { ...story, text: why }
}

/** Without hosted mode there is nobody to fetch and apply: a person would wait in vain. */
function whyNobodyRuns({ hosting }: LoopFacts): string {
  if (hosting === null) return 'Nobody fetches and applies: hosted mode is not on for the playground.'
  if (hosting.state === 'active' || hosting.state === 'starting') return ''
  return `Hosted mode does not act now. ${hosting.message}`.trim()
}

function tellLast(facts: LoopFacts): LoopStory {
  const { last } = facts.loop
  if (last === null) return tellBeginning(facts)
  if (last.sha !== null) return tellCommit(facts, last.sha, last.at)
  return last.action === 'drift' ? tellEdit(facts) : tellReturn(facts, last.at)
}

/** Why `web` has no pods; said before anybody looks for them. */
const stillness = ({ isMoving }: PlaygroundLoop): string =>
  isMoving ? '' : ' Workloads do not move: controller manager, scheduler and kwok are missing.'

const short = (sha: string): string => sha.slice(0, 7)

function tellBeginning({ loop, source, kustomization }: LoopFacts): LoopStory {
  const { sha } = loop.commit
  const steps = commitSteps(loop, source, kustomization, sha, 0)
  const isSettled = steps.every(({ state }) => state === 'done')
  return {
    text: isSettled
      ? `${loop.kustomization} runs as its repository says: press a button and watch. All else here is a still picture.${stillness(loop)}`
      : 'A repository on this computer is fetched, built and applied for the first time.',
    steps,
    link: 'object',
  }
}

function tellCommit({ loop, source, kustomization }: LoopFacts, sha: string, at: number): LoopStory {
  const steps = commitSteps(loop, source, kustomization, sha, at)
  const name = `${loop.namespace}/${loop.kustomization}`
  const isFailed = steps.some(({ state }) => state === 'failed')
  const isDone = steps.every(({ state }) => state === 'done')
  const link = 'object'
  if (isFailed && loop.last?.action === 'break')
    return {
      text: `The build fails, so nothing was applied: ${loop.kustomization} runs on as it was, and the row says why.`,
      steps,
      link,
    }
  if (isFailed) return { text: `${name} failed: its page says why.`, steps, link }
  if (isDone)
    return {
      text:
        loop.last?.action === 'mend'
          ? 'Mended by a commit: the cluster follows Git again.'
          : `The cluster is what commit ${short(sha)} says.`,
      steps,
      link,
    }
  return { text: `Watch ${name}: its source is fetched, then built, applied and checked.`, steps, link }
}

function commitSteps(
  loop: PlaygroundLoop,
  source: FluxRow | undefined,
  kustomization: FluxRow | undefined,
  sha: string,
  at: number,
): readonly LoopStep[] {
  const isFetched = source?.revision.endsWith(sha) === true
  const isApplied = kustomization?.revision.endsWith(sha) === true
  const word = kustomization?.status.word ?? 'Unknown'
  // Conditions have whole seconds; a failure from before the commit is not its own.
  const isFailure = failures.has(word) && (kustomization?.status.since ?? 0) >= Math.floor(at / 1000) * 1000
  const after = (isBefore: boolean, isDone: boolean): LoopStep['state'] =>
    !isBefore ? 'waiting' : isDone ? 'done' : isFailure ? 'failed' : 'running'
  const steps: LoopStep[] = [
    { word: `Commit ${short(sha)}`, state: 'done' },
    { word: 'Fetched', state: isFetched ? 'done' : failures.has(source?.status.word ?? '') ? 'failed' : 'running' },
    appliedStep(after(isFetched, isApplied)),
  ]
  // Where nothing moves, applied is all that is waited for.
  if (loop.isMoving) steps.push({ word: 'Healthy', state: after(isFetched && isApplied, word === 'Ready') })
  return steps
}

function appliedStep(state: LoopStep['state']): LoopStep {
  return { word: state === 'failed' ? 'Not applied' : 'Applied', state }
}

function tellEdit({ loop, drift }: LoopFacts): LoopStory {
  const isFound = (drift?.driftedCount ?? 0) > 0
  const steps: readonly LoopStep[] = [
    { word: 'Edited by hand', state: 'done' },
    { word: 'Drift found', state: isFound ? 'drifted' : loop.isEdited ? 'running' : 'done' },
  ]
  if (!loop.isEdited)
    return { text: 'Somebody reconciled: Git’s number is back.', steps: [steps[0] as LoopStep], link: 'drift' }
  return {
    text: isFound
      ? 'The cluster differs from Git: Drift shows the field, both values and who wrote it. Mend puts it back.'
      : 'The edit went past Git. Watch for ≠ beside the name: Sluice compares all the time.',
    steps,
    link: 'drift',
  }
}

function tellReturn({ loop, drift, kustomization }: LoopFacts, at: number): LoopStory {
  const isEqual = drift !== undefined && drift.driftedCount === 0 && (drift.checkedAt ?? 0) > at
  const isFailed = failures.has(kustomization?.status.word ?? '')
  const steps: readonly LoopStep[] = [
    { word: 'Reconciliation asked for', state: 'done' },
    { word: 'Put back', state: !loop.isEdited ? 'done' : isFailed ? 'failed' : 'running' },
    { word: 'No drift', state: loop.isEdited ? 'waiting' : isEqual ? 'done' : 'running' },
  ]
  return {
    text: isEqual
      ? 'The cluster is what Git says again. Flux does the same by itself at its next interval.'
      : 'Watch the drift go: applying again puts Git’s value back.',
    steps,
    link: 'drift',
  }
}
