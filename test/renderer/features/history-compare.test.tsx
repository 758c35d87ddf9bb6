import { act, fireEvent, screen, within } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { viewRoute } from '../../../renderer/app/routes.ts'
import { AsItWasView } from '../../../renderer/features/history/as-it-was-view.tsx'
import { CompareView } from '../../../renderer/features/history/compare-view.tsx'
import {
  formatComparePlace,
  formatThenPlace,
  parseComparePlace,
  parseThenPlace,
} from '../../../renderer/stores/history-places.ts'
import { navigate, navigationStore } from '../../../renderer/stores/navigation.ts'
import type {
  ChangedField,
  ChangedObject,
  HistoryComparison,
  ObjectAsItWas,
} from '../../../shared/model/history-compare.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { mount } from '../support/app.tsx'
import { failure } from '../support/fake-bridge.ts'
import type { Mounted } from '../support/app.tsx'

// The editor has tests of its own.
vi.mock('../../../renderer/editor/diff-view.tsx', () => ({
  DiffView: ({ git, live }: { readonly git: string; readonly live: string }) => (
    <pre>{`before ${git.trim()}, after ${live.trim()}`}</pre>
  ),
}))

const at = Date.parse('2026-09-16T07:41:00Z')
const hour = 3_600_000

function field(origin: ChangedField['origin'], path: string, more: Partial<ChangedField> = {}): ChangedField {
  return { key: `${origin}|${path}`, origin, path, before: '2', after: '5', isSecret: false, at, by: 'ann', ...more }
}

function changed(ref: ObjectRef, owner: ObjectRef, more: Partial<ChangedObject> = {}): ChangedObject {
  return { key: refKey(ref), ref, owner, git: null, fields: [], lastAt: at, ...more }
}

function placeOf({ cluster: _cluster, ...ref }: ObjectRef): {
  readonly context: string
  readonly ref: Omit<ObjectRef, 'cluster'>
} {
  return { context: 'staging', ref }
}

function open(answer: (of: Mounted) => Partial<HistoryComparison>): Mounted {
  const mounted = mount(<CompareView />, (each) => {
    each.bridge.answer('history.compare', () => ({
      ok: true,
      value: {
        from: at - hour,
        until: at,
        objects: [],
        counts: { git: 0, cluster: 0, hand: 0 },
        total: 0,
        gaps: [],
        notes: [],
        ...answer(each),
      },
    }))
    each.bridge.answer('history.compareTexts', () => ({
      ok: true,
      value: {
        before: 'a: 1\n',
        after: 'a: 2\n',
        marks: [],
        revisionBefore: 'main@sha1:aaaaaaa',
        revisionAfter: 'main@sha1:bbbbbbb',
      },
    }))
  })
  act(() =>
    navigate(
      viewRoute('compare', formatComparePlace({ about: placeOf(mounted.fleet.apps.ref), from: at - hour, until: at })),
    ),
  )
  return mounted
}

