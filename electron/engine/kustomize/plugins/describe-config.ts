/**
 * A builtin plugin's configuration as upstream prints it when it refuses one. Built only for that: no build needs this text.
 * Semantics: the structs of kustomize's internal/target, marshalled by sigs.k8s.io/yaml.
 */
import type {
  HelmChart,
  HelmGlobals,
  Patch,
  ReplacementField,
  ReplacementOptions,
  SelectorArgs,
} from '../kustomization/types.ts'
import { emitValue } from '../yaml/emit-v2.ts'
import type { GoValue } from '../yaml/go-value.ts'

type Described = { readonly [name: string]: Described } | ReadonlyMap<string, GoValue> | readonly Described[] | GoValue

/** Fields that are '', false, 0, null or empty are left out: Go's omitempty. */
function describe(value: Described): GoValue {
  if (Array.isArray(value)) return value.map(describe)
  if (value instanceof Map) return new Map([...value].map(([key, entry]) => [key, describe(entry as Described)]))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value as Readonly<Record<string, Described>>)
  return new Map(entries.filter(([, entry]) => !isZero(entry)).map(([name, entry]) => [name, describe(entry)]))
}

function isZero(value: Described): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (value instanceof Map) return value.size === 0
  return value === '' || value === false || value === 0 || value === null || value === undefined
}

export function describeStrategicMerge(paths: readonly string[]): string {
  return emitValue(describe({ paths }))
}

export function describePatch({ path, patch, target, options }: Patch): string {
  return emitValue(
    describe({ path, patch, target: selectorFields(target), options: options === null ? null : { ...options } }),
  )
}

export function describeJson6902({ path, patch, target }: Patch): string {
  return emitValue(describe({ target: selectorFields(target), path, jsonOp: patch }))
}

export function describeReplacements(replacements: readonly ReplacementField[]): string {
  return emitValue(describe({ Replacements: replacements.map(replacementFields) }))
}

export function describeHelm(globals: HelmGlobals | null, chart: HelmChart): string {
  return emitValue(describe({ ...globals, ...chart }))
}

function selectorFields(selector: SelectorArgs | null): Described {
  return selector === null ? null : { ...selector }
}

function replacementFields({ source, targets, sourceValue, path }: ReplacementField): Described {
  const written = (targets ?? []).map((target) => {
    if (target === null) return null
    const fields: Record<string, Described> = {
      reject: (target.reject ?? []).map(selectorFields),
      fieldPaths: target.fieldPaths,
      options: optionFields(target.options),
    }
    // `select` has no omitempty: it is printed even where there is none.
    const described = describe(fields) as Map<string, GoValue>
    described.set('select', describe(selectorFields(target.select)))
    return described
  })
  const sourceFields = source === null ? null : { ...source, options: optionFields(source.options) }
  return { source: sourceFields, targets: written, sourceValue, path }
}

function optionFields(options: ReplacementOptions | null): Described {
  return options === null ? null : { ...options }
}
