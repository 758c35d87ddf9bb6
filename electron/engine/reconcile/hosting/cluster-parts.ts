/** What hosted mode needs in a cluster before it can begin: the leases' namespace and the definitions of Flux's kinds. */
import { createCustomResourceDefinitions } from '../../../../shared/flux/custom-resource-definitions.ts'
import type { CustomResourceDefinition } from '../../../../shared/flux/custom-resource-definitions.ts'
import { fluxKinds } from '../../../../shared/flux/kinds.ts'
import type { FluxKind } from '../../../../shared/flux/kind-types.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { errorFromAnswer } from '../../cache/api-answer.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import { waitWhile } from '../../pause.ts'
import type { Clock, KubeClient, KubeResponse } from '../../ports.ts'

const groups: ReadonlySet<string> = new Set([
  'source.toolkit.fluxcd.io',
  'kustomize.toolkit.fluxcd.io',
  'helm.toolkit.fluxcd.io',
  'notification.toolkit.fluxcd.io',
  'image.toolkit.fluxcd.io',
])
const servedMs = 60_000
const askMs = 250

/** Flux's own kinds that the cluster does not serve: a fleet names them all, whoever reconciles them. */
export function missingKinds(view: Pick<ClusterView, 'served'>): readonly FluxKind[] {
  return fluxKinds.filter(({ group, kind }) => groups.has(group) && view.served(group, kind) === null)
}

/** Creates the namespace; true if it was not there. */
export async function createNamespace(client: KubeClient, name: string): Promise<boolean> {
  const answer = await client.request({
    method: 'POST',
    path: '/api/v1/namespaces?fieldManager=sluice',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  })
  if (answer.status === 409) return false
  if (answer.status >= 300) throw errorFromAnswer(answer, `Namespace ${name}`)
  return true
}

/**
 * Creates the definitions that are missing, and waits until the cluster serves them. What is there already is left as it is. `own`: Flux's; kinds that
 * are not among them (image automation) are made from our tables all the same.
 */
export async function installDefinitions(
  client: KubeClient,
  view: Pick<ClusterView, 'served'>,
  kinds: readonly FluxKind[],
  own: readonly KubeObject[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (const definition of createCustomResourceDefinitions(kinds)) {
    const theirs = own.find(({ metadata }) => metadata.name === definition.metadata.name)
    await create(client, theirs ?? definition, theirs === undefined ? 'sluice' : 'flux', signal)
  }
  const isMissing = (): boolean => missingKinds(view).some((kind) => kinds.includes(kind))
  if (await waitWhile(isMissing, { clock, stepMs: askMs, maxMs: servedMs, signal }))
    throw new SluiceError('StartFailed', 'The API server does not serve the new definitions', {
      retry: 'transient',
      remedy: 'Try again.',
    })
}

/** Under the manager that `flux install` has, where they are its own: a later one finds nothing to take over. */
async function create(
  client: KubeClient,
  definition: CustomResourceDefinition | KubeObject,
  manager: 'sluice' | 'flux',
  signal: AbortSignal,
): Promise<void> {
  const answer: KubeResponse = await client.request({
    method: 'POST',
    path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldManager=${manager}`,
    body: definition,
    signal,
  })
  if (answer.status < 300 || answer.status === 409) return
  throw errorFromAnswer(answer, `CustomResourceDefinition ${definition.metadata.name}`)
}
