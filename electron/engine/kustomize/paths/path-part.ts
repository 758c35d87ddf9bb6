/** Parts of paths that both the getter and the matcher read. */
import { BuildError } from '../build-error.ts'
import type { YamlNode } from '../yaml/node.ts'
import { MapNode, ScalarNode, SequenceNode } from '../yaml/node.ts'
import { isElementSelector, isIndex } from './split-path.ts'

export type NodeKind = YamlNode['kind']

/** Splits `[name=x]` into its two sides; `[=x]` has an empty name. Throws BuildError TransformFailed. */
export function splitElementSelector(part: string): { readonly name: string; readonly value: string } {
  const inner = part.slice(part.startsWith('[') ? 1 : 0, part.endsWith(']') ? -1 : undefined)
  const equals = inner.indexOf('=')
  if (equals < 0) {
    throw new BuildError('TransformFailed', 'list path element must contain fieldName=fieldValue for element to match')
  }
  return { name: inner.slice(0, equals), value: inner.slice(equals + 1) }
}

/** What a missing part of a path is created as, given the part after it. */
export function kindBefore(nextPart: string | undefined, leaf: NodeKind): NodeKind {
  if (nextPart === undefined || nextPart === '') return leaf
  return isElementSelector(nextPart) || isIndex(nextPart) ? 'sequence' : 'map'
}

/** An empty node; a scalar without a type yet, which the text that it is given decides. */
export function makeEmpty(kind: NodeKind): YamlNode {
  if (kind === 'map') return new MapNode()
  return kind === 'sequence' ? new SequenceNode() : new ScalarNode('', '', 'plain', 0)
}
