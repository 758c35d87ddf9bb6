/**
 * Keys and certificates of one control plane in its data folder: made on the first start, used again afterwards so that
 * clients keep working, issued again when less than 30 days are left. Private keys are 0600.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  createAuthority,
  createSigningKey,
  issueLeaf,
  isUsable,
  type KeyPair,
  type LeafRequest,
} from './certificates.ts'

export interface PkiFolder {
  readonly caPem: string
  /** Path of a file: "ca.crt", "apiserver.key", "etcd-ca.crt", "sa.pub", ... */
  file(name: string): string
  readonly admin: KeyPair
  /** A client certificate that the API server believes. */
  issueClient(commonName: string, organizations: readonly string[]): KeyPair
}

const serverHosts = ['127.0.0.1', 'localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', '10.0.0.1']

/** Opens or fills `folder`. */
export async function openPkiFolder(folder: string): Promise<PkiFolder> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = (name: string): string => path.join(folder, name)

  const authority = await reuseOrMake(
    file('ca'),
    (pair) => isUsable(pair, pair, 30),
    () => createAuthority('sluice'),
  )
  // SECURITY: etcd believes an authority of its own: a user of the cluster must not be able to read the store behind it.
  const etcdAuthority = await reuseOrMake(
    file('etcd-ca'),
    (pair) => isUsable(pair, pair, 30),
    () => createAuthority('sluice-etcd'),
  )
  const leaf = (name: string, by: KeyPair, request: LeafRequest): Promise<KeyPair> =>
    reuseOrMake(
      file(name),
      (pair) => isUsable(pair, by, 30),
      () => issueLeaf(by, request),
    )
  await leaf('apiserver', authority, { commonName: 'kube-apiserver', usage: 'server', hosts: serverHosts })
  await leaf('local-server', authority, {
    commonName: 'sluice-node',
    usage: 'server',
    hosts: ['127.0.0.1', 'localhost'],
  })
  await leaf('etcd', etcdAuthority, { commonName: 'etcd', usage: 'both', hosts: ['127.0.0.1', 'localhost'] })
  await leaf('etcd-client', etcdAuthority, { commonName: 'kube-apiserver', usage: 'client' })
  const admin = await leaf('admin', authority, {
    commonName: 'sluice-admin',
    organizations: ['system:masters'],
    usage: 'client',
  })
  if ((await readText(file('sa.key'))) === null || (await readText(file('sa.pub'))) === null) {
    const { keyPem, publicPem } = createSigningKey()
    await writeFile(file('sa.key'), keyPem, { mode: 0o600 })
    await writeFile(file('sa.pub'), publicPem)
  }
  return {
    caPem: authority.certPem,
    file,
    admin,
    issueClient: (commonName, organizations) =>
      issueLeaf(authority, { commonName, organizations, usage: 'client', days: 3650 }),
  }
}

async function reuseOrMake(stem: string, isGood: (pair: KeyPair) => boolean, make: () => KeyPair): Promise<KeyPair> {
  const [certPem, keyPem] = await Promise.all([readText(`${stem}.crt`), readText(`${stem}.key`)])
  if (certPem !== null && keyPem !== null && isGood({ certPem, keyPem })) return { certPem, keyPem }
  const made = make()
  await writeFile(`${stem}.key`, made.keyPem, { mode: 0o600 })
  await writeFile(`${stem}.crt`, made.certPem)
  return made
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return null
  }
}
