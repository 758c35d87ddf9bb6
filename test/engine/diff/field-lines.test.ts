import { expect, it } from 'vitest'
import { changeLine, differenceLine } from '../../../electron/engine/diff/field-lines.ts'
import { riskSentence } from '../../../electron/engine/diff/risk.ts'
import type { DriftField } from '../../../shared/model/drift.ts'

function field(more: Partial<DriftField>): DriftField {
  return {
    key: 'k',
    path: 'spec.replicas',
    pointer: '/spec/replicas',
    change: 'changed',
    gitValue: '2',
    liveValue: '5',
    isSecret: false,
    blame: null,
    verdict: 'drift',
    rule: '',
    ...more,
  }
}

it('tells drift from Git to live, and a change from live to Git', () => {
  const fields = [field({ verdict: 'ignored', path: 'spec.ignored' }), field({}), field({ verdict: 'reclaimed' })]
  expect(differenceLine(fields)).toBe('spec.replicas 2 → 5 and 1 more')
  expect(changeLine(fields)).toBe('spec.replicas 5 → 2 and 1 more')
  expect([differenceLine([]), changeLine([field({ verdict: 'record' })])]).toEqual(['', ''])
})

it('says added and removed in its direction, and nothing of a Secret', () => {
  const added = field({ change: 'added', gitValue: null })
  expect([differenceLine([added]), changeLine([added])]).toEqual([
    'spec.replicas absent → 5',
    'spec.replicas 5 → absent',
  ])
  const secret = (change: DriftField['change']): DriftField => field({ path: 'data.key', isSecret: true, change })
  expect((['changed', 'added', 'removed'] as const).map((change) => differenceLine([secret(change)]))).toEqual([
    'data.key value changed',
    'data.key added',
    'data.key removed',
  ])
  expect((['changed', 'added', 'removed'] as const).map((change) => changeLine([secret(change)]))).toEqual([
    'data.key value changed',
    'data.key removed',
    'data.key added',
  ])
})

it('is one line of at most 160 characters', () => {
  const line = changeLine([field({ gitValue: 'x\n'.repeat(200) })])
  expect(line).toHaveLength(160)
  expect(line).not.toContain('\n')
})

it.each([
  ['restarts 5 pods', 'It restarts 5 pods.'],
  ['read at start', 'It changes what pods read at start.'],
  ['changes permissions', 'It changes permissions.'],
  ['targetPort', 'It changes targetPort.'],
  ['', 'Its risk is medium.'],
])('says the risk %j as a sentence', (text, sentence) => {
  expect(riskSentence({ level: 'medium', text })).toBe(sentence)
})
