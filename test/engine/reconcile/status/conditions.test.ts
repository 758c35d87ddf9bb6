import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import {
  conditionsOf,
  deleteCondition,
  isReady,
  markFalse,
  markReconciling,
  markStalled,
  markTrue,
} from '../../../../electron/engine/reconcile/status/conditions.ts'
import { acknowledgeRequest, addFinalizer, openDraft } from '../../../../electron/engine/reconcile/status/draft.ts'
import { upsertHistory } from '../../../../electron/engine/reconcile/status/history.ts'
import { setSummary, summarise } from '../../../../electron/engine/reconcile/status/summarise.ts'
import { mergePatchOf } from '../../../../electron/engine/reconcile/status/merge-patch.ts'
import { goDuration, goTime, jitter } from '../../../../electron/engine/reconcile/status/texts.ts'
import { ManualClock } from '../../memory-cluster.ts'

const object = (more: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'apps', namespace: 'flux', generation: 3, ...more },
})

describe('conditions', () => {
  it('move their time with status, reason or message, and their generation always', async () => {
    const clock = new ManualClock(Date.parse('2026-01-01T00:00:00.900Z'))
    const draft = openDraft(object(), clock)
    markTrue(draft, 'Ready', 'Succeeded', 'a')
    expect(conditionsOf(draft)).toEqual([
      {
        type: 'Ready',
        status: 'True',
        reason: 'Succeeded',
        message: 'a',
        observedGeneration: 3,
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ])
    const next = openDraft({ ...object({ generation: 4 }), status: draft.status }, clock)
    await clock.advance(10_000)
    markTrue(next, 'Ready', 'Succeeded', 'a')
    expect(conditionsOf(next)[0]).toMatchObject({
      observedGeneration: 4,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })
    markTrue(next, 'Ready', 'Succeeded', 'b')
    expect(conditionsOf(next)[0]?.lastTransitionTime).toBe('2026-01-01T00:00:10Z')
    // What was read is never changed.
    expect(conditionsOf(draft)[0]?.message).toBe('a')
  })

  it('stand in the order of the controllers: Stalled, Reconciling, Ready, the rest by name', () => {
    const draft = openDraft(object(), new ManualClock())
    markTrue(draft, 'Healthy', 'x', '')
    markTrue(draft, 'ArtifactInStorage', 'x', '')
    markFalse(draft, 'Ready', 'x', '')
    markReconciling(draft, 'Progressing', '')
    expect(conditionsOf(draft).map(({ type }) => type)).toEqual([
      'Reconciling',
      'Ready',
      'ArtifactInStorage',
      'Healthy',
    ])
    markStalled(draft, 'Broken', '')
    expect(conditionsOf(draft).map(({ type }) => type)).toEqual(['Stalled', 'Ready', 'ArtifactInStorage', 'Healthy'])
    expect(isReady(draft)).toBe(false)
    deleteCondition(draft, 'Stalled')
    markTrue(draft, 'Ready', 'x', '')
    expect(isReady(draft)).toBe(true)
  })

  it('cut what the API server would refuse', () => {
    const draft = openDraft(object(), new ManualClock())
    markFalse(draft, 'Ready', 'x', 'é'.repeat(40_000))
    const message = conditionsOf(draft)[0]?.message ?? ''
    expect(new TextEncoder().encode(message).length).toBeLessThanOrEqual(32_768 + 3)
    expect(message.endsWith('...')).toBe(true)
  })
})

describe('summary', () => {
  const summary = { types: ['FetchFailed', 'Outdated', 'Stored'], negative: new Set(['FetchFailed', 'Outdated']) }
  const of = (type: string, status: 'True' | 'False' | 'Unknown') => ({
    type,
    status,
    reason: `r${type}`,
    message: type,
  })

  it('tells what is wrong first, then what is missing, then what is there', () => {
    expect(summarise([], 'Ready', summary)).toBeNull()
    expect(summarise([of('Stored', 'True')], 'Ready', summary)).toMatchObject({ status: 'True', reason: 'rStored' })
    expect(summarise([of('Stored', 'False')], 'Ready', summary)).toMatchObject({ status: 'False', reason: 'rStored' })
    expect(
      summarise([of('Stored', 'True'), of('Outdated', 'True'), of('FetchFailed', 'True')], 'Ready', summary),
    ).toEqual({ type: 'Ready', status: 'False', reason: 'rFetchFailed', message: 'FetchFailed' })
    expect(summarise([of('Outdated', 'Unknown')], 'Ready', summary)).toMatchObject({ status: 'Unknown' })
  })

  it('leaves the target alone where nothing counts', () => {
    const draft = openDraft(object(), new ManualClock())
    markTrue(draft, 'Ready', 'kept', '')
    setSummary(draft, 'Ready', summary)
    expect(conditionsOf(draft)[0]?.reason).toBe('kept')
  })
})

describe('history and tokens', () => {
  it('keeps five, newest first, one per digest and outcome', async () => {
    const clock = new ManualClock(0)
    const draft = openDraft(object(), clock)
    const put = async (digest: string, status = 'ok'): Promise<void> => {
      await clock.advance(1000)
      upsertHistory(draft, { digest, status, durationMs: 1500, metadata: { revision: digest } })
    }
    for (const digest of ['a', 'b', 'c', 'd', 'e', 'a', 'f']) await put(digest)
    const history = draft.status.history as { digest: string; totalReconciliations: number }[]
    expect(history.map(({ digest }) => digest)).toEqual(['f', 'a', 'e', 'd', 'c'])
    expect(history[1]).toEqual({
      digest: 'a',
      firstReconciled: '1970-01-01T00:00:01Z',
      lastReconciled: '1970-01-01T00:00:06Z',
      lastReconciledDuration: '1.5s',
      lastReconciledStatus: 'ok',
      metadata: { revision: 'a' },
      totalReconciliations: 2,
    })
    await put('a', 'failed')
    expect((draft.status.history as { digest: string }[]).map(({ digest }) => digest)).toEqual([
      'a',
      'f',
      'a',
      'e',
      'd',
    ])
  })

  it('acknowledges a request, and adds a finalizer once', () => {
    const draft = openDraft(object({ annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } }), new ManualClock())
    acknowledgeRequest(draft)
    expect(draft.status.lastHandledReconcileAt).toBe('now')
    expect([addFinalizer(draft, 'f'), addFinalizer(draft, 'f')]).toEqual([true, false])
  })

  it('writes times, durations and jitter as Go does', () => {
    expect(goTime(1_700_000_000_999)).toBe('2023-11-14T22:13:20Z')
    expect([goDuration(12.3456), goDuration(61_500), goDuration(-5)]).toEqual(['12.346ms', '1m1.5s', '0s'])
    const random = (unit: number) => ({ unit: () => unit, uuid: () => '' })
    expect([jitter(1000, 5, random(0)), jitter(1000, 5, random(1)), jitter(1000, 0, random(1))]).toEqual([
      950, 1050, 1000,
    ])
  })
})

describe('merge patches', () => {
  it('hold what differs and nothing else', () => {
    expect(mergePatchOf({ a: 1, b: { c: [1], d: 2 } }, { a: 1, b: { c: [1], d: 2 } })).toBeNull()
    expect(mergePatchOf({ a: 1, b: { c: [1], d: 2 }, e: 1 }, { a: 2, b: { c: [1, 2] } })).toEqual({
      a: 2,
      b: { c: [1, 2], d: null },
      e: null,
    })
  })
})
