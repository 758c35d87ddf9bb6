import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { buildDetail } from '../../../electron/engine/detail/build-detail.ts'
import { emitYaml } from '../../../electron/engine/detail/emit-yaml.ts'
import { presentObject } from '../../../electron/engine/detail/present-object.ts'
import { readInventory } from '../../../electron/engine/inventory/read-inventory.ts'
import { buildTree } from '../../../electron/engine/tree/build-tree.ts'
import { fluxKinds } from '../../../shared/flux/kinds.ts'
import { scaleCount, seed } from '../../soak.ts'
import { MemoryCluster } from '../memory-cluster.ts'
import { breakObject, fullObject, mutations } from '../status/broken-objects.ts'

const asked = { isAllowed: false, reason: '' }

it('page, tree and YAML of any broken object of any kind are there', () => {
  const cluster = new MemoryCluster()
  fc.assert(
    fc.property(fc.nat(fluxKinds.length - 1), mutations, (index, list) => {
      const broken = fullObject(index)
      breakObject(broken, list)
      const object = broken as unknown as KubeObject
      const kind = fluxKinds[index]
      const ref = cluster.ref(kind?.group ?? '', kind?.kind ?? '', 'namespace', 'name')
      const detail = buildDetail(cluster, ref, {
        known: { state: 'known', object },
        access: { suspend: asked, resume: asked, reconcile: asked, logs: asked },
        gateNote: '',
        now: 0,
      })
      expect(detail.problem).toBeNull()
      for (const fact of detail.facts) expect(typeof fact.value).toBe('string')
      const tree = buildTree(ref, {
        now: 0,
        row: () => null,
        object: (each) => (each.name === 'name' ? { state: 'known', object } : { state: 'missing' }),
        owned: () => [],
        inventory: (_ref, each) => readInventory(each),
        served: (group, name) => cluster.served(group, name),
      })
      expect(tree.nodes[0]?.ref).toEqual(ref)
      expect([...emitYaml(presentObject(object))].join('')).toContain(`kind: ${ref.kind}`)
    }),
    { numRuns: scaleCount(10_000), seed: seed() },
  )
})
