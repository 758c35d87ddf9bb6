/** What the user has filled in so far, and whether it is something to plan with. Kept while the window is open: a plan that is made again begins with it. */
import type { BootstrapRepository, BootstrapSecret, BootstrapTarget } from '../../../shared/model/bootstrap.ts'
import type { PickedManifests } from '../../../shared/model/hand-over.ts'
import type { ContextId } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'

export interface BootstrapDraft {
  readonly isWanted: boolean
  /** `repositoryKey`; '': the first. */
  readonly repository: string
  /** null: as the repository's source has it. */
  readonly branch: string | null
  readonly path: string
  readonly name: string
  readonly email: string
  /** null: the first that fits. */
  readonly secret: BootstrapSecret | null
  readonly key: PickedManifests | null
}

const drafts = new Map<ContextId, BootstrapDraft>()

export function draftOf(context: ContextId, name: string): BootstrapDraft {
  return drafts.get(context) ?? { ...empty, path: `clusters/${folderName(name)}` }
}

export function keepDraft(context: ContextId, draft: BootstrapDraft): void {
  drafts.set(context, draft)
}

const empty: BootstrapDraft = {
  isWanted: false,
  repository: '',
  branch: null,
  path: '',
  name: 'Flux',
  email: '',
  secret: null,
  key: null,
}

const folderName = (context: string): string =>
  context.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[^A-Za-z0-9_]+/, '') || 'cluster'

/** Which credentials a repository can take, the likeliest first. */
export function secretsFor({ protocol, secretName }: BootstrapRepository): readonly BootstrapSecret[] {
  const own = secretName === '' ? [] : (['source'] as const)
  if (protocol === 'ssh') return [...own, 'key']
  return protocol === 'https' ? [...own, 'token', 'none'] : ['none']
}

/** Of its source, or its address. */
export function repositoryKey({ source, url }: Pick<BootstrapRepository, 'source' | 'url'>): string {
  return source === null ? url : refKey(source)
}

export interface ReadDraft {
  readonly repository: BootstrapRepository | null
  readonly branch: string
  readonly secret: BootstrapSecret
  /** What cannot be planned with, by field. */
  readonly faults: Readonly<Partial<Record<'branch' | 'path' | 'name' | 'email' | 'key', string>>>
  /** null: something is missing. */
  readonly target: BootstrapTarget | null
}

const branchPattern = /^[A-Za-z0-9_][A-Za-z0-9_.+/-]{0,199}$/
const branchFault = /\.\.|\/\/|\/\.|\.lock(\/|$)|[./]$/
const pathPattern = /^([A-Za-z0-9_][A-Za-z0-9_. +-]*(\/[A-Za-z0-9_][A-Za-z0-9_. +-]*)*)?$/

export function readDraft(draft: BootstrapDraft, repositories: readonly BootstrapRepository[]): ReadDraft {
  const repository = repositories.find((each) => repositoryKey(each) === draft.repository) ?? repositories[0] ?? null
  const branch = (draft.branch ?? (repository?.branch || 'main')).trim()
  const path = draft.path.trim().replace(/^\.?\/+|\/+$/g, '')
  const fitting = repository === null ? [] : secretsFor(repository)
  const secret = fitting.find((each) => each === draft.secret) ?? fitting[0] ?? 'none'
  const name = draft.name.trim()
  const email = draft.email.trim()
  const faults = {
    ...(branchPattern.test(branch) && !branchFault.test(branch) ? {} : { branch: 'This is no name of a branch.' }),
    ...(pathPattern.test(path) && path.length <= 500
      ? {}
      : { path: 'A folder inside the repository, such as clusters/home.' }),
    ...(name !== '' && !/[<>\p{Cc}]/u.test(name) && name.length <= 200 ? {} : { name: 'A name without < and >.' }),
    ...(/^[^<>\s\p{Cc}]{0,200}$/u.test(email) ? {} : { email: 'An address without spaces, or nothing.' }),
    ...(secret === 'key' && draft.key === null ? { key: 'Choose the key first.' } : {}),
  }
  const isWhole = repository !== null && Object.keys(faults).length === 0
  return {
    repository,
    branch,
    secret,
    faults,
    target: isWhole
      ? {
          source: repository.source,
          url: repository.source === null ? repository.url : '',
          branch,
          path,
          author: { name, email },
          secret,
          key: secret === 'key' ? (draft.key?.id ?? '') : '',
        }
      : null,
  }
}
