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
