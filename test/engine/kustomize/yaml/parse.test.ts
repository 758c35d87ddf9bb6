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

const print = (text: string): string => parseDocuments(text).map(emitNode).join('---\n')

/** Expectations are what kustomize 5.8.1 reads and says. */
describe('documents', () => {
  it.each([
    ['nothing', '', ''],
    ['comments only', '# a\n', ''],
    ['an empty document', '---\n', ''],
    ['several documents', 'a: 1\n---\nb: 2\n--- # x\nc: 3\n', 'a: 1\n---\nb: 2\n---\nc: 3\n'],
    ['null documents are left out', '---\n---\na: 1\n---\n# b\n---\nnull\n---\nb: 2\n', 'a: 1\n---\nb: 2\n'],
    ['only the first after an end mark', 'a: 1\n...\n---\nb: 2\n', 'a: 1\n---\nb: 2\n'],
    ['Windows line ends', 'a: 1\r\n---\r\nb: |\r\n  x\r\n  y\r\n', 'a: 1\n---\nb: |\n  x\n  y\n'],
    ['a lone carriage return', 'a: 1\rb: 2\r', 'a: 1\nb: 2\n'],
    ['a byte order mark', '\ufeffa: 1\n', 'a: 1\n'],
    ['no line break at the end', 'a: 1', 'a: 1\n'],
    ['next line as line break', 'a: x\u0085b: y\n', 'a: x\nb: "y"\n'],
    ['line separator in plain text', 'a: x\u2028  y\n', "a: 'x\u2028  y'\n"],
    ['tabs between tokens', 'a:\tb\t# c\nd: [1,\t2]\n', 'a: b\nd:\n- 1\n- 2\n'],
    ['tab before a comment', '# a\n\t# b\na: 1\n', 'a: 1\n'],
    ['colon without space', '{a:b, "c":d, e: f}\n', 'a:b: ""\nc: d\ne: f\n'],
    ['question keys', '? a\n? b\n: c\n', 'a: null\nb: c\n'],
    ['sets', 'a: !!set {b, c}\n', 'a:\n  b: ""\n  c: ""\n'],
    ['pairs in lists', '[a: b, ? c : d, "e": f]\n', '- a: b\n- c: d\n- e: f\n'],
    ['verbatim tags', 'a: !<tag:yaml.org,2002:str> 5\n', 'a: "5"\n'],
    ['anchors on keys and lists', '&a b: &c\n- *a\n', 'b:\n- b\n'],
    ['duplicate anchors', 'a: &x 1\nb: &x 2\nc: *x\n', 'a: 1\nb: 2\nc: 2\n'],
    ['dashes that are text', '- -a\n- --\n- [-, -b]\n', "- -a\n- --\n- - '-'\n  - -b\n"],
    ['indicators that are text', 'a: b?c\nd: -é\ne: x:y\nf: $x%\n', 'a: b?c\nd: -é\ne: x:y\nf: $x%\n'],
    ['hash without space', 'a: b#c\nd: "e"#f\n', 'a: b#c\nd: e\n'],
    ['empty values', 'a:\nb: \n', 'a: null\nb: null\n'],
    ['deep compact lists', '- - - a\n    - b\n  - c\n', '- - - a\n    - b\n  - c\n'],
    ['chomping', '- |+\n  a\n\n- |-\n  a\n\n- |\n  a\n\n- b\n', '- |+\n  a\n\n- a\n- |\n  a\n- b\n'],
    ['indentation indicator', '- |2\n    a\n   b\n', '- |2\n    a\n   b\n'],
    [
      'escapes',
      'a: "\\0\\a\\b\\t\\n\\v\\f\\r\\e\\x41\\u00e9\\U0001F600\\N\\_\\L\\P\\ "\n',
      'a: "\\0\\a\\b\\t\\n\\v\\f\\r\\eAé\\U0001F600 \u00a0\\L\\P "\n',
    ],
    ['folding in quotes', 'a: "x\n\n  y\\\n    z\n  "\n', 'a: "x\\nyz "\n'],
    [
      'long key in flow style',
      '{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: 1}\n',
      '? xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n: 1\n',
    ],
  ])('reads: %s', (_name, text, expected) => {
    expect(print(text)).toBe(expected)
  })

  it.each([
    [
      'a tab as indentation',
      'a:\n\tb: 1\n',
      'MalformedYAMLError: yaml: line 2: found character that cannot start any token',
    ],
    ['no key', 'a: 1\nb\nc: 2\n', "MalformedYAMLError: yaml: line 2: could not find expected ':'"],
    [
      'less indentation than the map',
      'a:\n    b: 1\n  c: 2\n',
      'MalformedYAMLError: yaml: line 2: did not find expected key',
    ],
    ['a list item in a map', 'a: 1\n- b\n', 'MalformedYAMLError: yaml: line 1: did not find expected key'],
    ['two values on a line', 'a: b: c\n', 'MalformedYAMLError: yaml: mapping values are not allowed in this context'],
    ['unclosed quotes', 'a: "b\n', 'MalformedYAMLError: yaml: line 2: found unexpected end of stream'],
    ['unclosed list', 'a: [1, 2\nb: 3\n', "MalformedYAMLError: yaml: line 1: did not find expected ',' or ']'"],
    ['unclosed map', 'a: {b: 1\n', "MalformedYAMLError: yaml: line 1: did not find expected ',' or '}'"],
    ['missing comma', 'a: [1 2, "x" "y"]\n', "MalformedYAMLError: yaml: did not find expected ',' or ']'"],
    ['unknown escape', 'a: "\\q"\n', 'MalformedYAMLError: yaml: found unknown escape character'],
    [
      'surrogate escape',
      'a: "\\ud83d\\ude00"\n',
      'MalformedYAMLError: yaml: found invalid Unicode character escape code',
    ],
    ['short escape', 'a: "\\x4"\n', 'MalformedYAMLError: yaml: did not find expected hexdecimal number'],
    ['unknown anchor', 'a: *b\n', "MalformedYAMLError: yaml: unknown anchor 'b' referenced"],
    ['empty anchor', 'a: & b\n', 'MalformedYAMLError: yaml: did not find expected alphabetic or numeric character'],
    ['undefined tag handle', 'a: !x!y z\n', 'MalformedYAMLError: yaml: found undefined tag handle'],
    ['at sign', 'a: @b\n', 'MalformedYAMLError: yaml: found character that cannot start any token'],
    ['backtick', 'a: `b\n', 'MalformedYAMLError: yaml: found character that cannot start any token'],
    ['percent', 'a: %b\n', 'MalformedYAMLError: yaml: found character that cannot start any token'],
    ['indentation indicator 0', 'a: |0\n  b\n', 'MalformedYAMLError: yaml: found an indentation indicator equal to 0'],
    [
      'text after an indicator',
      'a: | b\n  c\n',
      'MalformedYAMLError: yaml: did not find expected comment or line break',
    ],
    [
      'tab in a literal',
      'a: |\n\tb\n',
      'MalformedYAMLError: yaml: line 2: found a tab character where an indentation space is expected',
    ],
    ['document mark in quotes', 'a: "b\n--- c\n"\n', 'invalid document separator: --- c'],
    ['unknown directive', '%FOO\n---\na: 1\n', 'MalformedYAMLError: yaml: found unknown directive name'],
    ['another version', '%YAML 1.2\n---\na: 1\n', 'MalformedYAMLError: yaml: found incompatible YAML document'],
    [
      'two version directives',
      '%YAML 1.1\n%YAML 1.1\n---\na: 1\n',
      'MalformedYAMLError: yaml: line 1: found duplicate %YAML directive',
    ],
    [
      'directive without a document',
      '%YAML 1.1\na: 1\n',
      'MalformedYAMLError: yaml: line 2: mapping values are not allowed in this context',
    ],
    ['control character', 'a: \u0007\n', 'MalformedYAMLError: yaml: control characters are not allowed'],
    ['delete character', 'a: \u007f\n', 'MalformedYAMLError: yaml: control characters are not allowed'],
    [
      'value indicator out of place',
      '- a\n : b\n',
      "MalformedYAMLError: yaml: line 1: did not find expected '-' indicator",
    ],
    [
      'a key over lines',
      '"a\n b": c\n',
      'MalformedYAMLError: yaml: line 2: mapping values are not allowed in this context',
    ],
    [
      'a key of more than 1,024 characters',
      'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: 1\n',
      'MalformedYAMLError: yaml: mapping values are not allowed in this context',
    ],
    ['separator with text', 'a: 1\n--- b\nc: 2\n', 'invalid document separator: --- b'],
    [
      'error in the second document',
      'a: 1\n---\nb: [\n',
      'MalformedYAMLError: yaml: line 1: did not find expected node content',
    ],
    ['merge of a scalar', 'a:\n  <<: 1\n', 'map merge requires map or sequence of maps as the value'],
    [
      'merge of an alias to a list',
      'a: &x [1]\nb:\n  <<: *x\n',
      'invalid map merge: received alias for a non-map value',
    ],
    ['merge of lists in a list', 'a:\n  <<: [[{b: 1}]]\n', 'invalid map merge: received a nested sequence'],
    ['two merge keys', 'a: &x {b: 1}\nc:\n  <<: *x\n  <<: *x\n', 'duplicate merge key'],
  ])('refuses: %s', (_name, text, expected) => {
    expect(messageOf(() => print(text))).toBe(expected)
  })
})
