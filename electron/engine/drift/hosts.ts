/** The hosts that clusters' objects name, and which of them the user allowed Sluice to contact for which cluster. Kept on this machine. */
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { SourceHost } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { KeyedItems } from '../clusters/keyed-feed.ts'
import type { Ports } from '../ports.ts'
import { StoredJson } from '../settings/stored-json.ts'
import type { HostConsents } from '../source/consents.ts'

interface StoredHost {
  readonly cluster: ClusterId
  readonly host: string
}

interface StoredHosts {
  readonly version: 1
  readonly allowed: readonly StoredHost[]
}

const maxNamed = 20
/** A cluster whose objects name thousands of hosts is not worth a list of them. */
const maxHosts = 1000

export interface Hosts extends HostConsents {
  readonly items: KeyedItems<SourceHost>
  /** Resolves when what was allowed before is in force. */
  readonly loaded: Promise<void>
  /** As `noteNamed` and `isAllowed` together. */
  isAllowedFor(cluster: ClusterId, host: string, namedBy: ObjectRef): boolean
  allow(cluster: ClusterId, host: string, isAllowed: boolean): Promise<void>
  settled(): Promise<void>
}

/** `onAllowed`: what failed for want of this host may be tried again. */
export function createHosts(
  ports: Pick<Ports, 'clock' | 'store' | 'logger'>,
  onAllowed: (cluster: ClusterId) => void,
): Hosts {
  const file = new StoredJson<StoredHosts>(ports, 'drift-hosts.json')
  const items = new KeyedItems<SourceHost>(ports.clock)
  const hosts = new Map<string, { cluster: ClusterId; host: string; isAllowed: boolean; namedBy: Set<string> }>()
  const keyOf = (cluster: ClusterId, host: string): string => `${cluster}|${host}`

  function tell(): void {
    items.set(
      [...hosts].map(([key, { cluster, host, isAllowed, namedBy }]) => ({
        key,
        cluster,
        host,
        isAllowed,
        namedBy: [...namedBy],
      })),
    )
  }
  const loaded = file.read(parseHosts).then((stored) => {
    for (const { cluster, host } of stored?.allowed ?? [])
      hosts.set(keyOf(cluster, host), { cluster, host, isAllowed: true, namedBy: new Set() })
    tell()
  })
  function note(cluster: ClusterId, host: string, by: string): void {
    const key = keyOf(cluster, host)
    let known = hosts.get(key)
    if (known === undefined) {
      if (hosts.size >= maxHosts) return
      known = { cluster, host, isAllowed: false, namedBy: new Set() }
      hosts.set(key, known)
    } else if (known.namedBy.has(by) || known.namedBy.size >= maxNamed) return
    known.namedBy.add(by)
    tell()
  }
  const isAllowed = (cluster: ClusterId, host: string): boolean => hosts.get(keyOf(cluster, host))?.isAllowed === true

  return {
    items,
    loaded,
    isAllowed,
    noteNamed: note,
    isAllowedFor(cluster, host, namedBy) {
      note(cluster, host, `${namedBy.kind}/${refTitle(namedBy)}`)
      return isAllowed(cluster, host)
    },
    async allow(cluster, host, allow) {
      await loaded
      const known = hosts.get(keyOf(cluster, host))
      // SECURITY: items 7 and 10: the window chooses among hosts that a cluster's objects name; it cannot bring its own.
      if (known === undefined)
        throw new SluiceError('NotFound', `No object of this cluster names the host ${host}`, {
          remedy: 'Choose one of the hosts listed.',
        })
      known.isAllowed = allow
      tell()
      const allowed = [...hosts.values()].filter((entry) => entry.isAllowed)
      await file.write({ version: 1, allowed: allowed.map((entry) => ({ cluster: entry.cluster, host: entry.host })) })
      if (allow) onAllowed(cluster)
    },
    settled: () => file.settled(),
  }
}

function parseHosts(value: unknown): StoredHosts | null {
  const { allowed } = (value ?? {}) as { allowed?: unknown }
  if (!Array.isArray(allowed)) return null
  const hosts: StoredHost[] = []
  for (const entry of allowed as unknown[]) {
    const { cluster, host } = (entry ?? {}) as Partial<Record<string, unknown>>
    if (typeof cluster === 'string' && typeof host === 'string') hosts.push({ cluster, host })
  }
  return { version: 1, allowed: hosts }
}
