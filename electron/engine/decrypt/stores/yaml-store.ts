/**
 * YAML documents as SOPS reads them: ordered maps, aliases replaced by what they name, scalars with Go's types.
 * Semantics: SOPS 3.13.2 `stores/yaml` over go.yaml.in/yaml/v3 3.0.4.
 */
import { BuildError } from '../../kustomize/build-error.ts'
import type { MapNode, ScalarNode, YamlNode } from '../../kustomize/yaml/node.ts'
import { decodeText, parseDocuments } from '../../kustomize/yaml/parse.ts'
import { plainTagV3, readNumber } from '../../kustomize/yaml/resolve-v3.ts'
import { canonicalTime, decodeBase64, decodeGoString } from '../tree/go-format.ts'
import type { SopsItem, SopsValue } from '../tree/sops-tree.ts'
import { ForeignValue, SopsBranch, SopsTime } from '../tree/sops-tree.ts'
import { StoreFault } from './store-fault.ts'

const int64Max = 9223372036854775807n

function numberOf(text: string): SopsValue {
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return NaN
  const read = readNumber(text, true)
  if (read === null) return null
  if (read.isFloat) return Number(read.value)
  const value = BigInt(read.value)
  return value > int64Max ? new ForeignValue('uint64', text) : value
}

/** What go-yaml decodes a scalar to; null where it cannot, because SOPS does not look at that error. */
export function scalarValue(node: ScalarNode): SopsValue {
  const { value: text } = node
  const tag = node.tag === '!!merge' ? '!!str' : node.tag
  switch (tag) {
    case '!!str':
      return text
    case '!!null':
      return plainTagV3(text) === '!!null' ? null : null
    case '!!bool':
      if (/^(?:true|True|TRUE)$/.test(text)) return true
      return /^(?:false|False|FALSE)$/.test(text) ? false : null
    case '!!int':
    case '!!float': {
      const value = numberOf(text)
      return tag === '!!float' && typeof value === 'bigint' ? Number(value) : value
    }
    case '!!timestamp': {
      const time = canonicalTime(text, true)
      return time === null ? null : new SopsTime(time)
    }
    case '!!binary': {
      const bytes = decodeBase64(text)
      return bytes === null ? null : decodeGoString(bytes)
    }
    default:
      return text
  }
}

export function keyOf(node: YamlNode): SopsItem['key'] {
  if (node.kind !== 'scalar') return new ForeignValue('map[interface {}]interface {}', '<a collection>')
  const value = scalarValue(node)
  if (typeof value === 'string') return value
  const goType =
    typeof value === 'bigint'
      ? 'int'
      : typeof value === 'number'
        ? 'float64'
        : typeof value === 'boolean'
          ? 'bool'
          : value === null
            ? '<nil>'
            : 'time.Time'
  return new ForeignValue(goType, node.value)
}

function valueOf(node: YamlNode): SopsValue {
  if (node.kind === 'scalar') return scalarValue(node)
  return node.kind === 'map' ? branchOf(node) : node.items.map(valueOf)
}

/** A map node as a branch, without comments. */
export function branchOf(node: MapNode): SopsBranch {
  return new SopsBranch(node.keys.map((key, index) => ({ key: keyOf(key), value: valueOf(node.values[index]!) })))
}

/** SOPS lets go-yaml decode the first document into a map, only because that refuses a key that stands twice. */
export function refuseRepeatedKeys(node: YamlNode): void {
  if (node.kind === 'sequence') node.items.forEach(refuseRepeatedKeys)
  if (node.kind !== 'map') return
  const lines = new Map<string, number>()
  node.keys.forEach((key, index) => {
    if (key.kind === 'scalar' && key.tag !== '!!merge') {
      const name = `${key.tag}\0${key.value}`
      const first = lines.get(name)
      if (first !== undefined)
        throw new StoreFault(
          `yaml: unmarshal errors:\n  line ${key.line}: mapping key ${JSON.stringify(key.value)} already defined at line ${first}`,
        )
      lines.set(name, key.line)
    }
    refuseRepeatedKeys(node.values[index]!)
  })
}

/** Runs go-yaml's reader; its faults become the store's. */
export function readNodes(bytes: Uint8Array): YamlNode[] {
  try {
    return parseDocuments(decodeText(bytes), { documents: 'all', mergesKeys: false })
  } catch (error) {
    if (error instanceof BuildError) throw new StoreFault(`Error unmarshaling input YAML: ${error.message}`)
    throw error
  }
}

export function rootBranch(node: YamlNode): SopsBranch | MapNode {
  if (node.kind === 'map') return node
  if (node.kind === 'scalar' && node.tag === '!!null') return new SopsBranch()
  const what = node.kind === 'sequence' ? 'sequences' : 'values'
  throw new StoreFault(`Error unmarshaling input YAML: YAML documents that are ${what} are not supported`)
}

/** Every document of the text as a branch, without comments. Throws StoreFault. */
export function loadYaml(bytes: Uint8Array): SopsBranch[] {
  const nodes = readNodes(bytes)
  if (nodes[0] !== undefined) refuseRepeatedKeys(nodes[0])
  return nodes.map((node) => {
    const root = rootBranch(node)
    return root instanceof SopsBranch ? root : branchOf(root)
  })
}
