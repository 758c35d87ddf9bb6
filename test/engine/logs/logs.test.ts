import { describe, expect, it } from 'vitest'
import { controllerOf, lineFilter } from '../../../electron/engine/logs/controller-lines.ts'
import { createLogTargets } from '../../../electron/engine/logs/create-log-targets.ts'
import { createLogsFollow } from '../../../electron/engine/logs/create-logs-follow.ts'
import { LogBuffer } from '../../../electron/engine/logs/log-buffer.ts'
import { maxLineBytes, readLine } from '../../../electron/engine/logs/log-line.ts'
import type { KubeClient, KubeRequest, KubeResponse } from '../../../electron/engine/ports.ts'
import type { InputOf } from '../../../shared/contract/index.ts'
import type { LogLine } from '../../../shared/model/detail.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ControllerRow } from '../../../shared/model/rows.ts'
import { memoryCodec } from '../memory-codec.ts'
import { ManualClock, MemoryCluster, MemorySink, silentLogger, testCall } from '../memory-cluster.ts'

const ks = 'kustomize.toolkit.fluxcd.io'

describe('lines', () => {
  it('parts the time, to the nanosecond, from the text', () => {
    expect(readLine('2026-09-16T10:00:00.123456789Z hello\r')).toEqual({
      at: Date.parse('2026-09-16T10:00:00.123Z'),
      stamp: '001789552800.123456789',
      text: 'hello',
      raw: 'hello',
    })
    expect(readLine('2026-09-16T12:00:00.5+02:00 x').stamp).toBe('001789552800.500000000')
    expect(readLine('no time')).toMatchObject({ at: null, stamp: '', text: 'no time' })
  })
  it('neutralises and caps', () => {
    expect(readLine('\u001b[31mred\u001b[0m\u202e').text).toBe('red�')
    for (const text of ['x'.repeat(1_000_000), '日'.repeat(100_000)])
      expect(new TextEncoder().encode(readLine(text).text).length).toBeLessThanOrEqual(maxLineBytes)
  })
})

describe('lines of controllers', () => {
  const ref = { cluster: 'c1', group: ks, kind: 'Kustomization', namespace: 'flux-system', name: 'apps' }
  const isOurs = lineFilter(ref)
  const line = (fields: Record<string, unknown>) => JSON.stringify({ level: 'info', ts: 'now', msg: 'm', ...fields })
  it.each([
    [
      line({
        controller: 'kustomization',
        controllerKind: 'Kustomization',
        Kustomization: { name: 'apps', namespace: 'flux-system' },
        name: 'apps',
        namespace: 'flux-system',
      }),
      true,
    ],
    [
      line({
        controllerKind: 'Kustomization',
        Kustomization: { name: 'apps', namespace: 'other' },
        name: 'apps',
        namespace: 'flux-system',
      }),
      false,
    ],
    [
      line({
        controllerKind: 'GitRepository',
        GitRepository: { name: 'apps', namespace: 'flux-system' },
        name: 'apps',
        namespace: 'flux-system',
      }),
      false,
    ],
    [line({ controller: 'kustomization', name: 'apps', namespace: 'flux-system' }), true],
    [line({ eventInvolvedObject: { kind: 'Kustomization', name: 'apps', namespace: 'flux-system' } }), true],
    [line({ eventInvolvedObject: { kind: 'HelmRelease', name: 'apps', namespace: 'flux-system' } }), false],
    [
      `2026-09-16\tINFO\tmsg\t${line({ controllerKind: 'Kustomization', name: 'apps', namespace: 'flux-system' })}`,
      true,
    ],
    ['apps in flux-system', false],
    ['{"apps"', false],
  ])('%s: %s', (text, expected) => {
    expect(isOurs(text)).toBe(expected)
  })
  it('knows who reconciles what', () => {
    expect(controllerOf({ group: 'image.toolkit.fluxcd.io', kind: 'ImagePolicy' })).toBe('image-reflector-controller')
    expect(controllerOf({ group: 'apps', kind: 'Deployment' })).toBeNull()
  })
})

