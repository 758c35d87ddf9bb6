/** The desired state of one owner, ready to be compared: what the controller would send to the API server. Made by desired/ and helm/. */
import type { DriftOrigin, Fidelity } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { IgnoreRule } from '../diff/ignore-rules.ts'
import type { InventoryEntry } from '../inventory/entry.ts'
import type { KubeClient } from '../ports.ts'

export interface DesiredObject {
  /** With owner labels, normalised, commonMetadata set: exactly the body of the controller's apply request. */
  readonly object: KubeObject
  readonly origin: DriftOrigin | null
  /** SECURITY: paths of decrypted values, beside data and stringData of Secrets. */
  readonly sensitive: readonly (readonly (string | number)[])[]
  /** Something in it is unknown (undecryptable, unknown variables): it cannot be compared exactly. The sentence; '' if known. */
  readonly unknown: string
}

export interface DesiredSet {
  readonly owner: ObjectRef
  readonly controller: 'kustomize-controller' | 'helm-controller'
  /** In the renderer's order. */
  readonly objects: readonly DesiredObject[]
  /** Inventory entries that are not desired any more and would be pruned (prune is on); each still to be judged against its live object. */
  readonly stale: readonly InventoryEntry[]
  readonly ignoreRules: readonly IgnoreRule[]
  /** spec.force. */
  readonly isForced: boolean
  /** `--override-manager` of the controller. */
  readonly overrideManagers: readonly string[]
  /** `--custom-apply-stage-kinds`, `group/version/Kind` or `Kind.group` as the argument has them, decoded to group and kind. */
  readonly customStageKinds: readonly { readonly group: string; readonly kind: string }[]
  /** The cluster that objects live in: the context's own client, or the one of spec.kubeConfig. */
  readonly target: DesiredTarget
  readonly fidelity: Fidelity
  /** Equal text, equal result of desired state: revision, spec, inputs, controller arguments. */
  readonly inputsKey: string
}

export interface DesiredTarget {
  /** null: the owner's own cluster. */
  readonly remote: KubeClient | null
  /** Impersonated user (`system:serviceaccount:ns:name`), null: the user's own rights are used. */
  readonly impersonate: string | null
}
