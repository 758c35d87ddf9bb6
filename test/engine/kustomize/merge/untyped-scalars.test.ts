/** Scalars that upstream makes without a type: what they become when merges, JSON patches and names pass over them. As 5.8.1 prints it. */
import { expect, it } from 'vitest'
import { buildTree } from '../build-tree.ts'

it('quotes what a replacement copied without a type, once a merge goes over it', () => {
  const tree = (patch: string): Record<string, string> => ({
    'over/kustomization.yaml': `resources: [../base]\n${patch}`,
    'base/kustomization.yaml': `resources: [w.yaml]
replacements:
- source: {kind: Widget, name: w, fieldPath: spec.size}
  targets: [{select: {kind: Widget}, fieldPaths: [metadata.labels.copied], options: {create: true}}]
`,
    'base/w.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 3}\n',
  })
  expect(buildTree(tree(''), '/over')).toContain('    copied: 3\n')
  const patch = 'patches:\n- patch: |\n    apiVersion: example.com/v1\n    kind: Widget\n    metadata: {name: w}\n'
  expect(buildTree(tree(patch), '/over')).toContain('    copied: "3"\n')
})

const widget = 'apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w\n'

/** A Widget whose field `spec.copied` (or another) a replacement makes, and one more layer over it. */
function copied(value: string, layer: string, field = 'spec.copied', object = widget): string {
  return buildTree(
    {
      'over/kustomization.yaml': `resources: [../base]\n${layer}`,
      'base/kustomization.yaml': `resources: [w.yaml]
replacements:
- sourceValue: ${value}
  targets: [{select: {kind: Widget}, fieldPaths: [${field}], options: {create: true}}]
`,
      'base/w.yaml': object,
    },
    '/over',
  )
}

const merge = `patches:\n- patch: ${JSON.stringify(widget)}\n`
const jsonPatch = 'patches:\n- target: {kind: Widget}\n  patch: "- {op: add, path: /x, value: 1}"\n'

it.each([
  ["''", 'null'],
  ["' '", "' '"],
  ["'3'", '"3"'],
  ["'yes'", '"yes"'],
  ["'~'", '"~"'],
  ['"2020-01-02"', '"2020-01-02T00:00:00Z"'],
  ['"a\\nb"', '|-\n    a\n    b'],
])('a merge makes of %s: %s', (value, expected) => {
  expect(copied(value, merge)).toContain(`  copied: ${expected}\n`)
})

it('an empty one is a null in block style, and a text in flow style', () => {
  const block = `${widget}spec:\n  a: b\n`
  const flow = `${widget}spec: {a: b}\n`
  for (const layer of ['', merge, jsonPatch]) {
    expect(copied("''", layer, 'spec.copied', block)).toContain('  copied: null\n')
    expect(copied("''", layer, 'spec.copied', flow)).toContain('  copied: ""\n')
  }
})

it('what a file leaves blank in flow style is a text after a JSON patch', () => {
  const patched = buildTree({
    'kustomization.yaml': `resources: [w.yaml]\n${jsonPatch}`,
    'w.yaml': `${widget}spec: {a: , b: {c: }, d: ~}\n`,
  })
  expect(patched).toContain('spec:\n  a: ""\n  b:\n    c: ""\n  d: null\n')
})

it.each([
  ['a', '"3"', 3],
  ['"a"', '"3"', '"3"'],
  ['a', 'b', 'b'],
])('a merge takes the type of the name %s that became %s', (name, value, expected) => {
  const layer =
    'patches:\n- target: {kind: Widget}\n  patch: "{apiVersion: example.com/v1, kind: Widget, metadata: {name: x}, y: 1}"\n'
  const object = widget.replace('name: w', `name: ${name}`)
  expect(copied(value, layer, 'metadata.name', object)).toContain(`  name: ${expected}\n`)
})
