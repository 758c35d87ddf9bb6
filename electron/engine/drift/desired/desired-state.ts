/**
 * desired/: what a Kustomization wants its cluster to be, as its controller would apply it now: the tree it builds from, the variables and keys
 * that it reads, the arguments that its controller runs with, and how far all of that is known. Knows nothing of live objects, dry-runs or
 * results. Semantics: flux-semantics §2.4 to §2.11, §2.14, §8, §10; kustomize-controller 1.9.4 `reconcile`.
 */
import { kustomizeGroup } from '../../../../shared/flux/groups.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { AccessReviews } from '../../access/access-reviews.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import { readInventory } from '../../inventory/read-inventory.ts'
import type { Clock, Ports } from '../../ports.ts'
import type { StoredTree } from '../../source/artifact-port.ts'
import type { HostConsents } from '../../source/consents.ts'
import type { ArtifactResolver, ResolvedArtifact } from '../../source/resolved-artifact.ts'
import { at, textAt } from '../../status/read.ts'
import type { ClusterRender, ClusterRenderRequest } from '../cluster-renderer-port.ts'
import type { DesiredObject, DesiredSet } from '../desired-set.ts'
import { readControllerSettings } from './controller-settings.ts'
import { judgeFidelity } from './fidelity.ts'
import { nameAsInventory } from './generated-names.ts'
import { ignoreRulesOf } from './ignore-rules.ts'
import type { InputReader } from './input-reader.ts'
import { createInputReader } from './input-reader.ts'
import { keySecretOf, readInputs, variableSourcesOf } from './read-inputs.ts'
import { demandReferences, renderFailed } from './refusals.ts'
import { specOnly } from './spec-only.ts'
import { findStale } from './stale.ts'
import { createTargets, kubeConfigSecretOf } from './target.ts'

export interface DesiredStateDeps {
  readonly ports: Pick<Ports, 'clusterRenderer' | 'kubeConfigs' | 'codec' | 'clock' | 'artifacts'>
  readonly artifacts: ArtifactResolver
  readonly access: AccessReviews
  readonly hosts: HostConsents
  /** Whether SOPS values may be decrypted with the user's own keys, too (settings.usesSopsKeys). */
  readonly usesOwnKeys: () => boolean
  /** GETs with the user's rights, shared for a moment, if not given. */
  readonly inputs?: InputReader
}

export interface DesiredState {
  /**
   * The live object's spec, rendered from the artifact that was applied last, or from the newest one. Throws SluiceError: what the artifact
   * resolver throws, RenderFailed with the controller's text, HostNotAllowed, Forbidden, NotFound, NotConnected, Unsupported, Canceled.
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

export function createDesiredState(deps: DesiredStateDeps): DesiredState {
  const { ports, usesOwnKeys } = deps
  const inputs = deps.inputs ?? createInputReader(ports.clock)
  const targets = createTargets({ ...deps, kubeConfigs: ports.kubeConfigs, codec: ports.codec, inputs })

  /** `object`: whose spec is rendered. `live`: whose status and inventory count. */
  async function desire(
    view: ClusterView,
    object: KubeObject,
    live: KubeObject | null,
    resolve: () => Promise<Omit<ResolvedArtifact, 'source'>>,
    signal: AbortSignal,
  ): Promise<DesiredSet> {
    await controllersRead(view, ports.clock, signal)
    const settings = readControllerSettings(view.controllers(), object)
    const [artifact, input, found] = await Promise.all([
      resolve(),
      readInputs(view, object, settings, inputs, signal),
      targets.find(view, object, settings, signal),
    ])
    const request: ClusterRenderRequest = {
      tree: artifact.tree,
      kustomization: specOnly(object),
      variables: input.variables,
      decryptionKeys: input.decryptionKeys,
      usesOwnKeys: usesOwnKeys(),
      isStrict: settings.isStrict,
    }
    const release = ports.artifacts.use(artifact.tree)
    let render: ClusterRender
    try {
      render = await ports.clusterRenderer.render(request, signal)
    } finally {
      release()
    }
    if (render.error !== null) throw renderFailed(object, artifact.revision, render, settings)

    const objects = knownObjects(render, live, artifact.revision)
    const stale =
      live === null
        ? { entries: [], assumptions: [] }
        : findStale(view, live, objects, at(object, 'spec', 'prune') === true)
    const fidelity = judgeFidelity(live, artifact, render, [
      ...settings.assumptions,
      ...input.assumptions,
      ...render.assumptions.map(({ message }) => message),
      ...found.assumptions,
      ...stale.assumptions,
    ])
    const set = {
      owner: refOf(view, object),
      controller: 'kustomize-controller' as const,
      objects,
      stale: stale.entries,
      ignoreRules: ignoreRulesOf(object),
      isForced: at(object, 'spec', 'force') === true,
      overrideManagers: settings.overrideManagers,
      customStageKinds: settings.customStageKinds,
      target: found.target,
      fidelity,
    }
    return { ...set, inputsKey: keyOf(request, set, found.key) }
  }

