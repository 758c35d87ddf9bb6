import { describe, expect, it } from 'vitest'
import { BuildError } from '../../../../electron/engine/kustomize/build-error.ts'
import { decodeJson, encodeJson } from '../../../../electron/engine/kustomize/yaml/go-json.ts'

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof BuildError) return error.message
    throw error
  }
  return 'accepted'
}

/** Expectations are what Go's encoding/json gives. */
describe('JSON', () => {
  it.each([
    ['an object', ' {"b": 1, "a": [true, false, null]} ', '{"a":[true,false,null],"b":1}'],
    ['escapes', '"\\u0041\\n\\t\\/\\"\\\\ \\ud83d\\ude00"', '"A\\n\\t/\\"\\\\ 😀"'],
    ['a lone surrogate', '"\\ud83d x"', '"� x"'],
    ['HTML', '"<a>&\u2028"', '"\\u003ca\\u003e\\u0026\\u2028"'],
    ['equal keys', '{"a":1,"a":2}', '{"a":2}'],
    ['order of bytes', '{"":1,"😀":2,"a":3,"B":4}', '{"B":4,"a":3,"":1,"😀":2}'],
    ['control characters', '"\\u0001\\u001f\\b\\f"', '"\\u0001\\u001f\\b\\f"'],
    ['numbers', '[0, -0, 1.5, 1e3, 1E-7, 1e21]', '[0,-0,1.5,1000,1e-7,1e+21]'],
  ])('reads and writes: %s', (_name, text, expected) => {
    expect(encodeJson(decodeJson(text))).toBe(expected)
  })

  it.each([
    ['nothing', '', 'unexpected end of JSON input'],
    ['a word', 'tru', "invalid character ' ' in literal true (expecting 'e')"],
    ['a wrong word', 'trux', "invalid character 'x' in literal true (expecting 'e')"],
    ['a comma too much', '[1,]', "invalid character ']' looking for beginning of value"],
    ['no comma', '[1 2]', "invalid character '2' after array element"],
    ['no colon', '{"a" 1}', "invalid character '1' after object key"],
    ['no key', '{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['a comma after the last entry', '{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['text behind', '1 2', "invalid character '2' after top-level value"],
    ['an unclosed string', '"a', 'unexpected end of JSON input'],
    ['a raw line break', '"a\nb"', "invalid character '\\n' in string literal"],
    ['an unknown escape', '"\\x"', "invalid character 'x' in string escape code"],
    ['a short escape', '"\\u12"', "invalid character '\"' in \\u hexadecimal character escape"],
    ['a leading zero', '01', "invalid character '1' after top-level value"],
    ['no digits', '-', "invalid character ' ' in numeric literal"],
    ['no fraction', '1.', "invalid character ' ' after decimal point in numeric literal"],
    ['no exponent', '1e', "invalid character ' ' in exponent of numeric literal"],
    ['too large', '1e999', 'json: cannot unmarshal number 1e999 into Go value of type float64'],
    ['single quotes', "'a'", "invalid character '\\'' looking for beginning of value"],
    ['a letter beyond ASCII', 'é', "invalid character 'Ã' looking for beginning of value"],
    ['an unclosed list', '[1', 'unexpected end of JSON input'],
    ['an unclosed object', '{"a":1', 'unexpected end of JSON input'],
  ])('refuses: %s', (_name, text, expected) => {
    expect(messageOf(() => decodeJson(text))).toBe(expected)
  })
})
