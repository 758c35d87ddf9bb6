import { describe, expect, it } from 'vitest'
import { isBehind } from '../../../electron/engine/drift/inputs.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'

const since = Date.parse('2026-09-16T07:00:00Z')
const source = (revision: string, lastUpdateTime: string): KubeObject => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'fleet', namespace: 'apps' },
  status: { artifact: { revision, lastUpdateTime } },
})
const owner = (lastAppliedRevision: string, lastAttemptedRevision: string, suspend = false): KubeObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'web', namespace: 'apps' },
  spec: { suspend },
  status: { lastAppliedRevision, lastAttemptedRevision },
})
const [a, b, c] = ['main@sha1:a1', 'main@sha1:b2', 'main@sha1:c3'] as const
const fresh = source(c, '2026-09-16T07:00:01Z')

describe('an owner whose controller has not begun with the newest revision', () => {
  it('waits while it would be compared with that', () => {
    // It failed at b, c is there: nobody has applied c yet, and nobody will say so before it is tried.
    expect(isBehind(owner(a, b), fresh, since)).toBe(true)
    expect(isBehind(owner(a, c), fresh, since)).toBe(false)
  })

  it('does not wait where what was applied is compared, where nobody will begin, or where nobody did for long', () => {
    expect(isBehind(owner(a, a), fresh, since)).toBe(false)
    expect(isBehind(owner(a, b, true), fresh, since)).toBe(false)
    expect(isBehind(owner(a, b), source(c, '2026-09-16T06:59:59Z'), since)).toBe(false)
    expect(isBehind(owner(a, b), source('', ''), since)).toBe(false)
    expect(isBehind(owner(a, b), null, since)).toBe(false)
  })
})
