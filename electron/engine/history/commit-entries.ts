/** Who made the revisions that ran or were fetched, when and why, with what they changed: asked for once each, and an entry when it is known. */
import { parseRevision } from '../../../shared/flux/revision.ts'
import { redactText } from '../../../shared/lib/redact.ts'
import type { DriftOwner, RevisionCommit } from '../../../shared/model/drift.ts'
import type { HistoryFacts, NewHistoryEntry } from '../../../shared/model/history.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import type { Clusters } from '../clusters/view.ts'
import type { Clock, Dispose } from '../ports.ts'
import type { CommitChanges, LoggedCommit } from '../source/artifact-port.ts'
import { consumedSourceOf } from '../source/chart-source.ts'
import { entryOf } from './row-changes.ts'

/** What waits beyond this is not asked for: it is asked for again when it runs again. */
const maxWaiting = 500
/** At most so many of what led to a source's revision. */
const maxLed = 20

/** What was not known is asked for again after so long, then after twice that, and so on: a Git server may be away for a while. */
const againMs = 30_000
const maxTries = 6

export interface CommitEntriesDeps {
  readonly clock: Clock
  readonly clusters: Clusters
  /** `owner`: who ran it, or the source that has it. null: no commit of a Git source, or it cannot be had now. */
  readonly find: (owner: ObjectRef, revision: string, signal: AbortSignal) => Promise<RevisionCommit | null>
  /** Commits of a source that led to the revision, the newest first; one alone contacts nobody. Absent: they are never known. */
  readonly log?: (
    source: ObjectRef,
    revision: string,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly LoggedCommit[]>
  /** It was told before, by an earlier Sluice say. */
  readonly isKept: (cluster: string, revision: string) => Promise<boolean>
  readonly write: (entries: readonly NewHistoryEntry[]) => void
}

interface Asked {
  /** null: of the source itself, and what led to it. */
  readonly owner: ObjectRef | null
  /** Without an owner: what the source had before, which is told; '' where nothing is known of that. */
  readonly before: string
  readonly source: ObjectRef
  readonly revision: string
  /** null: not known yet. */
  readonly commit: RevisionCommit | null
  readonly isBackfilled: boolean
  /** What was told before, by an earlier Sluice say, stays as it is. */
  readonly isMissingOnly?: boolean
  /** Times that it was asked for. */
  readonly tries: number
}

/** What was not known when it was asked for. */
interface Unanswered {
  readonly asked: Asked
  /** Whether it is still to be asked for. */
  readonly mayAsk: () => boolean
  /** Of its next turn; null: it has none until a host is allowed. */
  readonly stop: Dispose | null
}

/** `compared`: its tree was fetched, nothing more will be known of it. */
interface Known {
  isTold: boolean
  isCompared: boolean
}

export class CommitEntries {
  readonly #deps: CommitEntriesDeps
  readonly #stop = new AbortController()
  /** By cluster and revision; told, or being asked for. */
  readonly #known = new Map<string, Known>()
  /** By source: one whose server is slow holds up no other. */
  readonly #queues = new Map<string, Asked[]>()
  #waiting = 0
  /** By what is asked for: an owner's or a source's revision. */
  readonly #unanswered = new Map<string, Unanswered>()

  constructor(deps: CommitEntriesDeps) {
    this.#deps = deps
  }

