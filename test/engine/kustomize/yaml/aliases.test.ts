import { describe, expect, it } from 'vitest'
import { emitNode } from '../../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { parseDocuments } from '../../../../electron/engine/kustomize/yaml/parse.ts'

/** Expectations are what kustomize 5.8.1 prints. */
describe('aliases and merge keys', () => {
  it.each([
    ['a scalar', 'a: &x 1\nb: *x\n', 'a: 1\nb: 1\n'],
    ['a list inside a list', 'a: &x [1]\nb: [*x, *x]\n', 'a:\n- 1\nb:\n- - 1\n- - 1\n'],
    ['an alias as key', 'a: &x k\n*x : 1\n', 'a: k\nk: 1\n'],
    ['anchors of documents stay apart', 'a: &x 1\nb: *x\n---\na: 1\n', 'a: 1\nb: 1\n---\na: 1\n'],
    [
      "an alias inside its anchor's sibling",
      'a: &x {b: &y [1], c: *y}\nd: *x\n',
      'a:\n  b:\n  - 1\n  c:\n  - 1\nd:\n  b:\n  - 1\n  c:\n  - 1\n',
    ],
    [
      'merge: own fields win',
      'a: &x {p: 1, q: 1}\nb:\n  <<: *x\n  q: 2\nc:\n  q: 2\n  <<: *x\n',
      'a:\n  p: 1\n  q: 1\nb:\n  p: 1\n  q: 2\nc:\n  p: 1\n  q: 2\n',
    ],
    [
      'merge: the first source wins',
      'a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc:\n  <<: [*x, *y]\n',
      'a:\n  p: 1\nb:\n  p: 2\n  q: 2\nc:\n  p: 1\n  q: 2\n',
    ],
    ['merge of a map on the spot', 'a:\n  <<: {p: 1}\n  q: 2\n', 'a:\n  p: 1\n  q: 2\n'],
    [
      'merge of a merged map',
      'a: &x {p: 1}\nb: &y\n  <<: *x\n  q: 2\nc:\n  <<: *y\n',
      'a:\n  p: 1\nb:\n  p: 1\n  q: 2\nc:\n  p: 1\n  q: 2\n',
    ],
    ['merge in a list', '- &x {p: 1}\n- <<: *x\n  q: 2\n', '- p: 1\n- p: 1\n  q: 2\n'],
    ['explicit merge tag', 'a: &x {p: 1}\nb:\n  !!merge <<: *x\n', 'a:\n  p: 1\nb:\n  p: 1\n'],
    ['a merge sign as value', 'a: <<\nb: [<<]\n', 'a: <<\nb:\n- <<\n'],
    ['anchors before tags', 'a: &x !!str 5\nb: !!str &y 6\nc: [*x, *y]\n', 'a: "5"\nb: "6"\nc:\n- "5"\n- "6"\n'],
    ['an anchored null', 'a: &x\nb: *x\n', 'a: null\nb: null\n'],
    ['an anchor on an empty list', 'a: &x []\nb: *x\n', 'a: []\nb: []\n'],
  ])('resolves: %s', (_name, text, expected) => {
    expect(parseDocuments(text).map(emitNode).join('---\n')).toBe(expected)
  })
})
