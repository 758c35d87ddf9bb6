/** What source-controller leaves out of an artifact. */
import { describe, expect, it } from 'vitest'
import { artifactFiles, createIgnoreMatcher, readIgnorePatterns } from '../../../electron/engine/build/source-ignore.ts'
import { createMemoryFiles } from '../../conformance/memory-files.ts'

function isIgnored(patterns: string, path: string, domain: readonly string[] = []): boolean {
  const isDirectory = path.endsWith('/')
  return createIgnoreMatcher(readIgnorePatterns(patterns, domain))(path.replace(/\/$/, '').split('/'), isDirectory)
}

describe('patterns', () => {
  it.each([
    [
      'by default',
      '',
      ['.git/x', 'a/.gitignore', 'a.png', 'deep/er/x.zip', '.github/w.yaml', 'a/.sops.yaml'],
      ['a.yaml', 'git/x'],
    ],
    ['of a name match at any depth', 'secret.yaml', ['secret.yaml', 'a/secret.yaml', 'secret.yaml/x'], ['secret.yml']],
    ['with a slash match from the top', 'a/b', ['a/b', 'a/b/c'], ['x/a/b', 'a', 'b']],
    ['with a leading slash match at the top', '/a', ['a', 'a/b'], ['x/a']],
    ['with a trailing slash match directories', 'a/', ['a/', 'a/x', 'x/a/y'], ['a']],
    ['with two stars match at any depth', '**/b/c', ['b/c', 'a/b/c', 'a/x/b/c/d'], ['b/x', 'a/c']],
    ['with a star stay in one element', 'a/*.yaml', ['a/x.yaml'], ['a/b/x.yaml']],
    ['with sets and escapes', '[a-c]?.yaml\n\\!x', ['ax.yaml', '!x'], ['dx.yaml', 'a.yaml', 'x']],
    ['that include win when they come later', '/*\n!/apps', ['x', 'x/y'], ['apps', 'apps/a.yaml']],
    ['that include lose when they come first', '!a\na', ['a'], []],
    ['take the place of defaults', '!a.png', ['.gitignore', 'x/.gitmodules'], ['a.png', 'b.png', '.sops.yaml']],
    ['in comments and blank lines are none', '# a\n\n   \n#b', [], ['a', '# a', 'b']],
    ['lose spaces at their end', 'a  \nb\\ ', ['a', 'b '], ['b']],
    ['that are malformed match nothing', '[a\na/[', [], ['[a', 'a', 'a/[']],
  ])('%s', (_name, patterns, ignored, kept) => {
    expect(ignored.filter((path) => !isIgnored(patterns, path))).toEqual([])
    expect(kept.filter((path) => isIgnored(patterns, path))).toEqual([])
  })

  it('of a file in a directory count from there', () => {
    expect(isIgnored('/x.yaml', 'apps/x.yaml', ['apps'])).toBe(true)
    expect(isIgnored('/x.yaml', 'x.yaml', ['apps'])).toBe(false)
    expect(isIgnored('x.yaml', 'apps/deep/x.yaml', ['apps'])).toBe(true)
    expect(isIgnored('apps', 'apps/', ['apps'])).toBe(false)
  })

  it('do not backtrack for ever', () => {
    expect(isIgnored(`${'*a'.repeat(40)}b`, 'a'.repeat(20_000))).toBe(false)
  })
})

describe('the artifact of a tree', () => {
  const tree = createMemoryFiles({
    files: {
      '/repo/.sourceignore': '/docs\n*.secret.yaml\n',
      '/repo/apps/.sourceignore': '/local\n',
      '/repo/apps/a.yaml': 'a',
      '/repo/apps/b.secret.yaml': 'b',
      '/repo/apps/local/l.yaml': 'l',
      '/repo/docs/d.yaml': 'd',
      '/repo/docs/keep.yaml': 'k',
      '/repo/.git/config': 'c',
      '/repo/local/top.yaml': 't',
    },
    links: { '/repo/apps/link.yaml': 'a.yaml', '/repo/linked': 'apps' },
  })
  const walk = (specIgnore: string | null): string[] => {
    const files = artifactFiles(tree, '/repo', specIgnore)
    const found: string[] = []
    const visit = (path: string): void => {
      for (const name of files.list(path)) {
        const child = `${path}/${name}`
        if (files.stat(child) === 'directory') visit(child)
        else found.push(child.slice('/repo/'.length))
      }
    }
    visit('/repo')
    return found
  }

  it('has no ignored files and no links', () => {
    expect(walk(null)).toEqual(['.sourceignore', 'apps/.sourceignore', 'apps/a.yaml', 'local/top.yaml'])
  })

  it('is what the source says last', () => {
    expect(walk('/*\n!/apps\n')).toEqual([
      'apps/.sourceignore',
      'apps/a.yaml',
      'apps/b.secret.yaml',
      'apps/local/l.yaml',
    ])
  })

  it('keeps a file that is included in a directory that is not', () => {
    expect(walk('!/docs/keep.yaml\n')).toContain('docs/keep.yaml')
    expect(walk('!/docs/keep.yaml\n')).not.toContain('docs/d.yaml')
  })

  it('cannot be read around', () => {
    const files = artifactFiles(tree, '/repo', null)
    expect(files.stat('/repo/docs/d.yaml')).toBeNull()
    expect(() => files.read('/repo/docs/d.yaml')).toThrow('left out of the artifact')
    expect(() => files.realPath('/repo/linked')).toThrow('left out of the artifact')
    expect(new TextDecoder().decode(files.read('/repo/apps/a.yaml'))).toBe('a')
  })
})
