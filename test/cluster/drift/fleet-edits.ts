/**
 * Edits that people and programs make to the objects of a real fleet, and what has to be told of each. What is expected follows from what was
 * read of the API server before the edit and from the rule that the controllers go by; nothing of the product is asked.
 */
import { pointerTo } from '../../../electron/engine/gate/json-pointer.ts'
import type { KubeObject } from '../apply-manifests.ts'
import type { TestCluster } from '../start.ts'

type Path = readonly string[]

/** `change` gives a scalar of Git another value, `remove` takes it away, `add` puts one beside it, `force` applies over it. */
type How = 'change' | 'remove' | 'add' | 'force' | 'status' | 'delete'

interface Wish {
  readonly kind: string
  readonly how: How
  readonly manager: string
  /** A field, or a map whose first scalar is meant. */
  readonly place: Path
  readonly value?: unknown
}

/** One edit each. Managers whose names begin with kubectl are taken over by the controller, all others keep what they add. */
const wishes: readonly Wish[] = [
  { kind: 'ConfigMap', how: 'change', manager: 'kubectl-edit', place: ['data'] },
  { kind: 'ConfigMap', how: 'change', manager: 'k9s', place: ['data'] },
  { kind: 'ExternalSecret', how: 'remove', manager: 'kubectl-patch', place: ['spec', 'refreshInterval'] },
  { kind: 'ConfigMap', how: 'add', manager: 'kubectl-edit', place: ['data', 'by-hand'], value: 'yes' },
  { kind: 'ConfigMap', how: 'add', manager: 'reloader', place: ['data', 'by-program'], value: 'yes' },
  { kind: 'ExternalSecret', how: 'force', manager: 'team-a', place: ['spec', 'refreshInterval'] },
  { kind: 'ConfigMap', how: 'delete', manager: '', place: [] },
  { kind: 'HelmRelease', how: 'change', manager: 'kubectl-edit', place: ['spec', 'interval'], value: '7m' },
  { kind: 'HelmRelease', how: 'change', manager: 'node-fetch', place: ['spec', 'values'] },
  { kind: 'HelmRelease', how: 'add', manager: 'flux', place: ['spec', 'suspend'], value: true },
  { kind: 'OCIRepository', how: 'change', manager: 'kubectl-edit', place: ['spec', 'interval'], value: '11m' },
  { kind: 'OCIRepository', how: 'change', manager: 'kubectl-patch', place: ['spec', 'ref', 'tag'], value: '0.0.1' },
  { kind: 'OCIRepository', how: 'delete', manager: '', place: [] },
  { kind: 'ExternalSecret', how: 'change', manager: 'rancher', place: ['spec', 'refreshInterval'], value: '9m' },
  { kind: 'ExternalSecret', how: 'change', manager: 'kubectl-edit', place: ['spec', 'target'] },
  { kind: 'ExternalSecret', how: 'delete', manager: '', place: [] },
  {
    kind: 'ExternalSecret',
    how: 'status',
    manager: 'external-secrets',
    place: ['status', 'refreshTime'],
    value: 'now',
  },
  { kind: 'Kustomization', how: 'change', manager: 'kubectl-edit', place: ['spec', 'interval'], value: '3h' },
  { kind: 'Namespace', how: 'add', manager: 'kubectl-label', place: ['metadata', 'labels', 'team'], value: 'a' },
  { kind: 'Namespace', how: 'add', manager: 'policy', place: ['metadata', 'labels', 'checked'], value: 'yes' },
  {
    kind: 'PersistentVolumeClaim',
    how: 'add',
    manager: 'kubectl-label',
    place: ['metadata', 'labels', 'note'],
    value: 'a',
  },
  {
    kind: 'PersistentVolumeClaim',
    how: 'add',
    manager: 'provisioner',
    place: ['metadata', 'labels', 'seen'],
    value: '1',
  },
  {
    kind: 'HorizontalPodAutoscaler',
    how: 'change',
    manager: 'kubectl-edit',
    place: ['spec', 'maxReplicas'],
    value: 17,
  },
  { kind: 'HorizontalPodAutoscaler', how: 'change', manager: 'Mozilla', place: ['spec', 'maxReplicas'], value: 19 },
  { kind: 'SnapshotPolicy', how: 'change', manager: 'kubectl-edit', place: ['spec'] },
  { kind: 'GrafanaDashboard', how: 'change', manager: 'grafana', place: ['spec'] },
  { kind: 'GrafanaDashboard', how: 'remove', manager: 'kubectl-edit', place: ['spec'] },
  { kind: 'SnapshotSchedule', how: 'change', manager: 'k9s', place: ['spec'] },
  { kind: 'Restore', how: 'change', manager: 'kubectl-patch', place: ['spec'] },
  { kind: 'LiteLLMModel', how: 'change', manager: 'kubectl-edit', place: ['spec'] },
  { kind: 'PrometheusRule', how: 'delete', manager: '', place: [] },
  { kind: 'Cluster', how: 'change', manager: 'kubectl-scale', place: ['spec', 'instances'], value: 9 },
  { kind: 'Secret', how: 'change', manager: 'kubectl-edit', place: ['data'], value: 'YW5vdGhlcg==' },
  { kind: 'PriorityClass', how: 'change', manager: 'kubectl-edit', place: ['description'], value: 'By hand' },
]

