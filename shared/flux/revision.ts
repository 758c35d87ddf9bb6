/**
 * Revisions of sources in every form that Flux has written: `main@sha1:<40>`, `refs/heads/x@sha1:…`, `sha1:…`, `6.2.0@sha256:…`,
 * legacy `main/<sha>` and bare shas, chart versions `6.5.4+3f2a…`, `latest@sha256:…`. Source: flux-semantics §1.4, §4.
 */
export interface Revision {
  readonly text: string
  /** Branch, tag, ref name or version; '' where the revision is a digest alone. */
  readonly ref: string
  /** `sha1`, `sha256`, …; '' where there is no digest. */
  readonly algorithm: string
  /** Hex digits; '' where there is none. */
  readonly digest: string
}

const digestForm = /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):([0-9a-fA-F]{7,128})$/
const shaForm = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/

/** Splits a revision; every text has one, unknown forms are all `ref`. */
export function parseRevision(text: string): Revision {
  const at = text.lastIndexOf('@')
  const tail = digestForm.exec(text.slice(at + 1))
  if (tail !== null)
    return {
      text,
      ref: at < 0 ? '' : text.slice(0, at),
      algorithm: tail[1] ?? '',
      digest: (tail[2] ?? '').toLowerCase(),
    }
  // Legacy: `main/<sha>` (a branch may hold slashes) and a sha alone.
  const slash = text.lastIndexOf('/')
  const sha = text.slice(slash + 1)
  if (shaForm.test(sha))
    return {
      text,
      ref: slash < 0 ? '' : text.slice(0, slash),
      algorithm: sha.length === 40 ? 'sha1' : 'sha256',
      digest: sha,
    }
  return { text, ref: text, algorithm: '', digest: '' }
}

/** So many digits of a hash a chart's version carries. */
export const chartHashLength = 12

/**
 * The beginning of the commit's hash, or of the artifact's digest, in a chart's version: of charts that are packaged anew for each (`6.5.4+3f2a…`, with
 * values files `6.5.4+3f2a….2`). '' where it has none. Source: flux-semantics §3.2, §4.
 */
export function chartVersionHash(version: string): string {
  return /\+([0-9a-f]{12})(?:\.\d+)?$/.exec(version)?.[1] ?? ''
}

/** For display: digests at 7 characters, `refs/heads/` and `refs/tags/` dropped: `main@sha1:5a3f1c2`. */
export function shortenRevision(text: string): string {
  const { ref, algorithm, digest } = parseRevision(text)
  const name = ref.replace(/^refs\/(heads|tags)\//, '')
  if (digest === '') return name
  const short = `${algorithm}:${digest.slice(0, 7)}`
  return name === '' ? short : `${name}@${short}`
}

/** Same source state, whatever the form (`main/<sha>` and `main@sha1:<sha>` are one). */
export function isSameRevision(a: string, b: string): boolean {
  if (a === b) return true
  const left = parseRevision(a)
  const right = parseRevision(b)
  return (
    left.digest !== '' && left.digest === right.digest && left.algorithm === right.algorithm && left.ref === right.ref
  )
}

/** The commit (or digest) in 7 characters, '' where the revision has none. */
export function revisionSha(text: string): string {
  return parseRevision(text).digest.slice(0, 7)
}

/** The whole hash of a commit; '' of what is none: a digest of an artifact has another length than SHA-1. */
export function sha1Of(text: string): string {
  const { algorithm, digest } = parseRevision(text)
  return algorithm === 'sha1' ? digest : ''
}

/** The same for one commit or artifact, whichever branch or tag a cluster follows to it. */
export function revisionKey(text: string): string {
  return parseRevision(text).digest || text
}
