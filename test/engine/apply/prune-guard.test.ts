import { expect, it } from 'vitest'
import { judgePruneGuard } from '../../../electron/engine/apply/prune-guard.ts'
import { subtractEntries } from '../../../electron/engine/inventory/entry.ts'
import type { InventoryEntry } from '../../../electron/engine/inventory/entry.ts'
import { memoryCodec } from '../memory-codec.ts'

const entry = (kind: string, name: string, group = ''): InventoryEntry => ({
  group,
  version: 'v1',
  kind,
  namespace: 'apps',
  name,
})
const maps = (count: number, prefix = 'map'): InventoryEntry[] =>
  Array.from({ length: count }, (_each, index) => entry('ConfigMap', `${prefix}-${String(index)}`))

function judge(
  before: readonly InventoryEntry[],
  after: readonly InventoryEntry[],
  approved: readonly string[] = [],
  isOff = false,
) {
  return judgePruneGuard(before, after, subtractEntries(before, after), { codec: memoryCodec, approved, isOff })
}

it('lets go what is plausible', () => {
  expect(judge(maps(4), maps(2)).isHeld).toBe(false)
  expect(judge(maps(1), []).isHeld).toBe(false)
  expect(judge(maps(20), maps(10))).toMatchObject({ isHeld: false, reason: '' })
  expect(judge(maps(40), maps(20)).isHeld).toBe(false)
  expect(judge([], []).isHeld).toBe(false)
})

it('holds what leaves nothing, or takes more than half and more than ten', () => {
  expect(judge(maps(2), [])).toMatchObject({
    isHeld: true,
    reason: 'Git holds nothing any more: 2 of 2 objects would be deleted',
  })
  expect(judge(maps(21), maps(10))).toMatchObject({ isHeld: true, reason: '11 of 21 objects would be deleted' })
  expect(judge(maps(40), maps(19)).isHeld).toBe(true)
})

it('holds what takes data with it', () => {
  const before = [
    entry('Namespace', 'apps'),
    entry('PersistentVolumeClaim', 'data'),
    entry('CustomResourceDefinition', 'widgets.example.com', 'apiextensions.k8s.io'),
    entry('PersistentVolume', 'disk'),
  ]
  for (const one of before) {
    const verdict = judge([...maps(8), one], maps(8))
    expect(verdict.isHeld).toBe(true)
    expect(verdict.pruned).toEqual([{ entry: one, isData: true }])
  }
  expect(judge([...maps(8), entry('Namespace', 'x', 'example.com')], maps(8)).isHeld).toBe(false)
  expect(judge([...maps(30), ...before], maps(30)).reason).toBe(
    'Namespace apps/apps, PersistentVolumeClaim apps/data, CustomResourceDefinition apps/widgets.example.com and 1 more would be deleted, with all that is in them',
  )
})

it('does not count names that a generator hashed anew', () => {
  const before = [
    ...Array.from({ length: 14 }, (_each, index) => entry('ConfigMap', `app-${String(index)}-6ct58987ht`)),
  ]
  const after = before.map(({ name, ...rest }) => ({ ...rest, name: name.replace('6ct58987ht', 'b4h5k6m7tt') }))
  expect(judge(before, after)).toMatchObject({ isHeld: false, pruned: [] })
  expect(judge(before, []).isHeld).toBe(true)
  const other = after.map((one) => ({ ...one, kind: 'Secret' }))
  expect(judge(before, other).isHeld).toBe(true)
})

it('counts an approval for exactly what was shown', () => {
  const { digest } = judge(maps(3), [])
  expect(judge(maps(3), [], [digest]).isHeld).toBe(false)
  expect(judge(maps(4), [], [digest]).isHeld).toBe(true)
  expect(judge(maps(3), [], [], true).isHeld).toBe(false)
})
