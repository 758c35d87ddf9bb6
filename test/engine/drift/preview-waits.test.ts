/** What a resumed object would wait for, and what waits for it. The controllers' own rule: flux-semantics §2.1. */
import { expect, it } from 'vitest'
import { findWaiting, findWaits } from '../../../electron/engine/drift/preview-waits.ts'
import { compileReadyExpression } from '../../../electron/engine/reconcile/health/health-expressions.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { MemoryCluster } from '../memory-cluster.ts'

const group = 'kustomize.toolkit.fluxcd.io'

interface Options {
  readonly dependsOn?: string
  readonly ready?: 'True' | 'False' | 'none'
  readonly reason?: string
  readonly source?: string
  readonly applied?: string
  readonly isSuspended?: boolean
  readonly observed?: number
}

function put(cluster: MemoryCluster, name: string, options: Options = {}): ObjectRef {
  const {
    dependsOn = '[]',
    ready = 'True',
    reason = 'ReconciliationSucceeded',
    source = 'fleet',
    applied = 'main@sha1:aaaaaaa',
    isSuspended = false,
    observed = 1,
  } = options
  const condition = `{type: Ready, status: "${ready}", reason: ${reason}, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}`
  cluster.apply(`
apiVersion: ${group}/v1
kind: Kustomization
metadata: {name: ${name}, namespace: apps, uid: u-${name}, generation: 1}
spec: {interval: 10m, prune: true, path: ., suspend: ${isSuspended}, sourceRef: {kind: GitRepository, name: ${source}}, dependsOn: ${dependsOn}}
status: {observedGeneration: ${observed}, lastAppliedRevision: "${applied}", conditions: [${ready === 'none' ? '' : condition}]}
`)
  return cluster.ref(group, 'Kustomization', 'apps', name)
}

async function waits(cluster: MemoryCluster, dependsOn: string, revision = 'main@sha1:aaaaaaa'): Promise<string[]> {
  const ref = put(cluster, 'app', { dependsOn, isSuspended: true })
  const object = cluster.cached(ref)!
  const found = await findWaits(
    cluster,
    ref,
    object,
    revision,
    async (text) => compileReadyExpression(text),
    new AbortController().signal,
  )
  return found.map(({ ref: { namespace, name }, text, isStuck }) =>
    [isStuck ? '!' : '', namespace, '/', name, ' ', text].join(''),
  )
}

it('names every dependency that is not ready, and none that is', async () => {
  const cluster = new MemoryCluster()
  put(cluster, 'ready')
  put(cluster, 'broken', { ready: 'False', reason: 'BuildFailed' })
  put(cluster, 'young', { ready: 'none' })
  put(cluster, 'edited', { observed: 0 })
  expect(
    await waits(
      cluster,
      '[{name: ready}, {name: broken}, {name: young}, {name: edited}, {name: gone}, {name: far, namespace: base}]',
    ),
  ).toEqual([
    expect.stringMatching(/^apps\/broken is not ready \(Failed\)$/),
    expect.stringMatching(/^apps\/young is not ready/),
    expect.stringMatching(/^apps\/edited is not ready/),
    '!apps/gone is not there',
    '!base/far is not there',
  ])
})

it('asks the same revision of a dependency with the same source, and says where nobody will bring it there', async () => {
  const cluster = new MemoryCluster()
  put(cluster, 'same')
  put(cluster, 'other', { source: 'charts' })
  put(cluster, 'held', { isSuspended: true })
  const all = '[{name: same}, {name: other}, {name: held}]'
  expect(await waits(cluster, all)).toEqual([])
  expect(await waits(cluster, all, 'main@sha1:bbbbbbb')).toEqual([
    'apps/same has to apply main@sha1:bbbbbbb first',
    '!apps/held has to apply main@sha1:bbbbbbb first, and it is suspended',
  ])
})

it('lets readyExpr decide, alone unless the gate adds it', async () => {
  const cluster = new MemoryCluster()
  put(cluster, 'broken', { ready: 'False' })
  const byExpression = (text: string): string => `[{name: broken, readyExpr: ${JSON.stringify(text)}}]`
  expect(await waits(cluster, byExpression('dep.metadata.name == "broken"'))).toEqual([])
  expect(await waits(cluster, byExpression('self.metadata.name == "broken"'))).toEqual([
    'apps/broken is not ready by its readyExpr',
  ])
  expect(await waits(cluster, byExpression('dep.nothing == 1'))).toEqual([
    expect.stringMatching(/^apps\/broken has a readyExpr that fails: .*nothing/),
  ])
  expect(await waits(cluster, byExpression('dep.metadata ='))).toEqual([
    expect.stringMatching(/^!apps\/broken has a readyExpr that is not valid: /),
  ])
  cluster.controllerRows.push({
    ...({} as (typeof cluster.controllerRows)[number]),
    name: 'kustomize-controller',
    image: '',
    args: ['--feature-gates=AdditiveCELDependencyCheck=true'],
  })
  expect(await waits(cluster, byExpression('dep.metadata.name == "broken"'))).toEqual([
    expect.stringMatching(/^apps\/broken is not ready/),
  ])
})

it('does not know what may not be read', async () => {
  const cluster = new MemoryCluster()
  cluster.refusals.set(
    refKey({ cluster: 'c1', group, kind: 'Kustomization', namespace: 'far', name: 'x' }),
    'Forbidden',
  )
  expect(await waits(cluster, '[{name: x, namespace: far}]')).toEqual([
    'far/x cannot be read here: whether it is ready is not known',
  ])
})

it('names who waits for it now', () => {
  const cluster = new MemoryCluster()
  const app = put(cluster, 'app')
  put(cluster, 'done', { dependsOn: '[{name: app}]' })
  put(cluster, 'after', { dependsOn: '[{name: app}]', ready: 'False', reason: 'DependencyNotReady' })
  put(cluster, 'else', { dependsOn: '[{name: done}]', ready: 'False', reason: 'DependencyNotReady' })
  expect(findWaiting(cluster, app).map(({ name }) => name)).toEqual(['after'])
})
