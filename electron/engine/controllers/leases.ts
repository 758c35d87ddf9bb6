/** Who leads: leases of leader election, matched to controllers by the pod that holds them or by the lease's name. */
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { ControllerRow } from '../../../shared/model/rows.ts'
import { at, textAt, timeMs } from '../status/read.ts'

export interface Lease {
  readonly namespace: string
  readonly name: string
  /** `pod_uuid` as controller-runtime writes it. */
  readonly holder: string
  readonly renewedAt: number | null
}

export function readLease(object: unknown, namespace: string): Lease {
  return {
    namespace,
    name: textAt(object, 'metadata', 'name'),
    holder: textAt(object, 'spec', 'holderIdentity'),
    renewedAt: timeMs(at(object, 'spec', 'renewTime')),
  }
}

/**
 * `rows` with their leases. A lease of a controller for which there is no Deployment (it runs elsewhere, or Deployments may not be
 * read) becomes a row of its own.
 */
export function withLease(
  rows: readonly ControllerRow[],
  leases: readonly Lease[],
  cluster: ClusterId,
  controllerNames: readonly string[],
): readonly ControllerRow[] {
  const left = new Set(leases)
  const result = rows.map((row) => {
    const own = leases.filter((lease) => lease.namespace === row.namespace && isLeaseOf(lease, row))
    for (const lease of own) left.delete(lease)
    const newest = own.sort((a, b) => (b.renewedAt ?? 0) - (a.renewedAt ?? 0))[0]
    return newest === undefined ? row : { ...row, leaseHolder: podOf(newest), leaseRenewedAt: newest.renewedAt }
  })
  for (const lease of left) {
    const name = controllerNames.find((controller) => lease.name.startsWith(`${controller}-leader-election`))
    if (name === undefined || lease.holder === '') continue
    if (rows.some((row) => row.namespace === lease.namespace && row.name === name)) continue
    result.push({
      key: `${cluster}|${lease.namespace}/${lease.name}`,
      cluster,
      namespace: lease.namespace,
      name,
      version: '',
      image: '',
      args: [],
      readyReplicas: 0,
      replicas: 0,
      status: 'Unknown',
      message: isSluiceHolder(lease.holder)
        ? 'Hosted mode of Sluice does the work of this controller'
        : 'A lease is held, but no Deployment of this controller can be read',
      leaseHolder: podOf(lease),
      leaseRenewedAt: lease.renewedAt,
      shard: null,
    })
  }
  return result
}

function podOf(lease: Lease): string {
  return lease.holder.split('_')[0] ?? ''
}

/** Pods are named deployment-replicaset-random; shards of one controller share the lease's name but not the pod's. */
function isLeaseOf(lease: Lease, row: ControllerRow): boolean {
  const pod = podOf(lease)
  if (pod.startsWith(`${row.name}-`) && /^[a-z0-9]+-[a-z0-9]+$/.test(pod.slice(row.name.length + 1))) return true
  return row.shard === null && lease.name === `${row.name}-leader-election`
}

/** A holder that is a Sluice in hosted mode, here or elsewhere: `sluice-<machine>_<uuid>`. */
export function isSluiceHolder(holder: string): boolean {
  return /^sluice-[a-z0-9-]+_/.test(holder)
}
