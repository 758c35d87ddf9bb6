/** What an apply asks of the API server, and what it tells, over an API server of one Map. */
import { expect, it } from 'vitest'
import { applySet } from '../../../electron/engine/apply/apply-set.ts'
import type { AppliedSet, ApplyOptions } from '../../../electron/engine/apply/apply-set.ts'
import type { ClusterView, KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { DesiredSet } from '../../../electron/engine/drift/desired-set.ts'
import type { KubeClient, KubeRequest } from '../../../electron/engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { answer } from '../cache/scripted-client.ts'
import { ManualClock } from '../memory-cluster.ts'
import { memoryCodec } from '../memory-codec.ts'
import { toDesiredSet } from './desired-set.ts'

const map = (name: string, data: Record<string, string> = { a: '1' }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'apps' },
  data,
})

/** Server-side apply of data, and no more. */
class Server {
  readonly objects = new Map<string, KubeObject>()
  readonly requests: string[] = []
  version = 1
  fail: (request: KubeRequest) => { status: number; body: unknown } | null = () => null

  store(object: KubeObject): KubeObject {
    this.version += 1
    const path = `/api/v1/namespaces/${object.metadata.namespace ?? ''}/configmaps/${object.metadata.name}`
    const known = this.objects.get(path)
    const stored = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: known?.metadata.uid ?? `uid-${String(this.version)}`,
        resourceVersion: String(this.version),
      },
    }
    this.objects.set(path, stored)
    return stored
  }

  readonly client = {
    request: (request: KubeRequest) => {
      const url = new URL(request.path, 'http://localhost')
      const isDryRun = url.searchParams.get('dryRun') === 'All'
      this.requests.push(`${request.method}${isDryRun ? ' dry' : ''} ${url.pathname.split('/').at(-1) ?? ''}`)
      const failure = this.fail(request)
      if (failure !== null) return Promise.resolve(answer(failure.status, failure.body))
      const known = this.objects.get(url.pathname)
      if (request.method === 'GET')
        return Promise.resolve(known === undefined ? answer(404, notFound) : answer(200, known))
      if (request.method === 'DELETE') {
        this.objects.delete(url.pathname)
        return Promise.resolve(answer(200, {}))
      }
      const body = request.body as KubeObject
      if (!isDryRun) return Promise.resolve(answer(200, this.store(body)))
      const metadata =
        known === undefined
          ? { ...body.metadata, uid: 'dry' }
          : { ...body.metadata, uid: known.metadata.uid, resourceVersion: known.metadata.resourceVersion }
      return Promise.resolve(answer(200, { ...body, metadata }))
    },
  } as unknown as KubeClient
}

const notFound = { kind: 'Status', reason: 'NotFound', message: 'configmaps "x" not found', details: { name: 'x' } }

function run(
  server: Server,
  objects: readonly KubeObject[],
  options: Partial<ApplyOptions> = {},
  more: Partial<DesiredSet> = {},
): Promise<AppliedSet> {
  const read: ApplyOptions['live']['read'] = async ({ name }) => {
    const found = await server.client.request({
      method: 'GET',
      path: `/api/v1/namespaces/apps/configmaps/${name}`,
    })
    return { object: found.status === 404 ? null : (found.json() as KubeObject) }
  }
  const resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', isNamespaced: true }
  return applySet(toDesiredSet(objects, more), {
    view: {
      served: (_group: string, kind: string) => (kind === 'ConfigMap' ? resource : null),
    } as unknown as ClusterView,
    client: server.client,
    live: { read, readFresh: read },
    codec: memoryCodec,
    clock: new ManualClock(),
    concurrency: 1,
    knownUnchanged: null,
    remember: () => undefined,
    signal: new AbortController().signal,
    ...options,
  })
}

const told = ({ entries }: AppliedSet): readonly string[] =>
  entries.map(({ subject, action }) => `${subject} ${action}`)

it('asks two things of what is new, dry-runs before applies', async () => {
  const server = new Server()
  const result = await run(server, [map('b'), map('a')], { mayBeNew: () => true })
  expect(server.requests).toEqual(['PATCH dry a', 'PATCH dry b', 'PATCH a', 'PATCH b'])
  expect(told(result)).toEqual(['ConfigMap/apps/a created', 'ConfigMap/apps/b created'])
  expect(result.error).toBeNull()
})

it('asks nothing of what is known to be unchanged', async () => {
  const server = new Server()
  const live = server.store(map('a'))
  const reader: ApplyOptions['live'] = {
    read: () => Promise.resolve({ object: live }),
    readFresh: () => Promise.reject(new Error('not asked')),
  }
  const result = await run(server, [map('a')], { live: reader, knownUnchanged: (_object, seen) => seen === live })
  expect(server.requests).toEqual([])
  expect(result.entries).toMatchObject([{ subject: 'ConfigMap/apps/a', action: 'unchanged', object: live }])
})

it('writes nothing where nothing differs, and remembers it', async () => {
  const server = new Server()
  const live = server.store(map('a'))
  const remembered: unknown[] = []
  const result = await run(server, [map('a')], { remember: (object, seen) => remembered.push([object, seen]) })
  expect(server.requests).toEqual(['GET a', 'PATCH dry a'])
  expect(told(result)).toEqual(['ConfigMap/apps/a unchanged'])
  expect(remembered).toEqual([[map('a'), live]])
})

it('reads anew what moved under a copy that is old', async () => {
  const server = new Server()
  const old = server.store(map('a', { a: '0' }))
  server.store(map('a'))
  const reads: string[] = []
  const reader: ApplyOptions['live'] = {
    read: () => Promise.resolve({ object: old }),
    readFresh: (key) => {
      reads.push(key.name)
      return Promise.resolve({ object: [...server.objects.values()][0]! })
    },
  }
  expect(told(await run(server, [map('a')], { live: reader }))).toEqual(['ConfigMap/apps/a unchanged'])
  expect(reads).toEqual(['a'])
})

