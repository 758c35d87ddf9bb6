/** What is found on a first sight: of the fields that the cache keeps, each writer once, and nothing that was told before. */
import { expect, it } from 'vitest'
import { packObject } from '../../../electron/engine/cache/packed-object.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { describePast } from '../../../electron/engine/history/backfill.ts'
import { describeChange, knownRow } from '../../../electron/engine/history/row-changes.ts'
import type { Seen } from '../../../electron/engine/history/row-changes.ts'
import { fieldOwners } from '../../../electron/engine/status/managed-fields.ts'
import type { FluxRow } from '../../../shared/model/rows.ts'
import { MemoryCluster } from '../memory-cluster.ts'
import { fromYaml } from '../status/yaml.ts'

const wrote = (manager: string, operation: string, time: string, fields: string): string =>
  `{ manager: ${manager}, operation: ${operation}, time: "2026-09-16T${time}Z", fieldsV1: { ${fields} } }`

const statusWrote =
  '{ manager: gotk, operation: Update, subresource: status, time: "2026-09-16T09:59:00Z", fieldsV1: { f:status: { f:conditions: {} } } }'

function seen(generation: number, isSuspended: boolean, ...managers: readonly string[]): [FluxRow, KubeObject] {
  const cluster = new MemoryCluster()
  const whole = fromYaml(`
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
  uid: u1
  generation: ${generation}
  creationTimestamp: 2026-09-16T08:00:00Z
  managedFields:
${managers.map((each) => `    - ${each}`).join('\n')}
spec: { interval: 10m, path: ./apps, suspend: ${isSuspended}, sourceRef: { kind: GitRepository, name: fleet } }
status: { observedGeneration: ${generation} }
`)
  const object = JSON.parse(packObject(whole)) as KubeObject
  cluster.apply(object)
  const row = [...cluster.rows()][0]
  if (row === undefined) throw new Error('no row')
  return [row, object]
}

const calm = { now: Date.parse('2026-09-16T10:00:00Z'), specOwner: null, gateOwner: null, owner: null }

const past = ([row, object]: [FluxRow, KubeObject], toldUntil?: number): readonly string[] =>
  describePast(row, object, calm, toldUntil).map(
    ({ at, reason, by, isBackfilled }) =>
      `${new Date(at).toISOString().slice(11, 16)} ${reason} ${by}${isBackfilled ? '' : ' live'}`,
  )

const made = wrote('kustomize-controller', 'Apply', '08:00:00', 'f:spec: { f:interval: {}, f:path: {} }')
const edited = wrote('kubectl-edit', 'Update', '09:10:00', 'f:spec: { f:interval: {} }')
const applied = wrote('kustomize-controller', 'Apply', '09:30:00', 'f:spec: { f:path: {} }')

it('tells who made an object, and each who wrote its spec since, by the fields that the cache keeps', () => {
  expect(past(seen(1, false, made, statusWrote))).toEqual(['08:00 Created kustomize-controller'])
  expect(past(seen(3, false, applied, edited, statusWrote))).toEqual([
    '08:00 Created ',
    '09:10 SpecChanged kubectl-edit',
    '09:30 SpecChanged kustomize-controller',
  ])
})

it('takes whoever owns fields of an object that is as it was made for no change', () => {
  expect(past(seen(1, false, made, edited))).toEqual(['08:00 Created kustomize-controller'])
})

it('tells of a gate once: whoever wrote nothing else opened it, or is who closed it', () => {
  const turned = wrote('flux', 'Update', '09:20:00', 'f:spec: { f:suspend: {} }')
  expect(past(seen(3, false, made, turned))).toEqual(['08:00 Created kustomize-controller', '09:20 Resumed flux'])
  expect(past(seen(2, true, made, turned))).toEqual(['08:00 Created kustomize-controller', '09:20 Suspended flux'])
  const more = wrote('kubectl-edit', 'Update', '09:20:00', 'f:spec: { f:suspend: {}, f:timeout: {} }')
  expect(past(seen(3, false, made, more))).toEqual([
    '08:00 Created kustomize-controller',
    '09:20 SpecChanged kubectl-edit',
  ])
  expect(past(seen(2, true, made, more))).toEqual([
    '08:00 Created kustomize-controller',
    '09:20 Suspended kubectl-edit',
  ])
})

it('is the same entry as the one that was told when it happened', () => {
  const [row, object] = seen(3, false, made, edited)
  const specOwner = fieldOwners(object, ['spec']).find(({ manager }) => manager === 'kubectl-edit') ?? null
  const now: Seen = { ...calm, specOwner, isBackfilled: false, attempted: '' }
  const found = describePast(row, object, calm).map(({ identity, at }) => [identity, at])
  const live = [
    ...describeChange(null, row, now),
    ...describeChange({ ...knownRow(row, null), generation: 2 }, row, now),
  ].map(({ identity, at }) => [identity, at])
  expect(live).toHaveLength(2)
  expect(found).toEqual(live)
  expect(found.every(([identity]) => identity !== '')).toBe(true)
})

it('tells nothing that was told before', () => {
  expect(past(seen(3, false, applied, edited), Date.parse('2026-09-16T09:10:00Z'))).toEqual([
    '09:30 SpecChanged kustomize-controller',
  ])
})
