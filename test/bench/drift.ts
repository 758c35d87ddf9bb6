/** Benches of drift on the real controllers: a full check, standing by, an edit on its way to the screen, memory. Ids start with `drift.`. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { createKubeConfigs } from '../../electron/adapters/kube/kube-configs.ts'
import type { KubeClient } from '../../electron/engine/ports.ts'
import type { ContextId, ObjectRef } from '../../shared/model/identity.ts'
import { inParallel } from '../app/populate.ts'
import { waitUntil } from '../adapters/control-plane/processes-under-test.ts'
import { countDryRuns } from '../cluster/dry-run-count.ts'
import { fluxAssets } from '../cluster/start.ts'
import { startDriftEngine, type DriftEngine } from '../cluster/drift/drift-engine.ts'
import { kustomizationsPath, type FluxObject } from '../cluster/drift/truth-fleet.ts'
import type { Manifest } from '../cluster/drift/truth-manifests.ts'
import {
  benchName,
  benchObjects,
  benchObjectsPerKustomization,
  benchPath,
  startBenchFleet,
  type BenchFleet,
} from './drift-fleet.ts'
import { fetchIds, measureFetch } from './drift-fetch.ts'
import { measureEditsOnScreen, measureLargeDiff } from './drift-window.ts'
import { againstAnchor, againstBar, CannotMeasure, median, percentile } from './report.ts'
import type { Figure } from './report.ts'
import type { Bench } from './spine.ts'

/** As the bars have it: 1,500 objects. */
const fullCount = 750
const width = 16
const megabyte = 1024 * 1024

/**
 * `isQuick`: a tenth of the fleet, reconciled ten times as often: as many runs a second, in a tenth of the time. One window with a large difference
 * in place of three.
 */
export function createDriftBenches(isQuick: boolean): readonly Bench[] {
  const count = isQuick ? fullCount / 10 : fullCount
  return [
    {
      ids: ['drift.full', 'drift.full-flux', 'drift.idle-requests', 'drift.idle-cpu', 'drift.edit', 'drift.memory'],
      run: () => measureAll(count, isQuick),
    },
    { ids: fetchIds, run: measureFetch },
    { ids: ['drift.large-diff'], run: () => measureLargeDiff(isQuick ? 1 : 3) },
  ]
}

async function measureAll(count: number, isQuick: boolean): Promise<readonly Figure[]> {
  if (fluxAssets() === null) throw new CannotMeasure('FLUX_ASSETS does not point at the real Flux')
  const startedAt = performance.now()
  const minutes = isQuick ? 1 : 10
  const fleet = await startBenchFleet(count, `${minutes}m`)
  console.error(`  ${count} Kustomizations reconciled in ${Math.round((performance.now() - startedAt) / 1000)} s`)
  try {
    const memory = await measureMemory(fleet, count)
    const full = await measureFull(fleet, count)
    const standing = await measureStanding(fleet, count, minutes * 60_000)
    const edits = await measureEditsOnScreen(fleet, count, isQuick ? 10 : 40)
    console.error(`  edits ${rounded(edits)} ms`)
    return [...full, ...standing, againstBar('drift.edit', percentile(edits, 0.95), 'ms', 1500), memory]
  } finally {
    await fleet.stop()
  }
}

async function ownersOf(engine: DriftEngine, count: number): Promise<readonly ObjectRef[]> {
  const owners = await waitUntil(() => {
    const refs = [...engine.rows.values()]
      .filter(({ ref: { kind, name } }) => kind === 'Kustomization' && name.startsWith('app-'))
      .map(({ ref }) => ref)
    return refs.length >= count ? refs : null
  }, 60_000)
  // The host of the artifacts is known once it was asked for.
  await engine.check(owners[0]!)
  return owners
}

