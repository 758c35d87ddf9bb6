import { describe, expect, it } from 'vitest'
import { emitV3 } from '../../../../electron/engine/kustomize/yaml/emit-v3.ts'
import { parseDocuments } from '../../../../electron/engine/kustomize/yaml/parse.ts'

/** Expectations are what kyaml 0.21.1's RNode.String gives. */
describe('node text', () => {
  it.each([
    ['order and styles stay', 'b: "x"\na: \'y\'\nc: z\n', 'b: "x"\na: \'y\'\nc: z\n'],
    ['lists are compact', 'a:\n    - 1\n    -   b: 2\n        c: 3\n', 'a:\n- 1\n- b: 2\n  c: 3\n'],
    ['flow style stays', 'a: {b: [1, "x"], c: }\n', 'a: {b: [1, "x"], c: \'\'}\n'],
    ['empty values', 'a:\nb: ""\nc: ~\n', 'a:\nb: ""\nc: ~\n'],
    ['literal and folded', 'a: |\n  x\n\n  y\nb: >-\n  x\n  y\n', 'a: |\n  x\n\n  y\nb: >-\n  x y\n'],
    ['custom tags', 'a: !foo x\nb: !foo {c: d}\nc: !foo\n- d\n', 'a: !foo x\nb: !foo {c: d}\nc: !foo\n- d\n'],
    ['lines in quotes', 'a: "x\\ny"\nb: \'x\n\n  y\'\n', 'a: "x\\ny"\nb: \'x\n\n  y\'\n'],
    ['complex keys', '? "x\\ny"\n: - 1\n? {}\n: a\n', '? "x\\ny"\n: - 1\n{}: a\n'],
    ['nested lists', '- - a\n  - b\n- c:\n  - d\n', '- - a\n  - b\n- c:\n  - d\n'],
    ['a word', 'a: "word"\n', 'a: "word"\n'],
    ['empty', 'a: ""\n', 'a: ""\n'],
    ['YAML 1.1 booleans', 'a: "yes"\n', 'a: "yes"\n'],
    ['one letter that is a boolean', 'a: "y"\n', 'a: "y"\n'],
    ['upper-case OFF', 'a: "OFF"\n', 'a: "OFF"\n'],
    ['null word', 'a: "null"\n', 'a: "null"\n'],
    ['tilde', 'a: "~"\n', 'a: "~"\n'],
    ['an integer', 'a: "12"\n', 'a: "12"\n'],
    ['leading zero', 'a: "0777"\n', 'a: "0777"\n'],
    ['octal of YAML 1.2', 'a: "0o17"\n', 'a: "0o17"\n'],
    ['a binary number', 'a: "0b11"\n', 'a: "0b11"\n'],
    ['hexadecimal', 'a: "0x1F"\n', 'a: "0x1F"\n'],
  ])('prints: %s', (_name, text, expected) => {
    expect(
      parseDocuments(text)
        .map((node) => emitV3(node))
        .join('---\n'),
    ).toBe(expected)
  })
})
