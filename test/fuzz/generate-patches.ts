/** Patches for an object that the layer knows: strategic merges with their directives, and JSON 6902 operations. */
import type { Known, Obj } from './generate-resource.ts'
import { image, names, randomText } from './generate-resource.ts'
import type { Value } from './print-yaml.ts'
import { printYaml, Raw } from './print-yaml.ts'
import type { Layer } from './generate-case.ts'
import { pointed } from './field-paths.ts'

export interface Target {
  readonly known: Known
  /** For `patches:`, perhaps a regular expression or wider. */
  readonly selector: Obj
  /** For `patchesJson6902:`. */
  readonly exact: Obj
}

const nothing: Known = { kind: 'Deployment', apiVersion: 'apps/v1', name: 'app', namespace: '', object: {} }

export function splitVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const [first = '', second] = apiVersion.split('/')
  return second === undefined ? { group: '', version: first } : { group: first, version: second }
}

export function randomTarget(layer: Layer): Target {
  const { chance } = layer
  const known = layer.known.length > 0 && chance.is(0.97) ? chance.pick(layer.known) : nothing
  const { group, version } = splitVersion(known.apiVersion)
  const exact: Obj = {
    ...(group === '' ? {} : { group }),
    version,
    kind: known.kind,
    name: known.name,
    ...(known.namespace === '' ? {} : { namespace: known.namespace }),
  }
  const selector: Obj = {}
  if (chance.is(0.8))
    selector['kind'] = chance.is(0.9) ? known.kind : chance.pick(['.*', 'Deploy.*', 'Deployment|Service', '[A-Z].*'])
  if (chance.is(0.6))
    selector['name'] = chance.is(0.8)
      ? known.name
      : chance.pick(['.*', 'a.*', '^app$', '(app|web)', 'app.?', '[a-z]+', known.name.slice(0, 2)])
  if (chance.is(0.2)) selector['group'] = group
  if (chance.is(0.2)) selector['version'] = version
  if (chance.is(0.1)) selector['namespace'] = known.namespace || 'default'
  if (chance.is(0.12))
    selector['labelSelector'] = chance.pick([
      'app=app',
      'app in (app,web)',
      'tier',
      '!tier',
      'tier!=front',
      'app==web,tier=front',
      'a b',
    ])
  if (chance.is(0.06)) selector['annotationSelector'] = chance.pick(['note', 'note=alpha', '!note'])
  return { known, selector, exact }
}

/** A strategic merge patch as text: one document, at times two. */
export function randomPatch(layer: Layer, target: Target): { readonly text: string } {
  const { chance, style } = layer
  const { known } = target
  const metadata: Obj = { name: chance.is(0.95) ? known.name : chance.pick(names) }
  if (known.namespace !== '' && chance.is(0.9)) metadata['namespace'] = known.namespace
  if (chance.is(0.3)) metadata['labels'] = { added: 'yes', ...(chance.is(0.3) ? { app: null } : {}) }
  if (chance.is(0.3)) metadata['annotations'] = { note: chance.is(0.2) ? null : randomText(chance) }
  const patch: Obj = { apiVersion: known.apiVersion, kind: known.kind, metadata }
  if (chance.is(0.05)) patch['$patch'] = chance.pick(['delete', 'replace', 'merge', 'bad'])
  Object.assign(patch, body(layer, known))
  let text = printYaml(patch, chance, style)
  if (chance.is(0.06) && layer.known.length > 1) {
    const other = chance.pick(layer.known)
    text += `---\n${printYaml({ apiVersion: other.apiVersion, kind: other.kind, metadata: { name: other.name, ...(other.namespace === '' ? {} : { namespace: other.namespace }), labels: { second: 'patch' } } }, chance, style)}`
  }
  return { text }
}

