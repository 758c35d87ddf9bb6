import { describe, expect, it } from 'vitest'
import type { KubeClient, KubeRequest, KubeResponse } from '../../../../electron/engine/ports.ts'
import { createEventRecorder } from '../../../../electron/engine/reconcile/events/create-event-recorder.ts'
import { passThrough } from '../../../../electron/engine/reconcile/lease/fence.ts'
import { silentLogger } from '../../memory-cluster.ts'
import { TwoClocks } from '../lease/memory-lease.ts'
import { answer } from '../../cache/scripted-client.ts'

const involved = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: {
    name: 'app',
    namespace: 'apps',
    uid: 'u1',
    resourceVersion: '7',
    annotations: { 'event.toolkit.fluxcd.io/env': 'test', other: 'x' },
  },
}
const event = {
  involved,
  severity: 'info',
  reason: 'Progressing',
  message: 'applied',
  metadata: { 'g/revision': 'r' },
} as const

function open(respond: (request: KubeRequest) => number = () => 201) {
  const clock = new TwoClocks()
  const sent: KubeRequest[] = []
  const request = (given: KubeRequest): Promise<KubeResponse> => {
    sent.push(given)
    const status = respond(given)
    if (status === 0) return Promise.reject(new Error('cut'))
    return Promise.resolve(answer(status, {}))
  }
  const client = { ...passThrough({ context: 'x' } as unknown as KubeClient), request }
  const recorder = createEventRecorder({
    controller: 'kustomize-controller',
    client: () => client,
    clock,
    logger: silentLogger,
  })
  return { clock, sent, recorder, settle: () => clock.time.advance(0) }
}
const bodyOf = (request: KubeRequest | undefined): Record<string, unknown> => request?.body as Record<string, unknown>

describe('events', () => {
  it('look as the controllers write them', async () => {
    const { recorder, sent, settle } = open()
    recorder.record(event)
    await settle()
    expect(sent).toHaveLength(1)
    expect(sent[0]?.path).toBe('/api/v1/namespaces/apps/events?fieldManager=kustomize-controller')
    expect(bodyOf(sent[0])).toEqual({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: expect.stringMatching(/^app\.[0-9a-f]{16}$/) as string,
        namespace: 'apps',
        annotations: { 'g/revision': 'r', 'event.toolkit.fluxcd.io/env': 'test' },
      },
      involvedObject: {
        apiVersion: involved.apiVersion,
        kind: 'Kustomization',
        namespace: 'apps',
        name: 'app',
        uid: 'u1',
        resourceVersion: '7',
      },
      reason: 'Progressing',
      message: 'applied',
      source: { component: 'kustomize-controller' },
      firstTimestamp: '2026-09-16T10:00:00Z',
      lastTimestamp: '2026-09-16T10:00:00Z',
      count: 1,
      type: 'Normal',
      eventTime: null,
      reportingComponent: 'kustomize-controller',
      reportingInstance: '',
    })
    recorder.record({ ...event, severity: 'error', message: 'failed' })
    recorder.record({ ...event, severity: 'trace', message: 'traced' })
    await settle()
    expect(sent.slice(1).map((request) => bodyOf(request)['type'])).toEqual(['Warning', 'Normal'])
  })

  it('are counted up when they are equal, and written anew when the server has forgotten them', async () => {
    let isForgotten = false
    const { recorder, sent, settle } = open(({ method }) => (method === 'PATCH' && isForgotten ? 404 : 201))
    recorder.record(event)
    recorder.record(event)
    await settle()
    const first = (bodyOf(sent[0])['metadata'] as { name: string }).name
    expect(sent[1]).toMatchObject({ method: 'PATCH', body: { count: 2, message: 'applied' } })
    expect(sent[1]?.path).toContain(first)
    isForgotten = true
    recorder.record(event)
    await settle()
    expect(sent.slice(2).map(({ method }) => method)).toEqual(['PATCH', 'POST'])
    expect(bodyOf(sent[3])['count']).toBe(3)
  })

  it('are summed up from the tenth similar one on, and limited for each object', async () => {
    const { recorder, sent, settle, clock } = open()
    for (let index = 0; index < 12; index += 1) recorder.record({ ...event, message: `m${String(index)}` })
    await settle()
    expect(bodyOf(sent[8])['message']).toBe('m8')
    expect(bodyOf(sent[9])).toMatchObject({ message: '(combined from similar events): m9', reportingComponent: '' })
    expect(sent[10]).toMatchObject({ method: 'PATCH', body: { count: 2 } })
    for (let index = 0; index < 30; index += 1) recorder.record({ ...event, reason: `R${String(index)}` })
    await settle()
    expect(sent).toHaveLength(25)
    // Each type for itself, and each object.
    recorder.record({ ...event, severity: 'error', reason: 'Failed' })
    await settle()
    expect(bodyOf(sent[25])).toMatchObject({ type: 'Warning', reason: 'Failed' })
    recorder.record({ ...event, involved: { ...involved, metadata: { ...involved.metadata, uid: 'u2' } } })
    await settle()
    expect(sent).toHaveLength(27)
    recorder.record({ ...event, reason: 'TooMany' })
    await settle()
    expect(sent).toHaveLength(27)
    await clock.time.advance(300_001)
    for (const reason of ['Late', 'TooManyAgain']) recorder.record({ ...event, reason })
    await settle()
    expect(sent.slice(27).map((request) => bodyOf(request)['reason'])).toEqual(['Late'])
  })

  it('are tried again while the server does not answer, and given up when all has to end', async () => {
    let isDown = true
    const { recorder, sent, clock } = open(() => (isDown ? 0 : 201))
    recorder.record(event)
    await clock.time.advance(25_000)
    expect(sent).toHaveLength(3)
    isDown = false
    await clock.time.advance(10_000)
    expect(sent).toHaveLength(4)
    isDown = true
    recorder.record({ ...event, message: 'last' })
    await clock.time.advance(1000)
    await recorder.flush()
    expect(sent).toHaveLength(6)
  })
})
