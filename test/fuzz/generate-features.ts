/** The features of a kustomization file, each adding itself to a layer with random but mostly sensible content. */
import type { Chance } from './random.ts'
import type { Known, Obj } from './generate-resource.ts'
import { image, imageNames, names, namespaces, podSpec, randomText } from './generate-resource.ts'
import type { Value } from './print-yaml.ts'
import { Raw } from './print-yaml.ts'
import type { Layer } from './generate-case.ts'
import { randomPatch, randomOperations, randomTarget } from './generate-patches.ts'
import { randomReplacement } from './generate-replacements.ts'
import { resolves } from './field-paths.ts'

export interface Feature {
  readonly name: string
  readonly weight?: number
  readonly isForbiddenInComponents?: boolean
  readonly add: (layer: Layer) => void
}

const labelPairs = (chance: Chance): Obj => {
  const pairs: Obj = {}
  for (const key of chance.some(['team', 'env', 'app', 'example.com/part'], chance.between(1, 2)))
    pairs[key] = chance.pick(['a', 'b-c', 'true', '1', 'x_y', new Raw('"1.0"')] as Value[])
  return pairs
}

function list(layer: Layer, field: string): Value[] {
  const found = (layer.fields[field] ??= [])
  // A mistake may have put something else there.
  return Array.isArray(found) ? found : []
}

function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : ''
}

function generatorEntry(layer: Layer, isSecret: boolean): Obj {
  const { chance } = layer
  const entry: Obj = { name: chance.is(0.85) ? `${chance.pick(names)}-gen${chance.int(3)}` : chance.pick(names) }
  const count = chance.between(0, 4)
  if (chance.is(0.75))
    entry['literals'] = Array.from({ length: count }, (_, index) => {
      const key = chance.pick(['key', 'a2', 'a10', 'HOST', 'x.y', 'config.yaml'])
      return `${key}${chance.is(0.9) ? index : ''}=${chance.pick(['v', 'true', '1', 'a=b', '"quoted"', "'single'", 'é', '', 'a\nb\n', randomText(chance)])}`
    })
  if (chance.is(0.3)) {
    const file = layer.write(
      chance.pick(['data.txt', 'app.properties', 'conf.json', 'script.sh']),
      chance.pick([
        'hello\n',
        'a=b\nc=d\n',
        '{"a": 1, "b": {"c": "d"}}',
        '#!/bin/sh\necho hi\n',
        '',
        'no newline',
        'tab\there  \n trailing \n',
        randomText(chance),
      ]),
    )
    entry['files'] = [chance.is(0.5) ? file : `renamed.txt=${file}`]
  }
  if (chance.is(0.15)) {
    layer.write(
      'vars.env',
      chance.pick([
        'A=1\nB=two words\n# comment\n\nC="q"\n',
        'K=v',
        'HOST\nX=y\n',
        ' LEAD=1\nT=trail  \n',
        '\ufeffBOM=1\n',
        'A=1\r\nB=2\r\n',
      ]),
    )
    if (chance.is(0.5)) entry['envs'] = ['vars.env']
    else entry['env'] = 'vars.env'
  }
  if (isSecret && chance.is(0.3)) entry['type'] = chance.pick(['Opaque', 'kubernetes.io/tls', ''])
  if (chance.is(0.2)) entry['namespace'] = chance.pick(namespaces)
  if (chance.is(0.3)) entry['options'] = generatorOptions(chance)
  if (chance.is(0.15)) {
    const known = layer.known.filter(({ kind }) => kind === (isSecret ? 'Secret' : 'ConfigMap'))
    const isFit = known.length > 0 && chance.is(0.95)
    entry['behavior'] = isFit ? chance.pick(['merge', 'merge', 'replace']) : chance.is(0.9) ? 'create' : 'merge'
    if (isFit) {
      const chosen = chance.pick(known)
      entry['name'] = chosen.name
      if (chosen.namespace !== '') entry['namespace'] = chosen.namespace
    }
  }
  return entry
}

