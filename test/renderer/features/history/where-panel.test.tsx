import { act, fireEvent, screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { viewRoute } from '../../../../renderer/app/routes.ts'
import { HistoryView } from '../../../../renderer/features/history/history-view.tsx'
import { navigate, navigationStore } from '../../../../renderer/stores/navigation.ts'
import type { Arrival, CommitArrivals } from '../../../../shared/model/trace.ts'
import { mount } from '../../support/app.tsx'
import type { Mounted } from '../../support/app.tsx'

const sha = 'abcdef1'.padEnd(40, '2')

function open(filter: string, answer: (of: Mounted) => CommitArrivals): Mounted {
  const mounted = mount(<HistoryView />, (each) => {
    each.bridge.answer('history.query', () => ({ ok: true, value: { entries: [], next: null } }))
    each.bridge.answer('history.buckets', () => ({ ok: true, value: { buckets: [] } }))
    each.bridge.answer('history.where', () => ({ ok: true, value: answer(each) }))
  })
  act(() => navigate(viewRoute('history', filter)))
  return mounted
}

function arrival({ fleet, now }: Mounted, name: string, more: Partial<Arrival>): Arrival {
  return {
    key: name,
    cluster: fleet.apps.ref.cluster,
    contexts: ['staging'],
    source: null,
    owner: { ...fleet.apps.ref, name },
    state: 'applied',
    fetchedAt: now - 120_000,
    appliedAt: now - 60_000,
    failedAt: null,
    revision: `main@sha1:${sha}`,
    isSuspended: false,
    message: '',
    isBackfilled: false,
    ...more,
  }
}

describe('where a change is', () => {
  it('is a table by contexts above the history of one commit: what failed or waits first', async () => {
    open('commit:abcdef1', (of) => ({
      sha,
      commit: { sha, author: 'Ann Lee', at: of.now - 3_600_000, subject: 'Two replicas' },
      arrivals: [
        arrival(of, 'infra', { state: 'failed', appliedAt: null, failedAt: of.now - 30_000, message: 'no such file' }),
        arrival(of, 'shop', { state: 'fetched', appliedAt: null, isSuspended: true }),
        arrival(of, 'apps', {}),
        arrival(of, 'far', { contexts: [] }),
      ],
      note: '',
    }))
    const panel = await screen.findByRole('region', { name: 'Where is commit abcdef1?' })
    const rows = (await within(panel).findAllByRole('row')).slice(1)
    expect(rows.map(({ textContent }) => textContent)).toEqual([
      expect.stringMatching(/staging.*infra.*no such file.*Failed/),
      expect.stringMatching(/staging.*shop.*Behind the gate2m/),
      expect.stringMatching(/staging.*apps.*Applied2m1m/),
      expect.stringMatching(/as recorded.*far/),
    ])
    expect(within(panel).getByText('Two replicas')).toBeTruthy()
    expect(within(panel).getByText('2 applied, 1 failed, 1 fetched')).toBeTruthy()
    expect(within(rows[0]!).queryByRole('button', { name: /What it changed/ })).toBeNull()
    fireEvent.click(within(rows[2]!).getByRole('button', { name: /^(?!What).*apps$/ }))
    expect(navigationStore.getState().route).toMatchObject({ page: 'object', name: 'apps' })
    act(() => navigate(viewRoute('history', 'commit:abcdef1')))
    fireEvent.click(await screen.findByRole('button', { name: /What it changed in .*apps$/ }))
    expect(navigationStore.getState().route).toMatchObject({ page: 'view', view: 'compare' })
  })

  it('says where nobody has it, and is not there for any other filter', async () => {
    open('commit:abcdef1', () => ({ sha: 'abcdef1', commit: null, arrivals: [], note: 'No source has it.' }))
    expect(await screen.findByText('No source has it.')).toBeTruthy()
    act(() => navigate(viewRoute('history', 'is:failed')))
    expect(screen.queryByRole('region', { name: /Where is commit/ })).toBeNull()
  })
})
