import { describe, expect, it } from 'vitest'
import type { KubeRequest, KubeResponse, Ports } from '../../../electron/engine/ports.ts'
import { createAuditLog } from '../../../electron/engine/audit/audit-log.ts'
import { createHosting } from '../../../electron/engine/reconcile/hosting.ts'
import { passThrough } from '../../../electron/engine/reconcile/lease/fence.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { FluxRelease } from '../../../shared/model/hand-over.ts'
import type { ContextRow } from '../../../shared/model/rows.ts'
import { answer } from '../cache/scripted-client.ts'
import { createMemoryStore } from '../drift/memory-store.ts'
import { MemoryCluster, silentLogger, testCall } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import { installation, print } from './hand-over/printed-installation.ts'

const group = 'kustomize.toolkit.fluxcd.io'
const definition = (text: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `kustomizations.${group}`, annotations: { text } },
  spec: { group, names: { kind: 'Kustomization', plural: 'kustomizations' }, scope: 'Namespaced', versions: [] },
})

/** A cluster without Kustomizations, and a machine whose `flux` prints what a test says. */
function open() {
  const cluster = new MemoryCluster()
  cluster.unserve(group, 'Kustomization')
  const installed: unknown[] = []
  const writes: string[] = []
  const downloads: string[] = []
  let runs = 0
  let printed = 'first'
  const request = ({ method, path, body }: KubeRequest): Promise<KubeResponse> => {
    if (method !== 'GET') writes.push(`${method} ${path}`)
    if (method === 'POST' && path.includes('/customresourcedefinitions')) {
      installed.push((body as ReturnType<typeof definition>).metadata.annotations)
      cluster.serve(group, 'v1', 'Kustomization', true)
    }
    return Promise.resolve(answer(method === 'GET' ? 404 : 201, {}))
  }
  cluster.kubeClient = passThrough({ context: 'ctx', request, identity: () => Promise.resolve('me') } as never)
  const row = { key: 'ctx', name: 'lab', cluster: cluster.id, isSelected: true } as ContextRow
  const ports = {
    clock: cluster.clock,
    logger: silentLogger,
    codec: memoryCodec,
    store: createMemoryStore(),
    random: { unit: () => 0, uuid: () => '8370192b-82ce-4852-aa74-d5a0569eb887' },
    locks: { machine: 'lab', tryLock: () => Promise.resolve({ release: () => Promise.resolve() }) },
    fluxManifests: {
      findProgram: () => Promise.resolve({ path: '/bin/flux', version: 'v2.9.5' }),
      exportFrom: () => {
        runs += 1
        return Promise.resolve(print([...installation, definition(printed)]))
      },
      releaseHost: 'releases.example',
      download: ({ version }: FluxRelease) => {
        downloads.push(version)
        if (version === 'v9.9.9') return Promise.reject(new SluiceError('ArtifactMissing', 'no such release'))
        const text = print([...installation, definition('released')])
        return Promise.resolve({ name: `https://releases.example/${version}/install.yaml`, text })
      },
    },
  } as unknown as Ports
  const hosting = createHosting({
    ports,
    audit: createAuditLog(ports),
    clusters: Object.assign(cluster, { contextRow: () => row }),
    createReconcilers: () => Promise.reject(new Error('nothing is reconciled here')),
  })
  const call = testCall()
  return {
    hosting,
    cluster,
    writes,
    installed,
    runs: () => runs,
    downloads,
    print: (text: string) => void (printed = text),
    plan: async (version?: string) =>
      hosting.handlers['hosting.plan'](
        { context: 'ctx', ...(version === undefined ? {} : { release: { version, checksum: 'a'.repeat(64) } }) },
        call,
      ),
    start: async (digest: string) => hosting.handlers['hosting.start']({ context: 'ctx', digest }, call),
  }
}

describe('switching hosted mode on where definitions are missing', () => {
  it('asks flux once for the plan and once when it starts, and installs what that plan has read', async () => {
    const { hosting, plan, start, runs, installed } = open()
    const { digest, definitions, definitionsFrom } = await plan()
    expect([definitions, definitionsFrom, runs()]).toEqual(['own', '/bin/flux install --export, v2.9.5', 1])
    await start(digest)
    expect([installed, runs()]).toEqual([[{ text: 'first' }], 2])
    await hosting.dispose()
  })

  it('installs nothing when flux prints something else than when the plan was seen', async () => {
    const { hosting, plan, start, print: say, installed } = open()
    const { digest } = await plan()
    say('second')
    await expect(start(digest)).rejects.toMatchObject({ code: 'PlanMoved' })
    expect(installed).toEqual([])
    const again = await plan()
    await start(again.digest)
    expect(installed).toEqual([{ text: 'second' }])
    await hosting.dispose()
  })

  it('creates nothing at all beside a controller, and says so', async () => {
    const { hosting, cluster, plan, start, runs, installed, writes } = open()
    cluster.apply(`
apiVersion: apps/v1
kind: Deployment
metadata:
  name: source-controller
  namespace: flux-system
  uid: d1
  labels: {app.kubernetes.io/part-of: flux}
spec: {replicas: 1}
`)
    const { digest, definitions, missingDefinitions, isNamespaceCreated, notes } = await plan()
    expect([definitions, missingDefinitions, isNamespaceCreated, runs()]).toEqual(['left', [], false, 0])
    expect(notes.join(' ')).toContain('none is installed beside controllers')
    await start(digest)
    expect([installed, writes]).toEqual([[], []])
    await hosting.dispose()
  })

  it('takes the definitions of the release that the user names, downloaded once, and says why it cannot', async () => {
    const { hosting, plan, start, runs, downloads, installed } = open()
    await expect(plan('v9.9.9')).rejects.toMatchObject({ code: 'ArtifactMissing' })
    const { digest, definitions, definitionsFrom, releaseHost } = await plan('v2.9.5')
    expect([definitions, definitionsFrom, releaseHost]).toEqual([
      'own',
      'https://releases.example/v2.9.5/install.yaml, v2.9.5',
      'releases.example',
    ])
    await start(digest)
    expect([installed, runs(), downloads]).toEqual([[{ text: 'released' }], 0, ['v9.9.9', 'v2.9.5']])
    await hosting.dispose()
  })
})
