/**
 * The words after `sluice build` and `sluice render`. Read by hand, because loading a parser of command lines takes longer than a small
 * build; refusals are worded as kustomize's own command line words them.
 */

export interface BuildArguments {
  readonly path: string
  readonly loadRestrictions: 'rootOnly' | 'none'
  readonly reorder: 'none' | 'legacy'
  readonly hasManagedByLabel: boolean
  readonly output: 'yaml' | 'json' | 'name'
  /** Set: Flux Kustomizations of this file (`-`: standard input) instead of a kustomization folder. */
  readonly file: string | null
  readonly root: string
  readonly variablesFile: string | null
  readonly decryption: DecryptionArguments
  /** What kustomize says on stderr about flags that it would rather not see. */
  readonly notices: readonly string[]
}

export interface RenderArguments {
  readonly folder: string
  readonly isWatching: boolean
  readonly variablesFile: string | null
  readonly decryption: DecryptionArguments
}

export interface DecryptionArguments {
  /** False: encrypted files stay as they are, and no key is looked for. */
  readonly isOn: boolean
  /** Files and folders of keys, beside the user's own. */
  readonly keyFiles: readonly string[]
  /** The user's own sops is asked for what only a key service can unwrap. */
  readonly usesSops: boolean
}

/** The words make no command: said on stderr after `Error: `. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
  /** What was to be said before. */
  readonly notices: readonly string[]

  constructor(message: string, notices: readonly string[] = []) {
    super(message)
    this.notices = notices
  }
}

interface Flag {
  readonly name: string
  readonly short?: string
  readonly takesValue: boolean
}

const buildFlags: readonly Flag[] = [
  { name: 'load-restrictor', takesValue: true },
  { name: 'reorder', takesValue: true },
  { name: 'enable-managedby-label', takesValue: false },
  { name: 'output', short: 'o', takesValue: true },
  { name: 'filename', short: 'f', takesValue: true },
  { name: 'root', takesValue: true },
  { name: 'substitute-from-file', takesValue: true },
  { name: 'decryption-key', takesValue: true },
  { name: 'use-sops', takesValue: false },
  { name: 'no-decryption', takesValue: false },
  { name: 'help', short: 'h', takesValue: false },
]

const renderFlags: readonly Flag[] = [
  { name: 'watch', short: 'w', takesValue: false },
  { name: 'substitute-from-file', takesValue: true },
  { name: 'decryption-key', takesValue: true },
  { name: 'use-sops', takesValue: false },
  { name: 'no-decryption', takesValue: false },
  { name: 'help', short: 'h', takesValue: false },
]

export const buildHelp = `Usage: sluice build [PATH] [options]
       sluice build -f FILE|- [options]

Renders the kustomization in PATH (the working directory if not given) as kustomize 5.8.1 does, or each Flux Kustomization
of FILE as kustomize-controller does.

  --load-restrictor NAME          LoadRestrictionsRootOnly (default) or LoadRestrictionsNone
  --reorder ORDER                 none (default) or legacy
  --enable-managedby-label        label every object with the tool that made it
  -f, --filename FILE             Flux Kustomizations to render; - reads standard input
  --root DIR                      the artifact that their paths start from; default: the working directory
  --substitute-from-file FILE     variables (YAML or JSON) that every ConfigMap and Secret of substituteFrom is taken to hold
  --decryption-key FILE           age or OpenPGP private keys for spec.decryption, or a folder of them (*.agekey, *.asc,
                                  keys.txt); repeatable. Your own, where sops looks for them, are tried as well
  --use-sops                      let your own sops decrypt what only a key service (AWS, GCP, Azure, Vault, ...) can
  --no-decryption                 leave what is encrypted as it is
  -o, --output FORMAT             yaml (default), json; without -f also name
`

export const renderHelp = `Usage: sluice render DIR [options]

Renders every Flux Kustomization found in DIR; one line each.

  --watch, -w                     go on, and render again what a change reaches
  --substitute-from-file FILE     variables (YAML or JSON) that every ConfigMap and Secret of substituteFrom is taken to hold
  --decryption-key FILE           age or OpenPGP private keys for spec.decryption, or a folder of them (*.agekey, *.asc,
                                  keys.txt); repeatable. Your own, where sops looks for them, are tried as well
  --use-sops                      let your own sops decrypt what only a key service (AWS, GCP, Azure, Vault, ...) can
  --no-decryption                 leave what is encrypted as it is
`

