/**
 * From a build's documents to the bodies of the controller's apply requests, each with where it comes from and what in it is secret or unknown.
 * Semantics: fluxcd/pkg ssa v0.76.1 `utils.ReadObjects` for how documents are read, apply/prepare-objects.ts for the rest.
 */
import { prepareForApply } from '../../apply/prepare-objects.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { ClusterRenderedObject } from '../../drift/cluster-renderer-port.ts'
import { BuildError } from '../../kustomize/build-error.ts'
import { parseDocuments } from '../../kustomize/yaml/parse.ts'
import type { RenderedObject } from '../render-result.ts'
import { yamlToJson } from '../yaml-to-json.ts'
import { toExactValue } from './plain-value.ts'

/** `unknown`: sentences by the document's place. Throws BuildError with the controller's text where it would refuse the whole set. */
export function toApplyBodies(
  documents: readonly RenderedObject[],
  unknown: ReadonlyMap<number, string>,
  kustomization: KubeObject,
): readonly ClusterRenderedObject[] {
  const values = documents.map(({ yaml }, index) => {
    const [node] = parseDocuments(yaml, { dialect: 'v2' })
    const value = node === undefined ? null : toExactValue(yamlToJson(node, null))
    return unknown.has(index) ? withoutSops(value) : value
  })
  const { objects, error } = prepareForApply(values, kustomization)
  if (error !== null) {
    const origin = documents[error.from]?.origin ?? null
    throw new BuildError(error.code, error.message, origin === null ? {} : { file: origin.file, line: origin.line })
  }
  return objects.map(({ object, from, item }) => {
    const { origin, sensitive } = documents[from]!
    return {
      object,
      origin,
      sensitive: item === null ? sensitive : sensitive.flatMap((path) => withinItem(path, item)),
      unknown: unknown.get(from) ?? '',
    }
  })
}

/** What only the controller can decrypt is no reason for it to refuse the set. */
function withoutSops(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('sops' in value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'sops'))
}

/** `items[2].data.key` of a List is `data.key` of its third item. */
function withinItem([items, at, ...rest]: RenderedObject['sensitive'][number], item: number): (typeof rest)[] {
  return items === 'items' && at === item ? [rest] : []
}
