/** Reading the text of a JSON patch, which may be JSON or YAML. Semantics: kustomize's jsonPatchFromBytes and jsonpatch.DecodePatch. */
import { BuildError } from '../build-error.ts'
import { parseDocuments } from '../yaml/parse.ts'
import { nodeToGoValue } from '../yaml/to-value.ts'
import type { Operation } from './apply-operations.ts'
import { typeName } from './apply-operations.ts'
import type { Json } from './json-tree.ts'
import { jsonOf, parseJson } from './json-tree.ts'

/** The operations; none for an empty document. Throws BuildError InvalidYaml or PatchFailed with Go's texts. */
export function decodePatch(text: string): readonly Operation[] {
  return operationsOf(text.startsWith('[') ? parseJson(text) : readYaml(text))
}

function readYaml(text: string): Json {
  const [node] = parseDocuments(text, { dialect: 'v2' })
  return node === undefined ? null : jsonOf(nodeToGoValue(node, { dialect: 'v2' }))
}

function operationsOf(json: Json): readonly Operation[] {
  if (json === null) return []
  if (!Array.isArray(json)) throw wrongType(json, 'jsonpatch.Patch')
  return json.map((item) => {
    if (item === null) return new Map()
    if (!(item instanceof Map)) throw wrongType(item, 'jsonpatch.Operation')
    return item
  })
}

function wrongType(value: Json, type: string): BuildError {
  return new BuildError('PatchFailed', `json: cannot unmarshal ${typeName(value)} into Go value of type ${type}`)
}
