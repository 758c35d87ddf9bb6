/** What answers of the API server mean to a comparison. How the server comes to them is for the suites that have one. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ComparedObject, CompareOptions } from '../../../electron/engine/apply/compare-set.ts'
import { compareSet } from '../../../electron/engine/apply/run-comparison.ts'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { DesiredSet } from '../../../electron/engine/drift/desired-set.ts'
import { toDriftObject } from '../../../electron/engine/drift/results/record.ts'
import type { Codec, KubeClient, KubeRequest } from '../../../electron/engine/ports.ts'
import { countsAsDrift, isDrift, isRecordOnly } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { answer } from '../cache/scripted-client.ts'
import { toDesiredSet } from './desired-set.ts'

const codec = { sha256Hex: (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex') } as Codec

interface Answer {
  readonly status: number
  readonly body: unknown
}
type Reply = (request: KubeRequest) => Answer | Promise<Answer>

const own = { manager: 'kustomize-controller', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } }

function configMap(
  data: Record<string, string>,
  more: Partial<KubeObject['metadata']> = {},
  kind = 'ConfigMap',
): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'c', namespace: 'apps', ...more }, data }
}
const live = (data: Record<string, string>, more: Partial<KubeObject['metadata']> = {}): KubeObject =>
  configMap(data, { uid: 'u', resourceVersion: '5', managedFields: [own], ...more })

async function compare(
  set: DesiredSet,
  found: readonly KubeObject[],
  reply: Reply,
  more: Partial<CompareOptions> = {},
) {
  const requests: KubeRequest[] = []
  const outcomes: number[] = []
  const client = {
    request: async (request: KubeRequest) => {
      requests.push(request)
      const { status, body } = await reply(request)
      return answer(status, body)
    },
  } as unknown as KubeClient
  const read: CompareOptions['live']['read'] = ({ kind, name }) =>
    Promise.resolve({ object: found.find((object) => object.kind === kind && object.metadata.name === name) ?? null })
  const result = await compareSet(set, {
    view: {
      served: (group: string, kind: string) =>
        kind === 'Unknown'
          ? null
          : {
              group,
              version: 'v1',
              kind,
              plural: `${kind.toLowerCase()}s`,
              isNamespaced: kind !== 'Namespace',
              verbs: [],
              shortNames: [],
            },
    },
    client,
    live: { read, readFresh: read },
    codec,
    secretKey: new Uint8Array(32),
    takeDryRun: () => Promise.resolve(({ status }) => void outcomes.push(status)),
    mayDryRun: true,
    concurrency: 4,
    reuse: () => null,
    signal: new AbortController().signal,
    ...more,
  })
  return { ...result, requests, outcomes }
}

const status = (code: number, reason: string, message: string, details: object = {}): Answer => ({
  status: code,
  body: { kind: 'Status', code, reason, message, details },
})

describe('requests', () => {
  it('are those of the controller', async () => {
    const desired = configMap({ a: '1' })
    const { requests, objects } = await compare(
      toDesiredSet([desired], { target: { remote: null, impersonate: 'system:serviceaccount:apps:flux' } }),
      [live({ a: '1' })],
      () => ({ status: 200, body: live({ a: '1' }) }),
    )
    expect(objects[0]).toMatchObject({ action: 'unchanged', isApproximate: false })
    expect(requests).toMatchObject([
      {
        method: 'PATCH',
        path: '/api/v1/namespaces/apps/configmaps/c?fieldManager=kustomize-controller&force=true&dryRun=All',
        contentType: 'application/apply-patch+yaml',
        impersonate: 'system:serviceaccount:apps:flux',
      },
    ])
    expect(requests[0]!.body).toEqual(desired)
  })

  it('leave out a namespace where the kind has none, and are not sent where it is missing', async () => {
    const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n', namespace: 'wrong' } }
    const lost: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }
    const unknown: KubeObject = { apiVersion: 'x.y/v1', kind: 'Unknown', metadata: { name: 'c', namespace: 'a' } }
    const { requests, objects } = await compare(toDesiredSet([namespace, lost, unknown]), [], () => ({
      status: 201,
      body: { ...namespace, metadata: { name: 'n', uid: 'u' } },
    }))
    expect(requests.map(({ path }) => path.split('?')[0])).toEqual(['/api/v1/namespaces/n'])
    expect(
      objects.map((object) => `${object.namespace}/${object.name} ${object.action} ${object.problem?.code ?? ''}`),
    ).toEqual(['/n created ', '/c refused Invalid', 'a/c refused ResourceNotServed'])
  })

  it('are repeated where the server is busy, and told to the budget', async () => {
    let count = 0
    const { objects, outcomes } = await compare(toDesiredSet([configMap({ a: '1' })]), [live({ a: '1' })], () => {
      count += 1
      return count < 3 ? status(429, 'TooManyRequests', 'later') : { status: 200, body: live({ a: '1' }) }
    })
    expect(objects[0]!.action).toBe('unchanged')
    expect(outcomes).toEqual([429, 429, 200])
    const busy = await compare(toDesiredSet([configMap({ a: '1' })]), [live({ a: '1' })], () =>
      status(429, '', 'later'),
    )
    expect(busy.objects[0]).toMatchObject({ action: 'refused', problem: { code: 'Throttled', retry: 'transient' } })
    expect(busy.outcomes).toHaveLength(3)
  })
})

describe('answers', () => {
  const judge = async (answer: Answer, more: Partial<DesiredSet> = {}, desired = configMap({ a: '1' })) => {
    const { objects } = await compare(
      toDesiredSet([desired], more),
      [{ ...live({ a: '2' }), kind: desired.kind }],
      () => answer,
    )
    const [object] = objects
    return {
      line: `${object!.action} ${object!.problem?.code ?? ''}`,
      detail: object!.problem?.detail,
      fields: object!.fields.map(({ path }) => path),
      isApproximate: object!.isApproximate,
    }
  }

  it('of the authorizer leave a structural comparison', async () => {
    const answer = status(403, 'Forbidden', 'configmaps "c" is forbidden: User "me" cannot patch resource "configmaps"')
    expect(await judge(answer)).toMatchObject({ line: 'configured Forbidden', fields: ['data.a'], isApproximate: true })
  })

  it('of admission are refusals, with their words', async () => {
    const webhook = status(403, 'Forbidden', 'admission webhook "w" denied the request: no')
    expect(await judge(webhook)).toMatchObject({
      line: 'refused DryRunFailed',
      // Not known, which is another thing.
      isApproximate: false,
      detail: webhook.body && (webhook.body as { message: string }).message,
    })
    const timeout = status(500, 'InternalError', 'failed calling webhook "w": context deadline exceeded')
    expect(await judge(timeout)).toMatchObject({ line: 'refused DryRunFailed' })
    expect(await judge(status(413, '', 'too large'))).toMatchObject({ line: 'refused DryRunFailed' })
  })

  it('about what cannot be changed are refusals, or recreate it', async () => {
    const answer = status(422, 'Invalid', 'ConfigMap "c" is invalid: data: Forbidden: field is immutable when set')
    expect(await judge(answer)).toMatchObject({ line: 'refused Invalid', fields: ['data.a'] })
    expect(await judge(answer, { isForced: true })).toMatchObject({ line: 'recreated ', detail: undefined })
    expect(await judge(status(409, 'Conflict', 'x'), { isForced: true })).toMatchObject({ line: 'recreated ' })
    expect(await judge(status(400, 'BadRequest', 'the spec is immutable'), { isForced: true })).toMatchObject({
      line: 'recreated ',
    })
    expect(await judge(status(400, 'BadRequest', 'bad'), { isForced: true })).toMatchObject({
      line: 'refused DryRunFailed',
    })
    expect(await judge(answer, { isForced: true, controller: 'helm-controller' })).toMatchObject({
      line: 'refused Invalid',
    })
  })

  it('about Secrets keep no value', async () => {
    const answer = status(422, 'Invalid', 'Secret "c" is invalid: data[a]: Invalid value: "hunter2"', {
      causes: [{ field: 'data[a]', reason: 'FieldValueInvalid', message: 'Invalid value: "hunter2"' }],
    })
    const result = await judge(answer, {}, configMap({ a: 'aHVudGVyMg==' }, {}, 'Secret'))
    expect(result).toMatchObject({ line: 'refused Invalid', detail: 'data[a]: FieldValueInvalid' })
  })

  it('that never come end the whole comparison', async () => {
    const gone = new SluiceError('ConnectionLost', 'gone')
    const run = compare(toDesiredSet([configMap({ a: '1' })]), [live({ a: '1' })], () => Promise.reject(gone))
    await expect(run).rejects.toBe(gone)
    await expect(
      compare(toDesiredSet([configMap({ a: '1' })]), [], () => status(401, 'Unauthorized', 'x')),
    ).rejects.toMatchObject({ code: 'Unauthorized' })
    const problem = new SluiceError('ConnectionRefused', 'x').toData()
    const read = () => Promise.resolve({ problem })
    await expect(
      compare(toDesiredSet([configMap({ a: '1' })]), [], () => status(500, '', ''), {
        live: { read, readFresh: read },
      }),
    ).rejects.toMatchObject({ code: 'ConnectionRefused' })
  })

  it('are not asked for where live objects may not be read', async () => {
    const problem = new SluiceError('Forbidden', 'no').toData()
    const read = () => Promise.resolve({ problem })
    const set = toDesiredSet([configMap({ a: '1' })], {
      stale: [{ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'a', name: 'old' }],
    })
    const { objects, requests } = await compare(set, [], () => status(500, '', ''), { live: { read, readFresh: read } })
    expect(objects.map((object) => `${object.action} ${object.problem?.code ?? ''}`)).toEqual([
      'refused Forbidden',
      'refused Forbidden',
    ])
    expect(requests).toEqual([])
  })
})

describe('what only status writers moved', () => {
  const deployment = (version: string, replicas: number, more: object = {}): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'd',
      namespace: 'apps',
      uid: 'u',
      resourceVersion: version,
      generation: 3,
      managedFields: [own],
      ...more,
    },
    spec: { replicas },
  })

  it('is taken without another read', async () => {
    let fresh = 0
    const read = () => Promise.resolve({ object: deployment('5', 2) })
    const readFresh = () => {
      fresh += 1
      return read()
    }
    const { objects } = await compare(
      toDesiredSet([deployment('', 2)]),
      [],
      () => ({ status: 200, body: deployment('9', 2) }),
      {
        live: { read, readFresh },
      },
    )
    expect([objects[0]!.action, fresh]).toEqual(['unchanged', 0])
  })

  it('is read again where there is a difference, and believed where nothing else moved', async () => {
    const read = () => Promise.resolve({ object: deployment('5', 4) })
    const readFresh = () => Promise.resolve({ object: deployment('9', 4) })
    const { objects, dryRunCount } = await compare(
      toDesiredSet([deployment('', 2)]),
      [],
      () => ({ status: 200, body: deployment('9', 2, { generation: 4 }) }),
      {
        live: { read, readFresh },
      },
    )
    expect([objects[0]!.action, dryRunCount]).toEqual(['configured', 1])
  })
})

describe('what kubectl changed and set back', () => {
  const applied = {
    ...own,
    fieldsV1: { ...own.fieldsV1, 'f:metadata': { 'f:labels': { 'f:x': {} } } },
  }
  const edited = {
    manager: 'kubectl-edit',
    operation: 'Update',
    time: '2026-11-22T17:46:00Z',
    fieldsV1: { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } } },
  }
  const owner = { cluster: 'c1', group: 'k', kind: 'Kustomization', namespace: 'apps', name: 'one' }
  const compareEdited = async (found: KubeObject) => {
    const { objects } = await compare(toDesiredSet([configMap({ a: '1' }, { labels: { x: 'y' } })]), [found], () => ({
      status: 200,
      body: live({ a: '1' }, { labels: { x: 'y' }, managedFields: [applied, edited] }),
    }))
    return objects[0]!
  }

  it('is written by the next apply without a change of a value, which is told as such and not counted', async () => {
    const found = live({ a: '1' }, { labels: { x: 'y' }, managedFields: [applied, edited] })
    const object = await compareEdited(found)
    expect(object).toMatchObject({ action: 'configured', risk: { level: 'low', text: 'no value changes' } })
    expect(object.fields).toMatchObject([
      {
        path: 'metadata.managedFields[kubectl-edit]',
        verdict: 'record',
        liveValue: 'data.a, metadata.labels.x',
        blame: { manager: 'kubectl-edit', at: Date.UTC(2026, 10, 22, 17, 46) },
      },
    ])
    const row = toDriftObject(owner, object, 1)
    expect(row).toMatchObject({
      driftCount: 0,
      managers: ['kubectl-edit'],
      summary: 'only who owns it differs: kubectl-edit holds data.a, metadata.labels.x',
    })
    expect([isDrift(row.action), isRecordOnly(row), countsAsDrift(row)]).toEqual([true, true, false])
  })

  it('counts while a value differs, and the record is then told by the field alone', async () => {
    const found = live({ a: '2' }, { labels: { x: 'y' }, managedFields: [applied, edited] })
    const object = await compareEdited(found)
    expect(object.fields.map(({ path, verdict }) => `${verdict} ${path}`)).toEqual(['drift data.a'])
    expect(countsAsDrift(toDriftObject(owner, object, 1))).toBe(true)
  })
})

describe('helm-controller', () => {
  const set = (desired: KubeObject, more: Partial<DesiredSet> = {}): DesiredSet =>
    toDesiredSet([desired], { controller: 'helm-controller', ...more })
  const helmOwn = { ...own, manager: 'helm-controller' }
  const wouldBe = live({ a: '1' }, { managedFields: [helmOwn] })

  it('leaves labels and annotations alone that it would only remove', async () => {
    const { objects, requests } = await compare(
      set(configMap({ a: '1' })),
      [live({ a: '1' }, { labels: { x: 'y' } })],
      () => ({ status: 200, body: wouldBe }),
    )
    expect(requests[0]!.path).toContain('fieldManager=helm-controller')
    expect(objects[0]!.action).toBe('unchanged')
    expect(objects[0]!.fields.map(({ path, verdict }) => `${verdict} ${path}`)).toEqual(['notOwned metadata.labels.x'])
  })

  it('cleans nothing up but after overridden managers', async () => {
    const kubectl = { manager: 'kubectl-edit', operation: 'Update', fieldsV1: { 'f:data': { 'f:b': {} } } }
    const found = live({ a: '1', b: '2' }, { managedFields: [helmOwn, kubectl] })
    const answer = live({ a: '1', b: '2' }, { managedFields: [helmOwn, kubectl] })
    const first = await compare(set(configMap({ a: '1' })), [found], () => ({ status: 200, body: answer }))
    expect(first.objects[0]!.fields.map(({ path, verdict }) => `${verdict} ${path}`)).toEqual(['notOwned data.b'])
    const second = await compare(
      set(configMap({ a: '1' }), { overrideManagers: ['kubectl'] }),
      [found],
      ({ contentType }) => ({
        status: 200,
        body: contentType === 'application/json-patch+json' ? wouldBe : answer,
      }),
    )
    expect(second.objects[0]!.action).toBe('configured')
    expect(second.objects[0]!.fields.map(({ path, verdict }) => `${verdict} ${path}`)).toEqual(['reclaimed data.b'])
  })

  it('skips what is labelled, and what a rule ignores whole', async () => {
    const labelled = configMap({ a: '1' }, { annotations: { 'helm.toolkit.fluxcd.io/driftDetection': 'Disabled' } })
    const skipped = await compare(set(labelled), [live({ a: '2' })], () => status(500, '', ''))
    expect(skipped.objects[0]).toMatchObject({
      action: 'skipped',
      rule: 'helm.toolkit.fluxcd.io/driftDetection: disabled',
    })
    const ruled = await compare(
      set(configMap({ a: '1' }), { ignoreRules: [{ paths: [''], target: { kind: 'ConfigMap' } }] }),
      [live({ a: '2' })],
      () => status(500, '', ''),
    )
    expect(ruled.objects[0]).toMatchObject({ action: 'skipped', rule: 'kind: ConfigMap: ""' })
  })
})

describe('without dry-runs', () => {
  it('lays Git over the live object', async () => {
    const desired: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', namespace: 'apps', labels: { a: '1' } },
      spec: {
        template: {
          spec: {
            containers: [{ name: 'web', image: 'web:2', resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }],
          },
        },
        empty: {},
      },
    }
    const found: KubeObject = {
      ...desired,
      metadata: { ...desired.metadata, uid: 'u', resourceVersion: '1', labels: { a: '1', b: '2' } },
      spec: {
        replicas: 1,
        template: {
          spec: {
            containers: [
              { name: 'proxy', image: 'p' },
              {
                name: 'web',
                image: 'web:1',
                resources: { limits: { cpu: '500m', memory: '1Gi' } },
                imagePullPolicy: 'Always',
              },
            ],
          },
        },
      },
    }
    const { objects, requests, isApproximate } = await compare(
      toDesiredSet([desired, configMap({ a: '1' })]),
      [found],
      () => status(500, '', ''),
      {
        mayDryRun: false,
      },
    )
    expect(requests).toEqual([])
    expect(isApproximate).toBe(true)
    expect(objects.map((object) => object.action)).toEqual(['configured', 'created'])
    expect(objects[0]!.fields.map(({ path, gitValue, liveValue }) => [path, gitValue, liveValue])).toEqual([
      ['spec.template.spec.containers[web].image', 'web:2', 'web:1'],
    ])
  })

  it('says that what is unknown in Git is not known', async () => {
    const set = toDesiredSet([configMap({ a: '1' })])
    const unknown = { ...set, objects: [{ ...set.objects[0]!, unknown: 'It cannot be decrypted.' }] }
    const there = await compare(unknown, [live({ a: '2' })], () => status(500, '', ''))
    expect(there.objects[0]).toMatchObject({
      action: 'refused',
      problem: { message: 'ConfigMap apps/c: It cannot be decrypted.' },
    })
    const gone = await compare(unknown, [], () => status(500, '', ''))
    expect(gone.objects[0]!.action).toBe('created')
  })
})

describe('an earlier answer', () => {
  const reply = (): Answer => ({ status: 200, body: live({ a: '1' }) })
  async function first(desired: KubeObject, found: KubeObject, answer: Reply = reply) {
    const { objects } = await compare(toDesiredSet([desired]), [found], answer)
    return objects[0]!
  }
  const again = (earlier: ComparedObject, answer: Reply, found: KubeObject) => {
    let reads = 0
    return compare(toDesiredSet([configMap({ a: '1' })]), [found], answer, {
      repeat: () => ({
        answerKey: earlier.answerKey ?? '',
        object: earlier,
        readLive: () => {
          reads += 1
          return Promise.resolve({ object: found })
        },
      }),
    }).then((result) => ({ ...result, reads }))
  }

  it('that comes again byte by byte says the same, and nothing is read', async () => {
    const earlier = await first(configMap({ a: '1' }), live({ a: '1' }))
    expect(earlier.answerKey).toHaveLength(32)
    const { objects, reads, requests } = await again(earlier, reply, live({ a: '1' }))
    expect([objects[0], reads, requests.length]).toEqual([earlier, 0, 1])
  })

  it('that comes otherwise is compared with the live object, read after it', async () => {
    const earlier = await first(configMap({ a: '1' }), live({ a: '1' }))
    const edited = live({ a: '2' }, { resourceVersion: '6' })
    const { objects, reads, requests } = await again(
      earlier,
      () => ({ status: 200, body: live({ a: '1' }, { resourceVersion: '6' }) }),
      edited,
    )
    expect(objects[0]).toMatchObject({ action: 'configured', fields: [{ path: 'data.a' }] })
    expect([reads, requests.length]).toEqual([1, 1])
  })

  it('is not remembered of what drifts, of a Secret, or where the live object was read in another version', async () => {
    const drifting = await first(configMap({ a: '1' }), live({ a: '2' }))
    const older = await first(configMap({ a: '1' }), live({ a: '1' }, { resourceVersion: '4', generation: 1 }), () => ({
      status: 200,
      body: live({ a: '1' }, { generation: 1 }),
    }))
    const secret: KubeObject = { ...live({ a: 'MQ==' }), kind: 'Secret' }
    const hidden = await first({ ...configMap({ a: 'MQ==' }), kind: 'Secret' }, secret, () => ({
      status: 200,
      body: secret,
    }))
    expect([drifting, older, hidden].map(({ action, answerKey }) => [action, answerKey])).toEqual([
      ['configured', undefined],
      ['unchanged', undefined],
      ['unchanged', undefined],
    ])
  })
})
