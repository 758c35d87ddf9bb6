import { describe, expect, it } from 'vitest'
import { Bench, configMap, controller, kustomization, never, rendered, revision, secret } from './doubles.ts'

describe('the desired state of a Kustomization', () => {
  it('is what the renderer gives for its spec alone, with what its spec says about applying', async () => {
    const bench = new Bench()
    bench.render = rendered([configMap('a')])
    const set = await bench.desire(
      kustomization({
        force: true,
        ignore: [{ paths: ['/spec/replicas'] }, { paths: ['/data'], target: { kind: 'ConfigMap' } }],
      }),
    )
    expect(set).toMatchObject({
      owner: {
        cluster: 'c1',
        group: 'kustomize.toolkit.fluxcd.io',
        kind: 'Kustomization',
        namespace: 'flux-system',
        name: 'apps',
      },
      controller: 'kustomize-controller',
      stale: [],
      isForced: true,
      ignoreRules: [
        { paths: ['/spec/replicas'], target: null },
        { paths: ['/data'], target: { kind: 'ConfigMap' } },
      ],
      target: { remote: null, impersonate: null },
    })
    expect(set.objects).toBe(bench.render.objects)
    expect(bench.wishes[0]?.revision).toBe('applied')
    const [request] = bench.requests
    expect(request?.kustomization.metadata).toEqual({ name: 'apps', namespace: 'flux-system' })
    expect(request?.kustomization).not.toHaveProperty('status')
    expect(request).toMatchObject({ variables: {}, decryptionKeys: null, usesOwnKeys: false, isStrict: true })
  })

  it('has one key for equal inputs, and another one for each input that differs', async () => {
    const bench = new Bench()
    const spec = { postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'vars' }] } }
    bench.cluster.apply(configMap('vars', 'flux-system', { region: 'eu' }))
    const keyOf = async (object = kustomization(spec)): Promise<string> => {
      await bench.cluster.clock.advance(5000)
      return (await bench.desire(object)).inputsKey
    }
    const key = await keyOf()
    expect(await keyOf()).toBe(key)
    expect(await keyOf(kustomization({ ...spec, path: './other' }))).not.toBe(key)
    bench.cluster.controllerRows = [controller(['--override-manager=ui'])]
    expect(await keyOf()).not.toBe(key)
    bench.cluster.controllerRows = [controller()]
    bench.cluster.apply(configMap('vars', 'flux-system', { region: 'us' }))
    const other = await keyOf()
    expect(other).not.toBe(key)
    bench.artifact = { tree: { kind: 'archive', path: '/x', contentKey: 'other', files: 1, bytes: 1 } }
    expect(await keyOf()).not.toBe(other)
    expect(key).not.toContain('eu')
  })

  it("fails in the controller's words, with the place", async () => {
    const bench = new Bench()
    bench.render = rendered([], {
      error: {
        code: 'FileNotFound',
        message: 'kustomize build failed: no such file',
        file: 'apps/kustomization.yaml',
        line: 3,
      },
    })
    await expect(bench.desire(kustomization())).rejects.toMatchObject({
      code: 'RenderFailed',
      message: `Kustomization flux-system/apps cannot be built from ${revision} (apps/kustomization.yaml:3).`,
      detail: 'kustomize build failed: no such file',
    })
  })

  it('is not looked for where its controller refuses the source', async () => {
    const bench = new Bench()
    bench.cluster.controllerRows = [controller(['--no-cross-namespace-refs=true'])]
    const sourceRef = { kind: 'GitRepository', name: 'fleet', namespace: 'other' }
    await expect(bench.desire(kustomization({ sourceRef }))).rejects.toMatchObject({
      code: 'RenderFailed',
      detail: "can't access 'GitRepository/other/fleet', cross-namespace references have been blocked",
    })
    await expect(
      bench.desire(kustomization({ sourceRef: { kind: 'ExternalArtifact', name: 'x' } })),
    ).rejects.toMatchObject({ detail: expect.stringContaining('feature gate is disabled') as unknown })
    expect(bench.wishes).toEqual([])
    bench.cluster.controllerRows = []
    await bench.desire(kustomization({ sourceRef: { kind: 'ExternalArtifact', name: 'x' } }))
  })

  it('waits until the controllers are read, though not for ever', async () => {
    const bench = new Bench()
    let isLoading = true
    bench.cluster.controllerRows = []
    Object.assign(bench.cluster, { areControllersLoading: () => isLoading })
    const first = bench.desire(kustomization())
    await bench.cluster.clock.advance(200)
    expect(bench.requests).toEqual([])
    isLoading = false
    bench.cluster.controllerRows = [controller(['--override-manager=ui'])]
    await bench.cluster.clock.advance(200)
    expect((await first).overrideManagers).toEqual(['ui'])
    isLoading = true
    const second = bench.desire(kustomization())
    await bench.cluster.clock.advance(6000)
    await second
  })

  it('names the objects that it is made from', () => {
    const bench = new Bench()
    bench.cluster.controllerRows = [controller(['--sops-age-secret=age'], { namespace: 'flux' })]
    const spec = {
      postBuild: {
        substituteFrom: [
          { kind: 'ConfigMap', name: 'vars' },
          { kind: 'Secret', name: 'more' },
        ],
      },
      decryption: { provider: 'sops' },
      kubeConfig: { secretRef: { name: 'remote' } },
    }
    const names = bench.state
      .inputsOf(bench.cluster, kustomization(spec))
      .map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`)
    expect(names).toEqual([
      'ConfigMap/flux-system/vars',
      'Secret/flux-system/more',
      'Secret/flux/age',
      'Secret/flux-system/remote',
    ])
  })

  it('of a local tree: says so, and takes status and inventory from the live object', async () => {
    const bench = new Bench()
    bench.render = rendered([configMap('a')])
    const tree = { kind: 'folder', path: '/trees/fleet', contentKey: 'k', files: 1, bytes: 1 } as const
    const set = await bench.state.desiredOfLocal(bench.cluster, kustomization(), null, tree, never)
    expect(set.fidelity).toMatchObject({ word: 'none', origin: 'folder' })
    expect(set.stale).toEqual([])
    expect(bench.wishes).toEqual([])
    expect(bench.requests[0]?.tree).toBe(tree)
  })
})

describe('variables and keys', () => {
  const spec = {
    postBuild: {
      substituteFrom: [
        { kind: 'ConfigMap', name: 'vars' },
        { kind: 'Secret', name: 'more', optional: true },
      ],
    },
  }

  it('are read with the rights of the user, Secrets decoded; what is missing is null', async () => {
    const bench = new Bench()
    bench.cluster.apply(configMap('vars', 'flux-system', { region: 'eu' }))
    await bench.desire(kustomization(spec))
    expect(bench.requests[0]?.variables).toEqual({
      'ConfigMap/flux-system/vars': { region: 'eu' },
      'Secret/flux-system/more': null,
    })
    bench.cluster.apply(secret('more', { token: 'ü' }))
    await bench.cluster.clock.advance(5000)
    await bench.desire(kustomization(spec))
    expect(bench.requests[1]?.variables['Secret/flux-system/more']).toEqual({ token: 'ü' })
  })

  it('are unknown where they may not be read, and that is said', async () => {
    const bench = new Bench()
    bench.cluster.apply(configMap('vars', 'flux-system', {}))
    bench.cluster.refusals.set('c1|/Secret|flux-system/more', 'Forbidden')
    const set = await bench.desire(kustomization(spec))
    expect(bench.requests[0]?.variables['Secret/flux-system/more']).toBe('unknown')
    expect(set.fidelity.assumptions).toEqual([
      'You may not read Secret/flux-system/more: variables that it holds are not known.',
    ])
    bench.cluster.refusals.set('c1|/ConfigMap|flux-system/vars', 'ConnectionLost')
    await bench.cluster.clock.advance(5000)
    await expect(bench.desire(kustomization(spec))).rejects.toMatchObject({ code: 'ConnectionLost' })
  })

  it('are read once for many Kustomizations', async () => {
    const bench = new Bench()
    bench.cluster.apply(configMap('vars', 'flux-system', {}))
    await Promise.all([1, 2, 3].map((index) => bench.desire(kustomization(spec, {}, `app-${index}`))))
    expect(bench.cluster.fetched.filter((key) => key.includes('ConfigMap'))).toHaveLength(1)
  })

  it('keys come from the Secret that is named, else from the one of the controller', async () => {
    const bench = new Bench()
    bench.cluster.controllerRows = [controller(['--sops-age-secret', 'global'])]
    bench.cluster.apply(secret('own', { 'a.agekey': 'A', 'b.asc': 'B', 'sops.vault-token': 'T' }))
    bench.cluster.apply(secret('global', { 'g.agekey': 'G', 'g.asc': 'no' }))
    await bench.desire(kustomization({ decryption: { provider: 'sops', secretRef: { name: 'own' } } }))
    await bench.desire(kustomization({ decryption: { provider: 'sops' } }))
    await bench.desire(kustomization())
    expect(bench.requests.map(({ decryptionKeys }) => decryptionKeys)).toEqual([
      { 'a.agekey': 'A', 'b.asc': 'B' },
      { 'g.agekey': 'G' },
      null,
    ])
  })

  it('keys that may not be read are an assumption, those that are missing an error', async () => {
    const bench = new Bench()
    const decrypted = kustomization({ decryption: { provider: 'sops', secretRef: { name: 'own' } } })
    await expect(bench.desire(decrypted)).rejects.toMatchObject({
      code: 'RenderFailed',
      detail: 'secrets "own" not found',
    })
    bench.cluster.refusals.set('c1|/Secret|flux-system/own', 'Forbidden')
    await bench.cluster.clock.advance(5000)
    const { fidelity } = await bench.desire(decrypted)
    expect(fidelity.assumptions[0]).toContain('You may not read Secret/flux-system/own')
    expect(bench.requests[0]?.decryptionKeys).toBeNull()
  })
})
