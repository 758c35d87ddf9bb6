import { expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import { Bench, configMap, inventory, kustomization, rendered, secret } from './doubles.ts'

const ids = (entries: readonly { kind: string; namespace: string; name: string }[]): string[] =>
  entries.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`)

it('is what the inventory holds and nobody wants any more, while prune is on', async () => {
  const bench = new Bench()
  const clusterRole: KubeObject = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'system:view', namespace: 'shop' },
  }
  bench.render = rendered([configMap('kept'), clusterRole])
  const status = inventory(
    'shop_kept__ConfigMap',
    'shop_gone__ConfigMap',
    '_system__view_rbac.authorization.k8s.io_ClusterRole',
    'nonsense',
  )
  const set = await bench.desire(kustomization({}, status))
  expect(ids(set.stale)).toEqual(['ConfigMap/shop/gone'])
  expect(set.fidelity.assumptions).toEqual(['Its inventory holds nonsense, which names no object: it is left out.'])
  expect((await bench.desire(kustomization({ prune: false }, status))).stale).toEqual([])
})

it('leaves out what another Kustomization of the same cluster holds, and says where it moves', async () => {
  const bench = new Bench()
  const status = inventory('shop_a__ConfigMap', 'shop_b__ConfigMap')
  bench.cluster.apply(kustomization({}, status), kustomization({}, inventory('shop_a__ConfigMap'), 'other'))
  bench.cluster.apply(
    kustomization({ kubeConfig: { secretRef: { name: 'far' } } }, inventory('shop_b__ConfigMap'), 'far'),
  )
  const set = await bench.desire(kustomization({}, status))
  expect(ids(set.stale)).toEqual(['ConfigMap/shop/b'])
  expect(set.fidelity.assumptions).toEqual([
    'ConfigMap shop/a moves to Kustomization flux-system/other: it is not pruned.',
  ])
})

it('does not guess where the names themselves are unknown', async () => {
  const bench = new Bench()
  bench.render = rendered([], {
    digest: null,
    objects: [{ object: configMap('app-${env}'), origin: null, sensitive: [], unknown: 'env is unknown.' }],
  })
  const set = await bench.desire(kustomization({}, inventory('shop_app-prod__ConfigMap', 'shop_db_apps_Deployment')))
  expect(ids(set.stale)).toEqual(['Deployment/shop/db'])
  expect(set.fidelity.assumptions[0]).toContain('whether ConfigMap shop/app-prod would be pruned is not known')
})

it('takes the name of a generated Secret that no key opens from the inventory, wherever it is mentioned', async () => {
  const bench = new Bench()
  const origin = { file: 'apps/kustomization.yaml', line: 0, isGenerated: true }
  const generated = secret('env-2222222222', { key: 'x' }, 'shop')
  const user = { ...configMap('user'), data: { from: 'env-2222222222', other: 'x' } }
  bench.render = rendered([], {
    digest: null,
    objects: [
      { object: generated, origin, sensitive: [], unknown: '' },
      { object: user, origin: null, sensitive: [], unknown: '' },
    ],
    assumptions: [{ kind: 'undecryptable', message: 'no key opens it', names: [], file: 'apps/env', line: 0 }],
  })
  const object = kustomization({}, inventory('shop_env-bbbbbbbbbb__Secret', 'shop_user__ConfigMap'))
  const set = await bench.desire(object)
  expect(set.objects.map((one) => [one.object.metadata.name, one.unknown !== ''])).toEqual([
    ['env-bbbbbbbbbb', true],
    ['user', false],
  ])
  expect(set.objects[1]?.object['data']).toEqual({ from: 'env-bbbbbbbbbb', other: 'x' })
  expect(set.stale).toEqual([])
  bench.artifact = { revision: 'main@sha1:next' }
  expect((await bench.desire(object, 'latest')).objects.map(({ unknown }) => unknown !== '')).toEqual([true, true])
})
