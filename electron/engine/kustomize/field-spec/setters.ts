/**
 * Setters that transformers hand to field specs. Semantics: kustomize's filtersutil on kyaml's FieldSetter: the style of a present scalar is
 * kept, its value and tag are not.
 */
import type { ScalarNode, Tag, YamlNode } from '../yaml/node.ts'
import { hideEntry } from './hidden-entries.ts'
import { fieldIndex, isNullNode, makeString, ScalarNode as YamlScalar } from '../yaml/node.ts'
import type { FieldSetter } from './apply-field-spec.ts'
import { makeUntagged, untaggedTag } from '../yaml/untagged.ts'
import { wrongNodeKind } from './node-kind-error.ts'

/** Writes a scalar; tag '' lets the text say what it is, unless the present scalar is quoted. Throws for maps and lists. */
export function writeScalar(node: YamlNode, value: string, tag: Tag | ''): void {
  if (node.kind !== 'scalar') throw wrongNodeKind('scalar', node)
  node.value = value
  node.tag = tag === '' ? (node.style === 'plain' ? untaggedTag(value) : '!!str') : tag
}

export function setScalar(value: string, tag: Tag | '' = ''): FieldSetter {
  return (node) => writeScalar(node, value, tag)
}

/** As setScalar, but leaves a scalar alone that has a text. */
export function setScalarIfEmpty(value: string, tag: Tag | '' = ''): FieldSetter {
  return (node) => {
    if (node.kind === 'scalar' && node.tag !== '!!null' && node.value !== '') return
    writeScalar(node, value, tag)
  }
}

/**
 * Sets an entry of a map to a string. The value node made is ONE for all the maps that did not have the key, as upstream has it: a later
 * strategic merge into one of them, which writes into the node, shows in the others too.
 */
export function setEntry(key: string, value: string): FieldSetter {
  const shared: ScalarNode = makeString(value)
  return (node) => {
    if (isNullNode(node)) {
      hideEntry(node, key, shared)
      return
    }
    if (node.kind !== 'map') throw wrongNodeKind('map', node)
    // Without a name, kyaml's FieldSetter sets the map itself.
    if (key === '') throw wrongNodeKind('scalar', node)
    const index = fieldIndex(node, key)
    if (index < 0) {
      node.keys.push(makeUntagged(key))
      node.values.push(shared)
      return
    }
    const present = node.values[index]!
    if (present.kind === 'scalar') {
      present.value = value
      present.tag = '!!str'
    } else node.values[index] = new YamlScalar(value, '!!str', 'plain', 0)
  }
}
