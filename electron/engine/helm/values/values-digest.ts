/**
 * The digest by which helm-controller tells whether values changed (`status.history[].configDigest`, `status.lastAttemptedConfigDigest`): of
 * their YAML with sorted keys, whole numbers without a point as far as 64 bits go. Facts: fluxcd/pkg chartutil v1.27 `DigestValues`,
 * sigs.k8s.io/yaml v1.6.0 `JSONObjectToYAMLObject`, go-yaml v2. (A float of exactly 2^63 or 2^64 is written differently on arm64.)
 */
import { emitGivenOrder } from '../../kustomize/yaml/emit-v2.ts'
import { compareBytes } from '../../kustomize/yaml/go-json.ts'
import type { GoMap, GoValue } from '../../kustomize/yaml/go-value.ts'
import { MapNode, ScalarNode, SequenceNode } from '../../kustomize/yaml/node.ts'
import type { YamlNode } from '../../kustomize/yaml/node.ts'
import type { Codec } from '../../ports.ts'

export function digestValues(values: GoMap, codec: Pick<Codec, 'sha256Hex'>): string {
  return `sha256:${codec.sha256Hex(valuesText(values))}`
}

/** What is digested; '' for no values at all. */
export function valuesText(values: GoMap): string {
  return values.size === 0 ? '' : emitGivenOrder(toNode(values))
}

function toNode(value: GoValue): YamlNode {
  if (value instanceof Map) {
    const keys = [...value.keys()].sort(compareBytes)
    return new MapNode(
      keys.map((key) => new ScalarNode(key, '!!str', 'plain', 0)),
      keys.map((key) => toNode(value.get(key)!)),
    )
  }
  if (Array.isArray(value)) return new SequenceNode(value.map(toNode))
  if (typeof value === 'string') return new ScalarNode(value, '!!str', 'plain', 0)
  if (value === null) return new ScalarNode('null', '!!null', 'plain', 0)
  if (typeof value === 'boolean') return new ScalarNode(String(value), '!!bool', 'plain', 0)
  if (typeof value === 'bigint') return new ScalarNode(String(value), '!!int', 'plain', 0)
  const isWhole = Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 64
  return isWhole
    ? new ScalarNode(String(BigInt(value)), '!!int', 'plain', 0)
    : new ScalarNode(String(value), '!!float', 'plain', 0)
}
