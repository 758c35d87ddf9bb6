/**
 * The WorkingCopies port: the user's own git makes the commit, in the user's own folder, so that index, references, line endings and identity are
 * what they are used to. What of its settings would run a program is set aside (security.md 11). Semantics: git-commit(1), `--only`.
 */
import { spawn } from 'node:child_process'
import { access, constants, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { WorkingCopies } from '../../engine/drift/working-copy-port.ts'
import { resolveInside } from '../folders/folders.ts'
import { hasGit } from './system-git.ts'

export interface WorkingCopyOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** PATH as the user's shell has it. */
  readonly path: () => Promise<string>
}

type Setting = readonly [name: string, value: string]

interface Answer {
  readonly code: number
  readonly out: string
  readonly said: string
}

/** One file of a working copy, and git as it is run for it. */
interface Place {
  readonly folder: string
  readonly name: string
  readonly env: NodeJS.ProcessEnv
  readonly label: string
  readonly file: string
  readonly own: OwnSettings
  /** With the user's settings as they are: for what only reads settings. */
  readonly plainEnv: NodeJS.ProcessEnv
}

/** SECURITY: item 11: nothing of a repository is run and nobody is spoken to; fsmonitor and filters would run on a mere look. */
const settings: readonly Setting[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['commit.gpgSign', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['submodule.recurse', 'false'],
  ['protocol.allow', 'never'],
  ['credential.helper', ''],
  ['i18n.commitEncoding', 'UTF-8'],
  // No name made up from the machine's.
  ['user.useConfigOnly', 'true'],
]

/** What git needs of the user's environment to be theirs. No GIT_DIR, no GIT_INDEX_FILE, no secrets. */
const keptNames = [
  'HOME',
  'XDG_CONFIG_HOME',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'PROGRAMDATA',
  'SystemRoot',
  'TMPDIR',
  'TEMP',
  'TMP',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL',
  'GIT_COMMITTER_NAME',
  'GIT_COMMITTER_EMAIL',
]

const underWay: readonly (readonly [file: string, what: string, remedy: string])[] = [
  ['MERGE_HEAD', 'a merge', 'Finish it, or end it with git merge --abort'],
  ['rebase-merge', 'a rebase', 'Finish it, or end it with git rebase --abort'],
  ['rebase-apply', 'a rebase', 'Finish it, or end it with git rebase --abort'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick', 'Finish it, or end it with git cherry-pick --abort'],
  ['REVERT_HEAD', 'a revert', 'Finish it, or end it with git revert --abort'],
]
const commitHooks = ['pre-commit', 'prepare-commit-msg', 'commit-msg', 'post-commit']
const timeoutMs = 60_000

export function createWorkingCopies({ env, path }: WorkingCopyOptions): WorkingCopies {
  /** The file's own repository, which may lie in the folder, or the folder in it. */
  async function placeOf(root: string, file: string, label: string): Promise<Place> {
    const search = await path()
    if (!(await hasGit(search)))
      throw new SluiceError('ToolMissing', 'There is no git on this machine that could commit', {
        remedy: 'Install git 2.31 or newer, or write the file and commit it with the program that you use.',
      })
    const real = await resolveInside(root, file)
    const kept = Object.fromEntries(keptNames.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
    const folder = dirname(real)
    const base = { ...kept, PATH: search }
    const plainEnv = withSettings(base, [])
    const programs = '^(filter\\..*|hook\\..*|commit\\.gpgsign)$'
    const own = readSettings(await run({ folder, env: plainEnv }, ['config', '--null', '--get-regexp', programs]))
    const guarded = withSettings(base, [...settings, ...own.off])
    return { folder, name: basename(real), label, file, own, plainEnv, env: guarded }
  }

  return {
    async look(root, file, label) {
      const place = await placeOf(root, file, label)
      const { own, plainEnv } = place
      const top = await topOf(place)
      await refuseUnderWay(place)
      const head = await run(place, ['symbolic-ref', '--quiet', 'HEAD'])
      if (!head.out.startsWith('refs/heads/'))
        throw new SluiceError('GitFailed', `${label} has no branch checked out`, {
          remedy: 'A commit would belong to none: check out a branch with git switch, then open the dialog again.',
        })
      await refuseOwnChanges(place)
      await refuseFilter(place, own.filters)
      return {
        branch: head.out.trim().slice('refs/heads/'.length),
        author: await authorOf(place),
        skippedHooks: [...(await hooksOf(top, plainEnv)), ...own.hooks],
        isUnsigned: own.isSigning,
      }
    },

    async commit(root, file, text, message, label) {
      const place = await placeOf(root, file, label)
      const { folder, name } = place
      const before = (await run(place, ['rev-parse', '--verify', 'HEAD'])).out.trim()
      const wanted = (await run(place, ['hash-object', '--stdin', `--path=${name}`], text)).out.trim()
      const made = await run(
        place,
        [
          'commit',
          '--only',
          '--quiet',
          '--no-verify',
          '--no-gpg-sign',
          '--no-status',
          '--cleanup=whitespace',
          '--file=-',
          '--',
          name,
        ],
        message,
      )
      const head = (await run(place, ['rev-parse', '--verify', 'HEAD'])).out.trim()
      const held = (await run(place, ['rev-parse', '--verify', `HEAD:./${name}`])).out.trim()
      // It may have failed after the commit was made: what the branch holds decides.
      if (head === before || (made.code !== 0 && held !== wanted))
        throw new SluiceError('GitFailed', `${file} could not be committed in ${label}`, {
          detail: made.said.replaceAll(folder, label).slice(0, 2000),
        })
      if (held !== wanted)
        throw new SluiceError('Conflict', `${file} was changed while it was committed in ${label}`, {
          remedy: `Commit ${head.slice(0, 7)} holds that change too. Look at it with git show before you push.`,
        })
      return head
    },
  }
}

interface OwnSettings {
  /** Filters that have a program. */
  readonly filters: ReadonlySet<string>
  readonly hooks: readonly string[]
  readonly isSigning: boolean
  readonly off: readonly Setting[]
}

/** The programs that the user's settings name, and what sets them aside. */
function readSettings({ out }: Answer): OwnSettings {
  const filters = new Set<string>()
  const hooks = new Set<string>()
  let isSigning = false
  for (const entry of out.split('\0').filter((text) => text !== '')) {
    const [key = '', value] = splitOnce(entry, '\n')
    const parts = key.split('.')
    const inner = parts.slice(1, -1).join('.')
    if (key === 'commit.gpgsign') isSigning = value === null || !/^(false|no|off|0|)$/i.test(value)
    else if (parts[0] === 'filter') filters.add(inner)
    else if (parts[0] === 'hook' && inner !== '') hooks.add(inner)
  }
  return {
    filters,
    hooks: [...hooks],
    isSigning,
    off: [
      ...[...filters].flatMap((filter): Setting[] => [
        [`filter.${filter}.clean`, ''],
        [`filter.${filter}.smudge`, ''],
        [`filter.${filter}.process`, ''],
        [`filter.${filter}.required`, 'false'],
      ]),
      ...[...hooks].map((hook): Setting => [`hook.${hook}.enabled`, 'false']),
    ],
  }
}

async function topOf(place: Place): Promise<string> {
  const { code, out, said } = await run(place, ['rev-parse', '--show-toplevel'])
  const top = out.replace(/\r?\n$/, '')
  if (code === 0 && top !== '') return top
  if (!(await liesInRepository(place.folder)))
    throw new SluiceError('GitFailed', `${place.label} is not a Git working copy`, {
      remedy: 'Map the folder that you cloned the repository into, or write the file and bring it to Git yourself.',
    })
  throw new SluiceError('GitFailed', `git does not open ${place.label} as a working copy`, {
    remedy: `git said: ${firstLine(said)}`,
  })
}

async function liesInRepository(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (await isThere(join(at, '.git'))) return true
    if (dirname(at) === at) return false
  }
}

async function refuseUnderWay(place: Place): Promise<void> {
  const names = underWay.flatMap(([file]) => ['--git-path', file])
  const { out } = await run(place, ['rev-parse', '--path-format=absolute', ...names])
  const paths = out.split('\n')
  for (const [index, [, what, remedy]] of underWay.entries())
    if (await isThere(paths[index] ?? ''))
      throw new SluiceError('GitFailed', `${what} is under way in ${place.label}`.replace(/^a/, 'A'), {
        remedy: `${remedy}, then open the dialog again.`,
      })
}

async function refuseOwnChanges(place: Place): Promise<void> {
  const { file, label, name } = place
  const listed = (await run(place, ['ls-files', '-v', '-z', '--', name])).out
  if (listed === '')
    throw new SluiceError('GitFailed', `${file} of ${label} is not in Git`, {
      remedy: 'Add and commit it first: a commit would hold all of it, not only the rule.',
    })
  if (!listed.startsWith('H'))
    throw new SluiceError('GitFailed', `git was told not to look at ${file} of ${label}`, {
      remedy: 'It is marked assume-unchanged or skip-worktree: git update-index takes the mark away.',
    })
  const state = await run(place, ['status', '--porcelain', '-z', '--', name])
  if (state.code !== 0 || state.out !== '')
    throw new SluiceError('GitFailed', `${file} of ${label} has changes of yours that are not committed`, {
      remedy: 'The commit would take them with it: commit or set them aside first.',
    })
}

async function refuseFilter(place: Place, filters: ReadonlySet<string>): Promise<void> {
  const { out } = await run(place, ['check-attr', '-z', 'filter', '--', place.name])
  const filter = out.split('\0')[2] ?? ''
  if (filters.has(filter))
    throw new SluiceError('GitFailed', `${place.file} of ${place.label} passes through the filter ${filter}`, {
      remedy: 'Sluice runs no programs of a repository: write the file and commit it with your own git.',
    })
}

async function authorOf(place: Place): Promise<string> {
  const [author, committer] = [
    await run(place, ['var', 'GIT_AUTHOR_IDENT']),
    await run(place, ['var', 'GIT_COMMITTER_IDENT']),
  ]
  const who = /^(.*>) \d+ [+-]\d{4}\s*$/.exec(author.out)?.[1]
  if (author.code !== 0 || committer.code !== 0 || who === undefined)
    throw new SluiceError('GitFailed', `git does not know in whose name to commit in ${place.label}`, {
      remedy: 'Tell it with git config --global user.name and user.email, then open the dialog again.',
    })
  return who
}

async function hooksOf(top: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const { out } = await run({ folder: top, env }, ['rev-parse', '--path-format=absolute', '--git-path', 'hooks'])
  const folder = out.replace(/\r?\n$/, '')
  if (folder === '') return []
  const found = await Promise.all(commitHooks.map((hook) => runs(join(folder, hook))))
  return commitHooks.filter((_, index) => found[index])
}

async function runs(file: string): Promise<boolean> {
  try {
    await access(file, process.platform === 'win32' ? constants.R_OK : constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

const isThere = (path: string): Promise<boolean> =>
  path === ''
    ? Promise.resolve(false)
    : stat(path).then(
        () => true,
        () => false,
      )

function splitOnce(text: string, at: string): [string, string | null] {
  const index = text.indexOf(at)
  return index === -1 ? [text, null] : [text.slice(0, index), text.slice(index + at.length)]
}

function firstLine(said: string): string {
  const line = said.split('\n').find((text) => text.trim() !== '') ?? ''
  return line
    .replace(/^(fatal|error): /, '')
    .trim()
    .slice(0, 300)
}

function withSettings(base: NodeJS.ProcessEnv, all: readonly Setting[]): NodeJS.ProcessEnv {
  return {
    ...base,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_EDITOR: ':',
    GIT_PAGER: '',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
    // A partial clone asks nobody.
    GIT_NO_LAZY_FETCH: '1',
    GIT_CONFIG_COUNT: String(all.length),
    ...Object.fromEntries(
      all.flatMap(([name, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, name],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  }
}

/** Ends with git's exit code; rejects only where git cannot be started. The folder is a parameter, never where git is looked for. */
function run(
  { folder, env }: Pick<Place, 'folder' | 'env'>,
  parameters: readonly string[],
  input = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // SIGTERM: git takes its lock files away.
    const child = spawn('git', ['-C', folder, ...parameters], { env, stdio: 'pipe', timeout: timeoutMs })
    let out = ''
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out = (out + text).slice(0, 1_000_000)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, 4000)
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, out, said }))
  })
}
