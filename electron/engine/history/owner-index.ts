/** Which Kustomization or HelmRelease something belongs to: by inventories, by the labels that rows already read, and by the names that workloads give. */
import { helmGroup, kustomizeGroup } from '../../../shared/flux/groups.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import type { KubeObject } from '../clusters/view.ts'
import { readInventory } from '../inventory/read-inventory.ts'
import { NumberTable } from './number-table.ts'

/** Kinds whose objects are named after the workload that made them, and the kinds of workloads that do, with their groups. */
const madeBy: Readonly<Record<string, readonly { readonly group: string; readonly kind: string }[]>> = {
  Pod: [
    ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) => ({ group: 'apps', kind })),
    ...['Job', 'CronJob'].map((kind) => ({ group: 'batch', kind })),
  ],
  ReplicaSet: [{ group: 'apps', kind: 'Deployment' }],
  Job: [{ group: 'batch', kind: 'CronJob' }],
  ControllerRevision: [{ group: 'apps', kind: 'StatefulSet' }],
  PersistentVolumeClaim: [{ group: 'apps', kind: 'StatefulSet' }],
  EndpointSlice: [{ group: '', kind: 'Service' }],
  HelmChart: [{ group: helmGroup, kind: 'HelmRelease' }],
}

export function isApplier({ group, kind }: Pick<ObjectRef, 'group' | 'kind'>): boolean {
  return (group === kustomizeGroup && kind === 'Kustomization') || (group === helmGroup && kind === 'HelmRelease')
}

/**
 * Of one cluster. What is applied is kept as 53-bit hashes of its names: inventories of a fleet have some hundred thousand entries, and two that meet
 * would be one in a hundred thousand such fleets.
 */
export class OwnerIndex {
  readonly #owners = new NumberTable()
  readonly #refs: (ObjectRef | undefined)[] = []
  readonly #free: number[] = []
  /** Owner's row key → its place in `#refs`, and what was read of it. */
  readonly #known = new Map<string, { readonly index: number; readonly version: string }>()

  /** Takes an applier's inventory; cheap where the object is as it was. */
  update(row: FluxRow, object: KubeObject | null): void {
    if (!isApplier(row.ref)) return
    const version = object?.metadata.resourceVersion ?? ''
    if (this.#known.get(row.key)?.version === version && version !== '') return
    this.remove(row.key)
    const entries = (object === null ? null : readInventory(object))?.entries ?? []
    if (entries.length === 0) return
    const index = this.#free.pop() ?? this.#refs.length
    this.#refs[index] = row.ref
    this.#known.set(row.key, { index, version })
    for (const entry of entries) this.#owners.set(hashOf(entry), index)
  }

  remove(rowKey: string): void {
    const known = this.#known.get(rowKey)
    if (known === undefined) return
    this.#known.delete(rowKey)
    // What moved to another owner meanwhile is that one's, and stays.
    this.#owners.removeValue(known.index)
    this.#refs[known.index] = undefined
    this.#free.push(known.index)
  }

  /** An applier is its own. null: nobody's, or not known. */
  ownerOf(ref: ObjectRef): ObjectRef | null {
    if (isApplier(ref)) return ref
    const owner = this.#find(ref)
    if (owner !== null) return owner
    // `podinfo-6c9b8d4f7-x2x4z` is of `podinfo`; the longest name wins.
    for (const maker of madeBy[ref.kind] ?? [])
      for (let end = ref.name.lastIndexOf('-'); end > 0; end = ref.name.lastIndexOf('-', end - 1)) {
        const found = this.#find({ ...maker, namespace: ref.namespace, name: ref.name.slice(0, end) })
        if (found !== null) return found
      }
    return null
  }

  #find(named: Named): ObjectRef | null {
    const index = this.#owners.get(hashOf(named))
    return index < 0 ? null : (this.#refs[index] ?? null)
  }
}

type Named = Pick<ObjectRef, 'group' | 'kind' | 'namespace' | 'name'>

function hashOf({ group, kind, namespace, name }: Named): number {
  return hashText(`${group}|${kind}|${namespace}|${name}`)
}

/** cyrb53: two 32-bit mixes of the same text, of which 53 bits fit a number. */
function hashText(text: string): number {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}
