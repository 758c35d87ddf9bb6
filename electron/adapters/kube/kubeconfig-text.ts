/**
 * The text of one kubeconfig as entries. Shape and tolerance follow kubectl's clientcmd (non-strict: unknown fields and duplicate
 * keys pass); where kubectl gives up on the whole file for one bad entry, the entry alone is bad here.
 */
import { FAILSAFE_SCHEMA, loadAll, Type, YAMLException } from 'js-yaml'
import { SluiceError } from '../../../shared/model/errors.ts'

/** `null` stands for "not set" in all of these; kubectl does not tell an empty string from an absent field either. */
export interface ClusterEntry {
  readonly name: string
  readonly server: string | null
  readonly caFile: string | null
  /** Base64, as in the file. */
  readonly caData: string | null
  readonly isInsecure: boolean
  readonly tlsServerName: string | null
  readonly proxyUrl: string | null
  readonly isCompressionOff: boolean
  /** `extensions` entry named client.authentication.k8s.io/exec: handed to exec plugins verbatim. */
  readonly execConfig: unknown
}

export interface ExecSpec {
  readonly apiVersion: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly interactiveMode: string
  readonly isClusterInfoProvided: boolean
  readonly installHint: string
}

export interface UserEntry {
  readonly name: string
  readonly certFile: string | null
  readonly certData: string | null
  readonly keyFile: string | null
  readonly keyData: string | null
  readonly token: string | null
  readonly tokenFile: string | null
  readonly username: string | null
  readonly password: string | null
  readonly impersonate: {
    readonly user: string
    readonly uid: string | null
    readonly groups: readonly string[]
    readonly extra: readonly (readonly [string, readonly string[]])[]
  } | null
  readonly exec: ExecSpec | null
  /** Name of the auth-provider, removed from Kubernetes in 1.26. */
  readonly authProvider: string | null
}

export interface ContextEntry {
  readonly name: string
  readonly cluster: string | null
  readonly user: string | null
  readonly namespace: string | null
}

export interface KubeconfigEntries {
  readonly clusters: ReadonlyMap<string, ClusterEntry>
  readonly users: ReadonlyMap<string, UserEntry>
  readonly contexts: ReadonlyMap<string, ContextEntry>
  readonly currentContext: string | null
}

/** Scalars stay text (a token of digits, a name `0123`), only null, booleans and merge keys mean something. */
const schema = FAILSAFE_SCHEMA.extend({
  implicit: [
    new Type('tag:yaml.org,2002:null', {
      kind: 'scalar',
      resolve: (data: unknown) => data === null || data === '' || data === '~' || data === 'null' || data === 'Null',
      construct: () => null,
    }),
    new Type('tag:yaml.org,2002:bool', {
      kind: 'scalar',
      resolve: (data: unknown) => typeof data === 'string' && /^(true|True|TRUE|false|False|FALSE)$/.test(data),
      construct: (data: unknown) => String(data).toLowerCase() === 'true',
    }),
    new Type('tag:yaml.org,2002:merge', { kind: 'scalar', resolve: (data: unknown) => data === '<<' || data === null }),
  ],
})

export type YamlMap = Readonly<Record<string, unknown>>

/**
 * First YAML document of `text` as plain maps, lists and strings. `label` names the file in messages. Throws KubeconfigMalformed
 * (with line and column, never with a piece of the text) or KubeconfigEmpty.
 */
export function readKubeconfigYaml(text: string, label: string): YamlMap {
  let documents: unknown[]
  try {
    documents = loadAll(text, null, { schema, json: true })
  } catch (error) {
    throw malformed(error, label)
  }
  const root = documents[0] ?? null
  if (root === null)
    throw new SluiceError('KubeconfigEmpty', `Kubeconfig ${label} is empty`, {
      remedy: 'Write a kubeconfig there, or remove the file from the list.',
    })
  if (!isMap(root))
    throw new SluiceError('KubeconfigMalformed', `Kubeconfig ${label} does not hold a kubeconfig: no map at its top`, {
      remedy: 'Check that this is the file that you meant.',
    })
  return root
}

const knownFields = ['clusters', 'users', 'contexts', 'current-context', 'kind', 'apiVersion', 'preferences']

/** Entries of one kubeconfig. Of two entries with one name the first counts. Throws as readKubeconfigYaml does. */
export function parseKubeconfig(text: string, label: string): KubeconfigEntries {
  const root = readKubeconfigYaml(text, label)
  const kind = stringOf(own(root, 'kind'))
  if ((kind !== null && kind !== 'Config') || !knownFields.some((field) => Object.hasOwn(root, field)))
    throw new SluiceError('KubeconfigMalformed', `Kubeconfig ${label} holds something else than a kubeconfig`, {
      remedy: 'Check that this is the file that you meant.',
    })
  return {
    clusters: namedEntries(own(root, 'clusters'), 'cluster', readCluster),
    users: namedEntries(own(root, 'users'), 'user', readUser),
    contexts: namedEntries(own(root, 'contexts'), 'context', readContext),
    currentContext: stringOf(own(root, 'current-context')),
  }
}

