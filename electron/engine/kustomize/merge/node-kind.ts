/** kyaml's refusal of a node that is not of the kind that is asked for. */
import { BuildError } from '../build-error.ts'
import { emitV3 } from '../yaml/emit-v3.ts'
import type { YamlNode } from '../yaml/node.ts'

const kindNames = { map: 'MappingNode', scalar: 'ScalarNode', sequence: 'SequenceNode' } as const

/** Upstream's text, with the node's YAML. */
export function wrongKind(node: YamlNode, expected: YamlNode['kind']): BuildError {
  const message = `wrong node kind: expected ${kindNames[expected]} but got ${kindNames[node.kind]}`
  return new BuildError('TransformFailed', `${message}: node contents:\n${emitV3(node)}`)
}

/** Throws unless the node is null or of the kind. */
export function requireKind(node: YamlNode, expected: YamlNode['kind']): void {
  if (node.kind !== expected && node.tag !== '!!null') throw wrongKind(node, expected)
}
