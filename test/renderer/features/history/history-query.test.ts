import { describe, expect, it } from 'vitest'
import { toHistoryQuery } from '../../../../renderer/features/history/history-query.ts'
import { parseFilter } from '../../../../shared/lib/filter/parse.ts'
import type { HistoryQuery } from '../../../../shared/model/history.ts'

const read = (text: string): ReturnType<typeof toHistoryQuery> => toHistoryQuery(parseFilter(text))

describe('the filter of the history as a question', () => {
  it.each<[string, HistoryQuery]>([
    ['', {}],
    ['commit:e07d913', { commits: ['e07d913'] }],
    ['commit:main@sha1:e07d913', { commits: ['main@sha1:e07d913'] }],
    ['by:kubectl by:Ann,"Bo Lee"', { by: ['kubectl', 'Ann', 'Bo Lee'] }],
    ['manager:helm', { by: ['helm'] }],
    ['kind:ks kind:HELMRELEASE', { kinds: ['Kustomization', 'HelmRelease'] }],
    ['kind:deploy,Po,certificate', { kinds: ['Deployment', 'Pod', 'certificate'] }],
    ['ns:apps namespace:flux-system', { namespaces: ['apps', 'flux-system'] }],
    ['reason:BuildFailed,HealthCheckFailed', { reasons: ['BuildFailed', 'HealthCheckFailed'] }],
    ['is:failed is:Stalled', { tones: ['bad'] }],
    ['is:ready is:suspended', { tones: ['good', 'closed'] }],
    ['health name:podinfo "two words"', { words: ['health', 'podinfo', 'two', 'words'] }],
    [
      'commit:e07d913 by:kubectl kind:Deployment reason:BuildFailed is:failed words',
      {
        commits: ['e07d913'],
        by: ['kubectl'],
        kinds: ['Deployment'],
        reasons: ['BuildFailed'],
        tones: ['bad'],
        words: ['words'],
      },
    ],
  ])('%s', (text, query) => {
    expect(read(text)).toEqual({ query, unused: [] })
  })

  it('names each part that means nothing here, and leaves the others as they are', () => {
    expect(read('commit:abc status:ready -is:failed is:overdue ctx:prod by:ann nokey:x')).toEqual({
      query: { by: ['ann'] },
      unused: ['commit:abc', 'status:ready', '-is:failed', 'is:overdue', 'ctx:prod', 'nokey:x'],
    })
  })
})
