import { describe, expect, it } from 'vitest'
import { BuildError } from '../../../../electron/engine/kustomize/build-error.ts'
import { encodeJson } from '../../../../electron/engine/kustomize/yaml/go-json.ts'
import { parseDocuments } from '../../../../electron/engine/kustomize/yaml/parse.ts'
import { nodeToGoValue } from '../../../../electron/engine/kustomize/yaml/to-value.ts'

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof BuildError) return error.message
    throw error
  }
  return 'accepted'
}

function toJson(text: string, isStrict: boolean): string {
  const [node] = parseDocuments(text, { dialect: 'v2' })
  return encodeJson(node === undefined ? null : nodeToGoValue(node, { dialect: 'v2', isStrict }))
}

/** Expectations are what sigs.k8s.io/yaml 1.5.0 gives. */
describe('kustomization files and configs', () => {
  it.each([
    ['yes', 'a: yes\n', '{"a":true}'],
    ['y', 'a: y\n', '{"a":true}'],
    ['Off', 'a: Off\n', '{"a":false}'],
    ['n', 'a: n\n', '{"a":false}'],
    ['~', 'a: ~\n', '{"a":null}'],
    ['empty', 'a: \n', '{"a":null}'],
    ['0777', 'a: 0777\n', '{"a":511}'],
    ['0o17', 'a: 0o17\n', '{"a":15}'],
    ['0b11', 'a: 0b11\n', '{"a":3}'],
    ['0x1F', 'a: 0x1F\n', '{"a":31}'],
    ['1_000', 'a: 1_000\n', '{"a":1000}'],
    ['1e3', 'a: 1e3\n', '{"a":1000}'],
    ['1:20', 'a: 1:20\n', '{"a":"1:20"}'],
    ['2001-01-01', 'a: 2001-01-01\n', '{"a":"2001-01-01"}'],
    ['.5', 'a: .5\n', '{"a":0.5}'],
    ['1.', 'a: 1.\n', '{"a":1}'],
    ['0.1', 'a: 0.1\n', '{"a":0.1}'],
    ['-0', 'a: -0\n', '{"a":0}'],
    ['+1', 'a: +1\n', '{"a":1}'],
    ['18446744073709551615', 'a: 18446744073709551615\n', '{"a":18446744073709551615}'],
    ['18446744073709551616', 'a: 18446744073709551616\n', '{"a":18446744073709552000}'],
    ['!!str yes', 'a: !!str yes\n', '{"a":"yes"}'],
    ['!!float 1', 'a: !!float 1\n', '{"a":1}'],
    ['"yes"', 'a: "yes"\n', '{"a":"yes"}'],
    ["'1'", "a: '1'\n", '{"a":"1"}'],
    ['! 5', 'a: ! 5\n', '{"a":"5"}'],
    ['!foo yes', 'a: !foo yes\n', '{"a":"yes"}'],
    ['<<', 'a: <<\n', '{"a":"\\u003c\\u003c"}'],
    ['a b', 'a: a b\n', '{"a":"a b"}'],
    ['!!binary aGk=', 'a: !!binary aGk=\n', '{"a":"hi"}'],
    ['1.0', 'a: 1.0\n', '{"a":1}'],
    ['123456789.5', 'a: 123456789.5\n', '{"a":123456789.5}'],
    ['0o-7', 'a: 0o-7\n', '{"a":"0o-7"}'],
    ['0b-1', 'a: 0b-1\n', '{"a":-1}'],
  ])('scalar: %s', (_name, text, expected) => {
    expect(toJson(text, false)).toBe(expected)
  })

  it.each([
    ['nothing', '', 'null'],
    ['the first of several', 'a: 1\n---\nb: 2\n', '{"a":1}'],
    ['keys of all types', '1: a\nyes: b\n1.5: c\n', '{"1":"a","1.5":"c","true":"b"}'],
    ['the last of equal keys', 'a: 1\na: 2\n', '{"a":2}'],
    [
      'merge overrides what stands before',
      'x: &x {a: 1}\ny:\n  a: 2\n  <<: *x\nz:\n  <<: *x\n  a: 2\n',
      '{"true":{"a":1},"x":{"a":1},"z":{"a":2}}',
    ],
    [
      'merge list',
      'x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz:\n  <<: [*x, *y]\n',
      '{"true":{"a":2,"b":2},"x":{"a":1},"z":{"a":1,"b":2}}',
    ],
    ['HTML escapes', 'a: <b>&\u2028\n', '{"a":"\\u003cb\\u003e\\u0026"}'],
    ['anchors end with the document', 'a: &x 1\nb: *x\n', '{"a":1,"b":1}'],
    ['multi-line', 'a: |\n  x\nb: >-\n  y\n  z\n', '{"a":"x\\n","b":"y z"}'],
  ])('document: %s', (_name, text, expected) => {
    expect(toJson(text, false)).toBe(expected)
  })

  it.each([
    ['a key twice', 'a: 1\nb: 2\na: 3\n', 'yaml: unmarshal errors:\n  line 3: key "a" already set in map'],
    ['a key twice, deeper', 'x:\n- a: 1\n  a: b\n', 'yaml: unmarshal errors:\n  line 3: key "a" already set in map'],
    ['null key', '~: 1\n', 'unsupported map key of type: %!s(<nil>), key: <nil>, value: 1'],
    ['list as key', '? [a]\n: b\n', 'yaml: invalid map key: []interface {}{"a"}'],
    ['merge of a scalar', '<<: 1\n', 'yaml: map merge requires map or sequence of maps as the value'],
    ['bad tag', 'a: !!int x\n', 'yaml: cannot decode !!str `x` as a !!int'],
    ['bad line', 'a: 1\n b: 2\n', 'yaml: line 2: mapping values are not allowed in this context'],
    ['infinity', 'a: .inf\n', 'json: unsupported value: +Inf'],
    ['tab', 'a:\n\tb: 1\n', 'yaml: line 2: found character that cannot start any token'],
    ['first line', 'a: b: c\n', 'yaml: mapping values are not allowed in this context'],
  ])('strictly refused: %s', (_name, text, expected) => {
    expect(messageOf(() => toJson(text, true))).toBe(expected)
  })
})
