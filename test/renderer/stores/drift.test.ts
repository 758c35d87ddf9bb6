import { describe, expect, it } from 'vitest'
import { driftCellOf, selectDriftTotals, selectDrifting } from '../../../renderer/stores/drift.ts'
import { hostsInTheWay, repositoriesInTheWay } from '../../../renderer/stores/drift-actions.ts'
import { driftOwner, fault } from '../../fixtures/fake-host/drift.ts'

const now = 1_000_000
const ref = (name: string) => ({ cluster: 'c', group: 'g', kind: 'Kustomization', namespace: 'n', name })
const owner = (name: string, more: Parameters<typeof driftOwner>[2] = {}) => driftOwner(ref(name), now, more)

describe('what a list says of drift', () => {
  it.each([
    ['no drift', owner('a'), 'equal', 0],
    ['drift', owner('a', { driftedCount: 5 }), 'drifted', 5],
    [
      'drift of before a failed comparison',
      owner('a', { driftedCount: 5, error: fault('Forbidden', 'no') }),
      'drifted',
      5,
    ],
    ['not yet compared', owner('a', { state: 'pending', checkedAt: null }), 'pending', 0],
    ['compared for the first time now', owner('a', { state: 'checking', checkedAt: null }), 'pending', 0],
    ['not heard of', undefined, 'pending', 0],
    ['failed', owner('a', { state: 'failed', checkedAt: null, error: fault('RenderFailed', 'x') }), 'unknown', 0],
    ['equal before a failed comparison', owner('a', { error: fault('RenderFailed', 'x') }), 'unknown', 0],
    ['something refused', owner('a', { refusedCount: 1 }), 'unknown', 0],
  ] as const)('%s', (_, of, kind, count) => {
    expect(driftCellOf(of, false, now)).toMatchObject({ kind, count })
  })

  it('knows nothing of a cluster that is silent', () => {
    expect(driftCellOf(owner('a'), true, now).kind).toBe('unknown')
  })
})

describe('totals', () => {
  it('count what is compared and what is not', () => {
    const owners = [
      owner('a', { driftedCount: 2, checkedAt: now - 5000 }),
      owner('b', { state: 'pending', checkedAt: null }),
      owner('c', { state: 'failed', checkedAt: null, error: fault('Forbidden', 'no') }),
      owner('d', { isApproximate: true }),
    ]
    const items = new Map(owners.map((each) => [each.key, each]))
    expect(selectDriftTotals(items)).toMatchObject({
      owners: 4,
      compared: 2,
      pending: 1,
      failed: 1,
      approximate: 1,
      drifted: 2,
      driftedOwners: 1,
      oldestAt: now - 12_000,
    })
    const before = selectDrifting(items)
    expect([...before]).toEqual([owners[0]?.key])
    expect(selectDrifting(new Map(items))).toBe(before)
  })
})

describe('the host in the way', () => {
  const host = (name: string, more: object = {}) => ({
    key: name,
    cluster: 'c',
    host: name,
    isAllowed: false,
    namedBy: [],
    ...more,
  })
  const source = { cluster: 'c', group: 's', kind: 'GitRepository', namespace: 'n', name: 'fleet' }

  it('is the one that the refusal names, else the one that the source names', () => {
    const error = fault('HostNotAllowed', 'git.example.com is not allowed')
    const hosts = [host('git.example.com:443'), host('other.example.com:443', { namedBy: ['GitRepository/n/fleet'] })]
    expect(hostsInTheWay(ref('a'), source, error, hosts).map((each) => each.host)).toEqual(['git.example.com:443'])
    const silent = fault('HostNotAllowed', 'A host is not allowed')
    expect(hostsInTheWay(ref('a'), source, silent, hosts).map((each) => each.host)).toEqual(['other.example.com:443'])
  })

  it('is never one of another cluster, an allowed one, or one of another fault', () => {
    const error = fault('HostNotAllowed', 'git.example.com is not allowed')
    expect(hostsInTheWay(ref('a'), source, error, [host('git.example.com:443', { cluster: 'd' })])).toEqual([])
    expect(hostsInTheWay(ref('a'), source, error, [host('git.example.com:443', { isAllowed: true })])).toEqual([])
    // The controller is silent: what could be allowed instead is named in the detail, or nowhere.
    const hosts = [host('git.example.com:443')]
    const down = fault('ArtifactUnavailable', 'source-controller does not answer')
    expect(hostsInTheWay(ref('a'), source, down, hosts)).toEqual([])
    const instead = hostsInTheWay(ref('a'), source, { ...down, detail: error.message }, hosts)
    expect(instead.map((each) => each.host)).toEqual(['git.example.com:443'])
    expect(hostsInTheWay(ref('a'), source, fault('RenderFailed', 'x'), [host('git.example.com:443')])).toEqual([])
  })
})

describe('the repository in the way', () => {
  const url = 'https://git.example.com/org/fleet'
  const repository = (of: string, more: object = {}) => ({
    key: of,
    cluster: 'c',
    url: of,
    isAllowed: false,
    hasToken: false,
    namedBy: [],
    ...more,
  })
  const source = { cluster: 'c', group: 's', kind: 'GitRepository', namespace: 'n', name: 'fleet' }
  const error = fault('GitAuthFailed', `${url} refuses access (401)`)

  it('is the one that the refusal names, not one that begins alike, else the one that the source names', () => {
    const named = repository('https://git.example.com/org', { namedBy: ['GitRepository/n/fleet'] })
    const all = [named, repository(url)]
    expect(repositoriesInTheWay(ref('a'), source, error, all).map((each) => each.url)).toEqual([url])
    const silent = fault('GitAuthFailed', 'The Secret cannot be used')
    expect(repositoriesInTheWay(ref('a'), source, silent, all)).toEqual([named])
  })

  it('is never one of another cluster, an allowed one, or one of another fault', () => {
    expect(repositoriesInTheWay(ref('a'), source, error, [repository(url, { cluster: 'd' })])).toEqual([])
    expect(repositoriesInTheWay(ref('a'), source, error, [repository(url, { isAllowed: true })])).toEqual([])
    expect(repositoriesInTheWay(ref('a'), source, fault('GitFailed', url), [repository(url)])).toEqual([])
  })
})
