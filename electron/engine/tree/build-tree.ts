/**
 * One tree out of what is known at this moment, and a list of what else has to be known. Pure: the watcher calls it again whenever
 * something arrived, until nothing is wanted that is not there.
 */
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { shortKind } from '../../../shared/flux/short-kinds.ts'
import { compareText } from '../../../shared/lib/row-order.ts'
import { capText, neutralizeLine } from '../../../shared/lib/text.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow, TreeNode } from '../../../shared/model/rows.ts'
import type { KubeObject, ServedResource } from '../clusters/view.ts'
import { compareApplyOrder } from '../inventory/apply-order.ts'
import type { Inventory } from '../inventory/read-inventory.ts'
import { computeFluxStatus } from '../status/flux-status.ts'
import { computeKStatus } from '../status/kstatus.ts'
import { at, groupOf, textAt, timeMs, versionOf } from '../status/read.ts'
import { causeOf, nodeMessage, readyText } from './node-facts.ts'

export const maxNodes = 5000
/** Kustomizations within Kustomizations: beyond this it is a mistake, not a structure. */
export const maxDepth = 16

export type KnownObject =
  | { readonly state: 'pending' }
  | { readonly state: 'known'; readonly object: KubeObject }
  | { readonly state: 'missing' }
  | { readonly state: 'failed'; readonly error: SluiceErrorData }

/** What the watcher knows; every question may also be the first time that anybody asks. */
export interface TreeKnowledge {
  row(key: string): FluxRow | null
  object(ref: ObjectRef): KnownObject
  /** Objects whose controlling owner has this uid. */
  owned(uid: string): readonly KubeObject[]
  /** What an applier owns; `pending` while release storage is read, null where it owns nothing. */
  inventory(ref: ObjectRef, object: KubeObject): Inventory | 'pending' | null
  served(group: string, kind: string): ServedResource | null
  readonly now: number
}

export interface BuiltTree {
  readonly nodes: readonly TreeNode[]
  /** Objects that the tree names and whose state it needs. */
  readonly wanted: readonly ObjectRef[]
  /** Kinds of owned objects to look for, `group/Kind|namespace` once each. */
  readonly wantedOwned: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[]
  readonly isPending: boolean
}

const ownedKinds: Readonly<Partial<Record<string, readonly (readonly [string, string])[]>>> = {
  'apps/Deployment': [
    ['apps', 'ReplicaSet'],
    ['', 'Pod'],
  ],
  'apps/ReplicaSet': [['', 'Pod']],
  'apps/StatefulSet': [['', 'Pod']],
  'apps/DaemonSet': [['', 'Pod']],
  'batch/CronJob': [
    ['batch', 'Job'],
    ['', 'Pod'],
  ],
  'batch/Job': [['', 'Pod']],
  '/ReplicationController': [['', 'Pod']],
  'flagger.app/Canary': [
    ['apps', 'Deployment'],
    ['apps', 'ReplicaSet'],
    ['', 'Pod'],
  ],
}

interface Place {
  readonly parent: string | null
  readonly order: number
  readonly depth: number
  /** Version in which the inventory names the object. */
  readonly version: string
}

export function buildTree(root: ObjectRef, knowledge: TreeKnowledge): BuiltTree {
  return new TreeBuilder(root, knowledge).build()
}

class TreeBuilder {
  readonly #root: ObjectRef
  readonly #knowledge: TreeKnowledge
  readonly #nodes: TreeNode[] = []
  readonly #seen = new Set<string>()
  readonly #wanted = new Map<string, ObjectRef>()
  readonly #wantedOwned = new Map<string, { group: string; kind: string; namespace: string }>()
  #order = 0
  #isPending = false
  #skipped = 0

  constructor(root: ObjectRef, knowledge: TreeKnowledge) {
    this.#root = root
    this.#knowledge = knowledge
  }

