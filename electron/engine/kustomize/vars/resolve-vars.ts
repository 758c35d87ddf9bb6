/**
 * Puts the values of `vars` where `$(NAME)` stands in the fields that varReference lists.
 *
 * Semantics: kustomize's ResolveVars, refVarTransformer and refvar filter. A value keeps its type where it is all that a field holds; maps
 * and lists are never put in.
 */
import type { BuildContext } from '../build-context.ts'
import { BuildError } from '../build-error.ts'
import { FieldSpecSet } from '../field-spec/apply-field-spec.ts'
import type { FieldSpec } from '../field-spec/field-spec.ts'
import type { Var } from '../kustomization/types.ts'
import type { Gvk } from '../resource/gvk.ts'
import { gvkText } from '../resource/gvk.ts'
import type { ResMap } from '../resource/res-map.ts'
import type { Resource } from '../resource/resource.ts'
import type { ScalarNode, YamlNode } from '../yaml/node.ts'
import { isNullNode } from '../yaml/node.ts'
import type { VarLookup, VarValue } from './expand-vars.ts'
import { expandVars } from './expand-vars.ts'
import { formatPlainFloat } from './go-float.ts'
import { readVarValue, structured } from './read-var-value.ts'

/**
 * `vars` sorted by name, defaults filled in. Which object a var reads from was noted on the objects (`refVarNames`). Warns of vars that no
 * field uses; throws BuildError TransformFailed for a var without object or field, and for fields that cannot hold references.
 */
export function resolveVars(
  resources: ResMap,
  vars: readonly Var[],
  varReferences: readonly FieldSpec[],
  context: BuildContext,
): void {
  if (vars.length === 0) return
  const values = readValues(resources.resources(), vars)
  const used = new Set<string>()
  const lookup: VarLookup = (name) => {
    const value = values.get(name)
    if (value === undefined) return undefined
    if (value === structured) {
      context.warn(`var ${name} stands for a map or a list and is not replaced`)
      return undefined
    }
    used.add(name)
    return value
  }
  const specs = new FieldSpecSet(varReferences)
  const setter = (node: YamlNode): void => expandField(node, lookup)
  try {
    for (const [index, resource] of resources.resources().entries()) {
      if (index % 500 === 0) context.checkpoint()
      specs.apply(resource.node, setter)
    }
  } finally {
    const unused = vars.map((v) => v.name).filter((name) => !used.has(name))
    if (unused.length > 0) context.warn(`well-defined vars that were never replaced: ${unused.join(',')}`)
  }
  resources.reindex()
}

/** Go's `%v` of a var: `{NAME Kind.version.group {field.path}}`. */
export function varText(v: Var, gvk: Gvk = v.objref): string {
  return `{${v.name} ${gvkText(gvk)} {${v.fieldref.fieldPath}}}`
}

function readValues(resources: readonly Resource[], vars: readonly Var[]): Map<string, VarValue | typeof structured> {
  const sources = new Map<string, Resource>()
  for (const resource of resources) {
    for (const name of resource.refVarNames) if (!sources.has(name)) sources.set(name, resource)
  }
  const values = new Map<string, VarValue | typeof structured>()
  for (const v of vars) {
    const source = sources.get(v.name)
    if (source === undefined)
      throw new BuildError(
        'TransformFailed',
        `var '${varText(v)}' cannot be mapped to a field in the set of known resources`,
      )
    const value = readVarValue(source.node, v.fieldref.fieldPath)
    if (value === null)
      throw new BuildError(
        'TransformFailed',
        `field specified in var '${varText(v)}' not found in corresponding resource`,
      )
    values.set(v.name, value)
  }
  return values
}

/** Expands a text, the texts of a map's entries, or those of a list. */
export function expandField(node: YamlNode, lookup: VarLookup): void {
  if (isNullNode(node)) return
  if (node.kind === 'scalar') {
    if (isText(node)) expandScalar(node, lookup)
  } else if (node.kind === 'map') {
    for (const [index, key] of node.keys.entries()) {
      if (key.kind !== 'scalar' || !isText(key)) {
        const [value, tag] = key.kind === 'scalar' ? [key.value, key.tag] : ['', key.tag]
        throw new BuildError('TransformFailed', `invalid map key: value='${value}', tag='${tag}'`)
      }
      const value = node.values[index]!
      if (value.kind === 'scalar' && isText(value)) expandScalar(value, lookup)
    }
  } else {
    for (const item of node.items) {
      if (item.kind !== 'scalar' || !isText(item))
        throw new BuildError('TransformFailed', 'invalid value type expect a string')
      expandScalar(item, lookup)
    }
  }
}

/** A scalar without a tag is a text here, whatever it would be read as. */
function isText(node: ScalarNode): boolean {
  return node.tag === '!!str' || node.tag === ''
}

function expandScalar(node: ScalarNode, lookup: VarLookup): void {
  const value = expandVars(node.value, lookup)
  if (typeof value === 'string') {
    node.value = value
    node.tag = '!!str'
  } else if (typeof value === 'number') {
    node.value = formatPlainFloat(value)
    node.tag = '!!float'
  } else {
    node.value = String(value)
    node.tag = typeof value === 'boolean' ? '!!bool' : '!!int'
  }
  node.style = 'plain'
}
