import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../electron/engine/clusters/view.ts'
import { makeHandOverPlan } from '../../../../electron/engine/reconcile/hand-over/make-hand-over-plan.ts'
import type { HandOverPlanInput } from '../../../../electron/engine/reconcile/hand-over/make-hand-over-plan.ts'

const url = 'https://git.example.invalid/fleet'
const source: KubeObject = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'fleet', namespace: 'apps' },
  spec: { url },
}

function deployment(name: string, args: readonly string[], replicas = 1): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'flux-system' },
    spec: { replicas, template: { spec: { containers: [{ name: 'manager', args }] } } },
  }
}

interface Options {
  readonly args?: readonly string[]
  readonly replicas?: number
  readonly namespace?: string
  readonly isReadOnly?: boolean
  readonly usesOwnCredentials?: boolean
  /** HTTP status of writes. */
  readonly status?: number
  readonly source?: KubeObject
}

/** The plan over a cluster in memory that has nothing of Flux yet. */
function planOf(options: Options = {}) {
  const { args = ['--enable-leader-election'], replicas = 1, namespace = 'flux-system', status = 200 } = options
  const deployments = ['source-controller', 'kustomize-controller', 'helm-controller'].map((name) => {
    return { name, image: `example.invalid/${name}:v1`, object: deployment(name, args, replicas) }
  })
  const writes: string[] = []
  const client = {
    request({ method, path, body }: { method: string; path: string; body?: unknown }) {
      if (method !== 'GET' && !path.includes('dryRun=All')) writes.push(path)
      const value = method === 'GET' ? {} : status === 200 ? body : { message: 'no right' }
      const code = method === 'GET' ? 404 : status
      return Promise.resolve({
        status: code,
        headers: {},
        bytes: new Uint8Array(),
        json: () => value,
        text: () => JSON.stringify(value),
      })
    },
  }
  const view = {
    id: 'c',
    rows: () => [],
    served: () => ({}),
    list: (_group: string, kind: string) => Promise.resolve(kind === 'GitRepository' ? [options.source ?? source] : []),
  }
  const row = { key: 'lab', name: 'lab', isReadOnly: options.isReadOnly ?? false, isProduction: false }
  const input = {
    transfer: { row, view, client, namespace },
    manifests: {
      origin: 'program',
      label: 'flux',
      digest: 'sha256:1',
      installation: {
        version: 'v2',
        namespace: 'flux-system',
        objects: deployments.map(({ object }) => object),
        definitions: [],
        deployments,
        clusterAdmins: [],
        text: '',
      },
    },
    usesOwnCredentials: (repository: string) => repository === url && options.usesOwnCredentials === true,
    calls: { client, clock: {}, impersonate: null, signal: new AbortController().signal },
    codec: { sha256Hex: (data: string) => createHash('sha256').update(data).digest('hex') },
  } as unknown as HandOverPlanInput
  return { writes, plan: makeHandOverPlan(input) }
}

describe('the plan of a hand-over', () => {
  it('asks by dry-runs alone, and says who begins when', async () => {
    const { plan, writes } = planOf()
    const { refusal, objects, components, digest } = await plan
    expect(refusal).toBe(null)
    expect(objects.map(({ name, action }) => `${name} ${action}`)).toEqual([
      'source-controller created',
      'kustomize-controller created',
      'helm-controller created',
    ])
    expect(components.map(({ begins }) => begins)).toEqual(['waiting', 'waiting', 'last'])
    expect(writes).toEqual([])
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect((await planOf().plan).digest).toBe(digest)
    expect((await planOf({ args: ['--enable-leader-election', '--more'], status: 403 }).plan).digest).not.toBe(digest)
  })

  it('says what is taken away when it is undone, and what stays', async () => {
    const note = (await planOf().plan).notes.find((each) => each.startsWith('If it fails')) ?? ''
    expect(note).toContain('the ClusterRoleBindings that it created are taken away again')
    expect(note).toContain('definitions, accounts, roles, services, network policies and quotas')
  })

  it.each<[string, Options, string]>([
    ['a controller would not wait', { args: [] }, 'source-controller would run without --enable-leader-election'],
    ['a controller would not run', { replicas: 0 }, 'source-controller would have no replicas'],
    ['the leases are elsewhere', { namespace: 'gitops' }, 'hosted mode holds its leases in gitops'],
    ['the context is read-only', { isReadOnly: true }, 'lab is read-only'],
    ['the user may not', { status: 403 }, 'Deployment flux-system/source-controller'],
  ])('is refused where %s', async (_where, options, words) => {
    expect((await planOf(options).plan).refusal?.message).toContain(words)
  })

  it('tells which source has no Secret and is fetched with the user’s own credentials', async () => {
    const told = async (options: Options): Promise<boolean> =>
      (await planOf(options).plan).notes.some((note) => note.includes('GitRepository apps/fleet with your own Git'))
    expect(await told({ usesOwnCredentials: true })).toBe(true)
    expect(await told({ usesOwnCredentials: false })).toBe(false)
    const withSecret = { ...source, spec: { url, secretRef: { name: 'git' } } }
    expect(await told({ usesOwnCredentials: true, source: withSecret })).toBe(false)
  })
})
