/** An engine with hosted mode on, as a window would see it. */
import type { HostedRow, HostingState, PendingApproval } from '../../../shared/model/hosting.ts'
import type { Ports } from '../../../electron/engine/ports.ts'
import type { HandOverTimes } from '../../../electron/engine/reconcile/hand-over/run-hand-over.ts'
import type { HostingOptions } from '../../../electron/engine/reconcile/hosting.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import type { RunningEngine } from '../clusters/running-engine.ts'
import { startEngine } from '../clusters/running-engine.ts'

/** A tenth of the controllers', for tests that have to see leases run out. */
export const quickTimings = { leaseDurationMs: 5000, renewDeadlineMs: 4000, retryPeriodMs: 500 }

/** What gives a controller the same. */
export function leaderFlags(timings: typeof quickTimings): readonly string[] {
  return [
    `--leader-election-lease-duration=${String(timings.leaseDurationMs)}ms`,
    `--leader-election-renew-deadline=${String(timings.renewDeadlineMs)}ms`,
    `--leader-election-retry-period=${String(timings.retryPeriodMs)}ms`,
  ]
}

export interface HostedEngine extends RunningEngine {
  readonly states: Map<string, HostingState>
  readonly hosted: Map<string, HostedRow>
  readonly approvals: Map<string, PendingApproval>
  /** Of the only context. */
  state(): HostingState | undefined
  switchOn(): Promise<void>
  switchOff(): Promise<void>
}

export async function startHostedEngine(options: {
  readonly kubeconfig: string
  readonly dataDir?: string
  readonly version?: string
  readonly hosting?: HostingOptions
  readonly wrapPorts?: (ports: Ports) => Ports
  readonly handOverTimes?: Partial<HandOverTimes>
}): Promise<HostedEngine> {
  const { kubeconfig, ...more } = options
  const running = await startEngine({ kubeconfigs: [kubeconfig], ...more })
  const states = new Map<string, HostingState>()
  const hosted = new Map<string, HostedRow>()
  const approvals = new Map<string, PendingApproval>()
  const { handlers } = running.engine
  const into = <T extends { readonly key: string }>(map: Map<string, T>) => ({
    isClosed: false,
    push(upsert: readonly T[], remove: readonly string[] = []) {
      for (const key of remove) map.delete(key)
      for (const item of upsert) map.set(item.key, item)
    },
    ready: () => undefined,
    end: () => undefined,
  })
  handlers['hosting.watch']({}, into(states), running.call)
  handlers['hosting.rows']({}, into(hosted), running.call)
  handlers['hosting.approvals']({}, into(approvals), running.call)
  const context = await waitUntil(() =>
    [...running.contexts.values()].find(({ connection, cluster }) => connection === 'connected' && cluster !== null),
  )
  return {
    ...running,
    states,
    hosted,
    approvals,
    state: () => states.get(context.key),
    async switchOn() {
      const { digest } = await handlers['hosting.plan']({ context: context.key }, running.call)
      await handlers['hosting.start']({ context: context.key, digest }, running.call)
    },
    async switchOff() {
      await handlers['hosting.stop']({ context: context.key }, running.call)
    },
  }
}
