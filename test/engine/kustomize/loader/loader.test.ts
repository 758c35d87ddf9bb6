import { describe, expect, it } from 'vitest'
import { openTarget } from '../../../../electron/engine/kustomize/loader/loader.ts'
import type { BuildOptions } from '../../../../electron/engine/kustomize/build-context.ts'
import { contextOf, failure } from '../build-tree.ts'

const tree = {
  files: {
    '/app/base/a.yaml': 'a',
    '/app/overlay/b.yaml': 'b',
    '/app/overlay/sub/c.yaml': 'c',
    '/secret/s.yaml': 's',
  },
  directories: ['/app/empty'],
  links: {
    '/app/overlay/inside.yaml': 'sub/c.yaml',
    '/app/overlay/outside.yaml': '/secret/s.yaml',
    '/app/overlay/loop': 'loop',
    '/app/linked': 'overlay',
  },
}

function open(target: string, loadRestrictions: BuildOptions['loadRestrictions'] = 'rootOnly') {
  return openTarget(target, contextOf(tree, { loadRestrictions }))
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('reading files', () => {
  it('reads below the root, through links that stay there', () => {
    const loader = open('/app/overlay')
    expect(textOf(loader.read('b.yaml').bytes)).toBe('b')
    expect(textOf(loader.read('/app/overlay/sub/../b.yaml').bytes)).toBe('b')
    expect(loader.read('inside.yaml').path).toBe('/app/overlay/sub/c.yaml')
  })

  it.each([
    ['../base/a.yaml', 'PathRefused', "security; file '/app/base/a.yaml' is not in or below '/app/overlay'"],
    ['outside.yaml', 'PathRefused', "security; file '/app/overlay/outside.yaml' is not in or below '/app/overlay'"],
    ['sub', 'FileUnreadable', "'/app/overlay/sub' must resolve to a file"],
    [
      'no/such.yaml',
      'FileNotFound',
      "evalsymlink failure on '/app/overlay/no/such.yaml' : lstat /app/overlay/no: no such file or directory",
    ],
    ['b.yaml/x', 'FileNotFound', "evalsymlink failure on '/app/overlay/b.yaml/x' : not a directory"],
    [
      'https://example.com/x.yaml',
      'RemoteNotFetched',
      "remote file 'https://example.com/x.yaml' is not fetched: Sluice renders offline",
    ],
  ])('refuses %s under rootOnly', (path, code, message) => {
    const error = failure(() => open('/app/overlay').read(path))
    expect([error.code, error.message]).toEqual([code, message])
  })

  it('reads anywhere without restrictions', () => {
    const loader = open('/app/overlay', 'none')
    expect(textOf(loader.read('../base/a.yaml').bytes)).toBe('a')
    expect(textOf(loader.read('outside.yaml').bytes)).toBe('s')
    expect(failure(() => loader.read('no.yaml')).message).toBe('open /app/overlay/no.yaml: no such file or directory')
    expect(failure(() => loader.read('sub')).message).toBe('read /app/overlay/sub: is a directory')
  })

  it('names the file where the fault is', () => {
    expect(failure(() => open('/app/overlay').read('../base/a.yaml')).place).toEqual({ file: '/app/base/a.yaml' })
  })
})

describe('opening bases', () => {
  it('follows links to the root', () => {
    expect(open('/app/linked').root).toBe('/app/overlay')
    expect(open('/app/overlay').open('../base').root).toBe('/app/base')
  })

  it.each([
    ['', 'new root cannot be empty'],
    ['/app/base', "new root '/app/base' cannot be absolute"],
    ['b.yaml', "must build at directory: '/app/overlay/b.yaml': file is not directory"],
    [
      'nowhere',
      "must build at directory: not a valid directory: evalsymlink failure on '/app/overlay/nowhere' : lstat /app/overlay/nowhere: no such file or directory",
    ],
    ['.', "cycle detected: candidate root '/app/overlay' contains visited root '/app/overlay'"],
    ['..', "cycle detected: candidate root '/app' contains visited root '/app/overlay'"],
    ['../linked', "cycle detected: candidate root '/app/overlay' contains visited root '/app/overlay'"],
    [
      'https://example.com/org/repo//deploy?ref=v2',
      "remote base 'https://example.com/org/repo//deploy?ref=v2' is not fetched: it is a git repository (https://example.com/org/repo, directory 'deploy', ref 'v2') and Sluice renders offline",
    ],
  ])('refuses %j', (path, message) => {
    expect(failure(() => open('/app/overlay').open(path)).message).toBe(message)
  })

  it('finds a cycle over several bases', () => {
    const base = open('/app/overlay').open('../base')
    expect(failure(() => base.open('../overlay')).code).toBe('Cycle')
    expect(base.open('../empty').root).toBe('/app/empty')
  })

  it('says of a target that it must be a directory', () => {
    expect(failure(() => open('/app/overlay/b.yaml')).message).toBe(
      "must build at directory: '/app/overlay/b.yaml': file is not directory",
    )
    expect(failure(() => open('https://example.com/org/repo')).code).toBe('RemoteNotFetched')
  })
})