function malformed(error: unknown, label: string): SluiceError {
  const remedy = 'Correct the file; kubectl config view reads it in the same way.'
  if (error instanceof YAMLException) {
    const mark = error.mark as { line?: number; column?: number } | undefined
    const place = mark?.line === undefined ? '' : ` at line ${mark.line + 1}, column ${(mark.column ?? 0) + 1}`
    // SECURITY: item 9: reasons quote the text (an alias *hunter2 may be a password): what is quoted stays out.
    const detail = String(error.reason ?? '').replace(/["'!<`].*$/s, '…')
    return new SluiceError('KubeconfigMalformed', `Kubeconfig ${label} is not valid YAML${place}`, { remedy, detail })
  }
  return new SluiceError('KubeconfigMalformed', `Kubeconfig ${label} is nested too deeply`, { remedy })
}

function namedEntries<T>(list: unknown, field: string, read: (name: string, body: YamlMap) => T): Map<string, T> {
  const entries = new Map<string, T>()
  if (!Array.isArray(list)) return entries
  for (const item of list as unknown[]) {
    if (!isMap(item)) continue
    const name = stringOf(own(item, 'name'))
    if (name === null || entries.has(name)) continue
    const body = own(item, field)
    entries.set(name, read(name, isMap(body) ? body : {}))
  }
  return entries
}

function readCluster(name: string, body: YamlMap): ClusterEntry {
  return {
    name,
    server: stringOf(own(body, 'server')),
    caFile: stringOf(own(body, 'certificate-authority')),
    caData: stringOf(own(body, 'certificate-authority-data')),
    isInsecure: isTrue(own(body, 'insecure-skip-tls-verify')),
    tlsServerName: stringOf(own(body, 'tls-server-name')),
    proxyUrl: stringOf(own(body, 'proxy-url')),
    isCompressionOff: isTrue(own(body, 'disable-compression')),
    execConfig: readExecConfig(own(body, 'extensions')),
  }
}

function readExecConfig(extensions: unknown): unknown {
  if (!Array.isArray(extensions)) return null
  for (const item of extensions as unknown[])
    if (isMap(item) && own(item, 'name') === 'client.authentication.k8s.io/exec')
      return copyBounded(own(item, 'extension') ?? null, { left: 1000 }, 0)
  return null
}

/** Aliases can make a value endless or exponential: beyond 1,000 nodes or 20 levels it is left out. */
function copyBounded(value: unknown, budget: { left: number }, depth: number): unknown {
  if (--budget.left < 0 || depth > 20) return null
  if (Array.isArray(value)) return (value as unknown[]).map((item) => copyBounded(item, budget, depth + 1))
  if (!isMap(value)) return value ?? null
  return Object.fromEntries(Object.keys(value).map((key) => [key, copyBounded(own(value, key), budget, depth + 1)]))
}

function readUser(name: string, body: YamlMap): UserEntry {
  const authProvider = own(body, 'auth-provider')
  const exec = own(body, 'exec')
  const as = stringOf(own(body, 'as'))
  return {
    name,
    certFile: stringOf(own(body, 'client-certificate')),
    certData: stringOf(own(body, 'client-certificate-data')),
    keyFile: stringOf(own(body, 'client-key')),
    keyData: stringOf(own(body, 'client-key-data')),
    token: stringOf(own(body, 'token')),
    tokenFile: stringOf(own(body, 'tokenFile')),
    username: stringOf(own(body, 'username')),
    password: stringOf(own(body, 'password')),
    impersonate:
      as === null
        ? null
        : {
            user: as,
            uid: stringOf(own(body, 'as-uid')),
            groups: stringsOf(own(body, 'as-groups')),
            extra: readExtra(own(body, 'as-user-extra')),
          },
    exec: isMap(exec) ? readExec(exec) : null,
    authProvider: isMap(authProvider) ? (stringOf(own(authProvider, 'name')) ?? '') : null,
  }
}

function readExtra(extra: unknown): (readonly [string, readonly string[]])[] {
  return isMap(extra) ? Object.keys(extra).map((key) => [key, stringsOf(own(extra, key))] as const) : []
}

function readExec(body: YamlMap): ExecSpec {
  const env = own(body, 'env')
  return {
    apiVersion: stringOf(own(body, 'apiVersion')) ?? '',
    command: stringOf(own(body, 'command')) ?? '',
    args: stringsOf(own(body, 'args')),
    env: (Array.isArray(env) ? (env as unknown[]) : []).filter(isMap).flatMap((item) => {
      const name = stringOf(own(item, 'name'))
      return name === null ? [] : [{ name, value: stringOf(own(item, 'value')) ?? '' }]
    }),
    interactiveMode: stringOf(own(body, 'interactiveMode')) ?? 'IfAvailable',
    isClusterInfoProvided: isTrue(own(body, 'provideClusterInfo')),
    installHint: stringOf(own(body, 'installHint')) ?? '',
  }
}

function readContext(name: string, body: YamlMap): ContextEntry {
  return {
    name,
    cluster: stringOf(own(body, 'cluster')),
    user: stringOf(own(body, 'user')),
    namespace: stringOf(own(body, 'namespace')),
  }
}

/** Own properties only: a file may well say `constructor:` or `__proto__:`. */
export function own(map: YamlMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

export function isMap(value: unknown): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function stringOf(value: unknown): string | null {
  if (typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? (value as unknown[]).map((item) => stringOf(item) ?? '') : []
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}
