/** Go's quoting of texts in messages. */
import { expect, it } from 'vitest'
import { quoteGo } from '../../../../electron/engine/kustomize/selector/quote-go.ts'

it.each([
  ['', '""'],
  ['a', '"a"'],
  ['a"b', '"a\\"b"'],
  ['a\\b', '"a\\\\b"'],
  ['a\nb\tc\r', '"a\\nb\\tc\\r"'],
  ['\u0000\u0007\b\f\u000b', '"\\x00\\a\\b\\f\\v"'],
  ['\u007f', '"\\x7f"'],
  ['\u00e9', '"\u00e9"'],
  ['\u65e5\u672c', '"\u65e5\u672c"'],
  ['\ud83d\ude00', '"\ud83d\ude00"'],
  ['\u00a0', '"\\u00a0"'],
  ['\u2028', '"\\u2028"'],
  ['\ufeff', '"\\ufeff"'],
  ['\u00ad', '"\\u00ad"'],
  ['\udb40\udc01', '"\\U000e0001"'],
  ['\u0301', '"\u0301"'],
  ['\ufffd', '"\ufffd"'],
  ['`', '"`"'],
  ["'", '"\'"'],
  ['<&>', '"<&>"'],
])('%j', (text, quoted) => {
  expect(quoteGo(text)).toBe(quoted)
})
