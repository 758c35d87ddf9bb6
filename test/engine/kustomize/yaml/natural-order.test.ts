import { describe, expect, it } from 'vitest'
import { emitNode } from '../../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { parseDocuments } from '../../../../electron/engine/kustomize/yaml/parse.ts'

/** Expectations are what kustomize 5.8.1 prints. */
describe('order of keys', () => {
  it.each([
    ['digits by number', '"a10": 1\n"a9": 1\n"a2": 1\n"a01": 1\n"a1": 1\n', 'a1: 1\na01: 1\na2: 1\na9: 1\na10: 1\n'],
    ['letters last', '"a": 1\n"_": 1\n"1": 1\n"-": 1\n"A": 1\n".": 1\n', '\'-\': 1\n.: 1\n_: 1\n"1": 1\nA: 1\na: 1\n'],
    ['capitals first', '"b": 1\n"B": 1\n"a": 1\n"A": 1\n', 'A: 1\nB: 1\na: 1\nb: 1\n'],
    ['prefixes first', '"ab": 1\n"a": 1\n"abc": 1\n', 'a: 1\nab: 1\nabc: 1\n'],
    [
      'letters beyond ASCII',
      '"é": 1\n"z": 1\n"日": 1\n"😀": 1\n"ß": 1\n',
      '"\\U0001F600": 1\nz: 1\nß: 1\né: 1\n日: 1\n',
    ],
    [
      'zeros',
      '"a0": 1\n"a00": 1\n"a001": 1\n"a1": 1\n"a100": 1\n"a10": 1\n',
      'a0: 1\na00: 1\na1: 1\na001: 1\na10: 1\na100: 1\n',
    ],
    ['versions', '"v1.10": 1\n"v1.9": 1\n"v1.2": 1\n"v1": 1\n', 'v1: 1\nv1.2: 1\nv1.9: 1\nv1.10: 1\n'],
    [
      'names of labels',
      '"app.kubernetes.io/name": 1\n"app": 1\n"app/name": 1\n"app-name": 1\n"app_name": 1\n',
      'app: 1\napp-name: 1\napp.kubernetes.io/name: 1\napp/name: 1\napp_name: 1\n',
    ],
    [
      'long digit runs',
      '"x99999999999999999998": 1\n"x9007199254740993": 1\n"x9007199254740992": 1\n"x1": 1\n',
      'x1: 1\nx9007199254740992: 1\nx9007199254740993: 1\nx99999999999999999998: 1\n',
    ],
  ])('puts: %s', (_name, text, expected) => {
    expect(emitNode(parseDocuments(text)[0]!)).toBe(expected)
  })
})
