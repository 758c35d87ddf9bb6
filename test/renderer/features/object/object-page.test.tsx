import { mount } from '../../support/app.tsx'
import type { Mounted } from '../../support/app.tsx'
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { objectRoute } from '../../../../renderer/app/routes.ts'
import type { ObjectTab } from '../../../../renderer/app/routes.ts'
import { ObjectPage } from '../../../../renderer/features/object/object-page.tsx'
import { nextRunText, pipeBefore } from '../../../../renderer/features/object/flow-line.tsx'
import { loadYaml } from '../../../../renderer/features/object/yaml-tab.tsx'
import { dialogsStore } from '../../../../renderer/stores/dialogs.ts'
import { parseComparePlace } from '../../../../renderer/stores/history-places.ts'
import { navigate, navigationStore } from '../../../../renderer/stores/navigation.ts'
import { uiStore } from '../../../../renderer/stores/ui-state.ts'
import { failure } from '../../support/fake-bridge.ts'
import { detailOf, fluxRow, helm, ref } from '../../support/sample-fleet.ts'

function open(
  of: (mounted: Mounted) => ObjectRef,
  prepare?: (mounted: Mounted) => void,
  tab: ObjectTab = 'tree',
): Mounted {
  const mounted = mount(<ObjectPage />, prepare)
  act(() => navigate(objectRoute('staging', of(mounted), tab)))
  return mounted
}