function body(layer: Layer, known: Known): Obj {
  const { chance } = layer
  const spec = known.object['spec'] as Obj | undefined
  if (spec?.['template'] !== undefined) {
    const result: Obj = { template: { spec: podPatch(layer) } }
    if (chance.is(0.4)) result['replicas'] = chance.pick<Value>([0, 7, null])
    if (chance.is(0.1)) result['selector'] = { matchLabels: { app: null, other: 'x' } }
    if (chance.is(0.1))
      result['strategy'] = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 }, $patch: 'replace' }
    return { spec: result }
  }
  switch (known.kind) {
    case 'Pod':
      return { spec: podPatch(layer) }
    case 'CronJob':
      return { spec: { schedule: '@hourly', jobTemplate: { spec: { template: { spec: podPatch(layer) } } } } }
    case 'Service':
      return {
        spec: {
          ports: chance.pick<Value>([
            [{ port: 80, targetPort: 9090 }],
            [{ port: 80, $patch: 'delete' }],
            [{ port: 8443, name: 'admin' }],
            [{ port: 80, protocol: 'UDP', nodePort: 30000 }],
            [{ $patch: 'replace' }, { port: 1 }],
          ]),
          ...(chance.is(0.3) ? { selector: { app: null, x: 'y' } } : {}),
          ...(chance.is(0.2) ? { type: 'NodePort' } : {}),
        },
      }
    case 'ConfigMap':
    case 'Secret':
      return chance.pick<Obj>([
        { data: { key: randomText(chance), added: 'x' } },
        { data: { key: null } },
        { data: { $patch: 'replace', only: 'this' } },
        { data: null },
        { data: { number: new Raw(chance.pick(['5', 'true', '1e3', '2001-01-01'])) } },
        { stringData: { a: 'b' } },
        {},
      ])
    case 'Widget':
      return {
        spec: chance.pick<Obj>([
          { size: 9, list: ['c'] },
          { nested: { items: [{ name: 'x', value: 'patched' }] } },
          { nested: null },
          { nested: { $patch: 'delete' } },
          { list: [], added: { deep: { deeper: [1, { a: 'b' }] } } },
          { containers: [{ name: 'c', image: 'patched:1' }, { name: 'd' }] },
        ]),
      }
    case 'Ingress':
      return {
        spec: { rules: [{ host: 'b.example.com' }], tls: chance.pick<Value>([null, [{ secretName: 'new' }], []]) },
      }
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return { subjects: [{ kind: 'ServiceAccount', name: chance.pick(names), namespace: 'x' }] }
    case 'Role':
    case 'ClusterRole':
      return { rules: [{ apiGroups: ['apps'], resources: ['*'], verbs: ['list'] }] }
    case 'ServiceAccount':
      return { imagePullSecrets: [{ name: 'added' }], secrets: chance.pick<Value>([[{ name: 'added' }], null]) }
    default:
      return chance.is(0.5) ? { spec: { added: 'x' } } : {}
  }
}

function podPatch(layer: Layer): Obj {
  const { chance } = layer
  const patched: Obj = { name: chance.pick(['main', 'side', 'proxy', 'new']) }
  if (chance.is(0.5)) patched['image'] = image(chance)
  if (chance.is(0.5))
    patched['env'] = chance.pick<Value>([
      [
        { name: 'A', value: 'patched' },
        { name: 'NEW', value: '1' },
      ],
      [{ name: 'A', $patch: 'delete' }],
      [{ $patch: 'replace' }, { name: 'ONLY', value: 'x' }],
      [],
      null,
      [{ name: 'A', value: null }],
      [{ name: 'B', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } }],
    ])
  if (chance.is(0.3))
    patched['ports'] = chance.pick<Value>([
      [{ containerPort: 80, name: 'web' }],
      [{ containerPort: 80, protocol: 'UDP' }],
      [{ containerPort: 53, protocol: 'TCP', hostPort: 53 }],
      [{ containerPort: 80, $patch: 'delete' }],
      [{ containerPort: 9999 }, { containerPort: 9998, protocol: 'TCP' }],
    ])
  if (chance.is(0.2)) patched['args'] = chance.pick<Value>([['--x'], [], null, ['$(VAR1)']])
  if (chance.is(0.15))
    patched['resources'] = chance.pick<Value>([
      null,
      {},
      { limits: { cpu: null, memory: '1Gi' } },
      { $patch: 'replace', requests: { cpu: '1' } },
    ])
  if (chance.is(0.15)) patched['volumeMounts'] = [{ name: 'data', mountPath: chance.pick(['/data', '/other']) }]
  if (chance.is(0.06)) patched['$patch'] = chance.pick(['delete', 'replace', 'merge'])
  const spec: Obj = { containers: [patched] }
  if (chance.is(0.05))
    spec['containers'] = chance.pick<Value>([
      null,
      [],
      [{ $patch: 'replace' }, { name: 'only', image: 'x' }],
      [{ image: 'no-name' }],
    ])
  if (chance.is(0.25))
    spec['volumes'] = chance.pick<Value>([
      [{ name: 'data', $patch: 'delete' }],
      [{ name: 'data', emptyDir: null, hostPath: { path: '/x' } }],
      [
        { name: 'conf', configMap: { name: 'other', defaultMode: 420 } },
        { name: 'extra', emptyDir: {} },
      ],
      null,
      [{ $patch: 'replace' }],
      [{ name: 'data', emptyDir: { $patch: 'delete' } }],
      [{ name: 'data', emptyDir: { medium: 'Memory' }, $retainKeys: ['name', 'emptyDir'] }],
    ])
  if (chance.is(0.1)) spec['imagePullSecrets'] = [{ name: 'pull' }]
  if (chance.is(0.1)) spec['tolerations'] = [{ key: 'c' }]
  if (chance.is(0.1)) spec['nodeSelector'] = chance.pick<Value>([null, { disk: null, zone: 'a' }])
  if (chance.is(0.05)) spec['hostAliases'] = [{ ip: '127.0.0.1', hostnames: ['c'] }]
  if (chance.is(0.05)) spec['$setElementOrder/containers'] = [{ name: 'main' }]
  return spec
}

