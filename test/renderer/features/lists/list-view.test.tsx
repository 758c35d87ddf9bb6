import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { dialogsStore } from '../../../../renderer/stores/dialogs.ts'
import { selectionStore } from '../../../../renderer/features/lists/list-state.ts'
import { makeContext, makeKinds, makeRow } from '../../../fixtures/fake-host/fleet.ts'
import type { Fleet } from '../../../fixtures/fake-host/fleet.ts'
import { openApp } from '../../mount.tsx'

afterEach(() => selectionStore('kustomizations').setState({ cursor: null, selected: new Set(), anchor: null }))

const key = (name: string, more: object = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key: name, ...more })
const oneContext = (fleet: Fleet): void => {
  fleet.contexts = fleet.contexts.filter((context) => context.name === 'staging-eu')
}
const rowNames = () =>
  screen
    .getAllByRole('row')
    .map((row) => row.getAttribute('aria-label'))
    .filter((name) => name !== null)

test('grid, rows and gates carry the names of interface.md, with the context where several are selected', async () => {
  await openApp('view/kustomizations')
  const grid = await screen.findByRole('grid', { name: 'Kustomizations' })
  expect(grid.getAttribute('aria-multiselectable')).toBe('true')
  const row = within(grid).getByRole('row', { name: 'staging-eu flux-system/apps' })
  expect(row.getAttribute('aria-description')).toBe('staging-eu, Failed')
  const gate = within(row).getByRole('switch', { name: 'Gate of staging-eu flux-system/apps' })
  expect(gate.getAttribute('aria-checked')).toBe('true')
  expect(gate.getAttribute('aria-description')).toBe('open, reconciling')
  expect(screen.getByRole('columnheader', { name: 'Status' }).getAttribute('aria-sort')).toBe('ascending')
})

test('with one context the rows are namespace/name, failures first', async () => {
  await openApp('view/kustomizations', oneContext)
  await screen.findByRole('grid', { name: 'Kustomizations' })
  expect(rowNames().slice(0, 2)).toEqual(['flux-system/apps', 'flux-system/infra'])
  expect(screen.getByRole('switch', { name: 'Gate of flux-system/apps' })).toBeTruthy()
})

