/**
 * source/: from a Kustomization's source to the tree that its controller builds from. Owns the order of ways (storage directly, storage through
 * the API server, Git, a mapped folder) and what is said where none works; bytes and disks are the ports' matter. Whatever a cluster's
 * object names is contacted only as the user allowed (security.md 10). Semantics: flux-semantics §4, §10.
 */
import { isSameRevision } from '../../../shared/flux/revision.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { Ports } from '../ports.ts'
import { at, textAt } from '../status/read.ts'
import { defaultTreeLimits } from './artifact-port.ts'
import { hostOfUrl } from './consents.ts'
import type { FolderConsents, HostConsents } from './consents.ts'
import { includesOf, readGitRequest } from './git-source.ts'
import type { ArtifactResolver, ArtifactWish, ResolvedArtifact } from './resolved-artifact.ts'
import { SeenArtifacts } from './seen-artifacts.ts'
import { canceled, SharedJobs } from './shared-jobs.ts'
import { artifactOf, commitOf, includedArtifactsOf, sourceRefOf, sourceTitle } from './source-object.ts'
import type { ArtifactFacts } from './source-object.ts'
import { createStorageSource } from './storage-source.ts'
import { demandFault, summarise } from './summarise-faults.ts'

export interface ArtifactResolverDeps {
  readonly ports: Pick<Ports, 'artifacts' | 'artifactTransport' | 'git' | 'clock' | 'store' | 'logger'>
  readonly hosts: HostConsents
  readonly folders: FolderConsents
}

type Found = Omit<ResolvedArtifact, 'source'>

/** Hundreds may build from one source: what failed for one is not tried again at once for the next. */
const failedMs = 10_000
const maxRemembered = 1000
const maxIncludeDepth = 5

