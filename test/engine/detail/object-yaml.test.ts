import fc from 'fast-check'
import { CORE_SCHEMA, DEFAULT_SCHEMA, load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createObjectYaml } from '../../../electron/engine/detail/create-object-yaml.ts'
import { emitYaml } from '../../../electron/engine/detail/emit-yaml.ts'
import { presentObject } from '../../../electron/engine/detail/present-object.ts'
import { scaleCount, seed } from '../../soak.ts'
import { MemoryCluster, testCall } from '../memory-cluster.ts'
import { fromYaml } from '../status/yaml.ts'

const emit = (value: unknown) => [...emitYaml(value)].join('')

describe('emitYaml', () => {
  it('writes as kubectl does', () => {
    expect(
      emit({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a', labels: {}, finalizers: ['x', 'y'] },
        data: {
          'a.txt': 'one\ntwo\n',
          n: '10',
          s: '10m',
          b: 'true',
          e: '',
          when: '2026-01-01T00:00:00Z',
          image: 'oci.example.com/a:1.2',
        },
        list: [{ a: 1, b: [true, null] }, [], 'x'],
      }),
    ).toBe(`apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  labels: {}
  finalizers:
  - x
  - "y"
data:
  a.txt: |
    one
    two
  "n": "10"
  s: 10m
  b: "true"
  e: ""
  when: "2026-01-01T00:00:00Z"
  image: oci.example.com/a:1.2
list:
- a: 1
  b:
  - true
  - null
- []
- x
`)
  })

  const awkward = fc.constantFrom(
    '',
    ' ',
    'yes',
    'No',
    'null',
    '~',
    '1e3',
    '0x1F',
    '0o7',
    '0b1',
    '1_000',
    '.5',
    '+1',
    '1:30',
    '2026-01-01',
    '<<',
    '=',
    '- a',
    'a: b',
    'a #b',
    '#c',
    '*x',
    '&x',
    '!x',
    '%x',
    '@x',
    '`',
    '{a}',
    '[a]',
    'a\n',
    '\na',
    'a\n\n',
    'a \nb',
    'a\n  b\nc',
    'a\tb\n',
    '\u202e',
    '\u0085',
    '\ud800',
    'x:',
    ':x',
    "it's",
    '"q"',
    '10m',
    '1e',
    '0x',
    '6.7.2',
    '1.2.3-rc.1',
    '---',
    '...',
    '__proto__',
    'é',
    '🙂\n🙂',
  )
  const text = fc.oneof(awkward, fc.string({ unit: 'binary', maxLength: 20 }), fc.string({ maxLength: 20 }))
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      text,
      fc.constantFrom(null, true, false, 0, -1, 1.5, 1e21, 9007199254740991),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(
        text.filter((key) => key !== '__proto__' && key.isWellFormed()),
        tie('json'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  }))

  it('reads back exactly, in every dialect', () => {
    fc.assert(
      fc.property(json, (value) => {
        const written = emit(value)
        // Lone surrogates are not text: everything else must come back as it was.
        if (!JSON.stringify(value).isWellFormed() || /\\ud[89ab]/i.test(JSON.stringify(value))) return
        expect(load(written, { schema: CORE_SCHEMA })).toEqual(value)
        expect(load(written, { schema: DEFAULT_SCHEMA })).toEqual(value)
        expect(parse(written, { version: '1.2' })).toEqual(value)
        expect(parse(written, { version: '1.1' })).toEqual(value)
      }),
      { numRuns: scaleCount(20_000), seed: seed() },
    )
  })
})

const secret = `
apiVersion: v1
kind: Secret
metadata:
  name: a
  namespace: b
  resourceVersion: "7"
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"apiVersion":"v1","kind":"Secret","stringData":{"token":"hunter2"},"data":{"k":"aHVudGVyMg=="},"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"hunter2"}}}'
  managedFields: [{manager: m}]
data: {password: aHVudGVyMg==, empty: ""}
stringData: {token: hunter2, odd: 3}
type: Opaque
`

describe('object.yaml', () => {
  it('masks every secret value, by size', () => {
    const shown = emit(presentObject(fromYaml(secret)))
    expect(shown).not.toMatch(/hunter2|aHVudGVyMg/)
    expect(shown).not.toContain('managedFields')
    expect(shown).toContain('password: "••• (7 bytes)"')
    expect(shown).toContain('empty: "••• (0 bytes)"')
    expect(shown).toContain('token: "••• (7 bytes)"')
  })
  it.each([
    'not json hunter2',
    '"hunter2"',
    '["hunter2"]',
    '{"data":"hunter2"}',
    '{"kind":"Secret","data":["hunter2"],"stringData":"hunter2"}',
  ])('masks a last-applied copy that is %s', (copy) => {
    const object = fromYaml(secret)
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': copy }
    expect(emit(presentObject({ ...object, metadata: { ...object.metadata, annotations } }))).not.toContain('hunter2')
  })
  it('leaves a ConfigMap alone', () => {
    expect(presentObject(fromYaml('{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}'))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { a: 'b' },
    })
  })

  it.each([
    ['of many fields', 3000, 30],
    ['of 5 MB', 12, 110_000],
  ])('pages a large object %s, the same text throughout, and refuses one that moved', async (_what, fields, length) => {
    const cluster = new MemoryCluster()
    const value = '🙂'.repeat(length)
    const data = Object.fromEntries(Array.from({ length: fields }, (_, index) => [`k${String(index)}`, value]))
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'big', namespace: 'a', resourceVersion: '1' },
      data,
    }
    cluster.apply(object)
    const ref = cluster.ref('', 'ConfigMap', 'a', 'big')
    const read = createObjectYaml({ clusters: cluster, ports: { clock: cluster.clock } })
    const take = async (offset: number, etag?: string) => {
      const page = read(etag === undefined ? { ref, offset } : { ref, offset, etag }, testCall())
      // Whoever awaits the page hears of its failure.
      page.catch(() => undefined)
      await cluster.clock.advance(10)
      return page
    }
    const first = await take(0)
    let text = first.text
    cluster.apply({ ...object, metadata: { ...object.metadata, resourceVersion: '2' } })
    while (text.length < first.total) text += (await take(text.length, first.etag)).text
    expect(parse(text)).toEqual(object)
    await expect(take(0, 'other')).rejects.toMatchObject({ code: 'Conflict' })
    expect((await take(first.total + 5, '2')).text).toBe('')
    cluster.deselect()
    await expect(take(0)).rejects.toMatchObject({ code: 'NotConnected' })
  })
})
