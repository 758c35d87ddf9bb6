/** Folded text is printed and read again before it is output: the differences that upstream's printer makes are ours too. */
import { describe, expect, it } from 'vitest'
import { emitNode } from '../../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { parseDocuments } from '../../../../electron/engine/kustomize/yaml/parse.ts'

const print = (text: string): string => emitNode(parseDocuments(text)[0]!)

describe('folded text', () => {
  it.each([
    ['a line break between plain lines is a space', 'a: >-\n  x\n  y\n', 'a: x y\n'],
    ['a break before an indented line comes twice', 'a: >-\n  x\n    y\n  z\n', 'a: |-\n  x\n\n    y\n  z\n'],
    ['the end of the line is kept', 'a: >\n  x(\n    y\n  )\n', 'a: |\n  x(\n\n    y\n  )\n'],
    ['literal text stays', 'a: |-\n  x\n    y\n  z\n', 'a: |-\n  x\n    y\n  z\n'],
    ['a trailing space would make it quoted: nothing changes', 'a: >-\n  x \n    y\n', 'a: "x \\n  y"\n'],
    ['blank lines stay', 'a: >-\n  x\n\n  y\n', 'a: |-\n  x\n  y\n'],
  ])('%s', (_name, text, expected) => {
    expect(print(text)).toBe(expected)
  })
})
