/**
 * The repositories that clusters' objects name and that cannot be read with what the source has, and for which of them the user lets Sluice use
 * their own Git credentials. SECURITY: item 10: bound to (cluster, repository), never to a host.
 */
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { SourceRepository } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { Ports } from '../ports.ts'
import type { SecretBoxState } from '../secret-box.ts'
import { repositoryOfUrl } from '../source/consents.ts'
import type { HostConsents } from '../source/consents.ts'
import type { ConsentList } from './consent-list.ts'
import { createConsentList } from './consent-list.ts'
import { createKeptTokens } from './kept-tokens.ts'

export interface OwnCredentials extends Pick<ConsentList<SourceRepository>, 'items' | 'loaded' | 'allow' | 'settled'> {
  /** What reading sources asks. */
  readonly consents: Required<Pick<HostConsents, 'usesOwnCredentials' | 'keptToken' | 'tokenStamp' | 'noteRepository'>>
  readonly tokens: {
    store(): Promise<SecretBoxState>
    /** And allows them for that repository. Rejects with NotFound for a repository that no object named, Unsupported for one that is not https. */
    keep(cluster: ClusterId, url: string): Promise<'kept' | 'canceled' | 'unusable'>
    forget(cluster: ClusterId, url: string): Promise<void>
  }
}

/** `onAllowed`: what failed for want of credentials may be tried again. */
export function createOwnCredentials(
  ports: Pick<Ports, 'clock' | 'store' | 'logger' | 'codec' | 'secrets'>,
  onAllowed: (cluster: ClusterId) => void,
): OwnCredentials {
  const kept = createKeptTokens(ports)
  let changes = 0
  const unnamed = (url: string): SluiceError =>
    new SluiceError('NotFound', `No object of this cluster asks for your own credentials for ${url}`, {
      remedy: 'Choose one of the repositories listed.',
    })
  const list = createConsentList<SourceRepository, 'url'>(ports, {
    file: 'drift-credentials.json',
    field: 'url',
    rowOf: ({ subject, ...consent }) => ({ ...consent, url: subject, hasToken: kept.has(consent.cluster, subject) }),
    unnamed,
    onAllowed,
  })
  const loaded = Promise.all([list.loaded, kept.loaded]).then(() => list.refresh())
  const allow = (cluster: ClusterId, url: string, isOn: boolean): Promise<void> =>
    list.allow(cluster, repositoryOfUrl(url) ?? url, isOn)

  return {
    items: list.items,
    loaded,
    settled: () => list.settled(),
    allow,
    consents: {
      usesOwnCredentials(cluster, url) {
        const repository = repositoryOfUrl(url)
        return repository !== null && list.isAllowed(cluster, repository)
      },
      async keptToken(cluster, url) {
        const repository = repositoryOfUrl(url)
        // What is not allowed any more is not used, though it is still kept.
        if (repository === null || !list.isAllowed(cluster, repository)) return null
        return kept.read(cluster, repository)
      },
      tokenStamp: () => changes,
      noteRepository(cluster, url, by) {
        const repository = repositoryOfUrl(url)
        if (repository !== null) list.note(cluster, repository, by)
      },
    },
    tokens: {
      store: () => kept.store(),
      async keep(cluster, url) {
        await loaded
        const repository = repositoryOfUrl(url)
        // SECURITY: items 7 and 10: the window chooses among what a cluster's objects name.
        if (
          repository === null ||
          !list.items.values().some((row) => row.cluster === cluster && row.url === repository)
        )
          throw unnamed(url)
        if (!repository.startsWith('https:'))
          throw new SluiceError('Unsupported', `${repository} is not read over https: it takes keys, not tokens`, {
            remedy: 'Load a key into your SSH agent, or put it into ~/.ssh.',
          })
        const outcome = await kept.keep(cluster, repository)
        if (outcome !== 'kept') return outcome
        changes += 1
        await allow(cluster, repository, true)
        return outcome
      },
      async forget(cluster, url) {
        await kept.forget(cluster, repositoryOfUrl(url) ?? url)
        changes += 1
        list.refresh()
      },
    },
  }
}
