import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { HostingLayer } from '../../../../renderer/features/hosting/hosting-layer.tsx'
import { HostingView } from '../../../../renderer/features/hosting/hosting-view.tsx'
import { compareHostedRows, wordOf } from '../../../../renderer/features/hosting/hosted-words.ts'
import { openHostingDialog } from '../../../../renderer/stores/hosting-actions.ts'
import { compileHostedFilter } from '../../../../shared/lib/filter/compile-hosted.ts'
import { parseFilter } from '../../../../shared/lib/filter/parse.ts'
import type { HostedRow, HostingPlan, HostingState } from '../../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refKey } from '../../../../shared/model/identity.ts'
import { mount } from '../../support/app.tsx'
import { failure } from '../../support/fake-bridge.ts'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`

function rowOf(name: string, state: HostedRow['state'], more: Partial<HostedRow> = {}): HostedRow {
  const ref: ObjectRef = {
    cluster: 'c',
    group: 'kustomize.toolkit.fluxcd.io',
    kind: 'Kustomization',
    namespace: 'apps',
    name,
  }
  return {
    key: refKey(ref),
    ref,
    state,
    message: '',
    waitsFor: [],
    nextAt: null,
    lastResult: null,
    lastDurationMs: null,
    lastAt: null,
    failures: 0,
    mode: 'automatic',
    plan: null,
    ...more,
  }
}

function stateOf(context: string, state: HostingState['state'], more: Partial<HostingState> = {}): HostingState {
  return {
    key: context,
    context,
    cluster: 'c',
    isOn: true,
    state,
    message: '',
    leases: [],
    found: [],
    error: null,
    running: 1,
    waiting: 0,
    total: 3,
    since: Date.now(),
    ...more,
  }
}

function planOf(context: string, more: Partial<HostingPlan> = {}): HostingPlan {
  return {
    digest: digest('a'),
    context,
    cluster: 'c',
    isProduction: false,
    namespace: 'flux-system',
    isNamespaceCreated: true,
    missingDefinitions: ['GitRepository.source.toolkit.fluxcd.io'],
    definitions: 'generated',
    definitionsFrom: '',
    releaseHost: 'releases.example',
    found: [],
    leases: [],
    hosted: 42,
    notHosted: [],
    suspended: 3,
    notes: ['It does this.'],
    refusal: null,
    ...more,
  }
}

const offOf = (button: HTMLElement): string | null => button.getAttribute('aria-description')

describe('switching on', () => {
  it('shows the plan and starts it by its digest; production is ticked first', async () => {
    const { bridge, fleet } = mount(<HostingLayer />, ({ bridge: to }) => {
      to.answer('hosting.plan', ({ context }) => ({ ok: true, value: planOf(context, { isProduction: true }) }))
      to.answer('hosting.start', () => ({ ok: true, value: null }))
    })
    const { key, name } = fleet.contexts[0]!
    openHostingDialog(key, true)
    const dialog = within(await screen.findByRole('dialog', { name: `Host ${name} from this machine` }))
    await dialog.findByText('flux-system, will be created')
    dialog.getByText('42 are reconciled, 3 of them suspended')
    const on = dialog.getByRole('button', { name: /^Switch on, 42 objects/ })
    fireEvent.click(on)
    expect(bridge.calls.some(({ name: called }) => called === 'hosting.start')).toBe(false)
    expect(offOf(on)).toBe('Tick first that you mean a production context')
    fireEvent.click(dialog.getByRole('checkbox', { name: /looks like production/ }))
    fireEvent.click(on)
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(bridge.calls.find(({ name: called }) => called === 'hosting.start')?.input).toEqual({
      context: key,
      digest: digest('a'),
    })
  })

  it('is refused with its remedy, and cannot be pressed', async () => {
    const refusal = failure('ReadOnlyContext', 'lab is read-only', 'Allow writes for this context first.').error
    const { fleet } = mount(<HostingLayer />, ({ bridge: to }) => {
      to.answer('hosting.plan', ({ context }) => ({ ok: true, value: planOf(context, { refusal }) }))
    })
    openHostingDialog(fleet.contexts[0]!.key, true)
    const dialog = within(await screen.findByRole('dialog'))
    const alert = await dialog.findByRole('alert')
    expect(alert.textContent).toContain('Allow writes for this context first.')
    within(alert).getByRole('button', { name: 'Open Settings' })
    expect(offOf(dialog.getByRole('button', { name: /^Switch on/ }))).toBe('lab is read-only')
  })

  it('takes missing definitions from a release, and goes on without it where it cannot be had', async () => {
    const asked: unknown[] = []
    const { fleet } = mount(<HostingLayer />, ({ bridge: to }) => {
      to.answer('hosting.plan', ({ context, release }) => {
        asked.push(release)
        return release === undefined
          ? { ok: true, value: planOf(context) }
          : failure('ArtifactMissing', 'releases.example has no release v9.9.9 of Flux')
      })
    })
    openHostingDialog(fleet.contexts[0]!.key, true)
    const dialog = within(await screen.findByRole('dialog'))
    await dialog.findByText('1 missing, made from Sluice’s own tables')
    fireEvent.change(dialog.getByLabelText('Version'), { target: { value: 'v9.9.9' } })
    fireEvent.change(dialog.getByLabelText('SHA-256 of its install.yaml'), { target: { value: 'a'.repeat(64) } })
    fireEvent.click(dialog.getByRole('button', { name: 'Download from releases.example' }))
    const alert = await dialog.findByRole('alert')
    expect(alert.textContent).toContain('has no release v9.9.9')
    fireEvent.click(within(alert).getByRole('button', { name: 'Without the release' }))
    await dialog.findByText('1 missing, made from Sluice’s own tables')
    expect(asked).toEqual([undefined, { version: 'v9.9.9', checksum: 'a'.repeat(64) }, undefined])
  })

  it('says that nothing is installed beside controllers', async () => {
    const found = [
      { name: 'source-controller', namespace: 'flux-system', by: 'deployment', text: 'Deployment source-controller' },
    ] as const
    const { fleet } = mount(<HostingLayer />, ({ bridge: to }) => {
      const left = { definitions: 'left', missingDefinitions: [], isNamespaceCreated: false, found } as const
      to.answer('hosting.plan', ({ context }) => ({ ok: true, value: planOf(context, left) }))
    })
    openHostingDialog(fleet.contexts[0]!.key, true)
    const dialog = within(await screen.findByRole('dialog'))
    await dialog.findByText('some are missing; none is installed beside controllers')
    expect(dialog.queryByText(/will be installed|will be created/)).toBeNull()
  })

  it('looks again where the plan moved, and tells that it did', async () => {
    let plans = 0
    const { fleet } = mount(<HostingLayer />, ({ bridge: to }) => {
      to.answer('hosting.plan', ({ context }) => {
        plans += 1
        return { ok: true, value: planOf(context, { digest: digest(plans === 1 ? 'a' : 'b') }) }
      })
      to.answer('hosting.start', ({ digest: given }) =>
        given === digest('a') ? failure('PlanMoved', 'lab is not what the plan saw') : { ok: true, value: null },
      )
    })
    openHostingDialog(fleet.contexts[0]!.key, true)
    const dialog = within(await screen.findByRole('dialog'))
    fireEvent.click(await dialog.findByRole('button', { name: /^Switch on, 42/ }))
    await dialog.findByText('lab is not what the plan saw')
    await waitFor(() => expect(plans).toBe(2))
    await dialog.findByText(/bbbbbbbb/)
    fireEvent.click(dialog.getByRole('button', { name: /^Switch on, 42/ }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })
})

describe('the Hosted view', () => {
  it('offers to switch on where nobody did', () => {
    mount(<HostingView />)
    screen.getByRole('heading', { name: 'Hosted mode is off' })
  })

  it('says how each context stands and who is in the way', () => {
    mount(<HostingView />, ({ bridge, fleet }) => {
      const text = 'Deployment flux-system/kustomize-controller, 1 of 1 ready'
      const found = [{ name: 'kustomize-controller', namespace: 'flux-system', by: 'deployment' as const, text }]
      bridge.publish('hosting.watch', [stateOf(fleet.contexts[0]!.key, 'stepped-back', { found })])
    })
    const line = within(screen.getByRole('list', { name: 'Hosted contexts' })).getAllByRole('listitem')[0]!
    expect(line.getAttribute('aria-description')).toContain('Stepped back: Deployment flux-system/kustomize-controller')
    screen.getByRole('heading', { name: 'Nothing is in the queue' })
  })

  it('says how long what sleeps will sleep, to the second in its hint, and nothing where only a change wakes it', () => {
    const nextAt = Date.now() + 9 * 60_000 + 30_000
    mount(<HostingView />, ({ bridge, fleet }) => {
      bridge.publish('hosting.watch', [stateOf(fleet.contexts[0]!.key, 'active')])
      bridge.publish('hosting.rows', [
        rowOf('soon', 'sleeping', { lastResult: 'succeeded', nextAt }),
        rowOf('late', 'sleeping', { lastResult: 'succeeded', nextAt: Date.now() - 1000 }),
        rowOf('never', 'suspended', { lastResult: 'succeeded' }),
        rowOf('busy', 'running', { nextAt }),
      ])
    })
    const timeOf = (name: string): string | null =>
      screen.getByRole('row', { name: `apps/${name}` }).querySelector('time')?.textContent ?? null
    expect(['soon', 'late', 'never', 'busy'].map(timeOf)).toEqual(['in 9m', 'due', null, null])
  })

  it('lists what asks for a person first, and filters in the language of the lists', async () => {
    mount(<HostingView />, ({ bridge, fleet }) => {
      bridge.publish('hosting.watch', [stateOf(fleet.contexts[0]!.key, 'active')])
      const waitsFor = [rowOf('database', 'running').ref]
      bridge.publish('hosting.rows', [
        rowOf('calm', 'sleeping', { lastResult: 'succeeded' }),
        rowOf('shop', 'waiting', { waitsFor }),
        rowOf('held', 'needs-approval'),
        rowOf('broken', 'sleeping', { lastResult: 'failed', message: 'no such path', failures: 3 }),
        rowOf('byhand', 'sleeping', { lastResult: 'failed', mode: 'manual' }),
      ])
    })
    const names = (): readonly (string | null)[] =>
      within(screen.getByRole('grid', { name: 'Hosted' }))
        .getAllByRole('row')
        .slice(1)
        .map((row) => row.getAttribute('aria-label'))
    expect(names()).toEqual(['apps/held', 'apps/broken', 'apps/byhand', 'apps/shop', 'apps/calm'])
    screen.getByRole('button', { name: 'Review apps/held' })
    screen.getByRole('button', { name: 'Apply apps/byhand now' })
    expect(screen.queryByRole('button', { name: 'Apply apps/broken now' })).toBeNull()
    screen.getByRole('button', { name: 'Open Kustomization apps/database' })
    expect(screen.getByRole('row', { name: 'apps/broken' }).textContent).toContain('3 failures in a row. no such path')
    fireEvent.click(screen.getByRole('button', { name: 'Waiting 1' }))
    await waitFor(() => expect(names()).toEqual(['apps/shop']))
  })
})

describe('words', () => {
  const failed = rowOf('a', 'sleeping', { lastResult: 'failed' })
  const rows = [rowOf('b', 'running'), failed, rowOf('c', 'not-hosted', { message: 'Its source is of kind Bucket' })]
  const found = (text: string): readonly string[] => {
    const test = compileHostedFilter(parseFilter(text))
    return rows.filter((row) => test(row, ['lab'])).map(({ ref }) => ref.name)
  }

  it('what failed and sleeps is failed; while it runs again it is running', () => {
    expect(wordOf(failed)).toBe('failed')
    expect(wordOf({ ...failed, state: 'running' })).toBe('running')
    expect([...rows].sort(compareHostedRows).map(({ ref }) => ref.name)).toEqual(['a', 'b', 'c'])
  })

  it.each([
    ['status:running', 'b'],
    ['is:failed', 'a'],
    ['status:not-hosted', 'c'],
    ['-status:sleeping', 'b,c'],
    ['bucket', 'c'],
    ['kind:ks ns:apps name:b', 'b'],
    ['ctx:lab -is:failed', 'b,c'],
    ['manager:anything', ''],
  ])('%s finds %s', (text, names) => {
    expect(found(text).join(',')).toBe(names)
  })
})
