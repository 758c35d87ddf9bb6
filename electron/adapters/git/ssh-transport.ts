/** Git over ssh: one connection, `git-upload-pack` (`git-receive-pack` for a push) run on it once for each exchange. */
import { Client } from 'ssh2'
import type { ClientChannel, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { GitAddress } from './git-address.ts'
import { canceled } from './canceled.ts'
import type { KnownHosts } from './known-hosts.ts'
import { flushPacket, packet } from './pkt-line.ts'
import type { SmartAnswer, SmartService, SmartTransport } from './smart-transport.ts'

export interface SshAccess {
  /** Tried one after another; the agent first. */
  readonly keys: readonly { readonly key: string; readonly passphrase: string | null; readonly label: string }[]
  /** Socket of the user's agent; null: none. */
  readonly agent: string | null
  readonly knownHosts: KnownHosts
  /** Where the known hosts are from, for messages. */
  readonly knownHostsLabel: string
}

export interface SshTransportOptions {
  readonly address: GitAddress
  readonly access: SshAccess
  readonly idleTimeoutMs: number
}

const flush = Buffer.from('0000')

/** SECURITY: item 11: the host's key must be a known one; nothing is learnt on first use. */
export function createSshTransport({ address, access, idleTimeoutMs }: SshTransportOptions): SmartTransport {
  let connected: Promise<Client> | null = null

  async function connect(signal: AbortSignal): Promise<Client> {
    const types = access.knownHosts.typesOf(address.hostname, address.port)
    if (types.length === 0)
      throw new SluiceError('GitAuthFailed', `The key of ${address.host} is not known`, {
        remedy: `Add it to ${access.knownHostsLabel} after you have compared it with what the host's owner says.`,
      })
    let lastError: SluiceError | null = null
    const attempts: Pick<ConnectConfig, 'agent' | 'privateKey' | 'passphrase'>[] = [
      ...(access.agent === null ? [] : [{ agent: access.agent }]),
      ...access.keys.map(({ key, passphrase }) => ({
        privateKey: key,
        ...(passphrase === null ? {} : { passphrase }),
      })),
    ]
    for (const attempt of attempts) {
      try {
        return await connectOnce(types, attempt, signal)
      } catch (error) {
        if (!(error instanceof SluiceError) || error.code !== 'GitAuthFailed' || error.retry === 'canceled') throw error
        lastError = error
      }
    }
    throw (
      lastError ??
      new SluiceError('GitAuthFailed', `There is no key for ${address.text}`, {
        remedy: 'Load one into your SSH agent, or give yourself the right to read the source’s Secret.',
      })
    )
  }

  function connectOnce(
    types: readonly string[],
    attempt: Pick<ConnectConfig, 'agent' | 'privateKey' | 'passphrase'>,
    signal: AbortSignal,
  ): Promise<Client> {
    return new Promise((resolve, reject) => {
      const client = new Client()
      let verdict = 'known'
      const fail = (error: SluiceError | Error): void => {
        signal.removeEventListener('abort', onAbort)
        client.end()
        reject(error)
      }
      const onAbort = (): void => fail(canceled(signal))
      signal.addEventListener('abort', onAbort, { once: true })
      client.on('ready', () => {
        signal.removeEventListener('abort', onAbort)
        client.on('error', () => undefined)
        resolve(client)
      })
      client.on('error', (error: Error & { level?: string }) => {
        // An agent that is gone, or does not sign: whether anything is left to try is said next.
        if (error.level === 'agent') return
        if (verdict !== 'known') {
          fail(
            new SluiceError(
              'GitAuthFailed',
              `${address.host} shows another key than the one known of it (${verdict})`,
              {
                remedy: `Somebody may be in between. If the host really changed its key, correct ${access.knownHostsLabel}.`,
                detail: error.message,
              },
            ),
          )
        } else if (error.level === 'client-authentication')
          fail(
            new SluiceError('GitAuthFailed', `${address.text} does not take the key`, {
              remedy: 'Check that the key is registered there for reading.',
              detail: error.message,
            }),
          )
        else
          fail(
            new SluiceError('GitFailed', `${address.text} cannot be reached: ${error.message}`, {
              remedy: 'Check the address and the network.',
              retry: 'transient',
              cause: error,
            }),
          )
      })
      try {
        client.connect({
          host: address.hostname,
          port: address.port,
          username: address.user,
          readyTimeout: idleTimeoutMs,
          keepaliveInterval: 10_000,
          algorithms: { serverHostKey: hostKeyAlgorithms(types) },
          hostVerifier: (key: Buffer) => {
            verdict = access.knownHosts.judge(address.hostname, address.port, key)
            return verdict === 'known'
          },
          ...attempt,
        })
      } catch (error) {
        // An unreadable private key is thrown here.
        fail(
          new SluiceError('GitAuthFailed', `The SSH key for ${address.text} cannot be used`, {
            remedy: 'Check its format and its passphrase.',
            detail: error instanceof Error ? error.message : String(error),
          }),
        )
      }
    })
  }

  async function run(service: SmartService, signal: AbortSignal): Promise<ClientChannel> {
    connected ??= connect(signal)
    connected.catch(() => (connected = null))
    const client = await connected
    return new Promise((resolve, reject) => {
      // The path holds no quote: git-address.ts refuses it.
      client.exec(`${service} '${address.path}'`, (error, channel) => {
        if (error) {
          connected = null
          reject(
            new SluiceError('GitFailed', `${address.text} does not run ${service}: ${error.message}`, {
              remedy: 'Check spec.url.',
            }),
          )
          return
        }
        signal.addEventListener('abort', () => channel.destroy(), { once: true })
        resolve(channel)
      })
    })
  }

  /** Splits what the server says after its advertisement from the advertisement itself. */
  async function exchange(service: SmartService, body: Uint8Array | null, signal: AbortSignal): Promise<SmartAnswer> {
    const channel = await run(service, signal)
    let said = ''
    channel.stderr.on('data', (data: Buffer) => {
      said = (said + data.toString('utf8')).slice(0, 2000)
    })
    const reader = channel[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const packets = await readAdvertisement(reader, () => ended(said))
    if (body === null) {
      channel.end(flush)
      channel.resume()
      return { body: once(Buffer.concat([headerOf(service), packets.advertisement])) }
    }
    channel.end(body)
    return { body: rest(packets.left, reader) }
  }

  function ended(said: string): SluiceError {
    return new SluiceError('GitFailed', `${address.text} ended the conversation`, {
      remedy: 'Check spec.url and that the key may read (for a push: write) this repository.',
      detail: said.trim(),
    })
  }

  return {
    canNegotiate: false,
    advertise: (signal) => exchange('git-upload-pack', null, signal),
    uploadPack: (body, signal) => exchange('git-upload-pack', body, signal),
    advertisePush: (signal) => exchange('git-receive-pack', null, signal),
    receivePack: (body, signal) => exchange('git-receive-pack', body, signal),
    close() {
      void connected?.then(
        (client) => client.end(),
        () => undefined,
      )
      connected = null
    },
  }
}

function headerOf(service: SmartService): Buffer {
  return Buffer.from(`${packet(`# service=${service}\n`)}${flushPacket}`)
}

async function readAdvertisement(
  reader: AsyncIterator<Buffer>,
  ended: () => SluiceError,
): Promise<{ readonly advertisement: Buffer; readonly left: Buffer }> {
  let buffer: Buffer = Buffer.alloc(0)
  let at = 0
  for (;;) {
    while (buffer.length - at >= 4) {
      const length = Number.parseInt(buffer.toString('latin1', at, at + 4), 16)
      if (Number.isNaN(length) || (length > 0 && length < 4)) throw ended()
      if (length === 0) return { advertisement: buffer.subarray(0, at + 4), left: buffer.subarray(at + 4) }
      if (buffer.length - at < length) break
      at += length
    }
    const next = await reader.next()
    if (next.done === true) throw ended()
    buffer = Buffer.concat([buffer, next.value])
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* rest(left: Buffer, reader: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array> {
  if (left.length > 0) yield left
  for (;;) {
    const next = await reader.next()
    if (next.done === true) return
    yield next.value
  }
}

/** A known `ssh-rsa` key may sign with any of the RSA algorithms. */
function hostKeyAlgorithms(types: readonly string[]): ServerHostKeyAlgorithm[] {
  return types.flatMap((type) =>
    type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type],
  ) as ServerHostKeyAlgorithm[]
}
