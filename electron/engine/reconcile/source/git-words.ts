/** What source-controller says of what keeps it from a revision: users and dashboards know these words. Semantics: fluxcd/pkg git/gogit, clone. */
import type { SluiceError } from '../../../../shared/model/errors.ts'
import type { GitRequest } from '../../source/artifact-port.ts'

/** Null: it has no words of its own for this. `isListed`: it looks at the references before it clones. */
export function controllersWords(
  { url, ref }: Pick<GitRequest, 'url' | 'ref'>,
  error: SluiceError,
  isListed: boolean,
): string | null {
  if ((error.code === 'GitAuthFailed' || error.code === 'GitFailed') && /^https?:/.test(url) && error.detail !== '')
    return `unable to ${isListed ? 'list remote for' : 'clone'} '${url}': ${error.detail}`
  if (error.code !== 'SourceNotFound' || error.message.includes(' has no folder ')) return null
  const { commit = '', name = '', tag = '', semver = '', branch = '' } = ref
  const noRemote = (reference: string): string => `unable to clone '${url}': couldn't find remote ref "${reference}"`
  if (commit !== '') return `unable to resolve commit object for '${commit}': object not found`
  if (name !== '') return `unable to resolve ref '${name}' to a specific commit`
  if (tag !== '') return noRemote(`refs/tags/${tag}`)
  if (semver !== '')
    return error.message.endsWith(' is not a version range')
      ? `semver parse error: improper constraint: "${semver}"`
      : `no match found for semver: ${semver}`
  return noRemote(`refs/heads/${branch === '' ? 'master' : branch}`)
}
