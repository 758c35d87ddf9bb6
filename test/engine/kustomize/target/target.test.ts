import { describe, expect, it } from 'vitest'
import { buildTree, configMap, contextOf, failTree, failure } from '../build-tree.ts'
import { runBuild } from '../../../../electron/engine/kustomize/run-build.ts'
import { BuildError } from '../../../../electron/engine/kustomize/build-error.ts'

const component = (more: string): string => `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n${more}`

describe('resources', () => {
  it('keep the order in which they are found, bases in their place', () => {
    const output = buildTree(
      {
        'over/kustomization.yaml': 'resources: [z.yaml, ../base, a.yaml]\n',
        'over/z.yaml': configMap('z'),
        'over/a.yaml': configMap('a'),
        'base/kustomization.yaml': 'resources: [m.yaml]\n',
        'base/m.yaml': configMap('m'),
      },
      '/over',
    )
    expect(output).toBe([configMap('z'), configMap('m'), configMap('a')].join('---\n'))
  })

  it('drop what is for kustomize only', () => {
    const local = (value: string): string => `  annotations: {config.kubernetes.io/local-config: "${value}"}\n`
    const output = buildTree({
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': [configMap('a', local('true')), configMap('b', local('false')), configMap('c', local(''))].join(
        '---\n',
      ),
    })
    expect(output).toContain('name: b')
    expect(output).not.toMatch(/name: [ac]/)
  })

  it('may be none', () => expect(buildTree({ 'kustomization.yaml': 'namespace: x\n' })).toBe(''))

  it.each([
    [
      'missing.yaml',
      "accumulating resources: accumulation err='accumulating resources from 'missing.yaml': evalsymlink failure on '/missing.yaml' : lstat /missing.yaml: no such file or directory': must build at directory: not a valid directory: evalsymlink failure on '/missing.yaml' : lstat /missing.yaml: no such file or directory",
      'FileNotFound',
      '/missing.yaml',
    ],
    [
      'broken.yaml',
      "accumulating resources: accumulating resources from 'broken.yaml': MalformedYAMLError: yaml: line 2: did not find expected node content in File: broken.yaml",
      'InvalidYaml',
      '/broken.yaml',
    ],
    [
      'nameless.yaml',
      "accumulating resources: accumulation err='accumulating resources from 'nameless.yaml': missing metadata.name in object {{v1 ConfigMap} {{ } map[] map[]}}': must build at directory: '/nameless.yaml': file is not directory",
      'InvalidResource',
      '/nameless.yaml',
    ],
    [
      'twice.yaml',
      "accumulating resources: accumulation err='accumulating resources from 'twice.yaml': may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.[noNs]': must build at directory: '/twice.yaml': file is not directory",
      'IdConflict',
      '/twice.yaml',
    ],
    [
      'empty',
      "accumulating resources: accumulation err='accumulating resources from 'empty': '/empty' must resolve to a file': couldn't make target for path '/empty': unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '/empty'",
      'FileNotFound',
      '/empty',
    ],
    [
      'https://example.com/org/repo/base?ref=v1',
      "accumulating resources: accumulation err='accumulating resources from 'https://example.com/org/repo/base?ref=v1': remote file 'https://example.com/org/repo/base?ref=v1' is not fetched: Sluice renders offline': remote base 'https://example.com/org/repo/base?ref=v1' is not fetched: it is a git repository (https://example.com/org/repo, directory 'base', ref 'v1') and Sluice renders offline",
      'RemoteNotFetched',
      '/kustomization.yaml',
    ],
    [
      'https://example.com/a.yaml',
      "accumulating resources: accumulation err='accumulating resources from 'https://example.com/a.yaml': remote file 'https://example.com/a.yaml' is not fetched: Sluice renders offline': must build at directory: not a valid directory: evalsymlink failure on '/https:/example.com/a.yaml' : lstat /https:: no such file or directory",
      'RemoteNotFetched',
      '/kustomization.yaml',
    ],
    [
      '.',
      "accumulating resources: accumulation err='accumulating resources from '.': '/' must resolve to a file': cycle detected: candidate root '/' contains visited root '/'",
      'Cycle',
      '/kustomization.yaml',
    ],
  ])('refuse %s, naming kind and file of the fault', (entry, message, code, file) => {
    const error = failTree({
      'kustomization.yaml': `resources: ["${entry}"]\n`,
      'broken.yaml': '{"a": 1,\n"b": {\n',
      'nameless.yaml': 'apiVersion: v1\nkind: ConfigMap\n',
      'twice.yaml': `${configMap('a')}---\n${configMap('a')}`,
      'empty/x': '',
    })
    expect([error.message, error.code, error.place.file]).toEqual([message, code, file])
  })

  it('say where an id was met again', () => {
    const files = {
      'kustomization.yaml': 'resources: [a.yaml, b.yaml]\n',
      'a.yaml': configMap('a'),
      'b.yaml': configMap('a'),
    }
    expect(failTree(files).message).toContain("accumulation err='merging resources from 'b.yaml': may not add resource")
  })

  it('are read from wherever a link leads without restrictions', () => {
    const context = contextOf(
      {
        files: {
          'app/kustomization.yaml': 'resources: [l.yaml, ../far/a.yaml]\n',
          'far/a.yaml': configMap('a'),
          'far/b.yaml': configMap('b'),
        },
        links: { 'app/l.yaml': '../far/b.yaml' },
      },
      { loadRestrictions: 'none' },
    )
    expect(
      runBuild('/app', context)
        .resources()
        .map(({ name, file }) => [name, file]),
    ).toEqual([
      ['b', '/app/l.yaml'],
      ['a', '/app/../far/a.yaml'.replace('/app/..', '')],
    ])
  })
})

