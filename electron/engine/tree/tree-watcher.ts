/** One live tree: builds it, asks for what is missing, builds again when something arrived, and tells the differences. */
import { helmGroup } from '../../../shared/flux/groups.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { FluxRow, TreeNode } from '../../../shared/model/rows.ts'
import { isSilent } from '../clusters/view.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { readInventory } from '../inventory/read-inventory.ts'
import type { Inventory } from '../inventory/read-inventory.ts'
import type { Dispose, Ports } from '../ports.ts'
import { computeKStatus } from '../status/kstatus.ts'
import { buildTree } from './build-tree.ts'
import type { BuiltTree, KnownObject, TreeKnowledge } from './build-tree.ts'
import { LiveObjects } from './live-objects.ts'
import { ReleaseInventories } from './release-inventories.ts'

const batchMs = 100
/** A tree is shown as complete after this long even when something still does not answer. */
const readyDeadlineMs = 3000
/** Single reads of what is not settled are repeated this often. */
const refreshMs = 30_000
/** A tree that was looked at for so long is kept for the time when the cluster does not answer. */
const keepMs = 1500
/** A tree with pods on their way is looked at again this often: the time alone makes an unschedulable one Failed. */
const settleMs = 5000

export type TreePorts = Pick<Ports, 'clock' | 'codec' | 'logger'>

export interface TreeListener {
  changed(upsert: readonly TreeNode[], remove: readonly string[]): void
  /** Everything that can be known now is in the tree; called once. */
  ready(): void
}

export class TreeWatcher {
  readonly #view: ClusterView
  readonly #root: ObjectRef
  readonly #ports: TreePorts
  readonly #listener: TreeListener
  readonly #live: LiveObjects
  readonly #releases: ReleaseInventories
  readonly #inventories = new WeakMap<KubeObject, Inventory | null>()
  /** Parsed Flux objects by key, as long as their row is the same. */
  readonly #parsed = new Map<string, { row: FluxRow; object: KubeObject | null }>()
  readonly #stops: Dispose[] = []
  #nodes = new Map<string, TreeNode>()
  #tree: BuiltTree | null = null
  #timer: Dispose | null = null
  #settleTimer: Dispose | null = null
  #lastBuildMs = 0
  #isReady = false
  #isStopped = false
  /** The cluster is silent: what is told is the tree as it was last seen. */
  #isOfBefore = false
  #overdue: Dispose | null = null

