/**
 * A field spec says which field of which kinds a transformer may touch: a gvk ('' matches any) and a path of map keys that walks through
 * lists on its own. This file knows the type and how lists of them are merged; apply-field-spec.ts walks a tree by them.
 *
 * Semantics: kustomize's types.FieldSpec and FsSlice.
 */
import { BuildError } from '../build-error.ts'
import type { Gvk } from '../resource/gvk.ts'
import { compareGvk, gvkIsSelected, gvkText } from '../resource/gvk.ts'

export interface FieldSpec extends Gvk {
  /** Keys separated by `/`; `\/` is a slash within a key; `[]` after a key marks a list and forbids creating it. */
  readonly path: string
  /** Missing maps on the way, and the field itself, are made. */
  readonly create: boolean
}

export function makeFieldSpec(path: string, gvk: Partial<Gvk> = {}, create = false): FieldSpec {
  return { group: gvk.group ?? '', version: gvk.version ?? '', kind: gvk.kind ?? '', path, create }
}

/** As upstream prints one in messages: `Deployment.[noVer].apps:true:spec/replicas`. */
export function fieldSpecText(spec: FieldSpec): string {
  return `${gvkText(spec)}:${spec.create}:${spec.path}`
}

/** Appends `spec` unless one with this path is there whose gvk it selects; throws if that one disagrees on `create`. */
export function mergeFieldSpec(specs: readonly FieldSpec[], spec: FieldSpec): readonly FieldSpec[] {
  return mergeFieldSpecs(specs, [spec])
}

/** Merges `incoming` one by one, as mergeFieldSpec does. Gives `specs` itself where nothing is added. */
export function mergeFieldSpecs(specs: readonly FieldSpec[], incoming: readonly FieldSpec[]): readonly FieldSpec[] {
  if (incoming.length === 0) return specs
  const byPath = new Map<string, FieldSpec[]>()
  const remember = (spec: FieldSpec): void => {
    const list = byPath.get(spec.path)
    if (list === undefined) byPath.set(spec.path, [spec])
    else list.push(spec)
  }
  specs.forEach(remember)
  const added: FieldSpec[] = []
  for (const spec of incoming) {
    const present = byPath.get(spec.path)?.find((other) => gvkIsSelected(other, spec))
    if (present === undefined) {
      added.push(spec)
      remember(spec)
    } else if (present.create !== spec.create) throw new BuildError('InvalidKustomization', 'conflicting fieldspecs')
  }
  return added.length === 0 ? specs : [...specs, ...added]
}

/** Sorted by gvk; the same array where it already is. */
export function sortByGvk<T extends Gvk>(items: readonly T[]): readonly T[] {
  for (let i = 1; i < items.length; i++) {
    if (compareGvk(items[i - 1]!, items[i]!) > 0) return [...items].sort(compareGvk)
  }
  return items
}

/** Splits at `/`; a leading slash is dropped, `\/` is kept as a slash within a part (kyaml's PathSplitter). */
export function splitPath(path: string, delimiter = '/'): string[] {
  let parts = path.split(delimiter)
  if (parts.length > 1 && parts[0] === '') parts = parts.slice(1)
  if (!path.includes('\\')) return parts
  const result: string[] = [parts[0]!]
  for (const part of parts.slice(1)) {
    const last = result[result.length - 1]!
    if (last.endsWith('\\')) result[result.length - 1] = last.slice(0, -1) + delimiter + part
    else result.push(part)
  }
  return result
}
