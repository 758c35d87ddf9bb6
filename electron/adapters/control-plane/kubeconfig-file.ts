/** Writes the kubeconfigs of the local control plane: self-contained, one context each, 0600. */
import { createHash } from 'node:crypto'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { KeyPair } from './certificates.ts'

export interface KubeconfigContent {
  readonly cluster: string
  readonly context: string
  readonly user: string
  readonly server: string
  readonly caPem: string
  readonly client: KeyPair
}

/** Writes atomically, so that a watcher of the file never reads half of it. */
export async function writeKubeconfig(file: string, content: KubeconfigContent): Promise<void> {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const quote = JSON.stringify
  await replaceFile(
    file,
    `apiVersion: v1
kind: Config
clusters:
  - name: ${quote(content.cluster)}
    cluster:
      server: ${content.server}
      certificate-authority-data: ${base64(content.caPem)}
users:
  - name: ${quote(content.user)}
    user:
      client-certificate-data: ${base64(content.client.certPem)}
      client-key-data: ${base64(content.client.keyPem)}
contexts:
  - name: ${quote(content.context)}
    context:
      cluster: ${quote(content.cluster)}
      user: ${quote(content.user)}
current-context: ${quote(content.context)}
`,
  )
}

/** Points every kubeconfig in `folder` at `server`: after a restart on another port. */
export async function moveKubeconfigs(folder: string, server: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const file = path.join(folder, name)
    const text = await readFile(file, 'utf8')
    const moved = text.replace(/^( +server: ).*$/m, `$1${server}`)
    if (moved !== text) await replaceFile(file, moved)
  }
}

/** A file name for a user name, which may hold anything. */
export function userFileName(user: string): string {
  const safe = user.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 60)
  const suffix = safe === user ? '' : `-${createHash('sha256').update(user).digest('hex').slice(0, 8)}`
  return `${safe}${suffix}.kubeconfig`
}

async function replaceFile(file: string, text: string): Promise<void> {
  const part = `${file}.${process.pid}.part`
  await writeFile(part, text, { mode: 0o600 })
  await rename(part, file)
}
