/** Which Kustomization or HelmRelease something belongs to: by inventories, by the labels that rows already read, and by the names that workloads give. */
import { helmGroup, kustomizeGroup } from '../../../shared/flux/groups.ts'
import { refKey } from '../../../shared/model/identity.ts'
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

const workloads: ReadonlySet<string> = new Set(Object.values(madeBy).flat())

export function isApplier({ group, kind }: Pick<ObjectRef, 'group' | 'kind'>): boolean {
  return (group === kustomizeGroup && kind === 'Kustomization') || (group === helmGroup && kind === 'HelmRelease')
}

/**
 * Of one cluster. What is applied is kept as 53-bit hashes of its names: inventories of a fleet have some hundred thousand entries, and two that meet
 * would be one in a hundred thousand such fleets.
 */
export class OwnerIndex {
  /** Hash of an object, or of a workload's place and name, → who applies it. */
  readonly #owners = new Map<number, ObjectRef>()
  /** Owner's row key → what it put there. */
  readonly #entries = new Map<string, { readonly version: string; readonly hashes: Float64Array }>()

  /** Takes an applier's inventory; cheap where the object is as it was. */
  update(row: FluxRow, object: KubeObject | null): void {
    if (!isApplier(row.ref)) return
    const version = object?.metadata.resourceVersion ?? ''
    if (this.#entries.get(row.key)?.version === version && version !== '') return
    this.remove(row.key)
    const hashes: number[] = []
    for (const entry of (object === null ? null : readInventory(object))?.entries ?? []) {
      hashes.push(hashOf(keyOf(entry)))
      if (workloads.has(entry.kind)) hashes.push(hashOf(placeOf(entry)))
    }
    if (hashes.length === 0) return
    for (const hash of hashes) this.#owners.set(hash, row.ref)
    this.#entries.set(row.key, { version, hashes: Float64Array.from(hashes) })
  }

  remove(rowKey: string): void {
    const known = this.#entries.get(rowKey)
    if (known === undefined) return
    this.#entries.delete(rowKey)
    // What moved to another owner meanwhile is that one's.
    for (const hash of known.hashes) {
      const owner = this.#owners.get(hash)
      if (owner !== undefined && refKey(owner) === rowKey) this.#owners.delete(hash)
    }
  }

  /** An applier is its own. null: nobody's, or not known. */
  ownerOf(ref: ObjectRef): ObjectRef | null {
    if (isApplier(ref)) return ref
    const owner = this.#owners.get(hashOf(keyOf(ref)))
    if (owner !== undefined) return owner
    // `podinfo-6c9b8d4f7-x2x4z` is of `podinfo`; the longest name wins.
    for (const kind of madeBy[ref.kind] ?? [])
      for (let end = ref.name.lastIndexOf('-'); end > 0; end = ref.name.lastIndexOf('-', end - 1)) {
        const found = this.#owners.get(hashOf(placeOf({ ...ref, kind, name: ref.name.slice(0, end) })))
        if (found !== undefined) return found
      }
    return null
  }
}

type Named = Pick<ObjectRef, 'group' | 'kind' | 'namespace' | 'name'>

function keyOf({ group, kind, namespace, name }: Named): string {
  return `${group}|${kind}|${namespace}|${name}`
}

function placeOf({ kind, namespace, name }: Named): string {
  return `${kind}|${namespace}|${name}`
}

/** cyrb53: two 32-bit mixes of the same text, of which 53 bits fit a number. */
function hashOf(text: string): number {
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