describe('the object page', () => {
  it('heads with kind, name, status and its actions', () => {
    open(({ fleet }) => fleet.apps.ref)
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('flux-system/apps')
    expect(screen.getByText('Blocks 2')).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Suspend…' }))
    expect(dialogsStore.getState().open).toMatchObject({ kind: 'plan', action: 'suspend' })
    expect(screen.getByRole('switch', { name: 'Gate of flux-system/apps' }).getAttribute('aria-checked')).toBe('true')
  })

  it('shows the last message verbatim and leads to its cause', async () => {
    open(({ fleet }) => fleet.apps.ref)
    expect(screen.getByRole('alert').textContent).toContain("[Deployment/apps/podinfo status: 'InProgress']")
    await waitFor(() => expect(uiStore.getState().isLoaded).toBe(true))
    fireEvent.click(screen.getByRole('button', { name: 'Show cause' }))
    await waitFor(() =>
      expect(screen.getByRole('row', { name: 'po podinfo-7d4c9b5f6d-9qv5m' }).getAttribute('aria-selected')).toBe(
        'true',
      ),
    )
    const details = screen.getByRole('complementary', { name: 'Details of Pod apps/podinfo-7d4c9b5f6d-9qv5m' })
    expect(details.textContent).toContain('ImagePullBackOff')
    expect(uiStore.getState().tabs['$tree']).toContain('9qv5m')
  })

  it('leads from a failure to what changed in the hour before it', () => {
    const { fleet } = open(({ fleet: { apps } }) => apps.ref)
    fireEvent.click(screen.getByRole('button', { name: 'What changed in the hour before' }))
    const { route } = navigationStore.getState()
    const since = fleet.apps.row?.status.since ?? NaN
    const place = route.page === 'view' && route.view === 'compare' ? parseComparePlace(route.filter) : null
    expect(place).toMatchObject({ about: { context: 'staging', ref: { name: 'apps' } }, from: since - 3_600_000 })
    expect(Number(place?.until)).toBeGreaterThan(since)
  })

  it('keeps open what a problem had opened when the problem goes', () => {
    const { bridge, fleet } = open(({ fleet: { apps } }) => apps.ref)
    expect(screen.getByRole('row', { name: 'po podinfo-7d4c9b5f6d-9qv5m' })).toBeTruthy()
    act(() =>
      bridge.push(
        'tree.watch',
        fleet.tree.map((node) => ({ ...node, status: 'Current' as const, cause: '', problem: null })),
      ),
    )
    expect(screen.getByRole('row', { name: 'po podinfo-7d4c9b5f6d-9qv5m' })).toBeTruthy()
  })

  it('says who closed the gate, why and until when, and why it may not reconcile', () => {
    open(({ fleet }) => fleet.suspended.ref)
    const flow = screen.getByRole('group', { name: 'From source to cluster' })
    expect(flow.textContent).toContain('Suspended by oncall-1')
    expect(flow.textContent).toContain('Hotfix for checkout latency (INC-2041)')
    expect([...flow.querySelectorAll('[data-pipe]')].map((pipe) => pipe.getAttribute('data-pipe'))).toEqual([
      'dry',
      'dry',
      'dry',
    ])
    expect(screen.getByRole('button', { name: 'Reconcile' }).getAttribute('aria-disabled')).toBe('true')
    expect(screen.getByRole('button', { name: 'Resume…' }).getAttribute('aria-disabled')).toBeNull()
  })

  it('believes no reason that Sluice does not own any more', () => {
    open(
      ({ fleet }) => fleet.suspended.ref,
      ({ bridge, fleet }) => {
        const { suspended } = fleet
        const row = suspended.row
        if (row === null) return
        bridge.publish(
          'object.watch',
          [{ ...suspended, row: { ...row, suspend: { ...row.suspend!, isTrusted: false, manager: 'kubectl-edit' } } }],
          { ref: suspended.ref },
        )
      },
    )
    const flow = screen.getByRole('group', { name: 'From source to cluster' })
    expect(flow.textContent).toContain('Suspended by kubectl-edit at')
    expect(flow.textContent).not.toContain('Hotfix')
  })

  it('shows what it waits for, as links', () => {
    open(({ fleet }) => fleet.waiting.ref)
    const chain = screen.getByRole('list', { name: 'Blocked by' })
    fireEvent.click(within(chain).getByRole('button', { name: 'Kustomization flux-system/infra' }))
    expect(navigationStore.getState().route).toMatchObject({ page: 'object', name: 'infra' })
  })

  it('gives the reason of what may not be done', () => {
    const denied = { isAllowed: false, reason: 'User "app-dev" cannot patch resource "kustomizations"' }
    open(
      ({ fleet }) => fleet.apps.ref,
      ({ bridge, fleet }) =>
        bridge.publish(
          'object.watch',
          [{ ...fleet.apps, access: { suspend: denied, resume: denied, reconcile: denied, logs: denied } }],
          { ref: fleet.apps.ref },
        ),
    )
    for (const name of ['Suspend…', 'Reconcile'])
      expect(screen.getByRole('button', { name }).getAttribute('aria-description')).toBe(denied.reason)
    expect(screen.getByRole('switch', { name: /Gate of/ }).getAttribute('aria-disabled')).toBe('true')
  })

  it('keeps what it showed when the object is deleted, and says so', () => {
    const { bridge, fleet } = open(({ fleet: { apps } }) => apps.ref)
    act(() => bridge.push('object.watch', [], [fleet.apps.key]))
    expect(screen.getByText('Kustomization flux-system/apps was deleted')).toBeTruthy()
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('flux-system/apps')
    expect(screen.getByRole('button', { name: 'Suspend…' }).getAttribute('aria-disabled')).toBe('true')
  })

  it('says what does not exist, what is forbidden, and what is not connected', () => {
    const { bridge } = open(() => ref('Kustomization', 'nowhere', 'flux-system', 'kustomize.toolkit.fluxcd.io'))
    expect(screen.getByText('Kustomization flux-system/nowhere does not exist in staging-eu')).toBeTruthy()
    act(() => bridge.end('object.watch', failure('Forbidden', 'cannot get resource').error))
    expect(screen.getByText('You may not read Kustomization flux-system/nowhere')).toBeTruthy()
    act(() => navigate({ ...objectRoute('prod', ref('Kustomization', 'x')), group: 'g' }))
    expect(screen.getByText('prod-eu-1 is not selected')).toBeTruthy()
    act(() => navigate({ ...objectRoute('gone', ref('Kustomization', 'x')), group: 'g' }))
    expect(screen.getByText('There is no context gone')).toBeTruthy()
  })

  it('counts tabs, opens them, and has no graph for objects that are not of Flux', () => {
    const pod = ref('Pod', 'podinfo-7d4c9b5f6d-9qv5m', 'apps')
    open(({ fleet }) => fleet.apps.ref)
    expect(screen.getByRole('tab', { name: 'Tree', selected: true }).getAttribute('aria-description')).toBe('17')
    fireEvent.click(screen.getByRole('tab', { name: 'Conditions' }))
    expect(screen.getByRole('table', { name: 'Conditions' }).textContent).toContain('HealthCheckFailed')
    expect(uiStore.getState().tabs['Kustomization']).toBe('conditions')
    act(() => navigate(objectRoute('staging', pod)))
    expect(screen.queryByRole('tab', { name: 'Graph' })).toBeNull()
  })

  it('offers force and reset for HelmReleases', async () => {
    const release = fluxRow(ref('HelmRelease', 'valkey', 'apps', helm), 'Ready')
    open(
      () => release.ref,
      ({ bridge }) => bridge.publish('object.watch', [detailOf(release)], { ref: release.ref }),
    )
    const more = screen.getByRole('button', { name: 'More ways to reconcile' })
    fireEvent.pointerDown(more)
    fireEvent.mouseDown(more)
    fireEvent.click(more)
    expect(await screen.findByRole('menuitem', { name: /Force/ })).toBeTruthy()
    fireEvent.click(screen.getByRole('menuitem', { name: /Reset failure counts/ }))
    expect(dialogsStore.getState().open).toMatchObject({ action: 'reset' })
  })
})

