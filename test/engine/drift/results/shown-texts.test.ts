/** What is printed when, where, and what is kept for it. */
import { expect, it, vi } from 'vitest'
import type { ComparedObject } from '../../../../electron/engine/apply/compare-set.ts'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import { patchOf } from '../../../../electron/engine/diff/patch-text.ts'
import { printCompared } from '../../../../electron/engine/diff/print-compared.ts'
import { textsOf } from '../../../../electron/engine/diff/texts.ts'
import { recordDetails } from '../../../../electron/engine/drift/results/record.ts'
import {
  createPrinter,
  isLargerThan,
  maxPrintedHere,
  maxTextLength,
} from '../../../../electron/engine/drift/results/shown-texts.ts'

const { signal } = new AbortController()

function compared(chars: number, kind = 'ConfigMap'): ComparedObject {
  const side = (value: string): KubeObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { name: 'c', namespace: 'apps' },
    data: { value, rest: 'x'.repeat(chars) },
  })
  const desired = { object: side('git'), origin: null, sensitive: [], unknown: '' }
  return {
    apiVersion: 'v1',
    kind,
    namespace: 'apps',
    name: 'c',
    action: 'configured',
    fields: [],
    risk: { level: 'low', text: '' },
    rule: '',
    problem: null,
    isSecret: kind === 'Secret',
    isApproximate: false,
    desired,
    live: side('live'),
    wouldBe: side('git'),
  }
}

function setUp() {
  const here = vi.fn(textsOf)
  const elsewhere = vi.fn((text: string) => Promise.resolve(printCompared(text)))
  return { here, elsewhere, printer: createPrinter({ textsOf: here, patchOf }, elsewhere) }
}

it('prints small objects here and large ones elsewhere, to the same texts', async () => {
  const { here, elsewhere, printer } = setUp()
  const small = await printer.textsOf(compared(10), 'ConfigMap apps/c', signal)
  expect([small.live.includes('live'), here.mock.calls.length, elsewhere.mock.calls.length]).toEqual([true, 1, 0])
  const object = compared(maxPrintedHere)
  const large = await printer.textsOf(object, 'ConfigMap apps/c', signal)
  expect([here.mock.calls.length, elsewhere.mock.calls.length]).toEqual([1, 1])
  expect(large).toEqual(textsOf(object))
  expect(await printer.patchOf(object, signal)).toBe(patchOf(object))
})

it('refuses at once what is too large for any window, and prints nothing of it', async () => {
  const { here, elsewhere, printer } = setUp()
  await expect(printer.textsOf(compared(maxTextLength), 'ConfigMap apps/c', signal)).rejects.toMatchObject({
    code: 'Unsupported',
    message: 'ConfigMap apps/c is too large to be shown side by side',
  })
  expect([here.mock.calls.length, elsewhere.mock.calls.length]).toEqual([0, 0])
})

it('hands no value of a desired Secret on', async () => {
  const { elsewhere, printer } = setUp()
  await printer.textsOf(
    { ...compared(maxPrintedHere, 'Secret'), live: null, wouldBe: compared(maxPrintedHere).wouldBe },
    'Secret apps/c',
    signal,
  )
  const sent = JSON.parse(elsewhere.mock.calls[0]![0]) as { desired: { object: { data: Record<string, string> } } }
  expect(sent.desired.object.data['value']).not.toBe('git')
})

it('keeps both sides of small objects, and nothing of large ones and of Secrets', () => {
  expect(recordDetails(compared(10)).sides).not.toBeNull()
  expect(recordDetails(compared(100_000)).sides).toBeNull()
  expect(recordDetails(compared(10, 'Secret')).sides).toBeNull()
})

it('measures no further than it must', () => {
  const value = { a: 'xxxx', b: ['yy', 1, null] }
  expect([isLargerThan(value, 10), isLargerThan(value, 9)]).toEqual([false, true])
  const endless: Record<string, unknown> = { key: 'x' }
  endless['again'] = endless
  expect(isLargerThan(endless, 1000)).toBe(true)
})