  constructor(view: ClusterView, root: ObjectRef, ports: TreePorts, listener: TreeListener) {
    this.#view = view
    this.#root = root
    this.#ports = ports
    this.#listener = listener
    const onChange = (): void => {
      this.#schedule(batchMs)
    }
    this.#live = new LiveObjects({
      view,
      isCached: (ref) => (this.#parsed.get(refKey(ref))?.object ?? null) !== null,
      onChange,
    })
    this.#releases = new ReleaseInventories({ view, ...ports, onChange })
  }

  start(): void {
    this.#stops.push(
      this.#view.watchRows((change) => {
        const isOurs = (key: string): boolean => this.#nodes.has(key)
        if (!change.upsert.some((row) => isOurs(row.key)) && !change.remove.some(isOurs)) return
        if (change.upsert.some((row) => this.#hasRun(row))) this.#live.refresh(() => false)
        this.#schedule(batchMs)
      }),
      this.#ports.clock.after(readyDeadlineMs, () => {
        this.#becomeReady()
      }),
    )
    this.#repeat()
    if (isSilent(this.#view) && this.#view.lastTree !== undefined) void this.#showLast()
    this.#rebuild()
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#keep()
    this.#timer?.()
    this.#settleTimer?.()
    this.#overdue?.()
    for (const stop of this.#stops) stop()
    this.#live.stop()
    this.#releases.stop()
  }

  /** Objects now in the tree, by key. */
  nodes(): ReadonlyMap<string, TreeNode> {
    return this.#nodes
  }

  /** The live object behind a node, null while it is not known. */
  object(ref: ObjectRef): KubeObject | null {
    const known = this.#known(ref)
    return known.state === 'known' ? known.object : null
  }

  /** Did an applier of this tree finish another run: what it applies may have changed. */
  #hasRun(row: FluxRow): boolean {
    const before = this.#parsed.get(row.key)?.row
    return (
      before !== undefined &&
      (before.lastAppliedAt !== row.lastAppliedAt ||
        before.revision !== row.revision ||
        before.status.word !== row.status.word)
    )
  }

  #repeat(): void {
    let cancel: Dispose = () => undefined
    const arm = (): void => {
      cancel = this.#ports.clock.after(refreshMs, () => {
        const now = this.#ports.clock.now()
        this.#live.refresh((object) => computeKStatus(object, now).word === 'Current')
        this.#keep()
        this.#schedule(batchMs)
        arm()
      })
    }
    arm()
    this.#stops.push(() => {
      cancel()
    })
  }

  #schedule(ms: number): void {
    if (this.#isStopped) return
    // A large tree that keeps changing takes at most a tenth of the thread.
    this.#timer ??= this.#ports.clock.after(Math.max(ms, 10 * this.#lastBuildMs), () => {
      this.#timer = null
      this.#rebuild()
    })
  }

  #rebuild(): void {
    const startedAt = this.#ports.clock.monotonicMs()
    const tree = buildTree(this.#root, this.#knowledge())
    this.#tree = tree
    this.#live.want(tree)
    if (this.#isOfBefore && this.#isAnswered(tree)) this.#isOfBefore = false
    if (!this.#isOfBefore) this.#publish(tree.nodes)
    for (const key of this.#parsed.keys()) if (!this.#nodes.has(key)) this.#parsed.delete(key)
    this.#lastBuildMs = this.#ports.clock.monotonicMs() - startedAt
    if (!tree.isPending && !this.#live.isLoading) this.#becomeReady()
    this.#settle(tree)
  }

  #settle(tree: BuiltTree): void {
    const isOnItsWay = (node: TreeNode): boolean => node.status === 'InProgress' && node.ref.kind === 'Pod'
    if (this.#isStopped || this.#settleTimer !== null || !tree.nodes.some(isOnItsWay)) return
    this.#settleTimer = this.#ports.clock.after(settleMs, () => {
      this.#settleTimer = null
      this.#schedule(batchMs)
    })
  }

  async #showLast(): Promise<void> {
    const nodes = await this.#view.lastTree?.(this.#root).catch(() => null)
    if (nodes == null || nodes.length === 0 || this.#isStopped || !isSilent(this.#view)) return
    this.#isOfBefore = true
    this.#publish(nodes)
    this.#becomeReady()
  }

  /** Whole, as the cluster tells it now; or as much of it as comes within a moment. */
  #isAnswered(tree: BuiltTree): boolean {
    if (isSilent(this.#view) || this.#view.served(this.#root.group, this.#root.kind) === null) return false
    if (!tree.isPending && !this.#live.isLoading) return true
    this.#overdue ??= this.#ports.clock.after(readyDeadlineMs, () => {
      this.#isOfBefore = false
      this.#schedule(0)
    })
    return false
  }

  /** For the time when the cluster does not answer. */
  #keep(): void {
    if (this.#isOfBefore || !this.#isReady || isSilent(this.#view) || this.#tree?.isPending !== false) return
    if (!this.#live.isLoading) this.#view.keepTree?.(this.#root, this.#tree.nodes)
  }

  #publish(all: readonly TreeNode[]): void {
    const nodes = new Map(all.map((node) => [node.key, node]))
    const upsert = all.filter((node) => {
      const before = this.#nodes.get(node.key)
      return before === undefined || !isSameNode(before, node)
    })
    const remove = [...this.#nodes.keys()].filter((key) => !nodes.has(key))
    this.#nodes = nodes
    if (upsert.length > 0 || remove.length > 0) this.#listener.changed(upsert, remove)
  }

  #becomeReady(): void {
    if (this.#isReady || this.#isStopped || this.#tree === null) return
    this.#isReady = true
    this.#listener.ready()
    this.#stops.push(this.#ports.clock.after(keepMs, () => this.#keep()))
  }

  #knowledge(): TreeKnowledge {
    return {
      now: this.#ports.clock.now(),
      row: (key) => this.#view.row(key),
      served: (group, kind) => this.#view.served(group, kind),
      owned: (uid) => this.#live.owned(uid),
      object: (ref) => this.#known(ref),
      inventory: (ref, object) => this.#inventory(ref, object),
    }
  }

  #known(ref: ObjectRef): KnownObject {
    const key = refKey(ref)
    const row = this.#view.row(key)
    if (row === null) {
      this.#parsed.delete(key)
      return this.#live.object(ref)
    }
    let parsed = this.#parsed.get(key)
    if (parsed?.row !== row) {
      parsed = { row, object: this.#view.cached(ref) }
      this.#parsed.set(key, parsed)
    }
    // A row of a snapshot has no object behind it.
    return parsed.object === null ? this.#live.object(ref) : { state: 'known', object: parsed.object }
  }

  #inventory(ref: ObjectRef, object: KubeObject): Inventory | 'pending' | null {
    let inventory = this.#inventories.get(object)
    if (inventory === undefined) {
      inventory = readInventory(object)
      this.#inventories.set(object, inventory)
    }
    if (inventory !== null) return inventory
    return ref.group === helmGroup && ref.kind === 'HelmRelease' ? this.#releases.inventory(ref, object) : null
  }
}

function isSameNode(a: TreeNode, b: TreeNode): boolean {
  return (
    a.parent === b.parent &&
    a.status === b.status &&
    a.message === b.message &&
    a.cause === b.cause &&
    a.ready === b.ready &&
    a.order === b.order &&
    a.uid === b.uid &&
    a.version === b.version &&
    a.createdAt === b.createdAt &&
    a.shortKind === b.shortKind &&
    a.problem?.code === b.problem?.code &&
    a.problem?.message === b.problem?.message
  )
}
