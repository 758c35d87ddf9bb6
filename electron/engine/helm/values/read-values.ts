/** Values as Helm reads them: YAML 1.1 by way of JSON, every number a float64. Facts: sigs.k8s.io/yaml v1.6.0 `Unmarshal`, helm 4.2 `ReadValues`. */
import { BuildError } from '../../kustomize/build-error.ts'
import { encodeJson } from '../../kustomize/yaml/go-json.ts'
import type { GoMap, GoValue } from '../../kustomize/yaml/go-value.ts'
import { parseDocuments } from '../../kustomize/yaml/parse.ts'
import { nodeToGoValue } from '../../kustomize/yaml/to-value.ts'
import { isLongNumber } from '../../exact-json.ts'

/** The first document's map; empty where there is none. Throws BuildError with upstream's text. */
export function readValues(text: string): GoMap {
  const [node] = parseDocuments(text, { dialect: 'v2' })
  const value = node === undefined ? null : asFloats(nodeToGoValue(node, { dialect: 'v2' }))
  if (value === null) return new Map()
  if (!(value instanceof Map))
    throw new BuildError('InvalidYaml', 'error unmarshaling JSON: while decoding JSON: values are no map')
  return value
}

/** `spec.values`, which the controller reads as YAML too; empty where that fails: the controller ignores the fault. */
export function valuesOfSpec(values: unknown): GoMap {
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return new Map()
  try {
    return readValues(encodeJson(plainToGoValue(values)))
  } catch (error) {
    if (error instanceof BuildError && error.code === 'InvalidYaml') return new Map()
    throw error
  }
}

/** Plain JSON as the engine has it, numbers as floats. */
export function plainToGoValue(value: unknown): GoValue {
  if (isLongNumber(value)) return Number(value.rawJSON)
  if (Array.isArray(value)) return value.map(plainToGoValue)
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).map(([key, member]) => [key, plainToGoValue(member)]))
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

function asFloats(value: GoValue): GoValue {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new BuildError('InvalidYaml', `json: unsupported value: ${String(value)}`)
  if (Array.isArray(value)) return value.map(asFloats)
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [key, asFloats(member)]))
  return value
}