function generatorOptions(chance: Chance): Obj {
  const options: Obj = {}
  if (chance.is(0.5)) options['disableNameSuffixHash'] = chance.is(0.8)
  if (chance.is(0.4)) options['labels'] = labelPairs(chance)
  if (chance.is(0.4)) options['annotations'] = { note: randomText(chance) }
  if (chance.is(0.2)) options['immutable'] = true
  return options
}

function generate(isSecret: boolean): (layer: Layer) => void {
  return (layer) => {
    const entries = list(layer, isSecret ? 'secretGenerator' : 'configMapGenerator')
    for (let i = layer.chance.between(1, 2); i > 0; i--) {
      const entry = generatorEntry(layer, isSecret)
      entries.push(entry)
      const known: Known = {
        kind: isSecret ? 'Secret' : 'ConfigMap',
        apiVersion: 'v1',
        name: textOf(entry['name']),
        namespace: textOf(entry['namespace']),
        object: { data: {} },
      }
      if (entry['behavior'] === undefined) layer.known.push(known)
      // Somebody uses what is generated, so that its hash shows elsewhere too.
      if (layer.chance.is(0.5)) {
        const name = `user-of-${known.name}`.replaceAll('.', '-')
        list(layer, 'resources').push(
          layer.writeYaml(`${name}-${i}.yaml`, {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name, ...(known.namespace === '' ? {} : { namespace: known.namespace }) },
            spec: {
              containers: [
                {
                  name: 'c',
                  image: image(layer.chance),
                  envFrom: [isSecret ? { secretRef: { name: known.name } } : { configMapRef: { name: known.name } }],
                },
              ],
            },
          }),
        )
      }
    }
  }
}

const fieldSpec = (chance: Chance): Obj => ({
  path: chance.pick([
    'spec/nested/labels',
    'metadata/labels',
    'spec/template/metadata/labels',
    'spec/list',
    'spec/items[]/labels',
    'metadata/annotations/x',
    'spec/nested/name',
  ]),
  create: chance.is(0.6),
  ...(chance.is(0.5) ? { kind: chance.pick(['Widget', 'Deployment', 'Service']) } : {}),
  ...(chance.is(0.2) ? { group: chance.pick(['apps', 'example.com']) } : {}),
  ...(chance.is(0.1) ? { version: 'v1' } : {}),
})

function plugin(
  layer: Layer,
  field: 'generators' | 'transformers' | 'validators',
  name: string,
  ...configs: Obj[]
): void {
  list(layer, field).push(layer.writeYaml(name, ...configs))
}

const builtin = (kind: string, more: Obj): Obj => ({
  apiVersion: 'builtin',
  kind,
  metadata: { name: kind.toLowerCase() },
  ...more,
})

