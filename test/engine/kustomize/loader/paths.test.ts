import { describe, expect, it } from 'vitest'
import {
  baseName,
  cleanPath,
  isInOrBelow,
  joinPath,
  parentPath,
} from '../../../../electron/engine/kustomize/loader/paths.ts'

describe('paths', () => {
  it.each([
    ['', '.'],
    ['.', '.'],
    ['/', '/'],
    ['//a//b/', '/a/b'],
    ['a/./b', 'a/b'],
    ['a/../b', 'b'],
    ['a/..', '.'],
    ['../a', '../a'],
    ['../../a/..', '../..'],
    ['/../a', '/a'],
    ['/a/../..', '/'],
  ])('cleans %j to %j', (path, clean) => expect(cleanPath(path)).toBe(clean))

  it.each([
    [['', ''], ''],
    [['/a', 'b/../c'], '/a/c'],
    [['/a', ''], '/a'],
    [['', 'b.yaml'], 'b.yaml'],
    [['../base', 'x.yaml'], '../base/x.yaml'],
  ])('joins %j to %j', (parts, joined) => expect(joinPath(...parts)).toBe(joined))

  it('knows parents, last elements and ancestors', () => {
    expect(parentPath('/a/b')).toBe('/a')
    expect(parentPath('/a')).toBe('/')
    expect([baseName('/a/b'), baseName('b/'), baseName('/'), baseName('')]).toEqual(['b', 'b', '/', '.'])
    expect(isInOrBelow('/a/b', '/a')).toBe(true)
    expect(isInOrBelow('/ab', '/a')).toBe(false)
    expect(isInOrBelow('/a', '/')).toBe(true)
  })
})
