/** Entries as a fleet of Flux clusters makes them: revisions, digests, durations and names of objects in the messages, the same few sentences. */
import type { HistoryTone, HistoryType, NewHistoryEntry } from '../../shared/model/history.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'

const dayMs = 24 * 60 * 60 * 1000
export const fleetEnd = Date.UTC(2026, 10, 20)
const clusters = Array.from(
  { length: 12 },
  (_, index) => `6f0c1e5a-${String(index).padStart(4, '0')}-4b1d-9c55-0123456789ab`,
)
const teams = ['payments', 'search', 'checkout', 'identity', 'billing', 'ingest', 'catalog', 'media']
const parts = ['api', 'worker', 'web', 'cache', 'gateway', 'scheduler', 'exporter', 'db']

export interface Fleet {
  entry(index: number): NewHistoryEntry
  readonly owners: readonly ObjectRef[]
}

/** The same entries for the same seed; `count` of them fill 90 days. */
export function createFleet(count: number, seed: number): Fleet {
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const hex = (length: number): string =>
    Array.from({ length: length / 8 }, () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('')
  const owners = clusters.flatMap((cluster) =>
    teams.flatMap((team) =>
      parts.map((part, index): ObjectRef => ({
        cluster,
        group: index % 3 === 0 ? 'helm.toolkit.fluxcd.io' : 'kustomize.toolkit.fluxcd.io',
        kind: index % 3 === 0 ? 'HelmRelease' : 'Kustomization',
        namespace: team,
        name: `${team}-${part}`,
      })),
    ),
  )
  let revision = `main@sha1:${hex(40)}`
  const object = (owner: ObjectRef, kind: string): ObjectRef => ({
    ...owner,
    group: kind === 'Deployment' ? 'apps' : '',
    kind,
    name: kind === 'Pod' ? `${owner.name}-${hex(8)}-${hex(8).slice(0, 5)}` : owner.name,
  })
  const seconds = (): string => `${(random() * 40).toFixed(3)}s`
  type Row = [HistoryType, ObjectRef, string, string, HistoryTone, string]
  const make: readonly ((owner: ObjectRef) => Row)[] = [
    (owner) => [
      'run',
      owner,
      'ReconciliationSucceeded',
      `Reconciliation finished in ${seconds()}, next run in 10m0s`,
      'good',
      revision,
    ],
    (owner) => ['run', owner, 'ReconciliationSucceeded', `Applied revision: ${revision}`, 'good', revision],
    (owner) => ['status', owner, 'Progressing', `Health check passed in ${seconds()}`, 'plain', revision],
    (owner) => [
      'event',
      owner,
      'HealthCheckFailed',
      `health check failed after ${seconds()}: timeout waiting for: [Deployment/${owner.namespace}/${owner.name} status: 'InProgress']`,
      'bad',
      revision,
    ],
    (owner) => [
      'event',
      object(owner, 'Deployment'),
      'ScalingReplicaSet',
      `Scaled up replica set ${owner.name}-${hex(8)} from 1 to 2`,
      'plain',
      '',
    ],
    (owner) => [
      'event',
      object(owner, 'Pod'),
      'Pulled',
      `Successfully pulled image "registry.example.com/${owner.namespace}/${owner.name}:1.${Math.floor(random() * 400)}.0" in ${seconds()}`,
      'plain',
      '',
    ],
    (owner) => [
      'event',
      object(owner, 'Pod'),
      'BackOff',
      `Back-off restarting failed container ${owner.name}`,
      'bad',
      '',
    ],
    (owner) => [
      'artifact',
      owner,
      'NewArtifact',
      `stored artifact for commit '${pick(parts)}: bump ${pick(teams)} to 1.${Math.floor(random() * 400)}'`,
      'plain',
      revision,
    ],
    (owner) => ['drift', object(owner, 'Deployment'), 'DriftFound', 'spec.replicas is 3, Git says 2', 'bad', revision],
  ]
  return {
    owners,
    entry(index) {
      if (index % 40 === 0) revision = `main@sha1:${hex(40)}`
      const owner = pick(owners)
      const isRare = index % 20_000 === 7
      const isFailed = index % 20_000 === 13
      const [type, ref, reason, message, tone, own] = pick(make)(owner)
      return {
        cluster: owner.cluster,
        type: isRare ? 'gate' : isFailed ? 'status' : type,
        ref,
        owner,
        at: fleetEnd - 90 * dayMs + Math.floor(((index + random()) / count) * 90 * dayMs),
        reason: isRare ? 'Suspended' : isFailed ? 'Failed' : reason,
        message: isRare ? `closed for the maintenance window ${index}` : message,
        tone: isRare ? 'closed' : tone,
        revision: own,
        by: isRare
          ? 'ann@example.org'
          : type === 'event'
            ? 'kubelet'
            : type === 'artifact'
              ? `person-${index % 300}@example.org`
              : 'kustomize-controller',
        count: 1,
        isBackfilled: false,
        identity:
          type === 'event'
            ? `${hex(8)}-${hex(8).slice(0, 4)}-4${hex(8).slice(0, 3)}-a${hex(8).slice(0, 3)}-${hex(16).slice(0, 12)}`
            : '',
        facts: isFailed
          ? { before: 'Ready', because: 'BuildFailed' }
          : type === 'drift'
            ? { fields: [{ path: 'spec.replicas', manager: 'kubectl-edit' }] }
            : null,
      }
    },
  }
}

/** A rendered Deployment with its Service and ConfigMap; equal ones are equal in nothing but shape. */
export function renderOf(index: number): string {
  const name = `${teams[index % 8] ?? ''}-${parts[(index >> 3) % 8] ?? ''}`
  return Array.from(
    { length: 8 },
    (_, at) =>
      `---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}-${at}\n  namespace: ${name}\n  labels:\n    app.kubernetes.io/name: ${name}\nspec:\n` +
      `  replicas: ${(index * 7 + at) % 9}\n  template:\n    spec:\n      containers:\n        - name: ${name}\n          image: registry.example.com/${name}:1.${index}.${at}\n` +
      `          env:\n${Array.from({ length: 20 }, (__, line) => `            - name: SETTING_${line}\n              value: '${((index * 31 + at * 17 + line * 13) * 2_654_435_761) >>> 0}'\n`).join('')}`,
  ).join('')
}
