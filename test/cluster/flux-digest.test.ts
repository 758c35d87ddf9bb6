/** What we render is what the real controllers render: the digest that each of them wrote into its status is ours. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderKustomization } from '../../electron/engine/build/render-kustomization.ts'
import type { FluxRenderResult } from '../../electron/engine/build/render-result.ts'
import { artifactFiles } from '../../electron/engine/build/source-ignore.ts'
import { createDocumentCache } from '../../electron/engine/kustomize/document-cache.ts'
import type { Files } from '../../electron/engine/kustomize/files.ts'
import type { GoMap } from '../../electron/engine/kustomize/yaml/go-value.ts'
import { waitUntil } from '../adapters/control-plane/processes-under-test.ts'
import { goValueOf } from '../conformance/go-value-of.ts'
import { readTree } from '../conformance/read-fleets.ts'
import { isSoak } from '../soak.ts'
import { startFluxControllers, type RunningFlux } from './flux.ts'
import type { KubeObject } from './apply-manifests.ts'
import { deriveFleet, type Fleet } from './fleet/derive-fleet.ts'
import { startGitServer, type GitServer } from './git-server.ts'
import { fleetArchive, fluxAssets, startTestCluster, type TestCluster } from './start.ts'

const assets = fluxAssets()
const archive = fleetArchive('onedr0p_home-ops')

interface Live extends KubeObject {
  readonly spec: {
    readonly path?: string
    readonly suspend?: boolean
    readonly sourceRef: { readonly kind: string; readonly name: string; readonly namespace?: string }
    readonly postBuild?: {
      readonly substituteFrom?: readonly { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string }[]
    }
  }
  readonly status?: {
    readonly lastAttemptedRevision?: string
    readonly history?: readonly { readonly digest: string; readonly lastReconciledStatus: string }[]
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[]
  }
}

/** The whole of a fleet belongs to the soak: in `npm test` the drift suites hold digests of the real controllers against ours. */
describe.skipIf(assets === null || archive === null || !isSoak)('digests (soak; needs FLUX_ASSETS and corpus)', () => {
  let cluster: TestCluster
  let flux: RunningFlux
  let git: GitServer
  let fleet: Fleet
  let tree: Files

  beforeAll(async () => {
    cluster = await startTestCluster({ components: { controllerManager: true } })
    flux = await startFluxControllers(cluster, { assets: assets ?? '' })
    git = await startGitServer()
    fleet = await deriveFleet(archive ?? '', { cluster, git })
    await fleet.waitUntilSettled(240_000)
    tree = readArtifact()
  })
  afterAll(async () => {
    await fleet?.stop()
    await flux?.stop()
    await git?.stop()
    await cluster?.stop()
  })

  const readArtifact = (): Files => artifactFiles(readTree(fleet.repository.workFolder, '/artifact'), '/artifact', null)

  const list = async (at: string): Promise<readonly Live[]> =>
    (await cluster.requestOk<{ items: Live[] }>('GET', at)).items.filter(({ spec }) => spec.suspend !== true)

  const readVariables = async (): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> => {
    interface Source extends KubeObject {
      readonly data?: Readonly<Record<string, string>>
    }
    const found = new Map<string, ReadonlyMap<string, string>>()
    for (const [kind, plural] of [
      ['ConfigMap', 'configmaps'],
      ['Secret', 'secrets'],
    ] as const) {
      const { items } = await cluster.requestOk<{ items: Source[] }>('GET', `/api/v1/${plural}`)
      for (const { metadata, data } of items) {
        const decoded = Object.entries(data ?? {}).map(([key, value]): [string, string] => [
          key,
          kind === 'Secret' ? Buffer.from(value, 'base64').toString() : value,
        ])
        found.set(`${kind}/${metadata.namespace}/${metadata.name}`, new Map(decoded))
      }
    }
    return found
  }

  const renderLive = (object: Live, variables: ReadonlyMap<string, ReadonlyMap<string, string>>): FluxRenderResult =>
    renderKustomization({
      object: goValueOf({ ...object, apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' }) as GoMap,
      root: '/artifact',
      files: tree,
      variables: (kind, namespace, name) => variables.get(`${kind}/${namespace}/${name}`) ?? null,
      decryptor: null,
      isStrict: true,
      documents: createDocumentCache(),
      checkpoint: () => {},
      sha256Hex: (text) => createHash('sha256').update(text).digest('hex'),
    })

  const compare = async (): Promise<{ readonly compared: number; readonly different: readonly string[] }> => {
    const variables = await readVariables()
    const different: string[] = []
    let compared = 0
    for (const object of await list('/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations')) {
      const { namespace, name } = object.metadata
      const result = renderLive(object, variables)
      const digest = object.status?.history?.[0]?.digest
      if (digest === undefined) {
        // The controller could not build it or has not come to it: then we must not be able to build it either.
        const ready = object.status?.conditions?.find(({ type }) => type === 'Ready')
        const isBuildFailure = ready?.message.includes('build failed') === true
        if (isBuildFailure && result.error === null)
          different.push(`${namespace}/${name}: only the controller fails: ${ready.message}`)
        continue
      }
      compared++
      if (result.digest !== digest)
        different.push(
          `${namespace}/${name}: ${digest} there, ${result.digest ?? result.error?.message ?? 'unknown'} here`,
        )
    }
    return { compared, different }
  }

  it('are equal for every Kustomization of a real fleet', { timeout: 240_000 }, async () => {
    const { compared, different } = await compare()
    process.stderr.write(`${compared - different.length} of ${compared} digests equal\n`)
    expect(different).toEqual([])
    expect(compared).toBeGreaterThanOrEqual(fleet.kustomizations.length * 0.8)
  })

  it('are equal again after a commit', { timeout: 240_000 }, async () => {
    const before = await list('/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations')
    const target = before.find(({ spec, status }) => status?.history !== undefined && spec.path?.includes('/app'))
    if (target === undefined) throw new Error('no Kustomization to change')
    const { namespace = '', name } = target.metadata
    const at = `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${namespace}/kustomizations/${name}`
    const digestOf = async (): Promise<string | undefined> =>
      (await cluster.requestOk<Live>('GET', at)).status?.history?.[0]?.digest
    const old = await digestOf()
    const folder = (target.spec.path ?? '').replace(/^\.\//, '').replace(/\/$/, '')
    const kustomizationFile = `${folder}/kustomization.yaml`
    const text = new TextDecoder().decode(tree.read(`/artifact/${kustomizationFile}`))
    await fleet.repository.commit({ [kustomizationFile]: `${text}\ncommonAnnotations: {changed: "\${APP:=true}"}\n` })
    tree = readArtifact()
    await flux.fluxCli(['reconcile', 'source', 'git', fleet.entry.source, '-n', fleet.entry.namespace])
    const now = await waitUntil(async () => {
      const digest = await digestOf()
      return digest === old ? null : digest
    }, 120_000)
    const object = await cluster.requestOk<Live>('GET', at)
    expect(renderLive(object, await readVariables()).digest).toBe(now)
  })
})
