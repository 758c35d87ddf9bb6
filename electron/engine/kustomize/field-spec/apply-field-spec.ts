/**
 * Walks an object along field specs and hands each field found to a setter. Paths are split once for each set of specs, and the specs that
 * concern a kind are looked up once for each apiVersion and kind, so that ten thousand objects cost what their fields cost.
 *
 * Semantics: kustomize's fieldspec and fsslice filters: null stops a walk, lists are walked through, `create` makes maps and at the end
 * a node of the given kind, a null on the way becomes what was to be created, anything else that is no map or list is an error.
 */
import { BuildError } from '../build-error.ts'
import { makeResId, resIdText } from '../resource/res-id.ts'
import { gvkOf } from '../resource/gvk.ts'
import type { Tag, YamlNode } from '../yaml/node.ts'
import { MapNode, ScalarNode, SequenceNode, fieldIndex, getMap, getText } from '../yaml/node.ts'
import type { FieldSpec } from './field-spec.ts'
import { takeHiddenEntries } from './hidden-entries.ts'
import { splitPath } from './field-spec.ts'
import { makeUntagged } from '../yaml/untagged.ts'
import { wrongNodeKind } from './node-kind-error.ts'

/** Changes the field's node in place. */
export type FieldSetter = (node: YamlNode) => void

export interface FieldCreation {
  /** What is made at the end of a path that is missing or null; left out: nothing is ever made. */
  readonly kind: 'scalar' | 'map'
  /** Tag that a null scalar at the end gets before the setter sees it. */
  readonly tag: Tag
}

interface PathPart {
  readonly name: string
  /** `[]` stood behind the name. */
  readonly isSequence: boolean
  /** The name cannot be a map's key for kyaml's Lookup: a list index, `-`, `*` or `[...]`. */
  readonly isSpecial: boolean
}

interface CompiledSpec {
  readonly spec: FieldSpec
  readonly walk: Walk
}

/** Specs made ready for many objects. */
export class FieldSpecSet {
  private readonly compiled: readonly CompiledSpec[]
  private readonly byKind = new Map<string, Map<string, readonly CompiledSpec[]>>()

  constructor(specs: readonly FieldSpec[], creation: FieldCreation | null = null) {
    this.compiled = specs.map((spec) => ({ spec, walk: new Walk(spec, splitPath(spec.path).map(readPart), creation) }))
  }

  /** Calls `setter` for every field of `root` that a spec of its kind leads to, spec by spec. Throws BuildError with the path and object. */
  apply(root: MapNode, setter: FieldSetter): void {
    const specs = this.specsFor(getText(root, 'apiVersion'), getText(root, 'kind'))
    for (const { spec, walk } of specs) {
      try {
        walk.visit(root, 0, setter)
      } catch (error) {
        throw error instanceof BuildError
          ? error.wrap(`considering field '${spec.path}' of object ${objectText(root)}`)
          : error
      }
    }
  }

  private specsFor(apiVersion: string, kind: string): readonly CompiledSpec[] {
    let versions = this.byKind.get(kind)
    if (versions === undefined) {
      versions = new Map<string, readonly CompiledSpec[]>()
      this.byKind.set(kind, versions)
    }
    let specs = versions.get(apiVersion)
    if (specs === undefined) {
      const { group, version } = gvkOf(apiVersion, kind)
      specs = this.compiled.filter(
        ({ spec }) =>
          (spec.kind === '' || spec.kind === kind) &&
          (spec.group === '' || spec.group === group) &&
          (spec.version === '' || spec.version === version),
      )
      versions.set(apiVersion, specs)
    }
    return specs
  }
}

/** Applies one spec to one object. */
export function applyFieldSpec(
  root: MapNode,
  spec: FieldSpec,
  setter: FieldSetter,
  creation: FieldCreation | null = null,
): void {
  new FieldSpecSet([spec], creation).apply(root, setter)
}

class Walk {
  private readonly spec: FieldSpec
  private readonly parts: readonly PathPart[]
  private readonly creation: FieldCreation | null

  constructor(spec: FieldSpec, parts: readonly PathPart[], creation: FieldCreation | null) {
    this.spec = spec
    this.parts = parts
    this.creation = creation
  }

  visit(node: YamlNode, depth: number, setter: FieldSetter): void {
    if (depth === this.parts.length) {
      setter(node)
      return
    }
    if (node.kind === 'map') this.visitMap(node, depth, setter)
    else if (node.kind === 'sequence') this.visitSequence(node, depth, setter)
    else if (node.tag !== '!!null') throw new BuildError('TransformFailed', 'expected sequence or mapping node')
  }

  private visitSequence(node: SequenceNode, depth: number, setter: FieldSetter): void {
    try {
      for (const item of node.items) this.visit(item, depth, setter)
    } catch (error) {
      if (!(error instanceof BuildError)) throw error
      const rest = this.parts.slice(depth).map((part) => (part.isSequence ? `${part.name}[]` : part.name))
      throw error.wrap(`visit traversal on path: [${rest.join(' ')}]`)
    }
  }

  private visitMap(map: MapNode, depth: number, setter: FieldSetter): void {
    const { name, isSequence, isSpecial } = this.parts[depth]!
    if (name === '') throw new BuildError('TransformFailed', 'cannot set or create an empty field name')
    if (isSpecial) throw specialName(name, map)
    const { creation } = this
    const mayCreate = this.spec.create && creation !== null && !isSequence
    const isLast = depth + 1 === this.parts.length
    const index = fieldIndex(map, name)
    if (index < 0) {
      if (!mayCreate) return
      const created = isLast && creation.kind === 'scalar' ? new ScalarNode('', '!!str', 'plain', 0) : new MapNode()
      map.keys.push(makeUntagged(name))
      map.values.push(created)
      this.visit(created, depth + 1, setter)
      return
    }
    let field = map.values[index]!
    if (field.kind === 'scalar' && field.tag === '!!null') {
      if (isSequence) map.values[index] = field = new SequenceNode()
      else if (mayCreate) {
        if (isLast && creation.kind === 'scalar') field.tag = creation.tag
        else map.values[index] = field = takeHiddenEntries(field)
      }
    }
    this.visit(field, depth + 1, setter)
  }
}

function readPart(part: string): PathPart {
  const isSequence = part.endsWith('[]')
  const name = (isSequence ? part.slice(0, -2) : part).trim()
  return { name, isSequence, isSpecial: /^[+-]?[0-9]+$|^[-*]$|^\[.*\]$/s.test(name) }
}

/** What kyaml's Lookup says of a path part that it does not take for a key. */
function specialName(name: string, map: MapNode): BuildError {
  const prefix = `fieldName: ${name}`
  if (name === '*') return new BuildError('TransformFailed', `${prefix}: wildcard is not supported in PathGetter`)
  if (/^-[1-9]/.test(name)) {
    const index = Number(name)
    return new BuildError('TransformFailed', `${prefix}: array index ${index} cannot be negative`)
  }
  if (name.startsWith('[') && !name.includes('=')) {
    const reason = 'list path element must contain fieldName=fieldValue for element to match'
    return new BuildError('TransformFailed', `${prefix}: ${reason}`)
  }
  return wrongNodeKind('sequence', map).wrap(prefix)
}

function objectText(root: MapNode): string {
  const gvk = gvkOf(getText(root, 'apiVersion'), getText(root, 'kind'))
  const metadata = getMap(root, 'metadata')
  const name = metadata === null ? '' : getText(metadata, 'name')
  return resIdText(makeResId(gvk, name, metadata === null ? '' : getText(metadata, 'namespace')))
}
