import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serveConnection } from '../../electron/host/connection.ts'
import { encodeFrame, maxClientFrameBytes } from '../../shared/contract/frames.ts'
import { contract } from '../../shared/contract/index.ts'
import type { ProcedureName } from '../../shared/contract/index.ts'
import { scaleCount, seed } from '../soak.ts'
import { createClientEnd, createManualClock, createSpyHandlers, settle, silentLogger } from './duplex.ts'

const procedures = Object.keys(contract) as ProcedureName[]

/** What a hostile window could send; `id` null: the next that the host would take. */
type Wild =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'call'; readonly p: string; readonly i: unknown }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'again' }
  | { readonly kind: 'oversized' }

const wildCall = fc.record({
  kind: fc.constant('call' as const),
  p: fc.constantFrom(...procedures),
  i: fc.oneof(fc.constant({}), fc.object({ maxDepth: 3 }), fc.anything()),
})
const wildFrame: fc.Arbitrary<Wild> = fc.oneof(
  { weight: 20, arbitrary: wildCall },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('value' as const),
      value: fc.oneof(
        fc.record({
          t: fc.constantFrom('call', 'cancel', 'ok', ''),
          id: fc.oneof(fc.nat(50), fc.integer(), fc.double(), fc.string()),
          p: fc.oneof(fc.constantFrom(...procedures), fc.string(), fc.constantFrom('__proto__', 'toString')),
          i: fc.anything(),
        }),
        fc.record({ t: fc.constant('cancel'), id: fc.nat(50) }),
        fc.jsonValue(),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('bytes' as const), bytes: fc.uint8Array({ maxLength: 200 }) }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Wild>({ kind: 'again' }, { kind: 'oversized' }) },
)

const toBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value) ?? 'undefined')

test('SECURITY 7: fuzzed frames neither crash the host nor reach the engine with input that the contract refuses', async () => {
  const total = scaleCount(100_000)
  const oversized = new Uint8Array(maxClientFrameBytes + 1).fill(0x20)
  let read = 0
  let reached = 0
  const refused = { closed: 0, answered: 0 }
  const connect = () => {
    const end = createClientEnd()
    const spy = createSpyHandlers()
    const { clock, advance } = createManualClock()
    serveConnection(end.port, { handlers: spy.handlers, clock, logger: silentLogger, client: 'test' })
    return { end, spy, advance, id: 0, last: toBytes({}) }
  }
  await fc.assert(
    fc.asyncProperty(fc.array(wildFrame, { minLength: 50, maxLength: 50 }), async (frames) => {
      let host = connect()
      for (const frame of frames) {
        // What comes after the host hung up is read by nobody: the next one gets it.
        if (host.end.isClosedByHost) {
          refused.closed += 1
          host = connect()
        }
        // The budget of calls is not what is looked at here.
        host.advance(1000)
        if (frame.kind === 'call') {
          host.id += 1
          host.last = encodeFrame({ t: 'call', id: host.id, p: frame.p, i: frame.i })
        } else if (frame.kind === 'value') host.last = toBytes(frame.value)
        else if (frame.kind === 'bytes') host.last = frame.bytes
        const before = host.spy.reached.length
        host.end.send(frame.kind === 'oversized' ? oversized : host.last)
        read += 1
        await settle()
        const news = host.spy.reached.slice(before)
        if (frame.kind === 'again' || frame.kind === 'oversized' || frame.kind === 'bytes') expect(news).toEqual([])
        for (const { name, input } of news) {
          reached += 1
          expect(contract[name as ProcedureName].input.safeParse(input).success, name).toBe(true)
        }
        if (news.length === 0 && !host.end.isClosedByHost) refused.answered += 1
      }
    }),
    { numRuns: Math.ceil(total / 50), seed: seed() },
  )
  expect(read).toBeGreaterThanOrEqual(total)
  // All three ways were taken: what is looked at is not only what never got that far.
  expect(Math.min(reached, refused.closed, refused.answered)).toBeGreaterThan(total / 50)
})
