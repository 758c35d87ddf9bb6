/** Git over ssh on loopback: ssh2's server running `git upload-pack` and `git receive-pack` on folders that the test names. */
import { spawn } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import ssh2 from 'ssh2'

export interface SshGitServer {
  readonly port: number
  /** One line for known_hosts. */
  readonly knownHosts: string
  /** OpenSSH private key that the server takes from its beginning. */
  readonly clientKey: string
  /** Another private key: from now on the server takes only this one. */
  changeKey(): string
  readonly commands: readonly string[]
  stop(): Promise<void>
}

export async function startSshGitServer(folders: Readonly<Record<string, string>>): Promise<SshGitServer> {
  const host = ssh2.utils.generateKeyPairSync('ed25519')
  const makeKey = (): { readonly text: string; readonly allowed: ssh2.ParsedKey } => {
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    const allowed = ssh2.utils.parseKey(pair.public)
    if (allowed instanceof Error) throw allowed
    return { text: pair.private, allowed }
  }
  const client = makeKey()
  let { allowed } = client
  const commands: string[] = []
  const server = new ssh2.Server({ hostKeys: [host.private] }, (connection) => {
    connection.on('error', () => undefined)
    connection.on('authentication', (attempt) => {
      const isKey = attempt.method === 'publickey' && attempt.key.data.equals(allowed.getPublicSSH())
      if (!isKey) return attempt.reject(['publickey'])
      if (attempt.signature && !allowed.verify(attempt.blob!, attempt.signature, attempt.hashAlgo))
        return attempt.reject()
      attempt.accept()
    })
    connection.on('ready', () =>
      connection.on('session', (accept) =>
        accept().on('exec', (acceptExec, _reject, { command }) => {
          commands.push(command)
          const channel = acceptExec()
          const [, service = '', named = ''] = /^git-(upload-pack|receive-pack) '(.*)'$/.exec(command) ?? []
          const folder = folders[named]
          if (folder === undefined) {
            channel.stderr.write('no such repository\n')
            channel.exit(128)
            channel.end()
            return
          }
          const child = spawn('git', [service, folder], { stdio: ['pipe', 'pipe', 'ignore'] })
          child.stdin.on('error', () => undefined)
          channel.on('error', () => undefined)
          channel.pipe(child.stdin)
          child.stdout.pipe(channel, { end: false })
          child.on('close', (code) => {
            channel.exit(code ?? 1)
            channel.end()
          })
        }),
      ),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    knownHosts: `[127.0.0.1]:${port} ${host.public.split(' ').slice(0, 2).join(' ')}\n`,
    clientKey: client.text,
    changeKey() {
      const other = makeKey()
      allowed = other.allowed
      return other.text
    },
    commands,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
