import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import type { KubeClient, KubeRequest } from '../../../../electron/engine/ports.ts'
import { deleteCondition, markTrue } from '../../../../electron/engine/reconcile/status/conditions.ts'
import type { Draft } from '../../../../electron/engine/reconcile/status/draft.ts'
import { addFinalizer, openDraft, removeFinalizer } from '../../../../electron/engine/reconcile/status/draft.ts'
import type { SerialPatcher } from '../../../../electron/engine/reconcile/status/patcher.ts'
import { createSerialPatcher } from '../../../../electron/engine/reconcile/status/patcher.ts'
import { ManualClock } from '../../memory-cluster.ts'
import { answer } from '../../cache/scripted-client.ts'

const base: KubeObject = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'apps', namespace: 'flux', generation: 1, resourceVersion: '1', finalizers: ['other'] },
  status: { observedGeneration: -1 },
}

/** Answers in turn: an object, or a status with the object that a GET then finds. */
function open(
  answers: readonly (KubeObject | { readonly status: number; readonly now?: KubeObject })[],
  object = base,
  whole: readonly string[] = [],
) {
  const requests: KubeRequest[] = []
  let current = object
  const left = [...answers]
  const client = {
    request(request: KubeRequest) {
      requests.push(request)
      const next = request.method === 'GET' ? current : (left.shift() ?? current)
      const isFault = !('kind' in next)
      if (isFault && next.now !== undefined) current = next.now
      const body = isFault
        ? {
            kind: 'Status',
            code: next.status,
            reason: next.status === 409 ? 'Conflict' : 'NotFound',
            details: { name: 'apps' },
          }
        : next
      return Promise.resolve(answer(isFault ? next.status : 200, body))
    },
  } as unknown as KubeClient
  const clock = new ManualClock()
  const draft: Draft = openDraft(object, clock)
  const patcher: SerialPatcher = createSerialPatcher(draft, {
    client,
    clock,
    random: { unit: () => 0, uuid: () => '' },
    resource: {
      group: 'kustomize.toolkit.fluxcd.io',
      version: 'v1',
      kind: 'Kustomization',
      plural: 'kustomizations',
      isNamespaced: true,
      verbs: [],
      shortNames: [],
    },
    fieldManager: 'gotk-kustomize-controller',
    owned: new Set(['Ready']),
    whole,
    signal: new AbortController().signal,
  })
  return { draft, patcher, requests }
}

const at = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux/kustomizations/apps'

