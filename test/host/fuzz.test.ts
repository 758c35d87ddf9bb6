import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serveConnection } from '../../electron/host/connection.ts'
import { contract } from '../../shared/contract/index.ts'
import type { ProcedureName } from '../../shared/contract/index.ts'
import { scaleCount, seed } from '../soak.ts'
import { createClientEnd, createManualClock, createSpyHandlers, silentLogger } from './duplex.ts'

const procedures = Object.keys(contract) as ProcedureName[]

/** Frames that look right and are not: known names with wild input, wild names, wild shapes, broken bytes. */
const wildFrame = fc
  .oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        t: fc.constantFrom('call', 'cancel', 'ok', ''),
        id: fc.oneof(fc.nat(50), fc.integer(), fc.double(), fc.string()),
        p: fc.oneof(fc.constantFrom(...procedures), fc.string(), fc.constantFrom('__proto__', 'toString')),
        i: fc.anything(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        t: fc.constant('call'),
        id: fc.integer({ min: 1, max: 1_000_000 }),
        p: fc.constantFrom(...procedures),
        i: fc.oneof(fc.object({ maxDepth: 3 }), fc.constant({}), fc.constant(null)),
      }),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
  )
  .map((value) => new TextEncoder().encode(JSON.stringify(value) ?? 'undefined'))
const brokenFrame = fc.uint8Array({ maxLength: 200 })
const anyFrame = fc.oneof({ weight: 6, arbitrary: wildFrame }, { weight: 1, arbitrary: brokenFrame })

test('SECURITY 7: fuzzed frames neither crash the host nor reach the engine with input that the contract refuses', () => {
  const total = scaleCount(100_000)
  const perConnection = 20
  let sent = 0
  fc.assert(
    fc.property(fc.array(anyFrame, { minLength: perConnection, maxLength: perConnection }), (frames) => {
      const end = createClientEnd()
      const spy = createSpyHandlers()
      serveConnection(end.port, {
        handlers: spy.handlers,
        clock: createManualClock().clock,
        logger: silentLogger,
        client: 'test',
      })
      for (const frame of frames) {
        end.send(frame)
        sent += 1
      }
      for (const { name, input } of spy.reached) {
        const definition = contract[name as ProcedureName]
        expect(definition.input.safeParse(input).success).toBe(true)
      }
    }),
    { numRuns: Math.ceil(total / perConnection), seed: seed() },
  )
  expect(sent).toBeGreaterThanOrEqual(total)
})
