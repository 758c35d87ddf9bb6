/**
 * The repositories that clusters' objects name and that cannot be read with what the source has, and for which of them the user lets Sluice use
 * their own Git credentials. SECURITY: item 10: bound to (cluster, repository), never to a host.
 */
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { SourceRepository } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { Ports } from '../ports.ts'
import { repositoryOfUrl } from '../source/consents.ts'
import type { HostConsents } from '../source/consents.ts'
import type { ConsentList } from './consent-list.ts'
import { createConsentList } from './consent-list.ts'

export interface OwnCredentials extends Pick<ConsentList<SourceRepository>, 'items' | 'loaded' | 'allow' | 'settled'> {
  /** What reading sources asks. */
  readonly consents: Required<Pick<HostConsents, 'usesOwnCredentials' | 'noteRepository'>>
}

/** `onAllowed`: what failed for want of credentials may be tried again. */
export function createOwnCredentials(
  ports: Pick<Ports, 'clock' | 'store' | 'logger'>,
  onAllowed: (cluster: ClusterId) => void,
): OwnCredentials {
  const list = createConsentList<SourceRepository, 'url'>(ports, {
    file: 'drift-credentials.json',
    field: 'url',
    rowOf: ({ subject, ...consent }) => ({ ...consent, url: subject }),
    unnamed: (url) =>
      new SluiceError('NotFound', `No object of this cluster asks for your own credentials for ${url}`, {
        remedy: 'Choose one of the repositories listed.',
      }),
    onAllowed,
  })
  return {
    items: list.items,
    loaded: list.loaded,
    settled: () => list.settled(),
    allow: (cluster, url, isOn) => list.allow(cluster, repositoryOfUrl(url) ?? url, isOn),
    consents: {
      usesOwnCredentials(cluster, url) {
        const repository = repositoryOfUrl(url)
        return repository !== null && list.isAllowed(cluster, repository)
      },
      noteRepository(cluster, url, by) {
        const repository = repositoryOfUrl(url)
        if (repository !== null) list.note(cluster, repository, by)
      },
    },
  }
}
