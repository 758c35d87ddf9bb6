/**
 * The playground's procedures. Its cluster is ours, so hosted mode is switched on for it without a dialog as soon as its context is connected, the host of
 * its repository is allowed for it, and both end with it. Must not know what the playground is made of.
 */
import type { Handlers } from '../../../shared/contract/index.ts'
import type { PlaygroundState } from '../../../shared/model/app.ts'
import type { ClusterId, ContextId } from '../../../shared/model/identity.ts'
import type { Clusters } from '../clusters/view.ts'
import type { Consents } from '../drift/drift.ts'
import type { Ports } from '../ports.ts'
import { hostOfUrl } from '../source/consents.ts'

export interface PlaygroundDeps {
  readonly ports: Pick<Ports, 'playground' | 'logger' | 'clock'>
  readonly clusters: Clusters
  readonly hosting: Pick<Handlers, 'hosting.plan' | 'hosting.start' | 'hosting.stop'>
  readonly consents: () => Promise<Consents>
}

export interface PlaygroundProcedures {
  readonly handlers: Pick<Handlers, Extract<keyof Handlers, `playground.${string}`>>
  /** Ends hosted mode of the playground; the playground itself is the host's to stop. */
  dispose(): Promise<void>
}

/** What was switched on, to be switched off again. */
interface Switched {
  readonly context: ContextId
  readonly cluster: ClusterId
  readonly host: string
}

const retryMs = 2000

export function createPlaygroundProcedures({
  ports,
  clusters,
  hosting,
  consents,
}: PlaygroundDeps): PlaygroundProcedures {
  const { playground, logger, clock } = ports
  let state: PlaygroundState | null = null
  let switched: Switched | null = null
  let isDisposed = false
  let isStopping = false
  let turn: Promise<void> = Promise.resolve()
  let retry: (() => void) | null = null
  const abort = new AbortController()
  const call = { signal: abort.signal, client: 'window' } as const

  /** One change after another; what should be is looked up when its turn comes. */
  function follow(): void {
    turn = turn.then(change).catch((error: unknown) => {
      if (isDisposed || isStopping) return
      logger.log('warn', 'hosted mode of the playground could not be changed', { error: String(error) })
      retry?.()
      retry = clock.after(retryMs, follow)
    })
  }

  function wanted(): Switched | null {
    const loop = state?.state === 'running' ? state.loop : null
    const host = loop == null ? null : hostOfUrl(loop.repositoryUrl)
    if (host === null || isDisposed || isStopping) return null
    for (const view of clusters.views()) {
      const row = view.contexts().find((context) => context.isPlayground)
      if (row?.connection === 'connected') return { context: row.key, cluster: view.id, host }
    }
    // A context that is not selected any more keeps what it was given: its repository is the same.
    return switched?.host === host ? switched : null
  }

  async function change(): Promise<void> {
    const next = wanted()
    if (JSON.stringify(next) === JSON.stringify(switched)) return
    if (switched !== null) await switchOff(switched)
    if (next === null) return
    const hosts = await consents()
    // SECURITY: item 10: our own server, of our own cluster, and of no other.
    hosts.noteNamed(next.cluster, next.host, 'GitRepository/playground/demo')
    await hosts.allow(next.cluster, next.host, true)
    const { digest, refusal } = await hosting['hosting.plan']({ context: next.context }, call)
    switched = next
    if (refusal === null) await hosting['hosting.start']({ context: next.context, digest }, call)
    else logger.log('warn', 'the playground is not hosted', { why: refusal.message })
  }

  async function switchOff(known: Switched): Promise<void> {
    switched = null
    await hosting['hosting.stop']({ context: known.context }, call)
    await (await consents()).allow(known.cluster, known.host, false).catch(() => undefined)
  }

  const stopWatching = playground.watch((now) => {
    const isAnother = now.state !== state?.state || now.loop?.repositoryUrl !== state.loop?.repositoryUrl
    state = now
    if (isAnother) follow()
  })
  const stopFollowing = clusters.watch(() => {
    if (state?.state === 'running') follow()
  })

  return {
    handlers: {
      'playground.watch': (_input, sink) => {
        let isReady = false
        return playground.watch((now) => {
          sink.push([now])
          if (!isReady) sink.ready()
          isReady = true
        })
      },
      'playground.start': async () => {
        await playground.start()
        return null
      },
      'playground.stop': async ({ isDataDeleted }) => {
        isStopping = true
        try {
          // While the API server is there, the leases can be given back to it.
          follow()
          await turn
          await playground.stop(isDataDeleted)
        } finally {
          isStopping = false
        }
        return null
      },
      'playground.act': async ({ action }) => {
        await playground.act(action)
        return null
      },
    },
    async dispose() {
      isDisposed = true
      retry?.()
      stopWatching()
      stopFollowing()
      follow()
      await turn
      abort.abort()
    },
  }
}
