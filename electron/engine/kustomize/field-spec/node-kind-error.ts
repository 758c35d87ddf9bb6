/** kyaml's error for a node that is not what a filter can work on. */
import { BuildError } from '../build-error.ts'
import type { YamlNode } from '../yaml/node.ts'
import { emitV3 } from '../yaml/emit-v3.ts'

const kindNames = { scalar: 'ScalarNode', map: 'MappingNode', sequence: 'SequenceNode' } as const

class NodeKindError extends BuildError {
  readonly actualKind: YamlNode['kind']

  constructor(expected: YamlNode['kind'], node: YamlNode) {
    const message = `wrong node kind: expected ${kindNames[expected]} but got ${kindNames[node.kind]}`
    super('TransformFailed', `${message}: node contents:\n${emitV3(node)}`)
    this.actualKind = node.kind
  }
}

/** `wrong node kind: expected ... but got ...: node contents:` and the node's YAML. */
export function wrongNodeKind(expected: YamlNode['kind'], node: YamlNode): BuildError {
  return new NodeKindError(expected, node)
}

/** The kind of the node that this error, or one that it wraps, is about; null if it is about something else. */
export function wrongKindOf(error: unknown): YamlNode['kind'] | null {
  for (let cause = error; cause instanceof BuildError; cause = cause.cause) {
    if (cause instanceof NodeKindError) return cause.actualKind
  }
  return null
}
