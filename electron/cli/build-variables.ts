/** The variables file of the command line: what every ConfigMap and Secret that substituteFrom names is taken to hold. */
import type { VariableSource } from '../engine/build/variables.ts'
import { BuildError } from '../engine/kustomize/build-error.ts'
import { decodeText, parseDocuments } from '../engine/kustomize/yaml/parse.ts'

/** Throws BuildError naming the file unless it is one map of names to scalars, in YAML or JSON. */
export function readVariables(path: string, bytes: Uint8Array): ReadonlyMap<string, string> {
  const refuse = (what: string, line: number): BuildError =>
    new BuildError('InvalidYaml', `${path}: ${what}; it must map names to texts`, { file: path, line })
  const [document, ...more] = parseDocuments(decodeText(bytes))
  const values = new Map<string, string>()
  if (document === undefined) return values
  if (document.kind !== 'map' || more.length > 0) throw refuse('not one map', document.line)
  document.keys.forEach((key, index) => {
    const value = document.values[index]
    if (key.kind !== 'scalar' || value?.kind !== 'scalar') throw refuse('a value is no text', key.line)
    values.set(key.value, value.tag === '!!null' ? '' : value.value)
  })
  return values
}

/** Every object holds the same. */
export function everywhere(values: ReadonlyMap<string, string>): VariableSource {
  return () => values
}

/** Without a variables file nobody can tell. */
export const unknownEverywhere: VariableSource = () => 'unknown'