describe('logs.targets', () => {
  it('names pods of the tree and of the controllers with their containers', async () => {
    const cluster = new MemoryCluster()
    const pod = (name: string, namespace: string, owner: string, containers: string) =>
      `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: ${namespace}, uid: ${name}, creationTimestamp: "2026-01-01T00:00:00Z", ownerReferences: [${owner}]}, spec: {${containers}}}`
    cluster.controllerRows = [
      { cluster: 'c1', namespace: 'flux-system', name: 'kustomize-controller' } as ControllerRow,
    ]
    cluster.apply(
      `{apiVersion: ${ks}/v1, kind: Kustomization, metadata: {name: apps, namespace: flux-system, uid: k}, status: {inventory: {entries: [{id: ns_web_apps_StatefulSet, v: v1}]}}}`,
      '{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web, namespace: ns, uid: s}}',
      pod(
        'web-0',
        'ns',
        '{kind: StatefulSet, name: web, uid: s, controller: true}',
        'containers: [{name: app}], initContainers: [{name: init}]',
      ),
      pod(
        'kustomize-controller-7d4-x',
        'flux-system',
        '{kind: ReplicaSet, name: kustomize-controller-7d4, uid: r}',
        'containers: [{name: manager}]',
      ),
      pod('other-7d4-x', 'flux-system', '{kind: ReplicaSet, name: other-7d4, uid: q}', 'containers: [{name: manager}]'),
    )
    const targets = createLogTargets({
      clusters: cluster,
      ports: { clock: cluster.clock, codec: memoryCodec, logger: silentLogger },
    })({ ref: cluster.ref(ks, 'Kustomization', 'flux-system', 'apps') }, testCall())
    await cluster.clock.advance(4000)
    expect(await targets).toEqual({
      targets: [
        {
          role: 'pod',
          namespace: 'ns',
          pod: 'web-0',
          containers: [
            { name: 'app', isInit: false },
            { name: 'init', isInit: true },
          ],
        },
        {
          role: 'controller',
          namespace: 'flux-system',
          pod: 'kustomize-controller-7d4-x',
          containers: [{ name: 'manager', isInit: false }],
        },
      ],
      isTruncated: false,
    })
    expect([cluster.watcherCount, cluster.clock.pendingTimers]).toEqual([0, 0])
  })
})

/** One connection of the log API: lines, then an end or a cut. */
type Connection = {
  readonly lines?: readonly string[]
  readonly cut?: boolean
  readonly hold?: boolean
  readonly status?: number
}

function clientOf(connections: readonly Connection[], requests: KubeRequest[]): KubeClient {
  let index = 0
  const stream: KubeClient['stream'] = async (request) => {
    requests.push(request)
    const connection = connections[index] ?? { hold: true }
    index += 1
    const status = connection.status ?? 200
    async function* lines() {
      if (connection.lines !== undefined) yield connection.lines
      if (connection.hold === true) await new Promise((resolve) => request.signal?.addEventListener('abort', resolve))
      if (connection.cut === true) throw new SluiceError('ConnectionLost', 'cut', { retry: 'transient' })
    }
    const body = { kind: 'Status', message: 'server says', code: status }
    const response = { status, headers: {}, bytes: new Uint8Array(), json: () => body, text: () => '' } as KubeResponse
    return { status, headers: {}, lines: lines(), error: async () => response }
  }
  return { stream } as KubeClient
}

async function follow(
  connections: readonly Connection[],
  input: Partial<InputOf<'logs.follow'>> = {},
  pod = 'phase: Running',
) {
  const cluster = new MemoryCluster()
  if (pod !== '')
    cluster.apply(`{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns, uid: u}, status: {${pod}}}`)
  const requests: KubeRequest[] = []
  cluster.kubeClient = clientOf(connections, requests)
  const sink = new MemorySink<LogLine>()
  const stop = createLogsFollow({
    clusters: cluster,
    ports: { clock: cluster.clock, codec: memoryCodec, logger: silentLogger },
  })(
    {
      ref: cluster.ref('', 'Pod', 'ns', 'p'),
      role: 'pod',
      namespace: 'ns',
      pod: 'p',
      container: 'app',
      tailLines: 100,
      isPrevious: false,
      ...input,
    },
    sink,
    testCall(),
  )
  await cluster.clock.advance(120_000)
  const texts = () => [...sink.items.values()].map((each) => each.text)
  return { cluster, sink, stop, requests, texts }
}

