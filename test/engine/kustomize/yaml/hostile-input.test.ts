/** Text that means harm: it is refused with a BuildError, or read, in bounded time and memory, and nothing of it becomes code. */
import { describe, expect, it } from 'vitest'
import { BuildError } from '../../../../electron/engine/kustomize/build-error.ts'
import { emitNode } from '../../../../electron/engine/kustomize/yaml/emit-v2.ts'
import { decodeText, parseDocuments } from '../../../../electron/engine/kustomize/yaml/parse.ts'
import { nodeToGoValue } from '../../../../electron/engine/kustomize/yaml/to-value.ts'

function errorOf(work: () => unknown): BuildError {
  try {
    work()
  } catch (error) {
    if (error instanceof BuildError) return error
    throw error
  }
  throw new Error('accepted')
}

/** Milliseconds of processor time, which other processes of the machine do not stretch. */
function cpuMs(work: () => unknown): number {
  const start = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

function laughs(levels: number, width: number): string {
  const lines = ['a0: &a0 [x]']
  for (let i = 1; i <= levels; i++)
    lines.push(`a${i}: &a${i} [${Array.from({ length: width }, () => `*a${i - 1}`).join(', ')}]`)
  return `${lines.join('\n')}\n`
}

const bytes = (...octets: number[]): Uint8Array => new Uint8Array([0x61, 0x3a, 0x20, ...octets, 0x0a])

describe('alias bombs', () => {
  it.each([
    ['ten levels of ten', laughs(10, 10)],
    ['two hundred levels of two', laughs(200, 2)],
    ['one level of a hundred thousand', laughs(1, 10_000) + `b: [${'*a1, '.repeat(50)}]\n`],
    [
      'merge keys that double',
      [
        'a0: &a0 {k: [1, 2, 3, 4, 5, 6, 7, 8]}',
        ...Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} {<<: *a${i}, l${i}: *a${i}}`),
      ].join('\n'),
    ],
  ])('%s is refused before it grows', (_name, text) => {
    let code = ''
    const spent = cpuMs(() => (code = errorOf(() => parseDocuments(text)).code))
    expect(code).toBe('LimitExceeded')
    expect(spent).toBeLessThan(1000)
  })

  it('a value that contains itself is refused', () => {
    expect(errorOf(() => parseDocuments('a: &x [*x]\n')).message).toContain("anchor 'x' value contains itself")
    expect(errorOf(() => parseDocuments('&x a: {b: [&y {c: *y}]}\n')).message).toContain(
      "anchor 'y' value contains itself",
    )
  })

  it('a limit of the caller counts', () => {
    const text = 'a: &x [1, 2, 3]\nb: *x\n'
    expect(parseDocuments(text, { limits: { maxAliasNodes: 4 } })).toHaveLength(1)
    expect(errorOf(() => parseDocuments(text, { limits: { maxAliasNodes: 3 } })).code).toBe('LimitExceeded')
  })
})

describe('depth', () => {
  const shapes: [string, (depth: number) => string][] = [
    ['flow lists', (depth) => '['.repeat(depth)],
    ['flow maps', (depth) => '{a: '.repeat(depth)],
    ['block lists', (depth) => `${'- '.repeat(depth)}a`],
  ]

  it.each(shapes)('%s of more than a thousand levels are refused', (_name, make) => {
    for (const depth of [1001, 200_000]) {
      const { code, message } = errorOf(() => parseDocuments(make(depth)))
      expect(code).toBe('LimitExceeded')
      expect(message).toBe('yaml: collections are nested more than 1000 levels deep')
    }
  })

  it.each(shapes)('%s of more than ten thousand levels are refused as upstream does', (_name, make) => {
    const error = errorOf(() => parseDocuments(make(10_001), { limits: { maxDepth: 20_000 } }))
    expect(error.message).toBe('MalformedYAMLError: yaml: exceeded max depth of 10000')
  })

  it('a thousand levels are read, printed and decoded', () => {
    const text = `${'- '.repeat(1000)}a\n`
    const [node] = parseDocuments(text)
    expect(emitNode(node!)).toBe(text)
    expect(() => nodeToGoValue(node!)).not.toThrow()
  })
})

describe('size', () => {
  it('a text past the limit is not looked at', () => {
    expect(errorOf(() => parseDocuments('a: 1\n'.repeat(10), { limits: { maxLength: 49 } })).code).toBe('LimitExceeded')
  })

  it.each([
    ['one line', `a: ${'x'.repeat(2_000_000)}\n`],
    ['one quoted line', `a: "${'x '.repeat(2_20_000)}"\n`],
    ['one literal', `a: |\n${`  ${'x'.repeat(97)}\n`.repeat(20_000)}`],
    ['comments', `${`# ${'x'.repeat(97)}\n`.repeat(20_000)}a: 1\n`],
    ['blank lines', `${'\n'.repeat(500_000)}a: 1\n`],
    ['spaces', `a: 1${' '.repeat(2_000_000)}\n`],
    ['unclosed brackets', '[ '.repeat(9_000)],
    ['question marks', '? '.repeat(9_000)],
    ['separators', '---\n'.repeat(20_000)],
    ['quotes that never end', `"${'\n'.repeat(100_000)}`],
  ])('%s of great length ends in time', (_name, text) => {
    const spent = cpuMs(() => {
      try {
        parseDocuments(text)
      } catch (error) {
        if (!(error instanceof BuildError)) throw error
      }
    })
    expect(spent).toBeLessThan(3000)
  })
})

describe('characters', () => {
  it.each([
    ['NUL', bytes(0x00), 'yaml: control characters are not allowed'],
    ['bell', bytes(0x07), 'yaml: control characters are not allowed'],
    ['a stray trailing octet', bytes(0x80), 'yaml: invalid leading UTF-8 octet'],
    ['a cut sequence', new Uint8Array([0x61, 0xe2, 0x82]), 'yaml: incomplete UTF-8 octet sequence'],
    ['a broken sequence', bytes(0xe2, 0x28, 0xa1), 'yaml: invalid trailing UTF-8 octet'],
    ['an overlong form', bytes(0xc0, 0xaf), 'yaml: invalid length of a UTF-8 sequence'],
    ['a surrogate', bytes(0xed, 0xa0, 0x80), 'yaml: invalid Unicode character'],
    ['beyond Unicode', bytes(0xf4, 0x90, 0x80, 0x80), 'yaml: invalid Unicode character'],
    ['half a UTF-16 character', new Uint8Array([0xff, 0xfe, 0x61]), 'yaml: incomplete UTF-16 character'],
    ['a lone low surrogate in UTF-16', new Uint8Array([0xff, 0xfe, 0x00, 0xdc]), 'yaml: unexpected low surrogate area'],
  ])('%s is refused in upstream’s words', (_name, input, expected) => {
    const { message } = errorOf(() => parseDocuments(decodeText(input)))
    expect(message.replace('MalformedYAMLError: ', '')).toBe(expected)
  })

  it('lone surrogates in a string are refused', () => {
    expect(errorOf(() => parseDocuments('a: \ud800\n')).message).toContain('invalid Unicode character')
    expect(errorOf(() => parseDocuments('a: \udc00\ud800\n')).message).toContain('invalid Unicode character')
  })

  it('UTF-16 behind its byte order mark is read', () => {
    const text = decodeText(new Uint8Array([0xfe, 0xff, 0x00, 0x61, 0x00, 0x3a, 0x00, 0x20, 0xd8, 0x3d, 0xde, 0x00]))
    expect(text).toBe('a: 😀')
  })
})

describe('keys of prototypes', () => {
  it('are keys like others', () => {
    const text = '__proto__:\n  polluted: true\nconstructor:\n  prototype: x\nhasOwnProperty: 1\ntoString: 2\n'
    const [node] = parseDocuments(text)
    const value = nodeToGoValue(node!)
    expect(value).toBeInstanceOf(Map)
    expect([...(value as Map<string, unknown>).keys()]).toEqual([
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'toString',
    ])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(emitNode(node!)).toBe(
      '__proto__:\n  polluted: true\nconstructor:\n  prototype: x\nhasOwnProperty: 1\ntoString: 2\n',
    )
  })
})
