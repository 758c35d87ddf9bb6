/** Leader election as the controllers have it, and the fence before every write. Semantics: client-go leaderelection, pkg/runtime leaderelection. */
import type { HostedController, HostedLease } from '../../../../shared/model/hosting.ts'
import type { Dispose, KubeClient } from '../../kube-port.ts'

export interface Leadership {
  readonly controller: HostedController
  current(): HostedLease
  watch(listener: (lease: HostedLease) => void): Dispose
  /**
   * Held at this moment: wall-clock time since the last renewal that the API server confirmed is shorter than the renew deadline, and the clock has
   * not jumped. Everything that may write asks it right before.
   */
  isHeld(): boolean
  /** Aborted when it is lost; a new one for each time it is taken. */
  signal(): AbortSignal
  /** The same client, whose writes ask `isHeld` first and reject with SluiceError LeaseLost. Dry-runs and reads pass. */
  fence(client: KubeClient): KubeClient
  /** Gives the lease back (holderIdentity '') unless it is somebody else's. */
  release(): Promise<void>
  dispose(): Promise<void>
}
