/** Managed objects under watch: what a run that nobody waits for need not ask. Metadata alone; listed and watched as for drift, by a copy of its own. */
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import { liveId, LiveIndex } from '../../drift/live/live-index.ts'
import type { LiveId } from '../../drift/live/live-index.ts'
import type { Ports } from '../../ports.ts'
import { groupOf } from '../../status/read.ts'
import type { StandingObjects } from '../reconciler.ts'

export interface StandingObjectsDeps extends Pick<Ports, 'clock' | 'random' | 'logger' | 'codec'> {
  /** SECURITY: of the context that was switched on, and of no other. */
  readonly view: Pick<ClusterView, 'client' | 'served'>
}

export function createStandingObjects(deps: StandingObjectsDeps): StandingObjects & {
  /** Forgets everything and watches nothing, until something is followed again. */
  reset(): void
} {
  let index: LiveIndex | null = null
  const start = (): LiveIndex => {
    const { clock, random, logger, codec, view } = deps
    const options = { isWatching: true, isMetadataOnly: true, onChange: () => undefined }
    return new LiveIndex({ clock, random, logger, codec, view, ...options })
  }
  return {
    follow(object) {
      const { apiVersion, kind, metadata } = object
      index ??= start()
      index
        .follow(groupOf(apiVersion), kind, metadata.namespace ?? '', metadata.name)
        .catch((error: unknown) =>
          deps.logger.log('debug', 'a managed object is not watched', { error: String(error) }),
        )
    },
    stands: (object, seen) => index?.stands(idOf(object), seen) === true,
    retain: (isFollowed) => index?.retain(isFollowed),
    reset() {
      index?.dispose()
      index = null
    },
  }
}

function idOf({ apiVersion, kind, metadata }: KubeObject): LiveId {
  return liveId(groupOf(apiVersion), kind, metadata.namespace ?? '', metadata.name)
}
