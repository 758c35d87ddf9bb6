/**
 * drift/: what differs from Git, for every Kustomization and HelmRelease of the selected contexts, all the time. Owns the procedures `drift.*`,
 * `hosts.*`, `folders.*`, the schedule and the results. Desired state comes from desired/ and helm/, comparison from apply/ and diff/.
 */
import type { Handlers } from '../../../shared/contract/index.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { Clusters } from '../clusters/view.ts'
import type { Ports } from '../ports.ts'

export type DriftProcedure =
  | 'drift.owners'
  | 'drift.objects'
  | 'drift.watch'
  | 'drift.fields'
  | 'drift.texts'
  | 'drift.check'
  | 'drift.preview'
  | 'drift.ignoreRule'
  | 'drift.patch'
  | 'drift.openOrigin'
  | 'contexts.setDryRuns'
  | 'hosts.watch'
  | 'hosts.allow'
  | 'folders.watch'
  | 'folders.map'
  | 'folders.unmap'

export interface DriftDeps {
  readonly ports: Ports
  readonly clusters: Clusters
}

export interface Drift {
  readonly handlers: Pick<Handlers, DriftProcedure>
  dispose(): Promise<void>
}

export function createDrift(_deps: DriftDeps): Drift {
  const absent = (): Promise<never> => Promise.reject(new SluiceError('Unsupported', 'Drift is not compared yet'))
  const none = (_input: unknown, sink: { ready(): void }): (() => void) => {
    sink.ready()
    return () => undefined
  }
  return {
    handlers: {
      'drift.owners': none,
      'drift.objects': none,
      'drift.watch': none,
      'drift.fields': absent,
      'drift.texts': absent,
      'drift.check': absent,
      'drift.preview': absent,
      'drift.ignoreRule': absent,
      'drift.patch': absent,
      'drift.openOrigin': absent,
      'contexts.setDryRuns': absent,
      'hosts.watch': none,
      'hosts.allow': absent,
      'folders.watch': none,
      'folders.map': absent,
      'folders.unmap': absent,
    },
    dispose: () => Promise.resolve(),
  }
}
