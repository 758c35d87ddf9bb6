/** Labels and annotations that are lists, or have an entry without a name: kustomize reads what stands in turn, or panics. As 5.8.1 does. */
import { describe, expect, it } from 'vitest'
import { BuildPanic } from '../../../../electron/engine/kustomize/build-error.ts'
import { buildTree, configMap, failTree } from '../build-tree.ts'

const move = (field: string, value: string): string =>
  `patches:\n- target: {name: a}\n  patch: "- {op: add, path: /metadata/${field}, value: ${value}}"\n`

/** An object that a JSON patch gives annotations or labels, and one more layer over it. */
const tree = (field: string, value: string, layer = ''): Record<string, string> => ({
  '/base/kustomization.yaml': `resources: [a.yaml]\n${move(field, value)}`,
  '/base/a.yaml': configMap('a'),
  '/over/kustomization.yaml': `resources: [../base]\n${layer}`,
})
const file = (metadata: string, layer = ''): Record<string, string> => ({
  '/kustomization.yaml': `resources: [a.yaml]\n${layer}`,
  '/a.yaml': configMap('a', metadata),
})
const withPrefix = 'namePrefix: p-\n'
const withMerge = `patches:\n- patch: ${JSON.stringify(`${configMap('a')}data: {x: z}\n`)}\n`

describe('annotations that are a list', () => {
  it.each([
    ['[a, b]', '    a: b\n'],
    ['[a, b, a, c]', '    a: c\n'],
    ['[a, ~]', '    a: "null"\n'],
    ['[a, [b]]', '    a: ""\n'],
  ])('are pairs: %s', (value, pairs) => {
    const expected = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n${pairs}  name: p-a\n`
    expect(buildTree(tree('annotations', value, withPrefix), '/over')).toBe(expected)
  })

  it.each(['[a]', '[a, b, c]'])('end the build as a panic does where a value is missing: %s', (value) => {
    const length = value.split(',').length
    const error = failTree(tree('annotations', value), '/over')
    expect(error).toBeInstanceOf(BuildPanic)
    expect(error.message).toBe(`runtime error: index out of range [${length}] with length ${length}`)
    expect(error.place.file).toBe('/base/kustomization.yaml')
  })

  it('are a panic when something is to be remembered', () => {
    const error = failTree(file('  annotations: [a, b]\n', withPrefix))
    expect(error).toBeInstanceOf(BuildPanic)
    expect(error.message).toBe('wrong node kind: expected MappingNode but got SequenceNode: node contents:\n[a, b]\n')
    expect(buildTree(file('  annotations: [a, b]\n'))).toContain('  annotations:\n    a: b\n')
  })

  it('are not to be printed with keys that are no texts', () => {
    expect(failTree(tree('annotations', '[1, 2]'), '/over').message).toContain(
      'json: unsupported type: map[interface {}]interface {}',
    )
  })
})

describe('labels that are a list', () => {
  const selecting = 'replacements:\n- sourceValue: v\n  targets: [{select: {name: none}, fieldPaths: [data.x]}]\n'

  it('stay where nothing reads them', () => {
    expect(buildTree(tree('labels', '[a]', withPrefix), '/over')).toContain('  labels:\n  - a\n')
    expect(buildTree(tree('labels', '[a, b]', selecting), '/over')).toContain('  labels:\n  - a\n  - b\n')
  })

  it('are a panic to selectors, even to those that ask for none', () => {
    expect(failTree(tree('labels', '[a]', selecting), '/over')).toBeInstanceOf(BuildPanic)
    expect(failTree(tree('labels', '[a]', move('x', '1')), '/over')).toBeInstanceOf(BuildPanic)
  })

  it('are pairs to selectors', () => {
    const layer = 'patches:\n- target: {labelSelector: a=b}\n  patch: "- {op: add, path: /x, value: 1}"\n'
    expect(buildTree(tree('labels', '[a, b]', layer), '/over')).toContain('\nx: 1\n')
    expect(buildTree(tree('labels', '[a, c]', layer), '/over')).not.toContain('\nx: 1\n')
  })
})

describe('an entry without a name', () => {
  const refusal = 'wrong node kind: expected ScalarNode but got MappingNode'

  it('takes all annotations with it under a JSON patch of `patches`', () => {
    expect(buildTree(tree('annotations', "{'': x, a: b}"), '/over')).toBe(configMap('a'))
  })

  it.each([
    ['in data that a merge passes', file('data: {"": x}\n', withMerge)],
    ['in a map below', file('spec: {a: {b: {"": x}}}\n', withMerge)],
    ['in a patch', file('data: {}\n', withMerge.replace('x: z', "'': z"))],
    ['among labels to be set', file('', 'labels: [{pairs: {"": x}}]\n')],
    ['among annotations', file('  annotations: {"": x}\n', withPrefix)],
  ])('is refused %s', (_name, files) => {
    expect(failTree(files).message).toContain(refusal)
  })
})