describe('two points compared', () => {
  it('shows objects by what changed them, and the fields of the chosen one by origin', async () => {
    const { bridge, fleet } = open(({ fleet: { apps } }) => {
      const podinfo = { ...apps.ref, group: 'apps', kind: 'Deployment', name: 'podinfo' }
      return {
        objects: [
          changed(podinfo, apps.ref, {
            git: 'changed',
            fields: [
              field('git', 'spec.image', { before: 'a\u202e', after: 'b', by: 'Ann Lee' }),
              field('hand', 'spec.replicas', { by: 'kubectl-scale' }),
            ],
          }),
          changed(apps.ref, apps.ref, {
            fields: [field('cluster', 'Status', { before: 'Ready', after: 'Failed', by: '' })],
          }),
        ],
        counts: { git: 1, cluster: 1, hand: 1 },
        total: 2,
        gaps: [{ kind: 'off', cluster: apps.ref.cluster, from: at - hour / 2, until: at - hour / 4 }],
        notes: ['No manifest of that time is kept.'],
      }
    })
    const list = await screen.findByRole('listbox', { name: 'Changed objects' })
    expect(
      within(list)
        .getAllByRole('option')
        .map((each) => each.getAttribute('aria-selected')),
    ).toEqual(['true', 'false'])
    expect(screen.getByText(/Sluice did not watch from/)).toBeTruthy()
    expect(screen.getByText('No manifest of that time is kept.')).toBeTruthy()
    const git = screen.getByRole('region', { name: 'Git' })
    expect(within(git).getByRole('listitem').textContent).toMatch(/spec\.image.*a.*→.*b.*Ann Lee/)
    expect(git.textContent).not.toContain('\u202e')
    expect(within(screen.getByRole('region', { name: 'By hand' })).getByRole('listitem').textContent).toMatch(
      /spec\.replicas2→5kubectl-scale/,
    )
    expect(bridge.calls.findLast(({ name }) => name === 'history.compare')?.input).toMatchObject({
      scope: { owner: fleet.apps.ref, ref: null },
      from: at - hour,
      until: at,
    })
    await screen.findByText('before a: 1, after a: 2')
    fireEvent.keyDown(list, { key: 'ArrowDown' })
    expect(screen.queryByRole('region', { name: 'Git' })).toBeNull()
    expect(screen.getByRole('region', { name: 'Cluster' })).toBeTruthy()
    // Hidden origins take what only they changed along.
    fireEvent.click(screen.getByRole('button', { name: /^Cluster 1/ }))
    expect(within(list).getAllByRole('option')).toHaveLength(1)
    fireEvent.click(within(screen.getByRole('region', { name: 'Git' })).getByRole('button'))
    expect(navigationStore.getState().route).toMatchObject({ view: 'moment' })
  })

  it('never calls a time calm in which nobody looked', async () => {
    open(({ fleet: { apps } }) => ({
      gaps: [{ kind: 'unreachable', cluster: apps.ref.cluster, from: at - hour, until: at - 1 }],
    }))
    await screen.findByText('Nothing changed')
    expect(screen.getByText('Of the time in which Sluice watched, that is.')).toBeTruthy()
    expect(screen.getByText(/The cluster could not be reached from/)).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Git 0' })).toBeTruthy()
  })

  it('says of a time in which nobody looked at all that nothing is known of it', async () => {
    open(({ fleet: { apps } }) => ({
      gaps: [{ kind: 'off', cluster: apps.ref.cluster, from: at - hour, until: at }],
    }))
    await screen.findByText('Nothing is known of this time')
    expect(screen.queryByText('Nothing changed')).toBeNull()
    expect(screen.getByRole('button', { name: 'Git ?' })).toBeTruthy()
  })

  it('counts nothing before there is an answer, nor without one', async () => {
    const { bridge } = open(() => ({}))
    expect(screen.getByRole('button', { name: 'Git …' })).toBeTruthy()
    await screen.findByRole('button', { name: 'Git 0' })
    bridge.answer('history.compare', () => failure('StorageFailed', 'The disk is full'))
    const from = screen.getByRole('textbox', { name: 'From' })
    fireEvent.change(from, { target: { value: '2020-01-01 00:00' } })
    fireEvent.keyDown(from, { key: 'Enter' })
    await screen.findByText(/The disk is full/)
    expect(screen.getByRole('button', { name: 'By hand ?' })).toBeTruthy()
  })

  it('moves a point in place, and says what was wrong with a comparison', async () => {
    const { bridge } = open(() => ({}))
    await screen.findByText('Nothing changed')
    bridge.answer('history.compare', () => failure('InvalidInput', 'The second point is not after the first.'))
    const from = screen.getByRole('textbox', { name: 'From' })
    const type = (value: string): void => {
      fireEvent.change(from, { target: { value } })
      fireEvent.keyDown(from, { key: 'Enter' })
    }
    type('yesterday')
    expect(screen.getByRole('alert').textContent).toMatch(/^No time: write it like 2026-09-16 07:41/)
    expect(from.getAttribute('aria-invalid')).toBe('true')
    type('2999-01-01 00:00')
    expect(screen.getByRole('alert').textContent).toBe('This is still to come.')
    expect(bridge.calls.filter(({ name }) => name === 'history.compare')).toHaveLength(1)
    type('2020-01-01 00:00')
    await screen.findByText('The second point is not after the first.')
    expect(screen.queryByText('This is still to come.')).toBeNull()
    expect(bridge.calls.findLast(({ name }) => name === 'history.compare')?.input).toMatchObject({
      from: new Date(2020, 0, 1).getTime(),
    })
    expect(navigationStore.getState().back).toHaveLength(1)
  })

  it('has links that survive every name, and takes no other text for one', () => {
    const about = {
      context: 'a/b c',
      ref: { group: '', kind: 'ConfigMap', namespace: '', name: 'x..y%2f' },
    }
    for (const place of [
      { about, from: 1, until: 'main/x@sha1:abc..d' },
      { about: null, from: at, until: at + 1 },
    ])
      expect(parseComparePlace(formatComparePlace(place))).toEqual(place)
    expect(parseThenPlace(formatThenPlace({ about, at }))).toEqual({ about, at })
    for (const text of ['', '1..2/x', '1', '1..', '1..2..3', 'x..y', '1..2/%/a/b/c/d', '-1..2'])
      expect(parseComparePlace(text), text).toBeNull()
    for (const text of ['', 'x/a/b/c/d/e', '1', '1/a/b/c/d']) expect(parseThenPlace(text), text).toBeNull()
  })
})

