/**
 * snapshot/: what was last seen of a cluster, for the time before it answers. Owns when it is written, for whom, and what is read of it; must not know
 * informers nor who shows it. Kept by cluster and identity: another identity may see less. One per cluster; reading and writing are loaded when they
 * are first needed.
 */
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import type { ControllerRow, FluxRow, TreeNode } from '../../../shared/model/rows.ts'
import type { PrinterColumn } from '../../../shared/flux/kind-types.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { Clock, Codec, Dispose, Logger } from '../ports.ts'
import type { TreePlace } from './kept-trees.ts'
import type { OpenSnapshot } from './read-snapshot.ts'
import type { SnapshotFiles } from './snapshot-port.ts'
import type { KeptKind } from './write-snapshot.ts'

/** The cluster as it is known now: what is to be kept. */
export interface SnapshotSource {
  /** Every list has been told, none of it from a snapshot. */
  isWhole(): boolean
  /** Some context leads there now. */
  isReached(): boolean
  /** When it last answered, ms since the epoch; null: never. */
  lastSeenAt(): number | null
  /** Rises with every change of an object. */
  changeCount(): number
  /** Those whose answers make up the lists. */
  identities(): readonly string[]
  versions(): { readonly kubernetesVersion: string; readonly fluxVersion: string }
  controllers(): readonly ControllerRow[]
  kinds(): readonly KeptKind[]
}

/** Takes the rows of a snapshot; false: no more of them are wanted. */
export type SeedRows = (
  kind: { readonly group: string; readonly kind: string; readonly columns: readonly PrinterColumn[] },
  rows: readonly FluxRow[],
  at: number,
) => boolean

export interface ClusterSnapshotDeps {
  readonly clock: Clock
  readonly codec: Codec
  readonly logger: Logger
  /** null: nothing is kept here. */
  readonly files: SnapshotFiles | null
  readonly cluster: ClusterId
  readonly source: SnapshotSource
  readonly seed: SeedRows
  /** What is shown from it, or what is wrong with it, changed. */
  readonly onChange: () => void
}

/** After the first whole list: a start has more to do than to write. */
const firstMs = 5000
/** Between two writings while things change. */
const againMs = 3 * 60_000
const lookMs = 30_000
const maxTreesWaiting = 20

/** The folder of a cluster: names hold [a-z0-9-] only, and a cluster's own UID is trusted for nothing. */
export function snapshotFolder(codec: Codec, cluster: ClusterId): string {
  return codec.sha256Hex(cluster).slice(0, 32)
}

export class ClusterSnapshot {
  /** Rows of a snapshot are shown, which were so at this time (ms since the epoch); null: none are. */
  at: number | null = null
  /** What went wrong with the last file, a sentence; '' if nothing. */
  problem = ''
  kubernetesVersion = ''
  fluxVersion = ''
  controllers: readonly ControllerRow[] = []
  readonly #deps: ClusterSnapshotDeps
  #open: OpenSnapshot | null = null
  #openName = ''
  #isShowing = false
  /** The program ends: a writing that is under way hurries too. */
  #isUrgent = false
  #savedCount: number | null = null
  #savedAt = -Infinity
  #name = ''
  #saving: Promise<void> | null = null
  #timer: Dispose
  #soon: Dispose | null = null
  /** Names of damaged files. */
  readonly #aside = new Set<string>()
  readonly #trees = new Map<string, Promise<void>>()
  #isDisposed = false

  constructor(deps: ClusterSnapshotDeps) {
    this.#deps = deps
    this.#timer = this.#lookLater()
  }

