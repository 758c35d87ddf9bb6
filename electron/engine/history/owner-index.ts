/** Which Kustomization or HelmRelease something belongs to: by inventories, by the labels that rows already read, and by the names that workloads give. */
import { helmGroup, kustomizeGroup } from '../../../shared/flux/groups.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { KubeObject } from '../clusters/view.ts'
import { readInventory } from '../inventory/read-inventory.ts'

/** Kinds whose objects are named after the workload that made them, and the kinds of workloads that do. */
const madeBy: Readonly<Record<string, readonly string[]>> = {
  Pod: ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicaSet'],
  ReplicaSet: ['Deployment'],
  Job: ['CronJob'],
  ControllerRevision: ['StatefulSet', 'DaemonSet'],
  PersistentVolumeClaim: ['StatefulSet'],
  EndpointSlice: ['Service'],
  HelmChart: ['HelmRelease'],
}

export function isApplier({ group, kind }: Pick<ObjectRef, 'group' | 'kind'>): boolean {
  return (group === kustomizeGroup && kind === 'Kustomization') || (group === helmGroup && kind === 'HelmRelease')
}

/** Of one cluster. */
export class OwnerIndex {
  readonly #byObject = new Map<string, ObjectRef>()
  /** `namespace/kind` → names, of workloads in inventories. */
  readonly #workloads = new Map<string, Map<string, ObjectRef>>()
  /** Owner's row key → what it put into the maps. */
  readonly #entries = new Map<string, { readonly version: string; readonly keys: readonly string[] }>()

  /** Takes an applier's inventory; cheap where the object is as it was. */
  update(row: FluxRow, object: KubeObject | null): void {
    if (!isApplier(row.ref)) return
    const version = object?.metadata.resourceVersion ?? ''
    if (this.#entries.get(row.key)?.version === version && version !== '') return
    this.remove(row.key)
    const keys: string[] = []
    for (const { group, kind, namespace, name } of (object === null ? null : readInventory(object))?.entries ?? []) {
      const key = keyOf({ group, kind, namespace, name })
      keys.push(key)
      this.#byObject.set(key, row.ref)
      const place = `${namespace}/${kind}`
      const names = this.#workloads.get(place) ?? new Map<string, ObjectRef>()
      names.set(name, row.ref)
      this.#workloads.set(place, names)
    }
    this.#entries.set(row.key, { version, keys })
  }

  remove(rowKey: string): void {
    const known = this.#entries.get(rowKey)
    if (known === undefined) return
    this.#entries.delete(rowKey)
    for (const key of known.keys) {
      const owner = this.#byObject.get(key)
      if (owner === undefined) continue
      this.#byObject.delete(key)
      const [, kind = '', namespace = '', name = ''] = key.split('|')
      this.#workloads.get(`${namespace}/${kind}`)?.delete(name)
    }
  }

  /** An applier is its own. null: nobody's, or not known. */
  ownerOf(ref: ObjectRef): ObjectRef | null {
    if (isApplier(ref)) return ref
    const owner = this.#byObject.get(keyOf(ref))
    if (owner !== undefined) return owner
    for (const kind of madeBy[ref.kind] ?? []) {
      const names = this.#workloads.get(`${ref.namespace}/${kind}`)
      if (names === undefined) continue
      // `podinfo-6c9b8d4f7-x2x4z` is of `podinfo`; the longest name wins.
      for (let end = ref.name.lastIndexOf('-'); end > 0; end = ref.name.lastIndexOf('-', end - 1)) {
        const found = names.get(ref.name.slice(0, end))
        if (found !== undefined) return found
      }
    }
    return null
  }
}

function keyOf({ group, kind, namespace, name }: Omit<ObjectRef, 'cluster'>): string {
  return `${group}|${kind}|${namespace}|${name}`
}
