import { act, screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { OverviewView } from '../../../../renderer/features/overview/overview-view.tsx'
import type { ControllerRow } from '../../../../shared/model/rows.ts'
import { mount } from '../../support/app.tsx'
import type { Mounted } from '../../support/app.tsx'
import { contextRow, fluxRow, ks, minute, ref } from '../../support/sample-fleet.ts'

function controllerRow(name: string, more: Partial<ControllerRow> = {}): ControllerRow {
  return {
    key: `c-staging|flux-system/${name}`,
    cluster: 'c-staging',
    namespace: 'flux-system',
    name,
    version: 'v1.9.4',
    image: `ghcr.io/fluxcd/${name}:v1.9.4`,
    args: [],
    readyReplicas: 1,
    replicas: 1,
    status: 'Current',
    message: '',
    leaseHolder: null,
    leaseRenewedAt: null,
    shard: null,
    ...more,
  }
}

const open = (prepare: (mounted: Mounted) => void): Mounted =>
  mount(<OverviewView />, (mounted) => {
    mounted.bridge.publish('contexts.watch', [contextRow('staging')])
    prepare(mounted)
  })

const controllerOf = (name: string): HTMLElement =>
  within(screen.getByRole('table', { name: 'Controllers' })).getByRole('row', { name: `flux-system/${name}` })

/** Texts of a row's cells behind its mark. */
const cellsOf = (name: string): readonly (string | null)[] =>
  within(controllerOf(name))
    .getAllByRole('cell')
    .slice(1)
    .map(({ textContent }) => textContent)

/** What the mark means to whoever cannot see it. */
const wordOf = (name: string): string | null => controllerOf(name).getAttribute('aria-description')

const tooltipOf = (name: string): string | null => controllerOf(name).getAttribute('data-tooltip')

describe('controllers', () => {
  it('stand with version, ready replicas, lease and shard, with image and arguments in the tooltip', () => {
    open(({ bridge, now }) =>
      bridge.publish('controllers.watch', [
        controllerRow('kustomize-controller', {
          replicas: 2,
          readyReplicas: 2,
          args: ['--concurrent=20', '--enable-leader-election'],
          leaseHolder: 'kustomize-controller-5d9_a1',
          leaseRenewedAt: now - 3 * minute,
        }),
        controllerRow('kustomize-controller-shard1', {
          version: 'v1.8.0',
          args: ['--watch-label-selector=sharding.fluxcd.io/key=shard1'],
          shard: 'sharding.fluxcd.io/key=shard1',
        }),
      ]),
    )
    expect(screen.getByRole('region', { name: 'Controllers' }).textContent).toContain('2 ready')
    expect(cellsOf('kustomize-controller')).toEqual([
      'kustomize-controller ',
      'v1.9.4',
      '2/2',
      'lease kustomize-controller-5d9_a1, 3m',
    ])
    expect(cellsOf('kustomize-controller-shard1').slice(1)).toEqual([
      'v1.8.0',
      '1/1',
      'shard sharding.fluxcd.io/key=shard1 · no lease',
    ])
    expect(tooltipOf('kustomize-controller')).toBe(
      'ghcr.io/fluxcd/kustomize-controller:v1.9.4\n--concurrent=20 --enable-leader-election\nLease: kustomize-controller-5d9_a1',
    )
    expect(tooltipOf('kustomize-controller-shard1')).toContain('No lease')
  })

  it('that are not ready say so here and under what needs attention', () => {
    const message = 'Back-off pulling image "ghcr.io/fluxcd/helm-controller:v1.6.3"'
    open(({ bridge }) =>
      bridge.publish('controllers.watch', [
        controllerRow('helm-controller', { readyReplicas: 0, status: 'InProgress', message }),
        controllerRow('kustomize-controller', { replicas: 3 }),
        controllerRow('source-controller'),
      ]),
    )
    expect(screen.getByRole('region', { name: 'Controllers' }).textContent).toContain('1 of 3 ready')
    expect(cellsOf('helm-controller')).toEqual(['helm-controller ', 'v1.9.4', '0/1', 'no lease'])
    expect(wordOf('helm-controller')).toBe('Failed')
    expect(wordOf('kustomize-controller')).toBe('Progressing')
    expect(wordOf('source-controller')).toBe('Ready')
    expect(tooltipOf('helm-controller')).toContain(message)
    const attention = screen.getByRole('region', { name: 'Needs attention' })
    expect(attention.textContent).toContain('helm-controller')
    expect(attention.textContent).toContain(message)
  })

  it('of a cluster that is silent are as they were last seen', () => {
    const { bridge } = open((each) => each.bridge.publish('controllers.watch', [controllerRow('source-controller')]))
    expect(wordOf('source-controller')).toBe('Ready')
    act(() => bridge.push('contexts.watch', [contextRow('staging', { connection: 'unreachable' })]))
    expect(wordOf('source-controller')).toBe('Stale')
  })
})

describe('a context whose cluster was made anew', () => {
  const metaOf = (): string | undefined => {
    const rows = screen.getAllByRole('row', { name: 'staging' })
    return rows[0]?.querySelector('.contextMeta')?.textContent
  }

  it('says so first, where a narrow column cannot cut it off', () => {
    const { bridge, now } = open(() => undefined)
    expect(metaOf()).toBe('Flux v2.7.3 · Kubernetes v1.34.2')
    act(() => bridge.push('contexts.watch', [contextRow('staging', { recreatedAt: now })]))
    expect(metaOf()).toBe('Recreated, started fresh · Flux v2.7.3 · Kubernetes v1.34.2')
    expect(document.querySelector('.contextMeta')?.getAttribute('data-tooltip')).toContain('Another cluster answers')
  })
})

describe('what nobody knows', () => {
  const noteOf = (): string => screen.getByRole('link', { name: /Unknown$/ }).textContent

  it('is laid to a silent context only where that one held anything', () => {
    const unseen = fluxRow(ref('Kustomization', 'new', 'apps', ks), 'Unknown')
    const { bridge } = open((each) => {
      each.bridge.publish('contexts.watch', [
        contextRow('staging'),
        contextRow('prod-us-1', { connection: 'unreachable', cluster: null }),
      ])
      each.bridge.publish('rows.watch', [unseen])
    })
    expect(noteOf()).toContain('1no condition yet')
    const before = fluxRow(ref('Kustomization', 'old', 'apps', ks, 'c-prod'), 'Ready')
    act(() => {
      bridge.push('contexts.watch', [contextRow('prod-us-1', { connection: 'unreachable', cluster: 'c-prod' })])
      bridge.push('rows.watch', [before])
    })
    expect(noteOf()).toContain('2prod-us-1 is silent')
  })
})
