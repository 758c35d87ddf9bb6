/** The two stages that a bootstrap adds: commits before anything is installed, and Flux's own source and Kustomization once it reconciles. */
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import type { GitWriter } from '../../source/git-write-port.ts'
import { findCondition, readConditions } from '../../status/conditions.ts'
import { textAt } from '../../status/read.ts'
import type { Waiting } from '../hand-over/adoption.ts'
import { isReady, refOf } from '../hand-over/adoption.ts'
import { install, readObject } from '../hand-over/install.ts'
import type { PreparedBootstrap } from './plan-bootstrap.ts'

/** Answers the commit that the cluster shall read: a new one, or the one that holds everything already. */
export async function pushBootstrap(
  { request, push, plan }: PreparedBootstrap,
  gitWriter: GitWriter,
  { clock, signal }: Pick<CallOptions, 'clock' | 'signal'>,
): Promise<{ readonly commit: string; readonly isNew: boolean }> {
  if (push === null) {
    if (plan.head === null) throw new SluiceError('Internal', 'There is nothing to push to a branch that is not there')
    return { commit: plan.head, isNew: false }
  }
  const { commit } = await gitWriter.push(request, { ...push, atMs: clock.now() }, signal)
  return { commit, isNew: true }
}

export interface Sync {
  /** Writes what differs; answers how many objects did. */
  apply(): Promise<number>
  /** Until source and Kustomization are Ready with the commit, or one that came after it. */
  pending(): Promise<readonly Waiting[]>
}

export async function beginSync(
  { objects }: PreparedBootstrap,
  commit: string,
  view: ClusterView,
  calls: CallOptions,
): Promise<Sync> {
  const [source, kustomization] = objects.slice(-2)
  if (source === undefined || kustomization === undefined)
    throw new SluiceError('Internal', 'A bootstrap has no objects')
  const before = revisionOf(await readObject(source, calls))
  return {
    apply: () => install(objects, calls),
    async pending() {
      const [git, applied] = await Promise.all([readObject(source, calls), readObject(kustomization, calls)])
      const revision = revisionOf(git)
      const isFetched = revision.endsWith(commit) || (revision !== '' && revision !== before)
      if (git === null || !isFetched || !isReady(git)) return [waiting(view, source, git)]
      const isApplied = textAt(applied, 'status', 'lastAppliedRevision') === revision
      return applied !== null && isApplied && isReady(applied) ? [] : [waiting(view, kustomization, applied)]
    },
  }
}

const revisionOf = (object: KubeObject | null): string => textAt(object, 'status', 'artifact', 'revision')

function waiting(view: ClusterView, wanted: KubeObject, live: KubeObject | null): Waiting {
  const ref: ObjectRef = refOf(view, wanted)
  const ready = live === null ? null : findCondition(readConditions(live), 'Ready')
  return { ref, why: ready === null || ready.message === '' ? 'The controller has not come to it yet.' : ready.message }
}
