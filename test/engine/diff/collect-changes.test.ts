import { describe, expect, it } from 'vitest'
import { collectChanges } from '../../../electron/engine/diff/collect-changes.ts'
import type { FieldNode } from '../../../electron/engine/diff/managed-fields.ts'

function lines(live: object, git: object, sets: readonly FieldNode[] = [], limit = 100): string[] {
  const { changes } = collectChanges(live as Record<string, unknown>, git as Record<string, unknown>, sets, limit)
  return changes.map(
    ({ path, pointer, live: a, git: b }) => `${path} ${pointer} ${JSON.stringify(b)} > ${JSON.stringify(a)}`,
  )
}

describe('differences of two objects', () => {
  it('finds nothing in equal ones, whatever the order of keys', () => {
    expect(lines({ spec: { a: 1, b: { c: [] } } }, { spec: { b: { c: [] }, a: 1 } })).toEqual([])
  })

  it('leaves metadata and status out, but for labels and annotations', () => {
    const live = { metadata: { name: 'a', labels: { x: '1' }, finalizers: ['f'] }, status: { a: 1 } }
    const git = { metadata: { name: 'b', annotations: { 'a.b/c': 'x' } }, status: {} }
    expect(lines(live, git)).toEqual([
      'metadata.labels.x /metadata/labels/x undefined > "1"',
      'metadata.annotations[a.b/c] /metadata/annotations/a.b~1c "x" > undefined',
    ])
  })

  it('tells null, empty and absent apart', () => {
    expect(lines({ spec: { a: null, b: {} } }, { spec: { c: [] } })).toEqual([
      'spec.c /spec/c [] > undefined',
      'spec.a /spec/a undefined > null',
      'spec.b /spec/b undefined > {}',
    ])
  })

  it('follows items by the keys that managedFields show', () => {
    const sets = [{ 'f:spec': { 'f:things': { 'k:{"id":1}': {} } } }] as unknown as FieldNode[]
    const live = { spec: { things: [{ id: 2, v: 'b' }, { id: 1, v: 'x' }, { id: 3 }] } }
    const git = { spec: { things: [{ id: 1, v: 'a' }, { id: 2, v: 'b' }, { id: 4 }] } }
    expect(lines(live, git, sets)).toEqual([
      'spec.things[1].v /spec/things/1/v "a" > "x"',
      'spec.things[4] /spec/things/2 {"id":4} > undefined',
      'spec.things[3] /spec/things/2 undefined > {"id":3}',
      'spec.things /spec/things "1, 2, 4" > "2, 1, 3"',
    ])
  })

  it('does not trust keys that two items share', () => {
    const env = (value: string) => ({
      spec: {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value },
        ],
      },
    })
    expect(lines(env('3'), env('2'))).toEqual(['spec.env[1].value /spec/env/1/value "2" > "3"'])
  })

  it('compares sets by element and other lists whole', () => {
    const sets = [{ 'f:spec': { 'f:names': { 'v:"a"': {} } } }] as unknown as FieldNode[]
    expect(lines({ spec: { names: ['a', 'c'] } }, { spec: { names: ['a', 'b'] } }, sets)).toEqual([
      'spec.names[b] /spec/names/1 "b" > undefined',
      'spec.names[c] /spec/names/1 undefined > "c"',
    ])
    expect(lines({ spec: { names: ['a', 'c'] } }, { spec: { names: ['a', 'b'] } })).toEqual([
      'spec.names /spec/names ["a","b"] > ["a","c"]',
    ])
  })

  it('is not led astray by names of prototypes', () => {
    const live = JSON.parse('{"data":{"__proto__":"1","constructor":"a"}}') as object
    expect(lines(live, { data: {} })).toEqual([
      'data.__proto__ /data/__proto__ undefined > "1"',
      'data.constructor /data/constructor undefined > "a"',
    ])
  })

  it('counts beyond its limit, and looks at each field as often in a large object as in a small one', () => {
    let looks = 0
    const counted = (size: number, value: string): object => {
      const data = Object.fromEntries(Array.from({ length: size }, (_, index) => [`key-${String(index)}`, value]))
      const count = <T>(answer: T): T => {
        looks += 1
        return answer
      }
      return {
        data: new Proxy(data, {
          get: (map, key) => count(Reflect.get(map, key) as unknown),
          has: (map, key) => count(Reflect.has(map, key)),
          ownKeys: (map) => count(Reflect.ownKeys(map)),
          getOwnPropertyDescriptor: (map, key) => count(Reflect.getOwnPropertyDescriptor(map, key)),
        }),
      }
    }
    const looksAt = (size: number): number => {
      looks = 0
      const { changes, total } = collectChanges(
        counted(size, 'a') as Record<string, unknown>,
        counted(size, 'b') as Record<string, unknown>,
        [],
        2000,
      )
      expect([changes.length, total]).toEqual([2000, size])
      return looks
    }
    const small = looksAt(2500)
    expect(small).toBeGreaterThan(2500)
    expect(looksAt(10_000)).toBeLessThanOrEqual(4 * small)
  })
})
