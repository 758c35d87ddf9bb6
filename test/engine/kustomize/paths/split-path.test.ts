/** How paths are split: kyaml's SmarterPathSplitter, and Go's idea of an index. */
import { describe, expect, it } from 'vitest'
import {
  isElementSelector,
  isIndex,
  parseIndex,
  splitEscaped,
  splitPath,
} from '../../../../electron/engine/kustomize/paths/split-path.ts'

describe('paths with dots', () => {
  it.each([
    ['', ['']],
    ['a', ['a']],
    ['a.b', ['a', 'b']],
    ['.a.b', ['a', 'b']],
    ['a..b', ['a', '', 'b']],
    ['a.', ['a', '']],
    ['a\\.b.c', ['a.b', 'c']],
    ['a\\.b\\.c', ['a.b.c']],
    ['[a.b].c', ['a.b', 'c']],
    ['x.[a.b/c].y', ['x', 'a.b/c', 'y']],
    ['x.[name=a.b].y', ['x', '[name=a.b]', 'y']],
    ['[name=a].b', ['[name=a]', 'b']],
    ['a.[b', ['a', 'b']],
    ['a.[b.c', ['a', 'b.c']],
    ['a.[b.c]d.e', ['a', 'b.c]d.e']],
    ['a.b].c', ['a', 'b]', 'c']],
    ['a.[=x.y].z', ['a', '[=x.y]', 'z']],
    ['a.[].b', ['a', '[]', 'b']],
    ['a.[a=b.c=d].e', ['a', '[a=b.c=d]', 'e']],
    ['a.[[b.c]].d', ['a', 'b.c', 'd']],
    ['\\', ['\\']],
    ['a\\', ['a\\']],
    ['[a\\.b].c', ['[a.b]', 'c']],
    ['[a.b', ['a.b']],
    ['[name=a.b', ['[name=a.b']],
    ['a.*.b', ['a', '*', 'b']],
    ['a.0.-', ['a', '0', '-']],
  ])('%j', (path, parts) => {
    expect(splitPath(path)).toEqual(parts)
  })
})

describe('paths with slashes', () => {
  it.each([
    ['a/b', ['a', 'b']],
    ['/a/b', ['a', 'b']],
    ['a\\/b/c', ['a/b', 'c']],
    ['a//b', ['a', '', 'b']],
    ['', ['']],
  ])('%j', (path, parts) => {
    expect(splitEscaped(path, '/')).toEqual(parts)
  })
})

it.each([
  ['0', 0],
  ['12', 12],
  ['+1', 1],
  ['-1', -1],
  ['007', 7],
  ['', null],
  ['-', null],
  ['1a', null],
  ['1.0', null],
  ['0x1', null],
  ['99999999999999999999', null],
])('index %j', (text, index) => {
  expect(parseIndex(text)).toBe(index)
  expect(isIndex(text)).toBe(index !== null && index >= 0)
})

it.each([
  ['[a=b]', true],
  ['[]', true],
  ['[a', false],
  ['a]', false],
])('selector of elements %j', (part, expected) => {
  expect(isElementSelector(part)).toBe(expected)
})