  /** A Kustomization ran it, a HelmRelease a chart that was packaged from it; or failed at that. */
  ran(owner: ObjectRef, revision: string, isBackfilled: boolean): void {
    const key = keyOf(owner, revision)
    if (this.#known.has(key) || this.#waiting >= maxWaiting) return
    this.#known.set(key, { isTold: false, isCompared: false })
    this.#ask({ owner, source: this.#sourceOf(owner), before: '', revision, commit: null, isBackfilled, tries: 0 })
  }

  /** A source has this now, whether anybody runs it or not; `before`: what it had, '' where it is there for the first time. */
  fetched(source: ObjectRef, revision: string, before: string, isBackfilled: boolean, isMissingOnly = false): void {
    if (this.#waiting >= maxWaiting) return
    this.#ask({ owner: null, source, before, revision, commit: null, isBackfilled, isMissingOnly, tries: 0 })
  }

  /** The comparison with Git knows it by now: its host was allowed later, or its files were fetched, say. */
  takeOwners(upsert: readonly DriftOwner[]): void {
    for (const { owner, commit, fidelity } of upsert) {
      if (commit === null || fidelity === null) continue
      const { revision } = fidelity
      const known = this.#known.get(keyOf(owner, revision)) ?? { isTold: false, isCompared: false }
      if (known.isCompared || this.#waiting >= maxWaiting) continue
      known.isCompared = true
      this.#known.set(keyOf(owner, revision), known)
      this.#ask({ owner, source: this.#sourceOf(owner), before: '', revision, commit, isBackfilled: false, tries: 0 })
    }
  }

  /** The user lets Sluice contact a host for this cluster, or use credentials there: what was not known before may be now. */
  allowed(cluster: ClusterId): void {
    const again = new Set<string>()
    for (const [key, { asked, mayAsk }] of [...this.#unanswered]) {
      if (asked.source.cluster !== cluster) continue
      this.#stopWaiting(key)
      again.add(key)
      if (mayAsk()) this.#ask({ ...asked, tries: 0 })
    }
    // An earlier Sluice may have asked in vain for the past of what it saw for the first time.
    for (const { ref, revision } of this.#deps.clusters.view(cluster)?.rows() ?? [])
      if (ref.kind === 'GitRepository' && revision !== '' && !again.has(ledKey(ref, revision)))
        this.fetched(ref, revision, '', true, true)
  }

  /** They are told again when they run, or are found to have run. */
  forget(): void {
    this.#known.clear()
  }

  dispose(): void {
    this.#stop.abort()
    for (const queue of this.#queues.values()) queue.length = 0
    for (const { stop } of this.#unanswered.values()) stop?.()
    this.#unanswered.clear()
  }

  #ask(asked: Asked): void {
    const key = refKey(asked.source)
    const queue = this.#queues.get(key)
    this.#waiting += 1
    if (queue !== undefined) {
      queue.push(asked)
      return
    }
    const begun = [asked]
    this.#queues.set(key, begun)
    void this.#askAll(key, begun)
  }

  async #askAll(key: string, queue: Asked[]): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      this.#waiting -= 1
      if (next.owner === null) await this.#askLed(next)
      else await this.#askOne(next, next.owner)
    }
    this.#queues.delete(key)
  }

  async #askOne(asked: Asked, owner: ObjectRef): Promise<void> {
    const { source, revision } = asked
    const key = keyOf(owner, revision)
    this.#stopWaiting(key)
    // Its source may have been quicker.
    if (asked.commit === null && this.#known.get(key)?.isTold === true) return
    const commit = asked.commit ?? (await this.#deps.find(owner, revision, this.#stop.signal).catch(() => null))
    if (commit === null) {
      this.#askAgain(asked, key)
      return
    }
    const [logged] = await this.#log(source, revision, 1)
    await this.#tell(asked, revision, commit, logged?.changes ?? null)
  }

  #askAgain(asked: Asked, key: string): void {
    const known = this.#known.get(key)
    if (known === undefined || known.isTold || known.isCompared) return
    // When it runs again, or in a while.
    this.#known.delete(key)
    this.#later(asked, key, () => {
      if (this.#known.has(key)) return false
      this.#known.set(key, { isTold: false, isCompared: false })
      return true
    })
  }

  /** `isOnce`: in no while, but when a host is allowed. */
  #later(asked: Asked, key: string, mayAsk: () => boolean, isOnce = false): void {
    this.#stopWaiting(key)
    if (this.#stop.signal.aborted || !this.#makeRoom()) return
    const tries = asked.tries + 1
    const hasTurn = !isOnce && tries < maxTries
    const stop = hasTurn
      ? this.#deps.clock.after(againMs * 2 ** asked.tries, () => {
          this.#unanswered.delete(key)
          if (mayAsk()) this.#ask({ ...asked, tries })
        })
      : null
    this.#unanswered.set(key, { asked, mayAsk, stop })
  }

  #stopWaiting(key: string): void {
    this.#unanswered.get(key)?.stop?.()
    this.#unanswered.delete(key)
  }

