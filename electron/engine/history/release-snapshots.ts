/** What a HelmRelease tells of its releases. Source: flux-semantics §1.6 (`status.history`), §3.2. */
import { helmGroup } from '../../../shared/flux/groups.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { chartOrigin } from '../source/chart-source.ts'
import { asArray, at, groupOf, numberAt, textAt, timeMs } from '../status/read.ts'
import type { ReleaseSnapshot, Seen } from './row-changes.ts'

/** Newest first. Controllers before Flux 2.2 tell none. */
export function readReleases(object: unknown): readonly ReleaseSnapshot[] {
  return asArray(at(object, 'status', 'history')).map((snapshot) => ({
    version: numberAt(snapshot, 'version') ?? 0,
    status: textAt(snapshot, 'status'),
    chartName: textAt(snapshot, 'chartName'),
    chartVersion: textAt(snapshot, 'chartVersion'),
    at: timeMs(at(snapshot, 'lastDeployed')),
    digest: textAt(snapshot, 'digest'),
  }))
}

/** The newest that is deployed, null where none is; undefined of what is no HelmRelease, or has one and tells none. */
export function deployedRelease(object: KubeObject | null): ReleaseSnapshot | null | undefined {
  if (object === null || !isRelease(object)) return undefined
  const releases = readReleases(object)
  if (releases.length === 0 && textAt(object, 'status', 'lastAppliedRevision') !== '') return undefined
  return releases.find(({ status }) => status === 'deployed') ?? null
}

/** What a change of a HelmRelease is told with; nothing of what is none. */
export function releaseSeen(
  view: Pick<ClusterView, 'id' | 'cached'>,
  object: KubeObject | null,
): Pick<Seen, 'release' | 'origins'> {
  const release = deployedRelease(object)
  if (object === null || release === undefined) return {}
  return {
    release,
    origins: {
      applied: chartOrigin(view, object, release?.chartVersion ?? ''),
      attempted: chartOrigin(view, object, textAt(object, 'status', 'lastAttemptedRevision')),
    },
  }
}

function isRelease({ kind, apiVersion }: KubeObject): boolean {
  return kind === 'HelmRelease' && groupOf(apiVersion) === helmGroup
}
