import { expect, test } from 'vitest'
import { serveConnection } from '../../electron/host/connection.ts'
import { contractVersion, encodeFrame, maxClientFrameBytes } from '../../shared/contract/frames.ts'
import { SluiceError } from '../../shared/model/errors.ts'
import { createClientEnd, createManualClock, createSpyHandlers, settle, silentLogger } from './duplex.ts'
import type { ClientEnd, SpyHandlers } from './duplex.ts'

const ref = {
  cluster: 'c1',
  group: 'kustomize.toolkit.fluxcd.io',
  kind: 'Kustomization',
  namespace: 'apps',
  name: 'web',
}

function connect(answers?: Parameters<typeof createSpyHandlers>[0]): {
  end: ClientEnd
  spy: SpyHandlers
  advance: (ms: number) => void
} {
  const end = createClientEnd()
  const spy = createSpyHandlers(answers)
  const { clock, advance } = createManualClock()
  serveConnection(end.port, { handlers: spy.handlers, clock, logger: silentLogger, client: 'test' })
  return { end, spy, advance }
}

const call = (id: number, p: string, i: unknown): Uint8Array => encodeFrame({ t: 'call', id, p, i })

test('the host speaks first and names its version', () => {
  const { end } = connect()
  expect(end.received).toEqual([{ t: 'hello', version: contractVersion }])
})

test('a call is parsed, handled and answered under its id', async () => {
  const { end, spy } = connect({ calls: { 'gate.close': async () => ({ operation: 'op-1' }) } })
  end.send(call(7, 'gate.close', { ref }))
  await settle()
  expect(spy.reached).toEqual([{ name: 'gate.close', input: { ref } }])
  expect(end.received.slice(1)).toEqual([{ t: 'ok', id: 7, v: { operation: 'op-1' } }])
})

test('input that the schema refuses never reaches the engine, and the connection lives on', async () => {
  const { end, spy } = connect()
  end.send(call(1, 'gate.close', { ref: { ...ref, kind: '' } }))
  end.send(call(2, 'gate.close', { ref, extra: true }))
  end.send(call(3, 'plan.execute', { digest: 'sha256:beef' }))
  end.send(call(4, 'app.info', {}))
  await settle()
  expect(spy.reached.map(({ name }) => name)).toEqual(['app.info'])
  expect(end.received.slice(1, 4)).toMatchObject([1, 2, 3].map((id) => ({ t: 'err', id, e: { code: 'InvalidInput' } })))
  expect(end.isClosedByHost).toBe(false)
})

test.each([
  ['a string', 'hello'],
  ['an object', { t: 'call', id: 1, p: 'app.info', i: {} }],
  ['no bytes', new Uint8Array(0)],
  ['too many bytes', new Uint8Array(maxClientFrameBytes + 1)],
  ['no JSON', new TextEncoder().encode('{')],
  ['invalid UTF-8', new Uint8Array([0xff, 0xfe])],
  ['a wrong shape', new TextEncoder().encode('{"t":"ok","id":1,"v":1}')],
  ['an extra key', new TextEncoder().encode('{"t":"call","id":1,"p":"app.info","i":{},"x":1}')],
  ['an unknown procedure', call(1, 'app.shutdown', {})],
  ['a property of Object', call(1, 'constructor', {})],
  ['a negative id', new TextEncoder().encode('{"t":"call","id":-1,"p":"app.info","i":{}}')],
])('SECURITY 7: %s closes the connection and reaches nobody', async (_what, frame) => {
  const { end, spy } = connect()
  end.send(frame)
  await settle()
  expect(end.isClosedByHost).toBe(true)
  end.send(call(99, 'app.info', {}))
  await settle()
  expect(spy.reached).toEqual([])
})

test('SECURITY 7: a replayed frame does not run twice; it closes the connection', async () => {
  const { end, spy } = connect()
  const frame = call(3, 'gate.close', { ref })
  end.send(frame)
  end.send(frame.slice())
  await settle()
  expect(spy.reached).toHaveLength(1)
  expect(end.isClosedByHost).toBe(true)
})