  /** What has a turn goes before what has none; of those, the newer. */
  #makeRoom(): boolean {
    if (this.#unanswered.size < maxWaiting) return true
    const oldest = [...this.#unanswered].find(([, { stop }]) => stop === null)
    return oldest !== undefined && this.#unanswered.delete(oldest[0])
  }

  /** Commits since the revision before; where the server sends no past, or the source follows no branch, its newest alone. */
  async #askLed(asked: Asked): Promise<void> {
    const { source, revision, before } = asked
    const branch = revision.slice(0, Math.max(0, revision.lastIndexOf('@')))
    const last = parseRevision(before).digest
    const key = ledKey(source, revision)
    this.#stopWaiting(key)
    const led = await this.#log(source, revision, maxLed)
    for (const [index, commit] of led.entries()) {
      if (commit.sha === last) break
      const ledRevision = `${branch}@sha1:${commit.sha}`
      if (asked.isMissingOnly === true && (await this.#isTold(source, ledRevision))) continue
      // What led to the first that a source has was there before it.
      const isBackfilled = asked.isBackfilled || (before === '' && index > 0)
      await this.#tellLed({ ...asked, isBackfilled }, ledRevision, commit, commit.changes)
    }
    if (led.length > 0) return
    // Of a source that was there before Sluice was, nothing is asked but its past; on the first sight of a cluster no host is allowed.
    if (before === '' && asked.isBackfilled) {
      this.#later(asked, key, () => true, true)
      return
    }
    const commit = await this.#deps.find(source, revision, this.#stop.signal).catch(() => null)
    if (commit !== null) await this.#tellLed(asked, revision, commit, null)
    // Behind a closed gate nobody runs it, so that nobody else asks.
    else this.#later(asked, key, () => true)
  }

  async #tellLed(asked: Asked, revision: string, commit: RevisionCommit, changes: CommitChanges | null): Promise<void> {
    const key = keyOf(asked.source, revision)
    if (!this.#known.has(key)) this.#known.set(key, { isTold: false, isCompared: false })
    await this.#tell(asked, revision, commit, changes)
  }

  #log(source: ObjectRef, revision: string, limit: number): Promise<readonly LoggedCommit[]> {
    return this.#deps.log?.(source, revision, limit, this.#stop.signal).catch(() => []) ?? Promise.resolve([])
  }

  async #tell(
    { source, isBackfilled }: Asked,
    revision: string,
    commit: RevisionCommit,
    changes: CommitChanges | null,
  ): Promise<void> {
    const known = this.#known.get(keyOf(source, revision))
    // What was told with what it changed is not told again without.
    if (changes === null && (await this.#isTold(source, revision))) return
    if (this.#stop.signal.aborted) return
    if (known !== undefined) known.isTold = true
    this.#deps.write([
      entryOf(source, { owner: null, isBackfilled })({
        type: 'commit',
        reason: 'Commit',
        at: commit.at,
        message: commit.subject,
        by: commit.author,
        revision,
        identity: `commit|${commit.sha}`,
        facts: factsOf(commit.sha, changes),
      }),
    ])
  }

  async #isTold(source: ObjectRef, revision: string): Promise<boolean> {
    if (this.#known.get(keyOf(source, revision))?.isTold === true) return true
    return this.#deps.isKept(source.cluster, revision).catch(() => false)
  }

  #sourceOf(owner: ObjectRef): ObjectRef {
    const view = this.#deps.clusters.view(owner.cluster)
    const object = view?.cached(owner) ?? null
    if (view === null || object === null) return owner
    try {
      return consumedSourceOf(view, object)
    } catch {
      return owner
    }
  }
}

function ledKey(source: ObjectRef, revision: string): string {
  return `led|${refKey(source)}|${revision}`
}

function keyOf({ cluster }: ObjectRef, revision: string): string {
  return `${cluster}|${revision}`
}

function factsOf(sha: string, changes: CommitChanges | null): HistoryFacts {
  if (changes === null) return { sha }
  const changedPaths = changes.paths.map((path) => redactText(path))
  return { sha, changedPaths, ...(changes.hasMore && { hasMorePaths: true }) }
}
