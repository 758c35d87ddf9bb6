/** YAML into Go structs and out again, as sigs.k8s.io/yaml v1.6.0 has it. */
import { describe, expect, it } from 'vitest'
import {
  anyShape,
  boolShape,
  int64Shape,
  listOf,
  mapOf,
  pointerTo,
  stringShape,
  structOf,
} from '../../../electron/engine/build/go-shape.ts'
import { decodeStruct } from '../../../electron/engine/build/go-struct.ts'
import { formatFloat32 } from '../../../electron/engine/build/yaml-to-json.ts'
import { emitValue } from '../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { parseDocuments } from '../../../electron/engine/kustomize/yaml/parse.ts'

const inner = structOf('p.Inner', { a: stringShape, 'b!': int64Shape })
const base = structOf('p.Base', { name: stringShape, labels: mapOf(stringShape) })
const outer = structOf(
  'p.Outer',
  {
    text: stringShape,
    flag: boolShape,
    count: int64Shape,
    list: listOf(stringShape),
    map: mapOf(stringShape),
    inner,
    pointer: pointerTo(inner),
    inners: listOf(inner),
    any: mapOf(anyShape),
    camelCase: stringShape,
  },
  [base],
)

function decode(text: string): string {
  try {
    const [document] = parseDocuments(text, { dialect: 'v2', mergesKeys: true })
    const value = decodeStruct(document!, outer)
    // `inner` is no pointer: it is always written.
    return emitValue(value).replace('inner:\n  b: 0\n', '')
  } catch (error) {
    return (error as Error).message.replace('error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ', '')
  }
}

describe('fields', () => {
  it.each([
    ['unknown ones vanish', 'unknown: 1\ntext: x\n', 'text: x\n'],
    ['empty ones vanish', 'text: ""\nflag: false\ncount: 0\nlist: []\nmap: {}\nany: {}\n', ''],
    ['null is nothing', 'text: ~\nlist: null\nmap: ~\npointer: ~\ninner: ~\n', ''],
    ['a pointer to something empty stays', 'pointer: {}\n', 'pointer:\n  b: 0\n'],
    ['names match in any case', 'TEXT: x\ncamelcase: z\nCAMELCASE2: z\n', 'camelCase: z\ntext: x\n'],
    ['the exact name is one of them', 'text: a\nText: b\n', 'text: a\n'],
    ['embedded ones stand beside the others', 'name: x\nlabels: {a: b}\n', 'labels:\n  a: b\nname: x\n'],
    ['null in a list is an empty value', 'list: [a, ~]\ninners: [~]\n', 'inners:\n- b: 0\nlist:\n- a\n- ""\n'],
    ['the last of equal keys counts', 'text: a\ntext: b\n', 'text: b\n'],
    [
      'merge keys are merged',
      'any: {x: &x {a: 1}, z: {<<: *x, b: 2}}\n',
      'any:\n  x:\n    a: 1\n  z:\n    a: 1\n    b: 2\n',
    ],
  ])('%s', (_name, text, expected) => {
    expect(decode(text)).toBe(expected)
  })
})

describe('scalars become text where text is wanted', () => {
  it.each([
    ['text: 1\n', 'text: "1"\n'],
    ['text: yes\n', 'text: "true"\n'],
    ['text: 1.10\n', 'text: "1.1"\n'],
    ['text: 1e6\n', 'text: "1e+06"\n'],
    ['text: 0x1F\n', 'text: "31"\n'],
    ['text: 0.1\n', 'text: "0.1"\n'],
    ['text: 123456789.5\n', 'text: "1.2345679e+08"\n'],
    ['text: .inf\n', 'text: +Inf\n'],
    ['text: 18446744073709551615\n', 'text: "18446744073709551615"\n'],
    ['text: 2001-01-01\n', 'text: "2001-01-01"\n'],
    ['map: {a: 1, b: true}\n', 'map:\n  a: "1"\n  b: "true"\n'],
    ['list: [1, n]\n', 'list:\n- "1"\n- "false"\n'],
    ['inners: [{a: 5, b: 6}]\n', 'inners:\n- a: "5"\n  b: 6\n'],
    ['map: {1: a, true: b, 1.5: c}\n', 'map:\n  "1": a\n  "1.5": c\n  "true": b\n'],
  ])('%j', (text, expected) => {
    expect(decode(text)).toBe(expected)
  })

  it('but not in embedded structs', () => {
    expect(decode('name: 1\n')).toBe('number into Go struct field Outer.Base.name of type string')
    expect(decode('labels: {a: 1}\n')).toBe('number into Go struct field Outer.Base.labels of type string')
  })
})

describe('values of another type are refused', () => {
  it.each([
    ['list: a\n', 'string into Go struct field Outer.list of type []string'],
    ['map: [a]\n', 'array into Go struct field Outer.map of type map[string]string'],
    ['flag: "true"\n', 'string into Go struct field Outer.flag of type bool'],
    ['count: 1.5\n', 'number 1.5 into Go struct field Outer.count of type int64'],
    ['count: a\n', 'string into Go struct field Outer.count of type int64'],
    ['inner: a\n', 'string into Go struct field Outer.inner of type p.Inner'],
    ['inners: [{b: x}]\n', 'string into Go struct field Inner.inners.b of type int64'],
    ['text: {a: b}\n', 'object into Go struct field Outer.text of type string'],
    ['- a\n', 'array into Go value of type p.Outer'],
    ['any: {a: .nan}\n', 'error converting YAML to JSON: json: unsupported value: NaN'],
  ])('%j', (text, expected) => {
    expect(decode(text)).toBe(expected)
  })
})

describe('floats of 32 bits', () => {
  it.each([
    [1, '1'],
    [0.1, '0.1'],
    [1.1, '1.1'],
    [-2.5, '-2.5'],
    [100000, '100000'],
    [1000000, '1e+06'],
    [1234567.5, '1.2345675e+06'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [3.4e39, '+Inf'],
    [1e-50, '0'],
    [16777217, '1.6777216e+07'],
  ])('%d is %s', (value, expected) => {
    expect(formatFloat32(value)).toBe(expected)
  })
})
