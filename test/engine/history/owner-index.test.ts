/** Owners by inventories: against a plain map, through thousands of changes. */
import { expect, it } from 'vitest'
import { NumberTable } from '../../../electron/engine/history/number-table.ts'
import { OwnerIndex } from '../../../electron/engine/history/owner-index.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'

it('holds what a plain map holds, whatever is set, set anew and removed', () => {
  const table = new NumberTable()
  const plain = new Map<number, number>()
  let seed = 1
  const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below
  for (let turn = 0; turn < 60_000; turn++) {
    const key = next(20_000) * 4_294_967_311
    const value = next(50)
    if (turn % 500 === 499) {
      table.removeValue(value)
      for (const [each, its] of plain) if (its === value) plain.delete(each)
    } else {
      table.set(key, value)
      plain.set(key, value)
    }
  }
  for (let index = 0; index < 20_000; index++) {
    const key = index * 4_294_967_311
    expect(table.get(key)).toBe(plain.get(key) ?? -1)
  }
})

const owner = (name: string): FluxRow =>
  ({
    key: name,
    ref: { cluster: 'c', group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization', namespace: 'flux-system', name },
  }) as FluxRow
const applied = (version: number, ...ids: readonly string[]) =>
  ({
    metadata: { resourceVersion: String(version) },
    status: { inventory: { entries: ids.map((id) => ({ id, v: 'v1' })) } },
  }) as never
const ref = (group: string, kind: string, name: string) => ({ cluster: 'c', group, kind, namespace: 'apps', name })

it('finds owners of what is applied and of what workloads made, through moves and removals', () => {
  const index = new OwnerIndex()
  const nameOf = (group: string, kind: string, name: string): string | undefined =>
    index.ownerOf(ref(group, kind, name))?.name
  index.update(
    owner('one'),
    applied(1, 'apps_web_apps_Deployment', 'apps_web-api_apps_Deployment', 'apps_web__Service'),
  )
  expect(nameOf('apps', 'Deployment', 'web')).toBe('one')
  expect(nameOf('', 'Pod', 'web-6c9b8d4f7-x2x4z')).toBe('one')
  expect(nameOf('discovery.k8s.io', 'EndpointSlice', 'web-abcde')).toBe('one')
  expect(nameOf('serving.knative.dev', 'Service', 'web')).toBeUndefined()
  // It moves: first the new owner has it, then the old one lets go.
  index.update(owner('two'), applied(1, 'apps_web_apps_Deployment'))
  index.update(owner('one'), applied(2, 'apps_web-api_apps_Deployment'))
  expect(nameOf('apps', 'Deployment', 'web')).toBe('two')
  expect(nameOf('', 'Pod', 'web-api-6c9b8d4f7-x2x4z')).toBe('one')
  expect(nameOf('', 'Service', 'web')).toBeUndefined()
  index.remove('two')
  expect(nameOf('', 'Pod', 'web-6c9b8d4f7-x2x4z')).toBeUndefined()
})
