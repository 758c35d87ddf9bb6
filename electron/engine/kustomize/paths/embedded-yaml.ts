/**
 * YAML and JSON inside a scalar: reading it, and writing it back in the form it had. Semantics: kustomize's structured data in replacements
 * and kyaml's PathMatcher: YAML is printed anew by go-yaml v3, JSON with sorted keys, indented by two if it was indented at all.
 */
import { restoreComments, mayHoldMore } from './embedded-comments.ts'
import { emitV3 } from '../yaml/emit-v3.ts'
import { compareBytes, encodeJson, encodeJsonString } from '../yaml/go-json.ts'
import type { GoValue } from '../yaml/go-value.ts'
import type { YamlNode } from '../yaml/node.ts'
import { parseDocuments } from '../yaml/parse.ts'
import { nodeToGoValue } from '../yaml/to-value.ts'

/** The first document of the text, undefined if there is none. Throws BuildError InvalidYaml with go-yaml's text. */
export function parseScalarYaml(text: string): YamlNode | undefined {
  return parseDocuments(text, { documents: 'first', mergesKeys: false })[0]
}

/** The text for a changed document, in the form of the original. Throws BuildError InvalidYaml for what cannot be written so. */
export function printScalarYaml(node: YamlNode, original: string): string {
  const first = original.trimStart()[0]
  if (first === '{' || first === '[') {
    const value = nodeToGoValue(node)
    return original.includes('\n') && original.includes('  ') ? indentJson(value, '') : encodeJson(value)
  }
  const printed = emitV3(node).trim()
  if (!mayHoldMore(original)) return printed
  const [untouched] = parseDocuments(original, { documents: 'first', mergesKeys: false })
  return untouched === undefined ? printed : restoreComments(original, emitV3(untouched).trim(), printed)
}

/** Go's json.MarshalIndent with two spaces. */
function indentJson(value: GoValue, indent: string): string {
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((item) => deeper + indentJson(item, deeper)).join(',\n')}\n${indent}]`
  }
  if (value instanceof Map) {
    if (value.size === 0) return '{}'
    const entries = [...value].sort(([a], [b]) => compareBytes(a, b))
    const lines = entries.map(([key, inner]) => `${deeper}${encodeJsonString(key)}: ${indentJson(inner, deeper)}`)
    return `{\n${lines.join(',\n')}\n${indent}}`
  }
  return encodeJson(value)
}
