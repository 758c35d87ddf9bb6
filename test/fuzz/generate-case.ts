/**
 * A whole tree to build, from one seed: bases, components and an overlay over random objects, with a few of kustomize's features in each.
 * Most cases build; some fail on purpose, because errors are compared too.
 */
import { Chance } from './random.ts'
import type { Obj, Known } from './generate-resource.ts'
import { randomObject } from './generate-resource.ts'
import type { Style, Value } from './print-yaml.ts'
import { plainStyle, printYaml, randomStyle } from './print-yaml.ts'
import { features } from './generate-features.ts'

export interface FuzzCase {
  readonly seed: number
  /** Path below the case's folder to text. */
  readonly files: ReadonlyMap<string, string>
  /** The folder to build, relative. */
  readonly target: string
  /** Arguments after `build TARGET`. */
  readonly args: readonly string[]
}

/** A kustomization in the making. */
export interface Layer {
  readonly folder: string
  readonly isComponent: boolean
  readonly fields: Obj
  /** Objects that it sees, its bases' included, as their files name them. */
  readonly known: Known[]
  readonly chance: Chance
  readonly style: Style
  /** Writes a file into the layer's folder and gives its relative name. */
  write(name: string, text: string): string
  /** Writes documents. */
  writeYaml(name: string, ...documents: Value[]): string
}

/** What a kustomization file may say besides, in scalars that are read in another dialect there. */
const oddFields: readonly ((fields: Obj) => string)[] = [
  ({ namespace }) => (namespace === undefined ? `namespace: 123\n` : ''),
  ({ namePrefix }) => (namePrefix === undefined ? `namePrefix: 5-\n` : ''),
  ({ nameSuffix }) => (nameSuffix === undefined ? `nameSuffix: -1\n` : ''),
  ({ images }) => (images === undefined ? `images:\n- name: nginx\n  newTag: 1.10\n` : ''),
  ({ images }) =>
    images === undefined ? `images:\n- {name: nginx, newTag: "1.10"}\n- {name: busybox, digest: "sha256:abc"}\n` : '',
  ({ imageTags }) => (imageTags === undefined ? `imageTags:\n- name: nginx\n  newTag: old\n` : ''),
  ({ commonLabels }) => (commonLabels === undefined ? `commonLabels: {a: yes, b: "no"}\n` : ''),
  ({ commonLabels }) => (commonLabels === undefined ? `commonLabels: {number: 1}\n` : ''),
  ({ commonAnnotations }) =>
    commonAnnotations === undefined ? `commonAnnotations:\n  multi: |\n    one\n    two\n  date: 2001-01-01\n` : '',
  ({ replicas }) => (replicas === undefined ? `replicas:\n- name: app\n  count: 0x10\n` : ''),
  ({ vars }) => (vars === undefined ? `vars: []\n` : ''),
  ({ patches }) => (patches === undefined ? `patches: null\n` : ''),
  ({ resources }) => (resources === undefined ? '' : `resources: []\n`),
  () => `metadata:\n  name: x\n  labels: {a: b}\n`,
  () => `metadata:\n  annotations: {config.kubernetes.io/local-config: "true"}\n`,
  ({ configMapGenerator }) =>
    configMapGenerator === undefined
      ? `configMapGenerator:\n- name: odd\n  literals: [a=1, 'b=''x''', "c=\\"y\\"", d=, e==, "f=g=h"]\n`
      : '',
  ({ configMapGenerator }) =>
    configMapGenerator === undefined ? `configMapGenerator:\n- name: odd\n  literals: [novalue]\n` : '',
  ({ secretGenerator }) =>
    secretGenerator === undefined
      ? `secretGenerator:\n- name: odd\n  literals: ["long=${'abcdefghij'.repeat(12)}", "é=ü"]\n`
      : '',
  ({ generatorOptions }) =>
    generatorOptions === undefined ? `generatorOptions: {disableNameSuffixHash: yes, labels: {a: b}}\n` : '',
  ({ labels }) =>
    labels === undefined ? `labels:\n- pairs: {k: v}\n  includeSelectors: on\n- pairs: {k: other}\n` : '',
  ({ transformers }) =>
    transformers === undefined
      ? `transformers:\n- |-\n  apiVersion: builtin\n  kind: NamespaceTransformer\n  metadata: {name: n, namespace: inline}\n  fieldSpecs: [{path: metadata/namespace, create: true}]\n`
      : '',
  ({ openapi }) => (openapi === undefined ? `openapi: {version: v1.21.2}\n` : ''),
]

