import { describe, expect, it } from 'vitest'
import { ContextConnection } from '../../../electron/engine/clusters/context-connection.ts'
import type { KubeConfigs, KubeContextInfo, KubeRequest, KubeResponse } from '../../../electron/engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ErrorCode } from '../../../shared/model/errors.ts'
import { answer, ScriptedClient, statusAnswer } from '../cache/scripted-client.ts'
import { ManualClock, silentLogger } from '../memory-cluster.ts'

const info: KubeContextInfo = {
  id: 'lab',
  name: 'lab',
  cluster: 'lab',
  server: 'https://lab.example:6443',
  user: 'someone',
  namespace: 'default',
  file: '~/.kube/config',
  isPlayground: false,
  endpointHash: '0123456789abcdef0123456789abcdef',
  configHash: 'c',
  warnings: [],
  problem: null,
}

type Answer = (request: KubeRequest) => KubeResponse

const healthy =
  (uid = 'uid-1'): Answer =>
  ({ path }) =>
    path === '/version'
      ? answer(200, { gitVersion: 'v1.36.3' })
      : answer(200, { kind: 'PartialObjectMetadata', metadata: { uid } })

interface Setup {
  readonly clock: ManualClock
  readonly client: ScriptedClient
  readonly connection: ContextConnection
  readonly states: string[]
  readonly serve: (next: Answer | ErrorCode) => void
}

function make(first: Answer | ErrorCode, more: Partial<KubeContextInfo> = {}): Setup {
  const clock = new ManualClock()
  const client = new ScriptedClient()
  const states: string[] = []
  let current = first
  client.steps.push((request) => {
    if (typeof current === 'string') throw new SluiceError(current, current)
    return current(request)
  })
  const connection = new ContextConnection(
    { ...info, ...more },
    {
      clock,
      random: { uuid: () => '', unit: () => 1 },
      logger: silentLogger,
      kubeConfigs: { open: () => client } as unknown as KubeConfigs,
      isReadOnly: () => true,
      onChange: ({ state }) => states.push(state),
    },
  )
  return {
    clock,
    client,
    connection,
    states,
    serve: (next) => {
      current = next
    },
  }
}