test('j and k move, x selects, Shift+j extends, Ctrl+A takes all, Escape clears', async () => {
  await openApp('view/kustomizations', oneContext)
  const grid = await screen.findByRole('grid', { name: 'Kustomizations' })
  const names = rowNames()
  key('j')
  key('j')
  key('k')
  await waitFor(() =>
    expect(document.getElementById(grid.getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-label')).toBe(
      names[0],
    ),
  )
  key('x')
  key('J', { shiftKey: true })
  await waitFor(() => expect(screen.getByRole('toolbar', { name: 'Actions for 2 selected' })).toBeTruthy())
  expect(screen.getByRole('row', { name: names[1] ?? '' }).getAttribute('aria-selected')).toBe('true')
  key('a', { ctrlKey: true })
  await waitFor(() => expect(selectionStore('kustomizations').getState().selected.size).toBeGreaterThan(5))
  key('Escape')
  await waitFor(() => expect(screen.queryByRole('toolbar')).toBeNull())
})

test('one press on an open gate closes it at once; the gate moves until the watch says so', async () => {
  const host = await openApp('view/kustomizations', oneContext)
  const gate = await screen.findByRole('switch', { name: 'Gate of flux-system/apps' })
  fireEvent.click(gate, { detail: 1 })
  await waitFor(() => expect(host.calls.some((call) => call.name === 'gate.close')).toBe(true))
  await waitFor(() =>
    expect(screen.getByRole('switch', { name: 'Gate of flux-system/apps' }).getAttribute('aria-checked')).toBe('false'),
  )
  expect(screen.getByRole('switch', { name: 'Gate of flux-system/apps' }).getAttribute('aria-busy')).toBeNull()
})

test('keys on a gate, s, r and a press on a closed gate open the dialog and write nothing', async () => {
  const host = await openApp('view/kustomizations')
  const gate = await screen.findByRole('switch', { name: 'Gate of staging-eu flux-system/apps' })
  fireEvent.click(gate, { detail: 0 })
  expect(dialogsStore.getState().open).toMatchObject({ kind: 'plan', action: 'suspend' })
  dialogsStore.setState({ open: null })
  fireEvent.click(screen.getByRole('switch', { name: 'Gate of prod-eu-1 infra/backup' }), { detail: 1 })
  expect(dialogsStore.getState().open).toMatchObject({ kind: 'plan', action: 'resume' })
  dialogsStore.setState({ open: null })
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  key('j')
  key('r')
  expect(dialogsStore.getState().open).toMatchObject({ kind: 'plan', action: 'reconcile' })
  expect(host.calls.filter((call) => call.name === 'gate.close' || call.name === 'plan.execute')).toEqual([])
})

test('a production context asks even when its open gate is pressed', async () => {
  const host = await openApp('view/kustomizations')
  fireEvent.click(await screen.findByRole('switch', { name: 'Gate of prod-eu-1 flux-system/team-payments' }), {
    detail: 1,
  })
  expect(dialogsStore.getState().open).toMatchObject({ kind: 'plan', action: 'suspend' })
  expect(host.calls.some((call) => call.name === 'gate.close')).toBe(false)
})

test('a read-only context locks its gates and says why', async () => {
  const host = await openApp('view/kustomizations', (fleet) => {
    oneContext(fleet)
    fleet.contexts = fleet.contexts.map((context) => ({ ...context, isReadOnly: true }))
  })
  const gate = await screen.findByRole('switch', { name: 'Gate of flux-system/apps' })
  expect(gate.getAttribute('aria-disabled')).toBe('true')
  expect(gate.getAttribute('aria-checked')).toBe('true')
  expect(gate.getAttribute('data-tooltip')).toContain('read-only')
  fireEvent.click(gate, { detail: 1 })
  expect(host.calls.some((call) => call.name === 'gate.close')).toBe(false)
})

test('the filter makes boxes, Backspace opens the last one again, and the count stands at the end', async () => {
  await openApp('view/kustomizations', oneContext)
  const box = await screen.findByRole('searchbox', { name: 'Filter Kustomizations' })
  key('/')
  expect(document.activeElement).toBe(box)
  fireEvent.change(box, { target: { value: 'ns:apps ' } })
  fireEvent.change(box, { target: { value: '-status:ready ' } })
  const tokens = within(screen.getByRole('list', { name: 'Conditions' })).getAllByRole('listitem')
  expect(tokens.map((token) => token.textContent)).toEqual(['ns:apps', '-status:ready'])
  expect(rowNames()).toEqual(['apps/checkout', 'apps/podinfo-canary', 'apps/smoke-tests'])
  expect(screen.getByRole('search').textContent).toMatch(/3 of \d+/)
  fireEvent.keyDown(box, { key: 'Backspace' })
  expect((box as HTMLInputElement).value).toBe('-status:ready')
})

test('no match, and back', async () => {
  await openApp('view/kustomizations?filter=ns%3Anowhere', oneContext)
  expect(await screen.findByText(/No row matches/)).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Clear filter' }))
  expect(await screen.findByRole('grid', { name: 'Kustomizations' })).toBeTruthy()
})

const stateOf =
  (state: 'live' | 'forbidden' | 'notInstalled' | 'loading' | 'error', more: Parameters<typeof makeContext>[1] = {}) =>
  (fleet: Fleet): void => {
    const context = makeContext('staging-eu', more)
    fleet.contexts = [context]
    fleet.rows = []
    fleet.kinds = makeKinds(context, []).map((kind) => ({
      ...kind,
      state,
      message: state === 'live' ? '' : 'the API server’s own sentence',
    }))
  }

test('empty, forbidden, not installed, error, unreachable and loading are different things', async () => {
  const cases = [
    [stateOf('live'), 'No Kustomizations in staging-eu'],
    [stateOf('forbidden'), 'You may not list Kustomizations in staging-eu'],
    [stateOf('notInstalled'), 'Flux is not installed in staging-eu'],
    [stateOf('error'), 'Could not list Kustomizations in staging-eu'],
    [stateOf('live', { connection: 'unreachable', nextTryAt: Date.now() + 9000 }), 'staging-eu is unreachable'],
  ] as const
  const { cleanup } = await import('@testing-library/react')
  for (const [prepare, title] of cases) {
    const host = await openApp('view/kustomizations', prepare)
    expect(await screen.findByRole('heading', { name: title })).toBeTruthy()
    host.connection.stop()
    cleanup()
  }
  await openApp('view/kustomizations', stateOf('loading'))
  expect(await screen.findByRole('status', { name: 'Loading Kustomizations' })).toBeTruthy()
})

test('SECURITY 13: odd names, markup and missing fields draw a row of text, never a blank view', async () => {
  await openApp('view/kustomizations', (fleet) => {
    oneContext(fleet)
    fleet.rows = [
      makeRow('staging-eu', 'Kustomization', `flux-system/${'x'.repeat(10_000)}`, 'Ready'),
      makeRow('staging-eu', 'Kustomization', 'flux-system/<img src=x onerror=alert(1)>', 'Ready'),
      makeRow('staging-eu', 'Kustomization', 'flux-system/a\u202egnp.exe', 'Failed', {
        message: '\u001b[31mred\u0007',
      }),
      makeRow('staging-eu', 'Kustomization', 'flux-system/odd', 'Nonsense' as never, {
        createdAt: Number.NaN,
        lastAppliedAt: -1e20,
      }),
    ]
  })
  const grid = await screen.findByRole('grid', { name: 'Kustomizations' })
  expect(within(grid).getAllByRole('row')).toHaveLength(5)
  expect(grid.querySelector('img')).toBeNull()
  expect(grid.textContent).not.toContain('\u202e')
  expect(grid.textContent).not.toContain('\u001b')
})

test('sorting is told by aria-sort and kept for the next time', async () => {
  const host = await openApp('view/kustomizations', oneContext)
  fireEvent.click(within(await screen.findByRole('columnheader', { name: 'Name' })).getByRole('button'))
  expect(screen.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('ascending')
  fireEvent.click(within(screen.getByRole('columnheader', { name: 'Name' })).getByRole('button'))
  expect(screen.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('descending')
  await waitFor(() => expect(host.uiState).toContain('"sortColumn":"name"'), { timeout: 3000 })
})

test('the menu of a row takes the cursor there, leaves a selection that the row is not part of, and does what the keys do', async () => {
  const host = await openApp('view/kustomizations', oneContext)
  const grid = await screen.findByRole('grid', { name: 'Kustomizations' })
  const names = rowNames()
  key('j')
  key('x')
  await screen.findByRole('toolbar', { name: 'Actions for 1 selected' })
  fireEvent.contextMenu(within(grid).getByRole('row', { name: 'flux-system/infra' }))
  const menu = await screen.findByRole('menu', { name: 'Actions of the row' })
  expect(names[0]).not.toBe('flux-system/infra')
  expect(screen.queryByRole('toolbar', { name: 'Actions for 1 selected' })).toBeNull()
  expect(within(menu).getByRole('menuitem', { name: /^Open/ })).toBeTruthy()
  fireEvent.click(within(menu).getByRole('menuitem', { name: /^Copy name/ }))
  await waitFor(() => expect(host.calls).toContainEqual({ name: 'app.copyText', input: { text: 'flux-system/infra' } }))
  fireEvent.contextMenu(within(grid).getByRole('row', { name: 'flux-system/infra' }))
  const again = await screen.findByRole('menu', { name: 'Actions of the row' })
  fireEvent.click(within(again).getByRole('menuitem', { name: /^(Suspend|Resume)…/ }))
  await waitFor(() => expect(dialogsStore.getState().open).toMatchObject({ kind: 'plan' }))
})
