import { describe, expect, it } from 'vitest'
import { readKustomization } from '../../../../electron/engine/kustomize/kustomization/read-kustomization.ts'
import type { ReadKustomization } from '../../../../electron/engine/kustomize/kustomization/read-kustomization.ts'
import { openTarget } from '../../../../electron/engine/kustomize/loader/loader.ts'
import { contextOf, failure } from '../build-tree.ts'
import type { Texts } from '../build-tree.ts'

function read(text: string, warnings: string[] = []): ReadKustomization {
  return readFiles({ 'app/kustomization.yaml': text }, warnings)
}

function readFiles(files: Texts, warnings: string[] = []): ReadKustomization {
  return readKustomization(openTarget('/app', contextOf({ files, directories: ['app'] }, {}, warnings)))
}

describe('finding the file', () => {
  it.each(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])('takes %s', (name) => {
    expect(readFiles({ [`app/${name}`]: 'namespace: x' }).fileName).toBe(name)
  })

  it('needs exactly one', () => {
    expect(failure(() => readFiles({})).message).toBe(
      "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '/app'",
    )
    const two = { 'app/kustomization.yaml': 'namespace: x', 'app/Kustomization': 'namespace: x' }
    expect(failure(() => readFiles(two)).message).toBe('Found multiple kustomization files under: /app\n')
  })

  it('does not take a directory of that name', () => {
    expect(readFiles({ 'app/kustomization.yaml/x': '', 'app/Kustomization': 'namespace: x' }).fileName).toBe(
      'Kustomization',
    )
  })
})

describe('decoding', () => {
  it('matches names without regard to case and fills in kind and version', () => {
    const { kustomization } = read('Namespace: x\nRESOURCES: [a]\n')
    expect(kustomization).toMatchObject({
      namespace: 'x',
      resources: ['a'],
      kind: 'Kustomization',
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
    })
    expect(read('kind: Component\nnamespace: x').kustomization.apiVersion).toBe('kustomize.config.k8s.io/v1alpha1')
  })

  it('takes the last of fields that stand twice, and merge keys and anchors', () => {
    expect(read('namespace: a\nnamespace: b').kustomization.namespace).toBe('b')
    const merged = read('labels:\n- &l {pairs: {a: b}, includeSelectors: true}\n- {<<: *l, includeSelectors: false}\n')
    expect(merged.kustomization.labels).toMatchObject([
      { includeSelectors: true },
      { includeSelectors: false, pairs: new Map([['a', 'b']]) },
    ])
  })

  it.each([
    ['resources: foo', 'json: cannot unmarshal string into Go struct field Kustomization.resources of type []string'],
    ['resources: [1]', 'json: cannot unmarshal number into Go struct field Kustomization.resources of type string'],
    ['foo: 1\nbar: 2', 'json: unknown field "bar"'],
    [
      'helmCharts: [{repo: y}]',
      'json: cannot unmarshal bool into Go struct field HelmChart.helmCharts.repo of type string',
    ],
    [
      'commonLabels: {a: 1.5}',
      'json: cannot unmarshal number into Go struct field Kustomization.commonLabels of type string',
    ],
    [
      'configMapGenerator: [{name: 5}]',
      'json: cannot unmarshal number into Go struct field ConfigMapArgs.configMapGenerator.GeneratorArgs.name of type string',
    ],
    [
      'configMapGenerator: [{literals: 7}]',
      'json: cannot unmarshal number into Go struct field ConfigMapArgs.configMapGenerator.GeneratorArgs.KvPairSources.literals of type []string',
    ],
    [
      'configMapGenerator: {a: b}',
      'json: cannot unmarshal object into Go struct field Kustomization.configMapGenerator of type []types.ConfigMapArgs',
    ],
    [
      'patches: [{target: {kind: 5}}]',
      'json: cannot unmarshal number into Go struct field Selector.patches.target.ResId.Gvk.kind of type string',
    ],
    [
      'patches: [{target: 5}]',
      'json: cannot unmarshal number into Go struct field Patch.patches.target of type types.Selector',
    ],
    [
      'replicas: [{count: 1.5}]',
      'json: cannot unmarshal number 1.5 into Go struct field Replica.replicas.count of type int64',
    ],
    [
      'replicas: [{count: "1"}]',
      'json: cannot unmarshal string into Go struct field Replica.replicas.count of type int64',
    ],
    [
      'generatorOptions: {immutable: "true"}',
      'json: cannot unmarshal string into Go struct field GeneratorOptions.generatorOptions.immutable of type bool',
    ],
    [
      'labels: [{pairs: [a]}]',
      'json: cannot unmarshal array into Go struct field Label.labels.pairs of type map[string]string',
    ],
    ['- a', 'json: cannot unmarshal array into Go value of type types.Kustomization'],
    ['just text', 'json: cannot unmarshal string into Go value of type types.Kustomization'],
    ['resources: [a\nb: c', "yaml: line 1: did not find expected ',' or ']'"],
    ['a: *x', "yaml: unknown anchor 'x' referenced"],
  ])('refuses %j', (text, message) => {
    expect(failure(() => read(text)).message).toBe(`invalid Kustomization: ${message}`)
  })

  it('names the file and the line', () => {
    expect(failure(() => read('namespace: x\n\nresorces: [a]\n')).place).toEqual({
      file: '/app/kustomization.yaml',
      line: 3,
    })
    expect(failure(() => read('namespace: x\nimages:\n- newTag: 1.0\n')).place).toEqual({
      file: '/app/kustomization.yaml',
      line: 3,
    })
  })
})

