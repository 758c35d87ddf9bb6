/** Whether a path leads to something in an object, so that most of what is generated has an effect. */
import type { Obj } from './generate-resource.ts'
import type { Value } from './print-yaml.ts'

/** The value under keys and indexes; undefined where there is none. */
export function valueAt(object: Obj, keys: readonly string[]): Value | undefined {
  let found: Value | undefined = object
  for (const key of keys) {
    if (typeof found !== 'object' || found === null) return undefined
    if (Array.isArray(found)) {
      const condition: RegExpExecArray | null = /^\[(\w+)=(.*)\]$/.exec(key)
      found =
        condition === null
          ? key === '*'
            ? found[0]
            : found[Number(key)]
          : found.find((item) => (item as Obj | null)?.[condition[1] ?? ''] === condition[2])
    } else found = (found as Obj)[/^\[(.*)\]$/.exec(key)?.[1] ?? key]
  }
  return found
}

/** For paths like `spec.containers[0].name` and `spec.containers.[name=main].image`. */
export function resolves(object: Obj, path: string): boolean {
  return valueAt(object, splitPath(path)) !== undefined
}

/** For JSON pointers. */
export function pointed(object: Obj, pointer: string): Value | undefined {
  const keys = pointer.split('/').slice(1)
  return valueAt(
    object,
    keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')),
  )
}

function splitPath(path: string): string[] {
  return path.replaceAll(/(\w)\[(\d+)\]/g, '$1.$2').match(/\[[^\]]*\]|[^.[\]]+/g) ?? []
}
