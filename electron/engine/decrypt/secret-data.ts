/**
 * `data` of a Secret as the controller takes it and sets it anew, for every Secret of a Kustomization that asks for decryption, encrypted or
 * not: texts, sorted, and nothing where it is empty. Semantics: kustomize-controller 1.9.4 `DecryptResource` over kyaml's data map.
 */
import { getField, makeString, MapNode, ScalarNode } from '../kustomize/yaml/node.ts'
import { compareBytes } from '../kustomize/yaml/go-json.ts'

/** In the order of the object; null is an empty text. */
export function dataEntries(node: MapNode): Map<string, string> {
  const data = getField(node, 'data')
  const entries = new Map<string, string>()
  if (data?.kind !== 'map') return entries
  data.keys.forEach((key, index) => {
    const value = data.values[index]
    if (key.kind !== 'scalar') return
    entries.set(key.value, value?.kind === 'scalar' && value.tag !== '!!null' ? value.value : '')
  })
  return entries
}

/** A copy of the top level with `data` at its end, or without it where it is empty. */
export function withData(node: MapNode, entries: ReadonlyMap<string, string>): MapNode {
  const copy = new MapNode([], [], node.line, node.isFlow, node.tag)
  node.keys.forEach((key, index) => {
    if (key.kind === 'scalar' && key.value === 'data') return
    copy.keys.push(key)
    copy.values.push(node.values[index]!)
  })
  if (entries.size === 0) return copy
  const names = [...entries.keys()].sort(compareBytes)
  copy.keys.push(makeString('data'))
  copy.values.push(
    new MapNode(
      names.map(makeString),
      names.map((name) => {
        const value = entries.get(name)!
        return new ScalarNode(value, '!!str', value.includes('\n') ? 'literal' : 'plain', 0)
      }),
    ),
  )
  return copy
}
