/**
 * Makes ConfigMaps and Secrets from literals, files and env files.
 * Semantics: kustomize api internal/generators and kyaml's datamap.
 */
import { makeFieldScalar } from '../merge/scalar-style.ts'
import { BuildError, wrapping } from '../build-error.ts'
import type { ConfigMapArgs, GeneratorOptions, SecretArgs } from '../kustomization/types.ts'
import { encodeBase64 } from '../kv/base64.ts'
import type { Pair } from '../kv/load-pairs.ts'
import { loadPairs, valueBytes } from '../kv/load-pairs.ts'
import type { Loader } from '../loader/loader.ts'
import type { GeneratorBehavior } from '../resource/resource.ts'
import { Resource } from '../resource/resource.ts'
import type { ScalarNode } from '../yaml/node.ts'
import { MapNode, makeScalar, makeString, setField } from '../yaml/node.ts'
import { makeUntagged } from '../yaml/untagged.ts'

/** One ConfigMap. Throws BuildError with upstream's text. */
export function generateConfigMap(loader: Loader, args: ConfigMapArgs): Resource {
  const node = baseNode('ConfigMap', args)
  for (const { key, value } of dataPairs(loader, args)) {
    const field = typeof value === 'string' ? 'data' : 'binaryData'
    const text = typeof value === 'string' ? value : wrappedBase64(value)
    appendEntry(mapUnder(node, field), key, valueNode(text))
  }
  return finish(node, args)
}

/** One Secret; every value is base64. Throws BuildError with upstream's text. */
export function generateSecret(loader: Loader, args: SecretArgs): Resource {
  const node = baseNode('Secret', args)
  setField(node, 'type', makeString(args.type === '' ? 'Opaque' : args.type))
  const pairs = dataPairs(loader, args)
  const data = mapUnder(node, 'data')
  for (const { key, value } of pairs) appendEntry(data, key, valueNode(wrappedBase64(valueBytes(value))))
  return finish(node, args)
}

/** A generator's own options, with what it does not set taken from the kustomization's `generatorOptions`. */
export function mergeGeneratorOptions(
  own: GeneratorOptions | null,
  global: GeneratorOptions | null,
): GeneratorOptions | null {
  if (global === null) return own
  return {
    labels: mergeMaps(own?.labels ?? null, global.labels),
    annotations: mergeMaps(own?.annotations ?? null, global.annotations),
    disableNameSuffixHash: own?.disableNameSuffixHash === true || global.disableNameSuffixHash,
    immutable: own?.immutable === true || global.immutable,
  }
}

function mergeMaps(own: Map<string, string> | null, global: Map<string, string> | null): Map<string, string> | null {
  return global === null ? own : new Map([...global, ...(own ?? [])])
}

function baseNode(kind: string, args: ConfigMapArgs): MapNode {
  if (args.name === '') throw new BuildError('InvalidKustomization', 'a configmap must have a name')
  const metadata = new MapNode()
  setField(metadata, 'name', makeFieldScalar(args.name))
  if (args.namespace !== '') setField(metadata, 'namespace', makeFieldScalar(args.namespace))
  const node = new MapNode()
  setField(node, 'apiVersion', makeString('v1'))
  setField(node, 'kind', makeString(kind))
  setField(node, 'metadata', metadata)
  return node
}

/** Sorted by key, each key once. */
function dataPairs(loader: Loader, args: ConfigMapArgs): Pair[] {
  const pairs = wrapping('loading KV pairs', () => loadPairs(loader, args))
  const seen = new Set<string>()
  for (const { key } of pairs) {
    if (seen.has(key))
      throw new BuildError('InvalidKustomization', `configmap ${args.name} illegally repeats the key \`${key}\``)
    seen.add(key)
  }
  return pairs.sort((a, b) => (a.key < b.key ? -1 : 1))
}

function mapUnder(node: MapNode, field: string): MapNode {
  const index = node.keys.findIndex((key) => key.kind === 'scalar' && key.value === field)
  if (index >= 0) return node.values[index] as MapNode
  const created = new MapNode()
  setField(node, field, created)
  return created
}

/** Like all keys that kyaml sets, one that looks like a number is one: such an object cannot be printed, here as upstream. */
function appendEntry(map: MapNode, key: string, value: ScalarNode): void {
  map.keys.push(makeUntagged(key))
  map.values.push(value)
}

function valueNode(text: string): ScalarNode {
  const node = makeString(text)
  if (text.includes('\n')) node.style = 'literal'
  return node
}

const base64LineLength = 70

/** One line where it fits, else lines of 70, each with its newline. */
function wrappedBase64(bytes: Uint8Array): string {
  const encoded = encodeBase64(bytes)
  if (encoded.length < base64LineLength) return encoded
  const lines: string[] = []
  for (let i = 0; i < encoded.length; i += base64LineLength) lines.push(`${encoded.slice(i, i + base64LineLength)}\n`)
  return lines.join('')
}

function finish(node: MapNode, args: ConfigMapArgs): Resource {
  const resource = new Resource(node)
  const { options } = args
  if (options !== null) {
    if (options.labels !== null && options.labels.size > 0) resource.setLabels(options.labels)
    if (options.annotations !== null && options.annotations.size > 0) resource.setAnnotations(options.annotations)
    if (options.immutable) setField(node, 'immutable', makeScalar('true', '!!bool'))
  }
  if (options?.disableNameSuffixHash !== true) resource.enableHashSuffix()
  resource.setBehavior(behaviorOf(args.behavior))
  return resource
}

function behaviorOf(text: string): GeneratorBehavior {
  return text === 'create' || text === 'replace' || text === 'merge' ? text : 'unspecified'
}
