/** Where the controller would build nothing at all, in its own words. Semantics: kustomize-controller 1.9.4 `getSource`, `build`. */
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { textAt } from '../../status/read.ts'
import type { ClusterRender } from '../cluster-renderer-port.ts'
import type { ControllerSettings } from './controller-settings.ts'

function titleOf({ metadata }: KubeObject): string {
  return `Kustomization ${metadata.namespace ?? ''}/${metadata.name}`
}

/** Throws SluiceError RenderFailed for a source that its controller would not look at. */
export function demandReferences(object: KubeObject, settings: ControllerSettings): void {
  const kind = textAt(object, 'spec', 'sourceRef', 'kind')
  const own = object.metadata.namespace ?? ''
  const namespace = textAt(object, 'spec', 'sourceRef', 'namespace') || own
  const source = `${kind}/${namespace}/${textAt(object, 'spec', 'sourceRef', 'name')}`
  const refuse = (why: string, remedy: string): SluiceError =>
    new SluiceError('RenderFailed', `${titleOf(object)} is not built: its controller refuses its source.`, {
      detail: `can't access '${source}', ${why}`,
      remedy,
    })
  if (!settings.isCrossNamespaceAllowed && namespace !== own)
    throw refuse(
      'cross-namespace references have been blocked',
      `Its controller runs with --no-cross-namespace-refs: use a source in namespace ${own}.`,
    )
  if (kind === 'ExternalArtifact' && settings.isExternalArtifactAllowed === false)
    throw refuse(
      'ExternalArtifact feature gate is disabled',
      'Its controller runs without the feature gate ExternalArtifact.',
    )
}

/** The error of a build that its controller would end in as well, or that cannot be made here. */
export function renderFailed(
  object: KubeObject,
  revision: string,
  { error }: ClusterRender,
  settings: ControllerSettings,
): SluiceError {
  const place = error === null || error.file === '' ? '' : ` (${error.file}${error.line > 0 ? `:${error.line}` : ''})`
  const message = `${titleOf(object)} cannot be built from ${revision}${place}.`
  const remote =
    error?.code === 'RemoteNotFetched' && settings.isRemoteBaseAllowed
      ? 'Its controller fetches remote bases; Sluice does not: copy the base into the source.'
      : ''
  return new SluiceError('RenderFailed', message, { detail: error?.message ?? '', remedy: remote })
}
