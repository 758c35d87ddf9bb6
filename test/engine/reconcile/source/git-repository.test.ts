import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import type { KubeClient, KubeRequest } from '../../../../electron/engine/ports.ts'
import type { RecordedEvent } from '../../../../electron/engine/reconcile/events/event-recorder.ts'
import { passThrough } from '../../../../electron/engine/reconcile/lease/fence.ts'
import type { HostedView, RunOutcome } from '../../../../electron/engine/reconcile/reconciler.ts'
import { createGitRepositoryReconciler } from '../../../../electron/engine/reconcile/source/git-repository.ts'
import type { GitRepositoryDeps } from '../../../../electron/engine/reconcile/source/git-repository.ts'
import type { ErrorCode } from '../../../../shared/model/errors.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { gitRepositories, runContext } from '../../../integration/host/one-run.ts'
import { answer } from '../../cache/scripted-client.ts'
import { ManualClock, silentLogger } from '../../memory-cluster.ts'

const group = 'source.toolkit.fluxcd.io'
const conditions = [
  {
    type: 'Ready',
    status: 'True',
    reason: 'Succeeded',
    message: 'stored',
    observedGeneration: 1,
    lastTransitionTime: '2026-09-15T10:00:00Z',
  },
]

interface Given {
  readonly spec?: Readonly<Record<string, unknown>>
  /** Data of the Secrets that are there; a text is the error that reading one answers with. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>> | ErrorCode>>
  readonly allowed?: readonly string[]
  readonly finalizers?: readonly string[]
}

/** A GitRepository whose spec is newer than its status, reconciled once. */
async function reconcile({ spec = {}, secrets = {}, allowed = [], finalizers = [] }: Given) {
  const object: KubeObject = {
    apiVersion: `${group}/v1`,
    kind: 'GitRepository',
    metadata: { name: 'fleet', namespace: 'apps', uid: 'u1', generation: 2, resourceVersion: '1', finalizers },
    spec: { url: 'https://git.example/fleet.git', interval: '1h', ...spec },
    status: { observedGeneration: 1, conditions },
  }
  let live = object
  const writes: KubeRequest[] = []
  const named: string[] = []
  const asked: string[] = []
  const client: KubeClient = {
    ...passThrough({ context: 'x' } as unknown as KubeClient),
    request(request) {
      writes.push(request)
      const { status } = request.body as { readonly status?: object }
      live = { ...live, status: { ...(live.status as object), ...status } }
      return Promise.resolve(answer(200, live))
    },
  }
  const view = {
    id: 'c1',
    client: () => client,
    served: () => gitRepositories,
    fetch({ name }: { name: string }) {
      const secret = secrets[name] ?? 'NotFound'
      if (typeof secret === 'string') return Promise.reject(new SluiceError(secret, `Secret ${name}`))
      const data = Object.fromEntries(Object.entries(secret).map(([key, value]) => [key, btoa(value)]))
      return Promise.resolve({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, data })
    },
  } as unknown as HostedView
  const reconciler = createGitRepositoryReconciler({
    ports: {
      clock: new ManualClock(),
      random: { unit: () => 0, uuid: () => 'u' },
      logger: silentLogger,
      git: {
        resolve: () => {
          asked.push('resolve')
          return Promise.resolve({ revision: 'main@sha1:aa', commit: 'aa' })
        },
        tree: () => Promise.resolve({ contentKey: 'k', path: '/tree', files: 0, bytes: 0 }),
      },
      artifacts: {},
    } as unknown as GitRepositoryDeps['ports'],
    storage: {} as GitRepositoryDeps['storage'],
    hosts: {
      isAllowed: (_, host) => allowed.includes(host),
      noteNamed: (_, host) => named.push(host),
    },
  })
  const events: RecordedEvent[] = []
  const outcome: RunOutcome = await reconciler.reconcile(
    { cluster: 'c1', group, kind: 'GitRepository', namespace: 'apps', name: 'fleet' },
    runContext('source-controller', { view, client, object }, events),
  )
  return { outcome, writes, named, asked, events, before: object.status, after: live.status }
}

const git = 'git.example:443'
const proxied = { proxySecretRef: { name: 'proxy' } }
const httpProxy = { address: 'http://proxy.example:3128' }

describe('a GitRepository that is not hosted', () => {
  it.each<readonly [string, Given, string]>([
    ['at a host that nobody allowed', {}, 'names the host git.example:443, which is not allowed'],
    [
      'through a proxy that nobody allowed',
      { spec: proxied, secrets: { proxy: httpProxy }, allowed: [git] },
      'names the host proxy.example:3128, which is not allowed',
    ],
    [
      'through a SOCKS5 proxy',
      { spec: proxied, secrets: { proxy: { address: 'socks5://proxy.example:1080' } }, allowed: [git] },
      'Its proxy (Secret apps/proxy) is SOCKS5',
    ],
    [
      'by ssh through a proxy',
      {
        spec: { ...proxied, url: 'ssh://git@git.example/fleet.git' },
        secrets: { proxy: httpProxy },
        allowed: ['git.example:22', 'proxy.example:3128'],
      },
      'It is read by ssh through a proxy (Secret apps/proxy)',
    ],
    [
      'with a Secret that may not be read',
      { spec: { secretRef: { name: 'keys' } }, secrets: { keys: 'Forbidden' }, allowed: [git] },
      'You may not read Secret apps/keys, which this source signs in with',
    ],
    [
      'with a proxy Secret that may not be read',
      { spec: proxied, secrets: { proxy: 'Forbidden' }, allowed: [git] },
      'You may not read Secret apps/proxy, which this source goes through a proxy with',
    ],
    [
      'with an identity of the cluster',
      { spec: { provider: 'github' }, allowed: [git] },
      'spec.provider github signs in with an identity',
    ],
  ])('says why, and nothing is written, asked or told: %s', async (_, given, why) => {
    const { outcome, writes, asked, events } = await reconcile(given)
    expect(outcome).toMatchObject({ result: 'idle', state: 'not-hosted', requeueAfterMs: null })
    expect(outcome.message).toContain(why)
    expect(writes).toEqual([])
    expect(asked).toEqual([])
    expect(events).toEqual([])
  })

  it('takes back what it has written where that comes out late only: the Secret of its signers may not be read', async () => {
    const { outcome, writes, asked, before, after } = await reconcile({
      spec: { verify: { mode: 'HEAD', secretRef: { name: 'signers' } } },
      secrets: { signers: 'Forbidden' },
      allowed: [git],
      finalizers: ['finalizers.fluxcd.io'],
    })
    expect(outcome).toMatchObject({ state: 'not-hosted' })
    expect(outcome.message).toContain('You may not read Secret apps/signers')
    expect(asked).toEqual(['resolve'])
    expect(writes.length).toBeGreaterThan(1)
    expect(after).toEqual(before)
  })

  it('names each host that it would contact', async () => {
    expect((await reconcile({})).named).toEqual([git])
    const { named } = await reconcile({ spec: proxied, secrets: { proxy: httpProxy }, allowed: [git] })
    expect(named).toEqual(['proxy.example:3128'])
  })
})
