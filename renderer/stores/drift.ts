/**
 * What drifts, per Kustomization and HelmRelease of the selected contexts: what the rail, the lists and the status bar count. The objects
 * themselves are streamed only to those who show them. "Not known" is never counted as "no drift".
 */
import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { DriftObject, DriftOwner } from '../../shared/model/drift.ts'
import { refKey } from '../../shared/model/identity.ts'
import type { GroupKind } from '../../shared/model/identity.ts'
import { formatAge } from '../../shared/lib/format/time.ts'
import { onConnect } from './host.ts'
import { createKeyedStore, emptyStream, feedKeyedStore, feedWhileLookedAt } from './keyed-stream.ts'
import { memoize, memoizeBySignature } from './memoize.ts'

export const driftStore = createKeyedStore<DriftOwner>()
/** Every compared object that is not unchanged; fed while somebody looks (`useDriftObjects`). */
export const driftObjectsStore = createKeyedStore<DriftObject>()

/** While everything is compared, thousands of owners change within seconds. */
const restMs = 250

const objectsFeed = feedWhileLookedAt(driftObjectsStore, 'drift.objects', {}, restMs)

onConnect((bridge) => {
  const stops = [feedKeyedStore(bridge, driftStore, 'drift.owners', {}, restMs), objectsFeed.connect(bridge)]
  return () => {
    for (const stop of stops) stop()
    driftStore.setState(emptyStream)
  }
})

/** Keeps the objects' stream open until the returned function is called. */
export const lookAtDriftObjects = objectsFeed.look

const comparedKinds: ReadonlySet<string> = new Set([
  'kustomize.toolkit.fluxcd.io/Kustomization',
  'helm.toolkit.fluxcd.io/HelmRelease',
])

/** Objects of this kind apply others, which are compared. */
export function canDrift({ group, kind }: GroupKind): boolean {
  return comparedKinds.has(`${group}/${kind}`)
}

export interface DriftTotals {
  readonly owners: number
  /** With a finished comparison, however old. */
  readonly compared: number
  readonly pending: number
  readonly checking: number
  readonly failed: number
  readonly approximate: number
  /** Owners with drift, and their drifting objects. */
  readonly driftedOwners: number
  readonly drifted: number
  /** Objects that only the record of owners differs of. */
  readonly recordOnly: number
  readonly refused: number
  /** The oldest finished comparison, null where there is none. */
  readonly oldestAt: number | null
}

const noTotals: DriftTotals = {
  owners: 0,
  compared: 0,
  pending: 0,
  checking: 0,
  failed: 0,
  approximate: 0,
  driftedOwners: 0,
  drifted: 0,
  recordOnly: 0,
  refused: 0,
  oldestAt: null,
}

export const selectDriftTotals = memoize((items: ReadonlyMap<string, DriftOwner>): DriftTotals => {
  if (items.size === 0) return noTotals
  const totals = { ...noTotals, owners: items.size }
  for (const owner of items.values()) {
    if (owner.checkedAt !== null) {
      totals.compared += 1
      totals.oldestAt = totals.oldestAt === null ? owner.checkedAt : Math.min(totals.oldestAt, owner.checkedAt)
    }
    if (owner.state === 'pending') totals.pending += 1
    else if (owner.state === 'checking') totals.checking += 1
    else if (owner.state === 'failed') totals.failed += 1
    if (owner.isApproximate && owner.checkedAt !== null) totals.approximate += 1
    if (owner.driftedCount > 0) totals.driftedOwners += 1
    totals.drifted += owner.driftedCount
    totals.recordOnly += owner.recordOnlyCount
    totals.refused += owner.refusedCount
  }
  return totals
})

/** Owners that drift, by key; the same set while only ages and counts change. */
export const selectDrifting = memoizeBySignature(
  (items: ReadonlyMap<string, DriftOwner>) => {
    let text = ''
    for (const owner of items.values()) if (owner.driftedCount > 0) text += `${owner.key}\n`
    return text
  },
  (items): ReadonlySet<string> => {
    const keys = new Set<string>()
    for (const owner of items.values()) if (owner.driftedCount > 0) keys.add(owner.key)
    return keys
  },
)

export interface DriftCell {
  /** `≠ n` is drawn as a badge; the others are texts. */
  readonly kind: 'drifted' | 'equal' | 'pending' | 'unknown'
  readonly count: number
  /** For the tooltip. */
  readonly why: string
}

/** What a list says of an owner: drifting objects, `0` compared and equal, `…` not yet compared, `?` not known. */
export function driftCellOf(owner: DriftOwner | undefined, isStale: boolean, now: number): DriftCell {
  const cell = (kind: DriftCell['kind'], why: string, count = 0): DriftCell => ({ kind, count, why })
  if (isStale) return cell('unknown', 'Not known: the cluster does not answer')
  if (owner === undefined) return cell('pending', 'Not yet compared')
  const { checkedAt, error } = owner
  if (checkedAt === null) {
    if (owner.state === 'failed')
      return cell('unknown', `Could not be compared: ${error?.message ?? 'no reason is known'}`)
    return cell('pending', owner.state === 'checking' ? 'Being compared' : 'Not yet compared')
  }
  const when = `compared ${formatAge(now - checkedAt)} ago${owner.isApproximate ? ', approximately' : ''}`
  const last = error === null ? '' : `. The last comparison failed: ${error.message}`
  if (owner.driftedCount > 0)
    return cell(
      'drifted',
      `${owner.driftedCount.toLocaleString()} of ${owner.objectCount.toLocaleString()} objects differ from Git, ${when}${last}`,
      owner.driftedCount,
    )
  if (owner.refusedCount > 0)
    return cell('unknown', `${owner.refusedCount.toLocaleString()} objects could not be compared, ${when}${last}`)
  if (error !== null) return cell('unknown', `No drift when last ${when}${last}`)
  const record =
    owner.recordOnlyCount === 0 ? '' : `. Of ${owner.recordOnlyCount.toLocaleString()} only who owns fields differs`
  return cell('equal', `No drift in ${owner.objectCount.toLocaleString()} objects, ${when}${record}`)
}

/** Objects by the owner's key. */
export const selectObjectsByOwner = memoize(
  (items: ReadonlyMap<string, DriftObject>): ReadonlyMap<string, readonly DriftObject[]> => {
    const byOwner = new Map<string, DriftObject[]>()
    for (const object of items.values()) {
      const key = refKey(object.owner)
      const known = byOwner.get(key)
      if (known === undefined) byOwner.set(key, [object])
      else known.push(object)
    }
    return byOwner
  },
)

/** The owner of that key, kept current. */
export function useDriftOwner(key: string): DriftOwner | undefined {
  return useStore(driftStore, (state) => state.items.get(key))
}

export function useDriftTotals(): DriftTotals {
  const items = useStore(driftStore, (state) => state.items)
  return useMemo(() => selectDriftTotals(items), [items])
}
