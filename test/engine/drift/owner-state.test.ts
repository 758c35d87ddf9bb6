/** Who is due, in which order. */
import { expect, it } from 'vitest'
import type { OwnerComparison } from '../../../electron/engine/drift/compare-owner.ts'
import { newOwnerState, orderDue } from '../../../electron/engine/drift/owner-state.ts'
import type { OwnerState } from '../../../electron/engine/drift/owner-state.ts'

function owner(key: string, changes: Partial<OwnerState> = {}): OwnerState {
  const ref = {
    cluster: 'c',
    group: 'kustomize.toolkit.fluxcd.io',
    kind: 'Kustomization',
    namespace: 'apps',
    name: key,
  }
  return Object.assign(newOwnerState(key, ref), changes)
}

function comparedAt(checkedAt: number): OwnerComparison {
  return {
    records: [],
    isApproximate: false,
    fidelity: {
      word: 'none',
      digest: '',
      controllerDigest: '',
      revision: '',
      origin: 'git',
      reasons: [],
      assumptions: [],
    },
    inputsKey: '',
    setKey: '',
    checkedAt,
    isUnsettled: false,
    isElsewhere: false,
    dryRunCount: 0,
    reusedCount: 0,
  }
}

const ask = { done: () => undefined, failed: () => undefined }

it('puts who is asked for first, then what is looked at, what changed, whose inputs changed, who never was compared and what aged', () => {
  const owners = [
    owner('settled', { result: comparedAt(1) }),
    owner('aged', { result: comparedAt(5), isAgeing: true }),
    owner('never'),
    owner('inputs', { result: comparedAt(5), isInputsStale: true }),
    owner('live', { result: comparedAt(5), dirty: new Set(['one']) }),
    owner('running', { running: new AbortController() }),
    owner('watched', { watchers: 1 }),
    owner('asked', { result: comparedAt(5), asks: [ask] }),
  ]
  const due = orderDue(owners, 100)
  expect(due.states.map(({ key }, index) => `${key} ${due.reasonAt(index)}`)).toEqual([
    'asked asked',
    'watched watched',
    'live live',
    'inputs inputs',
    'never never',
    'aged ageing',
  ])
  expect(due.dueAt).toBeNull()
})

it('puts suspended owners first among their equals, then the oldest result, then whoever came first', () => {
  const owners = [
    owner('young', { result: comparedAt(9), isAgeing: true }),
    owner('first'),
    owner('old', { result: comparedAt(2), isAgeing: true }),
    owner('held young', { result: comparedAt(8), isAgeing: true, isSuspended: true }),
    owner('second'),
    owner('held', { isSuspended: true }),
    owner('held old', { result: comparedAt(3), isAgeing: true, isSuspended: true }),
  ]
  expect(orderDue(owners, 100).states.map(({ key }) => key)).toEqual([
    'held',
    'first',
    'second',
    'held old',
    'held young',
    'old',
    'young',
  ])
})

it('leaves out who pauses, unless asked for, and says when the first pause ends', () => {
  const owners = [
    owner('later', { notBefore: 300 }),
    owner('soon', { notBefore: 200 }),
    owner('over', { notBefore: 100 }),
    owner('asked', { notBefore: 150, asks: [ask] }),
  ]
  const due = orderDue(owners, 100)
  expect(due.states.map(({ key }) => key)).toEqual(['asked', 'over'])
  expect(due.dueAt).toBe(200)
})
