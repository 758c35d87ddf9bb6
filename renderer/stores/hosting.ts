/**
 * Hosted mode as the window sees it: which contexts it is on for, what waits for the user, and, while somebody looks, the queue. Also how a
 * context's hosting is drawn and said: in the rail, on Overview, in Settings, in the status bar and in its own view alike.
 */
import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { HostedRow, HostingState, ManualPlan, PendingApproval } from '../../shared/model/hosting.ts'
import type { ClusterId, ContextId, ObjectRef } from '../../shared/model/identity.ts'
import { refKey } from '../../shared/model/identity.ts'
import type { StatusShape } from '../ui/status-mark/status-mark.tsx'
import { onConnect } from './host.ts'
import { createKeyedStore, emptyStream, feedKeyedStore, feedWhileLookedAt } from './keyed-stream.ts'
import { memoize, memoizeBySignature } from './memoize.ts'

export const hostingStore = createKeyedStore<HostingState>()
export const approvalsStore = createKeyedStore<PendingApproval>()
/** The queues; fed while somebody looks (`lookAtHostedRows`). */
export const hostedRowsStore = createKeyedStore<HostedRow>()

/** While everything runs, hundreds of rows change within a second. */
const restMs = 150

const rowsFeed = feedWhileLookedAt(hostedRowsStore, 'hosting.rows', {}, restMs)

onConnect((bridge) => {
  const stops = [
    feedKeyedStore(bridge, hostingStore, 'hosting.watch', {}),
    feedKeyedStore(bridge, approvalsStore, 'hosting.approvals', {}),
    rowsFeed.connect(bridge),
  ]
  return () => {
    for (const stop of stops) stop()
    hostingStore.setState(emptyStream)
    approvalsStore.setState(emptyStream)
  }
})

/** Keeps the queues' stream open until the returned function is called. */
export const lookAtHostedRows = rowsFeed.look

/** What a Kustomization in mode manual would apply, kept up to date; undefined: not known yet. */
export function useManualPlan(ref: ObjectRef): ManualPlan | null | undefined {
  useEffect(() => lookAtHostedRows(), [])
  return useStore(hostedRowsStore, ({ items, isReady, isEnded }) =>
    isReady || isEnded ? (items.get(refKey(ref))?.plan ?? null) : undefined,
  )
}

type States = ReadonlyMap<string, HostingState>

/** Contexts that hosted mode is on for, whatever came of it, by name. */
export const selectHostings = memoize((items: States): readonly HostingState[] =>
  [...items.values()].filter(({ isOn }) => isOn).sort((a, b) => (a.context < b.context ? -1 : 1)),
)

/** Clusters that it is on for: their Kustomizations may be manual or held. Counts that change each second do not count. */
export const selectHostedClusters = memoizeBySignature(
  (items: States) => JSON.stringify(selectHostings(items).map(({ cluster }) => cluster)),
  (items): ReadonlySet<ClusterId> =>
    new Set(selectHostings(items).flatMap(({ cluster }) => (cluster === null ? [] : [cluster]))),
)

/** Keys of objects of which something waits for the user. */
export const selectApprovalKeys = memoize(
  (items: ReadonlyMap<string, PendingApproval>): ReadonlySet<string> =>
    new Set([...items.values()].map(({ ref }) => refKey(ref))),
)

export function hostingOf(items: States, context: ContextId): HostingState | null {
  const state = items.get(context)
  return state?.isOn === true ? state : null
}

export function approvalOf(items: ReadonlyMap<string, PendingApproval>, ref: ObjectRef): PendingApproval | null {
  return items.get(refKey(ref)) ?? null
}

/** A Kustomization of a cluster that hosted mode is on for. */
export function canHaveMode(ref: ObjectRef): boolean {
  return isModeKind(ref) && selectHostedClusters(hostingStore.getState().items).has(ref.cluster)
}

export function useCanHaveMode(ref: ObjectRef): boolean {
  return useStore(hostingStore, (state) => isModeKind(ref) && selectHostedClusters(state.items).has(ref.cluster))
}

function isModeKind({ group, kind }: ObjectRef): boolean {
  return group === 'kustomize.toolkit.fluxcd.io' && kind === 'Kustomization'
}

export function usePendingApproval(ref: ObjectRef): PendingApproval | null {
  return useStore(approvalsStore, (state) => approvalOf(state.items, ref))
}

const shapes: Readonly<Record<HostingState['state'], StatusShape>> = {
  off: 'empty',
  starting: 'progressing',
  waiting: 'waiting',
  active: 'ready',
  'stepped-back': 'suspended',
  disconnected: 'unreachable',
  failed: 'failed',
}

const words: Readonly<Record<HostingState['state'], string>> = {
  off: 'Off',
  starting: 'Starting',
  waiting: 'Waiting',
  active: 'Active',
  'stepped-back': 'Stepped back',
  disconnected: 'Disconnected',
  failed: 'Failed',
}

export function hostingShape({ state }: Pick<HostingState, 'state'>): StatusShape {
  return shapes[state]
}

export function hostingWord({ state }: Pick<HostingState, 'state'>): string {
  return words[state]
}
