import { describe, expect, it } from 'vitest'
import { kindsOf, matchesEvent, sortEvents } from '../../../../renderer/features/events/event-filter.ts'
import { eventRow, ref } from '../../support/sample-fleet.ts'

const event = eventRow('1', ref('Pod', 'podinfo-1', 'apps'), {
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off pulling image',
  source: 'kubelet',
})
const matches = (text: string): boolean => matchesEvent(event, { text, type: 'all', kind: '' })

describe('the filter of events', () => {
  it('needs every word, anywhere, without case', () => {
    expect(matches('PULLING podinfo')).toBe(true)
    expect(matches('pulling checkout')).toBe(false)
  })

  it('knows keys and negation', () => {
    expect(matches('ns:app kind:pod reason:back from:kubelet type:warning')).toBe(true)
    expect(matches('kind:po')).toBe(false)
    expect(matches('-ns:apps')).toBe(false)
    expect(matches('-ns:infra -')).toBe(true)
    expect(matches('unknown:key')).toBe(false)
  })

  it('narrows by type and kind', () => {
    expect(matchesEvent(event, { text: '', type: 'Normal', kind: '' })).toBe(false)
    expect(matchesEvent(event, { text: '', type: 'Warning', kind: 'Pod' })).toBe(true)
    expect(matchesEvent(event, { text: '', type: 'all', kind: 'Deployment' })).toBe(false)
  })

  it('sorts newest first and lists kinds once', () => {
    const later = eventRow('2', ref('Deployment', 'x'), { lastAt: 5 })
    expect(sortEvents([event, later]).map((each) => each.key)).toEqual(['2', '1'])
    expect(kindsOf([event, later, event])).toEqual(['Deployment', 'Pod'])
  })
})