export interface FleetObject {
  readonly context: string
  readonly cluster: TestCluster
  readonly at: string
  /** `NAMESPACE/NAME` of the Kustomizations whose inventories have it: one, but where a repository names it twice. */
  readonly holders: readonly string[]
  /** As the controller left it. */
  readonly before: KubeObject
}

/** An edit that was made. */
export interface FleetEdit {
  readonly object: FleetObject
  readonly how: How
  readonly manager: string
  /** '' where the object is deleted. */
  readonly pointer: string
  readonly path: Path
  /** undefined: not in Git. */
  readonly gitValue: unknown
  /** undefined: not in the cluster. */
  readonly liveValue: unknown
  /** `none`: a status, which nobody compares. */
  readonly verdict: 'drift' | 'reclaimed' | 'notOwned' | 'created' | 'none'
}

/** Makes every edit that finds an object for itself, no two on the same one, and answers what was made and what found none. */
export async function makeFleetEdits(
  objects: readonly FleetObject[],
): Promise<{ readonly made: readonly FleetEdit[]; readonly left: readonly string[] }> {
  const made: FleetEdit[] = []
  const left: string[] = []
  const used = new Set<FleetObject>()
  for (const [index, wish] of wishes.entries()) {
    const fitting = objects
      .filter((object) => object.before.kind === wish.kind && !used.has(object))
      .map((object) => ({ object, path: findPlace(object.before, wish) }))
      .filter((found): found is { object: FleetObject; path: Path } => found.path !== null)
    // From all over the fleet, not the first ones of the alphabet.
    const from = (index * 7) % Math.max(1, fitting.length)
    let why = 'none has such a field'
    for (const { object, path } of [...fitting.slice(from), ...fitting.slice(0, from)].slice(0, 5)) {
      const edit = await perform(wish, object, path).catch((error: unknown) => String(error))
      if (typeof edit === 'string') {
        why = edit
        continue
      }
      used.add(object)
      made.push(edit)
      why = ''
      break
    }
    if (why !== '') left.push(`${wish.how} ${wish.kind} ${wish.place.join('.')}: ${why}`)
  }
  return { made, left }
}

/** Null: the object has no such place. */
function findPlace(object: KubeObject, { how, place }: Wish): Path | null {
  if (how === 'delete') return []
  if (how === 'status') return place
  const value = fieldAt(object, place)
  // Of a map that comes or goes with its only field the map is told.
  if (how === 'add') return value === undefined && sizeOf(object, place) > 0 ? place : null
  const found = value === undefined ? null : firstScalar(object, place, value)
  return found !== null && (how !== 'remove' || sizeOf(object, found) > 1) ? found : null
}

