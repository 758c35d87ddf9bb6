/**
 * Under which name this installation holds leases: the same after each restart, so that it goes on at once. Only one process may use it: another one
 * of the same installation (the command line beside the window) gets a name of its own and waits like any stranger.
 */
import type { Ports } from '../../ports.ts'
import { StoredJson } from '../../settings/stored-json.ts'
import { textAt } from '../../status/read.ts'

export interface InstallationIdentity {
  readonly identity: string
  release(): Promise<void>
}

const lockName = 'hosting'

export async function takeIdentity(
  ports: Pick<Ports, 'store' | 'logger' | 'random' | 'locks' | 'environment'>,
): Promise<InstallationIdentity> {
  const { machine } = ports.locks
  // `pod_uuid` is how controller-runtime names a holder: who reads the lease finds the machine where the pod's name would be.
  const fresh = (): string => `sluice-${machine}_${ports.random.uuid()}`
  const lock = await ports.locks.tryLock(lockName)
  if (lock === null) return { identity: fresh(), release: () => Promise.resolve() }
  const stored = new StoredJson<{ identity: string }>(ports, `hosting-identity-${machine}.json`)
  const known = await stored.read((value) => {
    const identity = textAt(value, 'identity')
    return /^sluice-[a-z0-9-]+_[0-9a-f-]{36}$/.test(identity) ? { identity } : null
  })
  const identity = known?.identity ?? fresh()
  if (known === null) await stored.write({ identity })
  return { identity, release: () => lock.release() }
}
