/** A private SSH key as a Secret of source-controller has it: with its public half, and what is known of the host. */
import { readFile, stat } from 'node:fs/promises'
import ssh2 from 'ssh2'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { GitAddress } from './git-address.ts'
import { parseKnownHosts } from './known-hosts.ts'

const maxKeyBytes = 64 * 1024

/** `knownHosts`: text of the user's own file. Throws SluiceError GitAuthFailed; nothing of the key is in it. */
export async function readDeployKey(
  address: GitAddress,
  keyFile: string,
  knownHosts: string,
): Promise<ReadonlyMap<string, string>> {
  const { hostname, port, host } = address
  const known = parseKnownHosts(knownHosts).linesOf(hostname, port)
  if (known.length === 0)
    throw new SluiceError('GitAuthFailed', `The key of ${host} is not known`, {
      remedy: 'Add it to ~/.ssh/known_hosts after you have compared it with what the host’s owner says.',
    })
  const isSmall = await stat(keyFile).then(
    (facts) => facts.isFile() && facts.size <= maxKeyBytes,
    () => false,
  )
  const key = isSmall ? await readFile(keyFile, 'utf8') : ''
  const parsed = ssh2.utils.parseKey(key)
  if (parsed instanceof Error || !parsed.isPrivateKey())
    throw new SluiceError('GitAuthFailed', `The file holds no private SSH key that the cluster could use`, {
      remedy: 'Choose one without a passphrase, made for this repository: `ssh-keygen -t ed25519 -N ""` makes one.',
    })
  return new Map([
    ['identity', key],
    ['identity.pub', `${parsed.type} ${parsed.getPublicSSH().toString('base64')}\n`],
    ['known_hosts', known.map((line) => `${line}\n`).join('')],
  ])
}