  /** SECURITY: item 9: variables and keys are in it as a digest only. */
  function keyOf(request: ClusterRenderRequest, set: Omit<DesiredSet, 'inputsKey'>, target: string): string {
    const { stale, fidelity, overrideManagers, customStageKinds } = set
    return ports.codec.sha256Hex(JSON.stringify([request, target, stale, fidelity, overrideManagers, customStageKinds]))
  }

  return {
    desiredOfKustomization(view, object, revision, signal) {
      return desire(
        view,
        object,
        object,
        async () => {
          demandReferences(object, readControllerSettings(view.controllers(), object))
          return deps.artifacts.resolve({ view, consumer: object, revision }, signal)
        },
        signal,
      )
    },
    desiredOfLocal(view, object, live, tree, signal) {
      const artifact = {
        tree,
        revision: 'the local folder',
        digest: '',
        origin: 'folder' as const,
        reasons: ['It is rendered from a folder of this machine.'],
      }
      return desire(view, object, live, () => Promise.resolve(artifact), signal)
    },
    inputsOf(view, object) {
      const settings = readControllerSettings(view.controllers(), object)
      const names = [...variableSourcesOf(object), keySecretOf(object, settings), kubeConfigSecretOf(object)]
      return names.flatMap((name) => (name === null ? [] : [{ cluster: view.id, group: '', ...name }]))
    },
    dispose: () => targets.dispose(),
  }
}

const controllersStepMs = 50
const maxControllersMs = 5000

/** Soon after a start nothing is known of the controllers yet, which would read as if nothing could be. */
async function controllersRead(view: ClusterView, clock: Clock, signal: AbortSignal): Promise<void> {
  const startedAt = clock.monotonicMs()
  while (view.areControllersLoading?.() === true && clock.monotonicMs() - startedAt < maxControllersMs) {
    await new Promise<void>((resolve) => clock.after(controllersStepMs, resolve))
    if (signal.aborted) throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
  }
}

function refOf(view: ClusterView, { metadata }: KubeObject): ObjectRef {
  const { name, namespace = '' } = metadata
  return { cluster: view.id, group: kustomizeGroup, kind: 'Kustomization', namespace, name }
}

const encryptedMark = 'ENC[AES256_GCM,'

/** The rendered objects, what came of files that no key opens among them said to be unknown. */
function knownObjects(render: ClusterRender, live: KubeObject | null, revision: string): readonly DesiredObject[] {
  const sealed = render.assumptions.filter(({ kind, file }) => kind === 'undecryptable' && file !== '')
  if (sealed.length === 0) return render.objects
  const doubtful = ({ object, origin }: ClusterRender['objects'][number]): boolean =>
    origin?.isGenerated === true || JSON.stringify(object).includes(encryptedMark)
  const suspects = new Set<DesiredObject>(render.objects.filter(doubtful))
  return nameAsInventory(
    render.objects,
    live === null ? [] : (readInventory(live)?.entries ?? []),
    (one) => suspects.has(one),
    live !== null && textAt(live, 'status', 'lastAppliedRevision') === revision,
    `It may hold values of encrypted files that no key here opens: ${sealed.map(({ file }) => file).join(', ')}.`,
  )
}
