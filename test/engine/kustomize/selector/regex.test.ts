/** Expressions of users: RE2 as Go runs it, with and without the fast path for simple ones. */
import { describe, expect, it } from 'vitest'
import { BuildError } from '../../../../electron/engine/kustomize/build-error.ts'
import { compileAnchored, compileRegex, RegexCache } from '../../../../electron/engine/kustomize/selector/regex.ts'

/** Texts that Go's regexp finds the expression in, and those that it matches as a whole, of the texts tried. */
interface Example {
  readonly pattern: string
  readonly texts: readonly string[]
  readonly found: readonly string[]
  readonly whole: readonly string[]
}

const examples: readonly Example[] = [
  {
    pattern: 'web',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    found: ['web', 'web-1', 'my web'],
    whole: ['web'],
  },
  {
    pattern: 'web.*',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['web', 'web-1', 'my web'],
    whole: ['web', 'web-1'],
  },
  {
    pattern: '.*web',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['web', 'web-1', 'my web'],
    whole: ['web', 'my web'],
  },
  {
    pattern: '.*',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    whole: ['web', 'web-1', 'my web', '', 'WEB', 'x😀y', 'foo|bar'],
  },
  {
    pattern: '.+',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['web', 'web-1', 'my web', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    whole: ['web', 'web-1', 'my web', 'WEB', 'x😀y', 'foo|bar'],
  },
  {
    pattern: 'w.b',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    found: ['web', 'web-1', 'my web'],
    whole: ['web'],
  },
  {
    pattern: 'we',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['web', 'web-1', 'my web'],
    whole: [],
  },
  {
    pattern: 'a\\.b',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['a.b'],
    whole: ['a.b'],
  },
  {
    pattern: 'a.b',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    found: ['axb'],
    whole: ['axb'],
  },
  {
    pattern: 'web|bar',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web', 'web-1', 'my web', 'webweb', 'bar'],
    whole: ['web', 'bar'],
  },
  {
    pattern: 'foo|',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    whole: [''],
  },
  {
    pattern: '|',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    whole: [''],
  },
  {
    pattern: 'w[ea]b',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    found: ['web', 'web-1', 'my web'],
    whole: ['web'],
  },
  {
    pattern: '(?i)web',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web', 'web-1', 'my web', 'WEB', 'webweb'],
    whole: ['web', 'WEB'],
  },
  {
    pattern: '^web',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web', 'web-1', 'webweb'],
    whole: ['web'],
  },
  {
    pattern: 'web$',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web', 'my web', 'webweb'],
    whole: ['web'],
  },
  {
    pattern: '^web$',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['web'],
    whole: ['web'],
  },
  {
    pattern: 'w{1}eb',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    found: ['web', 'web-1', 'my web'],
    whole: ['web'],
  },
  {
    pattern: 'we?b',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web', 'web-1', 'my web', 'webweb'],
    whole: ['web'],
  },
  {
    pattern: '(web)+',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    found: ['web', 'web-1', 'my web'],
    whole: ['web'],
  },
  {
    pattern: '[[:alpha:]]+',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    found: ['web', 'web-1', 'my web', 'WEB', 'axb'],
    whole: ['web', 'WEB', 'axb'],
  },
  {
    pattern: '\\d+\\.\\d+\\.\\d+',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: [],
    whole: [],
  },
  {
    pattern: '\\w+',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    found: ['web', 'web-1', 'my web', 'WEB', 'axb', '1.2.3'],
    whole: ['web', 'WEB', 'axb'],
  },
  {
    pattern: '(?s)a.b',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['a.b'],
    whole: ['a.b'],
  },
  {
    pattern: '.',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web', 'web-1', 'my web', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    whole: [],
  },
  {
    pattern: '..',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['web', 'web-1', 'my web', 'WEB', 'x😀y', 'foo|bar'],
    whole: [],
  },
  {
    pattern: 'a.*b',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['a.b'],
    whole: ['a.b'],
  },
  {
    pattern: 'a.+b',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['a.b'],
    whole: ['a.b'],
  },
  {
    pattern: '.*-.*',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['web-1'],
    whole: ['web-1'],
  },
  {
    pattern: 'w.*b.*1',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web-1'],
    whole: ['web-1'],
  },
  {
    pattern: '\\pL+',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web', 'web-1', 'my web', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    whole: ['web', 'WEB', 'wéb', 'webweb', 'bar'],
  },
  {
    pattern: '(?<n>a)',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['a.b', 'bar'],
    whole: [],
  },
  {
    pattern: '(?P<n>a)',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['a\nb', 'foo|bar'],
    whole: [],
  },
  {
    pattern: '\\Qa.b\\E',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['a.b'],
    whole: ['a.b'],
  },
  {
    pattern: '\\bweb\\b',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web', 'web-1', 'my web'],
    whole: ['web'],
  },
  {
    pattern: '[^w]+',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['web', 'web-1', 'my web', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    whole: ['WEB', 'a\nb', 'x😀y', 'foo|bar'],
  },
  {
    pattern: '.*.*.*',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    found: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    whole: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
  },
  {
    pattern: '😀',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['x😀y'],
    whole: [],
  },
  { pattern: '.😀', texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'], found: [], whole: [] },
  {
    pattern: 'foo\\|bar',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['foo|bar'],
    whole: ['foo|bar'],
  },
  {
    pattern: ' ',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['my web'],
    whole: [],
  },
  {
    pattern: 'my web',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    found: ['my web'],
    whole: ['my web'],
  },
  {
    pattern: 'web.',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'],
    found: ['web-1', 'webweb'],
    whole: [],
  },
  { pattern: '\\.', texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'], found: [], whole: [] },
  {
    pattern: '.?',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    found: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'],
    whole: [''],
  },
  {
    pattern: '.*?',
    texts: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    found: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
    whole: ['web', 'web-1', 'my web', '', 'WEB', 'axb', '😀', '1.2.3'],
  },
  { pattern: '{', texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'], found: [], whole: [] },
  { pattern: '}', texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'], found: [], whole: [] },
  { pattern: 'a{', texts: ['web', 'web-1', 'my web', '', 'WEB', 'a\nb', 'x😀y', 'foo|bar'], found: [], whole: [] },
  { pattern: ']', texts: ['web', 'web-1', 'my web', '', 'WEB', 'a.b', 'wéb', 'webweb', 'bar'], found: [], whole: [] },
]

describe('expressions', () => {
  it.each(examples)('$pattern', ({ pattern, texts, found, whole }) => {
    expect(texts.filter((text) => compileRegex(pattern).matches(text))).toEqual(found)
    expect(texts.filter((text) => compileAnchored(pattern).matches(text))).toEqual(whole)
  })
})

describe('faulty expressions: what Go says, alone and anchored', () => {
  it.each([
    ['(', 'error parsing regexp: missing closing ): `(`', 'error parsing regexp: missing closing ): `^(?:()$`'],
    ['[', 'error parsing regexp: missing closing ]: `[`', 'error parsing regexp: missing closing ]: `[)$`'],
    [
      'a**',
      'error parsing regexp: invalid nested repetition operator: `**`',
      'error parsing regexp: invalid nested repetition operator: `**`',
    ],
    [
      '*',
      'error parsing regexp: missing argument to repetition operator: `*`',
      'error parsing regexp: missing argument to repetition operator: `*`',
    ],
    [
      '+',
      'error parsing regexp: missing argument to repetition operator: `+`',
      'error parsing regexp: missing argument to repetition operator: `+`',
    ],
    [
      '?',
      'error parsing regexp: missing argument to repetition operator: `?`',
      'error parsing regexp: missing argument to repetition operator: `?`',
    ],
    [
      '\\',
      'error parsing regexp: trailing backslash at end of expression: ``',
      'error parsing regexp: missing closing ): `^(?:\\)$`',
    ],
    [
      '\\8',
      'error parsing regexp: invalid escape sequence: `\\8`',
      'error parsing regexp: invalid escape sequence: `\\8`',
    ],
    [
      'x{2,1}',
      'error parsing regexp: invalid repeat count: `{2,1}`',
      'error parsing regexp: invalid repeat count: `{2,1}`',
    ],
    [
      'a{1001}',
      'error parsing regexp: invalid repeat count: `{1001}`',
      'error parsing regexp: invalid repeat count: `{1001}`',
    ],
    [
      '(?=a)',
      'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
      'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    ],
    [
      '(?!a)',
      'error parsing regexp: invalid or unsupported Perl syntax: `(?!`',
      'error parsing regexp: invalid or unsupported Perl syntax: `(?!`',
    ],
    [
      'a(?#c)',
      'error parsing regexp: invalid or unsupported Perl syntax: `(?#`',
      'error parsing regexp: invalid or unsupported Perl syntax: `(?#`',
    ],
    [')', 'error parsing regexp: unexpected ): `)`', 'error parsing regexp: unexpected ): `^(?:))$`'],
    ['a|(', 'error parsing regexp: missing closing ): `a|(`', 'error parsing regexp: missing closing ): `^(?:a|()$`'],
  ])('%s', (pattern, message, anchored) => {
    expect(messageOf(() => compileRegex(pattern))).toBe(message)
    expect(messageOf(() => compileAnchored(pattern))).toBe(anchored)
  })
})

describe('expressions that make other engines backtrack for ever', () => {
  it.each(['(a+)+b', '(a|a)*b', '(a*)*b', '(.*a){20}b', '^(([a-z])+.)+[A-Z]([a-z])+$'])('%s', (pattern) => {
    const text = `${'a'.repeat(2000)}!`
    expect(compileRegex(pattern).matches(text)).toBe(false)
    expect(compileAnchored(pattern).matches(text)).toBe(false)
  })

  it('the fast path is no different', () => {
    expect(compileAnchored('.*a.*a.*a.*a.*a.*b').matches('a'.repeat(2000))).toBe(false)
    expect(compileAnchored('.*a.*a.*a.*a.*a.*').matches('a'.repeat(2000))).toBe(true)
  })
})

it('a cache compiles an expression once', () => {
  const cache = new RegexCache()
  expect(cache.regex('a.*b')).toBe(cache.regex('a.*b'))
  expect(cache.anchoredRegex('a.*b')).toBe(cache.anchoredRegex('a.*b'))
  expect(cache.anchoredRegex('a.*b')).not.toBe(cache.regex('a.*b'))
})

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof BuildError) return error.message
    throw error
  }
  return 'accepted'
}
