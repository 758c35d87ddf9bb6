/** What hosted mode applies and what its comparison looks at are one build. */
import { expect, it } from 'vitest'
import { createClusterRenderer } from '../../../electron/adapters/worker-pool/cluster-renderer.ts'
import type { ClusterRenderer, ClusterRenderRequest } from '../../../electron/engine/drift/cluster-renderer-port.ts'
import { createSharedInputs } from '../../../electron/engine/drift/shared-inputs.ts'
import { buildDesired } from '../../../electron/engine/reconcile/kustomization/build-desired.ts'
import { hostedSettings } from '../../../electron/engine/reconcile/kustomization/settings.ts'
import { Bench, configMap, kustomization, never, rendered, secret } from '../../engine/drift/desired/doubles.ts'

/** How often the requests of a comparison and of a run, both of `spec`, are built; own keys are switched on. */
async function buildsOf(spec: object): Promise<number> {
  const bench = new Bench()
  bench.usesOwnKeys = true
  bench.cluster.controllerRows = []
  bench.cluster.apply(configMap('vars', 'flux-system', { region: 'eu' }), secret('sops', { 'age.agekey': 'key' }))
  const object = kustomization(spec)
  await bench.desire(object)
  const [compared] = bench.requests as [ClusterRenderRequest]
  const requests = [compared]
  const noting: ClusterRenderer = {
    render(request) {
      requests.push(request)
      return Promise.resolve(rendered([configMap('a')]))
    },
  }
  const target = { client: {} as never, isRemote: false, impersonate: null, key: '' }
  const inputs = createSharedInputs(bench.cluster.clock, () => null)
  const deps = { renderer: noting, inputs, settings: hostedSettings }
  await buildDesired(bench.cluster, object, compared.tree, target, deps, never)

  let count = 0
  const { objects: _, ...message } = rendered([])
  const shared = createClusterRenderer({
    send: () => {
      count += 1
      return Promise.resolve({ ...message, objects: '[]' })
    },
  })
  await Promise.all(requests.map((request) => shared.render(request, never)))
  expect(requests).toHaveLength(2)
  return count
}

it('is built once for a run and a comparison, whatever the user allows of their own keys', async () => {
  expect(await buildsOf({})).toBe(1)
  expect(await buildsOf({ postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'vars' }] } })).toBe(1)
})

it('SECURITY 9: is built for each where something is decrypted', async () => {
  expect(await buildsOf({ decryption: { provider: 'sops', secretRef: { name: 'sops' } } })).toBe(2)
})
