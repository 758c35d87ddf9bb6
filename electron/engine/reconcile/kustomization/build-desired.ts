/** What a Kustomization wants its cluster to be: its tree rendered with variables and keys of the cluster. Semantics: flux-semantics §2.2 to §2.6. */
import { kustomizeGroup } from '../../../../shared/flux/groups.ts'
import { reasons } from '../../../../shared/flux/reasons.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { pathNotFoundText } from '../../build/render-result.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import type { ClusterRender, ClusterRenderer } from '../../drift/cluster-renderer-port.ts'
import type { DesiredSet } from '../../drift/desired-set.ts'
import { ignoreRulesOf } from '../../drift/desired/ignore-rules.ts'
import type { InputReader } from '../../drift/desired/input-reader.ts'
import { readInputs } from '../../drift/desired/read-inputs.ts'
import { specOnly } from '../../drift/desired/spec-only.ts'
import type { StoredTree } from '../../source/artifact-port.ts'
import { at } from '../../status/read.ts'
import type { HostedTarget } from './hosted-target.ts'
import { ArtifactNotFound, NotHosted, RunFault } from './run-fault.ts'
import type { HostedSettings } from './settings.ts'

export interface Desired {
  readonly set: DesiredSet
  /** `sha256:…` of what was built, for the history. */
  readonly digest: string
}

export interface BuildDeps {
  readonly renderer: ClusterRenderer
  readonly inputs: InputReader
  readonly settings: HostedSettings
}

/** The path is not in the tree: nothing was attempted. */
export class PathNotFound extends RunFault {}

/** Throws RunFault with the controller's text, NotHosted where the controller could build it and this machine cannot, ArtifactNotFound. */
export async function buildDesired(
  view: ClusterView,
  object: KubeObject,
  tree: StoredTree,
  target: HostedTarget,
  { renderer, inputs, settings }: BuildDeps,
  signal: AbortSignal,
): Promise<Desired> {
  const { variables, decryptionKeys, assumptions } = await readInputs(view, object, settings, inputs, signal).catch(
    (error: unknown) => {
      if (error instanceof SluiceError && error.code === 'RenderFailed')
        throw new RunFault(reasons.buildFailed, error.detail || error.message)
      throw error
    },
  )
  const [unread] = assumptions
  if (unread !== undefined) throw new NotHosted(unread)
  const render = await renderer.render(
    {
      tree,
      kustomization: specOnly(object),
      variables,
      decryptionKeys,
      usesOwnKeys: false,
      isStrict: settings.isStrict,
    },
    signal,
  )
  const digest = demandKnown(render, decryptionKeys !== null && Object.keys(decryptionKeys).length > 0)
  const { name, namespace = '' } = object.metadata
  return {
    digest,
    set: {
      owner: { cluster: view.id, group: kustomizeGroup, kind: 'Kustomization', namespace, name },
      controller: 'kustomize-controller',
      objects: render.objects,
      stale: [],
      ignoreRules: ignoreRulesOf(object),
      isForced: at(object, 'spec', 'force') === true,
      overrideManagers: settings.overrideManagers,
      customStageKinds: settings.customStageKinds,
      target: { remote: target.isRemote ? target.client : null, impersonate: target.impersonate },
      fidelity: {
        word: 'none',
        digest,
        controllerDigest: '',
        revision: '',
        origin: 'storage',
        reasons: [],
        assumptions: [],
      },
      inputsKey: '',
    },
  }
}

/** The digest of a render in which nothing is unknown. */
function demandKnown({ error, assumptions, digest }: ClusterRender, hasKeys: boolean): string {
  if (error !== null) {
    if (error.message.startsWith(pathNotFoundText)) throw new PathNotFound(reasons.artifactFailed, error.message)
    if (error.code === 'RemoteNotFetched')
      throw new NotHosted(`It builds on a remote base, which hosted mode does not fetch: ${error.message}`)
    // The tree itself went away below the build.
    if (error.code === 'FileUnreadable' && error.file === '') throw new ArtifactNotFound(error.message)
    throw new RunFault(reasons.buildFailed, error.message)
  }
  const [unknown] = assumptions
  if (unknown?.kind === 'undecryptable' && hasKeys) throw new RunFault(reasons.buildFailed, unknown.message)
  if (unknown !== undefined || digest === null)
    throw new NotHosted(unknown?.message ?? 'What it builds cannot be told exactly here.')
  return digest
}
