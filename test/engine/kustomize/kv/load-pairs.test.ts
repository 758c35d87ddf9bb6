import { describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../../../electron/engine/kustomize/kv/base64.ts'
import {
  loadPairs,
  parseEnvLine,
  parseFileSource,
  parseLiteral,
} from '../../../../electron/engine/kustomize/kv/load-pairs.ts'
import { openTarget } from '../../../../electron/engine/kustomize/loader/loader.ts'
import { contextOf, failure } from '../build-tree.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('literals', () => {
  it.each([
    ['a=b', 'a', 'b'],
    ['a=', 'a', ''],
    ['a=b=c', 'a', 'b=c'],
    ['a="b c"', 'a', 'b c'],
    ["a='b'", 'a', 'b'],
    ['a="b', 'a', '"b'],
    ['a="', 'a', '"'],
    ['a=""', 'a', ''],
    [' a = b ', ' a ', ' b '],
  ])('%j', (source, key, value) => expect(parseLiteral(source)).toEqual({ key, value }))

  it.each(['a', '=b', ''])('refuses %j', (source) => {
    expect(failure(() => parseLiteral(source)).message).toBe(`invalid literal source ${source}, expected key=value`)
  })
})

describe('file sources', () => {
  it.each([
    ['a/b.txt', 'b.txt', 'a/b.txt'],
    ['k=a/b.txt', 'k', 'a/b.txt'],
  ])('%s', (source, key, path) => expect(parseFileSource(source)).toEqual({ key, path }))

  it.each([
    ['=p', 'missing key name for file path "p" in source "=p"'],
    ['k=', 'missing file path for key name "k" in source "k="'],
    ['k==p', 'source "k==p" key name or file path contains \'=\''],
  ])('refuses %s', (source, message) => expect(failure(() => parseFileSource(source)).message).toBe(message))
})

describe('lines of env files', () => {
  it.each([
    ['A=b', { key: 'A', value: 'b' }],
    ['  A=b  ', { key: 'A', value: 'b  ' }],
    ['A', { key: 'A', value: '' }],
    ['A=b=c', { key: 'A', value: 'b=c' }],
    ['A="b"', { key: 'A', value: '"b"' }],
    ['# A=b', null],
    ['   ', null],
    ['=b', null],
    ['\u00a0A=b', { key: 'A', value: 'b' }],
  ])('%j', (line, pair) => expect(parseEnvLine(bytes(line), 3, '/x.env')).toEqual(pair))

  it('drops a byte order mark from the first line only', () => {
    expect(parseEnvLine(bytes('\ufeffA=b'), 0, '/x.env')).toEqual({ key: 'A', value: 'b' })
    expect(parseEnvLine(bytes('\ufeffA=b'), 1, '/x.env')).toEqual({ key: '\ufeffA', value: 'b' })
  })

  it('refuses what is no UTF-8, saying where', () => {
    const error = failure(() => parseEnvLine(new Uint8Array([65, 61, 255]), 2, '/x.env'))
    expect(error.message).toMatch(/^line \[65 61 255\] has invalid utf8 bytes : A=/)
    expect(error.place).toEqual({ file: '/x.env', line: 3 })
  })
})

describe('loading', () => {
  const long = 'x'.repeat(70_000)
  const loader = openTarget(
    '/',
    contextOf({
      files: {
        'a.env': 'A=1\r\n\nB=2\n',
        'b.txt': 'text',
        'c.bin': new Uint8Array([0xff, 0]),
        'long.env': `A=1\nB=${long}\nC=3\n`,
      },
    }),
  )

  it('takes env files, literals and files, in that order', () => {
    expect(loadPairs(loader, { literals: ['L=l'], files: ['b.txt', 'k=c.bin'], envs: ['a.env'] })).toEqual([
      { key: 'A', value: '1' },
      { key: 'B', value: '2' },
      { key: 'L', value: 'l' },
      { key: 'b.txt', value: 'text' },
      { key: 'k', value: new Uint8Array([0xff, 0]) },
    ])
  })

  it('stops, as upstream does without a word, at a line that is too long', () => {
    expect(loadPairs(loader, { literals: null, files: null, envs: ['long.env'] })).toEqual([{ key: 'A', value: '1' }])
  })

  it('says which sources it was reading', () => {
    expect(failure(() => loadPairs(loader, { literals: null, files: ['b.txt', 'no'], envs: null })).message).toBe(
      "file sources: [b.txt no]: evalsymlink failure on '/no' : lstat /no: no such file or directory",
    )
  })
})

describe('encodeBase64', () => {
  it('encodes every length as Node does', () => {
    for (let length = 0; length < 50; length++) {
      const data = Uint8Array.from({ length }, (_, i) => (i * 37 + length) % 256)
      expect(encodeBase64(data)).toBe(Buffer.from(data).toString('base64'))
    }
  })
})
