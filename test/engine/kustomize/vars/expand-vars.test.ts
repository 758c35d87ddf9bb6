/** `$(NAME)` in texts: escapes, what is no reference, and values that keep their type. */
import { describe, expect, it } from 'vitest'
import type { VarValue } from '../../../../electron/engine/kustomize/vars/expand-vars.ts'
import { expandVars } from '../../../../electron/engine/kustomize/vars/expand-vars.ts'
import { formatGoFloat, formatPlainFloat } from '../../../../electron/engine/kustomize/vars/go-float.ts'

const values: Record<string, VarValue> = {
  S: 'text',
  I: 12n,
  F: 1.5,
  B: true,
  E: '',
  R: '$(S)',
  BIG: 9007199254740993n,
}
const expand = (text: string): VarValue =>
  expandVars(text, (name) => (Object.hasOwn(values, name) ? values[name] : undefined))

describe('expansion', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['$(S)', 'text'],
    ['a$(S)b$(S)', 'atextbtext'],
    ['$(I)', 12n],
    ['$(F)', 1.5],
    ['$(B)', true],
    ['$(BIG)', 9007199254740993n],
    ['x$(I)-$(F)-$(B)', 'x12-1.5-true'],
    ['$(E)', ''],
    ['$(R)', '$(S)'],
    ['$(NONE)', '$(NONE)'],
    ['a$(NONE)', 'a$(NONE)'],
    ['$()', '$()'],
    ['$( S )', '$( S )'],
    ['$(constructor)', '$(constructor)'],
    ['$$', '$'],
    ['$$(S)', '$(S)'],
    ['$$$(S)', '$text'],
    ['$$$$', '$$'],
    ['$', '$'],
    ['a$', 'a$'],
    ['$(', '$('],
    ['$(S', '$(S'],
    ['$($(S))', '$($(S))'],
    ['$x$(S)', '$xtext'],
    ['${S}', '${S}'],
    ['$(S)$', 'text$'],
    ['é$(S)ü', 'étextü'],
    ['$(S)\n$(I)', 'text\n12'],
  ] as const)('%s', (text, expected) => {
    expect(expand(text)).toBe(expected)
  })

  it('breaks a character behind a dollar sign, as upstream does', () => {
    // The first byte is taken for a character of its own, and what is no UTF-8 then is written as base64.
    expect(expand('$é')).toBe(btoa('$\u00c3\u0083\u00a9'))
    expect(expand('a$(S)$€b')).toBe(btoa('atext$\u00c3\u00a2\u0082\u00acb'))
  })
})

describe('floats', () => {
  it.each([
    [1, '1', '1'],
    [0, '0', '0'],
    [-0, '-0', '-0'],
    [1.5, '1.5', '1.5'],
    [-12.25, '-12.25', '-12.25'],
    [0.0001, '0.0001', '0.0001'],
    [0.00001, '1e-05', '0.00001'],
    [1e20, '100000000000000000000', '100000000000000000000'],
    [1e21, '1e+21', '1000000000000000000000'],
    [1.25e-7, '1.25e-07', '0.000000125'],
  ])('%d', (value, inText, alone) => {
    expect(formatGoFloat(value)).toBe(inText)
    expect(formatPlainFloat(value)).toBe(alone)
  })
})
