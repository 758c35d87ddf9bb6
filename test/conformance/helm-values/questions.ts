/** HelmReleases with values of every kind, from everywhere that values can come from. */
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { Chance } from '../../cluster/drift/random.ts'

export interface Question {
  readonly release: KubeObject
  readonly configMaps: Readonly<Record<string, KubeObject>>
  readonly secrets: Readonly<Record<string, KubeObject>>
}

/** Those that paths lead to. */
const common = ['a', 'b', 'list', 'image', 'tag', 'c']
const keys = [
  'a',
  'b',
  'list',
  'image',
  'tag',
  'x.y',
  'true',
  '1',
  'A',
  'ä',
  '😀',
  '￥',
  'z-1',
  'e\u0301',
  'a b',
  'null',
  '~',
  '#c',
  'long'.repeat(40),
]
const numbers = [
  0,
  1,
  -1,
  42,
  0.1,
  1.5,
  -2.25,
  1e21,
  1e-7,
  1e6,
  1234567.5,
  123456789012,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 53 + 4,
  2 ** 62,
  -(2 ** 62),
  1.2345678901234567e19,
  1e308,
  5e-324,
  100000000,
  3e20,
]
const texts = [
  '',
  ' ',
  'a',
  'true',
  'yes',
  'no',
  'null',
  '~',
  '1',
  '0x10',
  '0o17',
  '017',
  '1e3',
  '1_000',
  '.5',
  '12:30:45',
  '2024-01-01',
  '2001-12-14t21:59:43.10-05:00',
  '- a',
  'a: b',
  'a #b',
  '#a',
  '&a',
  '*a',
  '!a',
  '%a',
  '@a',
  '`a',
  "it's",
  '"q"',
  'a\nb',
  'a\nb\n',
  '\na',
  'a\n\n',
  '  a\n b',
  'tab\tin',
  '\ttab',
  'trailing ',
  'ünïcödé',
  '日本語',
  '😀',
  '\u2028',
  'a\u2029b',
  '\u0085',
  '\u00a0',
  '\ufeff',
  '<<',
  '=',
  '<html> & "x"',
  'x'.repeat(100),
  'word '.repeat(30),
  'w '.repeat(90) + '\n' + 'v '.repeat(60),
  '{a}',
  '[a]',
  'a,b',
  'a=b',
  'a\\b',
  '---',
  '...',
  '?',
  ':',
  '-',
  '.inf',
  '.nan',
  '+1',
  '-0',
  '0',
  '١',
  'falſe',
  'NULL',
  '0.0',
  '1.',
  '\u0007bell',
  'null\n',
]
const paths = [
  'a',
  'b',
  'a.b',
  'image.tag',
  'list[0]',
  'list[2].name',
  'list[0][1]',
  'x\\.y',
  'image',
  'a.b.c.d',
  'new.path[1].deep',
  'list[1]',
  'tag',
  'a..b',
  'a.',
  'list[70000]',
  'list[x]',
  'list',
]
const flat = [
  'a',
  '1',
  '007',
  'true',
  'False',
  'NULL',
  'falſe',
  '',
  '{a,b}',
  '{a,1,true',
  '{}',
  'a,b=c',
  'a,b',
  'x=y',
  "'1'",
  '"true"',
  "'",
  'a\\,b',
  '9223372036854775807',
  '9223372036854775808',
  '-5',
  '+7',
  '-0',
  '0',
  '1.5',
  'line\nbreak',
  '[a]',
  'ü😀',
  ' spaced ',
  '\\',
  'a\\',
  '{a},tag=2',
  'a,list[0].q=1',
  'a,list[0].q=',
  'a,new[1',
  '1_000',
  "'{a,b}'",
  '"a,b=c"',
]
const documents = [
  'a: 1\nb: [1, 2.50, x]\n',
  'a: yes\ntag: 010\nimage: {tag: 1.10, pull: ~}\n',
  '# nothing\n',
  '',
  'null\n',
  '- a\n',
  'text\n',
  'a: &x {b: 1}\nimage: *x\n',
  'a: {<<: {b: 1}, c: 2}\n',
  'big: 9007199254740993\nhuge: 123456789012345678901234567890\nuint: 18446744073709551615\n',
  'a: 1\na: 2\n',
  '1: x\ntrue: y\n1.5: z\n',
  'a: [\n',
  '\ta: 1\n',
  'list:\n- {name: a}\n- {name: b}\n',
  'a: !!binary aGk=\n',
  'a: 2024-01-01\nt: 2001-12-14t21:59:43.10-05:00\n',
  'a: |\n  text\n  more\nb: >-\n  fold\n  ed\n',
  'a: .inf\n',
  'a: 1e3\nb: 0x1F\nlist: 0b11\n',
  '---\na: 1\n---\nb: 2\n',
  'a: "\\u2028\\x07\\U0001F600"\n',
  '{"a": {"b": [null, 1e21]}}',
  'image: text\nlist: []\na: {}\n',
  '~: 1\n',
  'ä: 日本\n',
]