describe('an object as it was', () => {
  const openAt = (then: (of: Mounted) => Partial<ObjectAsItWas>): Mounted => {
    const mounted = mount(<AsItWasView />, (each) =>
      each.bridge.answer('history.asItWas', () => ({
        ok: true,
        value: {
          ref: each.fleet.apps.ref,
          at,
          owner: each.fleet.apps.ref,
          isKnown: true,
          isDeleted: false,
          status: null,
          gate: null,
          revision: '',
          appliedAt: null,
          commit: null,
          manifest: '',
          manifestNote: '',
          objects: [],
          drift: [],
          events: [],
          gap: null,
          ...then(each),
        },
      })),
    )
    act(() => navigate(viewRoute('moment', formatThenPlace({ about: placeOf(mounted.fleet.apps.ref), at }))))
    return mounted
  }

  it('is marked as past, with what is known of then, and offers nothing that would change it', async () => {
    openAt(({ fleet: { apps } }) => ({
      status: { word: 'Failed', reason: 'HealthCheckFailed', message: 'timeout', since: at - hour },
      gate: { isSuspended: true, by: 'ann', reason: 'INC-1', until: null, since: at - hour },
      revision: 'main@sha1:aaaaaaa',
      drift: [
        {
          ref: { ...apps.ref, kind: 'ConfigMap', name: 'settings' },
          summary: 'data.color',
          by: 'kubectl-edit',
          since: at,
        },
      ],
      objects: [{ ...apps.ref, kind: 'ConfigMap', name: 'settings' }],
      gap: { kind: 'off', cluster: apps.ref.cluster, from: 0, until: at + 1 },
      manifestNote: 'No manifest of that time is kept.',
    }))
    await screen.findByText(/^As it was at /)
    expect(screen.getByText(/Sluice did not watch from the beginning/)).toBeTruthy()
    expect(screen.getByText('HealthCheckFailed')).toBeTruthy()
    expect(screen.getByText('INC-1')).toBeTruthy()
    expect(screen.getByRole('region', { name: 'Drift then' }).textContent).toContain('data.color')
    expect(screen.getByText('No manifest of that time')).toBeTruthy()
    expect(screen.queryByRole('button', { name: /Suspend|Resume|Reconcile/ })).toBeNull()
    const objects = screen.getByRole('region', { name: 'Objects then' })
    fireEvent.click(within(objects).getByRole('button'))
    expect(navigationStore.getState().route).toMatchObject({
      view: 'moment',
      filter: expect.stringContaining('ConfigMap') as string,
    })
  })

  it('says that nothing is known rather than showing nothing', async () => {
    openAt(() => ({ isKnown: false }))
    await screen.findByText('Nothing is known of it at that time')
    fireEvent.click(screen.getByRole('button', { name: 'Compare with now' }))
    expect(navigationStore.getState().route).toMatchObject({ view: 'compare' })
  })
})
