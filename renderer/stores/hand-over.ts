/** What the window asks of hand-over: Flux's own controllers move into a cluster that hosted mode serves. */
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import type { HandOverPlan, ManifestsChoice, ManifestsWays, PickedManifests } from '../../shared/model/hand-over.ts'
import type { ContextId } from '../../shared/model/identity.ts'
import { openDialog } from './dialogs.ts'
import { callHost } from './host.ts'

export type Answer<T> = { readonly value: T } | { readonly error: SluiceErrorData }

/** Opens "Move to the cluster": the choice, the plan, or how far it is. */
export function openHandOver(context: ContextId): void {
  openDialog({ kind: 'handOver', context })
}

export async function askManifestWays(signal: AbortSignal): Promise<Answer<ManifestsWays>> {
  const result = await callHost('handOver.ways', {}, signal)
  return result.ok ? { value: result.value } : { error: result.error }
}

/** Null: nothing was chosen. */
export async function pickManifests(): Promise<Answer<PickedManifests | null>> {
  const result = await callHost('handOver.pick', {})
  return result.ok ? { value: result.value.picked } : { error: result.error }
}

export async function planHandOver(
  context: ContextId,
  manifests: ManifestsChoice,
  signal: AbortSignal,
): Promise<Answer<HandOverPlan>> {
  const result = await callHost('handOver.plan', { context, manifests }, signal)
  return result.ok ? { value: result.value } : { error: result.error }
}

/** The refusal, null where it has begun. */
export async function startHandOver(context: ContextId, digest: string): Promise<SluiceErrorData | null> {
  const result = await callHost('handOver.start', { context, digest })
  return result.ok ? null : result.error
}

export async function cancelHandOver(context: ContextId): Promise<SluiceErrorData | null> {
  const result = await callHost('handOver.cancel', { context })
  return result.ok ? null : result.error
}