/** Manifests as somebody wrote them by hand, with what YAML allows. */
const oddDocuments: readonly string[] = [
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: anchored\n  labels: &l {a: b, c: "1"}\n  annotations: *l\ndata:\n  one: &x |\n    text\n    more\n  two: *x\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: merged\ndata:\n  <<: &d {base: x, over: old}\n  over: new\n',
  'x-common: &c\n  app: y\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n  labels:\n    <<: *c\n    own: z\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flow, labels: {a: "b", "c": d}}\ndata: {k: "v", n: \'5\', list: "[1, 2]"}\n',
  '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "json"}, "data": {"a": "\\u00e9\\n", "b": "x\\ty"}}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: folded\ndata:\n  a: >\n    one\n    two\n\n    three\n  b: >-\n    x\n      more\n    y\n  c: "double\n    quoted over\n    lines"\n  d: plain over\n    two lines\n',
  'apiVersion: v1\nkind: Secret\nmetadata:\n  name: bin\ntype: Opaque\ndata:\n  k: !!binary aGVsbG8=\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "123"\n  annotations: {n: "1", b: "true"}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  generateName: gen-\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: nulls\n  labels:\n  annotations: {}\ndata:\n',
  'apiVersion: v1\nkind: ConfigMapList\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: listed-1}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: listed-2}\n',
  'apiVersion: v1\nkind: List\nitems: []\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: labels\n  labels: {num: 1, bool: true, nothing: null}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: binary\nimmutable: true\nbinaryData:\n  k: AAEC\n',
  'apiVersion: v1\nkind: Service\nmetadata:\n  name: dup\nspec:\n  type: ClusterIP\n  type: NodePort\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: complex\ndata:\n  ? key\n  : value\n  ? |\n    multi\n  : x\n',
  'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shared\nspec:\n  template:\n    spec:\n      containers:\n      - &c1\n        name: a\n        image: nginx\n      - <<: *c1\n        name: b\n',
  '# comment first\n\napiVersion: v1 # trailing\nkind: ConfigMap\nmetadata:\n  name: commented # more\ndata:\n  # inner\n  a: b # c\n  hash: a#b\n',
  '%YAML 1.1\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: directive\ndata:\n  a: yes\n  b: 0o17\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: tagged\ndata:\n  a: !!str 5\n  b: !custom x\n  c: !!int "7"\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: wide\ndata:\n  "quoted key": x\n  k-1: x\n  k.2: y\n  ~: tilde\n',
]

