import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { viewRoute } from '../../../../renderer/app/routes.ts'
import { HistoryView } from '../../../../renderer/features/history/history-view.tsx'
import { HistoryTab } from '../../../../renderer/features/object/history-tab.tsx'
import { parseComparePlace } from '../../../../renderer/stores/history-places.ts'
import type { ComparePlace } from '../../../../renderer/stores/history-places.ts'
import { navigate, navigationStore } from '../../../../renderer/stores/navigation.ts'
import { uiStore } from '../../../../renderer/stores/ui-state.ts'
import type { HistoryEntry, HistoryQuery } from '../../../../shared/model/history.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { mount } from '../../support/app.tsx'
import type { Mounted } from '../../support/app.tsx'
import { answerHistory, historyEntry } from '../../support/history.ts'
import { detailOf, fluxRow, ref } from '../../support/sample-fleet.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const apps = ref('Kustomization', 'apps', 'flux-system', 'kustomize.toolkit.fluxcd.io')
const source = ref('GitRepository', 'flux-system', 'flux-system', 'source.toolkit.fluxcd.io')
const revisionOf = (letter: string): string => `main@sha1:${letter.repeat(40)}`

function commit(letter: string, at: number, subject: string, more: Partial<HistoryEntry> = {}): HistoryEntry {
  return historyEntry(source, 'commit', at, {
    reason: 'Commit',
    message: subject,
    by: 'Ann Lee',
    revision: revisionOf(letter),
    ...more,
  })
}

const run = (letter: string, at: number, of: ObjectRef = apps): HistoryEntry =>
  historyEntry(of, 'run', at, {
    reason: 'Applied',
    tone: 'good',
    revision: revisionOf(letter),
    message: revisionOf(letter),
  })
const gate = (tone: 'open' | 'closed', at: number): HistoryEntry =>
  historyEntry(apps, 'gate', at, { reason: tone === 'closed' ? 'Suspended' : 'Resumed', tone })

/** Rows as they are read out. */
const rows = (): readonly string[] => screen.getAllByRole('option').map((each) => each.getAttribute('aria-label') ?? '')

function openTab(word: 'Ready' | 'Suspended', entries: (now: number) => readonly HistoryEntry[]): Mounted {
  return mount(<HistoryTab detail={detailOf(fluxRow(apps, word))} />, ({ bridge, now }) =>
    answerHistory(bridge, entries(now)),
  )
}

function openView(filter: string, entries: (now: number) => readonly HistoryEntry[]): Mounted {
  const mounted = mount(<HistoryView />, ({ bridge, now }) => answerHistory(bridge, entries(now)))
  act(() => navigate(viewRoute('history', filter)))
  return mounted
}

