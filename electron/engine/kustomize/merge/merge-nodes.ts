/**
 * Merging one tree into another as strategic merge patches do: maps by field, lists by merge key where the schema says so, everything
 * else replaced. The target is changed in place, and nodes of the patch become part of it, so a patch is good for one merge.
 *
 * Owned by merge/: trees and schemas only. It must not know resources, ids or files.
 * Semantics: kyaml's merge2 on its walk package, its oddities included: fields that hold nothing (`field:` without a value) vanish wherever
 * a merge passes, and every list with merge keys that it passes is put together anew.
 */
import type { SchemaSet, SchemaType } from '../schema/schema.ts'
import { BuildError } from '../build-error.ts'
import type { MapNode, ScalarStyle, SequenceNode, YamlNode } from '../yaml/node.ts'
import { fieldIndex, getField, getText, isNullNode, SequenceNode as Sequence } from '../yaml/node.ts'
import { takeDirective, takeKnownDirective } from './directive.ts'
import { appendElements, findElement, isEmptyMapNode, isNilOrEmpty, setElement, textOf } from './list-elements.ts'
import { requireKind, wrongKind } from './node-kind.ts'
import { makeFieldScalar, makeKey, quoteAmbiguous, setScalarText, takeStyle } from './scalar-style.ts'

export interface MergeOptions {
  /** New elements of lists go before (as patches want it) or after the target's. */
  readonly newElements: 'before' | 'after'
  /** Merge lists without a schema by `name` where every element has one. */
  readonly infersMergeKeys?: boolean
}

/** How kustomize applies patches. */
export const patchOptions: MergeOptions = { newElements: 'before' }

/**
 * Merges `patch` into `target` and gives what stands in its place: `target` itself, changed; the patch's own node where the patch replaces
 * the whole; undefined where it is deleted. Throws BuildError with kyaml's texts.
 */
export function mergeNodes(
  patch: YamlNode,
  target: YamlNode,
  schemas: SchemaSet,
  options: MergeOptions = patchOptions,
): YamlNode | undefined {
  return new Merger(schemas, options).walk(target, patch, null, [])
}

class Merger {
  private readonly schemas: SchemaSet
  private readonly isPrepending: boolean
  private readonly infers: boolean

  constructor(schemas: SchemaSet, options: MergeOptions) {
    this.schemas = schemas
    this.isPrepending = options.newElements === 'before'
    this.infers = options.infersMergeKeys ?? false
  }

  /** `given` is the schema that the parent knows for this place. */
  walk(
    target: YamlNode | undefined,
    patch: YamlNode | undefined,
    given: SchemaType | null,
    path: readonly string[],
  ): YamlNode | undefined {
    const schema = given ?? this.ownSchema(target) ?? this.ownSchema(patch)
    const shape = !isNullNode(target) ? target : !isNullNode(patch) ? patch : undefined
    if (shape === undefined) return this.walkMap(target, patch, schema, path)
    if (target !== undefined) requireKind(target, shape.kind)
    if (patch !== undefined) requireKind(patch, shape.kind)
    switch (shape.kind) {
      case 'map':
        return this.walkMap(target, patch, schema, path)
      case 'scalar':
        return patch ?? target
      case 'sequence':
        return this.mergesByKey(schema, target, patch) ? this.walkList(target, patch, schema, path) : (patch ?? target)
    }
  }

  /** An object that says what it is has its kind's schema, wherever it stands and nothing else is known. */
  private ownSchema(node: YamlNode | undefined): SchemaType | null {
    if (node?.kind !== 'map') return null
    const kind = getText(node, 'kind')
    if (kind === '') return null
    const apiVersion = getText(node, 'apiVersion')
    return apiVersion === '' ? null : this.schemas.forKind(apiVersion, kind)
  }

  private mergesByKey(schema: SchemaType | null, target: YamlNode | undefined, patch: YamlNode | undefined): boolean {
    if (schema !== null) return schema.patchStrategy !== '' && schema.patchStrategy.split(',').includes('merge')
    return this.infers && (hasNames(target) || hasNames(patch))
  }

  private walkMap(
    target: YamlNode | undefined,
    patch: YamlNode | undefined,
    schema: SchemaType | null,
    path: readonly string[],
  ): YamlNode | undefined {
    if (isNullNode(target)) {
      if (patch === undefined) {
        // A null that was written out stays, one that was left blank does not.
        return target !== undefined && textOf(target) !== '' ? target : undefined
      }
      if (patch.kind === 'map') {
        if (takeKnownDirective(patch) === 'delete') return undefined
        this.walkSameFields(patch, schema, path)
      }
      return patch
    }
    const dest = target as MapNode
    if (patch !== undefined) {
      if (isNullNode(patch)) return undefined
      const source = patch as MapNode
      if (dest.keys.length === 0) dest.isFlow = source.isFlow
      const directive = takeDirective(source)
      if (directive === 'delete') return undefined
      if (directive === 'replace' || dest === source) {
        this.walkSameFields(source, schema, path)
        return source
      }
      this.walkPatchedFields(dest, source, schema, path)
    } else this.walkTargetFields(dest, null, schema, path)
    return dest
  }

