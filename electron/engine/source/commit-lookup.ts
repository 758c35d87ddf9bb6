/** Who made a revision, when and why: author, time and subject of its commit, from the local copy of the repository or one fetch of it. */
import type { RevisionCommit } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Ports } from '../ports.ts'
import { textAt } from '../status/read.ts'
import { consumedSourceOf } from './chart-source.ts'
import { hostOfUrl } from './consents.ts'
import type { HostConsents } from './consents.ts'
import type { LoggedCommit } from './artifact-port.ts'
import { gitRequestOf, readGitRequest } from './git-source.ts'
import { canceled, SharedJobs } from './shared-jobs.ts'
import { commitOf, packedFrom, repositoryNameOf, sourceGroup } from './source-object.ts'

export interface CommitLookupDeps {
  readonly ports: Pick<Ports, 'clock' | 'git'>
  readonly hosts: HostConsents
}

export interface CommitLookup {
  /**
   * Of an artifact that says from which commit it was packed, that commit, where a GitRepository of the cluster is of the same repository. null
   * where there is none, its host is not allowed, or it cannot be had. Rejects with Canceled only.
   */
  find(view: ClusterView, consumer: KubeObject, revision: string, signal: AbortSignal): Promise<RevisionCommit | null>
  /**
   * The commit and what led to it in the source's branch, the newest first, with changed paths where their trees are at hand. Empty where the source
   * follows no branch, and as `find`. A `limit` of one contacts nobody. Rejects with Canceled only.
   */
  log(
    view: ClusterView,
    source: ObjectRef,
    revision: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly LoggedCommit[]>
}

/** Nice to know, never in the way of what is needed. */
const maxAtOnce = 2
const missingMs = 60 * 60_000
/** A server that did not answer in time, say, may do so next time. */
const faultMs = 20_000
const maxRemembered = 5000

export function createCommitLookup({ ports, hosts }: CommitLookupDeps): CommitLookup {
  const { clock, git } = ports
  /** By source, address and SHA; what could not be had until it is tried again. */
  const known = new Map<string, { readonly commit: RevisionCommit | null; readonly until: number }>()
  const jobs = new SharedJobs<RevisionCommit | null>()
  const waiting: (() => void)[] = []
  let running = 0
  // SECURITY: item 10: no host is shown to the user, let alone contacted, for want of a commit's subject alone.
  const quiet: HostConsents = {
    isAllowed: (cluster, host) => hosts.isAllowed(cluster, host),
    noteNamed: () => undefined,
    usesOwnCredentials: (cluster, url) => hosts.usesOwnCredentials?.(cluster, url) ?? false,
    keptToken: (cluster, url) => hosts.keptToken?.(cluster, url) ?? Promise.resolve(null),
  }

  /** The GitRepository that has the commit, whether it is the consumer's source or the one from which that was packed. */
  async function findPlace(
    view: ClusterView,
    consumer: KubeObject,
    revision: string,
    signal: AbortSignal,
  ): Promise<{ readonly ref: ObjectRef; readonly source: KubeObject; readonly sha: string } | null> {
    const ref = consumedSourceOf(view, consumer)
    if (ref.group === sourceGroup && ref.kind === 'GitRepository') {
      const sha = commitOf(revision)
      return sha === null ? null : { ref, source: view.cached(ref) ?? (await view.fetch(ref, signal)), sha }
    }
    const packed = packedFrom(view.cached(ref) ?? (await view.fetch(ref, signal)), consumer, revision)
    const sha = packed === null ? null : commitOf(packed.revision)
    const name = packed === null ? null : repositoryNameOf(packed.url)
    if (sha === null || name === null) return null
    for (const row of view.rows()) {
      if (row.ref.group !== sourceGroup || row.ref.kind !== 'GitRepository') continue
      const source = view.cached(row.ref)
      if (source === null || repositoryNameOf(textAt(source, 'spec', 'url')) !== name) continue
      const host = hostOfUrl(textAt(source, 'spec', 'url'))
      // Of several that lead there, one that may be contacted.
      if (host !== null && hosts.isAllowed(view.id, host)) return { ref: row.ref, source, sha }
    }
    return null
  }

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running < maxAtOnce) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }

  async function read(
    view: ClusterView,
    ref: ObjectRef,
    source: KubeObject,
    sha: string,
    signal: AbortSignal,
  ): Promise<RevisionCommit | null> {
    if (signal.aborted) throw canceled()
    const { request } = await readGitRequest(view, ref, source, quiet, signal)
    const found = await git.commit(request, sha, signal)
    return found === null ? null : { sha, author: found.author, at: found.at, subject: found.subject }
  }

  return {
    async log(view, ref, revision, limit, signal) {
      const sha = commitOf(revision)
      if (sha === null || ref.kind !== 'GitRepository' || ref.group !== sourceGroup) return []
      try {
        const source = view.cached(ref) ?? (await view.fetch(ref, signal))
        const host = hostOfUrl(textAt(source, 'spec', 'url'))
        if (host === null || !hosts.isAllowed(view.id, host)) return []
        if (limit <= 1)
          return await git.log(
            gitRequestOf(view, source, { secret: null, proxy: null, usesOwnCredentials: false }),
            sha,
            1,
            signal,
          )
        // What a tag or a commit names is no branch's past.
        if (['tag', 'semver', 'name', 'commit'].some((key) => textAt(source, 'spec', 'ref', key) !== '')) return []
        return await inTurn(async () => {
          const { request } = await readGitRequest(view, ref, source, quiet, signal)
          return git.log(request, sha, limit, signal)
        })
      } catch (error) {
        if (signal.aborted) throw canceled()
        if (error instanceof SluiceError) return []
        throw error
      }
    },
    async find(view, consumer, revision, signal) {
      try {
        const place = await findPlace(view, consumer, revision, signal)
        if (place === null) return null
        const { ref, source, sha } = place
        const url = textAt(source, 'spec', 'url')
        const host = hostOfUrl(url)
        // Asked each time: what was allowed once may not be any more.
        if (host === null || !hosts.isAllowed(view.id, host)) return null
        const own = hosts.usesOwnCredentials?.(view.id, url) ?? false
        const key = JSON.stringify([refKey(ref), url, own, hosts.tokenStamp?.(view.id, url) ?? 0, sha])
        const before = known.get(key)
        if (before !== undefined && before.until > clock.monotonicMs()) return before.commit
        return await jobs.run(key, signal, (shared) =>
          inTurn(async () => {
            const keep = (commit: RevisionCommit | null, forMs = missingMs): RevisionCommit | null => {
              if (known.size >= maxRemembered) known.clear()
              known.set(key, { commit, until: commit === null ? clock.monotonicMs() + forMs : Infinity })
              return commit
            }
            try {
              return keep(await read(view, ref, source, sha, shared))
            } catch (error) {
              if (shared.aborted || !(error instanceof SluiceError)) throw error
              return keep(null, error.retry === 'transient' ? faultMs : missingMs)
            }
          }),
        )
      } catch (error) {
        if (signal.aborted) throw canceled()
        if (error instanceof SluiceError) return null
        throw error
      }
    },
  }
}
