/** Variables in the YAML of objects: what becomes of types, quotes and numbers when the text is read again. */
import { describe, expect, it } from 'vitest'
import { configMap, printedConfigMap, render, renderText } from './render.ts'

function field(text: string, substitute: Record<string, string> = {}, extra: Record<string, unknown> = {}): string {
  const rendered = renderText({
    spec: { postBuild: { substitute: { any: 'any', quote: '"', ...substitute }, ...extra } },
    files: { 'apps/a.yaml': `apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\nspec: ${text}\n` },
  })
  return rendered.startsWith('error: ') ? rendered : rendered.slice(rendered.indexOf('spec:') + 5).trim()
}

describe('an unquoted value takes the type that it looks like', () => {
  it.each([
    ['123', '123'],
    ['0123', '83'],
    ['08', '8'],
    ['1e5', '100000'],
    ['0x1F', '31'],
    ['0o17', '15'],
    ['0b11', '3'],
    ['1_000', '1000'],
    ['+5', '5'],
    ['.5', '0.5'],
    ['1.0', '1'],
    ['on', 'true'],
    ['yes', 'true'],
    ['y', 'true'],
    ['n', 'false'],
    ['Off', 'false'],
    ['null', 'null'],
    ['~', 'null'],
    ['', 'null'],
    ['000123456789', '123456789'],
    ['2024-01-02', '"2024-01-02"'],
    ['12:30', '"12:30"'],
    ['1.2.3', '1.2.3'],
    ['abc #c', 'abc'],
    ['[a]', '- a'],
    ['{x: 1}', 'x: 1'],
    ['9007199254740993', '9007199254740992'],
    ['123456789012345678', '123456789012345680'],
    ['1000000', '1000000'],
  ])('%j is %s', (value, expected) => {
    expect(field('${v}', { v: value })).toBe(expected)
    // Quotes in the manifest are gone before substitution.
    expect(field('"${v}"', { v: value })).toBe(expected)
  })
})

describe('a value between quotes from a variable stays text', () => {
  it.each([
    ['123', '"123"'],
    ['true', '"true"'],
    ['', '""'],
    ['abc', 'abc'],
  ])('%j is %s', (value, expected) => {
    expect(field('${quote}${v}${quote}', { v: value })).toBe(expected)
  })
})

describe('a value that breaks the YAML', () => {
  it.each([
    ['a: b', 'envsubst error: YAMLToJSON: yaml: line 5: mapping values are not allowed in this context'],
    ['@x', 'envsubst error: YAMLToJSON: yaml: line 5: found character that cannot start any token'],
    ['.inf', 'envsubst error: YAMLToJSON: json: unsupported value: +Inf'],
  ])('%j fails the build', (value, message) => {
    const { error } = render({
      spec: { postBuild: { substitute: { v: value } } },
      files: { 'apps/a.yaml': 'apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\nspec: ${v}\n' },
    })
    expect(error?.message).toBe(`post build failed for 'Foo.v1.[noGrp]/a': ${message}`)
  })
})

describe('every object passes through JSON once there is a variable', () => {
  it('also where it has no expression: long integers lose their last digits', () => {
    expect(field('9007199254740993')).toBe('9007199254740992')
    expect(field('12345678901234567890')).toBe('12345678901234567000')
    expect(field('99999999999999999999')).toBe('1e+20')
  })

  it('but not where there is none', () => {
    const files = {
      'apps/a.yaml': 'apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\nspec: [9007199254740993, "${x}"]\n',
    }
    expect(renderText({ spec: { postBuild: {} }, files })).toContain('- 9007199254740993\n- ${x}\n')
    expect(renderText({ spec: {}, files })).toContain('- 9007199254740993\n- ${x}\n')
  })

  it('keys and annotations are substituted too', () => {
    expect(
      renderText({
        spec: { postBuild: { substitute: { v: 'x' } } },
        files: {
          'apps/a.yaml':
            'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${v}-a\n  annotations:\n    a-${v}: "${v}"\ndata:\n  ${v}: "1"\n',
        },
      }),
    ).toBe(printedConfigMap('x-a', '  x: "1"\n', '  annotations:\n    a-x: x\n'))
  })
})

