/** Image references: how they are read and changed, and where they are found. */
import { describe, expect, it } from 'vitest'
import { defaultTransformerConfig } from '../../../../electron/engine/kustomize/config/default-config.ts'
import { makeFieldSpec } from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import { imageMatcher, splitImage } from '../../../../electron/engine/kustomize/images/image-reference.ts'
import type { ImageChange } from '../../../../electron/engine/kustomize/images/transform-images.ts'
import { changeImage, transformImages } from '../../../../electron/engine/kustomize/images/transform-images.ts'
import { errorOf, makeContext, normal, printed, resMapOf } from '../resource/resources-from-yaml.ts'

const change = (more: Partial<ImageChange>): ImageChange => ({
  name: 'nginx',
  newName: '',
  newTag: '',
  tagSuffix: '',
  digest: '',
  ...more,
})

describe('a reference', () => {
  it.each([
    ['nginx', 'nginx', '', ''],
    ['nginx:1.0', 'nginx', '1.0', ''],
    ['nginx@sha256:aa', 'nginx', '', 'sha256:aa'],
    ['nginx:1.0@sha256:aa', 'nginx', '1.0', 'sha256:aa'],
    ['repo:5000/a/nginx', 'repo:5000/a/nginx', '', ''],
    ['repo:5000/a/nginx:1', 'repo:5000/a/nginx', '1', ''],
    ['repo:5000/nginx@sha256:aa', 'repo:5000/nginx', '', 'sha256:aa'],
    ['repo:5000/nginx:1@sha256:aa', 'repo:5000/nginx', '1', 'sha256:aa'],
    ['localhost:5000', 'localhost', '5000', ''],
    ['', '', '', ''],
    ['/a:b', '/a', 'b', ''],
  ])('%s', (image, name, tag, digest) => {
    expect(splitImage(image)).toEqual({ name, tag, digest })
  })

  it.each([
    ['nginx', 'nginx', true],
    ['nginx', 'nginx:1.0', true],
    ['nginx', 'nginx:', true],
    ['nginx', 'nginx:${TAG}', false],
    ['nginx', 'nginx:{TAG}', true],
    ['nginx', 'nginx@sha256:aa', true],
    ['nginx', 'nginx:1@sha256:aa', true],
    ['nginx', 'nginx@sha512:aa', false],
    ['nginx', 'a/nginx', false],
    ['nginx', 'nginx2', false],
    ['repo:5000/a', 'repo:5000/a:1', true],
    ['a.b/c', 'axb/c', true],
    ['a.b/c', 'a\nb/c', false],
    ['n.*x', 'nginx:1', true],
    ['n.*x', 'nginy', false],
    ['(a|b)', 'b:1', true],
    ['', '', true],
    ['', ':1', true],
  ])('%j matches %j: %s', (name, image, expected) => {
    expect(imageMatcher(name).matches(image)).toBe(expected)
  })

  it('is matched in linear time', () => {
    expect(imageMatcher('(a+)+').matches(`${'a'.repeat(50_000)}!`)).toBe(false)
  })

  it.each([
    [{}, 'nginx:1@d', 'nginx:1@d'],
    [{ newName: 'x/y' }, 'nginx:1@d', 'x/y:1@d'],
    [{ newTag: '2' }, 'nginx:1@d', 'nginx:2'],
    [{ newTag: '2' }, 'nginx', 'nginx:2'],
    [{ digest: 'sha256:z' }, 'nginx:1', 'nginx@sha256:z'],
    [{ newTag: '2', digest: 'sha256:z' }, 'nginx:1', 'nginx:2@sha256:z'],
    [{ tagSuffix: '-x' }, 'nginx:1@d', 'nginx:1-x'],
    [{ tagSuffix: '-x' }, 'nginx', 'nginx:-x'],
    [{ newTag: '2', tagSuffix: '-x' }, 'nginx:1', 'nginx:2'],
  ])('changed by %j', (more, image, after) => {
    expect(changeImage(image, change(more))).toBe(after)
  })
})

describe('images of objects', () => {
  function run(
    text: string,
    more: Partial<ImageChange> = { newTag: '2' },
    fieldSpecs = defaultTransformerConfig().images,
  ) {
    const map = resMapOf(text)
    transformImages(map, { imageTag: change(more), fieldSpecs }, makeContext())
    return printed(map)
  }
  const object = (rest: string, kind = 'W'): string =>
    `{apiVersion: x.io/v1, kind: ${kind}, metadata: {name: a}, ${rest}}\n`

  it.each([
    [
      'containers',
      'spec: {containers: [{image: nginx}, {image: other}]}',
      'spec: {containers: [{image: nginx:2}, {image: other}]}',
    ],
    [
      'init containers at any depth',
      'a: {b: [{initContainers: [{image: nginx}]}]}',
      'a: {b: [{initContainers: [{image: nginx:2}]}]}',
    ],
    [
      'containers within containers',
      'containers: [{containers: [{image: nginx}], image: nginx}]',
      'containers: [{containers: [{image: nginx:2}], image: nginx:2}]',
    ],
    [
      'image volumes',
      'spec: {volumes: [{image: {reference: nginx}}]}',
      'spec: {volumes: [{image: {reference: nginx:2}}]}',
    ],
    [
      'nothing else',
      'spec: {image: nginx, sidecars: [{image: nginx}]}',
      'spec: {image: nginx, sidecars: [{image: nginx}]}',
    ],
    ['no containers that are no list', 'spec: {containers: {image: nginx}}', 'spec: {containers: {image: nginx:2}}'],
    ['an empty list for null', 'spec: {containers: null}', 'spec: {containers: []}'],
    ['no null container', 'spec: {containers: [null, {}]}', 'spec: {containers: [null, {}]}'],
  ])('%s', (_name, before, after) => {
    expect(run(object(before))).toBe(normal(object(after)))
  })

  it('are left alone in definitions', () => {
    const text = object('spec: {containers: [{image: nginx}]}', 'CustomResourceDefinition')
    expect(run(text)).toBe(normal(text))
  })

  it('are found by specs of a configuration', () => {
    expect(run(object('data: {image: nginx}'), { newName: 'x' }, [makeFieldSpec('data/image')])).toBe(
      normal(object('data: {image: x}')),
    )
  })

  it('are a number where the text is one', () => {
    expect(run(object('containers: [{image: nginx}]'), { newName: '5' })).toContain('image: 5\n')
    expect(run(object('containers: [{image: "nginx"}]'), { newName: '5' })).toContain('image: "5"\n')
  })

  it.each([
    ['containers: [text]', 'wrong node kind: expected MappingNode but got ScalarNode: node contents:\ntext\n'],
    ['containers: [{image: [a]}]', 'wrong node kind: expected ScalarNode but got SequenceNode: node contents:\n[a]\n'],
  ])('of a wrong form are refused: %s', (rest, message) => {
    expect(errorOf(() => run(object(rest)))).toBe(message)
  })

  it('with a name that is no expression are refused', () => {
    expect(errorOf(() => run(object('a: b'), { name: '(' }))).not.toBe('')
  })
})
