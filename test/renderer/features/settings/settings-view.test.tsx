import { connect, mount } from '../../support/app.tsx'
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { Settings } from '../../../../shared/model/app.ts'
import { GateLayer } from '../../../../renderer/features/gate/gate-layer.tsx'
import { SettingsView } from '../../../../renderer/features/settings/settings-view.tsx'
import { dialogsStore, openDialog } from '../../../../renderer/stores/dialogs.ts'
import { failure } from '../../support/fake-bridge.ts'

const settings: Settings = {
  key: 'settings',
  theme: 'system',
  notifications: true,
  kubeconfigFiles: [
    { id: 'k1', label: '~/lab.yaml', problem: failure('KubeconfigMalformed', '~/lab.yaml is not YAML: line 3').error },
  ],
  readOnlyContexts: {},
  alwaysAskContexts: {},
  owner: '',
  editor: 'vscode',
  usesSopsKeys: false,
}
const approval = {
  digest: `sha256:${'cd'.repeat(32)}`,
  command: '/usr/local/bin/token',
  args: ['get', '--cluster=\u202ex'],
  envNames: ['PROFILE'],
  isChanged: true,
}

describe('settings', () => {
  it('change through the engine, by ids that the host gave', async () => {
    const { bridge } = mount(<SettingsView />, (mounted) => mounted.bridge.publish('settings.watch', [settings]))
    const last = async (name: string): Promise<unknown> => {
      await waitFor(() => expect(bridge.calls.at(-1)?.name).toBe(name))
      return bridge.calls.at(-1)?.input
    }
    fireEvent.click(screen.getByRole('radio', { name: 'Dark' }))
    expect(await last('settings.update')).toEqual({ theme: 'dark' })
    fireEvent.click(screen.getByRole('switch', { name: 'Notifications' }))
    expect(await last('settings.update')).toEqual({ notifications: false })
    fireEvent.click(screen.getByRole('switch', { name: 'Read only: staging-eu' }))
    expect(await last('contexts.setReadOnly')).toEqual({ context: 'staging', isReadOnly: true })
    fireEvent.click(screen.getByRole('switch', { name: 'Always ask: prod-eu-1' }))
    expect(await last('contexts.setAlwaysAsk')).toEqual({ context: 'prod', isAlwaysAsk: false })
    fireEvent.click(screen.getByRole('button', { name: 'Forget ~/lab.yaml' }))
    expect(await last('kubeconfig.forget')).toEqual({ id: 'k1' })
    fireEvent.change(screen.getByLabelText('Owner'), { target: { value: ' ada ' } })
    fireEvent.blur(screen.getByLabelText('Owner'))
    expect(await last('settings.update')).toEqual({ owner: 'ada' })
    fireEvent.click(screen.getByRole('radio', { name: 'JetBrains' }))
    expect(await last('settings.update')).toEqual({ editor: 'jetbrains' })
    fireEvent.click(screen.getByRole('switch', { name: 'Use my SOPS keys when rendering local folders' }))
    expect(await last('settings.update')).toEqual({ usesSopsKeys: true })
  })

  it('list the repositories that own credentials may open, each for its cluster', async () => {
    const url = 'https://git.example.com/org/fleet'
    const { bridge } = mount(<SettingsView />, (mounted) => {
      mounted.bridge.publish('settings.watch', [settings])
      mounted.bridge.publish('credentials.watch', [
        { key: `c|${url}`, cluster: 'c', url, isAllowed: true, hasToken: false, namedBy: ['GitRepository/apps/fleet'] },
      ])
    })
    const table = await screen.findByRole('table', { name: 'Repositories read with your own credentials' })
    expect(table.textContent).toContain('GitRepository/apps/fleet')
    const toggle = within(table).getByRole('switch', { name: `Use my own credentials for ${url} for c` })
    expect(toggle.getAttribute('aria-checked')).toBe('true')
    fireEvent.click(toggle)
    await waitFor(() =>
      expect(bridge.calls.at(-1)).toEqual({
        name: 'credentials.allow',
        input: { cluster: 'c', url, isAllowed: false },
      }),
    )
  })

  it('keep and forget a token for a repository; the token itself is no part of it', async () => {
    const url = 'https://git.example.com/org/fleet'
    const row = { key: `c|${url}`, cluster: 'c', url, isAllowed: true, hasToken: false, namedBy: [] }
    const { bridge } = mount(<SettingsView />, (mounted) => {
      mounted.bridge.publish('settings.watch', [settings])
      mounted.bridge.publish('credentials.watch', [
        row,
        { ...row, key: 'c|ssh', url: 'ssh://git@git.example.com/org/x' },
      ])
      mounted.bridge.answer('credentials.tokenStore', () => ({ ok: true, value: { isAvailable: true, reason: '' } }))
      mounted.bridge.answer('credentials.keepToken', () => ({ ok: true, value: { outcome: 'kept' as const } }))
    })
    const name = `Keep the token on the clipboard for ${url} for c`
    await waitFor(() => expect(screen.getByRole('button', { name }).getAttribute('aria-disabled')).not.toBe('true'))
    expect(screen.getAllByRole('button', { name: /^Keep the token/ })).toHaveLength(1)
    fireEvent.click(screen.getByRole('button', { name }))
    await waitFor(() =>
      expect(bridge.calls.at(-1)).toEqual({ name: 'credentials.keepToken', input: { cluster: 'c', url } }),
    )
    act(() => bridge.publish('credentials.watch', [{ ...row, hasToken: true }]))
    fireEvent.click(await screen.findByRole('button', { name: `Forget the token for ${url} for c` }))
    await waitFor(() =>
      expect(bridge.calls.at(-1)).toEqual({ name: 'credentials.forgetToken', input: { cluster: 'c', url } }),
    )
  })

  it('say why no token can be kept where there is no keyring', async () => {
    const url = 'https://git.example.com/org/fleet'
    mount(<SettingsView />, (mounted) => {
      mounted.bridge.publish('settings.watch', [settings])
      mounted.bridge.publish('credentials.watch', [
        { key: `c|${url}`, cluster: 'c', url, isAllowed: true, hasToken: false, namedBy: [] },
      ])
      mounted.bridge.answer('credentials.tokenStore', () => ({
        ok: true,
        value: { isAvailable: false, reason: 'This session has no keyring.' },
      }))
    })
    expect(await screen.findByText('No token can be kept here. This session has no keyring.')).toBeTruthy()
    expect(screen.getByRole('button', { name: /^Keep the token/ }).getAttribute('aria-disabled')).toBe('true')
  })

  it('say which editor was found', async () => {
    mount(<SettingsView />, ({ bridge }) => {
      bridge.publish('settings.watch', [settings])
      bridge.answer('repository.editors', () => ({
        ok: true,
        value: { editors: [{ id: 'vscode' as const, label: 'VSCodium', program: '/usr/bin/codium' }] },
      }))
    })
    expect(await screen.findByText('VSCodium: /usr/bin/codium')).toBeTruthy()
  })

  it('show what is wrong with a file and what to know about a context', () => {
    mount(<SettingsView />, (mounted) => mounted.bridge.publish('settings.watch', [settings]))
    expect(screen.getByRole('alert').textContent).toContain('~/lab.yaml is not YAML: line 3')
    const row = screen.getByRole('row', { name: 'prod-us-1' })
    expect(row.textContent).toContain('insecure-skip-tls-verify')
    expect(within(row).getByRole('button', { name: 'Try now' })).toBeTruthy()
  })
})

describe('a credential program', () => {
  it('is shown whole, harmless to look at, and approved by the digest that was shown', async () => {
    const { bridge } = connect(({ bridge: b, fleet }) =>
      b.publish(
        'contexts.watch',
        fleet.contexts.map((context) => (context.key === 'us' ? { ...context, approval } : context)),
      ),
    )
    render(<GateLayer />)
    act(() => openDialog({ kind: 'exec', context: 'us' }))
    const dialog = screen.getByRole('dialog', { name: 'Run a program to sign in to prod-us-1?' })
    expect(document.activeElement).toBe(within(dialog).getByRole('button', { name: 'Cancel' }))
    for (const text of ['/usr/local/bin/token', 'get', 'PROFILE', approval.digest, 'changed since you approved it'])
      expect(dialog.textContent).toContain(text)
    expect(dialog.textContent).not.toContain('\u202e')
    fireEvent.click(within(dialog).getByRole('button', { name: 'Approve this program' }))
    await waitFor(() => expect(dialogsStore.getState().open).toBeNull())
    expect(bridge.calls.at(-1)).toEqual({
      name: 'contexts.approveExec',
      input: { context: 'us', digest: approval.digest },
    })
  })
})
