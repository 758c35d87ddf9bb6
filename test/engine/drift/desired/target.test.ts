import { expect, it } from 'vitest'
import { Bench, controller, kustomization, secret } from './doubles.ts'

const remote = kustomization({ kubeConfig: { secretRef: { name: 'far' } } })

it('SECURITY 10: is the cluster of spec.kubeConfig, once the user allowed its host', async () => {
  const bench = new Bench()
  bench.cluster.apply(secret('far', { value: 'kubeconfig far.test:6443' }))
  await expect(bench.desire(remote)).rejects.toMatchObject({ code: 'HostNotAllowed' })
  expect(bench.named).toEqual(['far.test:6443 by Kustomization/flux-system/apps'])
  bench.allowedHosts.add('far.test:6443')
  const { target, inputsKey } = await bench.desire(remote)
  expect(target.remote).not.toBeNull()
  expect((await bench.desire(remote)).target.remote).toBe(target.remote)
  bench.cluster.apply(secret('far', { value: 'kubeconfig far.test:6443 with another token' }))
  await bench.cluster.clock.advance(5000)
  const other = await bench.desire(remote)
  expect(other.target.remote).not.toBe(target.remote)
  expect(other.inputsKey).not.toBe(inputsKey)
  expect(bench.closed).toEqual(['kubeconfig far.test:6443'])
  bench.state.dispose()
  expect(bench.closed).toHaveLength(2)
})

it('is refused where the kubeconfig is missing, forbidden, or not in a Secret', async () => {
  const bench = new Bench()
  await expect(bench.desire(remote)).rejects.toMatchObject({ code: 'NotFound' })
  bench.cluster.apply(secret('far', { other: 'x' }))
  await bench.cluster.clock.advance(5000)
  await expect(bench.desire(remote)).rejects.toMatchObject({
    code: 'NotFound',
    message: expect.stringContaining('no key value') as unknown,
  })
  bench.cluster.refusals.set('c1|/Secret|flux-system/far', 'Forbidden')
  await bench.cluster.clock.advance(5000)
  await expect(bench.desire(remote)).rejects.toMatchObject({ code: 'Forbidden' })
  const byConfigMap = kustomization({ kubeConfig: { configMapRef: { name: 'cloud' } } })
  await expect(bench.desire(byConfigMap)).rejects.toMatchObject({
    code: 'Unsupported',
    message: expect.stringContaining('which is not followed') as unknown,
  })
})

it('is asked as the service account where the user may, and says so where not', async () => {
  const bench = new Bench()
  const tenant = kustomization({ serviceAccountName: 'deployer' })
  expect((await bench.desire(tenant)).target.impersonate).toBe('system:serviceaccount:flux-system:deployer')
  expect(bench.questions).toEqual([
    { verb: 'impersonate', group: '', resource: 'serviceaccounts', namespace: 'flux-system', name: 'deployer' },
  ])
  bench.mayImpersonate = false
  const set = await bench.desire(tenant)
  expect(set.target.impersonate).toBeNull()
  expect(set.fidelity.assumptions[0]).toContain('You may not impersonate ServiceAccount flux-system/deployer')
  bench.mayImpersonate = true
  bench.cluster.controllerRows = [controller(['--default-service-account=default'])]
  expect((await bench.desire(kustomization())).target.impersonate).toBe('system:serviceaccount:flux-system:default')
})
