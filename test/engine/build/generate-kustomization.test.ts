/** The kustomization that the controller makes for a directory that has none. */
import { describe, expect, it } from 'vitest'
import { configMap, printedConfigMap, render, renderText } from './render.ts'

const namesOf = (files: Record<string, string>, links: Record<string, string> = {}): string[] =>
  render({ files, links }).objects.map(({ name }) => name)

describe('a directory without a kustomization file', () => {
  it('takes every manifest below it, in byte order of the paths', () => {
    expect(
      namesOf({
        'apps/b.yaml': configMap('b'),
        'apps/a.yml': configMap('a'),
        'apps/B.yaml': configMap('capital'),
        'apps/a/deep/x.yaml': configMap('deep'),
        'apps/.hidden/h.yaml': configMap('hidden'),
        'apps/a-b.yaml': configMap('a-b'),
      }),
    ).toEqual(['hidden', 'capital', 'deep', 'a-b', 'a', 'b'])
  })

  it('takes other directories with a kustomization file as bases and does not look into them', () => {
    expect(
      namesOf({
        'apps/a.yaml': configMap('a'),
        'apps/base/kustomization.yml': 'resources: [only.yaml]\nnamePrefix: base-\n',
        'apps/base/only.yaml': configMap('only'),
        'apps/base/other.yaml': 'not: [a manifest',
        'apps/base/deeper/z.yaml': 'not: [a manifest',
      }),
    ).toEqual(['a', 'base-only'])
  })

  it('leaves other files alone', () => {
    expect(
      namesOf({
        'apps/a.yaml': configMap('a'),
        'apps/README.md': '# {{',
        'apps/b.YAML': '{{',
        'apps/c.yaml.bak': '{{',
        'apps/d.json': '{',
      }),
    ).toEqual(['a'])
  })

  it('accepts files without any document', () => {
    expect(namesOf({ 'apps/a.yaml': '# nothing\n---\n', 'apps/b.yaml': '', 'apps/c.yaml': configMap('c') })).toEqual([
      'c',
    ])
  })

  it.each([
    ['spec: {}\n', 'missing Resource metadata'],
    ['- a\n', 'missing Resource metadata'],
    ['text\n', 'missing Resource metadata'],
    [
      'kind: ConfigMap\nmetadata: {namespace: n}\n',
      'missing metadata.name in object {{ ConfigMap} {{ n} map[] map[]}}',
    ],
    ['apiVersion: v1\nmetadata: {name: x}\n', 'missing kind in object {{v1 } {{x } map[] map[]}}'],
    ['a: b: c\n', 'MalformedYAMLError: yaml: mapping values are not allowed in this context'],
  ])('refuses the first file that is no Kubernetes YAML: %j', (text, why) => {
    const { error, objects } = render({ files: { 'apps/a.yaml': configMap('a'), 'apps/sub/values.yaml': text } })
    expect(objects).toEqual([])
    expect(error?.message).toBe(`failed to decode Kubernetes YAML from /artifact/apps/sub/values.yaml: ${why}`)
    expect(error?.file).toBe('apps/sub/values.yaml')
  })

  it('renders nothing where nothing is', () => {
    const result = render({ files: { 'apps/README.md': '' } })
    expect(result).toMatchObject({ objects: [], text: '', bytes: 0, error: null })
    // SHA-256 of nothing: what the controller writes then.
    expect(result.digest).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  it('does not go into linked directories, and reads linked files', () => {
    expect(
      namesOf(
        { 'apps/a.yaml': configMap('a'), 'elsewhere/b.yaml': configMap('b'), 'file.yaml': configMap('linked') },
        { 'apps/linked': '../elsewhere', 'apps/l.yaml': '../file.yaml' },
      ),
    ).toEqual(['a', 'linked'])
  })

  it.each([
    ['../elsewhere', 'read /artifact/apps/l.yaml: is a directory'],
    ['nowhere', 'open /artifact/apps/l.yaml: no such file or directory'],
    [
      '/etc/hostname',
      "fs-security-constraint walk /artifact/apps/l.yaml: path '/artifact/apps/l.yaml' is not in or below '/artifact'",
    ],
  ])('refuses a manifest that is a link to %s', (target, message) => {
    expect(
      renderText({
        files: { 'apps/a.yaml': configMap('a'), 'elsewhere/b.yaml': '', '/etc/hostname': 'host' },
        links: { 'apps/l.yaml': target },
      }),
    ).toBe(`error: ${message}`)
  })
})

describe('spec.path', () => {
  const files = { 'apps/a.yaml': configMap('a'), 'top.yaml': configMap('top') }
  it.each([
    ['./apps', 'a'],
    ['apps/', 'a'],
    ['/apps', 'a'],
    ['../../apps', 'a'],
    ['apps/../apps', 'a'],
    ['linked', 'a'],
  ])('%s is the directory apps', (path, name) => {
    expect(render({ spec: { path }, files, links: { linked: 'apps' } }).objects.map((object) => object.name)).toEqual([
      name,
    ])
  })

  it.each([[''], ['./'], ['..']])('%j is the root', (path) => {
    expect(render({ spec: { path }, files }).objects.map(({ name }) => name)).toEqual(['a', 'top'])
  })

  it('must exist', () => {
    const { error } = render({ spec: { path: './nope' }, files })
    expect(error).toMatchObject({
      code: 'FileNotFound',
      message: 'kustomization path not found: stat /artifact/nope: no such file or directory',
    })
  })

  it('must be a directory', () => {
    expect(renderText({ spec: { path: './top.yaml' }, files })).toMatch(/^error: .*not a directory/)
  })

  it('is not followed out of the root', () => {
    expect(
      renderText({
        spec: { path: 'out' },
        files: { ...files, '/secret/s.yaml': configMap('s') },
        links: { out: '/secret' },
      }),
    ).toMatch(/^error: /)
  })
})

describe('a directory with a kustomization file', () => {
  it('is built from it; the first of the recognised names counts', () => {
    expect(
      renderText({
        files: {
          'apps/kustomization.yaml': 'resources: [a.yaml]\n',
          'apps/a.yaml': configMap('a'),
          'apps/ignored.yaml': '{{',
        },
      }),
    ).toBe(printedConfigMap('a'))
  })

  it('drops unknown fields and reads names in any case', () => {
    expect(
      renderText({
        files: {
          'apps/kustomization.yaml': 'Resources: [a.yaml]\nnameprefix: p-\nnothing: {known: here}\n',
          'apps/a.yaml': configMap('a'),
        },
      }),
    ).toBe(printedConfigMap('p-a'))
  })

  it.each([
    ['commonAnnotations: {a: 1, b: true, c: 1.10}\n', { a: '1', b: 'true', c: '1.1' }],
    ['commonAnnotations: {a: y, b: 1e6, c: 0x10}\n', { a: 'true', b: '1e+06', c: '16' }],
    ['commonAnnotations: {a: 2001-01-01, b: 123456789.5}\n', { a: '2001-01-01', b: '1.2345679e+08' }],
  ])('makes text of scalars where text is wanted: %j', (text, annotations) => {
    const { objects } = render({
      files: { 'apps/kustomization.yaml': `${text}resources: [a.yaml]\n`, 'apps/a.yaml': configMap('a') },
    })
    const printed = Object.entries(annotations).map(([key, value]) => `    ${key}: "${value}"\n`)
    expect(objects[0]?.yaml).toBe(printedConfigMap('a', '  key: value\n', `  annotations:\n${printed.join('')}`))
  })

  it.each([
    [
      'resources: a.yaml\n',
      'json: cannot unmarshal string into Go struct field Kustomization.resources of type []string',
    ],
    [
      'configMapGenerator: [{name: 1}]\n',
      'json: cannot unmarshal number into Go struct field ConfigMapArgs.configMapGenerator.GeneratorArgs.name of type string',
    ],
    [
      'patches: [{patch: x, target: {kind: 1}}]\n',
      'json: cannot unmarshal number into Go struct field Selector.patches.target.ResId.Gvk.kind of type string',
    ],
    [
      'replicas: [{name: a, count: 1.5}]\n',
      'json: cannot unmarshal number 1.5 into Go struct field Replica.replicas.count of type int64',
    ],
  ])('is refused with the words of the decoder: %j', (text, message) => {
    expect(renderText({ files: { 'apps/kustomization.yaml': text } })).toBe(
      `error: error unmarshaling JSON: while decoding JSON: ${message}`,
    )
  })

  it('names the file and the line of broken YAML', () => {
    const { error } = render({ files: { 'apps/kustomization.yaml': 'resources:\n- a.yaml\nnamespace: a: b\n' } })
    expect(error).toMatchObject({ code: 'InvalidYaml', file: 'apps/kustomization.yaml', line: 3 })
    expect(error?.message).toMatch(/^error converting YAML to JSON: yaml: line 3: /)
  })

  it('without resources is not empty: it tracks origins', () => {
    expect(
      renderText({
        files: {
          'apps/kustomization.yaml':
            'configMapGenerator: [{name: a, literals: [k=v], options: {disableNameSuffixHash: true}}]\n',
        },
      }),
    ).toBe(
      printedConfigMap(
        'a',
        '  k: v\n',
        [
          '  annotations:',
          '    config.kubernetes.io/origin: |',
          '      configuredIn: kustomization.yaml',
          '      configuredBy:',
          '        apiVersion: builtin',
          '        kind: ConfigMapGenerator\n',
        ].join('\n'),
      ),
    )
  })

  it('of other directories is read by kustomize itself, which is strict', () => {
    expect(
      renderText({
        files: {
          'apps/kustomization.yaml': 'resources: [../base]\n',
          'base/kustomization.yaml': 'resources: [a.yaml]\nunknown: field\n',
          'base/a.yaml': configMap('a'),
        },
      }),
    ).toMatch(/^error: kustomize build failed: accumulating resources: .*unknown field "unknown"/)
  })
})
