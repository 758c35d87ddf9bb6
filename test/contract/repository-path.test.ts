import { expect, it } from 'vitest'
import { contract } from '../../shared/contract/index.ts'

const accepts = (file: unknown): boolean =>
  contract['repository.source'].input.safeParse({ repository: '0123456789abcdef', file }).success

it('SECURITY 7: a file of a repository is a path inside it', () => {
  for (const file of ['a.yaml', 'apps/web/a b.yaml', '..a/b..', '.github/x.yaml', 'ä/日本.yaml'])
    expect(accepts(file)).toBe(true)
  for (const file of [
    '',
    '/etc/passwd',
    '../x',
    'a/../b',
    'a/./b',
    'a//b',
    'a/',
    'a\\b',
    'C:/x',
    'c:x',
    'a\0',
    'x'.repeat(1025),
    7,
    null,
  ])
    expect(accepts(file)).toBe(false)
})

it('SECURITY 7: a repository is named by the id that it was given', () => {
  const watch = (repository: string): boolean => contract['repository.watch'].input.safeParse({ repository }).success
  expect(watch('0123456789abcdef')).toBe(true)
  for (const id of ['', '/fleet', '0123456789ABCDEF', '../0123456789abcd']) expect(watch(id)).toBe(false)
})
