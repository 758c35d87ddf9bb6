/**
 * Which of Helm's stored revisions a HelmRelease no longer lists in `status.history`, and what they tell. Pure. Source: flux-semantics §1.6, §3.2.
 */
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { PreparedRelease } from '../helm/release-port.ts'
import type { StoredLabels } from '../helm/release-store.ts'
import { releaseName, storageNamespace } from '../inventory/release-name.ts'
import type { Codec } from '../ports.ts'
import { asArray, at, numberAt, textAt } from '../status/read.ts'
import { entryOf, releaseEntry, releaseIdentity, releaseTone } from './row-changes.ts'
import type { Seen } from './row-changes.ts'

/** A HelmRelease whose past is looked for. */
export interface Releasing {
  readonly row: FluxRow
  readonly seen: Pick<Seen, 'now' | 'owner' | 'release' | 'origins'>
  /** Where its revisions lie: namespace of the storage, and name. */
  readonly storage: string
  readonly name: string
  /** Revisions that `status.history` tells. */
  readonly covered: ReadonlySet<number>
  /** What is not later was told before, or happened before Sluice looked last. */
  readonly toldUntil: number
}

/** A stored revision that nothing told yet. */
export interface Untold {
  readonly of: Releasing
  readonly labels: StoredLabels
}

/** null where its releases lie in another cluster: Helm's storage in this one is not theirs. */
export function releasingOf(
  row: FluxRow,
  object: KubeObject,
  seen: Releasing['seen'],
  toldUntil: number,
  codec: Codec,
): Releasing | null {
  if (at(object, 'spec', 'kubeConfig') !== undefined) return null
  const name = releaseName(object, codec)
  const covered = asArray(at(object, 'status', 'history'))
    // Of a release of another name, as it had before, there is nothing in this one's storage.
    .filter((snapshot) => textAt(snapshot, 'name') === name)
    .map((snapshot) => numberAt(snapshot, 'version') ?? 0)
  return { row, seen, storage: storageNamespace(object), name, covered: new Set(covered), toldUntil }
}

/** One release is one HelmRelease's: of two that claim it, the one that has made some of it. */
export function byStorage(releasing: readonly Releasing[]): ReadonlyMap<string, Releasing> {
  const found = new Map<string, Releasing>()
  for (const each of releasing) {
    const key = storageKey(each.storage, each.name)
    if ((found.get(key)?.covered.size ?? 0) === 0) found.set(key, each)
  }
  return found
}

export const storageKey = (namespace: string, name: string): string => `${namespace}/${name}`

/** null where it was told, is told by whoever watches, or is nobody's of Flux. */
export function untoldOf(labels: StoredLabels, releasing: ReadonlyMap<string, Releasing>): Untold | null {
  const of = releasing.get(storageKey(labels.namespace, labels.name))
  if (of === undefined || of.covered.has(labels.revision)) return null
  // Under way: its controller tells what comes of it.
  if (labels.status.startsWith('pending-') && labels.revision > Math.max(0, ...of.covered)) return null
  // Helm writes a revision down as it begins, and an object is never older than what it tells.
  return labels.createdAt !== null && labels.createdAt <= of.toldUntil ? null : { of, labels }
}

/** The newest first: where not all are read, what is nearest to now counts most. */
export function newestFirst(untold: readonly Untold[]): readonly Untold[] {
  return untold.toSorted(
    (a, b) => (b.labels.createdAt ?? 0) - (a.labels.createdAt ?? 0) || b.labels.revision - a.labels.revision,
  )
}

/** `record`: null where it was not read: number, status and time are what the labels say. null where it is older than what was told. */
export function describeRecord(
  { of, labels }: Untold,
  record: Pick<PreparedRelease, 'chartName' | 'chartVersion' | 'status' | 'deployedAt' | 'description'> | null,
): NewHistoryEntry | null {
  const { row, seen, toldUntil } = of
  const version = labels.revision
  const time = record?.deployedAt ?? labels.createdAt
  if (time === null || time <= toldUntil) return null
  const past = { ...seen, isBackfilled: true }
  if (record === null)
    return entryOf(
      row.ref,
      past,
    )({
      type: 'run',
      reason: 'Released',
      at: time,
      message: `Release ${String(version)}: ${labels.status}`,
      tone: releaseTone(labels.status),
      identity: releaseIdentity(row, version, time),
      facts: { version },
    })
  const { chartName, chartVersion, status, description } = record
  return releaseEntry(row, { version, status, chartName, chartVersion, at: time, digest: '', description }, past)
}

/** What could not be read, for people; `isCut`: not each namespace was asked, since those of all may not be. */
export function unreadWords(namespaces: readonly string[], isCut: boolean): string {
  const shown = namespaces.slice(0, maxShown).join(', ')
  const more = namespaces.length - maxShown
  const where = `namespace${namespaces.length === 1 ? '' : 's'} ${shown}${more > 0 ? ` and ${String(more)} more` : ''}`
  return `Earlier Helm releases of ${where} are not known: you may not list Secrets ${isCut ? 'of all namespaces' : 'there'}`
}

const maxShown = 5