it('tells what was applied before a fault, in the words of the controller', async () => {
  const server = new Server()
  server.fail = ({ path, method }) =>
    method === 'PATCH' && path.includes('/b?') && !path.includes('dryRun')
      ? { status: 500, body: { kind: 'Status', reason: 'InternalError', message: 'disk full' } }
      : null
  const result = await run(server, [map('a'), map('b'), map('c')])
  expect(told(result)).toEqual(['ConfigMap/apps/a created'])
  expect(result.error).toMatchObject({
    message: 'ConfigMap/apps/b apply failed: disk full\n',
    data: { code: 'ApplyFailed', retry: 'transient' },
  })
  expect([...server.objects.keys()].map((path) => path.split('/').at(-1))).toEqual(['a'])
})

it('applies nothing where one dry-run is refused', async () => {
  const server = new Server()
  server.fail = ({ path }) =>
    path.includes('/b?') ? { status: 422, body: { kind: 'Status', reason: 'Invalid', message: 'no' } } : null
  const result = await run(server, [map('a'), map('b')])
  expect(result.entries).toEqual([])
  expect(result.error?.message).toBe('ConfigMap/apps/b dry-run failed (Invalid): no\n')
  expect(server.objects.size).toBe(0)
})

it('keeps the values of a Secret out of what it tells', async () => {
  const server = new Server()
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'apps' },
    data: { a: 'c2VjcmV0' },
  }
  server.fail = () => ({ status: 422, body: { kind: 'Status', reason: 'Invalid', message: 'data[a]: got c2VjcmV0' } })
  const resource = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', isNamespaced: true }
  const view = { served: () => resource } as unknown as ClusterView
  const reader = { read: () => Promise.resolve({ object: null }), readFresh: () => Promise.resolve({ object: null }) }
  const result = await run(server, [secret], { view, live: reader })
  expect(result.error?.message).toBe('Secret/apps/s dry-run failed (Invalid): data[a]: got ***\n')
})

it('names the kind that the API server does not serve', async () => {
  const server = new Server()
  server.fail = ({ path }) => (path === '/apis/example.com/v1' ? { status: 404, body: 'no' } : null)
  const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'apps' } }
  const result = await run(server, [widget])
  expect(result.error).toMatchObject({
    message: 'Widget/apps/w dry-run failed: no matches for kind "Widget" in version "example.com/v1"\n',
    data: { code: 'ResourceNotServed' },
  })
})

it('refuses what cannot be known, before anything is asked', async () => {
  const server = new Server()
  const objects = [{ object: map('a'), origin: null, sensitive: [], unknown: 'it cannot be decrypted' }]
  const result = await run(server, [], {}, { objects })
  expect(result.error?.data.code).toBe('Unsupported')
  expect(server.requests).toEqual([])
})

it('ends with the lease', async () => {
  const server = new Server()
  const client = {
    request: (request: KubeRequest) =>
      request.method === 'PATCH' && !request.path.includes('dryRun')
        ? Promise.reject(new SluiceError('LeaseLost', 'lost'))
        : server.client.request(request),
  } as unknown as KubeClient
  await expect(run(server, [map('a')], { client })).rejects.toMatchObject({ code: 'LeaseLost' })
  expect(server.objects.size).toBe(0)
})

it('tells what it is going to write before it writes any of it', async () => {
  const server = new Server()
  server.store(map('same'))
  const announce: ApplyOptions['announce'] = (entries) => {
    server.requests.push(`announced ${entries.map(({ name }) => name).join(' ')}`)
    return Promise.resolve()
  }
  await run(server, [map('b'), map('same'), map('a')], { mayBeNew: () => true, announce })
  expect(server.requests.slice(-3)).toEqual(['announced a b', 'PATCH a', 'PATCH b'])
  const refused = run(new Server(), [map('a')], { announce: () => Promise.reject(new Error('no inventory')) })
  await expect(refused).rejects.toThrow('no inventory')
})

it('leaves alone what a stumbling server hides', async () => {
  const server = new Server()
  server.store(map('a'))
  const problem = new SluiceError('ServerError', 'Read a: the API server answers 500', { retry: 'transient' }).toData()
  const read = (): Promise<{ problem: typeof problem }> => Promise.resolve({ problem })
  const { error } = await run(server, [map('a', { a: '2' })], { live: { read, readFresh: read } })
  expect(error?.message).toContain('ConfigMap/apps/a dry-run failed: Read a')
  expect(server.requests.filter((each) => each === 'PATCH a')).toEqual([])
})

it('makes nothing anew for a conflict that passes', async () => {
  const server = new Server()
  server.store(map('a'))
  const conflict = { kind: 'Status', reason: 'Conflict', message: 'the object has been modified' }
  const outcome = async (conflicts: number): Promise<readonly string[]> => {
    const clock = new ManualClock()
    let left = conflicts
    server.requests.length = 0
    server.fail = ({ path }) => (path.includes('dryRun') && (left -= 1) >= 0 ? { status: 409, body: conflict } : null)
    const running = run(server, [map('a', { a: String(conflicts) })], { clock }, { isForced: true })
    for (let step = 0; step < 5; step += 1) await clock.advance(1000)
    await running
    return server.requests
  }
  expect(await outcome(3)).not.toContain('DELETE a')
  // One that stays is what an immutable field looks like.
  expect(await outcome(4)).toContain('DELETE a')
})
