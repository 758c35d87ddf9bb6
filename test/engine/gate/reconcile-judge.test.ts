import { describe, expect, it } from 'vitest'
import { judgeRun } from '../../../electron/engine/gate/reconcile-judge.ts'
import { createToken, isTokenHandled } from '../../../electron/engine/gate/reconcile-token.ts'
import { firstStages, stagesAfter } from '../../../electron/engine/gate/run-stages.ts'
import { fluxKinds } from '../../../shared/flux/kinds.ts'
import type { FluxKind } from '../../../shared/flux/kind-types.ts'
import { fluxObject, ManualClock } from './memory-cluster.ts'

const token = '2026-09-16T07:00:00.000500000Z'
const before = '2026-09-15T00:00:00Z'

function kindNamed(name: string): FluxKind {
  const kind = fluxKinds.find((entry) => entry.kind === name)
  if (kind === undefined) throw new Error(name)
  return kind
}

interface Text {
  readonly [type: string]: readonly [status: string, reason: string, message?: string]
}

function judge(handled: string, conditions: Text, kind = 'Kustomization', more: Record<string, unknown> = {}) {
  const object = fluxObject(kind, 'web', {
    status: {
      lastHandledReconcileAt: handled,
      observedGeneration: 3,
      conditions: Object.entries(conditions).map(([type, [status, reason, message = '']]) => ({
        type,
        status,
        reason,
        message,
      })),
      ...more,
    },
  })
  return judgeRun(object, kindNamed(kind), { token, handledBefore: before })
}

const healthy: Text = { Ready: ['True', 'ReconciliationSucceeded', 'Applied revision: main@sha1:1'] }

describe('judgeRun', () => {
  it('believes no outcome before the token was handled', () => {
    expect(judge(before, healthy).state).toBe('running')
    expect(judge(before, { Stalled: ['True', 'BuildFailed'], Ready: ['False', 'BuildFailed'] }).state).toBe('running')
  })

  it('is done when a run that saw the token, or a later one, ended well', () => {
    expect(judge(token, healthy)).toMatchObject({ state: 'done', stage: 'healthy' })
    expect(judge('2026-09-16T07:00:01Z', healthy).state).toBe('done')
    expect(judge('2026-09-16T09:00:01+02:00', healthy).state).toBe('done')
    expect(judge('2026-09-16T06:59:59Z', healthy).state).toBe('running')
    expect(judge(token, healthy, 'GitRepository')).toMatchObject({ state: 'done', stage: 'fetched' })
  })

  it('waits while the spec has moved on, or a run goes on', () => {
    expect(judge(token, healthy, 'Kustomization', { observedGeneration: 2 }).state).toBe('running')
    expect(judge(token, { ...healthy, Reconciling: ['True', 'Progressing', 'x'] }).state).toBe('running')
    expect(judge(token, { Ready: ['Unknown', 'Progressing'] }).state).toBe('running')
  })

  it('fails at once on ProgressingWithRetry and Stalled, at the stage that the reason names', () => {
    const retrying = ['True', 'ProgressingWithRetry', 'again'] as const
    expect(judge(token, { Ready: ['False', 'BuildFailed', 'no such file'], Reconciling: retrying })).toMatchObject({
      state: 'failed',
      stage: 'applied',
      message: 'no such file',
    })
    expect(judge(token, { Ready: ['False', 'ArtifactFailed'], Reconciling: retrying }).stage).toBe('fetched')
    expect(judge(token, { Ready: ['False', 'HealthCheckFailed'], Reconciling: retrying }).stage).toBe('healthy')
    expect(judge(token, { Ready: ['False', 'AccessDenied'], Stalled: ['True', 'AccessDenied', 'no'] })).toMatchObject({
      state: 'failed',
      stage: 'fetched',
      message: 'no',
    })
  })

  it('waits for dependencies, and for the run that supersedes', () => {
    const retrying = ['True', 'ProgressingWithRetry'] as const
    expect(judge(token, { Ready: ['False', 'DependencyNotReady', 'base'], Reconciling: retrying }).state).toBe(
      'waiting',
    )
    expect(judge(token, { Ready: ['False', 'HealthCheckCanceled', 'new'], Reconciling: retrying })).toMatchObject({
      state: 'running',
      message: 'Superseded by a newer revision: new',
    })
  })

  it('shows progress verbatim, and knows the stages of Kustomizations', () => {
    const at = (message: string) =>
      judge(before, { Ready: ['Unknown', 'Progressing'], Reconciling: ['True', 'Progressing', message] })
    expect(at('Fetching manifests for revision x').stage).toBe('fetched')
    expect(at('Building manifests for revision x').stage).toBe('applied')
    expect(at('Running health checks for revision x with a timeout of 1m0s').stage).toBe('healthy')
    expect(at('Quite new words')).toMatchObject({ stage: 'fetched', message: 'Quite new words' })
  })

  it('reads any object without a fault', () => {
    for (const status of [undefined, null, 3, [], { conditions: 'x' }, { conditions: [null, { type: 4 }] }])
      expect(
        judgeRun(fluxObject('Kustomization', 'x', { status }), kindNamed('Kustomization'), {
          token,
          handledBefore: '',
        }).state,
      ).toBe('running')
  })
})

describe('stages', () => {
  const clock = new ManualClock()
  const states = (stages: ReturnType<typeof firstStages>): string => stages.map(({ state }) => state).join(' ')

  it('advance and never go back', () => {
    let stages = firstStages(true)
    expect(states(stages)).toBe('waiting waiting waiting waiting')
    const step = (verdict: Parameters<typeof stagesAfter>[1]): string => {
      stages = stagesAfter(stages, verdict, clock.now())
      return states(stages)
    }
    expect(step({ state: 'running', stage: 'fetched', message: '', revision: '' })).toBe('done running waiting waiting')
    expect(step({ state: 'running', stage: 'applied', message: 'b', revision: '' })).toBe('done done running waiting')
    expect(step({ state: 'running', stage: 'fetched', message: '', revision: '' })).toBe('done done running waiting')
    expect(step({ state: 'done', stage: 'healthy', message: 'Applied', revision: 'main@sha1:0123456789' })).toBe(
      'done done done done',
    )
    expect(stages[1]?.message).toBe('main@sha1:0123456')
  })

  it('end with fetched for sources', () => {
    const done = { state: 'done', stage: 'fetched', message: '', revision: '' } as const
    expect(states(stagesAfter(firstStages(false), done, 1))).toBe('done done skipped skipped')
  })

  it('show where it stopped', () => {
    const failed = { state: 'failed', stage: 'applied', message: 'x', revision: '' } as const
    expect(states(stagesAfter(firstStages(true), failed, 1))).toBe('done done failed waiting')
  })
})

describe('tokens', () => {
  it('are RFC 3339 with nanoseconds and differ within a millisecond', () => {
    const clock = new ManualClock()
    const make = (unit: number): string => createToken(clock, { uuid: () => '', unit: () => unit })
    expect(make(0.123456)).toBe('2026-09-16T07:00:00.000123456Z')
    expect(make(0.2)).not.toBe(make(0.3))
  })

  it('of other tools may be any text', () => {
    expect(isTokenHandled('my-own-token', token, before)).toBe(true)
    expect(isTokenHandled('my-own-token', token, 'my-own-token')).toBe(false)
    // A clock that is ahead has asked before.
    expect(isTokenHandled('2030-01-01T00:00:00Z', token, '2030-01-01T00:00:00Z')).toBe(false)
    expect(isTokenHandled('', token, '')).toBe(false)
  })
})
