import { describe, expect, test } from 'vitest'
import { parseGitAddress } from '../../../electron/adapters/git/git-address.ts'
import { parseAdvertisement, selectRevision } from '../../../electron/adapters/git/refs.ts'
import { highestVersions } from '../../../electron/adapters/git/version-range.ts'

const sha = (digit: string): string => digit.repeat(40)
const pkt = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text

const advertisement = parseAdvertisement(
  Buffer.from(
    pkt('# service=git-upload-pack\n') +
      '0000' +
      pkt(`${sha('1')} HEAD\0multi_ack side-band-64k symref=HEAD:refs/heads/main\n`) +
      pkt(`${sha('1')} refs/heads/main\n`) +
      pkt(`${sha('2')} refs/heads/feature/x\n`) +
      pkt(`${sha('3')} refs/pull/7/head\n`) +
      pkt(`${sha('4')} refs/tags/v1.2.0\n`) +
      pkt(`${sha('5')} refs/tags/v1.2.0^{}\n`) +
      pkt(`${sha('6')} refs/tags/1.3.0-rc.1\n`) +
      pkt(`${sha('7')} refs/tags/1.2.1+a\n`) +
      pkt(`${sha('8')} refs/tags/1.2.1+b\n`) +
      '0000',
  ),
  'https://git.example/r',
)
const select = (ref: Parameters<typeof selectRevision>[0]['ref'], times: Record<string, number> = {}) =>
  selectRevision({ ref }, advertisement, 'https://git.example/r', (commit) => Promise.resolve(times[commit] ?? 0))

describe('a reference', () => {
  test.each([
    ['branch', { branch: 'main' }, `main@sha1:${sha('1')}`],
    ['branch with a slash', { branch: 'feature/x' }, `feature/x@sha1:${sha('2')}`],
    ['annotated tag, peeled', { tag: 'v1.2.0' }, `v1.2.0@sha1:${sha('5')}`],
    ['name', { name: 'refs/pull/7/head' }, `refs/pull/7/head@sha1:${sha('3')}`],
    ['commit', { commit: sha('9') }, `sha1:${sha('9')}`],
    ['commit on a branch', { commit: sha('9'), branch: 'main' }, `main@sha1:${sha('9')}`],
    ['commit before name', { commit: sha('9'), name: 'refs/heads/main' }, `sha1:${sha('9')}`],
    ['name before tag', { name: 'refs/heads/main', tag: 'v1.2.0' }, `refs/heads/main@sha1:${sha('1')}`],
    ['tag before semver', { tag: 'v1.2.0', semver: '*' }, `v1.2.0@sha1:${sha('5')}`],
    ['semver before branch', { semver: '~1.2.0 <1.2.1', branch: 'main' }, `v1.2.0@sha1:${sha('5')}`],
  ])('by %s', async (_name, ref, revision) => {
    expect((await select(ref)).revision).toBe(revision)
  })
  test('by nothing is master, which is not there', async () => {
    await expect(select({})).rejects.toMatchObject({
      code: 'SourceNotFound',
      message: 'https://git.example/r has no refs/heads/master',
    })
  })
  test('by versions that differ in build metadata is the younger commit', async () => {
    expect((await select({ semver: '1.2.x' }, { [sha('7')]: 2, [sha('8')]: 1 })).revision).toBe(
      `1.2.1+a@sha1:${sha('7')}`,
    )
    expect((await select({ semver: '1.2.x' }, { [sha('7')]: 1, [sha('8')]: 2 })).revision).toBe(
      `1.2.1+b@sha1:${sha('8')}`,
    )
  })
  test('that is a short commit is refused', async () => {
    await expect(select({ commit: 'abc123' })).rejects.toMatchObject({ code: 'SourceNotFound' })
  })
})

describe('a range', () => {
  const tags = ['v1.0.0', '1.1.0', '1.2.0-rc.1', '2.0.0-beta', '2.0.0', '3', '3.0', 'nightly', 'v2.1.0+build']
  test.each([
    ['*', 'v2.1.0+build'],
    ['>=1.0.0 <2.0.0', '1.1.0'],
    ['>=1.0.0, <2.0.0', '1.1.0'],
    ['>= 1.0.0-0 < 2.0.0-0', '1.2.0-rc.1'],
    ['~1.0', 'v1.0.0'],
    ['^1.0.0', '1.1.0'],
    ['1.0 - 1.1', '1.1.0'],
    ['1.x || 2.0.x', '2.0.0'],
    ['!=2.1.0', '2.0.0'],
    ['=1.1.0', '1.1.0'],
    ['v1.1.0', '1.1.0'],
  ])('%s', (range, tag) => {
    expect(highestVersions(range, tags, 'r')).toEqual([tag])
  })
  test('that is none names the source', () => {
    expect(() => highestVersions('latest!', tags, 'https://git.example/r')).toThrow(/git\.example\/r: latest! is not/)
  })
})

describe('an advertisement', () => {
  test.each([
    ['HTML', '<!doctype html>'],
    ['cut in two', pkt(`${sha('1')} HEAD\0x\n`).slice(0, 20)],
    ['a line without a reference', pkt('hello\n')],
  ])('of %s is refused', (_name, text) => {
    expect(() => parseAdvertisement(Buffer.from(text), 'https://git.example/r')).toThrow(/git\.example\/r/)
  })
  test('with an error says it', () => {
    expect(() => parseAdvertisement(Buffer.from(pkt('ERR access denied')), 'r')).toThrow('r: access denied')
  })
})

describe('SECURITY 10: an address', () => {
  test.each([
    ['-oProxyCommand=x'],
    ['ext::sh -c id'],
    ['file:///etc/passwd'],
    ['git://host/x'],
    ['git@host:owner/name.git'],
    ['ssh://-oProxyCommand=x/y'],
    ['ssh://host/-x'],
    ['ssh://-x@host/y'],
    ["ssh://host/a'b"],
    ['ssh://host/a%0ab'],
    ['https://host/'],
    ['https://host/a\nb'],
  ])('%s is refused', (url) => {
    expect(() => parseGitAddress(url)).toThrow(expect.objectContaining({ code: 'GitFailed' }))
  })
  test('is told without what it was given with', () => {
    expect(parseGitAddress('https://user:secret@host:8443/o/n.git').text).toBe('https://host:8443/o/n.git')
    expect(() => parseGitAddress('foo://user:secret@host/x')).toThrow(
      expect.not.objectContaining({ message: /secret/ }),
    )
    expect(parseGitAddress('ssh://git@host/o/n.git')).toMatchObject({ user: 'git', port: 22, path: '/o/n.git' })
  })
})
