/**
 * Who may do little sees little, and is told so: what cannot be read or asked for is never said to be without drift. Identities with client
 * certificates and RBAC on a real API server.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DriftObject } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'
import { fluxAssets, type TestCluster } from '../start.ts'
import { objectTitle, startDriftEngine, type DriftEngine } from './drift-engine.ts'
import { fluxNamespace, startTruthFleet, type TruthFleet } from './truth-fleet.ts'
import { truthKustomizations, type TruthKustomization } from './truth-manifests.ts'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

const reading = ['get', 'list', 'watch']
const writing = [...reading, 'create', 'patch', 'update', 'delete']
const flux: Rule = {
  apiGroups: ['kustomize.toolkit.fluxcd.io', 'source.toolkit.fluxcd.io'],
  resources: ['*'],
  verbs: reading,
}
/** Everything of the fleet but Secrets. */
const notSecrets = (verbs: readonly string[]): readonly Rule[] => [
  {
    apiGroups: [''],
    resources: ['configmaps', 'services', 'serviceaccounts', 'namespaces', 'limitranges', 'resourcequotas'],
    verbs,
  },
  {
    apiGroups: [
      'apps',
      'batch',
      'autoscaling',
      'networking.k8s.io',
      'policy',
      'rbac.authorization.k8s.io',
      'scheduling.k8s.io',
      'apiextensions.k8s.io',
      'example.com',
    ],
    resources: ['*'],
    verbs,
  },
  // What a role grants has to be had, or this.
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'clusterroles'], verbs: ['escalate', 'bind'] },
]

/** Applied as a ServiceAccount that may write ConfigMaps of its namespace and nothing else. */
const account = 'deployer'
const byAccount: TruthKustomization = {
  name: 'by-account',
  spec: { serviceAccountName: account },
  objects: [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'by-account', namespace: fluxNamespace },
      data: { level: 'info' },
    },
  ],
}
const ofAccount = `ConfigMap ${fluxNamespace}/by-account`
const rbac = 'rbac.authorization.k8s.io'

async function grantAccount(cluster: TestCluster): Promise<void> {
  const metadata = { name: account, namespace: fluxNamespace }
  await cluster.applyObjects([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: writing }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: account },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
  ])
}

