/**
 * A built object as the controller hands it to SOPS, which is as JSON, and back. Both ways change more than the encrypted values: keys are
 * sorted, times become strings, and every number is a float64 afterwards.
 * Semantics: kyaml `RNode.MarshalJSON`/`UnmarshalJSON` around SOPS's JSON store.
 */
import { BuildError } from '../kustomize/build-error.ts'
import { compareBytes } from '../kustomize/yaml/go-json.ts'
import type { YamlNode } from '../kustomize/yaml/node.ts'
import { makeString, MapNode, ScalarNode, SequenceNode } from '../kustomize/yaml/node.ts'
import { plainTagV3 } from '../kustomize/yaml/resolve-v3.ts'
import type { SensitivePath } from './decryptor.ts'
import { allowedStyle, shapeOf, wantedStyle } from './stores/yaml-scalar.ts'
import { scalarValue } from './stores/yaml-store.ts'
import {
  decodeUtf8Lenient,
  encodeBase64,
  formatFloatGeneral,
  formatFloatJson,
  parseGoFloat,
  parseGoInt,
} from './tree/go-format.ts'
import type { SopsItem, SopsValue } from './tree/sops-tree.ts'
import { ForeignValue, GoBytes, SopsBranch, SopsComment, SopsTime } from './tree/sops-tree.ts'
import { looksEncrypted } from './tree/value-cipher.ts'

function fail(message: string, node: YamlNode): never {
  throw new BuildError('DecryptionFailed', message, node.line > 0 ? { line: node.line } : {})
}

/** A number after it was printed as JSON and read again: an integer where it looks like one. */
function numberThroughJson(value: number, node: YamlNode): SopsValue {
  const text = formatFloatJson(value)
  if (text === null) fail(`json: unsupported value: ${formatFloatGeneral(value)}`, node)
  return parseGoInt(text) ?? parseGoFloat(text) ?? 0
}

function scalarThroughJson(node: ScalarNode): SopsValue {
  const value = scalarValue(node)
  if (value instanceof SopsTime) return value.text
  if (value instanceof GoBytes) return decodeUtf8Lenient(value.bytes)
  if (value instanceof ForeignValue) return Number(value.text.replaceAll('_', ''))
  return typeof value === 'number' ? numberThroughJson(value, node) : value
}

/** Collects paths of ciphertext on the way. */
export function toSopsBranch(node: MapNode, encrypted: SensitivePath[], path: SensitivePath = []): SopsBranch {
  const items: SopsItem[] = node.keys.map((key, index) => {
    const isText = key.kind === 'scalar' && (path.length === 0 || key.tag === '!!str' || key.tag === '!!merge')
    if (key.kind !== 'scalar' || !isText) fail('json: unsupported type: map[interface {}]interface {}', key)
    const child = node.values[index]!
    return { key: key.value, value: toSopsValue(child, encrypted, [...path, key.value]) }
  })
  items.sort((a, b) => compareBytes(a.key as string, b.key as string))
  const repeated = items.find((item, index) => index > 0 && item.key === items[index - 1]!.key)
  if (repeated !== undefined) fail(`mapping key ${JSON.stringify(repeated.key)} already defined`, node)
  return new SopsBranch(items)
}

function toSopsValue(node: YamlNode, encrypted: SensitivePath[], path: SensitivePath): SopsValue {
  if (node.kind === 'map') return toSopsBranch(node, encrypted, path)
  if (node.kind === 'sequence') return node.items.map((item, index) => toSopsValue(item, encrypted, [...path, index]))
  const value = scalarThroughJson(node)
  if (typeof value === 'string' && looksEncrypted(value) && path[0] !== 'sops') encrypted.push(path)
  return value
}

function stringNode(text: string): ScalarNode {
  const style = allowedStyle(wantedStyle(text), shapeOf(text), false)
  return new ScalarNode(text, '!!str', style, 0)
}

function numberNode(value: number): ScalarNode {
  const text = formatFloatGeneral(value)
  return new ScalarNode(text, plainTagV3(text), 'plain', 0)
}

function toNode(value: SopsValue): YamlNode {
  if (value === null || value instanceof SopsComment) return new ScalarNode('null', '!!null', 'plain', 0)
  if (value instanceof SopsBranch) return toMapNode(value)
  if (Array.isArray(value)) return new SequenceNode(value.filter((item) => !(item instanceof SopsComment)).map(toNode))
  if (typeof value === 'string') return stringNode(value)
  if (typeof value === 'boolean') return new ScalarNode(String(value), '!!bool', 'plain', 0)
  if (typeof value === 'bigint' || typeof value === 'number') return numberNode(Number(value))
  if (value instanceof SopsTime) return stringNode(value.text)
  if (value instanceof GoBytes)
    return stringNode(value.isSlice ? encodeBase64(value.bytes) : decodeUtf8Lenient(value.bytes))
  return stringNode(value.text)
}

/** The object that Go reads from the JSON of a branch. */
export function toMapNode(branch: SopsBranch): MapNode {
  const last = new Map<string, SopsValue>()
  for (const { key, value } of branch.items) if (typeof key === 'string') last.set(key, value)
  const names = [...last.keys()].sort(compareBytes)
  const map = new MapNode()
  for (const name of names) {
    map.keys.push(makeString(name))
    map.values.push(toNode(last.get(name)!))
  }
  return map
}