  /** Fields that only the target has. */
  private walkTargetFields(
    dest: MapNode,
    source: MapNode | null,
    schema: SchemaType | null,
    path: readonly string[],
  ): void {
    const { keys, values } = dest
    let removed: number[] | null = null
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      const value = values[i]!
      if (key.kind === 'scalar' && key.value === '') refuseNameless(dest)
      if (value.kind === 'scalar' && (value.tag !== '!!null' || value.value !== '')) {
        if (key.kind === 'scalar' && (source === null || fieldIndex(source, key.value) < 0)) quoteAmbiguous(value)
        continue
      }
      if (key.kind !== 'scalar' || (source !== null && fieldIndex(source, key.value) >= 0)) continue
      if (fieldIndex(dest, key.value) !== i) continue
      const result = this.walk(value, undefined, schema === null ? null : schema.field(key.value), path)
      if (result === undefined || isNullNode(result)) (removed ??= []).push(i)
      else if (result !== value) values[i] = result
    }
    if (removed === null) return
    for (const index of removed.reverse()) {
      keys.splice(index, 1)
      values.splice(index, 1)
    }
  }

  private walkPatchedFields(dest: MapNode, source: MapNode, schema: SchemaType | null, path: readonly string[]): void {
    this.walkTargetFields(dest, source, schema, path)
    for (const name of fieldNames(source)) {
      if (name === '') refuseNameless(dest)
      const index = fieldIndex(dest, name)
      const value = index < 0 ? undefined : dest.values[index]!
      const patch = getField(source, name)
      const result = this.walk(value, patch, schema === null ? null : schema.field(name), this.pathTo(path, name))
      setResult(dest, name, index, result, keyStyle(source, name, result))
    }
  }

  /** Only refused inference names its place. */
  private pathTo(path: readonly string[], name: string): readonly string[] {
    return this.infers ? [...path, name] : path
  }

  /** A part of the patch that stands alone: upstream merges it with itself, which carries out the directives inside. */
  private walkSameFields(map: MapNode, schema: SchemaType | null, path: readonly string[]): void {
    for (const name of fieldNames(map)) {
      if (name === '') refuseNameless(map)
      const index = fieldIndex(map, name)
      const value = map.values[index]!
      const result = this.walk(value, value, schema === null ? null : schema.field(name), this.pathTo(path, name))
      setResult(map, name, index, result, 'plain')
    }
  }

  private walkList(
    target: YamlNode | undefined,
    patch: YamlNode | undefined,
    schema: SchemaType | null,
    path: readonly string[],
  ): YamlNode | undefined {
    let dest: SequenceNode
    let source: SequenceNode | undefined
    if (isNullNode(target)) dest = source = patch as SequenceNode
    else {
      dest = target as SequenceNode
      if (patch !== undefined && isNullNode(patch)) return undefined
      source = patch as SequenceNode | undefined
      if (source !== undefined) {
        if (dest.items.length === 0) dest.isFlow = source.isFlow
        const directive = takeDirective(source)
        if (directive === 'delete') return undefined
        if (directive === 'replace') dest = source
      }
    }
    const keys = this.mergeKeys(dest, source, schema, path)
    if (source === undefined && this.keepsOrder(dest, keys, schema)) return dest
    const isKeyed = keys.length > 0
    const result =
      (isKeyed && source !== undefined ? this.walkUnambiguous(dest, source, keys, schema) : null) ??
      (isKeyed
        ? this.walkElements(dest, source, this.keyValues(dest, source, keys), keys, schema)
        : this.walkElements(dest, source, this.primitiveValues(dest, source), [''], schema))
    if (isNullNode(target) && this.isPrepending && result.items.length > 0) result.isFlow = false
    return result
  }

  private mergeKeys(
    dest: SequenceNode,
    source: SequenceNode | undefined,
    schema: SchemaType | null,
    path: readonly string[],
  ): readonly string[] {
    if (schema !== null && (schema.patchStrategy !== '' || schema.mergeKeys.length > 0)) return schema.mergeKeys
    let key = ''
    for (const list of [dest, source]) {
      if (list === undefined || list.items.length === 0) continue
      const found = hasNames(list) ? 'name' : ''
      if (key !== '' && key !== found) {
        throw new BuildError('TransformFailed', `conflicting merge keys [${key},${found}] for field ${path.join('.')}`)
      }
      key = found
    }
    if (key === '') throw new BuildError('TransformFailed', `no merge key found for field ${path.join('.')}`)
    return [key]
  }

  /** The common case of a list that no patch touches and that putting together anew would not change: only its elements are walked. */
  private keepsOrder(dest: SequenceNode, keys: readonly string[], schema: SchemaType | null): boolean {
    if (keys.length === 0) {
      const texts = new Set<string>()
      for (const item of dest.items) {
        if (item.kind !== 'scalar' || item.value === '' || item.tag !== '!!str') return false
        texts.add(item.value)
      }
      return texts.size === dest.items.length
    }
    if (indexElements(dest, keys) === null) return false
    const items = schema === null ? null : schema.items()
    for (const item of dest.items) this.walk(item, undefined, items, [])
    return true
  }

  /** Both lists' elements all have all keys, and no two the same ones: the result of `walkElements` without its searching. */
  private walkUnambiguous(
    dest: SequenceNode,
    source: SequenceNode,
    keys: readonly string[],
    schema: SchemaType | null,
  ): SequenceNode | null {
    if (dest === source) return null
    const targets = indexElements(dest, keys)
    const patches = targets === null ? null : indexElements(source, keys)
    if (targets === null || patches === null) return null
    const items = schema === null ? null : schema.items()
    const merged = new Map<string, YamlNode>()
    const ids = this.isPrepending ? [...patches.keys(), ...targets.keys()] : [...targets.keys(), ...patches.keys()]
    for (const id of new Set(ids)) {
      const element = this.walk(targets.get(id), patches.get(id), items, [])
      if (element === undefined || isNullNode(element) || isEmptyMapNode(element)) targets.delete(id)
      else merged.set(id, element)
    }
    const result: YamlNode[] = []
    if (!this.isPrepending) result.push(...merged.values())
    else if (keys.length === 1) for (const [id, element] of merged) result.push(targets.get(id) ?? element)
    else {
      for (const [id, element] of merged) if (!targets.has(id)) result.push(element)
      for (const element of targets.values()) result.push(element)
    }
    dest.items.length = 0
    for (const element of result) dest.items.push(element)
    return dest
  }

  /** The keys' texts of every element, each once, in the order in which the result has new ones. */
  private keyValues(dest: SequenceNode, source: SequenceNode | undefined, keys: readonly string[]): string[][] {
    const seen = new Set<string>()
    const result: string[][] = []
    for (const list of this.isPrepending ? [source, dest] : [dest, source]) {
      for (const item of list?.items ?? []) {
        const values = keys.map((key) => {
          const value = item.kind === 'map' ? getField(item, key) : undefined
          return isNilOrEmpty(value) ? '' : textOf(value!)
        })
        const id = values.join('\u0000')
        if (seen.has(id)) continue
        seen.add(id)
        result.push(values)
      }
    }
    return result
  }

  private primitiveValues(dest: SequenceNode, source: SequenceNode | undefined): string[][] {
    const seen = new Set<string>()
    for (const list of this.isPrepending ? [source, dest] : [dest, source]) {
      for (const item of list?.items ?? []) seen.add(textOf(item))
    }
    return [...seen].map((value) => [value])
  }

  private walkElements(
    dest: SequenceNode,
    source: SequenceNode | undefined,
    valuesList: string[][],
    keys: readonly string[],
    schema: SchemaType | null,
  ): SequenceNode {
    const items = schema === null ? null : schema.items()
    if (keys.length > 1) unifyValues(valuesList)
    const validKeys = presentKeys(valuesList, keys)
    const added = new Sequence()
    for (const values of valuesList) {
      const validValues = valuesOf(values, keys, validKeys)
      const wanted = wantedFields(validKeys, validValues)
      const targetElement = findElement(dest, wanted.keys, wanted.values)
      const patchElement = source === undefined ? undefined : findElement(source, wanted.keys, wanted.values)
      const element = this.walk(targetElement, patchElement, items, [])
      if (element === undefined || isNullNode(element) || isEmptyMapNode(element)) {
        for (let i = 0; i < validKeys.length; i++) setElement(dest, undefined, validKeys, validValues)
        continue
      }
      setMissingKeys(element, validKeys, validValues)
      setElement(added, element, validKeys, validValues)
    }
    if (valuesList.length === 0) return dest
    if (!this.isPrepending) {
      appendElements(dest, added, validKeys)
      return dest
    }
    appendElements(added, dest, validKeys)
    dest.items.length = 0
    for (const item of added.items) dest.items.push(item)
    return dest
  }
}

