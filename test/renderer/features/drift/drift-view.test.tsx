import { connect, mount } from '../../support/app.tsx'
import type { Mounted } from '../../support/app.tsx'
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { DriftObject, DriftOwner } from '../../../../shared/model/drift.ts'
import { DriftView } from '../../../../renderer/features/drift/drift-view.tsx'
import { driftEntries } from '../../../../renderer/features/drift/drift-groups.ts'
import { runCommand } from '../../../../renderer/stores/commands.ts'
import { navigate, navigationStore } from '../../../../renderer/stores/navigation.ts'
import { uiStore } from '../../../../renderer/stores/ui-state.ts'
import { viewRoute } from '../../../../renderer/app/routes.ts'
import {
  appsObjects,
  countedOwner,
  driftObject,
  driftOwner,
  fault,
  recordOnlyObject,
} from '../../../fixtures/fake-host/drift.ts'
import { failure } from '../../support/fake-bridge.ts'
import { ks, ref } from '../../support/sample-fleet.ts'

const owner = ref('Kustomization', 'apps', 'flux-system', ks)
const other = ref('Kustomization', 'infra', 'flux-system', ks)

function publish({ bridge }: Mounted, owners: readonly DriftOwner[], objects: readonly DriftObject[] = []): void {
  bridge.publish('drift.owners', owners)
  bridge.publish('drift.objects', objects)
}

function open(
  owners: (now: number) => readonly DriftOwner[],
  objects: (now: number) => readonly DriftObject[] = () => [],
): Mounted {
  const mounted = mount(<DriftView />, (each) => publish(each, owners(each.now), objects(each.now)))
  act(() => navigate(viewRoute('drift')))
  return mounted
}

const apps = (now: number): readonly DriftObject[] =>
  appsObjects(owner, now).filter(
    ({ action, notOwnedCount, ignoredCount }) => action !== 'unchanged' || notOwnedCount + ignoredCount > 0,
  )

const rows = (): string[] =>
  within(screen.getByRole('treegrid', { name: 'Drift' }))
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.getAttribute('aria-label') ?? '')

