/** What a source and its consumer say about the artifact, read tolerantly. Semantics: flux-semantics §1.3, §4. */
import { isSameRevision, parseRevision } from '../../../shared/flux/revision.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey, refTitle } from '../../../shared/model/identity.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { asArray, at, textAt } from '../status/read.ts'
import { hostOfUrl } from './consents.ts'

export const sourceGroup = 'source.toolkit.fluxcd.io'

/** `status.artifact` of a source. */
export interface ArtifactFacts {
  readonly revision: string
  /** `sha256:…`; '' where it is not known. */
  readonly digest: string
  readonly url: string
}

/** `GitRepository flux-system/podinfo`, for sentences. */
export function sourceTitle(ref: ObjectRef): string {
  return `${ref.kind} ${refTitle(ref)}`
}

/** spec.sourceRef of a consumer. Throws SourceNotFound where it names nothing. */
export function sourceRefOf(view: ClusterView, consumer: KubeObject): ObjectRef {
  const apiVersion = textAt(consumer, 'spec', 'sourceRef', 'apiVersion')
  const kind = textAt(consumer, 'spec', 'sourceRef', 'kind')
  const name = textAt(consumer, 'spec', 'sourceRef', 'name')
  const own = consumer.metadata.namespace ?? ''
  if (kind === '' || name === '')
    throw new SluiceError('SourceNotFound', `${consumer.kind} ${own}/${consumer.metadata.name} names no source`, {
      remedy: 'Set spec.sourceRef.',
    })
  return {
    cluster: view.id,
    group: apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : sourceGroup,
    kind,
    namespace: textAt(consumer, 'spec', 'sourceRef', 'namespace') || own,
    name,
  }
}

/** Null where the source has no artifact. */
export function artifactOf(source: KubeObject): ArtifactFacts | null {
  return readFacts(at(source, 'status', 'artifact'))
}

/** `status.includedArtifacts` of a GitRepository, in the order of `spec.include`. */
export function includedArtifactsOf(source: KubeObject): readonly (ArtifactFacts | null)[] {
  return asArray(at(source, 'status', 'includedArtifacts')).map(readFacts)
}

function readFacts(value: unknown): ArtifactFacts | null {
  const revision = textAt(value, 'revision')
  if (revision === '') return null
  return { revision, digest: textAt(value, 'digest'), url: textAt(value, 'url') }
}

/** A revision in today's form: controllers before 0.36 wrote `main/SHA`, `SHA` and `tag/SHA`. */
export function normalRevision(revision: string): string {
  const { ref, algorithm, digest } = parseRevision(revision)
  if (digest === '') return revision
  return ref === '' ? `${algorithm}:${digest}` : `${ref}@${algorithm}:${digest}`
}

/** By which a pipeline says in an artifact's metadata what it was made from. */
const madeFrom = { revision: 'org.opencontainers.image.revision', url: 'org.opencontainers.image.source' } as const

/**
 * The Git revision and the repository that a packed artifact says it was made from; null where nothing says so of `revision`, which may be the
 * artifact's own or that Git revision itself.
 */
export function packedFrom(
  source: KubeObject,
  consumer: KubeObject,
  revision: string,
): { readonly revision: string; readonly url: string } | null {
  const artifact = at(source, 'status', 'artifact')
  const url = textAt(artifact, 'metadata', madeFrom.url)
  const pairs = [
    [textAt(artifact, 'revision'), textAt(artifact, 'metadata', madeFrom.revision)],
    [textAt(consumer, 'status', 'lastAppliedRevision'), textAt(consumer, 'status', 'lastAppliedOriginRevision')],
  ] as const
  const found = pairs.find(
    ([own, origin]) => origin !== '' && [own, origin].some((each) => isSameRevision(each, revision)),
  )
  return found === undefined || url === '' ? null : { revision: found[1], url }
}

/** A repository by host and path, since it may be read over ssh and https; null for what is no URL of a known scheme. */
export function repositoryNameOf(url: string): string | null {
  const parsed = hostOfUrl(url) === null ? null : URL.parse(url)
  if (parsed === null) return null
  return `${parsed.hostname.toLowerCase()}${parsed.pathname.replace(/\/+$/, '').replace(/\.git$/, '')}`
}

/** Under which the cache keeps an artifact's tree, whoever brought it. */
export function artifactKey(ref: ObjectRef, { revision, digest }: Pick<ArtifactFacts, 'revision' | 'digest'>): string {
  return `artifact|${refKey(ref)}|${normalRevision(revision)}|${digest}`
}

/** The commit of a Git revision; null for what is none. */
export function commitOf(revision: string): string | null {
  return /(?:^|@)sha(?:1|256):([0-9a-f]{40}|[0-9a-f]{64})$/.exec(normalRevision(revision))?.[1] ?? null
}
