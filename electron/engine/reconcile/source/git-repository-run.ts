/**
 * One run over one GitRepository: storage, the reference's revision, fetch, signature, includes, archive; each step leaves its conditions in the draft.
 * Semantics: flux-semantics §1.3, §4; source-controller 1.9.4, reconcileStorage to reconcileArtifact.
 */
import { isSameRevision } from '../../../../shared/flux/revision.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../../shared/model/identity.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { areEqual } from '../../diff/equal-values.ts'
import type { Ports } from '../../ports.ts'
import { defaultTreeLimits } from '../../source/artifact-port.ts'
import type { GitRequest, GitRevision, StoredTree } from '../../source/artifact-port.ts'
import type { HostConsents } from '../../source/consents.ts'
import { demandHost, gitRequestOf, includesOf, readSecretData } from '../../source/git-source.ts'
import { artifactOf, sourceGroup, sourceTitle } from '../../source/source-object.ts'
import { asArray, at, textAt } from '../../status/read.ts'
import type { RunContext } from '../reconciler.ts'
import { deleteCondition, getCondition, isFalse, isTrue, markFalse, markTrue } from '../status/conditions.ts'
import type { Draft } from '../status/draft.ts'
import type { SerialPatcher } from '../status/patcher.ts'
import { goTime } from '../status/texts.ts'
import { areIncludesChanged, isContentConfigChanged, verificationMode } from './content-config.ts'
import { controllersWords } from './git-words.ts'
import { proxyProblem, unspokenProxy } from './proxy-secret.ts'
import { failureConditions, markProgress, sourceConditions } from './source-conditions.ts'
import { NotHostedSource, SourceFault } from './source-fault.ts'
import type { ArtifactPlace, ArtifactStorage } from './storage-port.ts'

export interface GitRunDeps {
  readonly ports: Pick<Ports, 'git' | 'artifacts' | 'logger'>
  readonly storage: ArtifactStorage
  /** SECURITY: item 10: which hosts the user allowed for which cluster, and for which repositories their own credentials. */
  readonly hosts: HostConsents
}

/** source-controller's --requeue-dependency. */
const dependencyMs = 30_000
/** Artifacts of hosted mode are served to nobody: the name says so, and never resolves. */
export const storageUrl = 'http://hosted.sluice.invalid/'

/** One run over one object: what each step finds out, the next one needs. */
export class GitRepositoryRun {
  readonly #deps: GitRunDeps
  readonly #ref: ObjectRef
  readonly #run: RunContext
  readonly #draft: Draft
  readonly #patcher: SerialPatcher
  #access: GitRequest | SourceFault | null = null
  #included: readonly unknown[] = []
  #told = ''

  constructor(deps: GitRunDeps, ref: ObjectRef, run: RunContext, draft: Draft, patcher: SerialPatcher) {
    this.#deps = deps
    this.#ref = ref
    this.#run = run
    this.#draft = draft
    this.#patcher = patcher
  }