function transformerConfig(layer: Layer): Obj {
  const { chance } = layer
  const spec = (): Value[] => [fieldSpec(chance)]
  switch (chance.int(12)) {
    case 0:
      return builtin('PrefixTransformer', { prefix: 'tp-', fieldSpecs: [{ path: 'metadata/name' }] })
    case 1:
      return builtin('SuffixTransformer', {
        suffix: '-ts',
        fieldSpecs: [{ path: 'metadata/name', ...(chance.is(0.5) ? { kind: 'Deployment' } : {}) }],
      })
    case 2:
      return {
        apiVersion: 'builtin',
        kind: 'NamespaceTransformer',
        metadata: { name: 'ns', namespace: chance.pick(namespaces) },
        ...(chance.is(0.5)
          ? { setRoleBindingSubjects: chance.pick(['none', 'defaultOnly', 'allServiceAccounts', 'bad']) }
          : {}),
        ...(chance.is(0.4) ? { unsetOnly: chance.is(0.7) } : {}),
        fieldSpecs: [
          { path: 'metadata/namespace', create: true },
          ...(chance.is(0.4)
            ? [
                { path: 'subjects', kind: 'RoleBinding' },
                { path: 'subjects', kind: 'ClusterRoleBinding' },
              ]
            : []),
        ],
      }
    case 3:
      return builtin('LabelTransformer', {
        labels: labelPairs(chance),
        fieldSpecs: [{ path: 'metadata/labels', create: true }, ...spec()],
      })
    case 4:
      return builtin('AnnotationsTransformer', {
        annotations: { note: randomText(chance), b: 'c' },
        fieldSpecs: [{ path: 'metadata/annotations', create: true }],
      })
    case 5:
      return builtin('ImageTagTransformer', {
        imageTag: imageEntry(chance),
        ...(chance.is(0.5) ? { fieldSpecs: [{ path: 'spec/nested/image' }] } : {}),
      })
    case 6:
      return builtin('ReplicaCountTransformer', {
        replica: { name: chance.pick(names), count: 4 },
        fieldSpecs: [
          { path: 'spec/replicas', create: true, kind: 'Deployment' },
          { path: 'spec/size', kind: 'Widget' },
        ],
      })
    case 7: {
      const target = randomTarget(layer)
      return builtin('PatchTransformer', {
        patch: randomPatch(layer, target).text,
        ...(chance.is(0.5) ? { target: target.selector } : {}),
      })
    }
    case 8:
      return builtin('PatchStrategicMergeTransformer', { patches: randomPatch(layer, randomTarget(layer)).text })
    case 9: {
      const target = randomTarget(layer)
      return builtin('PatchJson6902Transformer', {
        target: target.exact,
        jsonOp: JSON.stringify(randomOperations(layer, target)),
      })
    }
    case 10:
      if (chance.is(0.9))
        return builtin('SuffixTransformer', { suffix: '-t10', fieldSpecs: [{ path: 'metadata/name' }] })
      return builtin('SortOrderTransformer', { sortOptions: sortOptions(chance) })
    default:
      if (chance.is(0.8)) return builtin('PrefixTransformer', { prefix: 'p-', fieldSpecs: [{ path: 'metadata/name' }] })
      return builtin(
        chance.pick([
          'HashTransformer',
          'NamespaceTransformer',
          'ReplacementTransformer',
          'ValueAddTransformer',
          'NoSuchTransformer',
        ]),
        {},
      )
  }
}

function imageEntry(chance: Chance): Obj {
  const entry: Obj = {
    name: chance.is(0.9) ? chance.pick(imageNames) : chance.pick(['nginx:1.25', '*', 'nope', 'my.*']),
  }
  if (chance.is(0.5)) entry['newName'] = chance.pick(['mirror.local/nginx', 'other', 'r:5000/x/y'])
  if (chance.is(0.6)) entry['newTag'] = chance.pick<Value>(['v2', '1.0', new Raw('"1.10"'), 'latest', ''])
  if (chance.is(0.2)) entry['digest'] = 'sha256:1111111111111111111111111111111111111111111111111111111111111111'
  if (chance.is(0.1)) entry['tagSuffix'] = '-debug'
  return entry
}

function sortOptions(chance: Chance): Obj {
  if (chance.is(0.3)) return { order: chance.pick(['fifo', 'legacy', 'bad']) }
  return {
    order: 'legacy',
    ...(chance.is(0.6)
      ? {
          legacySortOptions: {
            orderFirst: chance.some(['Namespace', 'ConfigMap', 'Deployment', 'Widget'], 2),
            orderLast: chance.some(['Service', 'ValidatingWebhookConfiguration'], 1),
          },
        }
      : {}),
  }
}

const nameReferences = [
  { kind: 'ConfigMap', version: 'v1', fieldSpecs: [{ path: 'spec/nested/name', kind: 'Widget' }] },
  {
    kind: 'Widget',
    group: 'example.com',
    fieldSpecs: [{ path: 'data/key', kind: 'ConfigMap' }, { path: 'metadata/annotations/note' }],
  },
  { kind: 'Service', version: 'v1', fieldSpecs: [{ path: 'spec/nested/items/name', kind: 'Widget' }] },
]

const varPaths = [
  'metadata.namespace',
  'spec.replicas',
  'data.key',
  'spec.template.spec.containers[0].image',
  'metadata.labels',
  'nope.nope',
  'spec.size',
  'spec.containers[0].name',
]

