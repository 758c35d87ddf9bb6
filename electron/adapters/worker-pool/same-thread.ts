/** Rendering where the host brings no workers: the command line, whose own thread has nothing else to do. Loaded with the first render. */
import type { ClusterRenderMessage, ClusterRenders } from '../../engine/build/cluster/cluster-renders.ts'
import type { ClusterRenderRequest } from '../../engine/drift/cluster-renderer-port.ts'
import { BuildError } from '../../engine/kustomize/build-error.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { KeyPlaces } from '../decrypt/user-keys.ts'
import { createKeySource } from '../decrypt/user-keys.ts'

const deadlineMs = 30_000

export function createSameThreadRenders(
  keyPlaces: KeyPlaces,
): (request: ClusterRenderRequest, signal: AbortSignal) => Promise<ClusterRenderMessage> {
  let renders: Promise<ClusterRenders> | null = null
  let endsAt = Infinity
  let current: AbortSignal | null = null
  function checkpoint(): void {
    if (current?.aborted === true) throw new BuildError('Canceled', 'the build was canceled')
    if (performance.now() > endsAt)
      throw new BuildError('LimitExceeded', `the build took more than ${Math.round(deadlineMs / 1000)} s`)
  }
  async function load(): Promise<ClusterRenders> {
    const { createClusterSessions } = await import('./cluster-sessions.ts')
    return createClusterSessions({ checkpoint })
  }
  let last: Promise<unknown> = Promise.resolve()

  return (request, signal) => {
    const work = async (): Promise<ClusterRenderMessage> => {
      if (signal.aborted) throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
      current = signal
      endsAt = performance.now() + deadlineMs
      try {
        return await (
          await (renders ??= load())
        ).render(request, request.usesOwnKeys ? createKeySource(keyPlaces) : null)
      } catch (error) {
        if (error instanceof BuildError && error.code === 'Canceled')
          throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
        throw error
      }
    }
    // One after the other: the checkpoint knows one build.
    const result = last.then(work, work)
    last = result.catch(() => undefined)
    return result
  }
}