describe('defaults', () => {
  it('do not count while there is no variable at all', () => {
    const files = { 'apps/a.yaml': configMap('a', '  key: ${x:=d}\n') }
    expect(renderText({ spec: { postBuild: {} }, files })).toBe(printedConfigMap('a', '  key: ${x:=d}\n'))
    expect(renderText({ spec: { postBuild: { substitute: { y: 'z' } } }, files })).toBe(
      printedConfigMap('a', '  key: d\n'),
    )
  })

  it('count with the strategy Always', () => {
    expect(
      renderText({
        spec: { postBuild: { substituteStrategy: 'Always' } },
        files: { 'apps/a.yaml': configMap('a', '  key: ${x:=d}\n') },
      }),
    ).toBe(printedConfigMap('a', '  key: d\n'))
  })
})

describe('objects that are left alone', () => {
  const object = (metadata: string): string =>
    `apiVersion: v1\ndata:\n  key: \${v}\nkind: ConfigMap\nmetadata:\n  ${metadata}\n  name: a\n`
  it.each([['labels'], ['annotations']])('by their %s', (where) => {
    const text = object(`${where}:\n    kustomize.toolkit.fluxcd.io/substitute: disabled`)
    expect(renderText({ spec: { postBuild: { substitute: { v: 'x' } } }, files: { 'apps/a.yaml': text } })).toBe(text)
  })

  it('only by exactly that value', () => {
    const text = object('annotations:\n    kustomize.toolkit.fluxcd.io/substitute: Disabled')
    expect(renderText({ spec: { postBuild: { substitute: { v: 'x' } } }, files: { 'apps/a.yaml': text } })).toContain(
      'key: x\n',
    )
  })
})

describe('strict substitution', () => {
  const files = { 'apps/a.yaml': configMap('a', '  key: ${x}\n') }
  const spec = { postBuild: { substitute: { y: 'z' } } }
  it('fails on a variable that is not set', () => {
    expect(render({ spec, files }).error).toMatchObject({
      code: 'SubstitutionFailed',
      message:
        'post build failed for \'ConfigMap.v1.[noGrp]/a\': envsubst error: variable substitution failed: variable not set (strict mode): "x"',
    })
  })

  it('is an option: older controllers take it for empty', () => {
    expect(renderText({ spec, files, input: { isStrict: false } })).toBe(printedConfigMap('a', '  key: null\n'))
  })
})

describe('what a substitution may break', () => {
  it('two objects with the same name', () => {
    expect(
      renderText({
        spec: { postBuild: { substitute: { v: 'a' } } },
        files: { 'apps/a.yaml': configMap('a'), 'apps/b.yaml': configMap('${v}') },
      }),
    ).toBe("error: post build failed for 'ConfigMap.v1.[noGrp]/${v}': in Replace: id matched 2 resources")
  })

  it('a new name for each is fine', () => {
    expect(
      renderText({
        spec: { postBuild: { substitute: { x: 'one', y: 'two' } } },
        files: { 'apps/a.yaml': configMap('${x}'), 'apps/b.yaml': configMap('${y}') },
      }),
    ).toBe(`${printedConfigMap('one')}---\n${printedConfigMap('two')}`)
  })

  it('folding of long lines can cut an expression', () => {
    const words = 'aaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb cccccccccccccccccccccc'
    expect(field(`"${words} \${x:=d e}"`)).toBe(`${words} d\n  e`)
  })

  it('a cut character', () => {
    expect(field('${v:0:1}', { v: 'é' })).toMatch(/YAMLToJSON: yaml: invalid UTF-8/)
  })
})