export const features: readonly Feature[] = [
  {
    name: 'namespace',
    weight: 2,
    add: ({ fields, chance }) => (fields['namespace'] = chance.pick([...namespaces, 'other'])),
  },
  {
    name: 'namePrefix',
    weight: 2,
    add: ({ fields, chance }) => (fields['namePrefix'] = chance.pick(['pre-', 'a.', 'x'])),
  },
  {
    name: 'nameSuffix',
    weight: 1.5,
    add: ({ fields, chance }) => (fields['nameSuffix'] = chance.pick(['-suf', '-v2', '1'])),
  },
  { name: 'commonLabels', add: ({ fields, chance }) => (fields['commonLabels'] = labelPairs(chance)) },
  {
    name: 'commonAnnotations',
    add: ({ fields, chance }) => (fields['commonAnnotations'] = { note: randomText(chance), 'a.b/c': 'x' }),
  },
  {
    name: 'labels',
    weight: 1.5,
    add(layer) {
      const { chance } = layer
      for (let i = chance.between(1, 2); i > 0; i--)
        list(layer, 'labels').push({
          pairs: labelPairs(chance),
          ...(chance.is(0.4) ? { includeSelectors: chance.is(0.7) } : {}),
          ...(chance.is(0.3) ? { includeTemplates: chance.is(0.8) } : {}),
          ...(chance.is(0.25) ? { fields: [fieldSpec(chance)] } : {}),
        })
    },
  },
  {
    name: 'images',
    weight: 2,
    add(layer) {
      for (let i = layer.chance.between(1, 3); i > 0; i--) list(layer, 'images').push(imageEntry(layer.chance))
    },
  },
  {
    name: 'replicas',
    weight: 1.5,
    add(layer) {
      const { chance, known } = layer
      const workloads = known.filter(({ kind }) => ['Deployment', 'StatefulSet', 'ReplicaSet'].includes(kind))
      if (workloads.length === 0 && chance.is(0.97)) return
      const name = workloads.length > 0 && chance.is(0.97) ? chance.pick(workloads).name : chance.pick(names)
      list(layer, 'replicas').push({ name, count: chance.between(0, 9) })
    },
  },
  { name: 'configMapGenerator', weight: 2.5, add: generate(false) },
  { name: 'secretGenerator', weight: 1.5, add: generate(true) },
  { name: 'generatorOptions', add: ({ fields, chance }) => (fields['generatorOptions'] = generatorOptions(chance)) },
  {
    name: 'patches',
    weight: 3,
    add(layer) {
      const { chance } = layer
      for (let i = chance.between(1, 2); i > 0; i--) {
        const target = randomTarget(layer)
        const isJson = chance.is(0.35)
        const text = isJson ? printOperations(layer, randomOperations(layer, target)) : randomPatch(layer, target).text
        const entry: Obj = chance.is(0.5)
          ? { patch: text }
          : { path: layer.write(`patch-${i}-${chance.int(100)}.yaml`, text) }
        if (isJson || chance.is(0.5)) entry['target'] = target.selector
        if (!isJson && chance.is(0.15))
          entry['options'] = { allowNameChange: chance.is(0.6), allowKindChange: chance.is(0.6) }
        list(layer, 'patches').push(entry)
      }
    },
  },
  {
    name: 'patchesStrategicMerge',
    weight: 1.5,
    add(layer) {
      const { chance } = layer
      const { text } = randomPatch(layer, randomTarget(layer))
      list(layer, 'patchesStrategicMerge').push(
        chance.is(0.5) ? text : layer.write(`smp-${chance.int(100)}.yaml`, text),
      )
    },
  },
  {
    name: 'patchesJson6902',
    weight: 1.5,
    add(layer) {
      const { chance } = layer
      const target = randomTarget(layer)
      const text = printOperations(layer, randomOperations(layer, target))
      list(layer, 'patchesJson6902').push({
        target: target.exact,
        ...(chance.is(0.5) ? { patch: text } : { path: layer.write(`ops-${chance.int(100)}.yaml`, text) }),
      })
    },
  },
  {
    name: 'replacements',
    weight: 2.5,
    add(layer) {
      const { chance } = layer
      for (let i = chance.between(1, 2); i > 0; i--) {
        const replacement = randomReplacement(layer)
        if (chance.is(0.8)) list(layer, 'replacements').push(replacement)
        else
          list(layer, 'replacements').push({
            path: layer.writeYaml(`replacement-${i}.yaml`, chance.is(0.5) ? replacement : [replacement]),
          })
      }
    },
  },
  {
    name: 'vars',
    weight: 1.2,
    add(layer) {
      const { chance, known } = layer
      if (known.length === 0) return
      for (const name of chance.some(['VAR1', 'VAR2'], chance.between(1, 2))) {
        const of = chance.pick(known)
        const paths = ['metadata.name', ...varPaths.filter((path) => resolves(of.object, path) || chance.is(0.01))]
        list(layer, 'vars').push({
          name,
          objref: {
            apiVersion: of.apiVersion,
            kind: of.kind,
            name: of.name,
            ...(chance.is(0.2) ? { namespace: of.namespace || 'default' } : {}),
          },
          ...(chance.is(0.6)
            ? {
                fieldref: {
                  fieldpath: chance.pick(paths),
                },
              }
            : {}),
        })
      }
      list(layer, 'resources').push(
        layer.writeYaml('var-user.yaml', {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: `var-user-${layer.folder.replace(/\W/g, '')}` },
          spec: {
            containers: [
              {
                name: 'c',
                image: 'busybox',
                command: ['echo', '$(VAR1)', 'a$(VAR2)b', '$$(VAR1)', '$(VAR1)$(VAR2)'],
                env: [{ name: 'X', value: '$(VAR1)' }],
              },
            ],
          },
        }),
      )
    },
  },
  {
    name: 'configurations',
    weight: 0.8,
    add(layer) {
      const { chance } = layer
      const config: Obj = {}
      if (chance.is(0.5)) config['nameReference'] = chance.some(nameReferences, chance.between(1, 2))
      if (chance.is(0.3)) config['namePrefix'] = [{ path: 'spec/nested/name', kind: 'Widget' }]
      if (chance.is(0.3)) config['commonLabels'] = [{ path: 'spec/nested/labels', create: true, kind: 'Widget' }]
      if (chance.is(0.3)) config['images'] = [{ path: 'spec/nested/image', kind: 'Widget' }]
      if (chance.is(0.3)) config['replicas'] = [{ path: 'spec/size', kind: 'Widget' }]
      if (chance.is(0.3)) config['varReference'] = [{ path: 'spec/nested/items/value', kind: 'Widget' }]
      if (chance.is(0.2))
        config['commonAnnotations'] = [{ path: 'spec/nested/annotations', create: true, kind: 'Widget' }]
      if (chance.is(0.2)) config['namespace'] = [{ path: 'spec/nested/namespace', create: true, kind: 'Widget' }]
      list(layer, 'configurations').push(layer.writeYaml('config.yaml', config))
    },
  },
  {
    name: 'crds',
    weight: 0.4,
    add(layer) {
      const definition = {
        'com.example.v1.Widget': {
          Schema: {
            description: 'x',
            properties: {
              apiVersion: { type: 'string' },
              kind: { type: 'string' },
              metadata: { $ref: 'k8s.io/apimachinery/pkg/apis/meta/v1.ObjectMeta' },
              spec: { $ref: 'com.example.v1.WidgetSpec' },
            },
          },
          Dependencies: ['com.example.v1.WidgetSpec'],
        },
        'com.example.v1.WidgetSpec': {
          Schema: {
            properties: {
              nested: {
                'x-kubernetes-object-ref-api-version': 'v1',
                'x-kubernetes-object-ref-kind': 'ConfigMap',
                type: 'object',
              },
              size: { type: 'integer' },
            },
          },
          Dependencies: [],
        },
      }
      list(layer, 'crds').push(layer.write('crd.json', JSON.stringify(definition)))
    },
  },
  {
    name: 'openapi',
    weight: 0.4,
    isForbiddenInComponents: false,
    add(layer) {
      const strategy = {
        type: 'array',
        items: { type: 'object', properties: { name: { type: 'string' } } },
        'x-kubernetes-patch-merge-key': 'name',
        'x-kubernetes-patch-strategy': 'merge',
      }
      const schema = {
        definitions: {
          'v1.Widget': {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { nested: { type: 'object', properties: { items: strategy } }, containers: strategy },
              },
            },
            'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Widget' }],
          },
        },
      }
      layer.fields['openapi'] = { path: layer.write('schema.json', JSON.stringify(schema)) }
    },
  },
  { name: 'sortOptions', weight: 0.8, add: ({ fields, chance }) => (fields['sortOptions'] = sortOptions(chance)) },
  {
    name: 'buildMetadata',
    weight: 1,
    add: ({ fields, chance }) =>
      (fields['buildMetadata'] = chance.some(
        ['managedByLabel', 'originAnnotations', 'transformerAnnotations'],
        chance.between(1, 3),
      )),
  },
  {
    name: 'transformers',
    weight: 1.5,
    add(layer) {
      const configs = Array.from({ length: layer.chance.between(1, 2) }, () => transformerConfig(layer))
      plugin(layer, 'transformers', 'transformer.yaml', ...configs)
    },
  },
  {
    name: 'generators',
    weight: 0.8,
    add(layer) {
      const { chance } = layer
      const isSecret = chance.is(0.4)
      const { options, ...entry } = generatorEntry(layer, isSecret)
      const { name, namespace, ...rest } = entry
      plugin(layer, 'generators', 'generator.yaml', {
        apiVersion: 'builtin',
        kind: isSecret ? 'SecretGenerator' : 'ConfigMapGenerator',
        metadata: { name: name ?? 'x', ...(namespace === undefined ? {} : { namespace }) },
        ...rest,
        ...(options === undefined ? {} : { options }),
      })
    },
  },
  {
    name: 'validators',
    weight: 0.3,
    add: (layer) =>
      plugin(
        layer,
        'validators',
        'validator.yaml',
        builtin('LabelTransformer', { labels: { a: 'b' }, fieldSpecs: [{ path: 'metadata/labels' }] }),
      ),
  },
  {
    name: 'namespaced pod',
    weight: 0.5,
    add(layer) {
      list(layer, 'resources').push(
        layer.writeYaml('extra-pod.yaml', {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: `extra-${layer.folder.replace(/\W/g, '')}`,
            annotations: { 'config.kubernetes.io/local-config': layer.chance.pick(['true', 'false']) },
          },
          spec: podSpec(layer.chance),
        }),
      )
    },
  },
  {
    name: 'mistake',
    weight: 0.15,
    add(layer) {
      const { chance, fields } = layer
      const mistakes: readonly (() => void)[] = [
        () => list(layer, 'resources').push('missing.yaml'),
        () => list(layer, 'resources').push('../nowhere'),
        () => (fields['unknownField'] = 'x'),
        () => (fields['namespace'] = { a: 'b' }),
        () => list(layer, 'components').push('../missing-component'),
        () =>
          list(layer, 'resources').push(
            layer.write(
              'broken.yaml',
              chance.pick([
                'a: [1, 2\n',
                'a: b: c\n',
                '\tx: 1\n',
                'a: *nope\n',
                '- 1\n- 2\n',
                'just text\n',
                'kind: X\n',
                'apiVersion: v1\nkind: ConfigMap\n',
                '',
                '# nothing\n',
                'a: 1\na: 2\n',
                '{}\n',
                'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: 5\n',
              ]),
            ),
          ),
        () => list(layer, 'patches').push({ patch: 'nonsense' }),
        () => list(layer, 'patches').push({ target: { kind: 'Deployment' } }),
        () => list(layer, 'resources').push('.'),
        () => (fields['apiVersion'] = 'v9'),
        () => (fields['kind'] = 'Other'),
        () => (fields['images'] = 'text'),
        () => (fields['replicas'] = [{ name: 'app', count: 'many' }]),
      ]
      chance.pick(mistakes)()
    },
  },
]

function printOperations(layer: Layer, operations: Obj[]): string {
  if (layer.chance.is(0.3)) return JSON.stringify(operations)
  return operations
    .map((operation) =>
      Object.entries(operation)
        .map(([key, value], index) => `${index === 0 ? '- ' : '  '}${key}: ${JSON.stringify(value)}\n`)
        .join(''),
    )
    .join('')
}
