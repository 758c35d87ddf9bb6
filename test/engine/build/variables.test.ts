/** Where variables come from, and what happens where nobody knows. */
import { describe, expect, it } from 'vitest'
import { configMap, printedConfigMap, render, renderText } from './render.ts'

const files = { 'apps/a.yaml': configMap('a', '  key: ${v:=none}\n') }
const from = (...names: string[]): { kind: string; name: string; optional?: boolean }[] =>
  names.map((name) => ({
    kind: name.startsWith('s') ? 'Secret' : 'ConfigMap',
    name: name.replace('?', ''),
    ...(name.endsWith('?') ? { optional: true } : {}),
  }))

const value = (postBuild: unknown, sources: Record<string, Record<string, string> | null>): string => {
  const text = renderText({ spec: { postBuild }, files, sources })
  return text.startsWith('error: ') ? text : (/key: (.*)/.exec(text)?.[1] ?? '')
}

describe('precedence', () => {
  const sources = { 'ConfigMap/c1': { v: 'c1' }, 'ConfigMap/c2': { v: 'c2' }, 'Secret/s1': { v: 's1' } }
  it.each([
    [{ substituteFrom: from('c1') }, 'c1'],
    [{ substituteFrom: from('c1', 'c2') }, 'c2'],
    [{ substituteFrom: from('c2', 's1', 'c1') }, 'c1'],
    [{ substituteFrom: from('c1', 's1') }, 's1'],
    [{ substituteFrom: from('c1'), substitute: { v: 'inline' } }, 'inline'],
    [{ substituteFrom: [{ kind: 'Other', name: 'c1' }], substitute: { w: 'x' } }, 'none'],
  ])('%j gives %s', (postBuild, expected) => {
    expect(value(postBuild, sources)).toBe(expected)
  })
})

describe('an object that does not exist', () => {
  const sources = { 'ConfigMap/gone': null, 'Secret/sgone': null, 'ConfigMap/c1': { v: 'c1' } }
  it('fails the build', () => {
    expect(value({ substituteFrom: from('gone') }, sources)).toBe(
      `error: post build failed for 'ConfigMap.v1.[noGrp]/a': substitute from 'ConfigMap/gone' error: configmaps "gone" not found`,
    )
    expect(value({ substituteFrom: from('sgone') }, sources)).toBe(
      `error: post build failed for 'ConfigMap.v1.[noGrp]/a': substitute from 'Secret/sgone' error: secrets "sgone" not found`,
    )
  })

  it('is passed over where it is optional', () => {
    expect(value({ substituteFrom: from('gone?', 'c1', 'sgone?') }, sources)).toBe('c1')
  })

  it('matters to nobody without objects', () => {
    expect(
      render({ spec: { postBuild: { substituteFrom: from('gone') } }, files: { 'apps/x.md': '' }, sources }).error,
    ).toBeNull()
  })
})

describe('values', () => {
  it('lose their line breaks', () => {
    expect(value({ substitute: { v: 'a\nb\n' } }, {})).toBe('ab')
    expect(value({ substituteFrom: from('c') }, { 'ConfigMap/c': { v: '\na\n\nb' } })).toBe('ab')
  })

  it.each([['my-key'], ['a.b'], ['1a'], ['é'], ['']])('with the name %j fail the build, used or not', (name) => {
    expect(value({ substituteFrom: from('c') }, { 'ConfigMap/c': { v: 'x', [name]: 'y' } })).toBe(
      `error: post build failed for 'ConfigMap.v1.[noGrp]/a': envsubst error: '${name}' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'`,
    )
  })

  it.each([
    [{ substitute: null }, '<nil> is of the type <nil>, expected map[string]interface{}'],
    [{ substitute: ['a'] }, '[a] is of the type []interface {}, expected map[string]interface{}'],
    [
      { substitute: { v: 1 } },
      'contains non-string value in the map under key "v": 1 is of the type int64, expected string',
    ],
  ])('of another type are refused: %j', (postBuild, what) => {
    expect(value(postBuild, {})).toBe(
      `error: post build failed for 'ConfigMap.v1.[noGrp]/a': .spec.postBuild.substitute accessor error: ${what}`,
    )
  })

  it('are no properties of a JavaScript object', () => {
    const text = renderText({
      spec: { postBuild: { substitute: { v: 'x' } } },
      files: { 'apps/a.yaml': configMap('a', '  key: ${constructor:=d}${__proto__:=e}\n') },
    })
    expect(text).toBe(printedConfigMap('a', '  key: de\n'))
  })
})

describe('an object of which nothing is known', () => {
  it('leaves expressions without a value as they are, and says so', () => {
    const result = render({
      spec: { postBuild: { substituteFrom: from('c1', 'unknown'), substitute: { sure: 'yes!' } } },
      files: { 'apps/a.yaml': configMap('a', '  key: ${sure} ${v} ${w:=d}\n') },
      sources: { 'ConfigMap/c1': { other: 'x' } },
    })
    expect(result.text).toBe(printedConfigMap('a', '  key: yes! ${v} ${w:=d}\n'))
    expect(result.digest).toBeNull()
    expect(result.error).toBeNull()
    expect(result.assumptions).toEqual([
      {
        kind: 'unknownVariables',
        message:
          'ConfigMap/a uses variables that ConfigMap/flux-system/unknown may hold, so their expressions stay: v, w.',
        names: ['v', 'w'],
        file: '',
        line: 0,
      },
    ])
  })

  it('may hold another value for what an earlier object holds, not for what is inline or comes later', () => {
    const result = render({
      spec: { postBuild: { substituteFrom: from('c1', 'unknown', 'c2'), substitute: { i: 'inline' } } },
      files: { 'apps/a.yaml': configMap('a', '  key: ${early} ${late} ${i}\n') },
      sources: { 'ConfigMap/c1': { early: 'x', i: 'c', late: 'c' }, 'ConfigMap/c2': { late: 'y' } },
    })
    expect(result.text).toBe(printedConfigMap('a', '  key: x y inline\n'))
    expect(result.assumptions.map(({ names }) => names)).toEqual([['early']])
    expect(result.digest).toBeNull()
  })

  it('matters only where a variable depends on it', () => {
    const result = render({
      spec: { postBuild: { substituteFrom: from('unknown'), substitute: { v: 'x' } } },
      files,
    })
    expect(result.text).toBe(printedConfigMap('a', '  key: x\n'))
    expect(result.assumptions).toEqual([])
    expect(result.digest).toMatch(/^sha256:/)
  })
})
