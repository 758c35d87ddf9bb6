/** The hosts that clusters' objects name, and which of them the user allowed Sluice to contact for which cluster. */
import type { ClusterId, ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { SourceHost } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { Ports } from '../ports.ts'
import type { HostConsents } from '../source/consents.ts'
import type { ConsentList } from './consent-list.ts'
import { createConsentList } from './consent-list.ts'

export interface Hosts extends HostConsents, Omit<ConsentList<SourceHost>, 'note'> {
  /** As `noteNamed` and `isAllowed` together. */
  isAllowedFor(cluster: ClusterId, host: string, namedBy: ObjectRef): boolean
}

/** `onAllowed`: what failed for want of this host may be tried again. */
export function createHosts(
  ports: Pick<Ports, 'clock' | 'store' | 'logger'>,
  onAllowed: (cluster: ClusterId) => void,
): Hosts {
  const list = createConsentList<SourceHost, 'host'>(ports, {
    file: 'drift-hosts.json',
    field: 'host',
    rowOf: ({ subject, ...consent }) => ({ ...consent, host: subject }),
    unnamed: (host) =>
      new SluiceError('NotFound', `No object of this cluster names the host ${host}`, {
        remedy: 'Choose one of the hosts listed.',
      }),
    onAllowed,
  })
  return {
    ...list,
    noteNamed: (cluster, host, by) => {
      list.note(cluster, host, by)
    },
    isAllowedFor(cluster, host, namedBy) {
      list.note(cluster, host, `${namedBy.kind}/${refTitle(namedBy)}`)
      return list.isAllowed(cluster, host)
    },
  }
}
