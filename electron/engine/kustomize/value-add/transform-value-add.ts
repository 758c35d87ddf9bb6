/**
 * Adds a value to fields of selected objects, optionally as a part of a file path that the field holds.
 *
 * Owned by value-add/. Semantics and texts: kustomize's ValueAddTransformer and its filter.
 */
import type { BuildContext } from '../build-context.ts'
import { BuildError } from '../build-error.ts'
import { requireKind } from '../merge/node-kind.ts'
import { setScalarText } from '../merge/scalar-style.ts'
import { transformNamespace } from '../namespace/transform-namespace.ts'
import { lookup } from '../paths/lookup.ts'
import { splitEscaped } from '../paths/split-path.ts'
import type { ResMap, Selector } from '../resource/res-map.ts'
import { createResMap } from '../resource/res-map.ts'
import type { Resource } from '../resource/resource.ts'
import { insertPathPart } from './insert-path-part.ts'

export interface ValueAddTarget {
  /** Null selects all objects. */
  readonly selector: Selector | null
  /** Parts between slashes; `\` before a slash keeps it. */
  readonly fieldPath: string
  /** 0 replaces the text; else the value becomes this part (from 1) of the path that the field holds. */
  readonly filePathPosition: number
}

export interface ValueAddConfig {
  readonly value: string
  readonly targets: readonly ValueAddTarget[]
}

/** Checks a configuration; the value defaults to the name of the kustomization's directory. Throws BuildError with upstream's texts. */
export function configureValueAdd(
  value: string,
  targets: readonly ValueAddTarget[],
  directoryName: string,
): ValueAddConfig {
  if (targets.length === 0) fault('must specify at least one target')
  for (const { fieldPath, filePathPosition } of targets) {
    if (fieldPath === '') fault('fieldPath cannot be empty')
    if (filePathPosition < 0) fault(`value of FilePathPosition (${filePathPosition}) cannot be negative`)
  }
  const trimmed = value.trim()
  return { value: trimmed === '' ? directoryName : trimmed, targets }
}

function fault(message: string): never {
  throw new BuildError('InvalidKustomization', message)
}

/** Adds the value. Throws BuildError TransformFailed with kyaml's texts. */
export function transformValueAdd(resources: ResMap, config: ValueAddConfig, context: BuildContext): void {
  for (const { selector, fieldPath, filePathPosition } of config.targets) {
    const selected = selector === null ? resources.resources() : resources.select(selector)
    if (fieldPath === 'metadata/namespace') setNamespace(resources, selected, config.value, context)
    else {
      const path = splitFieldPath(fieldPath)
      for (const resource of selected) addValue(resource, path, config.value, filePathPosition)
    }
    resources.reindex()
  }
}

/** As the namespace transformer would without any field of its own; names that meet are no fault here. */
function setNamespace(
  resources: ResMap,
  selected: readonly Resource[],
  namespace: string,
  context: BuildContext,
): void {
  for (const resource of selected) {
    const single = createResMap(resources.schemas)
    single.append(resource)
    const { idLists } = resource
    transformNamespace(single, { namespace, fieldSpecs: [], unsetOnly: false, setRoleBindingSubjects: '' }, context)
    resource.idLists = idLists
  }
}

/** Splits at slashes; unlike other paths, a leading one makes an empty part (which is left out when the path is walked). */
function splitFieldPath(path: string): string[] {
  return splitEscaped(path, '/')
}

function addValue(resource: Resource, path: readonly string[], value: string, position: number): void {
  const node = lookup(resource.node, path, 'scalar')
  if (node === undefined) return
  requireKind(node, 'scalar')
  if (node.kind !== 'scalar') return
  const text = position > 0 ? insertPathPart(node.value, position - 1, value) : value
  if (text !== '') setScalarText(node, text)
}
