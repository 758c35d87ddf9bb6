import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyRevision } from '../../../electron/adapters/git/verify-revision.ts'
import type { RevisionObjects } from '../../../electron/adapters/git/verify-revision.ts'

/** Objects of a repository that git 2.39 signed with gpg 2.2 and ssh-keygen 9.2. */
const folder = join(import.meta.dirname, '../../fixtures/git-signatures')
const bytes = (name: string): Promise<Buffer> => readFile(join(folder, name))
const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')

function shaOf(kind: 'commit' | 'tag', data: Buffer): string {
  return createHash('sha1').update(`${kind} ${data.length}\0`).update(data).digest('hex')
}

async function objectsOf(commitFile: string, tagFile: string | null = null): Promise<RevisionObjects> {
  const commitData = await bytes(commitFile)
  const data = tagFile === null ? null : await bytes(tagFile)
  return {
    commit: shaOf('commit', commitData),
    commitData,
    tag: data === null ? null : { name: 'v1.0.0', oid: shaOf('tag', data), data },
    lightTag: null,
  }
}

async function keysOf(...files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return new Map(await Promise.all(files.map(async (file) => [file, await text(file)] as const)))
}

const pgpKeyId = 'E20E9700180A5B6F'

describe('signatures of commits and tags', () => {
  it('takes a commit that a key of the ring signed, and names the key', async () => {
    const objects = await objectsOf('pgp.commit')
    expect(await verifyRevision(objects, 'HEAD', await keysOf('other.asc', 'signer.asc'))).toEqual({
      ok: true,
      message: `verified signature of\n\t- commit '${objects.commit}' with key '${pgpKeyId}'`,
    })
  })

  it('reads several key blocks in one text', async () => {
    const ring = new Map([['authors.asc', `${await text('other.asc')}\n${await text('signer.asc')}`]])
    expect(await verifyRevision(await objectsOf('pgp.commit'), 'HEAD', ring)).toMatchObject({ ok: true })
  })

  it('refuses a key that did not sign', async () => {
    const objects = await objectsOf('pgp.commit')
    expect(await verifyRevision(objects, 'HEAD', await keysOf('other.asc'))).toEqual({
      ok: false,
      reason: 'InvalidCommitSignature',
      isFinal: false,
      message: `signature verification of commit '${objects.commit}' failed: unable to verify Git commit: unable to verify payload with any of the given key rings: no matching key`,
    })
  })

  it.each(['ssh-ed25519', 'ssh-ecdsa', 'ssh-rsa'])('takes a commit signed with %s', async (kind) => {
    const keys = await keysOf('ssh-ed25519.sshpub', 'ssh-ecdsa.sshpub', 'ssh-rsa.sshpub')
    const result = await verifyRevision(await objectsOf(`${kind}.commit`), 'HEAD', keys)
    expect(result.message).toMatch(/^verified signature of\n\t- commit '[0-9a-f]{40}' with key 'SHA256:[\w+/]{43}'$/)
  })

  it.each(['pgp', 'ssh-ed25519', 'ssh-ecdsa', 'ssh-rsa'])(
    'sees that a commit signed with %s was changed',
    async (kind) => {
      const objects = await objectsOf(`${kind}.commit`)
      const changed = Buffer.from(objects.commitData.toString('latin1').replace('Signed by', 'Forged by'), 'latin1')
      expect(changed.equals(objects.commitData)).toBe(false)
      const keys = await keysOf('signer.asc', 'ssh-ed25519.sshpub', 'ssh-ecdsa.sshpub', 'ssh-rsa.sshpub')
      const result = await verifyRevision({ ...objects, commitData: changed }, 'HEAD', keys)
      expect(result).toMatchObject({ ok: false, reason: 'InvalidCommitSignature' })
    },
  )

  it('takes another SSH key for no signer', async () => {
    const result = await verifyRevision(await objectsOf('ssh-ed25519.commit'), 'HEAD', await keysOf('ssh-rsa.sshpub'))
    expect(result).toMatchObject({ ok: false, reason: 'InvalidCommitSignature' })
  })

  it('names the kind of key that is missing', async () => {
    const result = await verifyRevision(await objectsOf('ssh-ed25519.commit'), 'HEAD', await keysOf('signer.asc'))
    expect(result.message).toMatch(/no SSH public keys found in secret \(keys with \.sshpub suffix\)$/)
  })

  it('says that a commit is not signed', async () => {
    const result = await verifyRevision(await objectsOf('unsigned.commit'), 'HEAD', await keysOf('signer.asc'))
    expect(result.message).toMatch(/failed: unsupported signature type: empty$/)
  })

  it.each([
    ['pgp.tag', 'signer.asc'],
    ['ssh.tag', 'ssh-rsa.sshpub'],
  ])('checks the tag object %s', async (tag, key) => {
    const objects = await objectsOf('unsigned.commit', tag)
    const result = await verifyRevision(objects, 'Tag', await keysOf(key))
    expect(result).toMatchObject({ ok: true })
    expect(result.message).toContain(`- tag 'v1.0.0@${objects.tag?.oid ?? ''}' with key '`)
  })

  it('demands both of TagAndHEAD', async () => {
    const keys = await keysOf('signer.asc')
    expect(await verifyRevision(await objectsOf('unsigned.commit', 'pgp.tag'), 'TagAndHEAD', keys)).toMatchObject({
      reason: 'InvalidCommitSignature',
    })
    const both = await verifyRevision(await objectsOf('pgp.commit', 'pgp.tag'), 'TagAndHEAD', keys)
    expect(both.message.match(/with key/g)).toHaveLength(2)
  })

  it('stalls where there is no tag, and tries again where the tag is not signed', async () => {
    const keys = await keysOf('signer.asc')
    const objects = await objectsOf('pgp.commit')
    expect(await verifyRevision(objects, 'Tag', keys)).toMatchObject({
      reason: 'InvalidVerificationMode',
      isFinal: true,
    })
    expect(await verifyRevision({ ...objects, lightTag: 'v2' }, 'Tag', keys)).toMatchObject({
      reason: 'InvalidGitObject',
      isFinal: false,
    })
  })
})
