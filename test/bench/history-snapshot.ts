/**
 * The window without its cluster: what was last seen of 8,000 objects, in front of a server that takes the connection and says nothing. From the
 * window's first picture to its first rows.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKubeConfigs } from '../../electron/adapters/kube/kube-configs.ts'
import { createCodec } from '../../electron/adapters/node/codec.ts'
import { createSystemClock } from '../../electron/adapters/node/system-clock.ts'
import { createSnapshotFiles } from '../../electron/adapters/snapshot/snapshot-files.ts'
import type { KubeObject } from '../../electron/engine/clusters/view.ts'
import type { KubeContextInfo } from '../../electron/engine/ports.ts'
import { ClusterSnapshot } from '../../electron/engine/snapshot/cluster-snapshot.ts'
import type { KeptKind } from '../../electron/engine/snapshot/write-snapshot.ts'
import { toFluxRow } from '../../electron/engine/status/flux-row.ts'
import { groupOf } from '../../electron/engine/status/read.ts'
import { fluxKind } from '../../shared/flux/kinds.ts'
import { launchApp } from '../app/launch.ts'
import { kustomizationObject, releaseObject } from '../app/populate.ts'
import { againstBar, median } from './report.ts'
import type { Figure } from './report.ts'

const cluster = '6f0c1e5a-0000-4b1d-9c55-0123456789ab'
const identity = 'bench'
const each = 4000
const runs = 5

export async function measureSnapshot(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const kubeconfig = join(folder, 'config')
    await writeFile(kubeconfig, kubeconfigTo((server.address() as AddressInfo).port))
    const dataDir = join(folder, 'data')
    const wroteMs = await keep(dataDir, kubeconfig)
    const times: number[] = []
    for (let run = 0; run < runs; run++) times.push(await firstRowsMs(dataDir, kubeconfig))
    console.error(`  first rows after ${times.map(Math.round).join(' ')} ms; written in ${Math.round(wroteMs)} ms`)
    return [againstBar('history.snapshot', median(times), 'ms', 300)]
  } finally {
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** What Sluice leaves behind after a day with this cluster. Answers how long the writing took. */
async function keep(dataDir: string, kubeconfig: string): Promise<number> {
  const clock = createSystemClock()
  const kinds = [
    keptKind(Array.from({ length: each }, (_, index) => kustomizationObject(index, 40) as unknown as KubeObject)),
    keptKind(Array.from({ length: each }, (_, index) => releaseObject(index, 40) as unknown as KubeObject)),
  ]
  const snapshot = new ClusterSnapshot({
    clock,
    codec: createCodec(),
    logger: { log: (_level, message, fields) => console.error(`  ${message} ${JSON.stringify(fields)}`) },
    files: createSnapshotFiles({ folder: join(dataDir, 'last-seen'), now: () => clock.now() }),
    cluster,
    source: {
      isWhole: () => true,
      isReached: () => true,
      lastSeenAt: () => clock.now(),
      changeCount: () => 1,
      identities: () => [identity],
      versions: () => ({ kubernetesVersion: 'v1.36.3', fluxVersion: 'v2.9.1' }),
      controllers: () => [],
      kinds: () => kinds,
    },
    seed: () => false,
    onChange: () => undefined,
  })
  const begunAt = performance.now()
  await snapshot.save(true)
  const ms = performance.now() - begunAt
  await snapshot.dispose(false)
  const { id, server, endpointHash, user } = await contextOf(kubeconfig, dataDir)
  const known = [{ context: id, cluster, server, lastSeenAt: clock.now(), endpointHash, user, identity }]
  await writeFile(join(dataDir, 'contexts.json'), JSON.stringify({ version: 1, selected: [id], known }))
  return ms
}

function keptKind(objects: readonly KubeObject[]): KeptKind {
  const [{ apiVersion, kind } = { apiVersion: '', kind: '' }] = objects
  const group = groupOf(apiVersion)
  const about = { cluster, group, version: 'v1', kind, fluxKind: fluxKind(group, kind), now: Date.now() }
  return {
    group,
    kind,
    columns: [],
    rows: () => objects.map((object) => toFluxRow(object, about)),
    texts: () =>
      objects.map(
        (object) => [`${object.metadata.namespace ?? ''}/${object.metadata.name}`, JSON.stringify(object)] as const,
      ),
  }
}

function contextOf(kubeconfig: string, dataDir: string): Promise<KubeContextInfo> {
  const configs = createKubeConfigs({
    env: { KUBECONFIG: kubeconfig },
    dataDir,
    logger: { log: () => undefined },
    playgroundKubeconfig: () => null,
    transport: { userAgent: 'sluice/bench' },
  })
  return new Promise((resolve, reject) => {
    configs.watch(({ contexts: [context] }) => {
      if (context === undefined) reject(new Error('The kubeconfig of the bench has no context'))
      else resolve(context)
      setImmediate(() => configs.dispose())
    })
  })
}

async function firstRowsMs(dataDir: string, kubeconfig: string): Promise<number> {
  const launched = await launchApp({ kubeconfig, dataDir, args: ['sluice://view/kustomizations'] })
  try {
    const { page } = launched
    const isThere = (count: number): boolean =>
      Number(document.documentElement.dataset['rows'] ?? 0) === count &&
      performance.getEntriesByName('sluice:first-rows').length > 0
    await page.waitForFunction(isThere, 2 * each, { timeout: 60_000, polling: 100 })
    return await page.evaluate(() => {
      const rows = performance.getEntriesByName('sluice:first-rows')[0]?.startTime ?? Number.NaN
      const picture = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN
      return Math.max(0, rows - picture)
    })
  } finally {
    await launched.close()
  }
}

function kubeconfigTo(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'away',
    clusters: [{ name: 'away', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'bench', user: {} }],
    contexts: [{ name: 'away', context: { cluster: 'away', user: 'bench' } }],
  })
}
