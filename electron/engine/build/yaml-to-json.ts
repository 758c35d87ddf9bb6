/**
 * The values that sigs.k8s.io/yaml hands to encoding/json: keys become text, and scalars too where a Go field of text waits for them.
 * Semantics: sigs.k8s.io/yaml v1.6.0 `yamlToJSONTarget`; nodes come from the v2 dialect.
 */
import { BuildError } from '../kustomize/build-error.ts'
import type { GoMap, GoValue } from '../kustomize/yaml/go-value.ts'
import type { ScalarNode, YamlNode } from '../kustomize/yaml/node.ts'
import { nodeToGoValue } from '../kustomize/yaml/to-value.ts'
import type { Shape } from './go-shape.ts'
import { findField } from './go-shape.ts'

/**
 * The value of a node that was parsed with merge keys resolved; `target` is what it will be decoded into, null if that is not known. Of equal
 * keys the last one counts. Throws BuildError InvalidYaml for keys and numbers that JSON cannot have.
 */
export function yamlToJson(node: YamlNode, target: Shape | null): GoValue {
  const shape = target?.kind === 'pointer' ? target.of : target
  if (node.kind === 'sequence') {
    const of = shape?.kind === 'list' ? shape.of : null
    return node.items.map((item) => yamlToJson(item, of))
  }
  if (node.kind === 'map') {
    const result: GoMap = new Map()
    for (let i = 0; i < node.keys.length; i++) {
      const key = keyText(node.keys[i]!, node)
      const field = shape?.kind === 'struct' ? findField(shape, key) : undefined
      const of = field !== undefined ? (field.embedded[0] ?? field.shape) : shape?.kind === 'map' ? shape.of : null
      result.set(key, yamlToJson(node.values[i]!, of))
    }
    return result
  }
  if (node.tag === '!!str') return node.value
  const value = nodeToGoValue(node, { dialect: 'v2' })
  if (shape?.kind === 'string') return scalarText(node, value) ?? value
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new BuildError('InvalidYaml', `json: unsupported value: ${formatFloat32(value)}`, { line: node.line })
  return value
}

function keyText(key: YamlNode, map: YamlNode): string {
  if (key.kind === 'scalar') {
    if (key.tag === '!!str') return key.value
    const value = nodeToGoValue(key, { dialect: 'v2' })
    const text = scalarText(key, value)
    if (text !== null) return text === '+Inf' ? '.inf' : text === '-Inf' ? '-.inf' : text === 'NaN' ? '.nan' : text
    if (typeof value === 'string') return value
  }
  // Decoding the map without a target refuses the key with upstream's text.
  nodeToGoValue(map, { dialect: 'v2' })
  throw new BuildError('InvalidYaml', 'yaml: invalid map key', { line: key.line })
}

/** Numbers and booleans as text; null for others. */
function scalarText(node: ScalarNode, value: GoValue): string | null {
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'number') return null
  return node.tag === '!!float' ? formatFloat32(value) : String(value)
}

/** Go's FormatFloat(value, 'g', -1, 32): the shortest digits that give the same float32 back. */
export function formatFloat32(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const single = Math.fround(value)
  if (!Number.isFinite(single)) return single > 0 ? '+Inf' : '-Inf'
  for (let digits = 1; digits <= 9; digits++) {
    const text = single.toExponential(digits - 1)
    if (Math.fround(Number(text)) === single) return generalForm(text)
  }
  return generalForm(single.toExponential(8))
}

/** `1.5e-7` → `1.5e-07`, `1.21e+0` → `1.21`: strconv's `g` of shortest digits, with an exponent below -4 or from 6 on. */
function generalForm(exponential: string): string {
  const [mantissa = '', exponentText = '0'] = exponential.split('e')
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= 6) {
    const digits = String(Math.abs(exponent)).padStart(2, '0')
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`
  }
  const isNegative = mantissa.startsWith('-')
  const digits = mantissa.replace(/[-.]/g, '')
  let text: string
  if (exponent < 0) text = `0.${'0'.repeat(-exponent - 1)}${digits}`
  else if (digits.length <= exponent + 1) text = digits.padEnd(exponent + 1, '0')
  else text = `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
  return isNegative ? `-${text}` : text
}
