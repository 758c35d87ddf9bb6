import { describe, expect, it } from 'vitest'
import { readLease, withLease } from '../../../electron/engine/controllers/leases.ts'

const lease = (holder: string) =>
  readLease(
    {
      metadata: { name: 'kustomize-controller-leader-election' },
      spec: { holderIdentity: holder, renewTime: '2026-01-01T00:00:00.000000Z' },
    },
    'flux-system',
  )

describe('a lease without a Deployment', () => {
  it('is a controller that runs elsewhere, or Sluice in hosted mode', () => {
    const messageOf = (holder: string): string | undefined =>
      withLease([], [lease(holder)], 'c1', ['kustomize-controller'])[0]?.message
    expect(messageOf('kustomize-controller-5d7-x2_uuid')).toBe(
      'A lease is held, but no Deployment of this controller can be read',
    )
    expect(messageOf('sluice-laptop_0b5a2b6e-0000-4000-8000-000000000000')).toBe(
      'Hosted mode of Sluice does the work of this controller',
    )
    expect(messageOf('')).toBeUndefined()
  })
})
