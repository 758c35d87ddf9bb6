/**
 * JSON 6902 patches of a kustomization: `patchesJson6902`, and what `patches` shares with it.
 *
 * Owned by patch-json6902/: reading operations and applying them to objects as JSON. Semantics: kustomize's PatchJson6902Transformer and
 * its filter: the whole object goes through JSON, so timestamps become texts and numbers float64.
 */
import type { BuildContext } from '../build-context.ts'
import { BuildError } from '../build-error.ts'
import type { PatchFiles } from '../patch/patch-files.ts'
import { requireKind, wrongKind } from '../merge/node-kind.ts'
import { buildAnnotations, forgetLostOrigin, originName, readBuildAnnotations } from '../resource/build-annotations.ts'
import type { ResMap, Selector } from '../resource/res-map.ts'
import type { Resource } from '../resource/resource.ts'
import { encodeJson } from '../yaml/go-json.ts'
import { emitV3 } from '../yaml/emit-v3.ts'
import type { YamlNode } from '../yaml/node.ts'
import { getField, makeString, MapNode, setField } from '../yaml/node.ts'
import { parseDocuments } from '../yaml/parse.ts'
import { nodeToGoValue } from '../yaml/to-value.ts'
import type { Operation } from './apply-operations.ts'
import { applyOperations } from './apply-operations.ts'
import { decodePatch } from './decode-patch.ts'
import type { Json } from './json-tree.ts'
import { copyJson, jsonOf, jsonToNode } from './json-tree.ts'

export interface Json6902Config {
  readonly target: Selector
  readonly operations: readonly Operation[]
}

/** Reads the patch. Throws BuildError with upstream's texts. */
export function configureJson6902(
  args: { readonly target: Selector | null; readonly path: string; readonly jsonOp: string },
  files: PatchFiles,
): Json6902Config {
  const { target, path } = args
  if (target === null) throw new BuildError('InvalidKustomization', 'must specify a target for patch')
  if ((target.name ?? '') === '') throw new BuildError('InvalidKustomization', 'must specify the target name')
  if (path === '' && args.jsonOp === '')
    throw new BuildError('InvalidKustomization', 'empty file path and empty jsonOp')
  let text = args.jsonOp
  if (path !== '') {
    if (text !== '') throw new BuildError('InvalidKustomization', 'must specify a file path or jsonOp, not both')
    text = files.readText(path)
    if (text === '') throw new BuildError('InvalidKustomization', `patch file '${path}' empty seems to be empty`)
  }
  if (!text.startsWith('[')) text = yamlToJson(text)
  let operations: readonly Operation[]
  try {
    operations = decodePatch(text)
  } catch (error) {
    throw error instanceof BuildError ? error.wrap(`decoding ${text}`) : error
  }
  if (operations.length === 0) {
    throw new BuildError('InvalidKustomization', `patch appears to be empty; file=${path}, JsonOp=${text}`)
  }
  return { target, operations }
}

function yamlToJson(text: string): string {
  const [node] = parseDocuments(text, { dialect: 'v2' })
  return node === undefined ? 'null' : encodeJson(nodeToGoValue(node, { dialect: 'v2' }))
}

/** Applies the patch to every object that its target selects. Throws BuildError with upstream's texts. */
export function transformJson6902(
  resources: ResMap,
  config: Json6902Config,
  context: Pick<BuildContext, 'checkpoint'>,
): void {
  for (const resource of resources.select(config.target)) {
    context.checkpoint()
    if (!patchObject(resource, config.operations)) throw wrongKind(new MapNode(), 'scalar')
    const metadata = getField(resource.node, 'metadata')
    if (metadata !== undefined) requireKind(metadata, 'map')
  }
  resources.reindex()
}

/**
 * Applies operations to one object. What the build remembers of it is among its annotations meanwhile, as upstream keeps it there: it can be
 * patched over but not lost. False if one without a name left the object without any annotation: `patches` ignores that.
 */
export function patchObject(resource: Resource, operations: readonly Operation[]): boolean {
  const remembered = buildAnnotations(resource)
  const whole = withAnnotations(resource.node, remembered)
  requireReadable(
    resource,
    whole,
    [...remembered.keys()].some((name) => name !== originName),
  )
  const document = jsonOf(nodeToGoValue(whole, { isReread: true }))
  const patched = applyOperations(document as Map<string, Json>, operations.map(copyOperation))
  if (!(patched instanceof Map)) {
    throw new BuildError('PatchFailed', 'json: cannot unmarshal array into Go value of type map[string]interface {}')
  }
  resource.node = jsonToNode(patched) as MapNode
  const metadata = getField(resource.node, 'metadata')
  if (metadata !== undefined && metadata.kind !== 'map') {
    readBuildAnnotations(resource)
    return true
  }
  const annotations = new Map(resource.annotations())
  forgetLostOrigin(resource, annotations)
  if (annotations.has('')) {
    // Upstream has cleared them when it fails at the first one that it writes.
    resource.setAnnotations(new Map())
    readBuildAnnotations(resource)
    return false
  }
  for (const name of remembered.keys()) annotations.delete(name)
  resource.setAnnotations(annotations)
  if (remembered.size > 0) resource.ensureAnnotations()
  return true
}

/**
 * Upstream prints the object and reads that text to get its JSON. A text of several lines that begins with a tab and was not quoted is printed
 * as a block, which is refused when read; so are all annotations (`isRewritten`) once something but its origin is remembered among them.
 * Only such an object is printed here.
 */
function requireReadable(resource: Resource, whole: MapNode, isRewritten: boolean): void {
  if (!hasTabbedText(whole)) return
  const printed = isRewritten ? withAnnotations(whole, resource.annotations()) : whole
  parseDocuments(emitV3(printed), { documents: 'first', mergesKeys: false })
}

function hasTabbedText(node: YamlNode): boolean {
  if (node.kind === 'scalar') return node.value.startsWith('\t') && node.value.includes('\n')
  return (node.kind === 'sequence' ? node.items : node.values).some(hasTabbedText)
}

/** Values of a patch are changed by later operations: each object gets its own. */
function copyOperation(operation: Operation): Operation {
  const value = operation.get('value')
  if (!Array.isArray(value) && !(value instanceof Map)) return operation
  return new Map(operation).set('value', copyJson(value))
}

/** The object with more annotations; only what changes is copied. */
function withAnnotations(node: MapNode, added: ReadonlyMap<string, string>): MapNode {
  if (added.size === 0) return node
  const metadata = getField(node, 'metadata')
  const own = metadata?.kind === 'map' ? getField(metadata, 'annotations') : undefined
  const annotations = own?.kind === 'map' ? new MapNode([...own.keys], [...own.values]) : new MapNode()
  for (const [name, value] of added) setField(annotations, name, makeString(value))
  const copiedMetadata =
    metadata?.kind === 'map' ? new MapNode([...metadata.keys], [...metadata.values]) : new MapNode()
  setField(copiedMetadata, 'annotations', annotations)
  const copied = new MapNode([...node.keys], [...node.values])
  setField(copied, 'metadata', copiedMetadata)
  return copied
}
