import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { dialogsStore } from '../../../../renderer/stores/dialogs.ts'
import { navigationStore } from '../../../../renderer/stores/navigation.ts'
import { openApp } from '../../mount.tsx'

test('the rail is a navigation of links, contexts a listbox; shift-click adds', async () => {
  const host = await openApp('view/overview')
  const views = screen.getByRole('navigation', { name: 'Views' })
  expect(within(views).getByRole('link', { name: 'Overview' }).getAttribute('aria-current')).toBe('page')
  expect(within(views).queryByRole('link', { name: 'Changes' })).toBeNull()
  fireEvent.click(within(views).getByRole('link', { name: 'Helm releases' }))
  expect(await screen.findByRole('grid', { name: 'Helm releases' })).toBeTruthy()
  const contexts = screen.getByRole('listbox', { name: 'Contexts' })
  expect(within(contexts).getByRole('option', { name: 'prod-us-1' }).getAttribute('aria-description')).toContain(
    'unreachable',
  )
  fireEvent.click(within(contexts).getByRole('option', { name: 'prod-eu-1' }))
  await waitFor(() =>
    expect(host.calls.at(-1)).toEqual({ name: 'contexts.select', input: { contexts: ['prod-eu-1'] } }),
  )
  await waitFor(() =>
    expect(screen.getByRole('option', { name: 'staging-eu' }).getAttribute('aria-selected')).toBe('false'),
  )
  fireEvent.click(screen.getByRole('option', { name: 'staging-eu' }), { shiftKey: true })
  await waitFor(() =>
    expect(host.calls.at(-1)).toEqual({ name: 'contexts.select', input: { contexts: ['prod-eu-1', 'staging-eu'] } }),
  )
})

test('the palette finds objects and actions, and opens plans', async () => {
  const host = await openApp('view/overview')
  fireEvent.keyDown(document.body, { key: 'k', ctrlKey: true })
  const input = await screen.findByRole('combobox', { name: 'Search objects or run a command' })
  expect(document.activeElement).toBe(input)
  fireEvent.change(input, { target: { value: 'sus team-pay' } })
  const options = await screen.findAllByRole('option', { name: /Suspend… flux-system\/team-payments/ })
  expect(options[0]?.getAttribute('aria-selected')).toBe('true')
  fireEvent.keyDown(input, { key: 'Enter' })
  await waitFor(() => expect(dialogsStore.getState().open).toMatchObject({ kind: 'plan', action: 'suspend' }))
  expect(host.calls.some((call) => call.name === 'gate.close')).toBe(false)
})

test('in the palette Tab shows an object’s actions and Enter opens its page', async () => {
  await openApp('view/overview')
  fireEvent.click(screen.getByRole('button', { name: 'Search objects or run a command' }))
  const input = await screen.findByRole('combobox')
  fireEvent.change(input, { target: { value: 'kube-prometheus' } })
  await screen.findByRole('option', { name: /monitoring\/kube-prometheus-stack/ })
  fireEvent.keyDown(input, { key: 'Tab' })
  expect(await screen.findByRole('option', { name: /Force the release/ })).toBeTruthy()
  expect((await screen.findAllByRole('option', { name: /^Open/ }))[0]?.getAttribute('aria-selected')).toBe('true')
  fireEvent.keyDown(input, { key: 'Enter' })
  await waitFor(() =>
    expect(navigationStore.getState().route).toMatchObject({
      page: 'object',
      kind: 'HelmRelease',
      name: 'kube-prometheus-stack',
    }),
  )
})

test('? shows every key, Escape closes it', async () => {
  await openApp('view/kustomizations')
  fireEvent.keyDown(document.body, { key: '?', shiftKey: true })
  const dialog = await screen.findByRole('dialog', { name: 'Shortcuts' })
  expect(dialog.textContent).toContain('Reconcile with source…')
  fireEvent.keyDown(dialog, { key: 'Escape' })
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
})

test('the status bar says each connection and what the engine does', async () => {
  await openApp('view/overview')
  const bar = screen.getByRole('status', { name: 'Connections and engine' })
  expect(bar.textContent).toContain('prod-eu-1 · watch 0.4 s')
  expect(bar.textContent).toMatch(/prod-us-1 · unreachable, next try in \d+ s/)
  expect(bar.textContent).toContain('Engine idle')
})

test('without a context the first-run page stands', async () => {
  await openApp('', (fleet) => {
    fleet.contexts = []
    fleet.rows = []
    fleet.kinds = []
  })
  expect(await screen.findByRole('button', { name: 'Open a kubeconfig' })).toBeTruthy()
  expect(screen.queryByRole('navigation', { name: 'Views' })).toBeNull()
})

test('a deep link opens a place and asks nothing of a cluster', async () => {
  const host = await openApp('view/overview')
  host.push('links.watch', [{ key: '1', path: 'view/sources?filter=is%3Afailed' }])
  expect(await screen.findByRole('grid', { name: 'Sources' })).toBeTruthy()
  host.push('links.watch', [{ key: '2', path: 'suspend/everything' }])
  expect(navigationStore.getState().route).toMatchObject({ view: 'sources', filter: 'is:failed' })
  expect(host.calls.filter((call) => /gate|plan/.test(call.name))).toEqual([])
})
