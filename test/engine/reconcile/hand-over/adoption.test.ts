import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import {
  judgeFleet,
  movedObjects,
  seenRuns,
  unadopted,
  unfetched,
} from '../../../../electron/engine/reconcile/hand-over/adoption.ts'

const view = { id: 'c' }
const ours = 'http://hosted.sluice.invalid/gitrepository/default/fleet/1.tar.gz'
const theirs = 'http://source-controller.flux-system.svc.cluster.local./gitrepository/default/fleet/1.tar.gz'
const ready = (status = 'True', at = '1', message = '') => ({
  type: 'Ready',
  status,
  reason: 'x',
  message,
  lastTransitionTime: `2026-01-01T00:00:0${at}Z`,
})

function source(url: string, more: Record<string, unknown> = {}, conditions: unknown[] = [ready()]): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'fleet', namespace: 'default', generation: 2 },
    spec: more,
    status: { observedGeneration: 2, conditions, ...(url === '' ? {} : { artifact: { url, digest: 'sha256:1' } }) },
  }
}

function kustomization(name: string, more: Record<string, unknown> = {}, annotations = {}, spec = {}): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'default', generation: 1, annotations },
    spec,
    status: { observedGeneration: 1, conditions: [ready()], history: [{ totalReconciliations: 1 }], ...more },
  }
}

describe('who is adopted', () => {
  it('is every source with an artifact of ours and every Kustomization that is Ready; the others have a reason', () => {
    const facts = judgeFleet(view, {
      sources: [source(ours), source('', {}, []), source(ours, { suspend: true })],
      kustomizations: [
        kustomization('a'),
        kustomization('b', { conditions: [ready('False', '1', 'no such path')] }),
        kustomization('c', {}, { 'sluice.dev/mode': 'held' }, { suspend: true }),
        kustomization('d', { observedGeneration: 0 }),
      ],
    })
    expect(facts.sources).toHaveLength(1)
    expect(facts.kustomizations.map(({ name }) => name)).toEqual(['a'])
    expect(facts.suspended.map(({ ref, mode }) => `${ref.kind} ${mode}`)).toEqual([
      'GitRepository automatic',
      'Kustomization held',
    ])
    expect(facts.notWaitedFor.map(({ ref, why }) => `${ref.name}: ${why}`)).toEqual([
      'fleet: It has no artifact now.',
      'fleet: It is suspended, and its artifact lies on this machine: what is built from it fails until it is resumed.',
      'b: no such path',
      'd: Ready is True.',
    ])
  })

  it('has an artifact of its own once the controller has observed the source', () => {
    const [ref] = judgeFleet(view, { sources: [source(ours)], kustomizations: [] }).sources
    const waits = (object: KubeObject | null): readonly string[] =>
      unfetched(view, [ref!], { sources: object === null ? [] : [object], kustomizations: [] }).map(({ why }) => why)
    expect(waits(source(ours, {}, [ready('False', '1', 'authentication required')]))).toEqual([
      'authentication required',
    ])
    expect(waits(source(''))).toEqual(['Ready is True.'])
    expect(waits(source(theirs))).toEqual([])
    expect(waits({ ...source(theirs), metadata: { ...source(theirs).metadata, generation: 3 } })).toHaveLength(1)
    // Suspended or deleted meanwhile: nobody waits for it.
    expect(waits(source(ours, { suspend: true }))).toEqual([])
    expect(waits(null)).toEqual([])
  })

  it('was reconciled to Ready by the controller since', () => {
    const before = { sources: [], kustomizations: [kustomization('a')] }
    const seen = seenRuns(view, before)
    const { kustomizations } = judgeFleet(view, before)
    const waits = (object: KubeObject): readonly string[] =>
      unadopted(view, kustomizations, { sources: [], kustomizations: [object] }, seen).map(({ why }) => why)
    expect(waits(kustomization('a'))).toEqual(['The controller has not come to it yet.'])
    expect(waits(kustomization('a', { history: [{ totalReconciliations: 2 }] }))).toEqual([])
    const failed = { history: [{ totalReconciliations: 2 }], conditions: [ready('False', '2', 'decryption failed')] }
    expect(waits(kustomization('a', failed))).toEqual(['decryption failed'])
  })

  it('moved where it is gone or marked otherwise', () => {
    const ref = (name: string) => ({ cluster: 'c', group: 'apps', kind: 'Deployment', namespace: 'x', name })
    const marks = (...pairs: readonly [string, string][]) =>
      new Map(pairs.map(([name, mark]) => [name, { ref: ref(name), mark }]))
    const before = marks(['a', '1'], ['b', '1'], ['c', '1'])
    expect(movedObjects(before, marks(['a', '1'], ['b', '2'], ['d', '1'])).map(({ name }) => name)).toEqual(['b', 'c'])
  })
})
