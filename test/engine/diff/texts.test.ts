import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { compareObjects } from '../../../electron/engine/diff/compare-objects.ts'
import { patchOf } from '../../../electron/engine/diff/patch-text.ts'
import { createSealer, isSealed, sealedText, sealObject } from '../../../electron/engine/diff/sealed-values.ts'
import { textWithLines } from '../../../electron/engine/diff/text-lines.ts'
import { textsOf } from '../../../electron/engine/diff/texts.ts'
import type { Codec } from '../../../electron/engine/ports.ts'

const codec = { sha256Hex: (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex') } as Codec
const sealer = createSealer(codec, new Uint8Array(32).fill(1))

function compared(desired: KubeObject, live: KubeObject, wouldBe: KubeObject) {
  const [a, b] = [sealObject(live, [], sealer), sealObject(wouldBe, [], sealer)]
  const fields = compareObjects({
    live: a,
    wouldBe: b,
    afterCleanup: null,
    controller: 'kustomize-controller',
    owned: null,
    isReclaimed: () => false,
    ignored: [],
    keepsRemovedMetadata: false,
    isReclaimAboveRules: true,
    isSettled: false,
  })
  return {
    action: 'configured',
    fields,
    live: a,
    wouldBe: b,
    desired: { object: desired, origin: null, sensitive: [], unknown: '' },
  }
}

const deployment = (spec: object, more: object = {}): KubeObject => ({
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  metadata: { resourceVersion: '7', uid: 'u', name: 'web', namespace: 'apps', ...more },
  spec,
  status: { replicas: 4 },
})

describe('texts of a comparison', () => {
  const injector = {
    manager: 'injector',
    operation: 'Update',
    fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"proxy"}': { '.': {} } } } },
  }
  const own = {
    manager: 'kustomize-controller',
    operation: 'Apply',
    fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:containers': { 'k:{"name":"web"}': { '.': {} } } } },
  }
  const edited = { manager: 'kubectl-edit', operation: 'Update', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }
  const web = (image: string): object => ({ name: 'web', image, env: [{ name: 'A', value: 'a\nb\n' }], args: ['x'] })
  const proxy = { name: 'proxy', image: 'p' }
  const result = compared(
    deployment({ replicas: 2, containers: [web('web:1')] }),
    deployment({ containers: [proxy, web('web:2')], dns: 'x', replicas: 2 }, { managedFields: [injector] }),
    deployment({ containers: [proxy, web('web:1')], dns: 'x', replicas: 2 }, { managedFields: [injector, own] }),
  )

  it('orders both sides alike, leaves noise out, and shows what others own on one side', () => {
    const { git, live, marks } = textsOf(result)
    expect(git).toBe(
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: apps\nspec:\n  replicas: 2\n  containers:\n' +
        '  - name: web\n    image: web:1\n    env:\n    - name: A\n      value: |\n        a\n        b\n    args:\n    - x\n  dns: x\n',
    )
    expect(live).toBe(
      git.replace('  - name: web\n    image: web:1', '  - name: proxy\n    image: p\n  - name: web\n    image: web:2'),
    )
    expect(marks).toEqual([
      { field: '/spec/containers/1/image', gitLine: 10, liveLine: 12 },
      { field: '/spec/containers/0', gitLine: 0, liveLine: 9 },
    ])
  })

  it('marks beside which field a manager is recorded whose values are those of Git', () => {
    const live = deployment({ replicas: 2, paused: false }, { managedFields: [own, edited] })
    const marked = textsOf({
      ...compared(deployment({ replicas: 2 }), live, live),
      fields: [
        {
          key: 'r',
          path: 'metadata.managedFields[kubectl-edit]',
          pointer: '/metadata/managedFields',
          change: 'added',
          gitValue: null,
          liveValue: 'spec.replicas',
          isSecret: false,
          blame: { manager: 'kubectl-edit', operation: 'Update', subresource: '', at: null },
          verdict: 'record',
          rule: '',
        },
      ],
    })
    const line = marked.live.split('\n').indexOf('  replicas: 2') + 1
    expect(marked.marks).toEqual([{ field: 'r', gitLine: line, liveLine: line }])
    expect(marked.git).toBe(marked.live)
  })

  it('writes live values as a patch', () => {
    expect(patchOf(result)).toBe(
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: apps\nspec:\n  containers:\n  - name: web\n    image: web:2\n',
    )
  })

  it('deletes items in a patch, and replaces lists of custom kinds whole', () => {
    const gone = compared(
      deployment({ containers: [web('1'), proxy] }),
      deployment({ containers: [web('1')] }),
      deployment({ containers: [web('1'), proxy] }),
    )
    expect(patchOf(gone)).toContain(
      '  containers:\n  - name: proxy\n    $patch: delete\n'.replace('$patch', '"$patch"'),
    )
    const custom = (items: readonly object[]): KubeObject => ({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { containers: items },
    })
    const widget = compared(
      custom([{ name: 'a', v: 1 }]),
      custom([{ name: 'a', v: 2 }, { name: 'b' }]),
      custom([{ name: 'a', v: 1 }, { name: 'b' }]),
    )
    expect(patchOf(widget)).toContain('  containers:\n  - name: a\n    v: 2\n  - name: b\n')
  })

  it('marks every pointer on its line', () => {
    const value = {
      a: { b: [{ c: 1, d: 'x\ny' }, 'text', [1, 2], {}], e: {} },
      f: 'g',
    }
    const { text, lines } = textWithLines(value, [
      '/a',
      '/a/b',
      '/a/b/0',
      '/a/b/0/d',
      '/a/b/1',
      '/a/b/2/1',
      '/a/e',
      '/f',
      '/no',
    ])
    const split = text.split('\n')
    const shown = [...lines].map(([pointer, line]) => `${pointer} ${split[line - 1]!.trim()}`)
    expect(shown.sort()).toEqual(
      [
        '/a a:',
        '/a/b b:',
        '/a/b/0 - c: 1',
        '/a/b/0/d d: |-',
        '/a/b/1 - text',
        '/a/b/2 -',
        '/a/b/2/1 - 2',
        '/a/e e: {}',
        '/f f: g',
      ].sort(),
    )
  })
})

describe('secret values', () => {
  const secret = (data: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 's',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"Zm9v"}}' },
    },
    data,
  })

  it('are told apart and never shown', () => {
    const result = compared(
      secret({ a: 'Zm9v', b: 'YmFy' }),
      secret({ a: 'Zm9v', b: 'YmF6', c: 'eA==' }),
      secret({ a: 'Zm9v', b: 'YmFy' }),
    )
    expect(
      result.fields.map(({ path, gitValue, liveValue, isSecret }) => [path, gitValue, liveValue, isSecret]),
    ).toEqual([
      ['data.b', '••• (3 bytes)', '••• (3 bytes)', true],
      ['data.c', null, '••• (1 byte)', true],
    ])
    const { git, live } = textsOf(result)
    const line = (text: string, key: string): string => text.split('\n').find((each) => each.includes(`${key}: `))!
    expect(line(git, 'a')).toBe(line(live, 'a'))
    expect(line(git, 'b')).not.toBe(line(live, 'b'))
    expect(patchOf(result)).toBe('# data.b: a secret value, left out\n# data.c: a secret value, left out\n')
    expect(JSON.stringify([git, live, result.live, result.wouldBe, result.fields])).not.toMatch(
      /Zm9v|YmFy|YmF6|eA==|foo/,
    )
  })

  it('are hidden at sensitive paths of other kinds, lists whole', () => {
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c' },
      data: { open: 'x', token: 'hunter2' },
      list: [{ a: 'hunter2' }, { a: 'y' }],
    }
    const hidden = sealObject(
      object,
      [
        ['data', 'token'],
        ['list', 0, 'a'],
      ],
      sealer,
    )
    expect(JSON.stringify(hidden)).not.toContain('hunter2')
    const data = hidden['data'] as Record<string, string>
    expect(data['open']).toBe('x')
    expect(isSealed(data['token']) && sealedText(data['token'])).toBe('••• (7 bytes)')
    expect(sealObject(object, [], sealer)).toBe(object)
  })

  it('are shown by size alone where nothing was compared', () => {
    const desired = { object: secret({ a: 'Zm9v' }), origin: null, sensitive: [], unknown: '' }
    const { git, live } = textsOf({ action: 'created', fields: [], live: null, wouldBe: null, desired })
    expect(live).toBe('')
    expect(git).toContain('a: "••• (3 bytes)"')
  })
})
