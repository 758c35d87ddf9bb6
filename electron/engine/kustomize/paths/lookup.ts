/**
 * Walking to one node by a path of fields, indexes, `-` (the last element) and `[name=x]` selectors, creating what is missing if asked to.
 *
 * Owned by paths/: how paths are written and followed. It must not know resources or what is done with the nodes found.
 * Semantics: kyaml's PathGetter.
 */
import { BuildError } from '../build-error.ts'
import { findElement, textOf } from '../merge/list-elements.ts'
import { requireKind } from '../merge/node-kind.ts'
import { makeKey } from '../merge/scalar-style.ts'
import type { SequenceNode, YamlNode } from '../yaml/node.ts'
import { getField, isNullNode, MapNode, ScalarNode } from '../yaml/node.ts'
import type { NodeKind } from './path-part.ts'
import { kindBefore, makeEmpty, splitElementSelector } from './path-part.ts'
import { isElementSelector, parseIndex } from './split-path.ts'

/**
 * The node at `path`, undefined if there is none. With `create` missing parts are made, the last one of that kind; elements named by an
 * index never are. Throws BuildError TransformFailed with kyaml's texts.
 */
export function lookup(root: YamlNode, path: readonly string[], create?: NodeKind): YamlNode | undefined {
  const parts = path.map((part) => part.trim()).filter((part) => part !== '')
  let node: YamlNode = root
  for (let i = 0; i < parts.length; i++) {
    const next = lookupStep(node, parts[i]!, parts[i + 1], create)
    if (next === undefined) return undefined
    node = next
  }
  return node
}

/** One part of a path, blanks around it taken off; `nextPart` says what a missing one is created as. */
export function lookupStep(node: YamlNode, part: string, nextPart?: string, create?: NodeKind): YamlNode | undefined {
  const index = parseIndex(part)
  if (index !== null) {
    if (index < 0) throw new BuildError('TransformFailed', `array index ${index} cannot be negative`)
    return elementsOf(node)[index]
  }
  if (part === '-') {
    const elements = elementsOf(node)
    if (elements.length === 0) throw new BuildError('TransformFailed', 'runtime error: index out of range [-1]')
    return elements.at(-1)
  }
  if (part === '*') throw new BuildError('TransformFailed', 'wildcard is not supported in PathGetter')
  return isElementSelector(part) ? selectElement(node, part, create) : selectField(node, part, nextPart, create)
}

function elementsOf(node: YamlNode): readonly YamlNode[] {
  requireKind(node, 'sequence')
  return node.kind === 'sequence' ? node.items : []
}

function selectElement(node: YamlNode, part: string, create: NodeKind | undefined): YamlNode | undefined {
  const { name, value } = splitElementSelector(part)
  requireKind(node, 'sequence')
  if (node.kind !== 'sequence') return undefined
  const found = findElement(node, [name], [value])
  if (found !== undefined || create === undefined) return found
  return appendSelected(node, name, value)
}

/** Adds the element that `[name=value]` asks for; what the text says decides its type. */
export function appendSelected(list: SequenceNode, name: string, value: string): YamlNode {
  const scalar = new ScalarNode(value, '', 'plain', 0)
  const element = name === '' ? scalar : new MapNode([makeKey(name)], [scalar])
  list.items.push(element)
  return element
}

function selectField(
  node: YamlNode,
  name: string,
  nextPart: string | undefined,
  create: NodeKind | undefined,
): YamlNode | undefined {
  if (isNullNode(node)) return undefined
  requireKind(node, 'map')
  if (node.kind !== 'map') return undefined
  const found = getField(node, name)
  if (found !== undefined || create === undefined) return found
  const created = makeEmpty(kindBefore(nextPart, create))
  node.keys.push(makeKey(name))
  node.values.push(created)
  return created
}

/** The field of a map; undefined for null; a scalar itself where the name is '' and it has no text. Throws on other kinds. */
export function fieldOf(node: YamlNode, name: string): YamlNode | undefined {
  if (isNullNode(node)) return undefined
  if (name === '') {
    requireKind(node, 'scalar')
    return textOf(node) === '' ? node : undefined
  }
  requireKind(node, 'map')
  return node.kind === 'map' ? getField(node, name) : undefined
}