/** A field without a name is for kyaml's FieldSetter the map itself, which would have to be a scalar. */
function refuseNameless(map: MapNode): never {
  throw wrongKind(map, 'scalar')
}

function hasNames(node: YamlNode | undefined): boolean {
  return (
    node?.kind === 'sequence' && node.items.every((item) => item.kind === 'map' && getField(item, 'name') !== undefined)
  )
}

/** Elements by their keys; null unless all are maps with a text for every key and no two are alike. */
function indexElements(list: SequenceNode, keys: readonly string[]): Map<string, YamlNode> | null {
  const result = new Map<string, YamlNode>()
  for (const item of list.items) {
    if (item.kind !== 'map') return null
    let id = ''
    for (const key of keys) {
      const value = getField(item, key)
      if (value?.kind !== 'scalar' || value.value === '' || value.tag === '!!null') return null
      id = keys.length === 1 ? value.value : `${id}\u0000${value.value}`
    }
    if (result.has(id)) return null
    result.set(id, item)
  }
  return result
}

/** Names of a map's fields, each once, in byte order. */
function fieldNames(map: MapNode): string[] {
  const names: string[] = []
  for (const key of map.keys) if (key.kind === 'scalar') names.push(key.value)
  if (names.length < 2) return names
  names.sort()
  return names.filter((name, index) => index === 0 || name !== names[index - 1])
}