describe('checks', () => {
  it.each([
    ['', 'kustomization.yaml is empty'],
    ['# nothing\n', 'kustomization.yaml is empty'],
    ['kind: Kustomization', 'kustomization.yaml is empty'],
    ['resources: null', 'kustomization.yaml is empty'],
    ['bases: []', 'kustomization.yaml is empty'],
    [
      'apiVersion: v1\nkind: Foo\nnamespace: x',
      'Failed to read kustomization file under /app:\nkind should be Kustomization or Component\napiVersion for Foo should be kustomize.config.k8s.io/v1beta1',
    ],
    [
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Component\nnamespace: x',
      'Failed to read kustomization file under /app:\napiVersion for Component should be kustomize.config.k8s.io/v1alpha1',
    ],
  ])('refuses %j', (text, message) => expect(failure(() => read(text)).message).toBe(message))

  it.each(['resources: []', 'metadata: {name: x}', 'openapi: {}'])('%s is something', (text) => {
    expect(() => read(text)).not.toThrow()
  })
})

describe('older fields', () => {
  it('are moved, with a warning each', () => {
    const warnings: string[] = []
    const { kustomization } = read(
      `resources: [a]
bases: [b]
imageTags: [{name: i}]
commonLabels: {}
vars: []
configMapGenerator: [{name: c, env: x.env, envs: [y.env]}]
patchesJson6902: []
patchesStrategicMerge: []
`,
      warnings,
    )
    expect(kustomization).toMatchObject({
      resources: ['a', 'b'],
      bases: null,
      images: [{ name: 'i' }],
      imageTags: null,
    })
    expect(kustomization.configMapGenerator).toMatchObject([{ env: '', envs: ['y.env', 'x.env'] }])
    expect(
      warnings.map((text) => /'(\w+)' is deprecated. Please use '(\w+)'/.exec(text)?.slice(1).join(' → ')),
    ).toEqual([
      'bases → resources',
      'commonLabels → labels',
      'imageTags → images',
      'patchesJson6902 → patches',
      'patchesStrategicMerge → patches',
      'vars → replacements',
    ])
  })

  it('turn into helm charts', () => {
    const { kustomization } = read(
      'helmChartInflationGenerator:\n- {chartName: a, chartHome: x, helmHome: h, values: v.yaml}\n- {chartName: b, chartHome: z}\n',
    )
    expect(kustomization.helmGlobals).toEqual({ chartHome: 'z', configHome: 'h' })
    expect(kustomization.helmCharts).toMatchObject([{ name: 'a', valuesFile: 'v.yaml' }, { name: 'b' }])
  })
})