/** Null when help is asked for. Throws ArgumentError. */
export function parseBuildArguments(words: readonly string[]): BuildArguments | null {
  const { values, lists, rest } = splitWords(words, buildFlags)
  if (values.has('help')) return null
  const notices: string[] = []
  if (values.has('reorder'))
    notices.push("Flag --reorder has been deprecated, use the new 'sortOptions' field in kustomization.yaml instead.")
  if (values.has('enable-managedby-label'))
    notices.push(
      'Flag --enable-managedby-label has been deprecated, The flag `enable-managedby-label` has been deprecated. Use the `managedByLabel` option in the `buildMetadata` field instead.',
    )
  const file = values.get('filename') ?? null
  if (rest.length > 1) throw new ArgumentError('specify one path to kustomization.yaml', notices)
  if (file !== null && rest.length > 0) throw new ArgumentError('specify a path or -f FILE, not both')
  for (const name of ['root', 'substitute-from-file', 'decryption-key', 'use-sops', 'no-decryption'])
    if (file === null && values.has(name)) throw new ArgumentError(`--${name} needs -f FILE`)
  const legalRestrictions = ['LoadRestrictionsRootOnly', 'LoadRestrictionsNone']
  const restrictor = legal(
    'load-restrictor',
    values.get('load-restrictor') || 'LoadRestrictionsRootOnly',
    legalRestrictions,
    notices,
  )
  const reorder = legal('reorder', values.get('reorder') ?? 'none', ['legacy', 'none'], notices)
  const output = legal(
    'output',
    values.get('output') ?? 'yaml',
    file === null ? ['yaml', 'json', 'name'] : ['yaml', 'json'],
    notices,
  )
  return {
    path: rest[0] ?? '.',
    loadRestrictions: restrictor === 'LoadRestrictionsNone' ? 'none' : 'rootOnly',
    reorder: reorder === 'legacy' ? 'legacy' : 'none',
    hasManagedByLabel: values.get('enable-managedby-label') === 'true',
    output: output as BuildArguments['output'],
    file,
    root: values.get('root') ?? '.',
    variablesFile: values.get('substitute-from-file') ?? null,
    decryption: decryptionOf(values, lists),
    notices,
  }
}

/** Null when help is asked for. Throws ArgumentError. */
export function parseRenderArguments(words: readonly string[]): RenderArguments | null {
  const { values, lists, rest } = splitWords(words, renderFlags)
  if (values.has('help')) return null
  const [folder] = rest
  if (folder === undefined || rest.length > 1) throw new ArgumentError('specify one folder to render')
  return {
    folder,
    isWatching: values.get('watch') === 'true',
    variablesFile: values.get('substitute-from-file') ?? null,
    decryption: decryptionOf(values, lists),
  }
}

function decryptionOf(
  values: ReadonlyMap<string, string>,
  lists: ReadonlyMap<string, readonly string[]>,
): DecryptionArguments {
  const isOn = values.get('no-decryption') !== 'true'
  const keyFiles = lists.get('decryption-key') ?? []
  const usesSops = values.get('use-sops') === 'true'
  if (!isOn && keyFiles.length > 0) throw new ArgumentError('specify --decryption-key or --no-decryption, not both')
  if (!isOn && usesSops) throw new ArgumentError('specify --use-sops or --no-decryption, not both')
  return { isOn, keyFiles, usesSops }
}

function legal(name: string, value: string, values: readonly string[], notices: readonly string[]): string {
  if (values.includes(value)) return value
  throw new ArgumentError(`illegal flag value --${name} ${value}; legal values: [${values.join(' ')}]`, notices)
}

/** `values`: the last of each flag; `lists`: all of them. */
function splitWords(
  words: readonly string[],
  flags: readonly Flag[],
): { values: Map<string, string>; lists: Map<string, string[]>; rest: string[] } {
  const values = new Map<string, string>()
  const lists = new Map<string, string[]>()
  const rest: string[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (word === '--') {
      rest.push(...words.slice(index + 1))
      break
    }
    if (!word.startsWith('-') || word === '-') {
      rest.push(word)
      continue
    }
    const { flag, attached } = findFlag(word, flags)
    if (!flag.takesValue) {
      if (attached !== null && attached !== 'true' && attached !== 'false')
        throw new ArgumentError(`invalid argument "${attached}" for "--${flag.name}" flag: it is true or false`)
      values.set(flag.name, attached ?? 'true')
      continue
    }
    const value = attached ?? words[++index]
    if (value === undefined)
      throw new ArgumentError(
        word.startsWith('--')
          ? `flag needs an argument: ${word}`
          : `flag needs an argument: '${word.slice(1)}' in ${word}`,
      )
    values.set(flag.name, value)
    lists.set(flag.name, [...(lists.get(flag.name) ?? []), value])
  }
  return { values, lists, rest }
}

function findFlag(word: string, flags: readonly Flag[]): { flag: Flag; attached: string | null } {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=')
    const name = word.slice(2, equals < 0 ? undefined : equals)
    const flag = flags.find((known) => known.name === name)
    if (flag === undefined) throw new ArgumentError(`unknown flag: --${name}`)
    return { flag, attached: equals < 0 ? null : word.slice(equals + 1) }
  }
  const letter = word.charAt(1)
  const flag = flags.find(({ short }) => short === letter)
  if (flag === undefined) throw new ArgumentError(`unknown shorthand flag: '${letter}' in ${word}`)
  const tail = word.slice(2)
  return { flag, attached: tail === '' ? null : tail.replace(/^=/, '') }
}
