import { describe, expect, it } from 'vitest'
import { cloneAddress, isRemoteFile, parseRepoSpec } from '../../../../electron/engine/kustomize/loader/repo-spec.ts'

describe('parseRepoSpec', () => {
  it.each([
    ['https://example.com/org/repo', 'https://example.com/org/repo', '', ''],
    ['https://example.com/org/repo/a/b?ref=v1', 'https://example.com/org/repo', 'a/b', 'v1'],
    ['https://example.com/deep/group/repo.git/a?version=x', 'https://example.com/deep/group/repo.git', 'a', 'x'],
    ['https://example.com/deep/group/repo//a?ref=a%2Fb', 'https://example.com/deep/group/repo', 'a', 'a/b'],
    ['git@example.com:org/repo.git//a', 'git@example.com:org/repo.git', 'a', ''],
    ['git::https://example.com/org/repo/a', 'https://example.com/org/repo', 'a', ''],
    ['GitHub.com/org/repo/a', 'https://github.com/org/repo', 'a', ''],
    ['git@github.com/org/repo', 'git@github.com:org/repo', '', ''],
    ['ssh://git@example.com/org/repo', 'ssh://git@example.com/org/repo', '', ''],
    ['ssh://github.com/org/repo', 'github.com:org/repo', '', ''],
    ['https://user@example.com/a/_git/repo/x/y', 'https://user@example.com/a/_git/repo', 'x/y', ''],
    ['file:///srv/repo', 'file:///srv/repo', '', ''],
    ['package@v1.28.0.example/configs/base', 'package@v1.28.0.example/configs/base', '', ''],
  ])('%s', (address, clone, rootPath, ref) => {
    const spec = parseRepoSpec(address)
    expect(spec && { clone: cloneAddress(spec), rootPath: spec.rootPath, ref: spec.ref }).toEqual({
      clone,
      rootPath,
      ref,
    })
  })

  it.each([
    '/absolute/path',
    '../base',
    'base',
    'a/b/c.yaml',
    'https://example.com/only',
    'https://example.com/org/repo//../outside',
    'ftp://example.com/org/repo',
    '1user@example.com:a/b',
  ])('%s is no repository', (address) => expect(parseRepoSpec(address)).toBeNull())
})

describe('isRemoteFile', () => {
  it.each([
    ['https://example.com/a.yaml', true],
    ['HTTP://example.com/a.yaml', true],
    ['https:', true],
    ['example.com/a.yaml', false],
    ['ssh://example.com/a', false],
    ['https://example.com/a\nb', false],
    ['https://exa mple.com/a', false],
    ['a.yaml', false],
  ])('%j: %s', (path, isRemote) => expect(isRemoteFile(path)).toBe(isRemote))
})
