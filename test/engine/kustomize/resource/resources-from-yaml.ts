/** Objects from YAML and back, for tests that state a transformation as text before and text after. */
import type { BuildContext } from '../../../../electron/engine/kustomize/build-context.ts'
import { BuildError } from '../../../../electron/engine/kustomize/build-error.ts'
import type { ResMap } from '../../../../electron/engine/kustomize/resource/res-map.ts'
import { createResMap } from '../../../../electron/engine/kustomize/resource/res-map.ts'
import { Resource } from '../../../../electron/engine/kustomize/resource/resource.ts'
import type { SchemaSet } from '../../../../electron/engine/kustomize/schema/schema.ts'
import { emitNode } from '../../../../electron/engine/kustomize/yaml/emit-v2.ts'
import type { MapNode } from '../../../../electron/engine/kustomize/yaml/node.ts'
import { getField, getMap, removeField } from '../../../../electron/engine/kustomize/yaml/node.ts'
import { parseDocuments } from '../../../../electron/engine/kustomize/yaml/parse.ts'

/** No schemas beyond the builtin kinds. */
export const noSchemas: SchemaSet = { forKind: () => null, isNamespaced: () => null }

/** What transformers ask of a build: `warnings` collects what they warn of. */
export function makeContext(): BuildContext & { readonly warnings: string[] } {
  const warnings: string[] = []
  const files = {
    stat: () => null,
    read: () => new Uint8Array(),
    list: () => [],
    realPath: (path: string) => path,
  }
  return {
    files,
    options: { loadRestrictions: 'none', reorder: 'none', hasManagedByLabel: false },
    documents: { documents: () => [] },
    checkpoint: () => {},
    warn: (message) => warnings.push(message),
    warnings,
  }
}

export function nodesOf(text: string): MapNode[] {
  return parseDocuments(text) as MapNode[]
}

export function resourceOf(text: string): Resource {
  return new Resource(nodesOf(text)[0]!)
}

/** Appended one by one, so that equal ids are refused. */
export function resMapOf(text: string): ResMap {
  const map = createResMap(noSchemas)
  for (const node of nodesOf(text)) map.append(new Resource(node))
  return map
}

/** All objects; the empty `annotations` that remembering leaves behind are taken off, as the end of a build does. */
export function printed(map: ResMap): string {
  return map
    .resources()
    .map((resource) => {
      const metadata = getMap(resource.node, 'metadata')
      const annotations = metadata === null ? undefined : getField(metadata, 'annotations')
      if (annotations?.kind === 'map' && annotations.keys.length === 0) removeField(metadata!, 'annotations')
      return emitNode(resource.node)
    })
    .join('---\n')
}

/** The same text as `printed` gives it: keys sorted. */
export function normal(text: string): string {
  return nodesOf(text).map(emitNode).join('---\n')
}

/** Message of the BuildError that `work` throws; '' if it throws none. */
export function errorOf(work: () => unknown): string {
  try {
    work()
    return ''
  } catch (error) {
    if (error instanceof BuildError) return error.message
    throw error
  }
}

/** A ConfigMap, Secret, ... of the core group in one line of YAML. */
export function core(kind: string, name: string, namespace = ''): string {
  const metadata = namespace === '' ? `{name: ${name}}` : `{name: ${name}, namespace: ${namespace}}`
  return `{apiVersion: v1, kind: ${kind}, metadata: ${metadata}}\n`
}

export function documents(...texts: string[]): string {
  return texts.join('---\n')
}
