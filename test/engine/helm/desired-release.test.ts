/** The desired state of HelmReleases over storage in memory. */
import { describe, expect, it } from 'vitest'
import type { ControllerRow } from '../../../shared/model/rows.ts'
import { Bench, manifest, release, snapshot, storedRelease } from './release-bench.ts'

describe('the desired state of a HelmRelease', () => {
  it('is the stored manifest with what Helm adds, as sure as its digest', async () => {
    const bench = new Bench()
    bench.store(storedRelease(2))
    const spec = { driftDetection: { mode: 'disabled', ignore: [{ paths: ['/data'], target: { kind: 'ConfigMap' } }] } }
    const set = await bench.desired([snapshot(storedRelease(2))], spec)
    expect(
      set.objects.map(({ object }) => `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`),
    ).toEqual(['ConfigMap shops/config', 'Namespace /other', 'Service other/web'])
    expect(set.objects[0]!.object.metadata).toEqual({
      name: 'config',
      namespace: 'shops',
      creationTimestamp: null,
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': 'shops' },
    })
    expect(set.objects[2]!.object['spec']).toEqual({ ports: [{ port: 80, protocol: 'TCP', targetPort: 0 }] })
    expect(set).toMatchObject({
      controller: 'helm-controller',
      stale: [],
      isForced: false,
      ignoreRules: [{ paths: ['/data'], target: { kind: 'ConfigMap' } }],
      target: { remote: null, impersonate: null },
      fidelity: { word: 'verified', revision: 'shop@1.2.3', origin: 'releaseStorage', reasons: [] },
    })
    expect(bench.requests[0]).toBe('/api/v1/namespaces/storage/secrets/sh.helm.release.v1.shop.v2')
  })

  it('comes from ConfigMaps where there are no Secrets', async () => {
    const bench = new Bench()
    bench.store(storedRelease(1), 'configmaps')
    expect((await bench.desired([snapshot(storedRelease(1))])).fidelity.word).toBe('verified')
    bench.store(storedRelease(4), 'configmaps')
    const { word, reasons } = (await bench.desired([snapshot(storedRelease(1))])).fidelity
    expect([word, reasons.join(' ')]).toEqual(['differs', expect.stringContaining('made revision 4')])
  })

  it('is the last deployed one where a newer one failed', async () => {
    const bench = new Bench()
    bench.store(storedRelease(1))
    const failed = snapshot(storedRelease(2), { status: 'failed' })
    const { fidelity, objects } = await bench.desired([failed, snapshot(storedRelease(1))])
    expect(objects).toHaveLength(3)
    expect(fidelity).toMatchObject({
      word: 'differs',
      reasons: [expect.stringContaining('shop.v2, is failed') as string],
    })
  })

  it('says that somebody changed the release, or made another', async () => {
    const bench = new Bench()
    bench.store(storedRelease(1, { manifest: `${manifest}---\n` }))
    bench.store(storedRelease(5))
    const { word, reasons } = (await bench.desired([snapshot(storedRelease(1))])).fidelity
    expect(word).toBe('differs')
    expect(reasons.join(' ')).toMatch(/made revision 5.*somebody changed it/)
  })

  it('is not sure where its controller kept no digest to compare', async () => {
    const bench = new Bench()
    bench.store(storedRelease(1))
    expect((await bench.desired([snapshot(storedRelease(1), { apiVersion: '' })])).fidelity.word).toBe('none')
  })

  it('says what it could not look at', async () => {
    const bench = new Bench()
    bench.store(storedRelease(1))
    bench.mayList = false
    bench.cluster.controllerRows = [
      { name: 'helm-controller', image: '', args: [], shard: null } as unknown as ControllerRow,
    ]
    const { word, assumptions } = (await bench.desired([snapshot(storedRelease(1))])).fidelity
    expect(word).toBe('verified')
    expect(assumptions).toEqual([expect.stringContaining('could not be listed') as string])
  })

  it('says why there is none', async () => {
    const bench = new Bench()
    await expect(bench.desired([])).rejects.toMatchObject({
      code: 'ReleaseUnreadable',
      message: expect.stringContaining('has no deployed release') as string,
    })
    await expect(bench.desired([snapshot(storedRelease(1))])).rejects.toMatchObject({
      code: 'ReleaseUnreadable',
      message: expect.stringContaining('is not in Helm’s storage'.replace('’', "'")) as string,
    })
    bench.objects.set('secrets/sh.helm.release.v1.shop.v1', 403)
    await expect(bench.desired([snapshot(storedRelease(1))])).rejects.toMatchObject({ code: 'Forbidden' })
    bench.store(storedRelease(1, { manifest: 'a: [b\n' }))
    await expect(bench.desired([snapshot(storedRelease(1))])).rejects.toMatchObject({
      code: 'ReleaseUnreadable',
      detail: expect.stringContaining('yaml') as string,
    })
    bench.objects.set('secrets/sh.helm.release.v1.shop.v1', { metadata: { name: 'x' }, data: { release: 'e30=' } })
    await expect(bench.desired([snapshot(storedRelease(1))])).rejects.toMatchObject({ code: 'ReleaseUnreadable' })
  })

  it('belongs to another cluster and another identity where its spec says so', async () => {
    const bench = new Bench()
    bench.store(storedRelease(1))
    bench.cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'far', namespace: 'flux-system' },
      data: { value: Buffer.from('kubeconfig').toString('base64') },
    })
    const spec = { kubeConfig: { secretRef: { name: 'far' } }, serviceAccountName: 'deployer' }
    const set = await bench.desired([snapshot(storedRelease(1))], spec)
    expect(set.target.remote).not.toBeNull()
    expect(set.target.impersonate).toBe('system:serviceaccount:flux-system:deployer')
    expect(bench.requests.every((path) => path.startsWith('far '))).toBe(true)
    expect(bench.state.inputsOf(bench.cluster, release([], spec))).toMatchObject([{ kind: 'Secret', name: 'far' }])
  })

  it('follows its controller in what it overrides and as whom it applies', async () => {
    const bench = new Bench()
    bench.store(storedRelease(1))
    const row = {
      name: 'helm-controller',
      image: 'x',
      args: ['--override-manager=a', '--override-manager', 'b', '--default-service-account=sa'],
      shard: null,
    }
    bench.cluster.controllerRows = [row as unknown as ControllerRow]
    const set = await bench.desired([snapshot(storedRelease(1))])
    expect(set.overrideManagers).toEqual(['a', 'b'])
    expect(set.target.impersonate).toBe('system:serviceaccount:flux-system:sa')
    expect(set.fidelity.assumptions).toEqual([])
  })
})
