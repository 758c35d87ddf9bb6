/** Benches of hosted mode beside the real controllers, each on an API server of its own. Ids start with `host.`. */
import { startGitServer } from '../cluster/git-server.ts'
import { fluxAssets, type TestCluster } from '../cluster/start.ts'
import { createFleetRepository, startControllers, startHost, type Side } from './host-fleet.ts'
import { measureSide, type SideFigures } from './host-measures.ts'
import { againstAnchor, CannotMeasure } from './report.ts'
import type { Figure } from './report.ts'
import type { Bench } from './spine.ts'

const megabyte = 1024 * 1024
const commits = 5
/** Two rounds of the controller's four at once: it takes more than a second for each. */
const quickAnchor = { count: 8, commits: 3 }

export interface HostBenchOptions {
  /** The controllers reconcile a few, and their times are multiplied; what they keep in memory is not. */
  readonly isQuick: boolean
  /** 1,000 Kustomizations in place of 200. */
  readonly isFull: boolean
}

export function createHostBenches({ isQuick, isFull }: HostBenchOptions): readonly Bench[] {
  const count = isFull ? 1000 : 200
  return [
    {
      ids: ['host.first', 'host.unchanged-cpu', 'host.commit', 'host.memory'],
      run: () => measureBoth(count, isQuick ? quickAnchor : { count, commits }),
    },
  ]
}

async function measureBoth(count: number, anchor: typeof quickAnchor): Promise<readonly Figure[]> {
  if (fluxAssets() === null) throw new CannotMeasure('FLUX_ASSETS does not point at the real Flux')
  const git = await startGitServer()
  try {
    const fleet = await createFleetRepository(git, 'fleet')
    const single = await createFleetRepository(git, 'single')
    const theirs = await measureSide({ fleet, single, ...anchor, start: startControllers })
    tell('controllers', theirs, anchor.count)
    const allowHost = new URL(git.url).host
    const start = (cluster: TestCluster): Promise<Side> => startHost(cluster, { allowHost })
    const ours = await measureSide({ fleet, single, count, commits, start })
    tell('sluice host', ours, count)
    const scale = count / anchor.count
    // A bar that was met says for how many.
    const beside = (name: string): string => `${name}, ${count.toLocaleString('en')} Kustomizations`
    const firstMs = theirs.sourceMs + (theirs.firstMs - theirs.sourceMs) * scale
    return [
      againstAnchor('host.first', ours.firstMs, 'ms', firstMs, 1 / 15, beside('kustomize-controller')),
      againstAnchor(
        'host.unchanged-cpu',
        ours.unchangedCpuMs,
        'ms',
        theirs.unchangedCpuMs * scale,
        1 / 30,
        beside('kustomize-controller'),
      ),
      againstAnchor('host.commit', ours.commitMs, 'ms', theirs.commitMs, 1 / 3, beside('the controllers')),
      againstAnchor(
        'host.memory',
        ours.pssBytes / megabyte,
        'MB',
        theirs.pssBytes / megabyte,
        1,
        beside('both controllers'),
      ),
    ]
  } finally {
    await git.stop()
  }
}

export function tell(name: string, figures: SideFigures, count: number): void {
  const seconds = (ms: number): string => (ms / 1000).toFixed(2)
  console.error(
    `  ${name}, ${count}: Ready after ${seconds(figures.firstMs)} s (the source after ${seconds(figures.sourceMs)}), ` +
      `unchanged ${seconds(figures.unchangedMs)} s and ${seconds(figures.unchangedCpuMs)} CPU-s, ` +
      `commit ${seconds(figures.commitMs)} s, ${Math.round(figures.pssBytes / megabyte)} MB`,
  )
}
