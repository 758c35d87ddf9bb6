/** What goes wrong around a comparison never becomes a wrong result: it is said what is not known, and it is right again when the fault is over. */
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isDrift } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { createAuthority, issueLeaf } from '../../../electron/adapters/control-plane/certificates.ts'
import { findFreePorts } from '../../../electron/adapters/control-plane/free-port.ts'
import { makeArchive } from '../../adapters/artifacts/make-archive.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { isSoak } from '../../soak.ts'
import { fluxAssets } from '../start.ts'
import { linesOf, objectTitle, startDriftEngine, type DriftEngine, type Report } from './drift-engine.ts'
import { fluxNamespace, kustomizationOf, startTruthFleet, type FluxObject, type TruthFleet } from './truth-fleet.ts'
import { truthKustomizations, type Manifest, type TruthKustomization } from './truth-manifests.ts'

const mergePatch = 'application/merge-patch+json'
const repositoryPath = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${fluxNamespace}/gitrepositories/truth`

const deployment = (name: string, app: string): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'team-a' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app } },
      spec: { containers: [{ name: 'main', image: 'registry.invalid/a:1' }] },
    },
  },
})
const configMap = (name: string, data: Record<string, string>): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'team-a', labels: { fault: name } },
  data,
})
/** More digits than a number of JavaScript has, as JSON.stringify is to print them. */
const longNumber = (digits: string): unknown => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits)
const gadget = (name: string, spec: object): Manifest => ({
  apiVersion: 'example.com/v1',
  kind: 'Gadget',
  metadata: { name, namespace: 'team-a' },
  spec,
})

const kustomizations: readonly TruthKustomization[] = [
  ...truthKustomizations().filter(({ name }) => ['shared', 'team-b', 'customs'].includes(name)),
  { name: 'rigid', objects: [deployment('rigid', 'git')] },
  { name: 'forced', spec: { force: true }, objects: [deployment('forced', 'git')] },
  {
    name: 'guarded',
    objects: ['denied', 'hooked', 'hanging', 'free'].map((name) => configMap(name, { a: '1' })),
  },
  {
    name: 'long',
    objects: [gadget('long', { id: longNumber('9007199254740993'), ids: [longNumber('9223372036854775807')] })],
  },
  { name: 'moving', objects: Array.from({ length: 6 }, (_, index) => deployment(`moving-${index}`, `m${index}`)) },
  { name: 'large', objects: [configMap('large', { text: 'line of text\n'.repeat(70_000) })] },
]

describe.skipIf(fluxAssets() === null)('faults (skipped without FLUX_ASSETS)', () => {
  let fleet: TruthFleet
  let drift: DriftEngine
  const refs = new Map<string, ObjectRef>()
  const ref = (name: string): ObjectRef => refs.get(name)!

  beforeAll(async () => {
    fleet = await startTruthFleet({ kustomizations })
    drift = await startDriftEngine({ kubeconfig: fleet.cluster.kubeconfigPath })
    for (const { name } of kustomizations) refs.set(name, await drift.ref('Kustomization', fluxNamespace, name))
    await drift.check(ref('shared'))
    for (const { name } of kustomizations) expect(linesOf([await drift.check(ref(name))])).toEqual([])
  })
  afterAll(async () => {
    await drift?.stop()
    await fleet?.stop()
  })

  const edit = (at: string, patch: unknown, manager = 'own-controller'): Promise<unknown> =>
    fleet.cluster.requestOk('PATCH', `${at}?fieldManager=${manager}`, patch, mergePatch)
  const lines = (report: Report): readonly string[] => linesOf([report]).map(({ line }) => line)
  /** Watches tell a moment later. */
  const until = async (name: string, is: (report: Report) => boolean): Promise<Report> => {
    let last: Report | null = null
    return waitUntil(async () => {
      const startedAt = performance.now()
      last = await drift.check(ref(name))
      const ms = performance.now() - startedAt
      if (ms > 5000) process.stderr.write(`a check of ${name} took ${Math.round(ms)} ms\n`)
      return is(last) ? last : null
    }, 20_000).catch((error: unknown) => {
      throw new Error(JSON.stringify({ owner: last?.owner, lines: last === null ? [] : linesOf([last]) }), {
        cause: error,
      })
    })
  }

  it('an object that grew to nearly a megabyte is compared', async () => {
    const at = '/api/v1/namespaces/team-a/configmaps/large'
    await edit(at, { data: { more: 'x' } })
    const report = await until('large', (found) => found.reported.length > 0)
    expect(lines(report)).toEqual(['ConfigMap team-a/large: notOwned added data.more'])
    await edit(at, { data: { text: 'short' } })
    const changed = await until('large', (found) => found.owner.driftedCount > 0)
    expect(lines(changed)).toContain('ConfigMap team-a/large: drift changed data.text')
  })

  it(
    'three megabytes in Git, which no API server takes, are refused and not unchanged',
    { timeout: 90_000 },
    async () => {
      const huge = configMap('huge', { text: 'line of text\n'.repeat(240_000) })
      const commit = await fleet.repository.commit({
        'huge/huge.yaml': JSON.stringify(huge),
        'huge/other.yaml': JSON.stringify(configMap('other', { a: '1' })),
      })
      await fleet.fetched(commit)
      await fleet.cluster.applyObjects([kustomizationOf('huge')])
      refs.set('huge', await drift.ref('Kustomization', fluxNamespace, 'huge'))
      const report = await until('huge', ({ owner }) => owner.state === 'checked')
      const actions = Object.fromEntries(report.objects.map((object) => [object.ref.name, object.action]))
      expect(actions).toEqual({ huge: 'refused', other: 'created' })
      await fleet.cluster.requestOk(
        'DELETE',
        `/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${fluxNamespace}/kustomizations/huge`,
      )
    },
  )

  it(
    'what cannot be changed in place is refused, or made anew where Flux may force it',
    { timeout: 90_000 },
    async () => {
      for (const name of ['rigid', 'forced']) {
        const at = `/apis/apps/v1/namespaces/team-a/deployments/${name}`
        await fleet.cluster.requestOk('DELETE', `${at}?propagationPolicy=Background`)
        await fleet.cluster.requestOk(
          'POST',
          '/apis/apps/v1/namespaces/team-a/deployments?fieldManager=kubectl-create',
          deployment(name, 'other'),
        )
      }
      const rigid = await until('rigid', ({ owner }) => owner.refusedCount > 0)
      expect(rigid.objects.map(({ action, problem }) => [action, problem?.code])).toEqual([['refused', 'Invalid']])
      expect(rigid.objects[0]?.problem?.detail).toContain('field is immutable')
      const forced = await until('forced', ({ objects }) => objects[0]?.action === 'recreated')
      expect(linesOf([forced])).toHaveLength(1)
      // Its own first attempt trips over what it has just deleted.
      await waitUntil(async () => (await fleet.reconcile(['forced'])).length === 0, 60_000)
      // Made anew, it moves for a while, which is no drift either.
      await until('forced', ({ objects }) => objects.length === 1 && objects[0]?.action === 'unchanged')
      expect((await fleet.reconcile(['rigid']))[0]).toContain('immutable')
    },
  )

  it('admission that says no, or nothing, leaves it unknown', { timeout: 90_000 }, async () => {
    const { cluster } = fleet
    for (const name of ['denied', 'hooked', 'hanging', 'free'])
      await edit(`/api/v1/namespaces/team-a/configmaps/${name}`, { data: { a: 'edited' } })
    const before = await until('guarded', ({ owner }) => owner.driftedCount === 4)
    expect(lines(before)).toHaveLength(4)
    const [closed = 0] = await findFreePorts(1)
    const authority = createAuthority('truth')
    const leaf = issueLeaf(authority, { commonName: 'truth', usage: 'server', hosts: ['127.0.0.1'] })
    let asked = 0
    // Takes every question and answers none.
    const silent = createTlsServer({ key: leaf.keyPem, cert: leaf.certPem }, () => void (asked += 1))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const apiVersion = 'admissionregistration.k8s.io/v1'
    await cluster.applyObjects([
      {
        apiVersion,
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: 'truth' },
        spec: {
          matchConstraints: {
            resourceRules: [
              { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
            ],
            objectSelector: { matchLabels: { fault: 'denied' } },
          },
          validations: [{ expression: "object.data.a == 'edited'", message: 'the owner says no' }],
        },
      },
      {
        apiVersion,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: 'truth' },
        spec: { policyName: 'truth', validationActions: ['Deny'] },
      },
      {
        apiVersion,
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'truth' },
        webhooks: [
          { name: 'closed.truth.invalid', port: closed, caPem: cluster.caPem, fault: 'hooked' },
          {
            name: 'silent.truth.invalid',
            port: (silent.address() as AddressInfo).port,
            caPem: authority.certPem,
            fault: 'hanging',
          },
        ].map(({ name, port, caPem, fault }) => ({
          name,
          clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(caPem).toString('base64') },
          rules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
          ],
          objectSelector: { matchLabels: { fault } },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          timeoutSeconds: 1,
        })),
      },
    ])
    // An edit makes each doubtful again.
    const touch = async (count: number): Promise<void> => {
      await edit('/api/v1/namespaces/team-a/configmaps/denied', {
        metadata: { annotations: { touched: String(count) } },
      })
      await edit('/api/v1/namespaces/team-a/configmaps/free', { metadata: { annotations: { touched: String(count) } } })
    }
    let count = 0
    const refused = await waitUntil(async () => {
      await touch((count += 1))
      // A new engine has nothing to use again.
      const fresh = await startDriftEngine({ kubeconfig: cluster.kubeconfigPath })
      try {
        const owner = await fresh.ref('Kustomization', fluxNamespace, 'guarded')
        await fresh.check(owner)
        const startedAt = performance.now()
        const report = await fresh.check(owner)
        process.stderr.write(`a check with a silent webhook took ${Math.round(performance.now() - startedAt)} ms\n`)
        return report.owner.refusedCount === 3 ? report : null
      } finally {
        await fresh.stop()
      }
    }, 60_000)
    const said = Object.fromEntries(
      refused.objects.map(({ ref: { name }, action, problem }) => [name, [action, problem?.detail ?? '']]),
    )
    expect(said['denied']?.[0]).toBe('refused')
    expect(said['denied']?.[1]).toContain('the owner says no')
    expect(said['hooked']?.[0]).toBe('refused')
    expect(said['hooked']?.[1]).toContain('closed.truth.invalid')
    expect(said['hanging']?.[0]).toBe('refused')
    expect(said['hanging']?.[1]).toContain('silent.truth.invalid')
    expect(said['hanging']?.[1]).toMatch(/deadline|timeout/i)
    expect(asked).toBeGreaterThan(0)
    expect(said['free']?.[0]).toBe('configured')
    silent.closeAllConnections()
    silent.close()
    for (const kind of [
      'validatingwebhookconfigurations',
      'validatingadmissionpolicybindings',
      'validatingadmissionpolicies',
    ])
      await cluster.requestOk('DELETE', `/apis/${apiVersion}/${kind}/truth`)
    expect(
      await waitUntil(async () => ((await fleet.reconcile(['guarded'])).length === 0 ? 'done' : null), 60_000),
    ).toBe('done')
    await until('guarded', ({ owner }) => owner.driftedCount === 0 && owner.refusedCount === 0)
  })

  it('whole numbers beyond 2^53 are compared to their last digit', { timeout: 60_000 }, async () => {
    const at = '/apis/example.com/v1/namespaces/team-a/gadgets/long'
    const stored = async (): Promise<string> => (await fleet.cluster.request('GET', at)).text
    expect(await stored()).toContain('"id":9007199254740993,"ids":[9223372036854775807]')
    await edit(at, { spec: { id: longNumber('9007199254740992') } })
    const report = await until('long', ({ owner }) => owner.driftedCount > 0)
    expect(
      report.reported.flatMap(({ fields }) =>
        fields.map(({ path, gitValue, liveValue }) => [path, gitValue, liveValue]),
      ),
    ).toEqual([['spec.id', '9007199254740993', '9007199254740992']])
    await edit(at, { spec: { id: longNumber('9007199254740993'), ids: [longNumber('9223372036854775806')] } })
    const other = await until('long', ({ reported }) => reported[0]?.fields[0]?.path !== 'spec.id')
    expect(linesOf([other]).map(({ line, text }) => [line, text.replace(/ by .*/, '')])).toEqual([
      ['Gadget team-a/long: drift changed spec.ids', '[9223372036854775807] > [9223372036854775806]'],
    ])
    expect(await fleet.reconcile(['long'])).toEqual([])
    expect(await stored()).toContain('"id":9007199254740993,"ids":[9223372036854775807]')
    await until('long', ({ objects }) => objects.every(({ action }) => action === 'unchanged'))
  })

  it('objects that move while they are compared are compared again, or said to move', { timeout: 90_000 }, async () => {
    let isOver = false
    let writes = 0
    const writer = (async () => {
      while (!isOver) {
        const index = writes % 6
        writes += 1
        // An odd number is drift in every one of its states.
        await edit(`/apis/apps/v1/namespaces/team-a/deployments/moving-${index}`, { spec: { replicas: 3 + writes } })
        await fleet.cluster.requestOk(
          'PATCH',
          `/apis/apps/v1/namespaces/team-a/deployments/moving-${index}/status?fieldManager=x`,
          { status: { observedGeneration: writes } },
          mergePatch,
        )
      }
    })()
    const wrong: string[] = []
    const actions = new Map<string, number>()
    try {
      await waitUntil(() => writes > 12)
      for (let round = 0; round < 20; round += 1) {
        const { objects, owner } = await drift.check(ref('moving'))
        if (owner.error !== null) wrong.push(`round ${round}: ${owner.error.message}`)
        for (const object of objects) {
          actions.set(object.action, (actions.get(object.action) ?? 0) + 1)
          if (object.action !== 'configured' && object.action !== 'moving')
            wrong.push(`round ${round}: ${object.ref.name} ${object.action}`)
        }
      }
    } finally {
      isOver = true
      await writer
    }
    process.stderr.write(`moving: ${writes} writes, ${JSON.stringify([...actions])}\n`)
    expect(wrong).toEqual([])
    expect(await fleet.reconcile(['moving'])).toEqual([])
    await until('moving', ({ objects }) => objects.every(({ action }) => action === 'unchanged'))
  })

  it('a definition that is removed takes its objects along', { timeout: 120_000 }, async () => {
    await fleet.cluster.requestOk(
      'DELETE',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com',
    )
    const customs = await until('customs', ({ objects }) =>
      // While the API server still takes them away it refuses in other words, or would still create what has gone already.
      objects
        .filter(({ ref: { kind } }) => kind === 'Widget')
        .every(({ action, problem }) => action === 'refused' && problem?.code === 'ResourceNotServed'),
    )
    const widgets = customs.objects.filter(({ ref: { kind } }) => kind === 'Widget')
    expect(widgets).toHaveLength(4)
    expect(
      customs.objects.filter(({ ref: { kind } }) => kind === 'Gadget').every(({ action }) => action === 'unchanged'),
    ).toBe(true)
    const shared = await until('shared', ({ owner }) => owner.missingCount === 1)
    expect(lines(shared)).toEqual(['CustomResourceDefinition widgets.example.com: created'])
    expect(await fleet.reconcile(['shared'])).toEqual([])
    await until('customs', ({ objects }) => objects.filter(({ action }) => action === 'created').length === 4)
    expect(
      await waitUntil(async () => ((await fleet.reconcile(['customs'])).length === 0 ? 'done' : null), 60_000),
    ).toBe('done')
    await until('customs', ({ objects }) => objects.every(({ action }) => action === 'unchanged'))
  })

  // `npm test` has the same in test/integration/drift/always.test.ts.
  it.runIf(isSoak)(
    'an API server that dies in the middle gives no result, and the right one when it is back',
    { timeout: 900_000 },
    async () => {
      const { cluster } = fleet
      await edit('/apis/apps/v1/namespaces/team-b/deployments/web', { spec: { replicas: 9 } })
      const watched = await startDriftEngine({ kubeconfig: cluster.kubeconfigPath, isWatched: true })
      const shown: string[] = []
      watched.onObject((_, object) => {
        if (object !== null && object.owner.name === 'team-b' && isDrift(object.action))
          shown.push(`${objectTitle(object.ref)} ${object.action}`)
      })
      try {
        const owner = await watched.ref('Kustomization', fluxNamespace, 'team-b')
        for (let round = 0; round < 10; round += 1) {
          const checking = watched.check(owner).then(
            ({ objects, owner: row }) => ({ objects, row }),
            (error: unknown) => ({ error }),
          )
          await new Promise((resolve) => setImmediate(resolve))
          await cluster.apiServer.kill()
          const result = await checking
          if ('objects' in result && result.row.error === null)
            for (const object of result.objects)
              expect([objectTitle(object.ref), object.action]).toEqual([
                objectTitle(object.ref),
                object.ref.kind === 'Deployment' && object.ref.name === 'web' ? 'configured' : 'unchanged',
              ])
          await cluster.apiServer.restart()
          const restartedAt = performance.now()
          await waitUntil(async () => {
            const report = await watched.check(owner).catch(() => null)
            if (report === null || report.owner.error !== null) return null
            expect(
              report.objects.filter(({ action }) => action !== 'unchanged').map(({ ref: { name } }) => name),
            ).toEqual(['web'])
            return report
          }, 60_000)
          process.stderr.write(`compared again ${Math.round(performance.now() - restartedAt)} ms after the restart\n`)
        }
        // Rows go out in batches.
        await waitUntil(() => shown.length > 0)
      } finally {
        await watched.stop()
      }
      expect([...new Set(shown)]).toEqual(['Deployment team-b/web configured'])
      // Without the controllers, which take their time to find it again.
      await edit('/apis/apps/v1/namespaces/team-b/deployments/web', { spec: { replicas: 2 } })
      await until('team-b', ({ objects }) => objects.every(({ action }) => action === 'unchanged'))
    },
  )

  it('an artifact that is gone, or another than its digest says, gives no result', { timeout: 90_000 }, async () => {
    let answer: { status: number; body: string | Uint8Array } = { status: 404, body: '' }
    const server = createServer((_, outgoing) => outgoing.writeHead(answer.status).end(answer.body))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/gitrepository/flux-system/truth/x.tar.gz`
    // Neither repairs what is broken here on purpose.
    await fleet.flux.kill('source-controller')
    await fleet.flux.kill('kustomize-controller')
    try {
      const { status } = await fleet.cluster.requestOk<FluxObject>('GET', repositoryPath)
      const artifact = { ...status?.artifact, url, digest: `sha256:${'0'.repeat(64)}` }
      await fleet.cluster.requestOk(
        'PATCH',
        `${repositoryPath}/status?fieldManager=gotk-source-controller`,
        { status: { artifact } },
        mergePatch,
      )
      const fresh = await startDriftEngine({ kubeconfig: fleet.cluster.kubeconfigPath })
      try {
        const owner = await fresh.ref('Kustomization', fluxNamespace, 'team-b')
        await fresh.check(owner)
        // Git itself is the next best place.
        const fromGit = await waitUntil(async () => {
          const report = await fresh.check(owner)
          return report.owner.error === null ? report : null
        })
        expect(fromGit.owner.fidelity).toMatchObject({ origin: 'git', word: 'verified' })
        expect(fromGit.objects.every(({ action }) => action === 'unchanged')).toBe(true)
      } finally {
        await fresh.stop()
      }
      fleet.git.failWith(503)
      for (const [next, words] of [
        [{ status: 404, body: 'not found' }, /404/],
        [{ status: 200, body: 'not an archive' }, /cut off|gzip/],
        [{ status: 200, body: (await makeArchive([{ name: 'a.yaml', text: 'a: 1\n' }])).bytes }, /digest/],
      ] as const) {
        answer = next
        const blind = await startDriftEngine({ kubeconfig: fleet.cluster.kubeconfigPath })
        try {
          const owner = await blind.ref('Kustomization', fluxNamespace, 'team-b')
          const said = new Set<string>()
          const { owner: row, objects } = await waitUntil(async () => {
            const report = await blind.check(owner)
            const { error } = report.owner
            said.add(error === null ? 'no error' : `${error.code} ${error.message} ${error.detail}`)
            return error !== null && words.test(`${error.message} ${error.detail}`) ? report : null
          }, 15_000).catch((error: unknown) => {
            throw new Error([...said].join('\n'), { cause: error })
          })
          expect([row.state, objects.length, row.checkedAt]).toEqual(['failed', 0, null])
        } finally {
          await blind.stop()
        }
      }
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
