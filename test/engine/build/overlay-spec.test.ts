/** What the spec of a Flux Kustomization changes in a kustomization file. */
import { describe, expect, it } from 'vitest'
import { createSecureRoot } from '../../../electron/engine/build/secure-root.ts'
import { overlaySpec } from '../../../electron/engine/build/overlay-spec.ts'
import type { GoMap } from '../../../electron/engine/kustomize/yaml/go-value.ts'
import { goValueOf } from '../../conformance/go-value-of.ts'
import { createMemoryFiles } from '../../conformance/memory-files.ts'

const files = createMemoryFiles({ files: { '/root/component/kustomization.yaml': '', '/root/apps/a.yaml': '' } })

function overlay(kustomization: unknown, spec: unknown): unknown {
  const target = goValueOf(kustomization) as GoMap
  overlaySpec(target, goValueOf({ spec }) as GoMap, '/root/apps', createSecureRoot(files, '/root'))
  return plain(target)
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
  return Array.isArray(value) ? value.map(plain) : value
}

describe('texts', () => {
  it('replace what the file says', () => {
    expect(
      overlay(
        { namespace: 'a', namePrefix: 'b-', nameSuffix: '-c' },
        { targetNamespace: 'x', namePrefix: 'y-', nameSuffix: '-z' },
      ),
    ).toEqual({ namespace: 'x', namePrefix: 'y-', nameSuffix: '-z' })
  })

  it('that are absent leave it', () => {
    expect(overlay({ namespace: 'a', namePrefix: 'b-' }, {})).toEqual({ namespace: 'a', namePrefix: 'b-' })
  })

  it('that are empty take it away', () => {
    expect(overlay({ namespace: 'a' }, { targetNamespace: '' })).toEqual({})
  })

  it.each([
    [{ targetNamespace: 5 }, '.spec.targetNamespace accessor error: 5 is of the type int64, expected string'],
    [{ namePrefix: null }, '.spec.namePrefix accessor error: <nil> is of the type <nil>, expected string'],
    [{ nameSuffix: [1, 'a'] }, '.spec.nameSuffix accessor error: [1 a] is of the type []interface {}, expected string'],
    [
      { targetNamespace: { b: true, a: 1.5 } },
      '.spec.targetNamespace accessor error: map[a:1.5 b:true] is of the type map[string]interface {}, expected string',
    ],
  ])('of another type are refused: %j', (spec, message) => {
    expect(() => overlay({}, spec)).toThrow(message)
  })
})

describe('patches', () => {
  it('come after those of the file, with every part of the target', () => {
    const target = {
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      name: 'a.*',
      namespace: 'n',
      labelSelector: 'a=b',
      annotationSelector: 'c',
    }
    expect(
      overlay({ patches: [{ path: 'p.yaml' }] }, { patches: [{ patch: 'x', target }, { patch: 'y' }, { target: {} }] }),
    ).toEqual({ patches: [{ path: 'p.yaml' }, { patch: 'x', target }, { patch: 'y' }, { target: {} }] })
  })

  it.each([
    [
      { patches: 'x' },
      'unable to get patches: .spec.patches accessor error: x is of the type string, expected []interface{}',
    ],
    [{ patches: ['x'] }, 'unable to get patches: unable to convert patch 0 to map[string]interface{}'],
    [{ patches: [{ patch: 5 }] }, 'unable to get patches: cannot convert int64 to string'],
  ])('of another type are refused: %j', (spec, message) => {
    expect(() => overlay({}, spec)).toThrow(message)
  })

  it('of the old fields become text', () => {
    expect(
      overlay(
        {},
        {
          patchesStrategicMerge: [{ kind: 'A', metadata: { name: 'x' } }],
          patchesJson6902: [{ target: { kind: 'B' }, patch: [{ op: 'add', path: '/a', value: 1 }] }],
        },
      ),
    ).toEqual({
      patchesStrategicMerge: ['{"kind":"A","metadata":{"name":"x"}}'],
      patchesJson6902: [{ patch: '[{"op":"add","path":"/a","value":1}]', target: { kind: 'B' } }],
    })
  })
})

describe('components', () => {
  it('come after those of the file', () => {
    expect(overlay({ components: ['a'] }, { components: ['../component', 'b'] })).toEqual({
      components: ['a', '../component', 'b'],
    })
  })

  it('that do not exist are left out where that is allowed', () => {
    const components = ['../component', 'nope', '../../outside']
    expect(overlay({}, { components, ignoreMissingComponents: true })).toEqual({ components: ['../component'] })
    expect(overlay({}, { components, ignoreMissingComponents: false })).toEqual({ components })
  })

  it.each([
    ['/abs'],
    ['https://host/x'],
    ['HTTP://host/x'],
    ['github.com/org/repo'],
    ['git@host:org/repo'],
    ['gh:org/repo'],
    ['file:///abs'],
    ['ssh://host/x'],
    ['git::https://host/x'],
  ])('must be local and relative: %s', (component) => {
    expect(() => overlay({}, { components: [component], ignoreMissingComponents: true })).toThrow(
      `component path '${component}' must be local and relative`,
    )
  })

  it('of another type are refused', () => {
    expect(() => overlay({}, { components: [1] })).toThrow(
      'unable to get components: .spec.components accessor error: contains non-string key in the slice: 1 is of the type int64, expected string',
    )
  })
})

describe('images', () => {
  const inFile = {
    images: [
      { name: 'a', newName: 'b', newTag: 'v1' },
      { name: 'c', digest: 'sha256:1' },
    ],
  }
  it.each([
    ['another image is added', [{ name: 'z', newTag: 'v2' }], [...inFile.images, { name: 'z', newTag: 'v2' }]],
    [
      'a tag replaces the tag',
      [{ name: 'a', newTag: 'v2' }],
      [{ name: 'a', newName: 'b', newTag: 'v2' }, inFile.images[1]],
    ],
    [
      'a name keeps the tag',
      [{ name: 'a', newName: 'q' }],
      [{ name: 'a', newName: 'q', newTag: 'v1' }, inFile.images[1]],
    ],
    [
      'a digest takes the tag away',
      [{ name: 'a', digest: 'd' }],
      [{ name: 'a', newName: 'b', digest: 'd' }, inFile.images[1]],
    ],
    ['a tag takes the digest away', [{ name: 'c', newTag: 'v2' }], [inFile.images[0], { name: 'c', newTag: 'v2' }]],
    [
      'both together stay together',
      [{ name: 'c', newTag: 'v2', digest: 'd' }],
      [inFile.images[0], { name: 'c', newTag: 'v2', digest: 'd' }],
    ],
    ['nothing changes nothing', [{ name: 'a' }], inFile.images],
    [
      'the same name twice is merged in turn',
      [
        { name: 'n', newTag: 'v1' },
        { name: 'n', newName: 'm' },
      ],
      [...inFile.images, { name: 'n', newTag: 'v1', newName: 'm' }],
    ],
  ])('%s', (_name, images, expected) => {
    expect(overlay(inFile, { images })).toEqual({ images: expected })
  })
})

describe('buildMetadata', () => {
  it('replaces that of the file unless it is empty', () => {
    expect(overlay({ buildMetadata: ['originAnnotations'] }, { buildMetadata: ['managedByLabel'] })).toEqual({
      buildMetadata: ['managedByLabel'],
    })
    expect(overlay({ buildMetadata: ['originAnnotations'] }, { buildMetadata: [] })).toEqual({
      buildMetadata: ['originAnnotations'],
    })
  })
})
