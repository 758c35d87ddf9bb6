/** Hosted mode of all contexts: what switches it on and off, and what the window and the command line see of it. */
import type { Handlers } from '../../../shared/contract/index.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { Clusters } from '../clusters/view.ts'
import type { Ports } from '../ports.ts'

export interface HostingDeps {
  readonly ports: Ports
  readonly clusters: Clusters
}

type HostingProcedure = Extract<keyof Handlers, `hosting.${string}`>

export interface Hosting {
  readonly handlers: Pick<Handlers, HostingProcedure>
  dispose(): Promise<void>
}

export function createHosting(_deps: HostingDeps): Hosting {
  const refuse = (): never => {
    throw new SluiceError('Unsupported', 'Hosted mode is not in this build')
  }
  const none = (_input: unknown, sink: { ready(): void }): (() => void) => {
    sink.ready()
    return () => undefined
  }
  return {
    handlers: {
      'hosting.watch': none,
      'hosting.rows': none,
      'hosting.approvals': none,
      'hosting.plan': refuse,
      'hosting.start': refuse,
      'hosting.stop': refuse,
      'hosting.approve': refuse,
      'hosting.applyOnce': refuse,
    },
    dispose: () => Promise.resolve(),
  }
}
