import { describe, expect, test } from 'vitest'
import type { PlaygroundLoop } from '../../../../shared/model/app.ts'
import type { DriftOwner } from '../../../../shared/model/drift.ts'
import type { FluxRow } from '../../../../shared/model/rows.ts'
import { tellLoop } from '../../../../renderer/features/playground/loop-steps.ts'
import { fluxRow, ks, ref, src } from '../../support/sample-fleet.ts'

const sha = 'a'.repeat(40)
const older = 'b'.repeat(40)
const at = 1_790_000_000_500
const action = { does: 'does', offReason: '' }
const loop = (last: PlaygroundLoop['last'], more: Partial<PlaygroundLoop> = {}): PlaygroundLoop => ({
  namespace: 'playground',
  source: 'demo',
  kustomization: 'web',
  repositoryUrl: 'http://127.0.0.1:1/t/demo.git',
  isMoving: true,
  commit: { sha, subject: 'Release', at },
  isBroken: false,
  isEdited: false,
  last,
  actions: { commit: action, break: action, drift: action, mend: action },
  ...more,
})
const row = (kind: string, group: string, commit: string, word: FluxRow['status']['word'], since: number): FluxRow =>
  fluxRow(ref(kind, 'x', 'playground', group), word, {
    revision: `main@sha1:${commit}`,
    status: { word, reason: '', message: '', since, isOverdue: false },
  })
const source = (commit: string): FluxRow => row('GitRepository', src, commit, 'Ready', at)
const web = (commit: string, word: FluxRow['status']['word'] = 'Ready', since = at): FluxRow =>
  row('Kustomization', ks, commit, word, since)
const owner = (more: Partial<DriftOwner>): DriftOwner => ({ driftedCount: 0, checkedAt: null, ...more }) as DriftOwner
const hosting = { state: 'active', message: '' } as const

const words = (facts: Partial<Parameters<typeof tellLoop>[0]> & { readonly loop: PlaygroundLoop }): string =>
  tellLoop({ source: undefined, kustomization: undefined, drift: undefined, hosting, ...facts })
    .steps.map(({ word, state }) => `${word} ${state}`)
    .join(', ')

describe('after a commit', () => {
  const committed = loop({ action: 'commit', at, sha })
  test('each stage waits for the one before it', () => {
    const begun = `Commit aaaaaaa done`
    expect(words({ loop: committed, source: source(older), kustomization: web(older) })).toBe(
      `${begun}, Fetched running, Applied waiting, Healthy waiting`,
    )
    expect(words({ loop: committed, source: source(sha), kustomization: web(older) })).toBe(
      `${begun}, Fetched done, Applied running, Healthy waiting`,
    )
    expect(words({ loop: committed, source: source(sha), kustomization: web(sha, 'Progressing') })).toBe(
      `${begun}, Fetched done, Applied done, Healthy running`,
    )
    expect(words({ loop: committed, source: source(sha), kustomization: web(sha) })).toBe(
      `${begun}, Fetched done, Applied done, Healthy done`,
    )
  })

  test('a failure from before the commit is not its own, one since then is', () => {
    const facts = { loop: committed, source: source(sha) }
    expect(words({ ...facts, kustomization: web(older, 'Failed', at - 5000) })).toContain('Applied running')
    // Conditions have whole seconds.
    expect(words({ ...facts, kustomization: web(older, 'Failed', 1_790_000_000_000) })).toContain('Not applied failed')
  })

  test('where nothing moves, applied is the end', () => {
    const still = loop({ action: 'commit', at, sha }, { isMoving: false })
    expect(words({ loop: still, source: source(sha), kustomization: web(sha) })).not.toContain('Healthy')
  })

  test('where nothing moves, the beginning says so', () => {
    const told = (isMoving: boolean): string =>
      tellLoop({
        loop: loop(null, { isMoving }),
        source: source(sha),
        kustomization: web(sha),
        drift: undefined,
        hosting,
      }).text
    expect(told(false)).toContain('Workloads do not move: controller manager, scheduler and kwok are missing.')
    expect(told(true)).not.toContain('do not move')
  })

  test('without hosted mode it says why nothing goes on', () => {
    const facts = { loop: committed, source: source(older), kustomization: web(older), drift: undefined }
    expect(tellLoop({ ...facts, hosting: null }).text).toContain('hosted mode is not on')
    const away = { state: 'stepped-back', message: 'Controllers are there.' } as const
    expect(tellLoop({ ...facts, hosting: away }).text).toContain('Controllers are there.')
  })
})

test('an edit is found as drift, and gone only when it has been compared again', () => {
  const edited = loop({ action: 'drift', at, sha: null }, { isEdited: true })
  expect(words({ loop: edited, drift: owner({}) })).toBe('Edited by hand done, Drift found running')
  expect(words({ loop: edited, drift: owner({ driftedCount: 1 }) })).toBe('Edited by hand done, Drift found drifted')
  const asked = loop({ action: 'mend', at, sha: null }, { isEdited: true })
  expect(words({ loop: asked, drift: owner({ driftedCount: 1 }) })).toContain('Put back running, No drift waiting')
  const mended = loop({ action: 'mend', at, sha: null })
  expect(words({ loop: mended, drift: owner({ checkedAt: at - 1 }) })).toContain('Put back done, No drift running')
  expect(words({ loop: mended, drift: owner({ checkedAt: at + 1 }) })).toContain('No drift done')
})
