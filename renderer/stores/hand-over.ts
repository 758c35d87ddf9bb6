/** What the window asks of hand-over: Flux's own controllers move into a cluster that hosted mode serves. */
import type { BootstrapRepository, BootstrapTarget } from '../../shared/model/bootstrap.ts'
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
export async function pickManifests(what: 'file' | 'folder'): Promise<Answer<PickedManifests | null>> {
  const result = await callHost('handOver.pick', { what })
  return result.ok ? { value: result.value.picked } : { error: result.error }
}

export async function planHandOver(
  context: ContextId,
  manifests: ManifestsChoice,
  bootstrap: BootstrapTarget | null,
  signal: AbortSignal,
): Promise<Answer<HandOverPlan>> {
  const request = { context, manifests, ...(bootstrap === null ? {} : { bootstrap }) }
  const result = await callHost('handOver.plan', request, signal)
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

export async function askBootstrapRepositories(
  context: ContextId,
  signal: AbortSignal,
): Promise<Answer<readonly BootstrapRepository[]>> {
  const result = await callHost('bootstrap.repositories', { context }, signal)
  return result.ok ? { value: result.value.items } : { error: result.error }
}

/** The user is asked, with the address shown. Null: they did not want it. */
export async function addRepository(context: ContextId, url: string): Promise<Answer<BootstrapRepository | null>> {
  const result = await callHost('bootstrap.addRepository', { context, url })
  return result.ok ? { value: result.value.repository } : { error: result.error }
}

/** Null: nothing was chosen. */
export async function pickKey(): Promise<Answer<PickedManifests | null>> {
  const result = await callHost('bootstrap.pickKey', {})
  return result.ok ? { value: result.value.picked } : { error: result.error }
}

/** A file of the plan against what is in the repository, as a unified diff. */
export async function askFileDiff(
  context: ContextId,
  digest: string,
  path: string,
  signal: AbortSignal,
): Promise<Answer<string>> {
  const result = await callHost('handOver.diff', { context, digest, path }, signal)
  return result.ok ? { value: result.value.text } : { error: result.error }
}
