import { describe, expect, it } from 'vitest'
import { flagValue, imageVersion, toControllerRow } from '../../../electron/engine/controllers/controller-row.ts'
import { withLease } from '../../../electron/engine/controllers/leases.ts'

const deployment = (name: string, args: readonly string[] = []): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'flux-system', generation: 1, labels: { 'app.kubernetes.io/version': 'v2.9.4' } },
  spec: {
    replicas: 1,
    template: {
      spec: {
        containers: [{ name: 'sidecar' }, { name: 'manager', image: 'ghcr.example/fluxcd/x:v1.9.4@sha256:ab', args }],
      },
    },
  },
  status: {
    observedGeneration: 1,
    replicas: 1,
    updatedReplicas: 1,
    readyReplicas: 1,
    availableReplicas: 1,
    conditions: [{ type: 'Available', status: 'True' }],
  },
})

describe('toControllerRow', () => {
  it('reads version, arguments, readiness and shard of the manager container', () => {
    const row = toControllerRow(
      deployment('kustomize-controller', ['--watch-label-selector=sharding.fluxcd.io/key=s1', '--log-level=info']),
      'c',
      0,
    )
    expect(row).toMatchObject({
      key: 'c|flux-system/kustomize-controller',
      version: 'v1.9.4',
      args: ['--watch-label-selector=sharding.fluxcd.io/key=s1', '--log-level=info'],
      readyReplicas: 1,
      replicas: 1,
      status: 'Current',
      shard: 'sharding.fluxcd.io/key=s1',
    })
  })

  it('survives whatever is missing', () => {
    for (const nonsense of [
      null,
      {},
      { spec: { template: null } },
      { spec: { template: { spec: { containers: [null] } } } },
    ])
      expect(toControllerRow(nonsense, 'c', 0)).toMatchObject({ image: '', args: [], shard: null })
  })

  it.each([
    ['registry.example:5000/x/y:v1', 'v1'],
    ['registry.example:5000/x/y', ''],
    ['x@sha256:abc', ''],
    ['x:v2@sha256:abc', 'v2'],
    ['', ''],
  ])('tag of %s', (image, tag) => {
    expect(imageVersion(image)).toBe(tag)
  })

  it('reads flags in both notations', () => {
    expect(flagValue(['--a', 'b', '--c=d=e'], '--a')).toBe('b')
    expect(flagValue(['--a', 'b', '--c=d=e'], '--c')).toBe('d=e')
    expect(flagValue(['--ab=c'], '--a')).toBeNull()
  })
})

describe('withLease', () => {
  const names = ['kustomize-controller', 'source-controller']
  const lease = (name: string, holder: string, renewedAt = 5) => ({ namespace: 'flux-system', name, holder, renewedAt })

  it('matches by the pod that holds it, then by name, and shows leases without a Deployment', () => {
    const rows = [
      toControllerRow(deployment('kustomize-controller'), 'c', 0),
      toControllerRow(deployment('kustomize-controller-shard1', ['--watch-label-selector=x=1']), 'c', 0),
    ]
    const result = withLease(
      rows,
      [
        lease('kustomize-controller-leader-election', 'host_1234'),
        lease('kustomize-controller-leader-election-abc', 'kustomize-controller-shard1-5d9f-x7k2q_99'),
        lease('source-controller-leader-election', 'laptop_77'),
        lease('unrelated', 'someone_1'),
      ],
      'c',
      names,
    )
    expect(result.map(({ name, leaseHolder, status }) => [name, leaseHolder, status])).toEqual([
      ['kustomize-controller', 'host', 'Current'],
      ['kustomize-controller-shard1', 'kustomize-controller-shard1-5d9f-x7k2q', 'Current'],
      ['source-controller', 'laptop', 'Unknown'],
    ])
  })
})