describe('patches', () => {
  it('write later what changes while one is under way', async () => {
    const { draft, patcher, requests } = open([])
    markTrue(draft, 'Ready', 'Progressing', 'soon')
    addFinalizer(draft, 'first')
    const first = patcher.patch()
    markTrue(draft, 'Ready', 'Succeeded', 'ok')
    draft.status.lastAppliedRevision = 'main@sha1:1'
    await first
    addFinalizer(draft, 'second')
    await patcher.patch()
    const told = requests.map(
      ({ body }) => body as { status?: { conditions: { message: string }[] }; metadata: object },
    )
    expect(told.map(({ status, metadata }) => status?.conditions[0]?.message ?? metadata)).toEqual([
      'soon',
      { finalizers: ['other', 'first'], resourceVersion: '1' },
      'ok',
      expect.objectContaining({ finalizers: expect.arrayContaining(['second']) as unknown }),
    ])
    expect(told[2]).toMatchObject({ status: { lastAppliedRevision: 'main@sha1:1' } })
  })

  it('write status and conditions at once, metadata apart, and nothing twice', async () => {
    const { draft, patcher, requests } = open([])
    await patcher.patch()
    expect(requests).toEqual([])
    markTrue(draft, 'Ready', 'Succeeded', 'ok')
    addFinalizer(draft, 'finalizers.fluxcd.io')
    await patcher.patch({ isGenerationObserved: true })
    expect(requests.map(({ method, path, contentType, body }) => [method, path, contentType, body])).toEqual([
      [
        'PATCH',
        `${at}/status?fieldManager=gotk-kustomize-controller`,
        'application/merge-patch+json',
        {
          metadata: { resourceVersion: '1' },
          status: { observedGeneration: 1, conditions: draft.status.conditions },
        },
      ],
      [
        'PATCH',
        `${at}?fieldManager=gotk-kustomize-controller`,
        'application/merge-patch+json',
        { metadata: { finalizers: ['other', 'finalizers.fluxcd.io'], resourceVersion: '1' } },
      ],
    ])
    await patcher.patch()
    expect(requests).toHaveLength(2)
  })

  it('come again over a newer object, leaving what others wrote', async () => {
    const theirs = { type: 'Approved', status: 'True' as const, reason: 'x', message: '' }
    const now: KubeObject = {
      ...base,
      metadata: { ...base.metadata, resourceVersion: '2' },
      status: { observedGeneration: -1, conditions: [theirs] },
    }
    const { draft, patcher, requests } = open([{ status: 409, now }])
    markTrue(draft, 'Ready', 'Succeeded', 'ok')
    await patcher.patch()
    expect(requests.map(({ method }) => method)).toEqual(['PATCH', 'GET', 'PATCH'])
    const body = requests[2]?.body as { metadata: unknown; status: { conditions: { type: string }[] } }
    expect(body.metadata).toEqual({ resourceVersion: '2' })
    expect(body.status.conditions.map(({ type }) => type)).toEqual(['Ready', 'Approved'])
  })

  it('do not write over a whole field that is not what the run began with', async () => {
    const status = { observedGeneration: -1, inventory: { entries: [{ id: 'a', v: 'v1' }] } }
    const now = { ...base, metadata: { ...base.metadata, resourceVersion: '2' }, status }
    const replace = async (whole: readonly string[]): Promise<unknown> => {
      const { draft, patcher } = open([{ status: 409, now }], base, whole)
      draft.status.inventory = { entries: [] }
      return patcher.patch()
    }
    await expect(replace(['inventory'])).rejects.toMatchObject({ code: 'Conflict', retry: 'transient' })
    await replace([])
    const { draft, patcher } = open([{ status: 409, now: { ...now, status: { observedGeneration: 1 } } }], base, [
      'inventory',
    ])
    draft.status.inventory = { entries: [] }
    await patcher.patch()
  })

  it('confirm that the object is still the one that the run began with', async () => {
    await open([]).patcher.confirm()
    const { patcher } = open([{ status: 409, now: { ...base, metadata: { ...base.metadata, generation: 2 } } }])
    await expect(patcher.confirm()).resolves.toBeUndefined()
    const changed = open([{ status: 409, now: { ...base, metadata: { ...base.metadata, generation: 2 } } }])
    markTrue(changed.draft, 'Ready', 'Succeeded', 'ok')
    await changed.patcher.patch()
    await expect(changed.patcher.confirm()).rejects.toMatchObject({ code: 'Conflict' })
  })

  it('do not overwrite a condition of somebody else that moved', async () => {
    const mine = { type: 'Approved', status: 'True' as const, reason: 'x', message: '' }
    const before = { ...base, status: { conditions: [mine] } }
    const now = { ...before, status: { conditions: [{ ...mine, reason: 'y' }] } }
    const { draft, patcher } = open([{ status: 409, now }], before)
    deleteCondition(draft, 'Approved')
    await expect(patcher.patch()).rejects.toMatchObject({ code: 'Conflict' })
  })

  it('keep the time of a state that the object has, unless the run left out what was in between', async () => {
    const ready = {
      type: 'Ready',
      status: 'True' as const,
      reason: 'Succeeded',
      message: 'ok',
      observedGeneration: 1,
      lastTransitionTime: '2020-01-01T00:00:00Z',
    }
    const before = { ...base, status: { conditions: [ready] } }
    for (const areTransitionsKept of [false, true]) {
      const { draft, patcher, requests } = open([], before)
      deleteCondition(draft, 'Ready')
      markTrue(draft, 'Ready', 'Succeeded', 'ok')
      await patcher.patch({ areTransitionsKept })
      expect(requests).toHaveLength(areTransitionsKept ? 1 : 0)
    }
  })

  it('take an object under deletion that is gone for done, and no other', async () => {
    const deleted = { ...base, metadata: { ...base.metadata, deletionTimestamp: 'now', finalizers: ['f'] } }
    const { draft, patcher } = open([{ status: 404 }], deleted)
    removeFinalizer(draft, 'f')
    await expect(patcher.patch()).resolves.toBeDefined()
    const other = open([{ status: 404 }])
    markTrue(other.draft, 'Ready', 'x', '')
    await expect(other.patcher.patch()).rejects.toMatchObject({ code: 'NotFound' })
  })
})
