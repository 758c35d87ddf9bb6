/** What source-controller says where a reference is not to be found: users and dashboards know these words. Semantics: fluxcd/pkg git/gogit, clone. */
import type { SluiceError } from '../../../../shared/model/errors.ts'
import type { GitRequest } from '../../source/artifact-port.ts'

/** Null: it has no words of its own for this, or not about the reference. */
export function controllersWords({ url, ref }: Pick<GitRequest, 'url' | 'ref'>, error: SluiceError): string | null {
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
