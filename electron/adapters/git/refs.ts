/** References of a Git server, and which of them a source selects. Source: flux-semantics §4 (commit, name, tag, semver, branch). */
import { SluiceError } from '../../../shared/model/errors.ts'
import type { GitRequest, GitRevision } from '../../engine/source/artifact-port.ts'
import { highestVersions } from './version-range.ts'

export interface Advertisement {
  /** Full name → commit; annotated tags are peeled. */
  readonly commits: ReadonlyMap<string, string>
  /** Full name → tag object, of annotated tags. */
  readonly tags: ReadonlyMap<string, string>
  readonly capabilities: readonly string[]
}

const maxReferences = 500_000

/** Reads a version 0 advertisement with or without its service header. Throws SluiceError GitFailed naming `what`. */
export function parseAdvertisement(bytes: Buffer, what: string): Advertisement {
  const commits = new Map<string, string>()
  const tags = new Map<string, string>()
  let capabilities: readonly string[] = []
  let at = 0
  const broken = (): SluiceError =>
    new SluiceError('GitFailed', `${what} does not speak the git protocol`, { remedy: 'Check spec.url.' })
  while (at < bytes.length) {
    const length = Number.parseInt(bytes.toString('latin1', at, at + 4), 16)
    if (Number.isNaN(length)) throw broken()
    if (length === 0) {
      at += 4
      continue
    }
    if (length < 4 || at + length > bytes.length) throw broken()
    const line = bytes.toString('utf8', at + 4, at + length).replace(/\n$/, '')
    at += length
    if (line.startsWith('# service=')) continue
    if (line.startsWith('ERR ')) throw new SluiceError('GitFailed', `${what}: ${line.slice(4, 300)}`)
    const [reference = '', said] = line.split('\0')
    if (said !== undefined) capabilities = said.split(' ')
    const match = /^([0-9a-f]{40}) (.+)$/.exec(reference)
    if (match === null) {
      if (/^(shallow|version) /.test(reference)) continue
      throw broken()
    }
    const [, sha = '', name = ''] = match
    if (name === 'capabilities^{}') continue
    const peeled = name.endsWith('^{}') ? name.slice(0, -3) : null
    const tagObject = peeled === null ? undefined : commits.get(peeled)
    if (peeled !== null && tagObject !== undefined) tags.set(peeled, tagObject)
    commits.set(peeled ?? name, sha)
    if (commits.size > maxReferences)
      throw new SluiceError('ArtifactRefused', `${what} has more than ${maxReferences} references`)
  }
  return { commits, tags, capabilities }
}

/**
 * What `ref` selects. `timeOf` tells a commit's time: asked only for tags whose versions are equal. Throws SluiceError SourceNotFound naming
 * what is missing.
 */
export async function selectRevision(
  { ref }: Pick<GitRequest, 'ref'>,
  { commits }: Advertisement,
  what: string,
  timeOf: (sha: string) => Promise<number>,
): Promise<GitRevision> {
  const find = (name: string): string => {
    const sha = commits.get(name)
    if (sha === undefined)
      throw new SluiceError('SourceNotFound', `${what} has no ${name}`, { remedy: 'Check spec.ref of the source.' })
    return sha
  }
  const { commit, name, tag, semver, branch } = ref
  if (commit !== undefined && commit !== '') {
    if (!/^[0-9a-f]{40}$/.test(commit))
      throw new SluiceError('SourceNotFound', `${what}: spec.ref.commit is not a full SHA`)
    return { revision: branch ? `${branch}@sha1:${commit}` : `sha1:${commit}`, commit }
  }
  if (name !== undefined && name !== '') {
    const sha = find(name.replace(/\^\{\}$/, ''))
    return { revision: `${name}@sha1:${sha}`, commit: sha }
  }
  if (tag !== undefined && tag !== '') {
    const sha = find(`refs/tags/${tag}`)
    return { revision: `${tag}@sha1:${sha}`, commit: sha }
  }
  if (semver !== undefined && semver !== '') {
    const tags = [...commits.keys()]
      .filter((key) => key.startsWith('refs/tags/'))
      .map((key) => key.slice('refs/tags/'.length))
    const highest = highestVersions(semver, tags, what)
    let best = highest[0]
    if (best === undefined)
      throw new SluiceError('SourceNotFound', `${what} has no tag in the range ${semver}`, {
        remedy: 'Check spec.ref.semver of the source.',
      })
    // Equal but for build metadata: the younger commit wins.
    if (highest.length > 1) {
      const times = await Promise.all(highest.map(async (one) => timeOf(find(`refs/tags/${one}`))))
      best = highest.reduce((left, right, index) => (times[index]! >= times[highest.indexOf(left)]! ? right : left))
    }
    const sha = find(`refs/tags/${best}`)
    return { revision: `${best}@sha1:${sha}`, commit: sha }
  }
  const short = branch !== undefined && branch !== '' ? branch : 'master'
  const sha = find(`refs/heads/${short}`)
  return { revision: `${short}@sha1:${sha}`, commit: sha }
}
