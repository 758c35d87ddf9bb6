import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combineParts, ShamirFault } from '../../../electron/engine/decrypt/keys/shamir.ts'
import { makeEncryptionRule } from '../../../electron/engine/decrypt/tree/encryption-rule.ts'
import {
  canonicalTime,
  decodeBase64,
  encodeBase64,
  formatFloatGeneral,
  formatFloatJson,
  formatFloatPlain,
  formatJsonString,
  parseGoInt,
} from '../../../electron/engine/decrypt/tree/go-format.ts'

describe('numbers as Go prints them', () => {
  test.each([
    [1000000, '1e+06', '1000000', '1000000'],
    [1234567, '1.234567e+06', '1234567', '1234567'],
    [100000, '100000', '100000', '100000'],
    [0.0001, '0.0001', '0.0001', '0.0001'],
    [0.00001, '1e-05', '0.00001', '0.00001'],
    [1e-7, '1e-07', '0.0000001', '1e-7'],
    [1e21, '1e+21', '1000000000000000000000', '1e+21'],
    [123456789.5, '1.234567895e+08', '123456789.5', '123456789.5'],
    [-0, '-0', '-0', '-0'],
    [5e-324, '5e-324', `0.${'0'.repeat(323)}5`, '5e-324'],
  ])('%d', (value, general, plain, json) => {
    expect(formatFloatGeneral(value)).toBe(general)
    expect(formatFloatPlain(value)).toBe(plain)
    expect(formatFloatJson(value)).toBe(json)
  })

  test('every float reads back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Object.is(Number(formatFloatPlain(value)), value)).toBe(true)
        expect(Object.is(Number(formatFloatGeneral(value)), value)).toBe(true)
        expect(Object.is(Number(formatFloatJson(value)), value)).toBe(true)
      }),
      { seed: 1 },
    )
  })

  test('integers keep to 64 bits', () => {
    expect(parseGoInt('9223372036854775807')).toBe(9223372036854775807n)
    expect(parseGoInt('9223372036854775808')).toBe(null)
    expect(parseGoInt('+5')).toBe(5n)
    expect(parseGoInt('1_0')).toBe(null)
  })
})

test('base64 as Go reads and writes it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes)
    }),
    { seed: 1 },
  )
  expect(decodeBase64('YQ==\n')).toEqual(Uint8Array.of(97))
  for (const bad of ['YQ', 'YQ=', 'Y', 'YQ==YQ==', 'Y Q=', '-_==', 'é']) expect(decodeBase64(bad)).toBe(null)
})

test.each([
  ['2026-01-02T03:04:05Z', false, '2026-01-02T03:04:05Z'],
  ['2026-01-02T03:04:05.100+02:00', false, '2026-01-02T03:04:05.1+02:00'],
  ['2026-01-02T03:04:05+00:00', false, '2026-01-02T03:04:05Z'],
  ['2026-02-30T03:04:05Z', false, null],
  ['2026-01-02', false, null],
  ['2026-1-2', true, '2026-01-02T00:00:00Z'],
  ['2001-12-14 21:59:43.10', true, '2001-12-14T21:59:43.1Z'],
  ['2001-12-14t21:59:43.10-05:00', true, '2001-12-14T21:59:43.1-05:00'],
])('the time %s (YAML: %s) is %s', (text, isYaml, expected) => {
  expect(canonicalTime(text, isYaml)).toBe(expected)
})

test('strings as encoding/json escapes them', () => {
  expect(formatJsonString('<a href="&">\u2028\u0007\t\ud800')).toBe(
    '"\\u003ca href=\\"\\u0026\\"\\u003e\\u2028\\u0007\\t\ufffd"',
  )
})

describe('rules', () => {
  const none = {
    unencryptedSuffix: '',
    encryptedSuffix: '',
    unencryptedRegex: '',
    encryptedRegex: '',
    unencryptedCommentRegex: '',
    encryptedCommentRegex: '',
  }

  test.each([
    ['^(data|stringData)$', 'data', true],
    ['^(data|stringData)$', 'dataX', false],
    ['^data$', 'data', true],
    ['^a|b$', 'xb', true],
    ['^a|b$', 'ax', true],
    ['^a|b$', 'xa', false],
    ['dat', 'my-data', true],
    ['(?i)DATA', 'data', true],
    ['[', 'data', false],
    ['(a+)+$', `${'a'.repeat(50_000)}!`, false],
  ])('%s on %s: %s', (pattern, name, expected) => {
    const rule = makeEncryptionRule({ ...none, encryptedRegex: pattern })
    expect(rule(['spec', name], [], false)).toBe(expected)
    expect(makeEncryptionRule({ ...none, unencryptedRegex: pattern })(['spec', name], [], false)).toBe(!expected)
  })
})

test('Shamir parts that do not belong together are refused', () => {
  const part = (...bytes: number[]) => Uint8Array.from(bytes)
  expect(() => combineParts([part(1, 1)])).toThrow(ShamirFault)
  expect(() => combineParts([part(1, 1), part(2, 1)])).toThrow('duplicate part')
  expect(() => combineParts([part(1, 1), part(2, 2, 2)])).toThrow('same length')
  expect(() => combineParts([part(1), part(2)])).toThrow('at least two bytes')
  expect(combineParts([part(3, 1), part(5, 2)])).toEqual(combineParts([part(5, 2), part(3, 1)]))
})