describe.skipIf(fluxAssets() === null)('rights (skipped without FLUX_ASSETS)', () => {
  let fleet: TruthFleet
  const kustomizations: readonly TruthKustomization[] = truthKustomizations().filter(({ name }) =>
    ['shared', 'team-a', 'team-b'].includes(name),
  )
  /** What really is to be done, by title. */
  const changed: Readonly<Record<string, string>> = {
    'Deployment team-a/web': 'configured',
    'ConfigMap team-a/settings': 'created',
    'Secret team-a/login': 'configured',
    'Deployment team-b/web': 'configured',
    'ClusterRole truth-reader': 'configured',
  }

  beforeAll(async () => {
    fleet = await startTruthFleet({
      kustomizations: async (started) => {
        await grantAccount(started)
        return [...kustomizations, byAccount]
      },
    })
    const { cluster } = fleet
    const edit = (at: string, patch: unknown): Promise<unknown> =>
      cluster.requestOk('PATCH', `${at}?fieldManager=kubectl-edit`, patch, 'application/merge-patch+json')
    await edit('/apis/apps/v1/namespaces/team-a/deployments/web', { spec: { replicas: 7 } })
    await edit('/apis/apps/v1/namespaces/team-b/deployments/web', { spec: { replicas: 7 } })
    await edit('/api/v1/namespaces/team-a/secrets/login', { data: { password: 'b3RoZXI=' } })
    await edit('/apis/rbac.authorization.k8s.io/v1/clusterroles/truth-reader', {
      metadata: { labels: { tier: 'front' } },
    })
    await cluster.requestOk('DELETE', '/api/v1/namespaces/team-a/configmaps/settings')
    await edit(`/api/v1/namespaces/${fluxNamespace}/configmaps/by-account`, { data: { level: 'debug' } })
  })
  afterAll(async () => {
    await fleet?.stop()
  })

  interface Seen {
    readonly engine: DriftEngine
    /** By owner. */
    readonly objects: ReadonlyMap<string, readonly DriftObject[]>
    readonly errors: ReadonlyMap<string, string>
    readonly approximate: readonly string[]
    /** Of all owners. */
    readonly assumptions: readonly string[]
    action(title: string): string
  }

  async function look(
    user: string,
    owners: readonly string[],
    rules: readonly { namespace?: string; rules: readonly Rule[] }[],
    before?: (engine: DriftEngine) => Promise<void>,
  ): Promise<Seen> {
    const { cluster } = fleet
    const subjects = [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }]
    for (const [index, { namespace, rules: granted }] of rules.entries()) {
      const prefix = namespace === undefined ? 'Cluster' : ''
      const metadata = { name: `${user}-${index}`, ...(namespace === undefined ? {} : { namespace }) }
      const apiVersion = 'rbac.authorization.k8s.io/v1'
      await cluster.applyObjects([
        { apiVersion, kind: `${prefix}Role`, metadata, rules: granted },
        {
          apiVersion,
          kind: `${prefix}RoleBinding`,
          metadata,
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: `${prefix}Role`, name: metadata.name },
          subjects,
        },
      ])
    }
    const kubeconfig = await cluster.makeUserKubeconfig({ name: user })
    // As people with a namespace of their own have it: where they may not list everywhere, it is where Sluice looks.
    const text = await readFile(kubeconfig, 'utf8')
    await writeFile(kubeconfig, text.replace(/(\n *)user: /, `$1namespace: ${fluxNamespace}$1user: `))
    const engine = await startDriftEngine({ kubeconfig })
    try {
      await before?.(engine)
      const objects = new Map<string, readonly DriftObject[]>()
      const errors = new Map<string, string>()
      const approximate: string[] = []
      const assumptions: string[] = []
      for (const name of owners) {
        const ref: ObjectRef = await engine.ref('Kustomization', fluxNamespace, name)
        // The first one only learns of the host that it must not contact yet.
        await engine.check(ref).catch(() => undefined)
        const { owner, objects: found } = await engine.check(ref)
        objects.set(name, found)
        if (owner.error !== null) errors.set(name, owner.error.code)
        if (owner.isApproximate) approximate.push(name)
        assumptions.push(...(owner.fidelity?.assumptions ?? []))
      }
      const all = [...objects.values()].flat()
      const action = (title: string): string => {
        const found = all.find(({ ref }) => objectTitle(ref) === title)
        return found === undefined
          ? 'not compared'
          : found.action === 'refused'
            ? `refused: ${found.problem?.code ?? ''}`
            : found.action
      }
      // Whoever sees less never sees less drift without being told.
      const due: Readonly<Record<string, string>> = { ...changed, [ofAccount]: 'configured' }
      const wrong = all
        .filter(({ ref, action: said }) => (due[objectTitle(ref)] ?? 'unchanged') !== said && said !== 'refused')
        .map(({ ref, action: said, summary }) => `${objectTitle(ref)}: ${said} ${summary}`)
      const unsaid = all.filter(({ action: said, problem }) => said === 'refused' && problem === null)
      expect({ user, wrong, unsaid }).toEqual({ user, wrong: [], unsaid: [] })
      return { engine, objects, errors, approximate, assumptions, action }
    } finally {
      await engine.stop()
    }
  }
  const changes = (seen: Seen): Record<string, string> =>
    Object.fromEntries(Object.keys(changed).map((title) => [title, seen.action(title)]))
  const names = kustomizations.map(({ name }) => name)

  it('an administrator sees everything', async () => {
    const seen = await look('admin', names, [{ rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }])
    expect(changes(seen)).toEqual(changed)
    expect(seen.approximate).toEqual([])
  })

  it('a viewer sees everything, and that it is approximate', async () => {
    const seen = await look('viewer', names, [{ rules: [{ apiGroups: ['*'], resources: ['*'], verbs: reading }] }])
    expect(changes(seen)).toEqual(changed)
    expect(seen.approximate).toEqual(names)
  })

  it('without Secrets, they are unknown and the rest is exact', async () => {
    const seen = await look('no-secrets', names, [{ rules: [flux, ...notSecrets(writing)] }])
    expect(changes(seen)).toEqual({ ...changed, 'Secret team-a/login': 'refused: Forbidden' })
    expect(seen.approximate).toEqual([])
  })

  it("a tenant sees its own namespace, and that the others' are not known", async () => {
    const seen = await look('tenant', names, [
      { namespace: fluxNamespace, rules: [flux] },
      { namespace: 'team-a', rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
    ])
    const known = {
      ...changed,
      'Deployment team-b/web': 'refused: Forbidden',
      'ClusterRole truth-reader': 'refused: Forbidden',
    }
    expect(changes(seen)).toEqual(known)
    expect(seen.objects.get('team-b')?.every(({ action }) => action === 'refused')).toBe(true)
    // All rights in a namespace are rights on the namespace itself.
    const ofShared = seen.objects.get('shared')?.filter(({ action }) => action !== 'refused')
    expect(ofShared?.map(({ ref }) => objectTitle(ref))).toEqual(['Namespace team-a'])
  })

  it('who may read Flux alone learns that nothing else is known', async () => {
    const seen = await look('flux-only', names, [{ rules: [flux] }])
    const all = [...seen.objects.values()].flat()
    expect(all.filter(({ action }) => action !== 'refused')).toEqual([])
    expect(all.length + seen.errors.size).toBeGreaterThan(0)
  })

  it('who may impersonate one ServiceAccount by its name asks as that one, and who may not is told so', async () => {
    const reads: readonly Rule[] = [flux, { apiGroups: [''], resources: ['configmaps'], verbs: reading }]
    const impersonating = (name: string): Rule => ({
      apiGroups: [''],
      resources: ['serviceaccounts'],
      verbs: ['impersonate'],
      resourceNames: [name],
    })
    const lookAs = (user: string, name: string): Promise<Seen> =>
      look(user, [byAccount.name], [{ namespace: fluxNamespace, rules: [...reads, impersonating(name)] }])
    // May read alone: that the answer is exact comes from the account's rights.
    const one = await lookAs('one-account', account)
    expect([one.action(ofAccount), one.approximate]).toEqual(['configured', []])
    expect(one.assumptions.filter((text) => text.includes('impersonate'))).toEqual([])
    const other = await lookAs('other-account', 'somebody-else')
    expect([other.action(ofAccount), other.approximate]).toEqual(['configured', [byAccount.name]])
    expect(other.assumptions).toContainEqual(
      expect.stringContaining(`You may not impersonate ServiceAccount ${fluxNamespace}/${account}`),
    )
  })

  it('with dry-runs switched off, the comparison is approximate', async () => {
    const seen = await look(
      'no-dry-runs',
      names,
      [{ rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }],
      async (engine) => {
        const context = await waitUntil(() => [...engine.contexts.keys()][0] ?? null)
        await engine.engine.handlers['contexts.setDryRuns']({ context, isOn: false }, engine.call)
      },
    )
    expect(changes(seen)).toEqual(changed)
    expect(seen.approximate).toEqual(names)
  })
})
