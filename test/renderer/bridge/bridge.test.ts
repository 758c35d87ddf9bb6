import { expect, test, vi } from 'vitest'
import { createBridge } from '../../../renderer/bridge/bridge.ts'
import type { Delta } from '../../../renderer/bridge/bridge.ts'
import { readHostFrame } from '../../../renderer/bridge/host-frame.ts'
import { decodeFrame, encodeFrame } from '../../../shared/contract/frames.ts'
import type { ContextRow } from '../../../shared/model/rows.ts'
import { createFakeHost } from '../../fixtures/fake-host/fake-host.ts'
import { makeContext, makeFleet } from '../../fixtures/fake-host/fleet.ts'
import { makePort } from '../with-host.ts'

function setUp() {
  const host = createFakeHost(makeFleet(1_800_000_000_000))
  const bridge = createBridge()
  const attach = () => {
    const made = makePort(host)
    bridge.attach(made.port)
    return made
  }
  return { host, bridge, attach }
}

test('calls made before the port is there are answered after the greeting', async () => {
  const { bridge, attach, host } = setUp()
  const answer = bridge.call('uiState.load', {})
  attach()
  expect(await answer).toEqual({ ok: true, value: { text: null } })
  expect(host.calls.map((call) => call.name)).toEqual(['uiState.load'])
})

test('an error of the host is a value, not an exception', async () => {
  const { bridge, attach, host } = setUp()
  attach()
  host.failNext('contexts.retry', { code: 'NotConnected', message: 'no', remedy: '', detail: '', retry: 'transient' })
  const result = await bridge.call('contexts.retry', { context: 'a' })
  expect(result.ok).toBe(false)
})

test('a gap in seq subscribes again and removes what the new snapshot no longer holds', async () => {
  const { bridge, attach, host } = setUp()
  attach()
  const known = new Map<string, ContextRow>()
  const onDelta = (delta: Delta<ContextRow>) => {
    for (const key of delta.remove) known.delete(key)
    for (const item of delta.upsert) known.set(item.key, item)
  }
  bridge.subscribe('contexts.watch', {}, { onDelta })
  await vi.waitFor(() => expect(known.size).toBe(3))
  host.fleet.contexts = [makeContext('prod-eu-1'), makeContext('new')]
  host.skipSeq('contexts.watch')
  host.push('contexts.watch', [makeContext('phantom')])
  await vi.waitFor(() => expect([...known.keys()].sort()).toEqual(['new', 'prod-eu-1']))
  expect(host.openStreams('contexts.watch')).toBe(1)
})

test('a lost connection keeps what is shown, fails the open calls and takes up every stream on the next port', async () => {
  const { bridge, attach, host } = setUp()
  const first = attach()
  const deltas: Delta<ContextRow>[] = []
  bridge.subscribe('contexts.watch', {}, { onDelta: (delta) => deltas.push(delta) })
  await vi.waitFor(() => expect(deltas).toHaveLength(1))
  const states: string[] = []
  bridge.onState((state) => states.push(state))
  first.cut()
  expect((await bridge.call('uiState.load', {})).ok).toBe(false)
  host.fleet.contexts = host.fleet.contexts.slice(0, 1)
  attach()
  await vi.waitFor(() => expect(deltas).toHaveLength(2))
  expect(deltas[1]?.remove).toHaveLength(2)
  expect(states).toEqual(['connected', 'lost', 'connecting', 'connected'])
})

test('an aborted call is canceled on the host', async () => {
  const { bridge, attach } = setUp()
  attach()
  const abort = new AbortController()
  const answer = bridge.call('uiState.load', {}, abort.signal)
  abort.abort()
  expect(await answer).toMatchObject({ ok: false, error: { code: 'Canceled' } })
})

test('frames that are not frames are left alone', () => {
  const read = (data: unknown) => readHostFrame(data, decodeFrame)
  for (const data of [null, 1, 'text', {}, new Uint8Array([255, 254]), encodeFrame({ t: 'nonsense' } as never)])
    expect(read(data)).toBeNull()
  expect(read(new TextEncoder().encode('{"t":"delta","id":1,"seq":"1","up":[],"rm":[],"ready":true}'))).toBeNull()
  expect(read(encodeFrame({ t: 'hello', version: 1 }))).toEqual({ t: 'hello', version: 1 })
})
