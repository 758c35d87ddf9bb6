/** What is remembered of contexts from one start to the next: which are selected, and which cluster was behind each. */
import type { ClusterId, ContextId } from '../../../shared/model/identity.ts'

export interface RememberedContext {
  readonly cluster: ClusterId
  readonly server: string
  readonly lastSeenAt: number
  /** KubeContextInfo.endpointHash and .user when it answered: another server, authority or user starts from nothing. */
  readonly endpointHash: string
  readonly user: string
  /** Whom the API server took the user for. */
  readonly identity: string
}

export interface RememberedContexts {
  readonly version: 1
  /** null until a selection was made, by the user or for the first time by itself. */
  readonly selected: readonly ContextId[] | null
  readonly known: ReadonlyMap<ContextId, RememberedContext>
}

export const nothingRemembered: RememberedContexts = { version: 1, selected: null, known: new Map() }

export function parseRemembered(value: unknown): RememberedContexts | null {
  if (typeof value !== 'object' || value === null) return null
  const { selected, known } = value as { selected?: unknown; known?: unknown }
  const contexts = new Map<ContextId, RememberedContext>()
  for (const entry of Array.isArray(known) ? (known as unknown[]) : []) {
    if (typeof entry !== 'object' || entry === null) continue
    const { context, cluster, server, lastSeenAt, endpointHash, user, identity } = entry as Record<string, unknown>
    if (typeof context !== 'string' || typeof cluster !== 'string') continue
    contexts.set(context, {
      cluster,
      server: typeof server === 'string' ? server : '',
      lastSeenAt: typeof lastSeenAt === 'number' ? lastSeenAt : 0,
      endpointHash: typeof endpointHash === 'string' ? endpointHash : '',
      user: typeof user === 'string' ? user : '',
      identity: typeof identity === 'string' ? identity : '',
    })
  }
  return {
    version: 1,
    selected: Array.isArray(selected)
      ? (selected as unknown[]).filter((id): id is string => typeof id === 'string')
      : null,
    known: contexts,
  }
}

export function formatRemembered(remembered: RememberedContexts): unknown {
  return {
    version: 1,
    selected: remembered.selected,
    known: [...remembered.known].map(([context, entry]) => ({ context, ...entry })),
  }
}

/** What is remembered of a context, as long as it leads to the same server, by the same authority, as the same user. */
export function rememberedOf(
  { known }: RememberedContexts,
  { id, endpointHash, user }: { readonly id: ContextId; readonly endpointHash: string; readonly user: string },
): RememberedContext | null {
  const found = known.get(id)
  return found !== undefined && found.endpointHash === endpointHash && found.user === user ? found : null
}

/**
 * Whether another cluster now answers where one was known: both are UIDs (an identity by hash says nothing), they differ, and the
 * server's host is the same, so that a context which was pointed elsewhere does not count.
 */
export function isRecreated(before: RememberedContext | undefined, cluster: ClusterId, server: string): boolean {
  if (before === undefined || before.cluster === cluster) return false
  if (before.cluster.startsWith('h-') || cluster.startsWith('h-')) return false
  return hostOf(before.server) === hostOf(server)
}

function hostOf(server: string): string {
  try {
    return new URL(server).hostname
  } catch {
    return server
  }
}