describe('commits that nothing ran', () => {
  it('stand together behind the closed gate of their Kustomization, also one that was written before it closed', async () => {
    openTab('Suspended', (now) => [
      commit('a', now - 5 * hour, 'Applied one'),
      run('a', now - 4 * hour),
      commit('b', now - 3 * hour, 'Written before, pushed after'),
      gate('closed', now - 2 * hour),
      commit('c', now - hour, 'More memory'),
      historyEntry(apps, 'drift', now - 40 * minute, { reason: 'DriftFound', message: 'spec.replicas' }),
      commit('d', now - 20 * minute, 'Ledger account', { by: 'Bo Ray' }),
    ])
    const title = await screen.findByText('3 commits wait behind the gate')
    const list = title.closest('div')?.parentElement?.querySelector('ul')
    expect([...(list?.children ?? [])].map((each) => each.textContent)).toEqual([
      expect.stringMatching(/^BRLedger accountddddddd.*Bo Ray, /),
      expect.stringMatching(/More memoryccccccc/),
      expect.stringMatching(/Written before, pushed afterbbbbbbb/),
    ])
    expect(rows()).toEqual([
      expect.stringContaining('Changed in the cluster'),
      expect.stringContaining('Suspended'),
      expect.stringContaining('Applied one'),
    ])
  })

  it('waited behind a gate that is open again, and are still to come where the last run is older', async () => {
    openTab('Ready', (now) => [
      run('a', now - 9 * hour),
      gate('closed', now - 8 * hour),
      commit('b', now - 7 * hour, 'Left out by the next'),
      commit('c', now - 6 * hour, 'Ran at last'),
      gate('open', now - 5 * hour),
      run('c', now - 4 * hour),
      commit('d', now - hour, 'Still to come'),
    ])
    await screen.findByText('One commit is not applied yet')
    expect(screen.getByText('One commit waited behind the gate')).toBeTruthy()
    expect(screen.getByText('Still to come')).toBeTruthy()
    expect(screen.getByText('Left out by the next')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Gate' }))
    // What is not shown cannot be told to wait for.
    await waitFor(() => expect(screen.queryByText(/gate$|not applied yet/)).toBeNull())
  })

  it('are rows in the history of all, where they are what is looked for', async () => {
    openView('by:ann', (now) => [
      commit('a', now - 5 * hour, 'Two replicas', { facts: { changedPaths: ['apps/web.yaml', 'apps/db.yaml'] } }),
      commit('b', now - 4 * hour, 'Never ran'),
      commit('b', now - 4 * hour, 'Never ran', { cluster: 'c-prod', ref: { ...source, cluster: 'c-prod' } }),
      run('a', now - 3 * hour),
    ])
    await screen.findByText('Never ran')
    expect(rows()).toEqual([
      expect.stringContaining('Never ran, GitRepository flux-system/flux-system'),
      expect.stringContaining(
        'Two replicas, GitRepository flux-system/flux-system, 2 files: apps/web.yaml, apps/db.yaml',
      ),
    ])
    act(() => navigate(viewRoute('history', 'replicas')))
    await waitFor(() => expect(rows()).toEqual([expect.stringContaining('Two replicas')]))
    act(() => navigate(viewRoute('history', '')))
    // Not asked for, each stands with its run alone.
    await waitFor(() =>
      expect(rows()).toEqual([expect.stringMatching(/Two replicas, Kustomization.*Applied main@sha1/)]),
    )
    act(() => navigate(viewRoute('history', 'commit:aaaa')))
    await waitFor(() => expect(rows()).toEqual([expect.stringMatching(/Two replicas, Kustomization/)]))
  })

  it('are rows in the history of their own source', async () => {
    mount(<HistoryTab detail={detailOf(fluxRow(source, 'Ready'))} />, ({ bridge, now }) =>
      answerHistory(bridge, [commit('a', now - hour, 'Two replicas')]),
    )
    await screen.findByText('Two replicas')
    expect(rows()).toHaveLength(1)
  })
})

describe('days before the last seven', () => {
  it('are gone to and come back from, with a report of them and the gate as it stood then', async () => {
    const { bridge, now } = openView('', (at) => [
      run('a', at - 20 * day),
      run('b', at - 10 * day),
      run('c', at - hour),
      historyEntry(apps, 'session', at - 9 * day, { ref: null, owner: null, reason: 'WatchEnded' }),
      historyEntry(apps, 'session', at - 2 * day, { ref: null, owner: null, reason: 'WatchBegan' }),
    ])
    await waitFor(() => expect(rows()).toHaveLength(3))
    const later = screen.getByRole('button', { name: 'Seven days later' })
    expect(later.getAttribute('aria-disabled')).toBe('true')
    fireEvent.click(screen.getByRole('button', { name: 'Seven days earlier' }))
    await waitFor(() => expect(rows()).toHaveLength(2))
    const lastQuery = (): HistoryQuery =>
      (
        bridge.calls.findLast(({ name, input }) => name === 'history.query' && !isSessions(input))?.input as {
          query: HistoryQuery
        }
      ).query
    expect(lastQuery().until).toBeLessThanOrEqual(now - 7 * day + minute)
    // Nobody knew then when Sluice would be back: up to the end nothing was seen.
    expect(screen.getByText(/Sluice did not watch for 2d/)).toBeTruthy()
    const slider = screen.getByRole('slider', { name: 'Shown range' })
    expect(screen.getByRole('button', { name: /Report…/ }).getAttribute('aria-disabled')).toBe('true')
    fireEvent.keyDown(slider, { key: 'ArrowLeft' })
    expect(screen.getByRole('button', { name: /Report…/ }).getAttribute('aria-disabled')).toBeNull()
    await waitFor(() => expect(lastQuery().from).toBeLessThan(now - 7 * day))
    fireEvent.keyDown(slider, { key: 'PageUp' })
    await waitFor(() => expect(rows()).toEqual([expect.stringContaining('aaaaaaa')]))
    const earlier = screen.getByRole('button', { name: 'Seven days earlier' })
    expect(earlier.getAttribute('aria-disabled')).toBe('true')
    fireEvent.click(earlier)
    fireEvent.keyDown(slider, { key: 'PageDown' })
    await waitFor(() => expect(rows()).toHaveLength(2))
    fireEvent.click(later)
    await waitFor(() => expect(rows()).toHaveLength(3))
    expect(lastQuery().until).toBeUndefined()
  })

  it('draw the channel as the gate stood then', async () => {
    openTab('Ready', (now) => [
      gate('closed', now - 12 * day),
      historyEntry(apps, 'drift', now - 10 * day, { reason: 'DriftFound', message: 'spec.replicas' }),
      gate('open', now - 3 * day),
    ])
    const drift = async (): Promise<string> => (await screen.findByRole('option', { name: /Changed in/ })).className
    const open = await drift()
    fireEvent.click(screen.getByRole('button', { name: 'Seven days earlier' }))
    await waitFor(() => expect(rows()).toHaveLength(2))
    await waitFor(async () => expect(await drift()).toBe(open))
    expect(open).toMatch(/closed/)
  })
})

describe('the history of a Kustomization', () => {
  const elsewhere = (cluster: string): ObjectRef => ({ ...apps, cluster })

  it('says at a run when other contexts got it, and what became of it there', async () => {
    const at = new Date().setHours(12, 0, 0, 0) - day
    const failed = (of: ObjectRef, time: number): HistoryEntry =>
      historyEntry(of, 'status', time, { reason: 'Failed', tone: 'bad', revision: revisionOf('a') })
    openTab('Ready', () => [
      run('a', at),
      run('a', at + hour, elsewhere('c-prod')),
      { ...run('a', at + 2 * hour, elsewhere('c-us')), revision: revisionOf('a').replace('main', 'us') },
      failed(elsewhere('c-us'), at + 3 * hour),
      // Of another name, and another revision.
      run('a', at + minute, { ...elsewhere('c-prod'), name: 'infra' }),
      run('b', at + 4 * hour, elsewhere('c-prod')),
    ])
    const row = await screen.findByRole('option', { name: /prod-eu-1 13:00, prod-us-1 failed 14:00$/ })
    const shown = [...row.querySelectorAll('span')].map((each) => each.textContent)
    expect(shown).toContain('prod-eu-1 13:00')
    expect(shown).toContain('prod-us-1 14:00')
  })

  it('says how long it is kept, and how much of what is hidden there is in the days that are shown', async () => {
    openTab('Ready', (now) => [
      run('a', now - hour),
      ...[1, 2, 3].map((each) => historyEntry(apps, 'event', now - each * hour, { reason: 'Progressing' })),
      historyEntry(apps, 'event', now - 10 * day, { reason: 'Progressing' }),
    ])
    expect(await screen.findByText('kept 90 d')).toBeTruthy()
    const events = await screen.findByRole('button', { name: /^Events ?3$/ })
    fireEvent.click(events)
    await waitFor(() => expect(rows()).toHaveLength(5))
    expect(screen.getByRole('button', { name: 'Events' }).getAttribute('aria-pressed')).toBe('true')
    fireEvent.click(screen.getByRole('button', { name: 'Runs' }))
    expect(await screen.findByRole('button', { name: /^Runs ?1$/ })).toBeTruthy()
  })
})

it('tells how long a run took as its row does, and what was found later to who listens', async () => {
  const facts = { duration: '135.020181ms', outcome: 'Applied' }
  openTab('Ready', (now) => [{ ...run('a', now - hour), facts, isBackfilled: true }])
  const row = await screen.findByRole('option', { name: /, found later$/ })
  expect(row.textContent).toContain('Applied in 0.1 s')
  fireEvent.click(row)
  const details = await screen.findByRole('complementary', { name: /^Details of/ })
  expect(within(details).getByText('Duration').nextElementSibling?.textContent).toBe('0.1 s')
})

describe('what can be compared from an entry', () => {
  const place = (): ComparePlace | null => {
    const { route } = navigationStore.getState()
    return route.page === 'view' && route.view === 'compare' ? parseComparePlace(route.filter) : null
  }
  /** A menu that has just closed does not open for each press. */
  const choose = async (trigger: () => HTMLElement, name: RegExp): Promise<HTMLElement> => {
    const entry = await waitFor(() => {
      if (screen.queryByRole('menu') === null) {
        const button = trigger()
        fireEvent.pointerDown(button)
        fireEvent.mouseDown(button)
        fireEvent.click(button)
      }
      return screen.getByRole('menuitem', { name })
    })
    fireEvent.click(entry)
    return entry
  }
  const menuOf = (): HTMLElement =>
    within(screen.getByRole('complementary', { name: /^Details of/ })).getByRole('button', { name: 'Compare…' })
  const about = (of: ObjectRef, context: string): ComparePlace['about'] => {
    const { cluster: _cluster, ...rest } = of
    return { context, ref: rest }
  }

  const other = { ...apps, namespace: 'team-a' }
  const openThree = async (): Promise<number> => {
    const { now } = openView('', (at) => [
      run('a', at - 5 * hour),
      historyEntry(apps, 'status', at - 2 * hour, { reason: 'Failed', tone: 'bad', message: 'timeout' }),
      historyEntry(other, 'status', at - hour, { reason: 'Failed', tone: 'bad', message: 'no such file' }),
    ])
    await screen.findByText('timeout')
    return now
  }
  const select = (text: RegExp): boolean => fireEvent.click(screen.getByText(text, { selector: '[role=option] *' }))

  it('is the hour before a failure', async () => {
    const now = await openThree()
    select(/^timeout$/)
    fireEvent.click(screen.getByText('What changed in the hour before'))
    const found = place()
    expect(found?.about).toEqual(about(apps, 'staging'))
    expect(found?.from).toBe(now - 3 * hour)
    expect(Number(found?.until)).toBeGreaterThanOrEqual(now - 2 * hour)
    expect(Number(found?.until)).toBeLessThan(now - 2 * hour + minute)
  })

  it('is the time around it', async () => {
    const now = await openThree()
    select(/^timeout$/)
    await choose(menuOf, /^Before and after this$/)
    expect(Number(place()?.from)).toBeLessThan(now - 2 * hour)
    expect(Number(place()?.until)).toBeGreaterThan(now - 2 * hour)
  })

  it('is another entry of the same Kustomization that was remembered', async () => {
    const now = await openThree()
    select(/^timeout$/)
    await choose(menuOf, /^Remember this as the first point$/)
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
    select(/^Applied/)
    await choose(menuOf, /^With the remembered one, /)
    expect(place()).toMatchObject({ about: about(apps, 'staging'), from: now - 5 * hour })
    expect(Number(place()?.until)).toBeGreaterThanOrEqual(now - 2 * hour)
  })

  it('is none of one with the same name in another namespace', async () => {
    await openThree()
    select(/^timeout$/)
    await choose(menuOf, /^Remember this as the first point$/)
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
    select(/^no such file$/)
    const off = await choose(menuOf, /^With the remembered one/)
    expect(off.getAttribute('aria-disabled')).toBe('true')
    expect(place()).toBeNull()
  })

  it('is the time since the history was last looked at, and nothing while it never was', async () => {
    const before = uiStore.getState()
    uiStore.setState({ ...before, lookedAt: 0 })
    openView('', (now) => [run('a', now - hour)])
    await waitFor(() => expect(rows()).toHaveLength(1))
    const compare = (): HTMLElement =>
      within(screen.getByRole('group', { name: 'Shown' })).getByRole('button', { name: 'Compare…' })
    const off = await choose(compare, /^Since I last looked/)
    expect(off.getAttribute('aria-disabled')).toBe('true')
    expect(place()).toBeNull()
    fireEvent.keyDown(off, { key: 'Escape' })
    await waitFor(() => expect(screen.queryByRole('menuitem')).toBeNull())
    const leftAt = Date.now()
    fireEvent.blur(window)
    fireEvent.focus(window)
    await choose(compare, /^Since I last looked, /)
    expect(Number(place()?.from)).toBeGreaterThanOrEqual(leftAt)
    expect(Number(place()?.until)).toBeGreaterThanOrEqual(Number(place()?.from))
    expect(place()?.about).toBeNull()
  })
})

function isSessions(input: unknown): boolean {
  const { types } = (input as { query: HistoryQuery }).query
  return types?.length === 1
}
