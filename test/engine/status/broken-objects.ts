/** Objects of every kind with every field that Sluice reads, and ways to break them: for properties over 10,000 mutations. */
import fc from 'fast-check'
import { fluxKinds } from '../../../shared/flux/kinds.ts'

/** A full object of a kind: every field that Sluice reads is there, with a value of its type. */
export function fullObject(kindIndex: number): Record<string, unknown> {
  const kind = fluxKinds[kindIndex % fluxKinds.length]
  if (kind === undefined) throw new Error('no kinds')
  const root: Record<string, unknown> = {
    apiVersion: `${kind.group}/${kind.versions[0] ?? ''}`,
    kind: kind.kind,
    metadata: {
      name: 'name',
      namespace: 'namespace',
      uid: 'uid',
      generation: 2,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      finalizers: ['finalizers.fluxcd.io'],
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'a', 'kustomize.toolkit.fluxcd.io/namespace': 'b' },
      annotations: { 'reconcile.fluxcd.io/requestedAt': '2026-01-01T00:00:00Z', 'sluice.dev/suspended-by': 'ada' },
      managedFields: [
        {
          manager: 'sluice',
          operation: 'Update',
          time: '2026-01-01T00:00:00Z',
          fieldsV1: { 'f:spec': { 'f:suspend': {} } },
        },
      ],
    },
  }
  for (const field of kind.fields) {
    const parts = field.path.split('.')
    let node: Record<string, unknown> = root
    parts.forEach((part, index) => {
      const isLast = index === parts.length - 1
      const isList = part.endsWith('[]')
      const key = isList ? part.slice(0, -2) : part
      if (isList) {
        if (!Array.isArray(node[key])) node[key] = [{}]
        const first = (node[key] as Record<string, unknown>[])[0] as Record<string, unknown>
        if (!isLast) node = first
        return
      }
      if (!isLast) {
        if (typeof node[key] !== 'object' || node[key] === null) node[key] = {}
        node = node[key] as Record<string, unknown>
        return
      }
      const values = {
        string: field.enum?.[0] ?? '2026-01-01T00:00:00Z',
        integer: 2,
        number: 2.5,
        boolean: true,
        object: {},
        array: [{}],
        map: { a: 'b' },
        any: 1,
      }
      node[key] ??= field.default ?? values[field.type]
    })
  }
  return root
}

/** Every place in a JSON tree as [container, key]. */
function places(value: unknown, found: [Record<string, unknown>, string][] = []): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return found
  for (const key of Object.keys(value)) {
    found.push([value as Record<string, unknown>, key])
    places((value as Record<string, unknown>)[key], found)
  }
  return found
}

export const wrongValues: readonly unknown[] = [
  null,
  '',
  'text',
  0,
  -1,
  1e308,
  true,
  false,
  [],
  [null],
  [[]],
  {},
  { a: 1 },
  'x'.repeat(10_000),
  '\u202e<b>',
  '2026-13-99T99:99:99Z',
  { __proto__: null },
]

/** Up to six places with what is put there; one past the last wrong value removes the field. */
export const mutations = fc.array(fc.tuple(fc.nat(1000), fc.nat(wrongValues.length)), { minLength: 1, maxLength: 6 })

/** Breaks the object in place; apiVersion, kind, metadata, spec and status themselves stay. */
export function breakObject(object: Record<string, unknown>, list: readonly (readonly [number, number])[]): void {
  for (const [place, choice] of list) {
    const all = places(object).filter(([container]) => container !== object)
    const [container, key] = all[place % Math.max(all.length, 1)] ?? [object, 'status']
    if (choice === wrongValues.length) Reflect.deleteProperty(container, key)
    else container[key] = structuredClone(wrongValues[choice])
  }
}