/** Everything is asked for again: artifacts are unpacked, renders kept, every object goes to the API server. */
async function measureFull(fleet: BenchFleet, count: number): Promise<readonly Figure[]> {
  const engine = await startDriftEngine({ kubeconfig: fleet.cluster.kubeconfigPath })
  const raw = await openRaw(fleet)
  try {
    const owners = await ownersOf(engine, count)
    const objects = Array.from({ length: count }, (_, index) => benchObjects(index)).flat()
    const firstMs = await checkAll(engine, owners)
    const times: number[] = []
    const rawTimes: number[] = []
    for (let run = 1; run <= 5; run += 1) {
      const before = await countDryRuns(fleet.cluster)
      times.push(await checkAll(engine, owners))
      const sent = (await countDryRuns(fleet.cluster)) - before
      if (sent < objects.length) throw new Error(`Only ${sent} of ${objects.length} objects were asked for`)
      rawTimes.push(await dryRunAll(raw.client, objects))
    }
    console.error(`  first ${Math.round(firstMs)} · ours ${rounded(times)} · raw ${rounded(rawTimes)} ms`)
    const flux = await measureFluxDiff(fleet, count)
    const ours = median(times)
    return [
      againstAnchor('drift.full', ours, 'ms', median(rawTimes), 1.3, 'raw dry-runs, 16 at once'),
      againstAnchor('drift.full-flux', ours, 'ms', flux * count, 1 / 40, 'flux diff, one by one'),
    ]
  } finally {
    raw.close()
    await engine.stop()
  }
}

const rounded = (times: readonly number[]): string => times.map((ms) => Math.round(ms)).join(' ')

async function checkAll(engine: DriftEngine, owners: readonly ObjectRef[]): Promise<number> {
  const { handlers } = engine.engine
  const startedAt = performance.now()
  let compared = 0
  await Promise.all(
    owners.map(async (ref) => {
      const { owner, objects } = await handlers['drift.check']({ ref }, engine.call)
      if (owner.error !== null) throw new Error(`${ref.name}: ${owner.error.message} ${owner.error.detail}`)
      compared += objects.length
      if (objects.some(({ action }) => action !== 'unchanged'))
        throw new Error(`${ref.name}: ${JSON.stringify(objects.map(({ action, summary }) => [action, summary]))}`)
    }),
  )
  const ms = performance.now() - startedAt
  if (compared !== owners.length * benchObjectsPerKustomization) throw new Error(`${compared} objects were compared`)
  return ms
}

interface RawAccess {
  readonly client: KubeClient
  close(): void
}

async function openRaw(fleet: BenchFleet): Promise<RawAccess> {
  const configs = createKubeConfigs({
    env: { ...process.env, KUBECONFIG: fleet.cluster.kubeconfigPath },
    dataDir: fleet.cluster.dataDir,
    logger: { log: () => undefined },
    playgroundKubeconfig: () => null,
  })
  const context = await new Promise<ContextId>((resolve) =>
    configs.watch(({ current }) => {
      if (current !== null) resolve(current)
    }),
  )
  const client = configs.open(context)
  return {
    client,
    close() {
      client.close()
      configs.dispose()
    },
  }
}

/** The dry-runs alone, through the same client at the same width. */
async function dryRunAll(client: KubeClient, objects: readonly Manifest[]): Promise<number> {
  const owned = objects.map((object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      labels: {
        ...object.metadata.labels,
        'kustomize.toolkit.fluxcd.io/name': object.metadata.name,
        'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
      },
    },
  }))
  const startedAt = performance.now()
  await inParallel(owned, width, async (object) => {
    const response = await client.request({
      method: 'PATCH',
      path: `${benchPath(object)}?fieldManager=kustomize-controller&force=true&dryRun=All`,
      body: object,
      contentType: 'application/apply-patch+yaml',
    })
    if (response.status !== 200) throw new Error(`dry-run: ${response.status} ${response.text().slice(0, 200)}`)
    response.json()
  })
  return performance.now() - startedAt
}