describe('logs.follow', () => {
  it('follows with times, tells lines in order, stops when told', async () => {
    const { sink, requests, texts, stop, cluster } = await follow([
      { lines: ['2026-09-16T10:00:00Z a', '2026-09-16T10:00:01Z b'], hold: true },
    ])
    expect(requests.map((each) => each.path)).toEqual([
      '/api/v1/namespaces/ns/pods/p/log?container=app&follow=true&timestamps=true&tailLines=100',
    ])
    expect(texts()).toEqual(['a', 'b'])
    expect([...sink.items.keys()]).toEqual(['000000000001', '000000000002'])
    expect([sink.isReady, sink.isClosed]).toEqual([true, false])
    stop()
    await cluster.clock.advance(1000)
    expect(sink.isClosed).toBe(false)
    expect(cluster.clock.pendingTimers).toBe(0)
  })

  it('takes up after a cut without losing or doubling a line', async () => {
    const second = ['2026-09-16T10:00:01.1Z b', '2026-09-16T10:00:01.2Z same', '2026-09-16T10:00:01.2Z same']
    const { requests, texts } = await follow([
      { lines: ['2026-09-16T10:00:00Z a', ...second], cut: true },
      { lines: [...second, '2026-09-16T10:00:01.2Z same', '2026-09-16T10:00:02Z c'], cut: true },
      { lines: ['2026-09-16T10:00:02Z c', '2026-09-16T10:00:03Z d'], hold: true },
    ])
    expect(texts()).toEqual(['a', 'b', 'same', 'same', 'same', 'c', 'd'])
    expect(requests[1]?.path).toContain('sinceTime=2026-09-16T10%3A00%3A01.000Z')
  })

  it('ends when the pod is gone or over, and waits while it starts', async () => {
    const gone = await follow([{ lines: ['x'] }], {}, '')
    expect([gone.texts(), gone.sink.isClosed, gone.sink.error]).toEqual([['x'], true, null])
    const over = await follow([{ lines: ['x'] }], {}, 'phase: Succeeded')
    expect([over.sink.isClosed, over.sink.error]).toEqual([true, null])
    const starting = await follow([{ status: 400 }, { status: 400 }, { lines: ['started'], hold: true }])
    expect([starting.texts(), starting.sink.isReady, starting.sink.isClosed]).toEqual([['started'], true, false])
    starting.stop()
  })

  it('reads a previous run once, and says when there is none', async () => {
    const previous = await follow([{ lines: ['old'] }], { isPrevious: true })
    expect(previous.requests.map((each) => each.path)).toEqual([
      '/api/v1/namespaces/ns/pods/p/log?container=app&previous=true&timestamps=true&tailLines=100',
    ])
    expect([previous.texts(), previous.sink.isClosed, previous.sink.error]).toEqual([['old'], true, null])
    expect((await follow([{ status: 400 }], { isPrevious: true })).sink.error).toMatchObject({ code: 'NotFound' })
  })

  it('ends with the reason when it may not read, or nothing answers', async () => {
    expect((await follow([{ status: 403 }])).sink.error).toMatchObject({ code: 'Forbidden' })
    expect((await follow(Array.from({ length: 9 }, () => ({ cut: true })))).sink.error).toMatchObject({
      code: 'ConnectionLost',
    })
    expect((await follow([], { namespace: '' })).sink.error).toMatchObject({ code: 'InvalidInput' })
  })

  it('keeps to the lines about an object for controllers', async () => {
    const about = JSON.stringify({ controllerKind: 'Kustomization', name: 'apps', namespace: 'ns' })
    const other = JSON.stringify({ controllerKind: 'Kustomization', name: 'infra', namespace: 'ns' })
    const { texts, requests } = await follow([{ lines: [about, other, 'plain'], hold: true }], {
      role: 'controller',
      ref: { cluster: 'c1', group: ks, kind: 'Kustomization', namespace: 'ns', name: 'apps' },
    })
    expect(texts()).toEqual([about])
    expect(requests[0]?.path).toContain('tailLines=2000')
  })
})

describe('a container that prints without end', () => {
  it('is told at a bounded rate, with a word about what was left out', async () => {
    const clock = new ManualClock()
    const sink = new MemorySink<LogLine>()
    const buffer = new LogBuffer({ clock, sink, pod: 'p', container: 'c' })
    for (let round = 0; round < 3; round += 1)
      buffer.add(Array.from({ length: 5000 }, (_, index) => readLine(`${String(round)}-${String(index)}`)))
    await clock.advance(100)
    expect(sink.items.size).toBe(251)
    expect([...sink.items.values()][0]?.text).toContain('5000 lines left out')
    for (let round = 0; round < 20; round += 1) {
      buffer.add(Array.from({ length: 2500 }, (_, index) => readLine(String(index))))
      await clock.advance(1000)
    }
    expect(sink.items.size).toBeLessThanOrEqual(20_000)
    buffer.stop()
    expect(clock.pendingTimers).toBe(0)
  })
})