/** Fields of the map that the place lies in. */
function sizeOf(object: KubeObject, place: Path): number {
  return Object.keys(fieldAt(object, place.slice(0, -1)) ?? {}).length
}

/** Longer texts are capped where they are shown. */
const maxLength = 200

/** The first scalar of Git at or below the place, through maps alone: lists may be merged or replaced, which is the kind's to say. */
function firstScalar(object: KubeObject, place: Path, value: unknown): Path | null {
  if (Array.isArray(value)) return null
  if (typeof value !== 'object' || value === null)
    return isApplied(object, place) && String(value).length <= maxLength ? place : null
  for (const [name, inner] of Object.entries(value)) {
    // The owner's labels and what the API server fills in are nobody's to edit here.
    if (name.includes('.fluxcd.io/')) continue
    const found = firstScalar(object, [...place, name], inner)
    if (found !== null) return found
  }
  return null
}

export function fieldAt(object: unknown, path: Path): unknown {
  let value = object
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name]
  return value
}

interface Entry {
  readonly manager: string
  readonly operation: string
  readonly subresource?: string
  readonly fieldsV1?: unknown
}

/** Managers of the field, as the object's own record has them. */
export function managersAt(object: KubeObject, path: Path): readonly string[] {
  const entries = (object.metadata as { managedFields?: readonly Entry[] }).managedFields ?? []
  return entries
    .filter(({ fieldsV1 }) =>
      fieldAt(
        fieldsV1,
        path.map((name) => `f:${name}`),
      ),
    )
    .map(({ manager }) => manager)
}

const isApplied = (object: KubeObject, path: Path): boolean => managersAt(object, path).includes('kustomize-controller')

function otherValue(value: unknown): unknown {
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  return `${String(value)}-by-hand`
}

async function perform({ how, manager, value }: Wish, object: FleetObject, path: Path): Promise<FleetEdit> {
  const { cluster, at, before } = object
  const gitValue = fieldAt(before, path)
  const edit = { object, how, manager, path, pointer: how === 'delete' ? '' : pointerTo(...path) }
  const send = (method: string, place: string, body: unknown, type: string): Promise<unknown> =>
    cluster.requestOk(method, `${place}${place.includes('?') ? '&' : '?'}fieldManager=${manager}`, body, type)
  const mergePatch = 'application/merge-patch+json'
  switch (how) {
    case 'delete':
      await cluster.requestOk('DELETE', at)
      return { ...edit, gitValue: before, liveValue: undefined, verdict: 'created' }
    case 'status':
      await send('PATCH', `${at}/status`, nested(path, value), mergePatch)
      return { ...edit, gitValue: undefined, liveValue: value, verdict: 'none' }
    case 'remove':
      await send('PATCH', at, nested(path, null), mergePatch)
      return { ...edit, gitValue, liveValue: undefined, verdict: 'drift' }
    case 'add': {
      await send('PATCH', at, nested(path, value), mergePatch)
      const verdict = manager.startsWith('kubectl') ? 'reclaimed' : 'notOwned'
      return { ...edit, gitValue: undefined, liveValue: value, verdict }
    }
    case 'force': {
      const liveValue = value ?? otherValue(gitValue)
      const { apiVersion, kind, metadata } = before
      const identity = { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace } }
      const body = { ...identity, ...(nested(path, liveValue) as object) }
      await send('PATCH', `${at}?force=true`, body, 'application/apply-patch+yaml')
      return { ...edit, gitValue, liveValue, verdict: 'drift' }
    }
    case 'change': {
      const liveValue = value ?? otherValue(gitValue)
      await send('PATCH', at, nested(path, liveValue), mergePatch)
      return { ...edit, gitValue, liveValue, verdict: 'drift' }
    }
  }
}

function nested(path: Path, value: unknown): unknown {
  return path.toReversed().reduce((inner: unknown, name) => ({ [name]: inner }), value)
}
