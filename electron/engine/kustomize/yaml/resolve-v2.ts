/**
 * What a scalar means to sigs.k8s.io/yaml (go-yaml v2), which reads kustomization files, plugin configs, Helm values and what Flux re-reads
 * after substitution. YAML 1.1 booleans; timestamps stay strings.
 */
import type { ScalarTag } from './resolve-v3.ts'
import { hintOf, plainTagV3, readNumber } from './resolve-v3.ts'

const TRUE_WORDS: ReadonlySet<string> = new Set([
  'y',
  'Y',
  'yes',
  'Yes',
  'YES',
  'true',
  'True',
  'TRUE',
  'on',
  'On',
  'ON',
])
const FALSE_WORDS: ReadonlySet<string> = new Set([
  'n',
  'N',
  'no',
  'No',
  'NO',
  'false',
  'False',
  'FALSE',
  'off',
  'Off',
  'OFF',
])

/** The boolean that a YAML 1.1 word stands for, null for other text. */
export function booleanOfV2(text: string): boolean | null {
  return TRUE_WORDS.has(text) ? true : FALSE_WORDS.has(text) ? false : null
}

/** The tag of a plain scalar without one (v2). */
export function plainTagV2(text: string): ScalarTag {
  if (text.length <= 5 && booleanOfV2(text) !== null) return '!!bool'
  const tag = plainTagV3(text)
  // v2 has no `0o17` of its own, but Go's ParseInt reads it all the same; only `0o-7` differs.
  if (tag === '!!int' && hintOf(text) === 3 && text.includes('o') && readNumber(text, false) === null) return '!!str'
  return tag
}
