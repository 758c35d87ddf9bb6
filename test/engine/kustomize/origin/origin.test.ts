import { describe, expect, it } from 'vitest'
import { buildTree, configMap } from '../build-tree.ts'

const tree = (metadata: string): Record<string, string> => ({
  'over/kustomization.yaml': `resources: [../base, own.yaml]\nnamePrefix: p-\n${metadata}`,
  'over/own.yaml': configMap('own'),
  'base/kustomization.yaml': `resources: [cm.yaml]
buildMetadata: [transformerAnnotations]
configMapGenerator:
- {name: made, options: {disableNameSuffixHash: true}}
`,
  'base/cm.yaml': configMap('a', '  annotations: {keep: 1, config.kubernetes.io/origin: mine}\n'),
})

const annotationsOf = (output: string): string[] =>
  output.split('---\n').map((text) => /annotations:\n([^]*?)\n {2}name:/.exec(text)?.[1] ?? '')

describe('buildMetadata', () => {
  it('tells origins, seen from the directory that is built', () => {
    const [first, second, third] = annotationsOf(buildTree(tree('buildMetadata: [originAnnotations]\n'), '/over'))
    expect(first).toBe('    config.kubernetes.io/origin: |\n      path: ../base/cm.yaml\n    keep: "1"')
    expect(second).toBe(`    config.kubernetes.io/origin: |
      configuredIn: ../base/kustomization.yaml
      configuredBy:
        apiVersion: builtin
        kind: ConfigMapGenerator`)
    expect(third).toBe('    config.kubernetes.io/origin: |\n      path: own.yaml')
  })

  it('tells transformations', () => {
    const [first] = annotationsOf(buildTree(tree('buildMetadata: [transformerAnnotations]\n'), '/over'))
    expect(first).toBe(`    alpha.config.kubernetes.io/transformations: |
      - configuredIn: kustomization.yaml
        configuredBy:
          apiVersion: builtin
          kind: PrefixTransformer
    keep: "1"`)
  })

  it('makes annotations anew: a value that one transformer put into two places is two values then', () => {
    const output = (metadata: string): string =>
      buildTree(
        {
          'over/kustomization.yaml': `resources: [../base]\n${metadata}patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: d, annotations: {note: patched}}\n`,
          'base/kustomization.yaml': 'resources: [d.yaml]\ncommonAnnotations: {note: common}\n',
          'base/d.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n',
        },
        '/over',
      )
    expect(output('')).not.toContain('note: common')
    expect(output('buildMetadata: [transformerAnnotations]\n')).toContain('        note: common\n')
  })

  it('quotes names that YAML 1.1 would read as something else', () => {
    const transformer = (name: string): string =>
      `|-\n  apiVersion: builtin\n  kind: NamespaceTransformer\n  metadata: {name: "${name}", namespace: x}\n`
    for (const [name, printed] of [
      ['n', '"n"'],
      ['yes', '"yes"'],
      ['1:20', '"1:20"'],
      ['5', '"5"'],
      ['plain', 'plain'],
    ] as const) {
      const output = buildTree({
        'kustomization.yaml': `resources: [cm.yaml]\nbuildMetadata: [transformerAnnotations]\ntransformers:\n- ${transformer(name)}`,
        'cm.yaml': configMap('a'),
      })
      expect(output).toContain(`          name: ${printed}\n`)
    }
  })

  it('counts only at the root, where an origin that a file claims is taken off', () => {
    expect(annotationsOf(buildTree(tree(''), '/over'))).toEqual(['    keep: "1"', '', ''])
  })

  it('adds the label', () => {
    const files = {
      'kustomization.yaml': 'resources: [a.yaml]\nbuildMetadata: [managedByLabel]\n',
      'a.yaml': configMap('a'),
    }
    expect(buildTree(files)).toContain('    app.kubernetes.io/managed-by: kustomize-v5.8.1\n')
    expect(buildTree(files, '/', { version: '(devel)' })).toContain('managed-by: kustomize-(devel)\n')
  })
})

describe('annotations at the end of a build', () => {
  const printed = (annotations: string): string =>
    buildTree({
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': configMap('a', `  annotations: ${annotations}\n`),
    })

  it('are texts, whatever they were', () => {
    expect(printed('{a: null, b: ~, c: , d: 5, e: true, f: [a], g: {b: c}}')).toContain(
      '    a: "null"\n    b: "~"\n    c: ""\n    d: "5"\n    e: "true"\n    f: ""\n    g: ""\n',
    )
  })

  it.each(['{}', 'null'])('are gone when %s', (annotations) => expect(printed(annotations)).toBe(configMap('a')))

  it('lose those that kustomize keeps for itself', () => {
    expect(printed('{config.kubernetes.io/index: 1, internal.config.kubernetes.io/path: x, config.k8s.io/id: y}')).toBe(
      configMap('a'),
    )
  })
})
