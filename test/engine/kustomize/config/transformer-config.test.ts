/** The default configuration, what files and definitions add to it, and where they contradict it. */
import { describe, expect, it } from 'vitest'
import { readCrdConfig } from '../../../../electron/engine/kustomize/config/crd-config.ts'
import { defaultTransformerConfig } from '../../../../electron/engine/kustomize/config/default-config.ts'
import { loadConfigurations, loadCrdConfigurations } from '../../../../electron/engine/kustomize/config/load-config.ts'
import type { TransformerConfig } from '../../../../electron/engine/kustomize/config/transformer-config.ts'
import {
  emptyTransformerConfig,
  mergeTransformerConfigs,
} from '../../../../electron/engine/kustomize/config/transformer-config.ts'
import { fieldSpecText } from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import { gvkText } from '../../../../electron/engine/kustomize/resource/gvk.ts'
import { errorOf } from '../resource/resources-from-yaml.ts'

const standard = defaultTransformerConfig()

function load(...texts: string[]): TransformerConfig {
  const read = (path: string) => ({ path, bytes: new TextEncoder().encode(texts[Number(path)]) })
  return loadConfigurations(
    { read },
    texts.map((_, index) => String(index)),
  )
}

describe('the default', () => {
  it.each([
    ['namePrefix', 1],
    ['nameSuffix', 1],
    ['namespace', 3],
    ['commonLabels', 32],
    ['labels', 0],
    ['templateLabels', 10],
    ['commonAnnotations', 9],
    ['nameReference', 16],
    ['varReference', 72],
    ['images', 6],
    ['replicas', 4],
  ] as const)('has as many %s as upstream: %d', (field, count) => {
    expect(standard[field].length).toBe(count)
  })

  it('is made once and is what no files give', () => {
    expect(defaultTransformerConfig()).toBe(standard)
    expect(load()).toBe(standard)
  })

  it('merges into itself without change', () => {
    expect(mergeTransformerConfigs(standard, standard)).toBe(standard)
    expect(mergeTransformerConfigs(standard, emptyTransformerConfig)).toBe(standard)
  })

  it('names the referrers of a target', () => {
    const counts = standard.nameReference.map((entry) => `${gvkText(entry)} ${entry.referrers.length}`)
    expect(counts).toContain('ConfigMap.v1.[noGrp] 52')
    expect(counts).toContain('Service.v1.[noGrp] 8')
    expect(counts).toContain('IngressClass.v1.networking.k8s.io/v1 1')
    const total = standard.nameReference.reduce((sum, entry) => sum + entry.referrers.length, 0)
    // One path of upstream's 167 stands there twice.
    expect(total).toBe(166)
  })

  it('creates selectors of workloads and leaves those of others', () => {
    const texts = standard.commonLabels.map(fieldSpecText)
    expect(texts).toContain('Deployment.[noVer].[noGrp]:true:spec/selector/matchLabels')
    expect(texts).toContain('Job.[noVer].batch:false:spec/selector/matchLabels')
    expect(texts).toContain('StatefulSet.[noVer].apps:true:spec/volumeClaimTemplates[]/metadata/labels')
  })
})

describe('configuration files', () => {
  it('add specs, sorted by gvk', () => {
    const config = load('images:\n- {path: spec/image, kind: Service}\n- {path: a, kind: Widget}\n')
    expect(config.images.map(({ path }) => path)).toEqual([
      'spec/image',
      'a',
      ...standard.images.map(({ path }) => path),
    ])
    expect(config.replicas).toBe(standard.replicas)
  })

  it('add referrers to a target that is there, and targets', () => {
    const config = load(
      'nameReference:\n- {kind: Service, version: v1, fieldSpecs: [{kind: W, path: spec/svc}]}\n' +
        '- {kind: W, fieldSpecs: [{path: x}]}\n',
    )
    const texts = (kind: string): string[] =>
      config.nameReference.filter((entry) => entry.kind === kind).flatMap((entry) => entry.referrers.map(fieldSpecText))
    expect(texts('Service').at(-1)).toBe('W.[noVer].[noGrp]:false:spec/svc')
    expect(texts('Service').length).toBe(9)
    expect(texts('W')).toEqual(['[noKind].[noVer].[noGrp]:false:x'])
  })

  it('are merged in order', () => {
    const config = load('labels:\n- {path: a, create: true}\n', 'labels:\n- {path: b}\n- {path: a, create: true}\n')
    expect(config.labels.map(({ path }) => path)).toEqual(['a', 'b'])
  })

  it.each([
    [
      'an unknown field',
      'label:\n- {path: a}\n',
      'error unmarshaling JSON: while decoding JSON: json: unknown field "label"',
    ],
    [
      'a contradiction',
      'replicas:\n- {path: spec/replicas, kind: Deployment}\n',
      'failed to merge Replicas fieldSpec: conflicting fieldspecs',
    ],
    [
      'a contradiction within',
      'labels:\n- {path: a}\n- {path: a, create: true}\n',
      'failed to merge Labels fieldSpec: conflicting fieldspecs',
    ],
  ])('are refused for %s', (_name, text, message) => {
    expect(errorOf(() => load(text))).toBe(message)
  })

  it('may be empty', () => {
    expect(load('')).toBe(standard)
  })
})

