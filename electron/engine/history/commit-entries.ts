/** Who made the revisions that ran, when and why: asked for once each, and an entry when it is known. */
import type { DriftOwner, RevisionCommit } from '../../../shared/model/drift.ts'
import type { NewHistoryEntry } from '../../../shared/model/history.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { Clusters } from '../clusters/view.ts'
import { sourceRefOf } from '../source/source-object.ts'
import { entryOf } from './row-changes.ts'

/** What waits beyond this is not asked for: it is asked for again when it runs again. */
const maxWaiting = 500

export interface CommitEntriesDeps {
  readonly clusters: Clusters
  /** null: no commit of a Git source, or it cannot be had now. */
  readonly find: (owner: ObjectRef, revision: string, signal: AbortSignal) => Promise<RevisionCommit | null>
  readonly write: (entries: readonly NewHistoryEntry[]) => void
}

export class CommitEntries {
  readonly #deps: CommitEntriesDeps
  readonly #stop = new AbortController()
  /** Cluster and revision; told, or being asked for. */
  readonly #known = new Set<string>()
  readonly #waiting: { readonly owner: ObjectRef; readonly revision: string }[] = []
  #isAsking = false

  constructor(deps: CommitEntriesDeps) {
    this.#deps = deps
  }

  /** A Kustomization ran it, or failed at it. */
  ran(owner: ObjectRef, revision: string): void {
    const key = `${owner.cluster}|${revision}`
    if (this.#known.has(key) || this.#waiting.length >= maxWaiting) return
    this.#known.add(key)
    this.#waiting.push({ owner, revision })
    if (!this.#isAsking) void this.#askAll()
  }

  /** The comparison with Git knows it by now: its host was allowed later, say. */
  takeOwners(upsert: readonly DriftOwner[]): void {
    for (const { owner, commit, fidelity } of upsert)
      if (commit !== null && fidelity !== null) this.#tell(owner, fidelity.revision, commit)
  }

  /** They are told again when they run, or are found to have run. */
  forget(): void {
    this.#known.clear()
  }

  dispose(): void {
    this.#stop.abort()
    this.#waiting.length = 0
  }

  async #askAll(): Promise<void> {
    this.#isAsking = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { owner, revision } = next
      this.#known.delete(`${owner.cluster}|${revision}`)
      const commit = await this.#deps.find(owner, revision, this.#stop.signal).catch(() => null)
      if (commit !== null) this.#tell(owner, revision, commit)
    }
    this.#isAsking = false
  }

  #tell(owner: ObjectRef, revision: string, commit: RevisionCommit): void {
    const key = `${owner.cluster}|${revision}`
    if (this.#known.has(key)) return
    this.#known.add(key)
    this.#deps.write([
      entryOf(this.#sourceOf(owner), { owner: null, isBackfilled: false })({
        type: 'commit',
        reason: 'Commit',
        at: commit.at,
        message: commit.subject,
        by: commit.author,
        revision,
        identity: `commit|${commit.sha}`,
        facts: { sha: commit.sha },
      }),
    ])
  }

  #sourceOf(owner: ObjectRef): ObjectRef {
    const view = this.#deps.clusters.view(owner.cluster)
    const object = view?.cached(owner) ?? null
    if (view === null || object === null) return owner
    try {
      return sourceRefOf(view, object)
    } catch {
      return owner
    }
  }
}
