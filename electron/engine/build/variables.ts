/**
 * The variables of `spec.postBuild`: what the ConfigMaps and Secrets of substituteFrom hold, later ones over earlier ones, and the inline ones
 * over all. Semantics and error texts: fluxcd/pkg kustomize v1.35.4 `LoadVariables` and `SubstituteVariables`.
 */
import { BuildError, wrapping } from '../kustomize/build-error.ts'
import type { GoMap } from '../kustomize/yaml/go-value.ts'
import { kindOfValue, nestedList, nestedString, nestedStringMap } from './nested-field.ts'

/**
 * What a ConfigMap or Secret of the Kustomization's namespace holds (Secret values decoded); null if there is no such object; `unknown`
 * if nobody can tell.
 */
export type VariableSource = (
  kind: 'ConfigMap' | 'Secret',
  namespace: string,
  name: string,
) => ReadonlyMap<string, string> | null | 'unknown'

export interface LoadedVariables {
  readonly values: ReadonlyMap<string, string>
  /** `Kind/namespace/name` of the sources that nobody could tell. */
  readonly unknownSources: readonly string[]
  /** Variables whose value an unknown source of higher precedence may replace. */
  readonly uncertain: ReadonlySet<string>
}

const namePattern = '^[_[:alpha:]][_[:alpha:][:digit:]]*$'
const nameRegex = /^[_a-zA-Z][_a-zA-Z0-9]*$/

/** Throws BuildError SubstitutionFailed, or InvalidKustomization where spec.postBuild is malformed. */
export function loadVariables(object: GoMap, source: VariableSource): LoadedVariables {
  const values = new Map<string, string>()
  const unknownSources: string[] = []
  const uncertain = new Set<string>()
  const namespace = nestedString(object, 'metadata', 'namespace') ?? ''
  const references = wrapping('unable to get subsituteFrom', () => readReferences(object))
  for (const { kind, name, isOptional } of references) {
    if (kind !== 'ConfigMap' && kind !== 'Secret') continue
    const found = source(kind, namespace, name)
    if (found === 'unknown') {
      unknownSources.push(`${kind}/${namespace}/${name}`)
      for (const known of values.keys()) uncertain.add(known)
      continue
    }
    if (found === null) {
      if (isOptional) continue
      throw new BuildError(
        'SubstitutionFailed',
        `substitute from '${kind}/${name}' error: ${kind.toLowerCase()}s "${name}" not found`,
      )
    }
    for (const [key, value] of found) {
      uncertain.delete(key)
      values.set(key, value.replaceAll('\n', ''))
    }
  }
  for (const [key, value] of nestedStringMap(object, 'spec', 'postBuild', 'substitute') ?? []) {
    uncertain.delete(key)
    values.set(key, value.replaceAll('\n', ''))
  }
  return { values, unknownSources, uncertain }
}

/** Throws BuildError where a name could not stand in an expression, used or not. */
export function demandVariableNames(names: Iterable<string>): void {
  for (const name of names)
    if (!nameRegex.test(name))
      throw new BuildError('SubstitutionFailed', `'${name}' var name is invalid, must match '${namePattern}'`)
}

interface Reference {
  readonly kind: string
  readonly name: string
  readonly isOptional: boolean
}

function readReferences(object: GoMap): readonly Reference[] {
  return (nestedList(object, 'spec', 'postBuild', 'substituteFrom') ?? []).map((entry, index) => {
    if (!(entry instanceof Map))
      throw new BuildError('InvalidKustomization', `unable to convert patch ${index} to map[string]interface{}`)
    const text = (field: string): string => {
      const value = entry.get(field) ?? ''
      if (typeof value === 'string') return value
      throw new BuildError('InvalidKustomization', `cannot convert ${kindOfValue(value)} to string`)
    }
    return { kind: text('kind'), name: text('name'), isOptional: entry.get('optional') === true }
  })
}
