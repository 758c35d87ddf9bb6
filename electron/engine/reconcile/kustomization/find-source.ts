/** Which artifact a Kustomization is built from. Semantics: flux-semantics §2.1; kustomize-controller `getSource`. */
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refTitle } from '../../../../shared/model/identity.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { textAt } from '../../status/read.ts'
import type { HostedView } from '../reconciler.ts'
import type { KustomizationSpec } from './kustomization-spec.ts'
import { NotHosted } from './run-fault.ts'
import type { HostedSettings } from './settings.ts'

export interface SourceArtifact {
  readonly source: ObjectRef
  readonly path: string
  readonly revision: string
  /** '' where the artifact does not say. */
  readonly originRevision: string
  readonly digest: string
}

export type FoundSource =
  | { readonly word: 'found'; readonly artifact: SourceArtifact }
  | { readonly word: 'noArtifact' }
  /** `text`: the controller's. */
  | { readonly word: 'absent'; readonly text: string }
  | { readonly word: 'denied'; readonly text: string }

const sourceKinds: ReadonlySet<string> = new Set(['GitRepository', 'OCIRepository', 'Bucket', 'ExternalArtifact'])
const originAnnotation = 'org.opencontainers.image.revision'

/** Throws NotHosted for a source whose artifacts somebody else makes, and what keeps a source from being read. */
export async function findSource(
  view: HostedView,
  spec: KustomizationSpec,
  ownNamespace: string,
  settings: HostedSettings,
  signal: AbortSignal,
): Promise<FoundSource> {
  const { source } = spec
  const title = `${source.namespace}/${source.name}`
  if (!settings.isCrossNamespaceAllowed && source.namespace !== ownNamespace)
    return {
      word: 'denied',
      text: `can't access '${source.kind}/${title}', cross-namespace references have been blocked`,
    }
  if (source.kind === 'ExternalArtifact' && settings.isExternalArtifactAllowed !== true)
    return { word: 'denied', text: `can't access '${source.kind}/${title}', ExternalArtifact feature gate is disabled` }
  if (!sourceKinds.has(source.kind)) throw new NotHosted(`Sources of kind ${source.kind} are not known.`)
  const object = await readSource(view, source, signal)
  if (object === null)
    return { word: 'absent', text: `${source.kind}.${source.group} ${JSON.stringify(source.name)} not found` }
  if (source.kind !== 'GitRepository')
    throw new NotHosted(
      `${source.kind} ${refTitle(source)} is not hosted: hosted mode reads GitRepositories, so nothing is applied from it.`,
    )
  return artifactOf(object, source)
}

export function artifactOf(object: KubeObject, source: ObjectRef): FoundSource {
  const revision = textAt(object, 'status', 'artifact', 'revision')
  if (revision === '') return { word: 'noArtifact' }
  return {
    word: 'found',
    artifact: {
      source,
      revision,
      path: textAt(object, 'status', 'artifact', 'path'),
      digest: textAt(object, 'status', 'artifact', 'digest'),
      originRevision: textAt(object, 'status', 'artifact', 'metadata', originAnnotation),
    },
  }
}

/** The queue's own copy; kinds that it does not watch are asked for. */
async function readSource(view: HostedView, ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | null> {
  const known = view.cached(ref)
  if (known !== null) return known
  try {
    return await view.fetch(ref, signal)
  } catch (error) {
    if (error instanceof SluiceError && (error.code === 'NotFound' || error.code === 'ResourceNotServed')) return null
    throw error
  }
}