describe('components', () => {
  const files = {
    'base/kustomization.yaml': 'resources: [a.yaml]\n',
    'base/a.yaml': configMap('a'),
    'comp/kustomization.yaml': component('namePrefix: c-\nresources: [b.yaml]\n'),
    'comp/b.yaml': configMap('b'),
  }

  it('work on what is there before them', () => {
    const output = buildTree(
      { ...files, 'over/kustomization.yaml': 'resources: [../base]\ncomponents: [../comp]\nnameSuffix: -s\n' },
      '/over',
    )
    expect(output).toBe([configMap('c-a-s'), configMap('c-b-s')].join('---\n'))
  })

  it('may be built by themselves', () => expect(buildTree(files, '/comp')).toBe(configMap('c-b')))

  it.each([
    ['resources: [../comp]', "expected kind != 'Component' for path '/comp'"],
    [
      'components: [../base]',
      `accumulating components: accumulateDirectory: "expected kind 'Component' for path '/base' but got 'Kustomization'"`,
    ],
    [
      'components: [../base/a.yaml]',
      `accumulating components: loader.New "must build at directory: '/base/a.yaml': file is not directory"`,
    ],
  ])('are refused in %s', (fields, message) => {
    expect(failTree({ ...files, 'over/kustomization.yaml': fields }, '/over').message).toContain(message)
  })

  it('may not leave two objects of one id', () => {
    const error = failTree(
      {
        'over/kustomization.yaml': 'resources: [x.yaml]\ncomponents: [../comp]\n',
        'over/x.yaml': `${configMap('a')}---\n${configMap('b')}`,
        'comp/kustomization.yaml': component(
          'patches:\n- target: {name: b}\n  options: {allowNameChange: true}\n  patch: |-\n    - {op: replace, path: /metadata/name, value: a}\n',
        ),
      },
      '/over',
    )
    expect(error.code).toBe('IdConflict')
  })
})

describe('a build', () => {
  it('stops where its checkpoint says so', () => {
    const context = {
      ...contextOf({ files: { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap('a') } }),
      checkpoint: () => {
        throw new BuildError('Canceled', 'canceled')
      },
    }
    expect(failure(() => runBuild('/', context)).code).toBe('Canceled')
  })

  it('is linear in its documents', () => {
    const text = Array.from({ length: 4000 }, (_, i) => configMap(`a${i}`)).join('---\n')
    const context = contextOf({
      files: { 'kustomization.yaml': 'resources: [a.yaml]\nnamePrefix: p-\nnamespace: x\n', 'a.yaml': text },
    })
    let checks = 0
    runBuild('/', { ...context, checkpoint: () => (checks += 1) })
    expect(checks).toBeLessThan(200)
  })

  it('parses a text once, however many builds read it', () => {
    const context = contextOf({
      files: { 'kustomization.yaml': 'resources: [a.yaml]\nnamePrefix: p-\n', 'a.yaml': configMap('a') },
    })
    const documents = context.documents.documents('/a.yaml', new TextEncoder().encode(configMap('a')))
    runBuild('/', context)
    expect(context.documents.documents('/b.yaml', new TextEncoder().encode(configMap('a')))).toBe(documents)
    expect(runBuild('/', context).resources()[0]!.name).toBe('p-a')
  })
})
