import { describe, expect, it } from 'vitest'
import { exactText, isLongNumber, parseExact } from '../../electron/engine/exact-json.ts'

describe('JSON with long whole numbers', () => {
  it('keeps every digit, wherever the number stands', () => {
    const text =
      '{"a":9007199254740993,"b":[1,-9223372036854775808,9007199254740991],"c":{"d":9223372036854775807},"e":"x:12345678901234567,"}'
    expect(exactText(parseExact(text) as object)).toBe(text)
    expect(JSON.stringify(parseExact(text))).toBe(text)
  })

  it('knows such a number from an object that looks like one', () => {
    const { a, b } = parseExact('{"a":9007199254740993,"b":{"rawJSON":"9007199254740993"}}') as {
      a: unknown
      b: unknown
    }
    expect([a, b, 1, null, '9007199254740993'].map(isLongNumber)).toEqual([true, false, false, false, false])
    expect(parseExact('[9007199254740991,-9007199254740991]')).toEqual([9007199254740991, -9007199254740991])
  })

  it('reads what is beyond 64 bits as the API server does: as a float64', () => {
    expect(parseExact('[9223372036854775808,1e30]')).toEqual([2 ** 63, 1e30])
  })

  it('writes bigints as numbers', () => {
    expect(exactText({ a: 9007199254740993n, b: [1] })).toBe('{"a":9007199254740993,"b":[1]}')
  })

  it('throws for what is no JSON', () => {
    expect(() => parseExact('{"a":9007199254740993,}')).toThrow(SyntaxError)
  })
})
