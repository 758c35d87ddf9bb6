/** The kubelet of Flux's controllers: a real controller runs as a process as long as a pod of its Deployment does, which kwok plays. */
import type { RunningFlux } from '../../cluster/flux.ts'
import { startFluxControllers } from '../../cluster/flux.ts'
import type { TestCluster } from '../../cluster/start.ts'
import type { quickTimings } from './hosted-engine.ts'
import { leaderFlags } from './hosted-engine.ts'

export interface ControllerPods {
  /** Its pod runs, the program does not. */
  hold(name: string): void
  release(name: string): void
  stop(): Promise<void>
}

const names = ['source-controller', 'kustomize-controller'] as const
type Name = (typeof names)[number]
const lookMs = 100

export function runControllersOfPods(
  cluster: TestCluster,
  options: {
    readonly assets: string
    readonly timings: typeof quickTimings
    /** As that of FluxOptions. */
    readonly trustedCertificates?: string
  },
): ControllerPods {
  const running = new Map<Name, RunningFlux>()
  const held = new Set<string>()
  let isOver = false
  const { assets, timings, ...more } = options
  const flags = leaderFlags(timings)

  async function look(name: Name): Promise<void> {
    const { body } = await cluster.request('GET', `/api/v1/namespaces/flux-system/pods?labelSelector=app%3D${name}`)
    const { items } = body as { readonly items: readonly { readonly status: { readonly phase?: string } }[] }
    const isWanted = !held.has(name) && items.some(({ status }) => status.phase === 'Running')
    const own = running.get(name)
    if (isWanted && own === undefined)
      running.set(
        name,
        await startFluxControllers(cluster, {
          assets,
          ...more,
          controllers: [name],
          isElected: true,
          isInstalled: true,
          extraArgs: { [name]: flags },
        }),
      )
    if (!isWanted && own !== undefined) {
      running.delete(name)
      await own.stop()
    }
  }

  async function follow(name: Name): Promise<void> {
    while (!isOver) {
      // One that does not come up is started again, as a kubelet would.
      await look(name).catch((error: unknown) => process.stderr.write(`${name}: ${String(error)}\n`))
      await new Promise((resolve) => setTimeout(resolve, lookMs))
    }
  }

  const following = Promise.all(names.map(follow))
  return {
    hold: (name) => void held.add(name),
    release: (name) => void held.delete(name),
    async stop() {
      isOver = true
      await following
      await Promise.all([...running.values()].map((each) => each.stop()))
    },
  }
}
