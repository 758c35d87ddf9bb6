/** Bulk suspend through the engine (plan, checks, patches, audit) against the same number of bare patches at the same width. */
import { inParallel } from '../app/populate.ts'
import { startTestEngine } from '../app/engine.ts'
import type { TestCluster } from '../cluster/start.ts'

const width = 16

/** Milliseconds for `count` objects: what the engine takes from execute to the last result, and what bare patches take. */
export async function measureBulkSuspend(
  cluster: TestCluster,
  count: number,
): Promise<{ engineMs: number; rawMs: number }> {
  const engine = await startTestEngine(cluster.kubeconfigPath)
  try {
    const rows = await engine.watch('rows.watch', {}).until((items) => items.length >= count * 2, 'rows of the fleet')
    const kustomizations = rows
      .filter(({ ref }) => ref.kind === 'Kustomization')
      .sort((a, b) => a.key.localeCompare(b.key))
    const call = { signal: new AbortController().signal, client: 'test' } as const
    const raw = kustomizations.slice(0, count)
    const rawStart = performance.now()
    await inParallel(raw, width, async ({ ref }) => {
      const body = [
        { op: 'test', path: '/metadata/name', value: ref.name },
        { op: 'add', path: '/spec/suspend', value: true },
      ]
      const answer = await cluster.request(
        'PATCH',
        `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${ref.namespace}/kustomizations/${ref.name}?fieldManager=bench`,
        body,
        'application/json-patch+json',
      )
      if (answer.status !== 200) throw new Error(`patch: ${answer.status} ${answer.text.slice(0, 200)}`)
    })
    const rawMs = performance.now() - rawStart
    const plan = await engine.handlers['plan.prepare'](
      { action: 'suspend', refs: kustomizations.slice(count, 2 * count).map(({ ref }) => ref), reason: 'bench' },
      call,
    )
    if (plan.changeCount !== count)
      throw new Error(
        `The plan changes ${plan.changeCount} of ${count} objects: ${JSON.stringify(plan.items.find(({ effect }) => effect !== 'change')?.refusal)}`,
      )
    const operations = engine.watch('operations.watch', {})
    const start = performance.now()
    const { operation } = await engine.handlers['plan.execute']({ digest: plan.digest }, call)
    await operations.until(
      (items) => items.some(({ key, state, done }) => key === operation && state !== 'running' && done === count),
      'the operation ends',
      120_000,
    )
    return { engineMs: performance.now() - start, rawMs }
  } finally {
    await engine.close()
  }
}
