import { describe, expect, it } from 'vitest'
import { BuildError } from '../../../../electron/engine/kustomize/build-error.ts'
import { emitNode } from '../../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { parseDocuments } from '../../../../electron/engine/kustomize/yaml/parse.ts'

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof BuildError) return error.message
    throw error
  }
  return 'accepted'
}

/** Expectations are what kustomize 5.8.1 prints. */
describe('resources', () => {
  it.each([
    [
      'keys in natural order',
      'a10: 1\na2: 1\n_u: 1\nB: 1\na: 1\na1b: 1\n"1": 1\n"10": 1\n"9": 1\nA: 1\n',
      '_u: 1\n"1": 1\n"9": 1\n"10": 1\nA: 1\nB: 1\na: 1\na2: 1\na10: 1\na1b: 1\n',
    ],
    [
      'lists under keys',
      'a:\n  - 1\n  - - 2\n    - - 3\n  - b: 1\n    c:\n    - 4\n',
      'a:\n- 1\n- - 2\n  - - 3\n- b: 1\n  c:\n  - 4\n',
    ],
    ['empty collections', 'a: {}\nb: []\nc: [[], {}]\n', 'a: {}\nb: []\nc:\n- []\n- {}\n'],
    ['nulls', 'a:\nb: ~\nc: null\nd: [~]\n', 'a: null\nb: null\nc: null\nd:\n- null\n'],
    ['empty null in flow style is a string', 'a: {b: , c}\nd: [e: ]\n', 'a:\n  b: ""\n  c: ""\nd:\n- e: ""\n'],
    ['flow style never', 'a: {b: [1, {c: d}], e: f}\n', 'a:\n  b:\n  - 1\n  - c: d\n  e: f\n'],
    ['booleans', 'a: True\nb: FALSE\nc: yes\nd: on\n', 'a: true\nb: false\nc: "yes"\nd: "on"\n'],
    [
      'integers',
      'a: 0777\nb: 0o17\nc: 0b11\nd: 0x1F\ne: 1_000\nf: +5\ng: -0\nh: 18446744073709551615\ni: -9223372036854775808\nj: 9007199254740993\n',
      'a: 511\nb: 15\nc: 3\nd: 31\ne: 1000\nf: 5\ng: 0\nh: 18446744073709551615\ni: -9223372036854775808\nj: 9007199254740993\n',
    ],
    [
      'integers beyond 64 bits',
      'a: 18446744073709551616\nb: -9223372036854775809\nc: 100000000000000000000\n',
      'a: 1.8446744073709552e+19\nb: -9.223372036854776e+18\nc: 1e+20\n',
    ],
    [
      'floats',
      'a: 1.0\nb: 1.5e3\nc: 123456789.5\nd: 1e21\ne: 1e-7\nf: .5\ng: 0.000001\nh: 1.2345678901234567890e29\ni: 08\n',
      'a: 1\nb: 1500\nc: 1.234567895e+08\nd: 1e+21\ne: 1e-07\nf: 0.5\ng: 1e-06\nh: 1.2345678901234568e+29\ni: 8\n',
    ],
    [
      'times',
      'a: 2001-01-01\nb: 2001-1-2t3:4:5.600+02:00\nc: 2001-12-14 21:59:43\nd: 2001-01-01T00:00:00-00:00\n',
      'a: "2001-01-01T00:00:00Z"\nb: "2001-01-02T03:04:05.6+02:00"\nc: "2001-12-14T21:59:43Z"\nd: "2001-01-01T00:00:00Z"\n',
    ],
    [
      'tags',
      'a: !!str 5\nb: !!int "5"\nc: !!float 5\nd: !foo 5\ne: !!binary aGk=\nf: ! 5\n',
      'a: "5"\nb: 5\nc: 5\nd: "5"\ne: hi\nf: 5\n',
    ],
    [
      'aliases',
      'a: &x {b: [1, 2]}\nc: *x\nd: [*x]\n',
      'a:\n  b:\n  - 1\n  - 2\nc:\n  b:\n  - 1\n  - 2\nd:\n- b:\n  - 1\n  - 2\n',
    ],
    [
      'merge keys',
      'a: &x {p: 1, q: 2}\nb: &y {q: 3, r: 4}\nc:\n  <<: [*x, *y]\n  r: 5\nd:\n  <<: *x\n',
      'a:\n  p: 1\n  q: 2\nb:\n  q: 3\n  r: 4\nc:\n  p: 1\n  q: 2\n  r: 5\nd:\n  p: 1\n  q: 2\n',
    ],
    ['an anchor set anew', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n', 'a: 1\nb: 1\nc: 2\nd: 2\n'],
    ['a quoted merge sign is dropped', 'a:\n  "<<": 1\n  b: 2\n', 'a:\n  b: 2\n'],
    ['keys of other types at the root', '1: a\ntrue: b\n2.5: c\n', '"1": a\n"2.5": c\n"true": b\n'],
    [
      'literals',
      'a: |\n  x\n   y\n\nb: |+\n  x\n\nc: |-\n  x\nd: |2\n    x\n',
      'a: |\n  x\n   y\nb: |+\n  x\n\nc: x\nd: |2\n    x\n',
    ],
    ['folded', 'a: >\n  x\n  y\n\n  z\nb: >-\n  x\n    y\n  z\n', 'a: |\n  x y\n  z\nb: |-\n  x\n\n    y\n  z\n'],
    [
      'plain over lines',
      'a: x\n  y\n\n  z\nb: "x\n  y \\\n  z"\nc: \'x\n\n  y\'\n',
      'a: |-\n  x y\n  z\nb: x y z\nc: |-\n  x\n  y\n',
    ],
    ['comments', '# a\na: 1 # b\n# c\nb: # d\n  # e\n  - 1 # f\n', 'a: 1\nb:\n- 1\n'],
    ['odd indentation', 'a:\n   b:\n    - 1\n    -   - 2\n        - 3\n', 'a:\n  b:\n  - 1\n  - - 2\n    - 3\n'],
    [
      'complex key at the root of a list',
      '- ? a\n  : b\n- ? "x\\ny"\n  : - 1\n    - 2\n',
      '- a: b\n- ? |-\n    x\n    y\n  : - 1\n    - 2\n',
    ],
  ])('prints: %s', (_name, text, expected) => {
    expect(emitNode(parseDocuments(text)[0]!)).toBe(expected)
  })

  it.each([
    [
      'a key twice',
      'a: 1\nb: 2\na: 3\n',
      'yaml: unmarshal errors:\n  line 3: mapping key "a" already defined at line 1',
    ],
    [
      'a key twice, deeper',
      'x:\n  a: 1\n  a: 2\n  a: 3\n',
      'yaml: unmarshal errors:\n  line 3: mapping key "a" already defined at line 2\n  line 4: mapping key "a" already defined at line 2\n  line 4: mapping key "a" already defined at line 3',
    ],
    ['infinity', 'a: .inf\n', 'json: unsupported value: +Inf'],
    ['not a number', 'a: .nan\n', 'json: unsupported value: NaN'],
    ['a key that is no string, deeper', 'x:\n  1: a\n', 'json: unsupported type: map[interface {}]interface {}'],
    ['a tag that does not fit', 'a: !!int x\n', 'yaml: cannot decode !!str `x` as a !!int'],
    ['binary that is none', 'a: !!binary "*"\n', 'yaml: !!binary value contains invalid base64 data'],
    ['a delete character', 'a: "\\x7f"\n', 'yaml: control characters are not allowed'],
    [
      'a tab where indentation is looked for',
      'a: "x"\nb: |1\n \tx\n y\n',
      'yaml: line 2: found a tab character where an indentation space is expected',
    ],
    [
      'a written null key',
      'a: 1\n~: 2\n',
      'yaml: unmarshal errors:\n  line 3: mapping key "~" already defined at line 2',
    ],
    ['a map as key', '? {a: 1}\n: b\n', 'yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string'],
    [
      'time zone of a whole day',
      'a: 2001-01-01T00:00:00+24:00\n',
      'json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: timezone hour outside of range [0,23]',
    ],
    [
      'a scalar',
      'word\n',
      'yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `word` into map[string]interface {}',
    ],
    [
      'text too long for an excerpt',
      'a longer text\n',
      'yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `a longe...` into map[string]interface {}',
    ],
  ])('refuses: %s', (_name, text, expected) => {
    expect(messageOf(() => emitNode(parseDocuments(text)[0]!))).toBe(expected)
  })
})
