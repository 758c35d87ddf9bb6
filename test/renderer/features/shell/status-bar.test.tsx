import { act, fireEvent, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { navigationStore } from '../../../../renderer/stores/navigation.ts'
import { StatusBar } from '../../../../renderer/features/shell/status-bar.tsx'
import { driftOwner, fault } from '../../../fixtures/fake-host/drift.ts'
import { mount } from '../../support/app.tsx'
import { ks, ref } from '../../support/sample-fleet.ts'

const owner = (name: string) => ref('Kustomization', name, 'flux-system', ks)
const drifted = (): HTMLElement | null => screen.queryByRole('button', { name: /drifted$/ })

it('counts the objects that drift, leads to them, and says nothing where none is known to', async () => {
  const { bridge, now } = mount(<StatusBar />, (each) =>
    each.bridge.publish('drift.owners', [
      driftOwner(owner('equal'), each.now),
      driftOwner(owner('failed'), each.now, { state: 'failed', checkedAt: null, error: fault('RenderFailed', 'x') }),
      driftOwner(owner('refused'), each.now, { refusedCount: 4 }),
    ]),
  )
  expect(drifted()).toBeNull()
  act(() =>
    bridge.publish('drift.owners', [
      driftOwner(owner('apps'), now, { driftedCount: 1200 }),
      driftOwner(owner('infra'), now, { driftedCount: 34 }),
    ]),
  )
  fireEvent.click(await screen.findByRole('button', { name: '1,234 drifted' }))
  expect(navigationStore.getState().route).toMatchObject({ view: 'drift' })
})

it('says how far the comparison is while it goes on', () => {
  mount(<StatusBar />, (each) =>
    each.bridge.publish('drift.owners', [
      driftOwner(owner('a'), each.now),
      driftOwner(owner('b'), each.now, { state: 'checking', checkedAt: null }),
      driftOwner(owner('c'), each.now, { state: 'pending', checkedAt: null }),
    ]),
  )
  expect(screen.getByRole('status').textContent).toContain('Comparing 1 of 3')
})
