import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { App } from '../../../renderer/app/app.tsx'
import { uiStore } from '../../../renderer/stores/ui-state.ts'
import { contextsStore } from '../../../renderer/stores/contexts.ts'
import { hostStore } from '../../../renderer/stores/host.ts'
import { createFakeHost } from '../../fixtures/fake-host/fake-host.ts'
import { makeFleet } from '../../fixtures/fake-host/fleet.ts'
import { connectHost } from '../with-host.ts'
import type { ConnectedHost } from '../with-host.ts'

let connected: ConnectedHost | null = null
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(1200)
})
afterEach(() => {
  cleanup()
  connected?.stop()
  vi.restoreAllMocks()
})

test('Overview names what needs attention, failures first', async () => {
  connected = connectHost(createFakeHost(makeFleet(Date.now())))
  render(<App />)
  const attention = await screen
    .findByRole('region', { name: 'Needs attention' }, { timeout: 4_000 })
    .catch((error: unknown) => {
      console.log(
        document.querySelector('main')?.outerHTML.slice(0, 600),
        JSON.stringify([uiStore.getState(), contextsStore.getState().items.size, hostStore.getState()]),
      )
      throw error
    })
  expect(attention.textContent).toContain('flux-system/apps')
}, 20_000)
