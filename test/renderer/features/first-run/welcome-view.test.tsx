import { mount } from '../../support/app.tsx'
import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { PlaygroundState } from '../../../../shared/model/app.ts'
import { WelcomeView } from '../../../../renderer/features/first-run/welcome-view.tsx'
import { failure } from '../../support/fake-bridge.ts'

const playground = (more: Partial<PlaygroundState> = {}): PlaygroundState => ({
  key: 'playground',
  state: 'absent',
  step: '',
  progress: null,
  context: null,
  limitation: '',
  error: null,
  ...more,
})

describe('the first run', () => {
  it('offers three ways', async () => {
    const { bridge } = mount(<WelcomeView />, (mounted) => {
      mounted.bridge.publish('playground.watch', [playground()])
      mounted.bridge.answer('kubeconfig.pick', () => ({ ok: true, value: { added: 0, canceled: true } }))
    })
    fireEvent.click(screen.getByRole('button', { name: 'Open a Git repository' }))
    await waitFor(() => expect(bridge.calls.map((call) => call.name)).toContain('repository.pick'))
    fireEvent.click(screen.getByRole('button', { name: 'Open a kubeconfig' }))
    await waitFor(() => expect(bridge.calls.map((call) => call.name)).toContain('kubeconfig.pick'))
    fireEvent.click(screen.getByRole('button', { name: 'Start the playground' }))
    await waitFor(() => expect(bridge.calls.at(-1)?.name).toBe('playground.start'))
  })

  it('shows the playground coming up, and what stopped it with the remedy', () => {
    const { bridge } = mount(<WelcomeView />, (mounted) =>
      mounted.bridge.publish('playground.watch', [
        playground({ state: 'preparing', step: 'Building kube-apiserver', progress: 0.42 }),
      ]),
    )
    expect(screen.getByText('Building kube-apiserver')).toBeTruthy()
    expect(screen.getByRole('progressbar', { name: 'Starting the playground' }).getAttribute('value')).toBe('0.42')
    expect(screen.getByRole('button', { name: 'Cancel' })).toBeTruthy()
    act(() =>
      bridge.push('playground.watch', [
        playground({ state: 'failed', error: failure('ToolMissing', 'Go was not found', 'Install Go').error }),
      ]),
    )
    expect(screen.getByRole('alert').textContent).toContain('Install Go')
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy()
  })

  it('says beside the progress what this playground cannot do', () => {
    const limitation = 'Without the controller manager, scheduler and kwok, workloads do not move on this playground.'
    const { bridge } = mount(<WelcomeView />, (mounted) =>
      mounted.bridge.publish('playground.watch', [playground({ state: 'starting', limitation })]),
    )
    expect(screen.getByText(limitation)).toBeTruthy()
    act(() => bridge.push('playground.watch', [playground({ state: 'starting' })]))
    expect(screen.queryByText(limitation)).toBeNull()
  })
})
