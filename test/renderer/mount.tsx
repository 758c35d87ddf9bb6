/** Mounts the whole application on the fake host. */
import './support/window.ts'
import { cleanup, render } from '@testing-library/react'
import { afterEach, vi } from 'vitest'
import { App } from '../../renderer/app/app.tsx'
import { closeDialog } from '../../renderer/stores/dialogs.ts'
import { createFakeHost } from '../fixtures/fake-host/fake-host.ts'
import type { FakeHost } from '../fixtures/fake-host/fake-host.ts'
import { makeFleet } from '../fixtures/fake-host/fleet.ts'
import type { Fleet } from '../fixtures/fake-host/fleet.ts'
import { connectHost } from './with-host.ts'
import type { ConnectedHost } from './with-host.ts'

let connected: ConnectedHost | null = null

afterEach(() => {
  cleanup()
  closeDialog()
  connected?.stop()
  connected = null
  vi.restoreAllMocks()
})

/** Opens the window where `path` says and waits until its view stands. */
export async function openApp(
  path: string,
  prepare: (fleet: Fleet) => void = () => undefined,
): Promise<FakeHost & { readonly connection: ConnectedHost }> {
  const fleet = makeFleet(Date.now())
  prepare(fleet)
  const host = createFakeHost(fleet)
  host.uiState = JSON.stringify({ version: 1, lastPath: path })
  delete document.documentElement.dataset['view']
  connected = connectHost(host)
  render(<App />)
  await vi.waitFor(
    () => {
      if (document.documentElement.dataset['view'] === undefined) throw new Error('No view yet')
    },
    { timeout: 10_000 },
  )
  return Object.assign(host, { connection: connected })
}