  /** Shows what was last seen by these identities, unless lists have been told by then. Never rejects. */
  async show(identities: readonly string[]): Promise<void> {
    const { files, logger, cluster } = this.#deps
    if (files === null || this.#isShowing || this.at !== null || this.#isDisposed) return
    this.#isShowing = true
    try {
      for (const name of this.#namesFor(identities)) if (await this.#showFile(files, name)) return
    } catch (error) {
      logger.log('warn', 'snapshot not shown', { cluster, error: String(error) })
    } finally {
      this.#isShowing = false
    }
  }

  /** Every list has been told: nothing of the snapshot is shown any longer. */
  replaced(): void {
    this.at = null
    void this.#close()
  }

  /** Lists are whole for the first time: they are written in a moment. */
  becameWhole(): void {
    if (this.#deps.files === null || this.#savedCount !== null || this.#isDisposed) return
    this.#soon ??= this.#deps.clock.after(firstMs, () => {
      this.#soon = null
      void this.save(false)
    })
  }

  /** Writes what is known when it has changed; what is unchanged is said to be still so. Never rejects, never overlaps. */
  save(isUrgent: boolean): Promise<void> {
    if (isUrgent) this.#isUrgent = true
    const next = (this.#saving ?? Promise.resolve()).then(() => this.#save(isUrgent))
    this.#saving = next
    return next
  }

  /** The object as it was last seen; null where it is not kept, or where the snapshot is not shown any longer. */
  async object(ref: ObjectRef): Promise<KubeObject | null> {
    try {
      return (await this.#open?.object(ref)) ?? null
    } catch (error) {
      await this.#damaged(this.#openName, error)
      return null
    }
  }

  /** The tree as it was last on screen, or as the inventory names it; null where neither is known. */
  async tree(ref: ObjectRef, row: (key: string) => FluxRow | null): Promise<readonly TreeNode[] | null> {
    const place = this.#treePlace(this.#openName || this.#name)
    if (place !== null) {
      const { readTree } = await import('./kept-trees.ts')
      const nodes = await readTree(place, ref).catch(() => null)
      if (nodes !== null) return nodes
    }
    const object = await this.object(ref)
    if (object === null) return null
    const { inventoryTree } = await import('./inventory-tree.ts')
    return inventoryTree(ref, object, row)
  }

  /** Keeps a tree as it is now. Of many at once the latest are kept. */
  keepTree(ref: ObjectRef, nodes: readonly TreeNode[]): void {
    const { clock, source, logger, cluster } = this.#deps
    const place = this.#treePlace(this.#nameOf(source.identities()))
    if (place === null || this.at !== null || this.#isDisposed || this.#trees.size >= maxTreesWaiting) return
    const key = `${ref.group}/${ref.kind}|${ref.namespace}/${ref.name}`
    if (this.#trees.has(key)) return
    const write = async (): Promise<void> => {
      const { writeTree } = await import('./kept-trees.ts')
      await writeTree(place, ref, nodes, clock.now())
    }
    const writing = write()
      .catch((error: unknown) => {
        logger.log('warn', 'tree not kept', { cluster, error: String(error) })
      })
      .finally(() => this.#trees.delete(key))
    this.#trees.set(key, writing)
  }

  /** Everything that is kept of the cluster is deleted, for all identities; what is known now is written anew when it next changes. */
  async forget(): Promise<void> {
    await this.#saving
    await this.#deps.files?.remove(snapshotFolder(this.#deps.codec, this.#deps.cluster))
    this.#savedAt = this.#deps.clock.monotonicMs()
    this.#savedCount = this.#deps.source.changeCount()
    this.#name = this.#nameOf(this.#deps.source.identities())
  }

  async dispose(isSaved: boolean): Promise<void> {
    this.#timer()
    this.#soon?.()
    if (isSaved) await this.save(true)
    this.#isDisposed = true
    await Promise.all(this.#trees.values())
    await this.#saving
    await this.#close()
  }

  async #showFile(files: SnapshotFiles, name: string): Promise<boolean> {
    const { codec, clock, cluster, seed, onChange } = this.#deps
    const file = await files.open(snapshotFolder(codec, cluster), name)
    if (file === null) return false
    try {
      const { openSnapshot } = await import('./read-snapshot.ts')
      const opened = await openSnapshot(codec, file, clock.now())
      if (opened === null || opened.index.cluster !== cluster || this.#isDisposed) {
        await file.close()
        return false
      }
      this.#open = opened
      this.#openName = name
      this.at = opened.at
      this.problem = ''
      this.kubernetesVersion = opened.index.kubernetesVersion
      this.fluxVersion = opened.index.fluxVersion
      this.controllers = opened.index.controllers
      for (const kind of opened.index.kinds) {
        // A kind without rows is known to have none.
        if (kind.rows.length === 0 && !seed(kind, [], opened.at)) break
        for await (const rows of opened.rows(kind))
          if (this.#open !== opened || !seed(kind, rows, opened.at)) return true
      }
      onChange()
      return true
    } catch (error) {
      await file.close().catch(() => undefined)
      await this.#damaged(name, error)
      // What was read before the damage is whole in itself, and stays.
      return this.at !== null
    }
  }

  async #damaged(name: string, error: unknown): Promise<void> {
    const { files, codec, cluster, logger, onChange } = this.#deps
    const { SnapshotDamaged } = await import('./pieces.ts')
    if (!(error instanceof SnapshotDamaged) || files === null) {
      logger.log('warn', 'snapshot unreadable', { cluster, error: String(error) })
      return
    }
    if (this.#aside.has(name)) return
    this.#aside.add(name)
    const aside = await files.setAside(snapshotFolder(codec, cluster), name).catch(() => '')
    logger.log('error', 'a damaged snapshot was set aside', { cluster, aside, error: error.message })
    this.problem = `What was kept of this cluster is damaged${aside === '' ? '.' : ` and was set aside as ${aside}.`}`
    onChange()
  }

  async #save(isUrgent: boolean): Promise<void> {
    const { files, source, codec, clock, cluster, logger } = this.#deps
    if (files === null || this.at !== null || this.#isDisposed || !source.isWhole()) return
    const at = source.isReached() ? clock.now() : source.lastSeenAt()
    const identities = source.identities()
    if (at === null || identities.length === 0) return
    const folder = snapshotFolder(codec, cluster)
    const name = this.#nameOf(identities)
    const count = source.changeCount()
    if (count === this.#savedCount && name === this.#name) {
      if (source.isReached()) await files.touch(folder, name, at).catch(() => undefined)
      return
    }
    const since = clock.monotonicMs() - this.#savedAt
    if (!isUrgent && name === this.#name && since < againMs) return
    const file = await files.create(folder, name).catch((error: unknown) => {
      logger.log('warn', 'snapshot not saved', { cluster, error: String(error) })
      return null
    })
    if (file === null) return
    try {
      const { writeSnapshot } = await import('./write-snapshot.ts')
      const head = { cluster, identities, savedAt: at, ...source.versions(), controllers: source.controllers() }
      await writeSnapshot({ clock, codec }, file, head, source.kinds(), () => this.#isUrgent)
      await file.commit(at)
      this.#savedCount = count
      this.#savedAt = clock.monotonicMs()
      this.#name = name
    } catch (error) {
      await file.abort()
      logger.log('warn', 'snapshot not saved', { cluster, error: String(error) })
    }
  }

  #treePlace(name: string): TreePlace | null {
    const { files, codec, cluster } = this.#deps
    return files === null || name === '' ? null : { files, codec, cluster: snapshotFolder(codec, cluster), name }
  }

  /** What all of them together saw, else what one of them did: never what somebody else could see. */
  #namesFor(identities: readonly string[]): readonly string[] {
    const sets = [identities, ...identities.map((each) => [each])]
    return [...new Set(sets.map((each) => this.#nameOf(each)))].filter((name) => name !== '')
  }

  #nameOf(identities: readonly string[]): string {
    if (identities.length === 0) return ''
    return this.#deps.codec.sha256Hex([...new Set(identities)].sort().join('\n')).slice(0, 24)
  }

  async #close(): Promise<void> {
    const opened = this.#open
    this.#open = null
    await opened?.close().catch(() => undefined)
  }

  #lookLater(): Dispose {
    return this.#deps.clock.after(lookMs, () => {
      void this.save(false)
      if (!this.#isDisposed) this.#timer = this.#lookLater()
    })
  }
}