/** Milliseconds of one `flux diff kustomization`: the median of ten. */
async function measureFluxDiff(fleet: BenchFleet, count: number): Promise<number> {
  const times: number[] = []
  for (let sample = 0; sample < 10; sample += 1) {
    const index = Math.floor((sample * count) / 10)
    const name = benchName(index)
    const folder = fleet.folderOf(index)
    const startedAt = performance.now()
    const { code, stderr } = await fleet.flux.fluxCli([
      'diff',
      'kustomization',
      name,
      '-n',
      'flux-system',
      '--path',
      folder,
      '--progress-bar=false',
    ])
    if (code !== 0) throw new Error(`flux diff ${name}: ${code} ${stderr}`)
    times.push(performance.now() - startedAt)
  }
  console.error(`  flux diff ${rounded(times)} ms`)
  return median(times)
}

/** When the controller ended its last run of each Kustomization, by name. */
async function lastRuns(fleet: BenchFleet): Promise<ReadonlyMap<string, string>> {
  interface WithHistory {
    readonly history?: readonly { readonly lastReconciled?: string }[]
  }
  const { items } = await fleet.cluster.requestOk<{ items: FluxObject[] }>('GET', kustomizationsPath)
  return new Map(
    items.map(({ metadata, status }) => {
      const { history } = (status ?? {}) as WithHistory
      return [metadata.name, history?.[0]?.lastReconciled ?? '']
    }),
  )
}

/**
 * Everything watched as in the application, with its ordinary budget: what standing by costs over one whole interval of the controllers, in which
 * they have looked at everything once.
 */
async function measureStanding(fleet: BenchFleet, count: number, intervalMs: number): Promise<readonly Figure[]> {
  const engine = await startDriftEngine({ kubeconfig: fleet.cluster.kubeconfigPath, isWatched: true, isBudgeted: true })
  try {
    const startedAt = performance.now()
    await waitUntil(
      () => [...engine.owners.values()].filter(({ state }) => state === 'checked').length > count,
      900_000,
    )
    console.error(`  all checked in the background after ${Math.round((performance.now() - startedAt) / 1000)} s`)
    // What came with the first look is over.
    await new Promise((resolve) => setTimeout(resolve, 10_000))
    const runsBefore = await lastRuns(fleet)
    const requests = engine.requestCount()
    const cpu = process.cpuUsage()
    const at = performance.now()
    await new Promise((resolve) => setTimeout(resolve, intervalMs))
    const seconds = (performance.now() - at) / 1000
    const used = process.cpuUsage(cpu)
    const perSecond = (engine.requestCount() - requests) / seconds
    const share = ((used.user + used.system) / 1e6 / seconds) * 100
    const reconciled = [...(await lastRuns(fleet))].filter(([name, last]) => last !== runsBefore.get(name)).length
    console.error(`  ${reconciled} of ${runsBefore.size} Kustomizations were reconciled in ${Math.round(seconds)} s`)
    // Controllers jitter their intervals by a twentieth.
    if (reconciled < count * 0.8)
      throw new Error(`Only ${reconciled} Kustomizations were reconciled: nothing stood by beside working controllers`)
    return [
      againstBar('drift.idle-requests', perSecond, 'per second', 1),
      againstBar('drift.idle-cpu', share, '% of a core', 1),
    ]
  } finally {
    await engine.stop()
  }
}

async function measureMemory(fleet: BenchFleet, count: number): Promise<Figure> {
  const script = join(import.meta.dirname, 'drift-memory.ts')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    // As main.ts starts the application.
    [
      '--max-semi-space-size=4',
      '--disable-warning=ExperimentalWarning',
      script,
      fleet.cluster.kubeconfigPath,
      String(count),
    ],
    { timeout: 600_000 },
  )
  const { idle, compared, objects } = JSON.parse(stdout) as { idle: number; compared: number; objects: number }
  console.error(`  ${objects} objects compared, ${Math.round(idle / megabyte)} → ${Math.round(compared / megabyte)} MB`)
  return againstBar('drift.memory', (compared - idle) / megabyte, 'MB over idle', 60)
}
