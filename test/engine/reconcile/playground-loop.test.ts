/** Hosted mode and the host of the playground's repository go on and off with it, and with nothing else. */
import { expect, test } from 'vitest'
import type { PlaygroundLoop, PlaygroundState } from '../../../shared/model/app.ts'
import type { ContextRow } from '../../../shared/model/rows.ts'
import type { ClusterView } from '../../../electron/engine/clusters/view.ts'
import type { Consents } from '../../../electron/engine/drift/drift.ts'
import type { Playground } from '../../../electron/engine/ports.ts'
import { createPlaygroundProcedures } from '../../../electron/engine/reconcile/playground-loop.ts'

const url = 'http://127.0.0.1:4444/token/demo.git'

function stage() {
  const done: string[] = []
  const listeners = new Set<(state: PlaygroundState) => void>()
  const follow = new Set<() => void>()
  let state = { key: 'playground', state: 'absent' } as PlaygroundState
  let views: readonly ClusterView[] = []
  const playground: Playground = {
    watch(listener) {
      listeners.add(listener)
      listener(state)
      return () => listeners.delete(listener)
    },
    start: () => Promise.resolve(),
    async stop() {
      for (const listener of follow) listener()
      await new Promise((resolve) => setImmediate(resolve))
      done.push('playground stopped')
    },
    act: () => Promise.resolve(),
  }
  const call = { signal: new AbortController().signal, client: 'test' } as const
  const procedures = createPlaygroundProcedures({
    ports: {
      playground,
      logger: { log: (_level, message) => void done.push(message) },
      clock: { after: () => () => undefined } as never,
    },
    clusters: {
      views: () => views,
      watch: (listener: () => void) => {
        follow.add(listener)
        return () => follow.delete(listener)
      },
    } as never,
    hosting: {
      'hosting.plan': ({ context }) => Promise.resolve({ digest: `plan of ${context}`, refusal: null } as never),
      'hosting.start': ({ context, digest }) => Promise.resolve(void done.push(`on ${context} by ${digest}`) as never),
      'hosting.stop': ({ context }) => Promise.resolve(void done.push(`off ${context}`) as never),
    },
    consents: () =>
      Promise.resolve({
        noteNamed: () => undefined,
        allow: (cluster: string, host: string, isAllowed: boolean) =>
          Promise.resolve(void done.push(`${isAllowed ? 'allow' : 'forbid'} ${host} for ${cluster}`)),
      } as unknown as Consents),
  })
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return {
    done,
    procedures,
    call,
    settled,
    show: async (word: PlaygroundState['state'], repositoryUrl: string | null) => {
      state = { ...state, state: word, loop: repositoryUrl === null ? null : ({ repositoryUrl } as PlaygroundLoop) }
      for (const listener of listeners) listener(state)
      await settled()
    },
    connect: async (rows: readonly Partial<ContextRow>[]) => {
      views = rows.map((row) => ({ id: `cluster of ${row.key}`, contexts: () => [row] }) as unknown as ClusterView)
      for (const listener of follow) listener()
      await settled()
    },
  }
}

const ours = { key: 'playground', isPlayground: true, connection: 'connected' } as const
const foreign = { key: 'prod', isPlayground: false, connection: 'connected' } as const

test('it goes on when the playground runs and its context is connected, once, and for no other context', async () => {
  const { done, show, connect } = stage()
  await connect([foreign])
  await show('running', url)
  expect(done).toEqual([])
  await connect([foreign, ours])
  await connect([foreign, ours])
  expect(done).toEqual(['allow 127.0.0.1:4444 for cluster of playground', 'on playground by plan of playground'])
})

test('it goes off before the control plane is stopped, and does not come back while that happens', async () => {
  const { done, show, connect, procedures, call } = stage()
  await show('running', url)
  await connect([ours])
  done.length = 0
  await procedures.handlers['playground.stop']({ isDataDeleted: false }, call)
  expect(done).toEqual(['off playground', 'forbid 127.0.0.1:4444 for cluster of playground', 'playground stopped'])
})

test('another address of the repository is allowed in place of the old one', async () => {
  const { done, show, connect, procedures } = stage()
  await show('running', url)
  await connect([ours])
  await show('failed', null)
  await show('running', 'http://127.0.0.1:5555/token/demo.git')
  expect(done).toContain('forbid 127.0.0.1:4444 for cluster of playground')
  expect(done).toContain('allow 127.0.0.1:5555 for cluster of playground')
  done.length = 0
  await procedures.dispose()
  expect(done).toEqual(['off playground', 'forbid 127.0.0.1:5555 for cluster of playground'])
})