export function createArtifactResolver(deps: ArtifactResolverDeps): ArtifactResolver {
  const { ports, hosts, folders } = deps
  const seen = new SeenArtifacts(ports)
  const storage = createStorageSource(deps)
  const jobs = new SharedJobs<Found>()
  const failed = new Map<string, { readonly error: SluiceError; readonly until: number }>()

  async function fromGit(
    view: ClusterView,
    ref: ObjectRef,
    source: KubeObject,
    facts: ArtifactFacts,
    depth: number,
    signal: AbortSignal,
  ): Promise<Found> {
    const commit = commitOf(facts.revision)
    if (commit === null)
      throw new SluiceError('GitFailed', `${sourceTitle(ref)}: revision ${facts.revision} names no commit`)
    const { request, reasons } = await readGitRequest(view, ref, source, hosts, signal)
    const revision = { revision: facts.revision, commit }
    const tree = await ports.git.tree(request, revision, defaultTreeLimits, signal)
    const includes = includesOf(ref, source)
    const base: Found = {
      tree,
      origin: 'git',
      revision: facts.revision,
      digest: '',
      reasons: ['It was taken from Git at this commit, not from the archive that source-controller made.', ...reasons],
    }
    if (includes.length === 0) return base
    if (depth >= maxIncludeDepth)
      throw new SluiceError('ArtifactRefused', `${sourceTitle(ref)}: includes go deeper than ${maxIncludeDepth}`)
    const included = includedArtifactsOf(source)
    const parts = [{ tree, fromPath: '', toPath: '' }]
    const more: string[] = []
    const releases: (() => void)[] = [ports.artifacts.use(tree)]
    try {
      for (const [index, { repository, fromPath, toPath }] of includes.entries()) {
        const other = await readSource(view, repository, signal)
        const wanted = included[index] ?? artifactOf(other)
        if (wanted === null) throw noArtifact(repository)
        const part = await fetchTree(view, repository, other, wanted, depth + 1, signal)
        releases.push(ports.artifacts.use(part.tree))
        parts.push({ tree: part.tree, fromPath, toPath })
        more.push(...part.reasons.map((reason) => `Include ${repository.name}: ${reason}`))
      }
      const key = `includes|${refKey(ref)}|${JSON.stringify([parts.map((part) => [part.tree.contentKey, part.fromPath, part.toPath]), request.ignore])}`
      const composed =
        (await ports.artifacts.find(key)) ??
        (await ports.artifacts.compose({
          key,
          what: `Artifact ${facts.revision} of ${sourceTitle(ref)}`,
          parts,
          ignore: request.ignore,
          limits: defaultTreeLimits,
          signal,
        }))
      return { ...base, tree: composed, reasons: [...base.reasons, ...more] }
    } finally {
      for (const release of releases) release()
    }
  }

  /** One revision of one source, by whatever way gives exactly that. */
  async function fetchTree(
    view: ClusterView,
    ref: ObjectRef,
    source: KubeObject,
    facts: ArtifactFacts,
    depth: number,
    signal: AbortSignal,
  ): Promise<Found> {
    const faults: SluiceError[] = []
    // An older revision whose digest nobody wrote down cannot be told from another one.
    if (facts.digest !== '' || facts.url !== '')
      try {
        return await storage.fetch(
          view,
          ref,
          facts,
          isCurrent(source, facts) ? () => renewed(view, ref, signal) : null,
          signal,
        )
      } catch (error) {
        faults.push(demandFault(error))
      }
    if (ref.kind === 'GitRepository')
      try {
        return await fromGit(view, ref, source, facts, depth, signal)
      } catch (error) {
        faults.push(demandFault(error))
      }
    throw summarise(faults, `Revision ${facts.revision} of ${sourceTitle(ref)} cannot be had`)
  }

  /** The watch may be behind: what the source's status says at the API server. */
  async function renewed(view: ClusterView, ref: ObjectRef, signal: AbortSignal): Promise<ArtifactFacts | null> {
    try {
      const now = artifactOf(await view.fetch(ref, signal))
      if (now !== null) seen.note(ref, now)
      return now
    } catch (error) {
      demandFault(error)
      return null
    }
  }

  /** Shared by all who want the same: one download, whoever asks. What the user allowed is part of the question. */
  function fetchShared(
    view: ClusterView,
    ref: ObjectRef,
    source: KubeObject,
    facts: ArtifactFacts,
    signal: AbortSignal,
  ): Promise<Found> {
    const allowed: (boolean | number)[] = [facts.url, textAt(source, 'spec', 'url')].map((url) => {
      const host = hostOfUrl(url)
      return host !== null && hosts.isAllowed(view.id, host)
    })
    allowed.push(hosts.usesOwnCredentials?.(view.id, textAt(source, 'spec', 'url')) ?? false)
    allowed.push(hosts.tokenStamp?.(view.id, textAt(source, 'spec', 'url')) ?? 0)
    const key = JSON.stringify([refKey(ref), facts, allowed, source.metadata.generation ?? 0])
    const before = failed.get(key)
    if (before !== undefined && before.until > ports.clock.now()) return Promise.reject(before.error)
    return jobs.run(key, signal, async (shared) => {
      try {
        return await fetchTree(view, ref, source, facts, 0, shared)
      } catch (error) {
        if (failed.size >= maxRemembered) failed.clear()
        if (error instanceof SluiceError && error.code !== 'Canceled')
          failed.set(key, { error, until: ports.clock.now() + failedMs })
        throw error
      }
    })
  }

  async function fromFolder(ref: ObjectRef, source: KubeObject, signal: AbortSignal): Promise<Found | null> {
    const mapped = folders.folderOf(ref)
    if (mapped === null) return null
    const ignore = at(source, 'spec', 'ignore')
    const tree = await ports.artifacts.storeFolder({
      folder: mapped.path,
      what: `Folder ${mapped.label}`,
      ignore: typeof ignore === 'string' ? ignore : null,
      limits: defaultTreeLimits,
      signal,
    })
    const reasons = [
      `It is your working copy ${mapped.label} as it is on disk, uncommitted changes included, not what source-controller fetched.`,
    ]
    if (includesOf(ref, source).length > 0) reasons.push('Included repositories (spec.include) are not in it.')
    return { tree, origin: 'folder', revision: `folder:${tree.contentKey}`, digest: '', reasons }
  }

  async function resolve(wish: ArtifactWish, signal: AbortSignal): Promise<ResolvedArtifact> {
    await seen.loaded
    const { view, consumer } = wish
    const ref = sourceRefOf(view, consumer)
    const source = await readSource(view, ref, signal)
    const current = artifactOf(source)
    if (current !== null) seen.note(ref, current)
    const wanted = wantedFacts(wish, ref, current)
    const faults: SluiceError[] = []
    const attempt = async (work: () => Promise<Found | null>): Promise<ResolvedArtifact | null> => {
      try {
        const found = await work()
        return found === null ? null : { source: ref, ...found }
      } catch (error) {
        if (signal.aborted) throw canceled()
        faults.push(demandFault(error))
        return null
      }
    }
    if (wanted === null) faults.push(noArtifact(ref))
    else {
      const found = await attempt(() => fetchShared(view, ref, source, wanted, signal))
      if (found !== null) return found
      if (current !== null && !isSameRevision(wanted.revision, current.revision)) {
        const latest = await attempt(() => fetchShared(view, ref, source, current, signal))
        const reason = `Revision ${wanted.revision}, which was applied last, cannot be had any more; this is the source's current one.`
        if (latest !== null) return { ...latest, reasons: [reason, ...latest.reasons] }
      }
    }
    const folder = await attempt(() => fromFolder(ref, source, signal))
    if (folder !== null) return folder
    throw summarise(faults, `${sourceTitle(ref)} cannot be read`)
  }

  /** What the wish asks for; of an older revision only what was written down while it was current. */
  function wantedFacts(wish: ArtifactWish, ref: ObjectRef, current: ArtifactFacts | null): ArtifactFacts | null {
    const applied = wish.revision === 'applied' ? textAt(wish.consumer, 'status', 'lastAppliedRevision') : ''
    if (applied === '' || (current !== null && isSameRevision(applied, current.revision))) return current
    return seen.find(ref, applied) ?? { revision: applied, digest: '', url: '' }
  }

  return {
    resolve,
    peek(wish) {
      let ref: ObjectRef
      try {
        ref = sourceRefOf(wish.view, wish.consumer)
      } catch {
        return null
      }
      const source = wish.view.cached(ref)
      const current = source === null ? null : artifactOf(source)
      if (current === null) return null
      seen.note(ref, current)
      const wanted = wantedFacts(wish, ref, current)
      // Whether an older one can still be had is only known by trying, unless it was written down.
      return wanted === null || wanted.digest === '' ? null : wanted.revision
    },
  }
}

function isCurrent(source: KubeObject, facts: ArtifactFacts): boolean {
  const current = artifactOf(source)
  return current !== null && current.url === facts.url && current.digest === facts.digest
}

async function readSource(view: ClusterView, ref: ObjectRef, signal: AbortSignal): Promise<KubeObject> {
  try {
    return view.cached(ref) ?? (await view.fetch(ref, signal))
  } catch (error) {
    if (!(error instanceof SluiceError) || (error.code !== 'NotFound' && error.code !== 'ResourceNotServed'))
      throw error
    throw new SluiceError('SourceNotFound', `${sourceTitle(ref)} does not exist`, {
      remedy: 'Create it, or correct the sourceRef.',
      detail: error.message,
    })
  }
}

function noArtifact(ref: ObjectRef): SluiceError {
  return new SluiceError('ArtifactMissing', `${sourceTitle(ref)} has no artifact yet`, {
    remedy: 'Look at its conditions; it may not have fetched anything.',
    retry: 'transient',
  })
}
