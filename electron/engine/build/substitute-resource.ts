/**
 * Substitutes variables in one built object: in its YAML text, which is then read again in the second dialect and passes through JSON, so
 * that types change where quotes have gone. Semantics and error texts: fluxcd/pkg kustomize v1.35.4 `SubstituteVariables`, and
 * kustomize's `Resource.UnmarshalJSON` (every number becomes a float64).
 */
import { BuildError, wrapping } from '../kustomize/build-error.ts'
import type { GoMap, GoValue } from '../kustomize/yaml/go-value.ts'
import { emitValue } from '../kustomize/yaml/emit-v2.ts'
import { parseDocuments } from '../kustomize/yaml/parse.ts'
import { nodeToGoValue } from '../kustomize/yaml/to-value.ts'
import { formatFloat32 } from './yaml-to-json.ts'
import type { Variables } from './substitute/evaluate-template.ts'
import { substituteText, UnsetVariable } from './substitute/evaluate-template.ts'
import { OperatorPanic } from './substitute/operators.ts'
import { TemplateFault } from './substitute/parse-template.ts'

export interface SubstitutedResource {
  readonly text: string
  /** The object as read again; null where nothing changed. */
  readonly value: GoMap | null
}

/** Integers of so many digits may not fit a float64. */
const longNumber = /[0-9]{16}/
const infinite = /\.(?:inf|nan)/i

/**
 * `text` is the object's YAML as kustomize prints it. Names that stay unknown are added to `unknown`. Throws BuildError
 * SubstitutionFailed.
 */
export function substituteResource(
  text: string,
  variables: Variables,
  isStrict: boolean,
  unknown: Set<string>,
  checkpoint: () => void,
): SubstitutedResource {
  const hasExpressions = text.includes('$')
  // What kustomize prints reads back as the same value: without expressions only long numbers can change.
  if (!hasExpressions && !longNumber.test(text)) return { text, value: null }
  const output = hasExpressions ? evaluate(text, variables, isStrict, unknown, checkpoint) : text
  if (output === text && !longNumber.test(text)) return { text, value: null }
  const json = wrapping('envsubst error: YAMLToJSON', () => {
    const [document] = parseDocuments(output, { dialect: 'v2' })
    const value = document === undefined ? null : nodeToGoValue(document, { dialect: 'v2' })
    if (infinite.test(output)) demandFinite(value)
    return value
  })
  if (json !== null && !(json instanceof Map))
    throw new BuildError(
      'SubstitutionFailed',
      `UnmarshalJSON: json: cannot unmarshal ${jsonTypeOf(json)} into Go value of type map[string]interface {}`,
    )
  const value = json === null ? new Map() : longNumber.test(output) ? (roundNumbers(json) as GoMap) : json
  return { text: emitValue(value), value }
}

function evaluate(
  text: string,
  variables: Variables,
  isStrict: boolean,
  unknown: Set<string>,
  checkpoint: () => void,
): string {
  let output: string | null
  try {
    output = substituteText(text, { variables, isStrict, unknown, checkpoint })
  } catch (error) {
    if (error instanceof TemplateFault || error instanceof UnsetVariable)
      throw new BuildError(
        'SubstitutionFailed',
        `envsubst error: variable substitution failed: ${error.message}`,
        {},
        error,
      )
    if (error instanceof OperatorPanic) throw new BuildError('SubstitutionFailed', `panic: ${error.message}`, {}, error)
    throw error
  }
  if (output === null)
    throw new BuildError(
      'SubstitutionFailed',
      'envsubst error: YAMLToJSON: yaml: invalid UTF-8: an offset or a length cut a character in two',
    )
  return output
}

function jsonTypeOf(value: GoValue): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'bool' : 'number'
}

function demandFinite(value: GoValue): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new BuildError('SubstitutionFailed', `json: unsupported value: ${formatFloat32(value)}`)
  if (Array.isArray(value)) value.forEach(demandFinite)
  else if (value instanceof Map) value.forEach(demandFinite)
}

/** Integers that a float64 cannot hold become the nearest ones that it can. */
function roundNumbers(value: GoValue): GoValue {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(roundNumbers)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, roundNumbers(item)]))
  return value
}