describe('the flow line', () => {
  const stage = { name: 'Built', value: '', note: '', at: null } as const

  it('is dry behind a closed gate, broken before a failure, wet where water went', () => {
    expect(pipeBefore({ ...stage, state: 'failed' }, true)).toBe('dry')
    expect(pipeBefore({ ...stage, state: 'failed' }, false)).toBe('broken')
    expect(pipeBefore({ ...stage, state: 'running' }, false)).toBe('wet')
    expect(pipeBefore({ ...stage, state: 'waiting' }, false)).toBe('empty')
  })

  it('tells the next run', () => {
    expect(nextRunText(58_000, 120_000, 0)).toBe('in 58s, every 2m')
    expect(nextRunText(0, null, 5)).toBe('due')
    expect(nextRunText(null, 600_000, 0)).toBe('every 10m')
  })
})

describe('YAML in pages', () => {
  const text = 'x'.repeat(10)
  const at = ref('ConfigMap', 'big')

  it('shows each page as it comes', async () => {
    const shown: number[] = []
    await loadYaml(at, new AbortController().signal, (loaded) => shown.push(loaded.loaded), (async (
      _: string,
      { offset }: { offset: number },
    ) => ({
      ok: true,
      value: { text: text.slice(offset, offset + 4), offset, total: text.length, etag: '1' },
    })) as never)
    expect(shown).toEqual([4, 8, 10])
  })

  it('begins again when the object moves meanwhile', async () => {
    let round = 0
    const pages: string[][] = []
    await loadYaml(at, new AbortController().signal, (loaded) => pages.push([...loaded.pages]), (async (
      _: string,
      { offset, etag }: { offset: number; etag?: string },
    ) => {
      if (etag === '1') {
        round = 1
        return failure('Conflict', 'moved')
      }
      return {
        ok: true,
        value: { text: text.slice(offset, offset + 5), offset, total: 10, etag: round === 0 ? '1' : '2' },
      }
    }) as never)
    expect(pages.at(-1)?.join('')).toBe(text)
  })

  it('keeps what came and says why it stopped', async () => {
    let last: { pages: readonly string[]; error: unknown } | null = null
    let call = 0
    await loadYaml(at, new AbortController().signal, (loaded) => (last = loaded), (async () =>
      call++ === 0
        ? { ok: true, value: { text: 'a', offset: 0, total: 9, etag: '1' } }
        : failure('ConnectionLost', 'cut')) as never)
    expect(last).toMatchObject({ pages: ['a'], error: { code: 'ConnectionLost' } })
  })
})