/** JSON 6902 operations; most lead somewhere. */
export function randomOperations(layer: Layer, { known }: Target): Obj[] {
  const { chance } = layer
  const spec = known.object['spec'] as Obj | undefined
  const pod = spec?.['template'] !== undefined ? '/spec/template/spec' : '/spec'
  const paths: string[] = [
    '/metadata/labels/added',
    '/metadata/annotations/note',
    '/metadata/labels',
    '/metadata/annotations',
    '/metadata/labels/app',
  ]
  if (spec?.['template'] !== undefined || known.kind === 'Pod')
    paths.push(
      `${pod}/containers/0/image`,
      `${pod}/containers/0/env/-`,
      `${pod}/containers/-`,
      `${pod}/containers/0`,
      `${pod}/containers/0/env/0`,
      `${pod}/containers/0/args`,
      '/spec/replicas',
    )
  if (known.kind === 'ConfigMap') paths.push('/data/key', '/data/a~1b', '/data', '/data/config.yaml')
  if (known.kind === 'Service')
    paths.push('/spec/ports/0/port', '/spec/ports/-', '/spec/ports/1', '/spec/selector/app', '/spec/ports/-1')
  if (known.kind === 'Widget')
    paths.push(
      '/spec/list/0',
      '/spec/list/-',
      '/spec/nested/items/1/value',
      '/spec/size',
      '/spec/list/5',
      '/spec/nested',
    )
  if (chance.is(0.1)) paths.push('/nope/nope', '/metadata/name', '/metadata/namespace', '', '/', 'nope', '/spec')
  const operations: Obj[] = []
  for (let i = chance.between(1, 3); i > 0; i--) {
    const op = chance.pick([
      'add',
      'add',
      'add',
      'replace',
      'replace',
      'remove',
      'test',
      'move',
      'copy',
      ...(chance.is(0.02) ? ['bad'] : []),
    ])
    const there = paths.filter((candidate) => pointed(known.object, candidate) !== undefined)
    const isSure = there.length > 0 && chance.is(0.97)
    const path = chance.pick(op === 'add' || op === 'move' || op === 'copy' || !isSure ? paths : there)
    const operation: Obj = { op, path }
    if (op === 'move' || op === 'copy') operation['from'] = chance.pick(isSure ? there : paths)
    else if (op === 'test' && isSure) operation['value'] = plain(pointed(known.object, path))
    else if (op !== 'remove') operation['value'] = valueFor(layer, path)
    operations.push(operation)
  }
  return operations
}

/** What JSON can carry: values with odd scalars inside become texts. */
function plain(value: Value | undefined): Value {
  return value === undefined || value instanceof Raw ? 'odd' : value
}

function valueFor(layer: Layer, path: string): Value {
  const { chance } = layer
  if (chance.is(0.05)) return chance.pick<Value>([null, true, 3.5, 'x', [], {}, 1e21, -0.0001])
  if (path.endsWith('/env/-') || path.endsWith('/env/0')) return { name: 'OP', value: 'x' }
  if (path.endsWith('/containers/-') || path.endsWith('/containers/0')) return { name: 'op', image: 'busybox' }
  if (path.endsWith('/args')) return ['a', '--b']
  if (path.endsWith('/labels') || path.endsWith('/annotations') || path === '/data' || path.endsWith('/nested'))
    return { only: 'one', a2: 'x', a10: 'y' }
  if (path.endsWith('/replicas') || path.endsWith('/size') || path.endsWith('/port')) return chance.between(1, 100)
  if (path.includes('/ports/')) return { port: 81, name: 'op' }
  return randomText(chance)
}