/** A new key is written as the patch writes it, unless its value was put together anew. */
function keyStyle(source: MapNode, name: string, result: YamlNode | undefined): ScalarStyle {
  const index = fieldIndex(source, name)
  const key = source.keys[index]
  return key?.kind === 'scalar' && source.values[index] === result ? key.style : 'plain'
}

/** kyaml's FieldSetter: nulls clear the field, a replacing value takes the replaced one's style. */
function setResult(map: MapNode, name: string, index: number, result: YamlNode | undefined, style: ScalarStyle): void {
  if (result === undefined || isNullNode(result)) {
    if (index < 0) return
    map.keys.splice(index, 1)
    map.values.splice(index, 1)
  } else if (index < 0) {
    map.keys.push(makeKey(name, style))
    map.values.push(result)
    quoteAmbiguous(result)
  } else {
    const replaced = map.values[index]!
    if (replaced === result) {
      quoteAmbiguous(result)
      return
    }
    takeStyle(result, replaced)
    // Written into the present node, as upstream does: some transformers give one node to several objects.
    if (replaced.kind === 'scalar' && result.kind === 'scalar') {
      replaced.value = result.value
      replaced.tag = result.tag
    } else map.values[index] = result
  }
}

/** Elements whose keys differ only where one has none are taken for the same (containerPort with and without protocol). */
function unifyValues(valuesList: string[][]): void {
  for (let i = 0; i < valuesList.length; i++) {
    // Upstream compares with what stood here when this turn began.
    const left = valuesList[i]!
    for (let j = 0; j < valuesList.length; j++) {
      const both = unify(left, valuesList[j]!)
      if (both === null) continue
      valuesList[i] = both
      valuesList[j] = both
    }
  }
}

function unify(left: readonly string[], right: readonly string[]): string[] | null {
  let hasCommon = false
  const result: string[] = []
  for (let i = 0; i < left.length; i++) {
    if (left[i] === right[i]) hasCommon = true
    else if (left[i] !== '' && right[i] !== '') return null
    result.push(left[i] !== '' ? left[i]! : right[i]!)
  }
  return hasCommon ? result : null
}

/** The keys that any element has; all of them where none has any. */
function presentKeys(valuesList: readonly (readonly string[])[], keys: readonly string[]): readonly string[] {
  const present = keys.filter((_, index) => valuesList.some((values) => values[index] !== ''))
  return present.length === 0 ? keys : present
}

function valuesOf(values: readonly string[], keys: readonly string[], validKeys: readonly string[]): readonly string[] {
  return validKeys === keys ? values : values.filter((value, index) => value !== '' || validKeys.includes(keys[index]!))
}

/** What an element is looked up by: the keys that have a value. */
function wantedFields(
  keys: readonly string[],
  values: readonly string[],
): { readonly keys: readonly string[]; readonly values: readonly string[] } {
  if (!values.includes('') || values.every((value) => value === '')) return { keys, values }
  return {
    keys: keys.filter((_, index) => values[index] !== ''),
    values: values.filter((value) => value !== ''),
  }
}

function setMissingKeys(element: YamlNode, keys: readonly string[], values: readonly string[]): void {
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    const value = values[i]!
    if (value === '') continue
    if (element.kind === 'map') {
      if (getField(element, key) !== undefined) continue
      element.keys.push(makeKey(key))
      element.values.push(makeFieldScalar(value))
    } else if (element.kind === 'scalar' && key === '') setScalarText(element, value)
  }
}