  /** Finds out how the source is asked, before anything is written of it. Throws NotHostedSource where this machine may not, or cannot. */
  async prepare(): Promise<void> {
    this.#access = await this.#readAccess().catch((error: unknown) => {
      if (error instanceof SourceFault) return error
      throw error
    })
  }

  /** After `prepare`. */
  async toEnd(): Promise<void> {
    await this.#checkStorage()
    const { request, revision } = await this.#askSource()
    this.#told = revision.revision
    const isUpToDate = this.#hasRevision(revision) && !this.#isConfigChanged() && !this.#areIncludesChanged()
    if (isUpToDate && isShortCut(request) && isTrue(this.#draft, sourceConditions.artifactInStorage)) {
      deleteCondition(this.#draft, sourceConditions.fetchFailed)
      this.#markStored(revision.revision)
      throw new SourceFault(
        'noChange',
        'GitOperationSucceeded',
        `no changes since last reconciliation: observed revision '${revision.revision}'`,
      )
    }
    if (isUpToDate && verificationMode(this.#draft.base.spec) === null) {
      deleteCondition(this.#draft, sourceConditions.fetchFailed)
      this.#forgetVerification()
      this.#keepStored(revision)
      return
    }
    this.#run.report(`Fetching ${revision.revision}`)
    const tree = await this.#fetch(request, revision)
    await this.#verify(request, revision)
    if (isUpToDate) {
      this.#keepStored(revision)
      return
    }
    if (!this.#hasRevision(revision)) {
      const message = `new upstream revision '${revision.revision}'`
      if (this.#draft.status.artifact !== undefined)
        markTrue(this.#draft, sourceConditions.artifactOutdated, 'NewRevision', message)
      markProgress(this.#draft, `building artifact: ${message}`, true)
      await this.#patcher.patch()
    }
    const composed = await this.#include(tree, request, revision)
    await this.#store(composed, revision)
    await this.#tellCommit(request, revision)
  }

  /** NewArtifact where the content is another one, Succeeded after a failure. `before`: the object as the run found it. */
  notify(before: KubeObject): void {
    const artifact = this.#draft.status.artifact
    if (artifact === undefined) return
    const digest = textAt(artifact, 'digest')
    const isNew = textAt(before, 'status', 'artifact', 'digest') !== digest
    const had = (type: string): boolean => getCondition({ status: statusOf(before) }, type) !== null
    const hasRecovered =
      failureConditions.some(had) && !failureConditions.some((type) => getCondition(this.#draft, type) !== null)
    if (!isNew && !hasRecovered) return
    this.#run.events.record({
      involved: this.#draft.base,
      severity: 'info',
      reason: isNew ? 'NewArtifact' : 'Succeeded',
      message: `stored artifact for commit '${this.#told}'`,
      metadata: {
        [`${sourceGroup}/revision`]: textAt(artifact, 'revision'),
        [`${sourceGroup}/digest`]: digest,
      },
    })
  }

  /** The artifact that the status names is there and whole, or it is made anew. */
  async #checkStorage(): Promise<void> {
    const { storage, ports } = this.#deps
    const artifact = this.#draft.status.artifact
    let isMissing = false
    if (artifact !== undefined) {
      const place = placeOf(this.#ref, artifact)
      await storage
        .collect(this.#ref, place.path)
        .then((files) => {
          if (files.length > 0)
            trace(this.#run, this.#draft, 'GarbageCollectionSucceeded', `garbage collected ${files.length} artifacts`)
        })
        .catch((error: unknown) =>
          ports.logger.log('warn', 'artifacts were not collected', {
            source: refTitle(this.#ref),
            error: String(error),
          }),
        )
      const found = await this.#findArtifact(place)
      if (found === 'damaged') {
        this.#run.events.record({
          involved: this.#draft.base,
          severity: 'error',
          reason: 'ArtifactVerificationFailed',
          message: `failed to verify integrity of artifact: computed digest doesn't match '${place.digest}'`,
          metadata: {},
        })
        await storage.remove(this.#ref, place.path)
      }
      isMissing = typeof found === 'string'
      if (isMissing) delete this.#draft.status.artifact
      else this.#draft.status.artifact = { ...(artifact as object), url: storageUrl + place.path }
    }
    if (this.#draft.status.artifact !== undefined) return
    const message = isMissing ? 'building artifact: disappeared from storage' : 'building artifact'
    markProgress(this.#draft, message, true)
    deleteCondition(this.#draft, sourceConditions.artifactInStorage)
    await this.#patcher.patch()
  }

  /** A path that no storage of ours could have written is another controller's artifact: not here. */
  async #findArtifact(place: ArtifactPlace): ReturnType<ArtifactStorage['find']> {
    try {
      return await this.#deps.storage.find(place, this.#run.signal)
    } catch (error) {
      if (error instanceof SluiceError && error.code === 'ArtifactRefused') return 'damaged'
      throw error
    }
  }

  /** Credentials, includes, and what the reference selects now. */
  async #askSource(): Promise<{ readonly request: GitRequest; readonly revision: GitRevision }> {
    const draft = this.#draft
    if (isFalse(draft, sourceConditions.sourceVerified)) deleteCondition(draft, sourceConditions.sourceVerified)
    const request = this.#demandAccess()
    this.#included = await this.#readIncludes()
    if (this.#areIncludesChanged()) {
      const message = 'included artifacts differ from last observed includes'
      if (draft.status.includedArtifacts !== undefined)
        markTrue(draft, sourceConditions.artifactOutdated, 'IncludeChange', message)
      markProgress(draft, `building artifact: ${message}`, true)
      await this.#patcher.patch()
    }
    deleteCondition(draft, sourceConditions.artifactOutdated)
    this.#run.report(`Asking ${request.url} for its revision`)
    const isKnown =
      draft.status.artifact !== undefined &&
      isTrue(draft, sourceConditions.artifactInStorage) &&
      !this.#isConfigChanged() &&
      !this.#areIncludesChanged()
    const resolve = (): Promise<GitRevision> => this.#deps.ports.git.resolve(request, this.#run.signal)
    const revision = await this.#git(
      request,
      resolve,
      isShortCut(request) && (isKnown || (request.ref.name ?? '') !== ''),
    )
    return { request, revision }
  }

  #demandAccess(): GitRequest {
    const access = this.#access
    if (access === null) throw new Error('a run is prepared first')
    if (!(access instanceof SourceFault)) return access
    markTrue(this.#draft, sourceConditions.fetchFailed, access.reason, access.message)
    throw access
  }

  /** The proxy first, as the controller does: of several that are wrong the first one is told. */
  async #readAccess(): Promise<GitRequest> {
    const { view } = this.#run
    const source = this.#draft.base
    const url = textAt(source, 'spec', 'url')
    const proxy = await this.#readProxy(textAt(source, 'spec', 'proxySecretRef', 'name'), url)
    this.#demandHost(url, 'spec.url')
    const secret = await this.#readSignIn(textAt(source, 'spec', 'secretRef', 'name'))
    const usesOwnCredentials = secret === null && (this.#deps.hosts.usesOwnCredentials?.(view.id, url) ?? false)
    return gitRequestOf(view, source, { secret, proxy, usesOwnCredentials })
  }

  #demandHost(url: string, place: string): void {
    try {
      demandHost(this.#run.view, this.#ref, this.#deps.hosts, url, place)
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      if (error.code === 'HostNotAllowed') throw new NotHostedSource(`${error.message}. ${error.remedy}`)
      throw new SourceFault('stalling', 'URLInvalid', `failed to parse url '${url}': ${error.message}`)
    }
  }

  async #readSignIn(name: string): Promise<ReadonlyMap<string, string> | null> {
    if (name === '') return null
    const data = await this.#readSecret(name, 'signs in with')
    if (data !== null) return data
    const title = `'${this.#ref.namespace}/${name}'`
    const why = `failed to get secret ${title}: failed to get secret ${title}: ${secretNotFound(name)}`
    throw new SourceFault('failing', 'AuthenticationFailed', why)
  }

  async #readProxy(name: string, url: string): Promise<ReadonlyMap<string, string> | null> {
    if (name === '') return null
    const data = await this.#readSecret(name, 'goes through a proxy with')
    const title = `${this.#ref.namespace}/${name}`
    const problem = proxyProblem(title, data)
    if (problem !== null)
      throw new SourceFault('failing', 'AuthenticationFailed', `failed to configure proxy options: ${problem}`)
    const why = unspokenProxy(title, data, url)
    if (why !== null) throw new NotHostedSource(why)
    // SECURITY: item 10: a proxy is a host that the cluster names, too.
    this.#demandHost(data?.get('address') ?? '', `Secret ${title}`)
    return data
  }

  /** Null: there is none. `use` ends the sentence that tells why nobody can know. */
  async #readSecret(name: string, use: string): Promise<ReadonlyMap<string, string> | null> {
    const { namespace } = this.#ref
    try {
      return await readSecretData(this.#run.view, namespace, name, this.#run.signal)
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      if (error.code === 'Forbidden')
        throw new NotHostedSource(`You may not read Secret ${namespace}/${name}, which this source ${use}.`)
      if (error.code !== 'NotFound') throw error
      return null
    }
  }

  /** `status.artifact` of each repository of spec.include. */
  async #readIncludes(): Promise<readonly unknown[]> {
    const found: unknown[] = []
    for (const { repository } of includesOf(this.#ref, this.#draft.base)) {
      const wait = (reason: string, message: string): SourceFault => {
        markTrue(this.#draft, sourceConditions.includeUnavailable, reason, message)
        return new SourceFault('waiting', reason, message, dependencyMs)
      }
      let source: KubeObject
      try {
        source = await this.#run.view.fetch(repository, this.#run.signal)
      } catch (error) {
        if (!(error instanceof SluiceError) || error.code !== 'NotFound') throw error
        const { name } = repository
        const cause = `GitRepository.${sourceGroup} "${name}" not found`
        throw wait('NotFound', `could not get resource for include '${name}': ${cause}`)
      }
      const artifact = at(source, 'status', 'artifact')
      if (artifactOf(source) === null)
        throw wait('NoArtifact', `no artifact available for include '${repository.name}'`)
      found.push(artifact)
    }
    deleteCondition(this.#draft, sourceConditions.includeUnavailable)
    return found
  }

  async #fetch(request: GitRequest, revision: GitRevision): Promise<StoredTree> {
    const tree = await this.#git(request, () =>
      this.#deps.ports.git.tree(request, revision, defaultTreeLimits, this.#run.signal),
    )
    deleteCondition(this.#draft, sourceConditions.fetchFailed)
    return tree
  }

  async #git<T>(request: GitRequest, work: () => Promise<T>, isListed = false): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code === 'Canceled') throw error
      const detail =
        controllersWords(request, error, isListed) ??
        (error.detail === '' ? error.message : `${error.message}: ${error.detail}`)
      throw this.#failed('GitOperationFailed', `failed to checkout and determine revision: ${detail}`)
    }
  }

  #failed(reason: string, message: string): SourceFault {
    markTrue(this.#draft, sourceConditions.fetchFailed, reason, message)
    return new SourceFault('failing', reason, message)
  }

  #storageFailed(reason: string, message: string): SourceFault {
    markTrue(this.#draft, sourceConditions.storageFailed, reason, message)
    return new SourceFault('failing', reason, message)
  }

  async #verify(request: GitRequest, revision: GitRevision): Promise<void> {
    const source = this.#draft.base
    const mode = verificationMode(source.spec)
    if (mode === null) {
      this.#forgetVerification()
      return
    }
    const refuse = (kind: 'stalling' | 'failing', reason: string, message: string): SourceFault => {
      markFalse(this.#draft, sourceConditions.sourceVerified, reason, message)
      return new SourceFault(kind, reason, message)
    }
    const name = textAt(source, 'spec', 'verify', 'secretRef', 'name')
    const keys = await this.#readSecret(name, 'is verified with')
    if (keys === null) throw refuse('failing', 'VerificationError', `public keys secret error: ${secretNotFound(name)}`)
    const { git } = this.#deps.ports
    const verified = await this.#git(request, () => git.verify(request, revision, { mode, keys }, this.#run.signal))
    if (!verified.ok) throw refuse(verified.isFinal ? 'stalling' : 'failing', verified.reason, verified.message)
    this.#draft.status.sourceVerificationMode = mode
    markTrue(this.#draft, sourceConditions.sourceVerified, 'Succeeded', verified.message)
    trace(this.#run, this.#draft, 'Succeeded', verified.message)
  }

  #forgetVerification(): void {
    delete this.#draft.status.sourceVerificationMode
    deleteCondition(this.#draft, sourceConditions.sourceVerified)
  }

  /** Included artifacts are copied over the checkout, then the rules of all of it apply. */
  async #include(tree: StoredTree, request: GitRequest, revision: GitRevision): Promise<StoredTree> {
    const includes = includesOf(this.#ref, this.#draft.base)
    if (includes.length === 0) return tree
    const { artifacts } = this.#deps.ports
    const parts = [{ tree, fromPath: '', toPath: '' }]
    for (const [index, { repository, fromPath, toPath }] of includes.entries()) {
      const found = await this.#findArtifact(placeOf(repository, this.#included[index]))
      if (typeof found === 'string')
        throw this.#storageFailed(
          'CopyFailure',
          `failed to copy '${repository.name}' include from ${fromPath} to ${toPath}: artifact not found`,
        )
      parts.push({ tree: found.tree, fromPath, toPath })
    }
    const keys = parts.map((part) => [part.tree.contentKey, part.fromPath, part.toPath])
    const key = `includes|${refKey(this.#ref)}|${JSON.stringify([keys, request.ignore])}`
    const what = `Artifact ${revision.revision} of ${sourceTitle(this.#ref)}`
    const { signal } = this.#run
    return (
      (await artifacts.find(key)) ??
      (await artifacts.compose({ key, what, parts, ignore: request.ignore, limits: defaultTreeLimits, signal }))
    )
  }

  async #store(tree: StoredTree, revision: GitRevision): Promise<void> {
    const draft = this.#draft
    if (!(this.#hasRevision(revision) && !this.#areIncludesChanged() && !this.#isConfigChanged())) {
      this.#run.report(`Storing ${revision.revision}`)
      const stored = await this.#deps.storage
        .store({
          source: this.#ref,
          revision: revision.revision,
          fileName: `${revision.commit}.tar.gz`,
          tree,
          signal: this.#run.signal,
        })
        .catch((error: unknown): never => {
          if (!(error instanceof SluiceError) || error.code === 'Canceled') throw error
          throw this.#storageFailed('ArchiveOperationFailed', `unable to archive artifact to storage: ${error.message}`)
        })
      const { ignore, recurseSubmodules, include, sparseCheckout } = draft.base.spec as Record<string, unknown>
      draft.status.artifact = {
        digest: stored.digest,
        lastUpdateTime: goTime(draft.clock.now()),
        path: stored.path,
        revision: revision.revision,
        size: stored.bytes,
        url: storageUrl + stored.path,
      }
      observe(draft, 'includedArtifacts', this.#included.length === 0 ? undefined : this.#included)
      observe(draft, 'observedIgnore', ignore)
      observe(draft, 'observedRecurseSubmodules', recurseSubmodules === true ? true : undefined)
      observe(draft, 'observedInclude', asArray(include).length === 0 ? undefined : include)
      observe(draft, 'observedSparseCheckout', asArray(sparseCheckout).length === 0 ? undefined : sparseCheckout)
      deleteCondition(draft, sourceConditions.storageFailed)
    }
    this.#markStored(revision.revision)
  }

  #markStored(revision: string): void {
    deleteCondition(this.#draft, sourceConditions.artifactOutdated)
    const message = `stored artifact for revision '${revision}'`
    markTrue(this.#draft, sourceConditions.artifactInStorage, 'Succeeded', message)
  }

  /** The event names a commit by its subject, cut to 50 characters. */
  async #tellCommit(request: GitRequest, { commit }: GitRevision): Promise<void> {
    const found = await this.#deps.ports.git.commit(request, commit, this.#run.signal).catch(() => null)
    if (found === null) return
    const letters = [...found.subject]
    this.#told = letters.length > 50 ? `${letters.slice(0, 50).join('')}...` : found.subject
  }

  /** What is stored is what there is: nothing is packed anew. */
  #keepStored({ revision }: GitRevision): void {
    deleteCondition(this.#draft, sourceConditions.includeUnavailable)
    trace(this.#run, this.#draft, 'ArtifactUpToDate', `artifact up-to-date with remote revision: '${revision}'`)
    this.#markStored(revision)
  }

  #hasRevision({ revision }: GitRevision): boolean {
    const artifact = textAt(this.#draft.status.artifact, 'revision')
    return artifact !== '' && isSameRevision(artifact, revision)
  }

  #isConfigChanged(): boolean {
    return isContentConfigChanged(this.#draft.base.spec, this.#draft.status, this.#included)
  }

  #areIncludesChanged(): boolean {
    return areIncludesChanged(this.#included, this.#draft.status)
  }
}

/** The controller asks for branches, tags and names before it clones; versions and commits it clones each time. */
function isShortCut({ ref }: GitRequest): boolean {
  return (ref.commit ?? '') === '' && ((ref.name ?? '') !== '' || (ref.tag ?? '') !== '' || (ref.semver ?? '') === '')
}

function placeOf(source: ObjectRef, artifact: unknown): ArtifactPlace {
  return {
    source,
    revision: textAt(artifact, 'revision'),
    path: textAt(artifact, 'path'),
    digest: textAt(artifact, 'digest'),
  }
}

function statusOf({ status }: KubeObject): Record<string, unknown> {
  return (status ?? {}) as Record<string, unknown>
}

function observe(draft: Draft, field: string, value: unknown): void {
  if (value === undefined) delete draft.status[field]
  else if (!areEqual(draft.status[field], value)) draft.status[field] = value
}

/** For the events of Kubernetes alone: nobody is notified. */
export function trace(run: RunContext, draft: Draft, reason: string, message: string): void {
  run.events.record({ involved: draft.base, severity: 'trace', reason, message, metadata: {} })
}

/** As the API server says it. */
function secretNotFound(name: string): string {
  return `secrets "${name}" not found`
}
