/**
 * Tokens that the user keeps on this machine, each for one repository of one cluster. SECURITY: items 9 and 10: values lie in the keychain's box, are
 * asked for when a repository is opened, and are never part of a row, an answer, a log line or an error.
 */
import type { ClusterId } from '../../../shared/model/identity.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { Ports } from '../ports.ts'
import type { KeptSecret, SecretBoxState } from '../secret-box.ts'

export interface KeptTokens {
  /** Resolves when it is known what is kept. */
  readonly loaded: Promise<void>
  store(): Promise<SecretBoxState>
  has(cluster: ClusterId, repository: string): boolean
  read(cluster: ClusterId, repository: string): Promise<KeptSecret | null>
  keep(cluster: ClusterId, repository: string): Promise<'kept' | 'canceled' | 'unusable'>
  forget(cluster: ClusterId, repository: string): Promise<void>
}

/** Servers that take a token as the password take any user name with it. */
const anyUser = 'git'

export function createKeptTokens(ports: Pick<Ports, 'codec' | 'secrets'>): KeptTokens {
  const { codec, secrets } = ports
  const names = new Set<string>()
  const nameOf = (cluster: ClusterId, repository: string): string =>
    codec.sha256Hex(JSON.stringify(['git', cluster, repository]))
  const loaded = (secrets?.names() ?? Promise.resolve([])).then(
    (all) => {
      for (const name of all) names.add(name)
    },
    () => undefined,
  )
  const absent: SecretBoxState = {
    isAvailable: false,
    reason: 'Tokens are kept by the desktop application, in the keychain of the machine.',
  }
  const store = async (): Promise<SecretBoxState> => (secrets === undefined ? absent : secrets.state())

  return {
    loaded,
    store,
    has: (cluster, repository) => names.has(nameOf(cluster, repository)),
    async read(cluster, repository) {
      await loaded
      const name = nameOf(cluster, repository)
      if (secrets === undefined || !names.has(name)) return null
      const found = await secrets.read(name).catch(() => null)
      return found === null ? null : { ...found, username: found.username || anyUser }
    },
    async keep(cluster, repository) {
      const { isAvailable, reason } = await store()
      if (secrets === undefined || !isAvailable)
        throw new SluiceError('Unsupported', `No token can be kept on this machine. ${reason}`, {
          remedy: 'Use the credential helper of your git, which Sluice asks too.',
        })
      const name = nameOf(cluster, repository)
      const outcome = await secrets.keepFromClipboard(name, `${repository} (cluster ${cluster})`)
      if (outcome === 'kept') names.add(name)
      return outcome
    },
    async forget(cluster, repository) {
      const name = nameOf(cluster, repository)
      await secrets?.forget(name)
      names.delete(name)
    },
  }
}
