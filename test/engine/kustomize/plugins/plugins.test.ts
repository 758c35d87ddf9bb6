import { describe, expect, it } from 'vitest'
import { buildTree, configMap, failTree } from '../build-tree.ts'

const prefix =
  'apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: x-\nfieldSpecs: [{path: metadata/name}]\n'
const indented = (text: string): string => text.replace(/^/gm, '  ')
const named = (name: string): string => configMap(name)

describe('where plugins are configured', () => {
  it('takes them in place, in files and in directories, those in place first', () => {
    const output = buildTree({
      'kustomization.yaml': `resources: [cm.yaml]
transformers:
- more
- file.yaml
- |-
${indented(prefix)}
`,
      'cm.yaml': named('a'),
      'file.yaml': prefix.replace('name: p', 'name: q').replace('x-', 'f-'),
      'more/kustomization.yaml': 'resources: [t.yaml]\nnamePrefix: other-\n',
      'more/t.yaml': prefix.replace('name: p', 'name: r').replace('x-', 'm-'),
    })
    expect(output).toBe(named('f-m-x-a'))
  })

  it('generates', () => {
    const output = buildTree({
      'kustomization.yaml': 'generators: [g.yaml]\nnamePrefix: p-\n',
      'g.yaml': `apiVersion: builtin
kind: ConfigMapGenerator
metadata: {name: from-metadata, namespace: ns}
literals: [a=1]
options: {disableNameSuffixHash: true}
---
apiVersion: builtin
kind: SecretGenerator
metadata: {name: ignored}
name: own
literals: [k=v]
options: {disableNameSuffixHash: true}
`,
    })
    expect(output).toBe(`apiVersion: v1
data:
  a: "1"
kind: ConfigMap
metadata:
  name: p-from-metadata
  namespace: ns
---
apiVersion: v1
data:
  k: dg==
kind: Secret
metadata:
  name: p-own
type: Opaque
`)
  })

  it('reads scalars for what the field holds', () => {
    const output = buildTree({
      'kustomization.yaml': 'resources: [cm.yaml]\ntransformers: [t.yaml]\n',
      'cm.yaml': named('a'),
      't.yaml': `apiVersion: builtin
kind: AnnotationsTransformer
metadata: {name: t}
annotations: {a: true, b: 1.5, c: 0777, d: 3.14159265358979}
fieldSpecs: [{path: metadata/annotations, create: true}]
`,
    })
    expect(output).toBe(`apiVersion: v1
kind: ConfigMap
metadata:
  annotations:
    a: "true"
    b: "1.5"
    c: "511"
    d: "3.1415927"
  name: a
`)
  })
})

describe('what is refused', () => {
  const failing = (plugin: string, field = 'transformers'): string =>
    failTree({
      'kustomization.yaml': `resources: [cm.yaml]\n${field}: [t.yaml]\n`,
      'cm.yaml': named('a'),
      't.yaml': plugin,
    }).message

  it.each([
    [
      'apiVersion: example.com/v1\nkind: MyThing\nmetadata: {name: t}',
      "external plugins disabled; unable to load external plugin 'MyThing'",
    ],
    [
      'apiVersion: example.com/v1\nkind: Fn\nmetadata: {name: t, annotations: {config.kubernetes.io/function: "exec: {path: ./x}"}}',
      "external plugins disabled; unable to load external plugin 'Fn'",
    ],
    [
      'apiVersion: builtin\nkind: SortOrderTransformer\nmetadata: {name: t}',
      'unable to load builtin SortOrderTransformer.builtin.[noGrp]',
    ],
    [
      'apiVersion: builtin\nkind: constructor\nmetadata: {name: t}',
      'unable to load builtin constructor.builtin.[noGrp]',
    ],
    [
      'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: t}',
      'plugin ConfigMapGenerator.builtin.[noGrp]/t.[noNs] not a transformer',
    ],
    [
      'apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: t}\nprefix: a-',
      'plugin PrefixTransformer.builtin.[noGrp]/t.[noNs] fails configuration: fieldSpecs is not expected to be nil',
    ],
    [
      'apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: t}\nfieldSpecs: text',
      'plugin LabelTransformer.builtin.[noGrp]/t.[noNs] fails configuration: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go struct field LabelTransformerPlugin.fieldSpecs of type []types.FieldSpec',
    ],
    [
      'apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: t}',
      'plugin HelmChartInflationGenerator.builtin.[noGrp]/t.[noNs] fails configuration: must specify --enable-helm',
    ],
  ])('%j', (plugin, message) => expect(failing(plugin)).toBe(message))

  it('a transformer among the generators', () => {
    expect(failing(prefix, 'generators')).toBe(
      'loading generator plugins: failed to load generator: plugin PrefixTransformer.builtin.[noGrp]/p.[noNs] not a generator',
    )
  })

  it('a validator that changes something', () => {
    expect(failing(prefix, 'validators')).toMatch(/^validator shouldn't modify the resource map: /)
    const harmless = prefix.replace('x-', '""')
    const files = {
      'kustomization.yaml': 'resources: [cm.yaml]\nvalidators: [t.yaml]\n',
      'cm.yaml': named('a'),
      't.yaml': harmless,
    }
    expect(buildTree(files)).toBe(named('a'))
  })

  it('helm charts, showing their configuration', () => {
    const error = failTree({
      'kustomization.yaml':
        'namespace: ns\nhelmCharts:\n- {name: c, repo: "https://example.com", valuesInline: {b: [1], a: x}}\nhelmGlobals: {chartHome: h}\n',
    })
    expect(error.code).toBe('NotSupported')
    expect(error.message).toBe(`trouble configuring builtin HelmChartInflationGenerator with config: \`
chartHome: h
name: c
namespace: ns
repo: https://example.com
valuesInline:
  a: x
  b:
  - 1
\`: must specify --enable-helm`)
  })
})