describe('the drift view', () => {
  it('lists what drifts below its owner, the riskiest first, and what is not known as such', () => {
    open((now) => [countedOwner(owner, apps(now), now)], apps)
    expect(rows()).toEqual([
      'flux-system/apps',
      'apps/podinfo',
      'checkout/legacy-report',
      'apps/podinfo',
      'checkout/checkout-config',
      'checkout/checkout-tokens',
      'apps/podinfo',
      'checkout/checkout-metrics',
      'checkout/migrate',
    ])
    const refused = screen.getByRole('row', { name: 'checkout/migrate' })
    expect(refused.getAttribute('aria-description')).toContain('could not be compared')
    expect(refused.textContent).toContain('refused')
    expect(refused.textContent).not.toMatch(/Low|Medium|High/)
    expect(screen.getByRole('status', { name: 'Comparison' }).textContent).toContain('1 object not known')
    expect(screen.getByRole('row', { name: 'checkout/checkout-metrics' }).textContent).toContain('missing')
  })

  it('lists below all of them what only the record of owners differs of, in words, and counts it apart', () => {
    const objects = (now: number): readonly DriftObject[] => [recordOnlyObject(owner, now), ...apps(now)]
    open((now) => [countedOwner(owner, objects(now), now)], objects)
    expect(rows().slice(-2)).toEqual(['checkout/migrate', 'apps/a-set-back'])
    const row = screen.getByRole('row', { name: 'apps/a-set-back' })
    expect(row.textContent).toContain('record only')
    expect(row.textContent).toContain('only who owns it differs: kubectl-edit holds data.value')
    expect(row.getAttribute('aria-description')).toContain('differs only in who owns its fields')
    expect(screen.getByText('7 objects of 1 owner, 1 record only')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Record only 1' })).toBeTruthy()
  })

  it('groups by manager and by namespace, and keeps the choice', async () => {
    open((now) => [countedOwner(owner, apps(now), now)], apps)
    await waitFor(() => expect(uiStore.getState().isLoaded).toBe(true))
    fireEvent.click(screen.getByRole('radio', { name: 'Field manager' }))
    await waitFor(() => expect(rows()).toContain('kubectl-set'))
    // One object, three managers.
    expect(
      rows().filter((name) => name === 'kubectl' || name === 'kubectl-edit' || name === 'Manager not known'),
    ).toHaveLength(3)
    fireEvent.click(screen.getByRole('radio', { name: 'Namespace' }))
    await waitFor(() => expect(rows()[0]).toBe('apps'))
    expect(uiStore.getState().tabs['$drift-grouping']).toBe('namespace')
  })

  it('filters by manager and risk, and quick filters write the filter language', async () => {
    open((now) => [countedOwner(owner, apps(now), now)], apps)
    fireEvent.change(screen.getByRole('searchbox', { name: 'Filter Drift' }), { target: { value: 'manager:k9s ' } })
    await waitFor(() => expect(rows()).toEqual(['flux-system/apps', 'apps/podinfo']))
    fireEvent.click(screen.getByRole('button', { name: 'Remove manager:k9s' }))
    fireEvent.click(screen.getByRole('button', { name: 'High risk 2' }))
    await waitFor(() => expect(rows()).toEqual(['flux-system/apps', 'apps/podinfo', 'checkout/legacy-report']))
    expect(screen.getByText('risk:')).toBeTruthy()
    fireEvent.change(screen.getByRole('searchbox', { name: 'Filter Drift' }), { target: { value: 'nothing-like-it ' } })
    expect(await screen.findByText('The filter hides 8 objects.')).toBeTruthy()
  })

  it('opens the owner on its Drift tab with the object selected, by Enter and by d', () => {
    open((now) => [countedOwner(owner, apps(now), now)], apps)
    const grid = screen.getByRole('treegrid', { name: 'Drift' })
    fireEvent.click(screen.getByRole('row', { name: 'checkout/checkout-config' }))
    fireEvent.keyDown(grid, { key: 'Enter' })
    expect(navigationStore.getState().route).toMatchObject({
      page: 'object',
      name: 'apps',
      tab: 'drift',
      item: '/ConfigMap/checkout/checkout-config',
    })
    act(() => navigate(viewRoute('drift')))
    fireEvent.click(screen.getByRole('row', { name: 'flux-system/apps' }))
    act(() => void runCommand('drift'))
    expect(navigationStore.getState().route).toMatchObject({ name: 'apps', tab: 'drift' })
  })

  it('says how far the comparison is and lists why the rest failed, forbidden ones as such, with the ways on', async () => {
    const mounted = open((now) => [
      driftOwner(owner, now, {
        state: 'failed',
        checkedAt: null,
        error: fault('HostNotAllowed', 'git.example.com:443 is not yet allowed for this cluster'),
      }),
      driftOwner(other, now, { state: 'failed', error: fault('Forbidden', 'You may not get configmaps in infra') }),
      driftOwner(ref('Kustomization', 'late', 'flux-system', ks), now, { state: 'pending', checkedAt: null }),
    ])
    act(() =>
      mounted.bridge.push('hosts.watch', [
        { key: 'h', cluster: owner.cluster, host: 'git.example.com:443', isAllowed: false, namedBy: [] },
      ]),
    )
    const line = screen.getByRole('status', { name: 'Comparison' })
    expect(line.textContent).toContain('1 of 3 compared')
    expect(line.textContent).toContain('1 not yet')
    expect(screen.queryByText('Nothing drifts')).toBeNull()
    fireEvent.click(screen.getByRole('button', { name: /2 failed, 1 forbidden/ }))
    const list = screen.getByRole('list', { name: 'Not compared' })
    const [first] = within(list).getAllByRole('listitem')
    expect(first?.textContent).toContain('You may not get configmaps in infra')
    act(() =>
      mounted.bridge.push('hosts.watch', [
        { key: 'h', cluster: owner.cluster, host: 'git.example.com:443', isAllowed: false, namedBy: [] },
      ]),
    )
    fireEvent.click(await screen.findByRole('button', { name: 'Allow git.example.com:443 for this cluster' }))
    await waitFor(() =>
      expect(mounted.bridge.calls.filter(({ name }) => name === 'hosts.allow' || name === 'drift.check')).toEqual([
        { name: 'hosts.allow', input: { cluster: owner.cluster, host: 'git.example.com:443', isAllowed: true } },
        { name: 'drift.check', input: { ref: owner } },
      ]),
    )
  })
})

it('offers the own credentials where a repository refuses access, for that cluster', async () => {
  const url = 'https://git.example.com/org/fleet'
  const mounted = open((now) => [
    driftOwner(owner, now, {
      state: 'failed',
      checkedAt: null,
      error: fault('GitAuthFailed', `${url} refuses access (401)`),
    }),
  ])
  fireEvent.click(screen.getByRole('button', { name: /1 failed/ }))
  const row = { key: 'r', url, isAllowed: false, hasToken: false, namedBy: [] }
  act(() => mounted.bridge.push('credentials.watch', [{ ...row, cluster: 'another' }]))
  expect(screen.queryByRole('button', { name: /my own credentials/ })).toBeNull()
  act(() => mounted.bridge.push('credentials.watch', [{ ...row, cluster: owner.cluster }]))
  fireEvent.click(await screen.findByRole('button', { name: `Use my own credentials for ${url}` }))
  await waitFor(() =>
    expect(mounted.bridge.calls.filter(({ name }) => name === 'credentials.allow' || name === 'drift.check')).toEqual([
      { name: 'credentials.allow', input: { cluster: owner.cluster, url, isAllowed: true } },
      { name: 'drift.check', input: { ref: owner } },
    ]),
  )
})

describe('the drift view without a row', () => {
  it('says that nothing drifts only where everything was compared', () => {
    open((now) => [driftOwner(owner, now), driftOwner(other, now)])
    expect(screen.getByText('Nothing drifts')).toBeTruthy()
    expect(screen.getByText(/2 Kustomizations compared, the oldest/)).toBeTruthy()
  })

  it.each([
    ['one is not yet compared', { state: 'pending', checkedAt: null } as const, 'No drift in what was compared'],
    [
      'one failed',
      { state: 'failed', error: fault('RenderFailed', 'no such file') } as const,
      'No drift in what was compared',
    ],
    ['one is approximate', { isApproximate: true } as const, 'No drift in what was compared'],
  ])('does not say so while %s', (_, more, title) => {
    open((now) => [driftOwner(owner, now), driftOwner(other, now, more)])
    expect(screen.getByText(title)).toBeTruthy()
    expect(screen.queryByText('Nothing drifts')).toBeNull()
  })

  it('tells what it waits for, and an ended stream', () => {
    const mounted = open((now) => [driftOwner(owner, now, { state: 'checking', checkedAt: null })])
    expect(screen.getByText('Being compared')).toBeTruthy()
    act(() => mounted.bridge.end('drift.owners', failure('Internal', 'The engine gave up').error))
    expect(screen.getByRole('alert').textContent).toContain('The engine gave up')
  })

  it('says which kinds may not be listed', () => {
    connect((mounted) => {
      publish(mounted, [])
      mounted.bridge.publish('kinds.watch', [
        {
          key: 'k',
          context: 'staging',
          cluster: 'c-staging',
          group: ks,
          kind: 'Kustomization',
          version: 'v1',
          plural: 'kustomizations',
          isNamespaced: true,
          category: 'kustomizations',
          state: 'forbidden',
          message: 'User "app-dev" cannot list resource "kustomizations"',
          count: 0,
          remaining: null,
          namespaces: null,
          hasGate: true,
          patchAccess: 'denied',
          patchAccessReason: '',
          columns: [],
        },
      ])
    })
    render(<DriftView />)
    expect(screen.getByText('You may not list Kustomizations in staging-eu')).toBeTruthy()
  })
})

describe('ten thousand objects', () => {
  it('are grouped in well under a frame’s worth of waiting and drawn as far as they are seen', () => {
    const many = (now: number): DriftObject[] =>
      Array.from({ length: 10_000 }, (_, index) =>
        driftObject(
          ref('Kustomization', `app-${index % 200}`, 'flux-system', ks),
          '',
          'ConfigMap',
          `team-${index % 40}/c-${index}`,
          now,
        ),
      )
    const objects = many(Date.now())
    const startedAt = performance.now()
    expect(driftEntries(objects, 'owner', () => '')).toHaveLength(10_200)
    expect(performance.now() - startedAt).toBeLessThan(1000)
    open(
      (now) => [countedOwner(owner, objects, now)],
      () => objects,
    )
    expect(rows().length).toBeLessThan(80)
    expect(screen.getByRole('treegrid').getAttribute('aria-rowcount')).toBe('10201')
  })
})
