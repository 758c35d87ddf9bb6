/**
 * What a row needs to know beside itself: by which context people know it, whether its data are live, whether its gate may be moved
 * and what its name is to assistive technology. Derived from contexts, kinds and moving gates; the same for lists, palette and pages.
 */
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { silenceText } from '../../shared/lib/silence.ts'
import type { ClusterId } from '../../shared/model/identity.ts'
import { refTitle } from '../../shared/model/identity.ts'
import type { ContextRow, FluxRow, KindRow } from '../../shared/model/rows.ts'
import { contextsStore, selectContextsByCluster, selectSelectedContexts } from './contexts.ts'
import { approvalsStore, selectApprovalKeys } from './hosting.ts'
import { kindKey, kindsStore, selectKindIndex } from './kinds.ts'
import { movingStore } from './moving.ts'
import type { GateState } from '../ui/gate/gate.tsx'

export interface RowScene {
  readonly contexts: ReadonlyMap<ClusterId, readonly ContextRow[]>
  readonly kinds: ReadonlyMap<string, KindRow>
  readonly moving: ReadonlyMap<string, boolean>
  /** Objects of which a plan waits for the user. */
  readonly approvals: ReadonlySet<string>
  /** Several contexts are selected: names then begin with the context. */
  readonly isSeveral: boolean
}

export interface GateFacts {
  readonly state: GateState
  readonly isOpen: boolean
  /** Why it may not be moved; '' if it may. */
  readonly lockedReason: string
  readonly note: string
}

export function useRowScene(): RowScene {
  // The same scene as long as nothing in it changes: every row on screen is drawn anew with another one, and while a long list loads
  // the counts of its kind change with each frame.
  const contexts = useStore(contextsStore, (state) => selectContextsByCluster(state.items))
  const isSeveral = useStore(contextsStore, (state) => selectSelectedContexts(state.items).length > 1)
  const kinds = useStore(kindsStore, (state) => selectKindIndex(state.items))
  const moving = useStore(movingStore, (state) => state.moving)
  const approvals = useStore(approvalsStore, (state) => selectApprovalKeys(state.items))
  return useMemo(
    () => ({ contexts, kinds, moving, approvals, isSeveral }),
    [contexts, kinds, moving, approvals, isSeveral],
  )
}

export function contextOfRow(row: FluxRow, scene: RowScene): ContextRow | null {
  return scene.contexts.get(row.ref.cluster)?.[0] ?? null
}

/** `namespace/name`, with the context before it where several are selected: the accessible name of rows and gates. */
export function titleOfRow(row: FluxRow, scene: RowScene): string {
  const title = refTitle(row.ref)
  const context = scene.isSeveral ? contextOfRow(row, scene) : null
  return context === null ? title : `${context.name} ${title}`
}

/** The row comes from a snapshot, or from a cluster that is silent now: readable, never shown as live. */
export function isRowStale(row: FluxRow, scene: RowScene): boolean {
  if (row.status.word === 'Stale') return true
  const context = contextOfRow(row, scene)
  if (context === null || isSilent(context)) return true
  return context.connection !== 'connected' && context.snapshotAt !== null
}

/** Nothing comes from there now; what was seen before stays readable. */
function isSilent({ connection }: ContextRow): boolean {
  return connection === 'unreachable' || connection === 'unauthorized' || connection === 'invalid'
}

/** What the gate of a row shows; null where the kind has none. */
export function gateOfRow(row: FluxRow, scene: RowScene): GateFacts | null {
  if (row.isSuspended === null) return null
  const isOpen = !row.isSuspended
  const wasOpen = scene.moving.get(row.key)
  const note = suspendNote(row)
  if (wasOpen !== undefined) return { state: 'moving', isOpen: wasOpen, lockedReason: '', note }
  const lockedReason = lockOfRow(row, scene)
  if (isRowStale(row, scene)) return { state: 'unknown', isOpen, lockedReason: '', note: '' }
  return { state: isOpen ? 'open' : closedState(row, scene), isOpen, lockedReason, note }
}

/** Which kind of closed: the gate's third state shows its mode, and whether a plan waits. */
function closedState(row: FluxRow, scene: RowScene): GateState {
  if (scene.approvals.has(row.key)) return 'held'
  if (row.mode === undefined) return 'closed'
  return row.mode === 'manual' ? 'manual' : 'holding'
}

/** Why nothing may be done there while its cluster is silent: what is shown is what was last seen. */
export function silenceOf(context: Pick<ContextRow, 'name' | 'connection'>): string {
  return `No live data: ${silenceText(context)}`
}

/** Why the objects of this row may not be changed; '' if they may, as far as is known before the API server is asked. */
export function lockOfRow(row: FluxRow, scene: RowScene): string {
  const contexts = scene.contexts.get(row.ref.cluster) ?? []
  const [first] = contexts
  if (first === undefined) return 'No live data: no context leads to its cluster'
  if (isRowStale(row, scene))
    return first.connection === 'connected' ? `No live data yet: ${first.name} is being read` : silenceOf(first)
  if (contexts.every((context) => context.isReadOnly)) return `Context ${first.name} is read-only`
  const kind = scene.kinds.get(kindKey(first.key, row.ref.group, row.ref.kind))
  if (kind?.patchAccess === 'denied')
    return kind.patchAccessReason === '' ? `You may not patch ${kind.plural} in ${first.name}` : kind.patchAccessReason
  return ''
}

const modeNotes = { manual: 'Applied when you say so', held: 'Each revision waits for approval' } as const

/** Who closed the gate, why and until when, as far as it can be believed; '' for an open gate. */
export function suspendNote(row: FluxRow): string {
  const info = row.suspend
  if (info === null || row.isSuspended !== true) return ''
  if (!info.isTrusted) return info.manager === null ? '' : `suspended by ${info.manager}`
  if (row.mode !== undefined)
    return [info.reason ?? modeNotes[row.mode], info.by].filter((part) => part !== null && part !== '').join(' · ')
  return [info.reason ?? 'No reason recorded', info.by].filter((part) => part !== null && part !== '').join(' · ')
}