describe('definitions of custom kinds', () => {
  const definitions = `
example.com/v1.Bee:
  Schema:
    properties:
      apiVersion: {type: string}
      kind: {type: string}
      metadata: {type: object}
      spec: {$ref: example.com/v1.BeeSpec}
example.com/v1.BeeSpec:
  Schema:
    properties:
      notes: {x-kubernetes-annotation: ""}
      pick: {x-kubernetes-label-selector: ""}
      called: {X-Kubernetes-Identity: ""}
      secret: {x-kubernetes-object-ref-api-version: v1, x-kubernetes-object-ref-kind: Secret}
      config: {x-kubernetes-object-ref-api-version: v1, x-kubernetes-object-ref-kind: ConfigMap, x-kubernetes-object-ref-name-key: ref}
      ignored: {x-kubernetes-object-ref-kind: ConfigMap}
`
  const texts = (config: TransformerConfig): Record<string, string[]> => ({
    annotations: config.commonAnnotations.map(fieldSpecText),
    labels: config.commonLabels.map(fieldSpecText),
    prefix: config.namePrefix.map(fieldSpecText),
    references: config.nameReference.flatMap((entry) =>
      entry.referrers.map((spec) => `${gvkText(entry)} ${spec.path}`),
    ),
  })

  it('say which fields are names, labels and annotations, through references', () => {
    expect(texts(readCrdConfig(definitions, 'crd.yaml'))).toEqual({
      annotations: ['Bee.[noVer].[noGrp]:false:spec/notes'],
      labels: ['Bee.[noVer].[noGrp]:false:spec/pick'],
      prefix: ['Bee.[noVer].[noGrp]:false:spec/called'],
      references: ['ConfigMap.v1.[noGrp] spec/config/ref', 'Secret.v1.[noGrp] spec/secret/name'],
    })
  })

  it('may be JSON', () => {
    const bee = { properties: { apiVersion: {}, kind: {}, metadata: {}, a: { 'x-kubernetes-annotation': '' } } }
    const text = JSON.stringify({ 'v1.Bee': { Schema: bee } })
    expect(readCrdConfig(text, 'crd.json').commonAnnotations.length).toBe(1)
  })

  it('are merged over files; none give nothing', () => {
    const read = (path: string) => ({ path, bytes: new TextEncoder().encode(definitions) })
    expect(texts(loadCrdConfigurations({ read }, ['a', 'b']))['labels']!.length).toBe(1)
    expect(loadCrdConfigurations({ read }, [])).toBe(emptyTransformerConfig)
  })

  it('are refused where they are no map, or refer to themselves for ever', () => {
    expect(errorOf(() => readCrdConfig('- a\n', 'crd.yaml'))).toMatch(
      /^unable to parse open API definition from 'crd.yaml': .*json: cannot unmarshal array into Go value of type accumulator.nameToApiMap$/,
    )
    const cycle =
      '# block\n{v1.Bee: {Schema: {properties: {apiVersion: {}, kind: {}, metadata: {}, self: {$ref: v1.Bee}}}}}\n'
    expect(errorOf(() => readCrdConfig(cycle, 'crd.yaml'))).toContain('refer to each other')
  })
})
