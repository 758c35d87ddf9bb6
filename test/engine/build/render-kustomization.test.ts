/** The whole way from a Flux Kustomization to bytes: order, digest, origins, faults. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { BuildError } from '../../../electron/engine/kustomize/build-error.ts'
import { withAppliedMetadata } from '../../../electron/engine/build/common-metadata.ts'
import type { GoMap } from '../../../electron/engine/kustomize/yaml/go-value.ts'
import { goValueOf } from '../../conformance/go-value-of.ts'
import { configMap, printedConfigMap, render, renderText } from './render.ts'

describe('the result', () => {
  const result = render({
    spec: { targetNamespace: 'team', commonMetadata: { labels: { not: 'rendered' } } },
    files: {
      'apps/kustomization.yaml':
        'resources: [b.yaml, ../base]\nconfigMapGenerator: [{name: made, literals: [a=é€😀], options: {disableNameSuffixHash: true}}]\n',
      'apps/b.yaml': `# comment\n---\n${configMap('b')}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: late}\n`,
      'base/kustomization.yaml': 'resources: [a.yaml]\n',
      'base/a.yaml': configMap('a'),
    },
  })

  it('has the objects in the order of the build', () => {
    expect(result.objects.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`)).toEqual([
      'ConfigMap/team/b',
      'Namespace//team',
      'ConfigMap/team/a',
      'ConfigMap/team/made',
    ])
  })

  it('is the text of all of them, with the digest and the number of its bytes', () => {
    expect(result.text).toBe(result.objects.map(({ yaml }) => yaml).join('---\n'))
    expect(result.digest).toBe(`sha256:${createHash('sha256').update(result.text).digest('hex')}`)
    expect(result.bytes).toBe(Buffer.byteLength(result.text))
    expect(result.text).not.toContain('rendered')
  })

  it('says where each object comes from', () => {
    expect(result.objects.map(({ origin }) => origin)).toEqual([
      { file: 'apps/b.yaml', line: 3, isGenerated: false },
      { file: 'apps/b.yaml', line: 10, isGenerated: false },
      { file: 'base/a.yaml', line: 1, isGenerated: false },
      { file: 'apps/kustomization.yaml', line: 0, isGenerated: true },
    ])
  })

  it('holds no secrets without decryption', () => {
    expect(result.objects.every(({ sensitive }) => sensitive.length === 0)).toBe(true)
    expect(result.assumptions).toEqual([])
  })
})

describe('faults', () => {
  it('of the build carry the prefix of the controller, the file and the line', () => {
    const { error, digest, text } = render({
      files: { 'apps/kustomization.yaml': 'resources: [a.yaml]\n', 'apps/a.yaml': 'apiVersion: v1\na: b: c\n' },
    })
    expect(error?.message).toMatch(/^kustomize build failed: accumulating resources: /)
    expect(error).toMatchObject({ code: 'InvalidYaml', file: 'apps/a.yaml', line: 2 })
    expect({ digest, text }).toEqual({ digest: null, text: '' })
  })

  it('say what the controller recovers from where kustomize panics', () => {
    const { error } = render({
      files: {
        'apps/kustomization.yaml': 'resources: [a.yaml]\nnamePrefix: p-\n',
        'apps/a.yaml': 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: a,b\n',
      },
    })
    expect(error?.message).toBe(
      'kustomize build failed: recovered from kustomize build panic: ' +
        'number of previous names, number of previous namespaces, number of previous kinds not equal',
    )
  })

  it('of a remote base say that nothing is fetched', () => {
    const { error } = render({
      files: { 'apps/kustomization.yaml': 'resources: ["https://example.invalid/org/repo?ref=v1"]\n' },
    })
    expect(error?.code).toBe('RemoteNotFetched')
  })

  it('of an object without a name', () => {
    expect(
      renderText({
        files: { 'apps/kustomization.yaml': 'resources: [a.yaml]\n', 'apps/a.yaml': 'kind: FooList\nspec: 1\n' },
      }),
    ).toBe('error: failed to decode Kubernetes apiVersion, kind and name from: {"kind":"FooList","spec":1}')
  })

  it('of a caller that has enough of it', () => {
    const { error } = render({
      files: { 'apps/a.yaml': configMap('a') },
      input: {
        checkpoint: () => {
          throw new BuildError('Canceled', 'canceled')
        },
      },
    })
    expect(error?.code).toBe('Canceled')
  })

  it('of a document without bottom', () => {
    for (const depth of [2_000, 9_000, 20_000]) {
      const deep = `${configMap('a')}deep: ${'['.repeat(depth)}${']'.repeat(depth)}\n`
      for (const postBuild of [undefined, { substitute: { v: 'x' } }]) {
        const { error } = render({ spec: { postBuild }, files: { 'apps/a.yaml': deep.replace('value', '${v:=1}') } })
        expect(error === null || ['LimitExceeded', 'InvalidYaml'].includes(error.code)).toBe(true)
      }
    }
  })

  it('that are ours are not hidden', () => {
    expect(() =>
      render({
        files: { 'apps/a.yaml': configMap('a') },
        input: {
          sha256Hex: () => {
            throw new TypeError('a bug')
          },
        },
      }),
    ).toThrow(TypeError)
  })
})

describe('files outside of the root', () => {
  const outside = { '/outside/kustomization.yaml': 'resources: [s.yaml]\n', '/outside/s.yaml': configMap('stolen') }
  it.each([
    ['a resource by its path', 'resources: [../../outside/s.yaml]\n', {}],
    ['an absolute resource', 'resources: [/outside/s.yaml]\n', {}],
    ['a base by its path', 'resources: [../../outside]\n', {}],
    ['a linked file', 'resources: [link.yaml]\n', { 'apps/link.yaml': '/outside/s.yaml' }],
    ['a linked base', 'resources: [link]\n', { 'apps/link': '/outside' }],
    ['a link in a link', 'resources: [one/s.yaml]\n', { 'apps/one': 'two', 'apps/two': '/outside' }],
    ['a file of a generator', 'configMapGenerator: [{name: a, files: [../../outside/s.yaml]}]\n', {}],
    ['envs of a generator', 'secretGenerator: [{name: a, envs: [link.env]}]\n', { 'apps/link.env': '/outside/s.yaml' }],
    ['a patch', 'resources: [a.yaml]\npatches: [{path: ../../outside/s.yaml}]\n', {}],
    ['a component', 'components: [../../outside]\n', {}],
  ])('are not read: %s', (_name, text, links) => {
    const result = render({
      files: { ...outside, 'apps/kustomization.yaml': text, 'apps/a.yaml': configMap('a') },
      links,
    })
    expect(result.error).not.toBeNull()
    expect(result.error?.message).not.toContain('stolen')
    expect(result.error?.message).toContain("is not in or below '/artifact'")
  })

  it('inside of it, links and parents are fine', () => {
    expect(
      renderText({
        files: {
          'apps/kustomization.yaml': 'resources: [../base/a.yaml, link.yaml]\n',
          'base/a.yaml': configMap('a'),
          'b.yaml': configMap('b'),
        },
        links: { 'apps/link.yaml': '../b.yaml' },
      }),
    ).toBe(`${printedConfigMap('a')}---\n${printedConfigMap('b')}`)
  })
})

describe('components of the spec', () => {
  it('are built with the kustomization, those that are missing left out', () => {
    expect(
      renderText({
        spec: { components: ['../parts/labels', '../parts/gone'], ignoreMissingComponents: true },
        files: {
          'apps/kustomization.yaml': 'resources: [a.yaml]\n',
          'apps/a.yaml': configMap('a'),
          'parts/labels/kustomization.yaml':
            'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {part: "yes"}}]\n',
        },
      }),
    ).toBe(printedConfigMap('a', '  key: value\n', '  labels:\n    part: "yes"\n'))
  })
})

describe('what is added when an object is applied', () => {
  const owner = (commonMetadata?: unknown): GoMap =>
    goValueOf({ metadata: { name: 'apps', namespace: 'flux-system' }, spec: { commonMetadata } }) as GoMap
  const labels = {
    'kustomize.toolkit.fluxcd.io/name': 'apps',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  }
  it.each([
    ['the labels of the owner', undefined, { metadata: { name: 'a' } }, { metadata: { name: 'a', labels } }],
    [
      'common labels, also over those',
      { labels: { l: '1', 'kustomize.toolkit.fluxcd.io/name': 'other' } },
      { metadata: { name: 'a', labels: { l: '0', m: '2' } } },
      { metadata: { name: 'a', labels: { ...labels, l: '1', m: '2', 'kustomize.toolkit.fluxcd.io/name': 'other' } } },
    ],
    [
      'common annotations',
      { annotations: { x: 'y' } },
      { metadata: { name: 'a', annotations: { z: 'q' } } },
      { metadata: { name: 'a', annotations: { z: 'q', x: 'y' }, labels } },
    ],
  ])('%s', (_name, commonMetadata, object, expected) => {
    const before = goValueOf(object) as GoMap
    const after = withAppliedMetadata(before, owner(commonMetadata))
    expect(after).toEqual(goValueOf(expected))
    expect(before).toEqual(goValueOf(object))
  })
})
