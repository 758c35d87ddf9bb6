/** Desired states of both kinds of owner from their makers, and what tells that one has changed, without making it. */
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { AccessReviews } from '../access/access-reviews.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { createReleaseState } from '../helm/desired-release.ts'
import type { Ports } from '../ports.ts'
import { createCommitLookup } from '../source/commit-lookup.ts'
import { createArtifactResolver } from '../source/resolve-artifact.ts'
import type { DesiredSource } from './owner-comparer.ts'
import { createDesiredState } from './desired/desired-state.ts'
import { createSharedInputs } from './shared-inputs.ts'
import type { MappedFolders } from './folders.ts'
import type { Hosts } from './hosts.ts'

export interface DesiredSourceDeps {
  readonly ports: Ports
  readonly access: AccessReviews
  readonly hosts: Hosts
  readonly folders: MappedFolders
  readonly usesOwnKeys: () => boolean
  /** resourceVersion of a ConfigMap or Secret as its watch has it; null where nobody watches it. */
  readonly versionOf: (input: ObjectRef) => string | null
}

export function createDesiredSource(deps: DesiredSourceDeps): DesiredSource & { dispose(): void } {
  const { ports, access, hosts, folders, usesOwnKeys, versionOf } = deps
  const artifacts = createArtifactResolver({ ports, hosts, folders })
  const commits = createCommitLookup({ ports, hosts })
  const inputs = createSharedInputs(ports.clock, versionOf)
  const releases = createReleaseState({ ports, access, hosts, inputs })
  const kustomizations = createDesiredState({ ports, artifacts, access, hosts, usesOwnKeys, inputs })

  function sourceOf(view: ClusterView, object: KubeObject): ObjectRef | null {
    const slash = object.apiVersion.indexOf('/')
    const { name, namespace = '' } = object.metadata
    const group = object.apiVersion.slice(0, Math.max(0, slash))
    const row = view.row(refKey({ cluster: view.id, group, kind: object.kind, namespace, name }))
    return row?.source ? { cluster: view.id, ...row.source } : null
  }

  return {
    desiredOf(view, object, revision, signal) {
      if (object.kind === 'HelmRelease') return releases.desiredOfRelease(view, object, signal)
      return kustomizations.desiredOfKustomization(view, object, revision, signal)
    },
    inputsOf: (view, object) => (object.kind === 'HelmRelease' ? releases : kustomizations).inputsOf(view, object),
    peek: (view, object, revision) =>
      object.kind === 'HelmRelease' ? null : artifacts.peek({ view, consumer: object, revision }),
    nextRunOf: (view, object, signal) => releases.nextRunOf(view, object, signal),
    commitOf: (...asked) => commits.find(...asked),
    logOf: (...asked) => commits.log(...asked),
    choicesOf(view, object) {
      const source = sourceOf(view, object)
      const folder = source === null ? null : folders.folderOf(source)
      return `${folder?.path ?? ''}|${String(usesOwnKeys())}`
    },
    dispose: () => {
      kustomizations.dispose()
      releases.dispose()
    },
  }
}