  build(): BuiltTree {
    this.#visit(this.#root, { parent: null, order: 0, depth: 0, version: '' })
    if (this.#skipped > 0) this.#nodes.push(this.#capNode())
    return {
      nodes: this.#nodes,
      wanted: [...this.#wanted.values()],
      wantedOwned: [...this.#wantedOwned.values()],
      isPending: this.#isPending,
    }
  }

  /** Adds the object and what is below it; true when it is Ready or Current. */
  #visit(ref: ObjectRef, place: Place, given: KubeObject | null = null): boolean {
    const key = refKey(ref)
    // Cycles, and objects that two inventories name: the first place wins.
    if (this.#seen.has(key)) return true
    if (this.#nodes.length >= maxNodes - 1) {
      this.#skipped += 1
      return false
    }
    this.#seen.add(key)
    const index = this.#nodes.length
    const known = given === null ? this.#look(ref, key) : ({ state: 'known', object: given } as const)
    const node = this.#node(ref, key, place, known)
    this.#nodes.push(node)
    if (known.state === 'known') {
      const ready = this.#children(ref, key, known.object, place)
      if (ready !== '') this.#nodes[index] = { ...node, ready }
    }
    return node.status === 'Current' || node.status === 'Ready'
  }

  #look(ref: ObjectRef, key: string): KnownObject {
    const resource = this.#knowledge.served(ref.group, ref.kind)
    if (resource === null) return { state: 'failed', error: notServed(ref) }
    this.#wanted.set(key, ref)
    const known = this.#knowledge.object(ref)
    if (known.state === 'pending') this.#isPending = true
    return known
  }

  /** Returns `ready` of an applier (`47/48`), '' for others. */
  #children(ref: ObjectRef, key: string, object: KubeObject, place: Place): string {
    const depth = place.depth + 1
    const inventory = depth > maxDepth ? null : this.#knowledge.inventory(ref, object)
    let ready = ''
    if (inventory === 'pending') this.#isPending = true
    else if (inventory !== null) ready = this.#entries(ref, key, object, inventory, depth)
    for (const [group, kind] of ownedKinds[`${ref.group}/${ref.kind}`] ?? [])
      this.#wantedOwned.set(`${group}/${kind}|${ref.namespace}`, { group, kind, namespace: ref.namespace })
    const uid = textAt(object, 'metadata', 'uid')
    if (uid !== '') this.#owned(ref, key, uid, place, depth)
    return ready
  }

  #entries(owner: ObjectRef, key: string, object: KubeObject, inventory: Inventory, depth: number): string {
    const isRemote = at(object, 'spec', 'kubeConfig') !== undefined && at(object, 'spec', 'kubeConfig') !== null
    let ready = 0
    let total = 0
    for (const entry of [...inventory.entries].sort(compareApplyOrder)) {
      const { group, kind, namespace, name, version } = entry
      const ref: ObjectRef = { cluster: owner.cluster, group, kind, namespace, name }
      // The Kustomization flux-system applies itself.
      if (refKey(ref) === key) continue
      this.#order += 1
      total += 1
      const place: Place = { parent: key, order: this.#order, depth, version }
      if (isRemote) this.#remote(ref, key, place)
      else if (this.#visit(ref, place)) ready += 1
    }
    for (const id of inventory.unreadable) this.#unreadable(owner, key, id)
    return total === 0 || isRemote ? '' : `${String(ready)}/${String(total)}`
  }

  #owned(owner: ObjectRef, key: string, uid: string, place: Place, depth: number): void {
    const children = [...this.#knowledge.owned(uid)].sort(
      (a, b) =>
        compareText(a.kind, b.kind) ||
        // Newest first: the ReplicaSet in use above its predecessors.
        compareText(textAt(b, 'metadata', 'creationTimestamp'), textAt(a, 'metadata', 'creationTimestamp')) ||
        compareText(a.metadata.name, b.metadata.name),
    )
    // Fractions below the owner's place: a pod that comes or goes moves nothing else.
    const step = 1 / 4096 ** Math.min(depth, 3)
    children.forEach((child, index) => {
      const ref: ObjectRef = {
        cluster: owner.cluster,
        group: groupOf(child.apiVersion),
        kind: child.kind,
        namespace: child.metadata.namespace ?? '',
        name: child.metadata.name,
      }
      this.#visit(ref, { parent: key, order: place.order + (index + 1) * step, depth, version: '' }, child)
    })
  }

  #node(ref: ObjectRef, key: string, place: Place, known: KnownObject): TreeNode {
    const flux = fluxKind(ref.group, ref.kind)
    const resource = this.#knowledge.served(ref.group, ref.kind)
    const base: TreeNode = {
      key,
      parent: place.parent,
      ref,
      version: resource?.version ?? place.version,
      order: place.order,
      shortKind: shortKind(ref.group, ref.kind, resource?.shortNames ?? []),
      isFlux: flux !== null,
      status: 'Unknown',
      message: '',
      cause: '',
      ready: '',
      createdAt: null,
      uid: '',
      problem: null,
    }
    switch (known.state) {
      case 'pending':
        return base
      case 'missing':
        return {
          ...base,
          status: 'NotFound',
          message: place.parent === null ? 'Not in the cluster' : 'In the inventory, not in the cluster',
          problem: {
            code: 'NotFound',
            message: `${ref.kind} ${refTitle(ref)} is not in the cluster`,
            remedy: 'Reconcile what owns it, or look at its events',
            detail: '',
            retry: 'terminal',
          },
        }
      case 'failed':
        return { ...base, message: capText(neutralizeLine(known.error.message), 1000), problem: known.error }
      case 'known': {
        const { object } = known
        const about = {
          ...base,
          version: resource?.version ?? versionOf(object.apiVersion),
          uid: textAt(object, 'metadata', 'uid'),
          createdAt: timeMs(at(object, 'metadata', 'creationTimestamp')),
        }
        if (flux !== null) {
          const row = this.#knowledge.row(key)
          const status = row?.status ?? computeFluxStatus(object, flux, this.#knowledge.now)
          return { ...about, status: status.word, message: capText(neutralizeLine(status.message), 1000) }
        }
        const status = computeKStatus(object, this.#knowledge.now)
        return {
          ...about,
          status: status.word,
          message: nodeMessage(object, status),
          cause: status.word === 'Failed' ? '' : causeOf(object),
          ready: readyText(object),
        }
      }
    }
  }

  #remote(ref: ObjectRef, parent: string, place: Place): void {
    // Another cluster's object: its key must not collide with one of this cluster.
    const key = `${parent}>${ref.group}/${ref.kind}|${ref.namespace}/${ref.name}`
    if (this.#nodes.length >= maxNodes - 1) {
      this.#skipped += 1
      return
    }
    const node = this.#node(ref, key, place, { state: 'pending' })
    this.#nodes.push({ ...node, message: 'Lives in the cluster of spec.kubeConfig' })
  }

  #unreadable(owner: ObjectRef, parent: string, id: string): void {
    if (this.#nodes.length >= maxNodes - 1) {
      this.#skipped += 1
      return
    }
    this.#order += 1
    const name = capText(neutralizeLine(id), 253)
    const message = `The inventory of ${refTitle(owner)} holds an id that has no meaning: ${name}`
    this.#nodes.push({
      key: `${parent}>${id}`,
      parent,
      ref: { cluster: owner.cluster, group: '', kind: 'Unreadable', namespace: '', name },
      version: '',
      order: this.#order,
      shortKind: '?',
      isFlux: false,
      status: 'Unknown',
      message,
      cause: '',
      ready: '',
      createdAt: null,
      uid: '',
      problem: {
        code: 'ResponseMalformed',
        message,
        remedy: 'Reconcile it: the controller writes its inventory anew',
        detail: '',
        retry: 'terminal',
      },
    })
  }

  #capNode(): TreeNode {
    const key = `${refKey(this.#root)}>more`
    return {
      key,
      parent: refKey(this.#root),
      ref: { cluster: this.#root.cluster, group: '', kind: 'More', namespace: '', name: 'more' },
      version: '',
      order: Number.MAX_SAFE_INTEGER,
      shortKind: '…',
      isFlux: false,
      status: 'Unknown',
      message: `This tree has more than ${String(maxNodes)} objects; at least ${String(this.#skipped)} are not shown. Open a Kustomization below it`,
      cause: '',
      ready: '',
      createdAt: null,
      uid: '',
      problem: null,
    }
  }
}

function notServed(ref: ObjectRef): SluiceErrorData {
  return {
    code: 'ResourceNotServed',
    message: `The cluster does not serve ${ref.kind}${ref.group === '' ? '' : ` of ${ref.group}`}`,
    remedy: 'Its CRD is not installed, or is not known yet',
    detail: '',
    retry: 'transient',
  }
}
