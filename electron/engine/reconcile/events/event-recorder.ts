/** Kubernetes events as the controllers write them. Semantics: flux-semantics §2.14, §5; fluxcd/pkg/runtime events, client-go's recorder. */
import type { HostedController } from '../../../../shared/model/hosting.ts'
import type { KubeObject } from '../../clusters/view.ts'

export interface RecordedEvent {
  readonly involved: KubeObject
  readonly severity: 'trace' | 'info' | 'error'
  readonly reason: string
  readonly message: string
  /** Annotations of the event: `kustomize.toolkit.fluxcd.io/revision` and the like, keys whole. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface EventRecorder {
  readonly controller: HostedController
  /** Never throws and is never waited for by a run: equal events are counted up, writing them is limited per object, a failure is logged. */
  record(event: RecordedEvent): void
  /** Resolves when all that was recorded has been written or given up. */
  flush(): Promise<void>
}
