/**
 * desired/: what a Kustomization wants its cluster to be, as its controller would apply it now: the tree it builds from, the variables and keys
 * that it reads, the arguments that its controller runs with, and how far all of that is known. Knows nothing of live objects, dry-runs or
 * results. Semantics: flux-semantics §2.4 to §2.11, §2.14, §8, §10; kustomize-controller 1.9.4 `reconcile`.
 */
import type { AccessReviews } from '../../access/access-reviews.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { Ports } from '../../ports.ts'
import type { StoredTree } from '../../source/artifact-port.ts'
import type { ArtifactResolver } from '../../source/resolved-artifact.ts'
import type { DesiredSet } from '../desired-set.ts'

/** SECURITY: item 10: a host that a cluster's object names is contacted only after the user allowed it for that cluster. */
export interface AllowedHosts {
  /** `host:port`. Remembers that it was asked for, so that the user can be. `namedBy`: the object that names it. */
  isAllowed(cluster: string, host: string, namedBy: ObjectRef): boolean
}

/** Reads ConfigMaps and Secrets that a Kustomization names; many of them name the same ones. */
export interface InputReader {
  /** null: there is none. Throws SluiceError Forbidden and what else keeps it from being read. */
  read(
    view: ClusterView,
    input: { readonly kind: 'ConfigMap' | 'Secret'; readonly namespace: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<KubeObject | null>
}

export interface DesiredStateDeps {
  readonly ports: Pick<Ports, 'clusterRenderer' | 'kubeConfigs' | 'codec' | 'clock' | 'artifacts'>
  readonly artifacts: ArtifactResolver
  readonly access: AccessReviews
  readonly hosts: AllowedHosts
  /** Whether SOPS values may be decrypted with the user's own keys, too (settings.usesSopsKeys). */
  readonly usesOwnKeys: () => boolean
  /** GETs with the user's rights, shared for a few seconds, if not given. */
  readonly inputs?: InputReader
}

export interface DesiredState {
  /**
   * The live object's spec, rendered from the artifact that was applied last, or from the newest one. Throws SluiceError: what the artifact
   * resolver throws, RenderFailed with the controller's text, HostNotAllowed, Forbidden, NotConnected, Unsupported, Canceled.
   */
  desiredOfKustomization(
    view: ClusterView,
    object: KubeObject,
    revision: 'applied' | 'latest',
    signal: AbortSignal,
  ): Promise<DesiredSet>
  /**
   * The same for a Kustomization in a file and a tree on this machine. `live` is the object of the same name in the cluster, whose inventory
   * tells what would be pruned; null: there is none.
   */
  desiredOfLocal(
    view: ClusterView,
    object: KubeObject,
    live: KubeObject | null,
    tree: StoredTree,
    signal: AbortSignal,
  ): Promise<DesiredSet>
  /** ConfigMaps and Secrets whose change changes the desired state: substituteFrom, keys, kubeconfig. */
  inputsOf(view: ClusterView, object: KubeObject): readonly ObjectRef[]
  /** Closes clients of other clusters. */
  dispose(): void
}

export function createDesiredState(_deps: DesiredStateDeps): DesiredState {
  const absent = (): Promise<never> => Promise.reject(new SluiceError('Unsupported', 'Not rendered yet'))
  return { desiredOfKustomization: absent, desiredOfLocal: absent, inputsOf: () => [], dispose: () => undefined }
}