test('SECURITY 7: a flood of calls is refused beyond the budget, in time and in number', async () => {
  const { end, spy } = connect({ calls: { 'app.info': () => new Promise(() => undefined) } })
  for (let id = 1; id <= 3000; id++) end.send(call(id, 'app.info', {}))
  await settle()
  expect(spy.reached.length).toBe(512)
  expect(end.received.filter((frame) => frame.t === 'err')).toHaveLength(3000 - 512)
})

test('errors carry their code; secrets in them do not leave the host', async () => {
  const { end } = connect({
    calls: {
      'contexts.retry': async () => {
        throw new SluiceError('Unauthorized', 'refused: Authorization: Bearer abcdefghijklmnop', {
          detail: 'https://user:hunter2@git.example.com/x token=s3cr3tvalue',
        })
      },
      'app.info': async () => {
        throw new TypeError('x is not a function')
      },
    },
  })
  end.send(call(1, 'contexts.retry', { context: 'prod' }))
  end.send(call(2, 'app.info', {}))
  await settle()
  const [first, second] = end.received.slice(1)
  expect(first).toMatchObject({ t: 'err', id: 1, e: { code: 'Unauthorized' } })
  expect(JSON.stringify(first)).not.toMatch(/abcdefghijklmnop|hunter2|s3cr3tvalue/)
  expect(second).toMatchObject({ t: 'err', id: 2, e: { code: 'Internal' } })
})

test('cancel aborts the call and silences its answer', async () => {
  let aborted = false
  const { end } = connect({
    calls: {
      'app.info': (_input, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true
            reject(new Error('late'))
          })
        }),
    },
  })
  end.send(call(1, 'app.info', {}))
  await settle()
  end.send(encodeFrame({ t: 'cancel', id: 1 }))
  await settle()
  expect(aborted).toBe(true)
  expect(end.received).toHaveLength(1)
})

test('a stream sends its snapshot in bounded frames at once, then at most 20 frames a second, the last value of each key', () => {
  let sink: { push(up: readonly { key: string }[], rm?: readonly string[]): void; ready(): void } | null = null
  let stopped = 0
  const { end, advance } = connect({
    streams: {
      'rows.watch': (given) => {
        sink = given
        return () => (stopped += 1)
      },
    },
  })
  end.send(call(1, 'rows.watch', {}))
  const rows = Array.from({ length: 600 }, (_, index) => ({ key: `r${index}`, n: 0 }))
  sink!.push(rows)
  sink!.ready()
  advance(1)
  const snapshot = end.received.slice(1)
  expect(snapshot.map((frame) => (frame.t === 'delta' ? [frame.seq, frame.up.length, frame.ready] : frame))).toEqual([
    [1, 250, false],
    [2, 250, false],
    [3, 100, true],
  ])
  for (let round = 1; round <= 100; round++) {
    sink!.push([{ key: 'r1', n: round } as { key: string }], round === 100 ? ['r2'] : [])
    advance(10)
  }
  advance(100)
  const deltas = end.received.slice(4)
  expect(deltas.length).toBeLessThanOrEqual(21)
  expect(deltas.at(-1)).toMatchObject({ up: [{ key: 'r1', n: 100 }] })
  expect(deltas.some((frame) => frame.t === 'delta' && frame.rm.includes('r2'))).toBe(true)
  end.send(encodeFrame({ t: 'cancel', id: 1 }))
  expect(stopped).toBe(1)
})

test('closing the port ends every stream and call of that client', () => {
  let stopped = 0
  const { end } = connect({
    streams: { 'rows.watch': () => () => (stopped += 1), 'kinds.watch': () => () => (stopped += 1) },
  })
  end.send(call(1, 'rows.watch', {}))
  end.send(call(2, 'kinds.watch', {}))
  end.close()
  expect(stopped).toBe(2)
})
