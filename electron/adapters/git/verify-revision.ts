/** What source-controller says of a commit's and a tag's signature, in its own words. Source: its verifySignature. */
import type { GitVerification } from '../../engine/source/artifact-port.ts'
import { readVerificationKeys, signedCommit, signedTag, verifySignature } from './signatures.ts'

export interface RevisionObjects {
  readonly commit: string
  readonly commitData: Buffer
  /** The annotated tag by which the reference reached the commit; null: a branch, a bare commit, a light tag. */
  readonly tag: { readonly name: string; readonly oid: string; readonly data: Buffer } | null
  /** A light tag, which cannot be signed. */
  readonly lightTag: string | null
}

export async function verifyRevision(
  objects: RevisionObjects,
  mode: 'HEAD' | 'Tag' | 'TagAndHEAD',
  data: ReadonlyMap<string, string>,
): Promise<GitVerification> {
  const keys = readVerificationKeys(data)
  const lines: string[] = []
  if (mode !== 'HEAD') {
    const { tag, lightTag } = objects
    if (tag === null && lightTag === null)
      return refuse(
        'InvalidVerificationMode',
        `cannot verify tag object's signature if a tag reference is not specified`,
        true,
      )
    const signed = tag === null ? null : signedTag(tag.data)
    const title = tag === null ? (lightTag ?? '') : `${tag.name}@${tag.oid}`
    if (signed === null || signed.signature === '')
      return refuse('InvalidGitObject', `cannot verify signature of tag '${title}' since it is not signed`)
    try {
      lines.push(`- tag '${title}' with key '${await verifySignature(signed, keys, 'Git tag')}'`)
    } catch (error) {
      return refuse(
        'InvalidTagSignature',
        `signature verification of tag '${title}' failed: ${(error as Error).message}`,
      )
    }
  }
  if (mode !== 'Tag') {
    const { commit, commitData } = objects
    try {
      lines.push(
        `- commit '${commit}' with key '${await verifySignature(signedCommit(commitData), keys, 'Git commit')}'`,
      )
    } catch (error) {
      return refuse(
        'InvalidCommitSignature',
        `signature verification of commit '${commit}' failed: ${(error as Error).message}`,
      )
    }
  }
  return { ok: true, message: `verified signature of\n\t${lines.join('\n\t')}` }
}

function refuse(reason: string, message: string, isFinal = false): GitVerification {
  return { ok: false, reason, message, isFinal }
}
