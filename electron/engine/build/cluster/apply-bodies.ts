/**
 * From a build's documents to the bodies of the controller's apply requests, each with where it comes from and what in it is secret or unknown.
 * Semantics: fluxcd/pkg ssa v0.76.1 `utils.ReadObjects`, and apply/prepare-objects.ts for the rest.
 */
import type { KubeObject } from '../../clusters/view.ts'
import type { ClusterRenderedObject } from '../../drift/cluster-renderer-port.ts'
import { parseDocuments } from '../../kustomize/yaml/parse.ts'
import type { RenderedObject } from '../render-result.ts'
import { yamlToJson } from '../yaml-to-json.ts'
import { toPlainValue } from './plain-value.ts'
import { prepareBodies } from './prepare-bodies.ts'

/** `unknown`: sentences by the object's place. Throws BuildError with the controller's text where it would refuse the whole set. */
export function toApplyBodies(
  objects: readonly RenderedObject[],
  unknown: ReadonlyMap<number, string>,
  kustomization: KubeObject,
): readonly ClusterRenderedObject[] {
  const read = objects.map(({ yaml, origin, sensitive }, index) => {
    const [node] = parseDocuments(yaml, { dialect: 'v2' })
    const object = (node === undefined ? {} : toPlainValue(yamlToJson(node, null))) as KubeObject
    return { object, origin, sensitive, unknown: unknown.get(index) ?? '' }
  })
  return prepareBodies(read, kustomization)
}
