import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ClusterView } from '../../../../electron/engine/clusters/view.ts'
import type { KubeClient } from '../../../../electron/engine/ports.ts'
import type { OwnDefinitions } from '../../../../electron/engine/reconcile/hand-over/load-manifests.ts'
import { makePlan } from '../../../../electron/engine/reconcile/hosting/make-plan.ts'
import type { ContextRow } from '../../../../shared/model/rows.ts'
import { answer } from '../../cache/scripted-client.ts'

const { signal } = new AbortController()

/** A cluster of which nobody has asked yet what it serves; time passes as fast as it is waited for. */
function clusterUnderDiscovery(looksUntilKnown: number, hasFlux = true) {
  let looks = 0
  let nowMs = 0
  const listed: string[] = []
  const view = {
    id: 'c1',
    served: (group: string) =>
      (looks += 1) > looksUntilKnown && (hasFlux || !group.endsWith('.fluxcd.io')) ? {} : null,
    kinds: () => [],
    rows: () => [],
    list(_group: string, kind: string) {
      listed.push(`${kind} after ${String(nowMs)} ms`)
      return Promise.resolve([])
    },
  } as unknown as ClusterView
  const client = {
    request: () => Promise.resolve(answer(404, {})),
  } as unknown as KubeClient
  const clock = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after(ms: number, callback: () => void) {
      nowMs += ms
      queueMicrotask(callback)
      return () => undefined
    },
  }
  const codec = { sha256Hex: (data: string) => createHash('sha256').update(data).digest('hex') } as never
  const context = { key: 'ctx', name: 'lab', isProduction: false } as ContextRow
  const input = { view, client, context, namespace: 'flux-system', identity: 'sluice-lab_1', refusal: null }
  return {
    listed,
    plan: (own: Pick<OwnDefinitions, 'origin' | 'version'> | null = null) =>
      makePlan({
        ...input,
        ownDefinitions: () => Promise.resolve(own === null ? null : { ...own, label: 'x', digest: 'sha256:1' }),
        isPruneGuarded: true,
        signal,
        ports: { clock, codec, fluxManifests: { releaseHost: 'releases.example' } as never },
      }),
  }
}

describe('a plan to host a cluster', () => {
  it('looks for controllers only when it is known what the cluster serves', async () => {
    const { plan, listed } = clusterUnderDiscovery(5)
    expect(await plan()).toMatchObject({ cluster: 'c1', found: [], isNamespaceCreated: true, refusal: null })
    expect(listed.length).toBeGreaterThan(0)
    expect(new Set(listed.map((line) => line.replace(/^\w+ /, '')))).toEqual(new Set(['after 250 ms']))
  })

  it.each([
    [null, 'made from Sluice’s own tables'],
    [{ origin: 'program', version: 'v2.9.5' }, 'Flux’s own, of v2.9.5, as your flux prints them.'],
    [{ origin: 'release', version: 'v2.9.5' }, 'Flux’s own, of v2.9.5, out of the release that you named'],
  ] as const)('says where missing definitions come from: %o', async (own, words) => {
    const { plan } = clusterUnderDiscovery(2, false)
    const notes = (await plan(own)).notes.filter((note) => note.startsWith('Definitions that are missing'))
    expect(notes).toEqual([expect.stringContaining(words)])
  })
})
