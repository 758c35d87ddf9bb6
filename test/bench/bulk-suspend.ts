/** Bulk suspend through the engine (plan, checks, patches, audit) against the same number of bare patches at the same width. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { inParallel } from '../app/populate.ts'
import { startTestEngine } from '../app/engine.ts'
import { createKubeConfigs } from '../../electron/adapters/kube/kube-configs.ts'
import type { KubeClient } from '../../electron/engine/ports.ts'
import type { ContextId } from '../../shared/model/identity.ts'
import type { FluxRow } from '../../shared/model/rows.ts'
import type { TestCluster } from '../cluster/start.ts'

/** As gate.ts has it. */
const width = 16

/**
 * Milliseconds for `count` objects: what the engine takes from execute to the last result, and what bare patches take; and how late turns of its loop
 * were meanwhile, which is that of this process: the window and the main process have no part in it.
 */
export async function measureBulkSuspend(
  cluster: TestCluster,
  count: number,
): Promise<{ engineMs: number; rawMs: number; loopP99Ms: number }> {
  const engine = await startTestEngine(cluster.kubeconfigPath)
  const configs = createKubeConfigs({
    env: { ...process.env, KUBECONFIG: cluster.kubeconfigPath },
    dataDir: engine.dataDir,
    logger: { log: () => undefined },
    playgroundKubeconfig: () => null,
  })
  try {
    const context = await new Promise<ContextId>((resolve) =>
      configs.watch(({ current }) => {
        if (current !== null) resolve(current)
      }),
    )
    const client = configs.open(context)
    const rows = await engine
      .watch('rows.watch', {})
      .until((items) => items.length >= count * 2, 'rows of the fleet', 60_000)
    const kustomizations = rows
      .filter(({ ref }) => ref.kind === 'Kustomization')
      .sort((a, b) => a.key.localeCompare(b.key))
    const call = { signal: new AbortController().signal, client: 'test' } as const
    const raw = kustomizations.slice(0, count)
    // Half of the bare patches before the engine's run and half after it: what else the machine does meets both alike.
    let rawMs = await patchAll(client, raw.slice(0, count / 2))
    const plan = await engine.handlers['plan.prepare'](
      { action: 'suspend', refs: kustomizations.slice(count, 2 * count).map(({ ref }) => ref), reason: 'bench' },
      call,
    )
    if (plan.changeCount !== count)
      throw new Error(
        `The plan changes ${plan.changeCount} of ${count} objects: ${JSON.stringify(plan.items.find(({ effect }) => effect !== 'change')?.refusal)}`,
      )
    const operations = engine.watch('operations.watch', {})
    const delay = monitorEventLoopDelay({ resolution: 10 })
    delay.enable()
    const start = performance.now()
    const { operation } = await engine.handlers['plan.execute']({ digest: plan.digest }, call)
    await operations.until(
      (items) => items.some(({ key, state, done }) => key === operation && state !== 'running' && done === count),
      'the operation ends',
      120_000,
    )
    const engineMs = performance.now() - start
    delay.disable()
    rawMs += await patchAll(client, raw.slice(count / 2))
    return { engineMs, rawMs, loopP99Ms: Math.max(0, delay.percentile(99) / 1e6 - 10) }
  } finally {
    await engine.close()
    configs.dispose()
  }
}

/** Milliseconds of the patches that the engine sends for a suspend, through the same client at the same width, and nothing else. */
async function patchAll(client: KubeClient, rows: readonly FluxRow[]): Promise<number> {
  const objects = await Promise.all(
    rows.map(async ({ ref }) => {
      const path = `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${ref.namespace}/kustomizations/${ref.name}`
      const object = (await client.request({ method: 'GET', path })).json() as {
        readonly metadata: { readonly uid: string; readonly generation: number }
      }
      return { path, ...object.metadata }
    }),
  )
  const start = performance.now()
  await inParallel(objects, width, async ({ path, uid, generation }) => {
    const body = [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/metadata/generation', value: generation },
      { op: 'test', path: '/metadata/annotations', value: null },
      { op: 'test', path: '/spec/suspend', value: null },
      { op: 'add', path: '/metadata/annotations', value: {} },
      { op: 'add', path: '/spec/suspend', value: true },
      { op: 'add', path: `/metadata/annotations/sluice.dev~1suspended-by`, value: 'bench' },
      { op: 'add', path: `/metadata/annotations/sluice.dev~1suspended-at`, value: '2026-01-01T00:00:00Z' },
      { op: 'add', path: `/metadata/annotations/sluice.dev~1suspend-reason`, value: 'bench' },
    ]
    const answer = await client.request({
      method: 'PATCH',
      path: `${path}?fieldManager=bench`,
      body,
      contentType: 'application/json-patch+json',
    })
    if (answer.status !== 200) throw new Error(`patch: ${answer.status} ${answer.text().slice(0, 300)}`)
  })
  return performance.now() - start
}
