import { mount } from '../../support/app.tsx'
import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { objectRoute } from '../../../../renderer/app/routes.ts'
import type { ObjectTab } from '../../../../renderer/app/routes.ts'
import { ObjectPage } from '../../../../renderer/features/object/object-page.tsx'
import { dialogsStore } from '../../../../renderer/stores/dialogs.ts'
import { navigate } from '../../../../renderer/stores/navigation.ts'
import type { ConnectionState } from '../../../../shared/model/rows.ts'
import { openApp } from '../../mount.tsx'

const hour = 3_600_000

function openSilent(connection: ConnectionState, tab: ObjectTab = 'tree'): void {
  const { fleet } = mount(<ObjectPage />, ({ bridge, fleet: { apps, contexts }, now }) => {
    bridge.publish('contexts.watch', [
      ...contexts.map((context) =>
        context.key === 'staging' ? { ...context, connection, snapshotAt: now - 2 * hour } : context,
      ),
    ])
    const { row } = apps
    if (row === null) return
    const status = {
      word: 'Stale',
      reason: 'Failed',
      message: row.status.message,
      since: now,
      isOverdue: false,
    } as const
    bridge.publish('object.watch', [{ ...apps, row: { ...row, status } }], { ref: apps.ref })
  })
  act(() => navigate(objectRoute('staging', fleet.apps.ref, tab)))
}

describe('the page of an object whose cluster is silent', () => {
  it('says from when it is, what the object was then, and keeps its actions off with the reason', () => {
    openSilent('unreachable')
    expect(screen.getByText(/^Snapshot of .*, 2h 00m ago\.$/)).toBeTruthy()
    expect(screen.getByText(/^staging-eu does not answer\./)).toBeTruthy()
    expect(screen.getByText('Stale, was Failed')).toBeTruthy()
    const suspend = screen.getByRole('button', { name: 'Suspend…' })
    expect(suspend.getAttribute('aria-disabled')).toBe('true')
    fireEvent.click(suspend)
    fireEvent.keyDown(document.body, { key: 's' })
    expect(dialogsStore.getState().open).toBeNull()
    expect(screen.getByRole('row', { name: 'po podinfo-7d4c9b5f6d-9qv5m' })).toBeTruthy()
  })

  it('has not been heard of yet, at the start', () => {
    openSilent('connecting')
    expect(screen.getByText(/^Snapshot of .* ago\.$/)).toBeTruthy()
    expect(screen.getByText(/^staging-eu has not answered yet\./)).toBeTruthy()
  })

  it.each([
    ['logs', 'Logs need the cluster'],
    ['drift', 'Comparing needs the cluster'],
  ] as const)('says of %s that they need the cluster', (tab, title) => {
    openSilent('unreachable', tab)
    expect(screen.getByRole('heading', { name: title })).toBeTruthy()
    expect(screen.getByText(/No live data: staging-eu does not answer\./)).toBeTruthy()
  })
})

describe('lists and palette of a silent cluster', () => {
  it('a list at the start says from when its rows are, before the first answer', async () => {
    await openApp('view/kustomizations', (fleet) => {
      fleet.contexts = fleet.contexts
        .filter(({ name }) => name === 'prod-us-1')
        .map((context) => ({ ...context, connection: 'connecting' as const, error: null }))
    })
    await screen.findByRole('grid', { name: 'Kustomizations' })
    expect(await screen.findByText(/^Snapshot of .*, 18m ago\.$/)).toBeTruthy()
    expect(screen.getByText(/prod-us-1 has not answered yet\./)).toBeTruthy()
  })

  it('the palette names an action, says why it cannot be done, and does not do it', async () => {
    await openApp('view/overview', (fleet) => {
      fleet.contexts = fleet.contexts.filter(({ name }) => name === 'prod-us-1')
    })
    fireEvent.keyDown(document.body, { key: 'k', ctrlKey: true })
    const input = await screen.findByRole('combobox', { name: 'Search objects or run a command' })
    fireEvent.change(input, { target: { value: 'rec flux' } })
    const [option] = await screen.findAllByRole('option', { name: /No live data: prod-us-1 does not answer/ })
    expect(option?.getAttribute('aria-disabled')).toBe('true')
    fireEvent.click(option as HTMLElement)
    await waitFor(() => expect(dialogsStore.getState().open).toBeNull())
    expect(screen.getByRole('combobox', { name: 'Search objects or run a command' })).toBeTruthy()
  })
})