/** Sorted by UTF-16 this comes out the other way round. */
export const byteOrder: Question = {
  release: {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'a', namespace: 'b' },
    spec: { values: { '😀': 1, '￥': 2 } },
  },
  configMaps: {},
  secrets: {},
}

export function makeQuestion(chance: Chance): Question {
  const configMaps: Record<string, KubeObject> = {}
  const secrets: Record<string, KubeObject> = {}
  const valuesFrom = Array.from({ length: chance.below(4) }, () => {
    const isSecret = chance.below(2) === 0
    const name = `r${String(chance.below(4))}`
    const isFlat = chance.below(2) === 0
    const key = chance.pick(['values.yaml', 'other'])
    const text = isFlat
      ? chance.pick(flat)
      : chance.below(6) === 0
        ? JSON.stringify(makeMap(chance, 3))
        : chance.pick(documents)
    const into = isSecret ? secrets : configMaps
    const known = into[name]?.['data'] as Record<string, string> | undefined
    // Now and then there is none, or it has another key.
    if (chance.below(12) > 0)
      into[name] = {
        apiVersion: 'v1',
        kind: isSecret ? 'Secret' : 'ConfigMap',
        metadata: { name, namespace: 'b' },
        data: { ...known, [key]: isSecret ? Buffer.from(text).toString('base64') : text },
      }
    return {
      kind: isSecret ? 'Secret' : 'ConfigMap',
      name,
      ...(key === 'values.yaml' ? {} : { valuesKey: chance.below(20) === 0 ? 'absent' : key }),
      ...(isFlat || chance.below(8) === 0 ? { targetPath: chance.pick(paths) } : {}),
      ...(chance.below(3) === 0 ? { optional: true } : {}),
      ...(chance.below(3) === 0 ? { literal: true } : {}),
    }
  })
  const values = chance.below(6) === 0 ? undefined : makeMap(chance, 4)
  return {
    release: {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'a', namespace: 'b' },
      spec: { ...(values === undefined ? {} : { values }), ...(valuesFrom.length === 0 ? {} : { valuesFrom }) },
    },
    configMaps,
    secrets,
  }
}

function makeMap(chance: Chance, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: chance.below(5) }, () => [
      chance.pick(chance.below(3) === 0 ? keys : common),
      makeValue(chance, depth - 1),
    ]),
  )
}

function makeValue(chance: Chance, depth: number): unknown {
  switch (chance.below(depth > 0 ? 9 : 6)) {
    case 0:
      return chance.pick(numbers)
    case 1:
      return chance.below(2 ** 31) * (chance.below(3) - 1) * chance.pick([1, 0.001, 1e9, 1e15])
    case 2:
      return chance.pick([true, false, null])
    case 3:
    case 4:
    case 5:
      return chance.pick(texts)
    case 6:
      return Array.from({ length: chance.below(4) }, () => makeValue(chance, depth - 1))
    default:
      return makeMap(chance, depth)
  }
}