describe('ContextConnection', () => {
  it('closes the client to writes before anything is asked, then learns who the cluster is', async () => {
    const { connection, client, clock, states } = make(healthy())
    connection.open()
    await clock.advance(0)
    expect(client.calls[0]).toBe('setReadOnly true')
    expect(states).toEqual(['connecting', 'connected'])
    expect(connection).toMatchObject({ cluster: 'uid-1', kubernetesVersion: 'v1.36.3', user: 'tester', error: null })
  })

  it('identifies the cluster by its endpoint where kube-system may not be read', async () => {
    const { connection, clock } = make(({ path }) =>
      path === '/version' ? answer(200, {}) : statusAnswer(403, 'Forbidden', 'no'),
    )
    connection.open()
    await clock.advance(0)
    expect(connection).toMatchObject({ state: 'connected', cluster: 'h-0123456789abcdef' })
  })

  it('tries again ever later, 1 s to 60 s, and at once when asked', async () => {
    const { connection, client, clock, serve } = make('ConnectionRefused')
    connection.open()
    await clock.advance(0)
    const delays: number[] = []
    for (let attempt = 0; attempt < 9; attempt += 1) {
      delays.push((connection.nextTryAt ?? 0) - clock.now())
      await clock.advance(delays.at(-1) ?? 0)
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
    expect(connection).toMatchObject({ state: 'unreachable', error: { code: 'ConnectionRefused' } })
    serve(healthy())
    connection.retry()
    await clock.advance(0)
    expect(connection).toMatchObject({ state: 'connected', nextTryAt: null, error: null })
    expect(client.calls).toContain('reset')
  })

  it('asks a server that was just there every 2 s at most, and may not be used meanwhile', async () => {
    const { connection, clock, serve } = make(healthy())
    connection.open()
    await clock.advance(0)
    serve('ConnectionRefused')
    connection.lost(new SluiceError('ConnectionLost', 'cut'))
    expect(connection.isUsable).toBe(false)
    expect(() => connection.client).toThrow(expect.objectContaining({ code: 'NotConnected' }))
    await clock.advance(120_000)
    expect(connection.state).toBe('unreachable')
    serve(healthy())
    await clock.advance(2000)
    expect(connection.isUsable).toBe(true)
  })

  it('stays connected through a cut that hit one stream alone', async () => {
    const { connection, clock, states } = make(healthy())
    connection.open()
    await clock.advance(0)
    connection.lost(new SluiceError('ConnectionLost', 'cut'))
    await clock.advance(0)
    expect(states).toEqual(['connecting', 'connected', 'connected', 'connected'])
  })

  it('lets go of nothing for further cuts of single streams, but sees a server that goes away meanwhile', async () => {
    const { connection, client, clock, states, serve } = make(healthy())
    const cut = (): void => connection.lost(new SluiceError('ConnectionLost', 'cut'))
    connection.open()
    await clock.advance(0)
    cut()
    await clock.advance(0)
    const asked = client.requests.length
    for (let time = 0; time < 40; time += 1) {
      cut()
      expect(connection.isUsable).toBe(true)
      await clock.advance(1000)
    }
    expect(client.requests.length).toBeGreaterThan(asked + 40)
    expect(new Set(states.slice(1))).toEqual(new Set(['connected']))
    serve('ConnectionRefused')
    cut()
    await clock.advance(0)
    expect(connection).toMatchObject({ state: 'unreachable', isUsable: false })
    serve(healthy())
    await clock.advance(500)
    expect(connection.isUsable).toBe(true)
    // Half a minute of peace, and a cut is taken as seriously as the first.
    await clock.advance(31_000)
    cut()
    expect(connection.isUsable).toBe(false)
  })

  it('does not doubt a known cluster because a starting server hides kube-system, but sees a new one', async () => {
    const { connection, clock, serve } = make(healthy())
    connection.open()
    await clock.advance(0)
    serve(({ path }) => (path.startsWith('/api/') ? statusAnswer(403, 'Forbidden', 'no') : answer(200, {})))
    connection.lost(new SluiceError('ConnectionLost', 'cut'))
    await clock.advance(0)
    expect(connection.cluster).toBe('uid-1')
    serve(healthy('uid-2'))
    connection.lost(new SluiceError('ConnectionLost', 'cut'))
    await clock.advance(0)
    expect(connection.cluster).toBe('uid-2')
  })

  it('believes a starting server only when it says that it is ready, or has not said so for long', async () => {
    const { connection, clock, serve } = make(healthy())
    connection.open()
    await clock.advance(0)
    const starting = statusAnswer(403, 'Forbidden', 'roles not loaded')
    serve(({ path }) => (path === '/version' ? answer(200, {}) : starting))
    connection.lost(new SluiceError('ConnectionLost', 'cut'))
    await clock.advance(20_000)
    expect(connection).toMatchObject({ state: 'unreachable', error: { code: 'ServerError' } })
    serve(healthy())
    await clock.advance(2000)
    expect(connection.isUsable).toBe(true)
    serve(({ path }) => (path === '/readyz' ? answer(500, 'etcd failed') : healthy()({ method: 'GET', path })))
    connection.lost(new SluiceError('ConnectionLost', 'cut'))
    await clock.advance(20_000)
    expect(connection.isUsable).toBe(false)
    await clock.advance(15_000)
    expect(connection.isUsable).toBe(true)
  })

  it.each([
    ['ExecNotApproved', 'needs-approval', false],
    ['ExecInteractive', 'invalid', false],
    ['ContextInvalid', 'invalid', false],
    ['ExecTimeout', 'unauthorized', true],
    ['CredentialMissing', 'unauthorized', true],
    ['TlsUntrusted', 'unreachable', true],
  ] as const)('%s makes it %s', async (code, state, hasNextTry) => {
    const { connection, clock } = make(code)
    connection.open()
    await clock.advance(0)
    expect(connection).toMatchObject({ state, error: { code } })
    expect(connection.nextTryAt !== null).toBe(hasNextTry)
  })

  it('takes 401 as a matter of credentials', async () => {
    const { connection, clock } = make(() => statusAnswer(401, 'Unauthorized', 'who are you'))
    connection.open()
    await clock.advance(0)
    expect(connection).toMatchObject({ state: 'unauthorized', error: { code: 'Unauthorized', detail: 'who are you' } })
  })

  it('opens nothing for a context with a problem', () => {
    const problem = { code: 'ContextInvalid', message: 'no user', remedy: '', detail: '', retry: 'terminal' } as const
    const { connection, client } = make(healthy(), { problem })
    connection.open()
    expect(connection).toMatchObject({ state: 'invalid', error: problem })
    expect(client.calls).toEqual([])
  })

  it('asks for a sign of life when nothing is heard', async () => {
    const { connection, clock, serve } = make(healthy())
    connection.open()
    await clock.advance(0)
    serve('ConnectionTimeout')
    await clock.advance(20_000)
    expect(connection.state).toBe('unreachable')
    connection.close()
    await clock.advance(60_000)
    expect(connection.state).toBe('idle')
  })
})