export function generateCase(seed: number): FuzzCase {
  const chance = new Chance(seed)
  const files = new Map<string, string>()
  const style = chance.is(0.5) ? plainStyle : randomStyle(chance)
  const density = chance.pick([0.02, 0.04, 0.06, 0.1])
  const taken = new Set<string>()

  function makeLayer(folder: string, isComponent: boolean): Layer {
    const write = (name: string, text: string): string => {
      files.set(folder === '' ? name : `${folder}/${name}`, chance.is(0.01) ? text.replaceAll('\n', '\r\n') : text)
      return name
    }
    return {
      folder,
      isComponent,
      fields: {},
      known: [],
      chance,
      style,
      write,
      writeYaml: (name, ...documents) =>
        write(name, documents.map((document) => printYaml(document, chance, style)).join('---\n')),
    }
  }

  function addObjects(layer: Layer, count: number): void {
    const objects: Known[] = []
    for (let tries = 0; objects.length < count && tries < count * 4; tries++) {
      const made = randomObject(chance)
      const id = [made.apiVersion, made.kind, made.namespace || 'default', made.name].join('/')
      if (taken.has(id) && !chance.is(0.02)) continue
      taken.add(id)
      objects.push(made)
    }
    layer.known.push(...objects)
    if (objects.length === 0) return
    const resources = (layer.fields['resources'] ??= []) as Value[]
    if (chance.is(0.6)) {
      objects.forEach(({ kind, name, object }, index) =>
        resources.push(layer.writeYaml(`${kind.toLowerCase()}-${name}-${index}.yaml`, object)),
      )
    } else resources.push(layer.write('resources.yaml', documents(objects, layer)))
  }

  function documents(objects: readonly Known[], layer: Layer): string {
    if (chance.is(0.06))
      return printYaml(
        { apiVersion: 'v1', kind: 'List', items: objects.map(({ object }) => object) },
        chance,
        layer.style,
      )
    let text = chance.is(0.2) ? '---\n' : ''
    if (chance.is(0.15)) text += `${chance.pick(oddDocuments)}---\n`
    objects.forEach(({ object }, index) => {
      if (index > 0)
        text += chance.pick([
          '---\n',
          '---\n',
          '---\n',
          '--- # next\n',
          '---\n---\n',
          '---\n# nothing here\n---\n',
          '...\n---\n',
        ])
      text += printYaml(object, chance, layer.style)
    })
    return text + chance.pick(['', '', '', '---\n', '\n\n', '# end\n', '...\n'])
  }

  function finish(layer: Layer): void {
    const order = chance.shuffle(features)
    for (const feature of order) {
      if (layer.isComponent && feature.isForbiddenInComponents === true) continue
      if (chance.is(density * (feature.weight ?? 1))) feature.add(layer)
    }
    if (layer.isComponent && Object.keys(layer.fields).length === 0) layer.fields['nameSuffix'] = '-c'
    const header: Obj = layer.isComponent
      ? { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component' }
      : chance.is(0.5)
        ? { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' }
        : {}
    const name = chance.is(0.95) ? 'kustomization.yaml' : chance.pick(['kustomization.yml', 'Kustomization'])
    const text = printYaml({ ...header, ...layer.fields }, chance, style)
    layer.write(name, chance.is(0.1) ? text + chance.pick(oddFields)(layer.fields) : text)
  }

  const target = chance.pick(['overlay', 'overlay', '.', 'overlays/prod'])
  const shape = chance.int(12)
  const root = makeLayer(target === '.' ? '' : target, false)
  const up = target === '.' ? '' : '../'.repeat(target.split('/').length)
  const include = (layer: Layer, field: 'resources' | 'components'): void => {
    const list = (root.fields[field] ??= []) as Value[]
    list.push(`${chance.is(0.1) ? './' : ''}${up}${layer.folder}${chance.is(0.2) ? '/' : ''}`)
    root.known.push(...layer.known)
  }
  if (shape >= 3) {
    const base = makeLayer('base', false)
    addObjects(base, chance.between(1, 5))
    finish(base)
    include(base, 'resources')
    if (shape >= 7 && shape < 10) {
      const second = makeLayer('second', false)
      addObjects(second, chance.between(1, 3))
      if (chance.is(0.15)) {
        const resources = (second.fields['resources'] ??= []) as Value[]
        resources.push('../base')
      }
      finish(second)
      include(second, 'resources')
    }
  }
  if (shape >= 10) {
    // One base by two ways, each with a prefix, suffix or namespace of its own, or the ids would be equal.
    for (const [index, folder] of ['left', 'right'].entries()) {
      const way = makeLayer(folder, false)
      way.fields['resources'] = ['../base']
      way.known.push(...root.known)
      if (chance.is(0.9)) {
        if (chance.is(0.6)) way.fields['namePrefix'] = chance.is(0.9) ? `${folder}-` : 'same-'
        else if (chance.is(0.5)) way.fields['nameSuffix'] = `-${index}`
        else way.fields['namespace'] = `ns-${folder}`
      }
      finish(way)
      include(way, 'resources')
    }
    const resources = root.fields['resources'] as Value[]
    const isOneWay = chance.is(0.9)
    root.fields['resources'] = resources.filter((path) => !isOneWay || !JSON.stringify(path).includes('base'))
  }
  if (shape < 3 || chance.is(0.5)) addObjects(root, chance.between(1, 6))
  if (chance.is(0.2)) {
    const component = makeLayer('component', true)
    if (chance.is(0.4)) addObjects(component, chance.between(1, 2))
    component.known.push(...root.known)
    finish(component)
    include(component, 'components')
  }
  if (chance.is(0.03)) taken.clear()
  finish(root)
  // kustomize sorts if nobody asks it not to; Flux never does, and neither does `sluice build`.
  const args: string[] = ['--reorder', chance.is(0.06) ? 'legacy' : 'none']
  if (chance.is(0.02)) args.push('--enable-managedby-label')
  if (chance.is(0.05)) args.push('--load-restrictor', 'LoadRestrictionsNone')
  return { seed, files, target, args }
}
