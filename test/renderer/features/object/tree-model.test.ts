import { describe, expect, it } from 'vitest'
import { refKey } from '../../../../shared/model/identity.ts'
import { countTree, firstCause, openAtFirst, treeEntries } from '../../../../renderer/features/object/tree-model.ts'
import { visibleRows } from '../../../../renderer/ui/tree/tree-rows.ts'
import { ref, sampleFleet, treeNode } from '../../support/sample-fleet.ts'

const { tree, apps } = sampleFleet(0)
const names = (grouping: 'namespace' | 'kind' | 'order', isNotReadyOnly = false): string[] => {
  const entries = treeEntries(tree, grouping, isNotReadyOnly)
  return visibleRows(entries, () => true).map(
    ({ item, level }) => `${'  '.repeat(level - 1)}${item.node?.ref.name ?? `[${item.heading}]`}`,
  )
}

describe('the tree', () => {
  it('stands under its namespaces, owned objects below their owner', () => {
    const shown = names('namespace')
    expect(shown[0]).toBe('apps')
    expect(shown).toContain('  apps')
    expect(shown).toContain('    podinfo')
    expect(shown).toContain('        podinfo-7d4c9b5f6d-9qv5m')
    expect(shown).toContain('      valkey-primary')
  })

  it('is grouped by kind under headings that count', () => {
    const entries = treeEntries(tree, 'kind', false)
    expect(entries.filter((entry) => entry.node === null).map((entry) => [entry.heading, entry.count])).toContainEqual([
      'Deployment',
      2,
    ])
  })

  it('follows the apply order without groups', () => {
    const rows = visibleRows(treeEntries(tree, 'order', false), (entry) => entry.parent === null)
    const kinds = rows.slice(1).map((row) => row.item.node?.ref.kind)
    expect(kinds.slice(0, 2)).toEqual(['Namespace', 'Namespace'])
    expect(kinds.indexOf('ConfigMap')).toBeLessThan(kinds.indexOf('Deployment'))
  })

  it('shows what is not ready with all above it', () => {
    const shown = names('order', true).map((name) => name.trim())
    expect(shown).toEqual([
      'apps',
      'podinfo',
      'podinfo-7d4c9b5f6d',
      'podinfo-7d4c9b5f6d-9qv5m',
      'podinfo-7d4c9b5f6d-tb7wz',
    ])
  })

  it('opens the way to what is not ready, and nothing else below the inventory', () => {
    const entries = treeEntries(tree, 'namespace', false)
    const open = openAtFirst(entries)
    expect(open.has(refKey(ref('ReplicaSet', 'podinfo-7d4c9b5f6d', 'apps', 'apps')))).toBe(true)
    expect(open.has(tree.find((node) => node.ref.kind === 'HelmRelease')?.key ?? '')).toBe(false)
  })

  it('counts inventory and what it owns, and names the first cause', () => {
    expect(countTree(tree)).toEqual({ inventory: 10, owned: 7, notReady: 4 })
    expect(firstCause(tree)?.cause).toContain('ImagePullBackOff')
    expect(firstCause([treeNode(apps.ref, 'ks', null, { status: 'Failed' })])).toBeNull()
  })

  it('keeps objects of a namespace without a Namespace object under a heading', () => {
    const root = treeNode(apps.ref, 'ks', null)
    const entries = treeEntries(
      [
        root,
        treeNode(ref('ConfigMap', 'x', 'shop'), 'cm', root.key),
        treeNode(ref('ClusterRole', 'y', ''), 'clusterrole', root.key),
      ],
      'namespace',
      false,
    )
    expect(entries.filter((entry) => entry.node === null).map((entry) => entry.heading)).toEqual([
      'cluster-scoped',
      'shop',
    ])
  })
})
