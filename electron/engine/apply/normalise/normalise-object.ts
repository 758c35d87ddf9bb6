/**
 * normalise/: what the controllers do to an object before they apply it: kinds that they know go through Go's types. Owns the table of those
 * types and the way through it; knows no cluster. Semantics: flux-semantics §2.6; fluxcd/pkg ssa v0.76.1 `normalize`, proven against
 * it by test/conformance/normalise.test.ts.
 */
import type { KubeObject } from '../../clusters/view.ts'
import { conversionFailure } from './conversion-failure.ts'
import { encodeBytes, isMap, roundTripStruct } from './round-trip.ts'
import type { KnownKinds } from './type-table.ts'
import { structOfKind } from './type-table.ts'

type Fields = Record<string, unknown>

/** What the controller fails with; `message` is a sentence about the object. */
export class NormaliseError extends Error {
  override readonly name = 'NormaliseError'
}

/**
 * The object as its controller would apply it: of known kinds unknown fields are dropped, others materialised as Go writes them; of others,
 * and of those that Go cannot read, only `status` and the creation time go. The input is not changed; parts of it are shared. Throws
 * NormaliseError for kinds of which the controllers cannot make an object (lists, options), where they fail as well.
 */
export function normaliseObject(object: KubeObject, known: KnownKinds = 'kustomize'): KubeObject {
  // Upstream leaves roles alone: their empty rules would be lost.
  if (object.apiVersion === 'rbac.authorization.k8s.io/v1' && (object.kind === 'Role' || object.kind === 'ClusterRole'))
    return object
  const result = throughTypes(object, known) ?? { ...object }
  return withoutServerFields(result) as unknown as KubeObject
}

/**
 * The answer of a dry-run, as upstream reads it: of a HorizontalPodAutoscaler the metrics that old API servers double are single again. Throws
 * NormaliseError where upstream cannot read it.
 */
export function normaliseDryRun(object: KubeObject): KubeObject {
  if (object.kind !== 'HorizontalPodAutoscaler') return object
  const result = throughTypes(object, 'kustomize')
  if (result === null)
    throw new NormaliseError(`The HorizontalPodAutoscaler cannot be read as one of ${object.apiVersion}`)
  const spec = result.spec
  if (object.apiVersion === 'autoscaling/v2' && isMap(spec) && Array.isArray(spec.metrics)) {
    const seen = new Set<string>()
    const metrics = spec.metrics.filter((metric) => {
      const text = JSON.stringify(metric)
      if (seen.has(text)) return false
      if (!isMap(metric) || metric.type === '') return false
      seen.add(text)
      return true
    })
    if (metrics.length > 0) spec.metrics = metrics
    else delete spec.metrics
  }
  return result as unknown as KubeObject
}

/** Null where the kind is not known or Go could not read the object. */
function throughTypes(object: KubeObject, known: KnownKinds): Fields | null {
  const struct = structOfKind(object.apiVersion, object.kind, known)
  if (struct === null) return null
  if (struct === 'unmakeable')
    throw new NormaliseError(
      `A ${object.kind} (${object.apiVersion}) is no object that can be applied: the controller fails`,
    )
  let result: Fields
  try {
    result = roundTripStruct(struct, object)
  } catch (error) {
    if (error === conversionFailure) return null
    throw error
  }
  setDefaults(result, object)
  return result
}

/** Where the pod spec is, of the kinds whose ports get a protocol. */
const podSpecPaths: ReadonlyMap<string, readonly string[]> = new Map([
  ['v1 Pod', ['spec']],
  ['apps/v1 Deployment', ['spec', 'template', 'spec']],
  ['apps/v1 StatefulSet', ['spec', 'template', 'spec']],
  ['apps/v1 DaemonSet', ['spec', 'template', 'spec']],
  ['apps/v1 ReplicaSet', ['spec', 'template', 'spec']],
  ['batch/v1 Job', ['spec', 'template', 'spec']],
  ['batch/v1 CronJob', ['spec', 'jobTemplate', 'spec', 'template', 'spec']],
])

function setDefaults(result: Fields, { apiVersion, kind }: KubeObject): void {
  const id = `${apiVersion.startsWith('/') ? apiVersion.slice(1) : apiVersion} ${kind}`
  if (id === 'v1 Secret') return mergeStringData(result)
  if (id === 'v1 Service') return setProtocols(fieldOf(result, 'spec'))
  const path = podSpecPaths.get(id)
  if (path === undefined) return
  const containers = fieldOf(path.reduce<unknown>(fieldOf, result), 'containers')
  if (Array.isArray(containers)) containers.forEach(setProtocols)
}

function fieldOf(value: unknown, name: string): unknown {
  return isMap(value) ? value[name] : undefined
}

function setProtocols(owner: unknown): void {
  const ports = fieldOf(owner, 'ports')
  if (!Array.isArray(ports)) return
  for (const port of ports) if (isMap(port) && port.protocol === undefined) port.protocol = 'TCP'
}

function mergeStringData(secret: Fields): void {
  const { stringData } = secret
  if (!isMap(stringData)) return
  const encoder = new TextEncoder()
  const added = Object.entries(stringData).map(
    ([key, text]) => [key, encodeBytes(encoder.encode(text as string))] as const,
  )
  delete secret.stringData
  // Entries, not assignment: a key may be `__proto__`.
  secret.data = Object.fromEntries([...Object.entries(isMap(secret.data) ? secret.data : {}), ...added])
}

/** `object` is a copy at its first level. */
function withoutServerFields(object: Fields): Fields {
  if (object.metadata === undefined || isMap(object.metadata))
    object.metadata = { ...object.metadata, creationTimestamp: null }
  if (!isCustomResourceDefinition(object)) delete object.status
  return object
}

/** As upstream asks: the kind in any case, every version. */
export function isCustomResourceDefinition(object: {
  readonly apiVersion?: unknown
  readonly kind?: unknown
}): boolean {
  return (
    typeof object.kind === 'string' &&
    object.kind.toLowerCase() === 'customresourcedefinition' &&
    typeof object.apiVersion === 'string' &&
    object.apiVersion.startsWith('apiextensions.k8s.io/')
  )
}
