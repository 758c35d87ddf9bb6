/**
 * One context resolved: server, TLS material and credentials, with the files that it names read. Precedence follows kubectl's
 * clientcmd: inline data before files, token file before token, token before basic auth.
 */
import { createHash, createHmac, createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, resolve } from 'node:path'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ClusterEntry, ContextEntry, ExecSpec, UserEntry } from './kubeconfig-text.ts'
import { labelPath, labelUrl, quoteName } from './plain-text.ts'

/** Everything that a client needs, secrets included: never leaves this folder. */
export interface ContextSettings {
  readonly contextName: string
  readonly userName: string
  /** Kubeconfig file that the user entry came from: exec credentials are cached per (file, user). */
  readonly userFile: string
  readonly clusterName: string
  /** Without user info, query, fragment and trailing slash. */
  readonly server: URL
  /** Path in front of every request, '' or `/k8s/clusters/c-1`. */
  readonly pathPrefix: string
  readonly tlsServerName: string | null
  readonly isInsecure: boolean
  readonly proxy: URL | null
  readonly isCompressionOff: boolean
  readonly ca: Buffer | null
  readonly cert: Buffer | null
  readonly key: Buffer | null
  readonly token: string | null
  readonly tokenFile: string | null
  readonly basic: { readonly username: string; readonly password: string } | null
  readonly impersonate: UserEntry['impersonate']
  readonly exec: ExecSpec | null
  readonly execConfig: unknown
}

export interface ResolvedContext {
  readonly settings: ContextSettings | null
  readonly problem: SluiceError | null
  readonly warnings: readonly string[]
  /** For people: scheme, host, port, path; the raw text never (it may carry a password). */
  readonly server: string
  readonly endpointHash: string
  readonly configHash: string
  /** Files that the context draws from besides the kubeconfig: watched for changes. */
  readonly files: readonly string[]
}

/** An entry and the kubeconfig file that it came from. */
export interface Located<T> {
  readonly entry: T
  readonly file: string
}

/** Reads a small regular file once per load: several contexts name the same certificate. */
export type ReadMaterial = (path: string) => Promise<Buffer>

// SECURITY: item 9: hashes that leave this folder cover credentials; keyed per process, so they tell nothing about short passwords.
const hashKey = randomBytes(32)
const maxMaterialBytes = 1024 * 1024

export function createMaterialReader(): ReadMaterial {
  const cache = new Map<string, Promise<Buffer>>()
  return (path) => {
    let pending = cache.get(path)
    if (pending === undefined) {
      pending = readSmallFile(path)
      // Each reader handles its own rejection; this one only keeps the cached promise from being "unhandled".
      pending.catch(() => undefined)
      cache.set(path, pending)
    }
    return pending
  }
}

/** A pipe or a device would hang or never end. */
export async function readSmallFile(path: string, maxBytes = maxMaterialBytes): Promise<Buffer> {
  const facts = await stat(path)
  if (!facts.isFile())
    throw Object.assign(new Error('not a regular file'), { code: facts.isDirectory() ? 'EISDIR' : 'EINVAL' })
  if (facts.size > maxBytes) throw Object.assign(new Error('file too large'), { code: 'EFBIG' })
  return readFile(path)
}

/** Printable ASCII without spaces: nothing that could end a header line. */
export function isHeaderSafe(token: string): boolean {
  return /^[\u0021-\u007e]+$/.test(token)
}

/** What a file system error code means, as half a sentence. */
export function sayFileError(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist'
    case 'EACCES':
    case 'EPERM':
      return 'may not be read'
    case 'EISDIR':
      return 'is a folder'
    case 'EFBIG':
      return 'is too large'
    case 'ELOOP':
      return 'is a link that leads in a circle'
    default:
      return `cannot be read (${codeOf(error) || 'unknown error'})`
  }
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

/**
 * Resolves one context. Never throws for what a file says: the problem is in the result, as SluiceError (ContextInvalid,
 * CredentialMissing, ExecInteractive, Unsupported).
 */
export async function resolveContext(
  context: Located<ContextEntry>,
  clusters: ReadonlyMap<string, Located<ClusterEntry>>,
  users: ReadonlyMap<string, Located<UserEntry>>,
  read: ReadMaterial,
  home: string,
): Promise<ResolvedContext> {
  const files: string[] = []
  const warnings: string[] = []
  const inFile = labelPath(context.file, home)
  const name = quoteName(context.entry.name)
  let server = ''
  let ca: Buffer | null = null

  const readNamed = async (base: string, path: string, role: string): Promise<Buffer> => {
    const absolute = isAbsolute(path) ? path : resolve(dirname(base), path)
    files.push(absolute)
    try {
      return await read(absolute)
    } catch (error) {
      throw new SluiceError(
        'CredentialMissing',
        `Context ${name}: ${role} ${labelPath(absolute, home)} ${sayFileError(error)}`,
        { remedy: `Put the file there, or correct ${inFile}.`, cause: error },
      )
    }
  }
  const material = async (
    base: string,
    data: string | null,
    path: string | null,
    role: string,
  ): Promise<Buffer | null> => {
    if (data !== null) return decodeBase64(data, () => invalid(`${role} is not base64`))
    return path === null ? null : readNamed(base, path, role)
  }
  const invalid = (what: string, remedy = `Correct ${inFile}.`): SluiceError =>
    new SluiceError('ContextInvalid', `Context ${name} in ${inFile}: ${what}`, { remedy })

  try {
    const cluster = lookUp(clusters, context.entry.cluster)
    const user = lookUp(users, context.entry.user)
    if (context.entry.cluster === null) throw invalid('names no cluster')
    if (cluster === null) throw invalid(`cluster ${quoteName(context.entry.cluster)} does not exist`)
    const { url, warning } = parseServer(cluster.entry, invalid)
    server = labelUrl(url) + (url.pathname === '/' ? '' : url.pathname)
    if (warning !== null) warnings.push(warning)
    if (url.protocol === 'http:') warnings.push('Connection is not encrypted: server is http://')
    if (cluster.entry.isInsecure && url.protocol === 'https:')
      warnings.push('Server certificate is not verified: insecure-skip-tls-verify')
    const proxy = parseProxy(cluster.entry, invalid)
    if (proxy !== null) warnings.push(`Connects through proxy ${labelUrl(proxy)}`)
    ca = await material(cluster.file, cluster.entry.caData, cluster.entry.caFile, 'certificate authority')
    if (ca !== null) checkCertificates(ca, () => invalid('certificate authority holds no PEM certificate'))
    if (context.entry.user !== null && user === null)
      throw invalid(`user ${quoteName(context.entry.user)} does not exist`)

    const entry = user?.entry ?? null
    const base = user?.file ?? context.file
    const cert = await material(base, entry?.certData ?? null, entry?.certFile ?? null, 'client certificate')
    const key = await material(base, entry?.keyData ?? null, entry?.keyFile ?? null, 'client key')
    checkKeyPair(cert, key, invalid)
    if (entry?.authProvider != null)
      throw new SluiceError(
        'Unsupported',
        `Context ${name}: user ${quoteName(entry.name)} uses auth-provider ${quoteName(entry.authProvider)}, which Kubernetes removed in 1.26`,
        { remedy: 'Use an exec credential plugin instead, such as kubelogin or gke-gcloud-auth-plugin.' },
      )
    if (entry?.token != null && !isHeaderSafe(entry.token)) throw invalid('token holds characters that no token has')
    if (entry?.impersonate != null && !isHeaderText(entry.impersonate))
      throw invalid('impersonation holds characters that no header may carry')
    const hasStatic = entry !== null && (entry.token !== null || entry.tokenFile !== null)
    const exec = entry?.exec != null && !hasStatic ? checkExec(entry.exec, name, base, invalid) : null
    const settings: ContextSettings = {
      contextName: context.entry.name,
      userName: entry?.name ?? '',
      userFile: base,
      clusterName: cluster.entry.name,
      server: url,
      pathPrefix: url.pathname.replace(/\/+$/, ''),
      tlsServerName: cluster.entry.tlsServerName,
      isInsecure: cluster.entry.isInsecure,
      proxy,
      isCompressionOff: cluster.entry.isCompressionOff,
      ca,
      cert,
      key,
      token: entry?.token ?? null,
      tokenFile: entry?.tokenFile == null ? null : resolve(dirname(base), entry.tokenFile),
      basic:
        entry?.username != null && !hasStatic ? { username: entry.username, password: entry.password ?? '' } : null,
      impersonate: entry?.impersonate ?? null,
      exec,
      execConfig: cluster.entry.execConfig,
    }
    return {
      settings,
      problem: null,
      warnings,
      server,
      endpointHash: hashEndpoint(server, ca),
      configHash: hashSettings(settings),
      files,
    }
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    const configHash = hashParts(['problem', error.code, error.message, server])
    return {
      settings: null,
      problem: error,
      warnings,
      server,
      endpointHash: hashEndpoint(server, ca),
      configHash,
      files,
    }
  }
}

function lookUp<T>(map: ReadonlyMap<string, Located<T>>, name: string | null): Located<T> | null {
  return name === null ? null : (map.get(name) ?? null)
}

export type Invalid = (what: string, remedy?: string) => SluiceError

function parseServer(cluster: ClusterEntry, invalid: Invalid): { url: URL; warning: string | null } {
  const of = `cluster ${quoteName(cluster.name)}`
  if (cluster.server === null) throw invalid(`${of} has no server`)
  // kubectl's default: plain http unless the cluster entry says something about TLS.
  const hasTls = cluster.caData !== null || cluster.caFile !== null || cluster.isInsecure
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(cluster.server)
    ? cluster.server
    : `${hasTls ? 'https' : 'http'}://${cluster.server}`
  const url = URL.parse(text)
  if (url === null || url.hostname === '') throw invalid(`server of ${of} is not a URL`)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw invalid(`server of ${of} is neither https:// nor http://`)
  const hasUserInfo = url.username !== '' || url.password !== ''
  url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  return { url, warning: hasUserInfo ? 'User name and password in the server URL are ignored' : null }
}

function parseProxy(cluster: ClusterEntry, invalid: Invalid): URL | null {
  if (cluster.proxyUrl === null) return null
  const url = URL.parse(cluster.proxyUrl)
  if (url === null || url.hostname === '') throw invalid(`proxy-url of cluster ${quoteName(cluster.name)} is not a URL`)
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  throw new SluiceError(
    'Unsupported',
    `Cluster ${quoteName(cluster.name)}: proxy-url with ${url.protocol.slice(0, 20)}// is not supported`,
    { remedy: 'Use an http:// or https:// proxy.' },
  )
}

function checkExec(exec: ExecSpec, name: string, file: string, invalid: Invalid): ExecSpec {
  if (exec.command === '') throw invalid('exec plugin has no command')
  if (
    exec.apiVersion !== 'client.authentication.k8s.io/v1' &&
    exec.apiVersion !== 'client.authentication.k8s.io/v1beta1'
  )
    throw new SluiceError(
      'Unsupported',
      `Context ${name}: exec plugin ${quoteName(exec.command)} speaks ${quoteName(exec.apiVersion)}, not client.authentication.k8s.io/v1 or v1beta1`,
      { remedy: 'Update the plugin, and its entry in the kubeconfig.' },
    )
  // SECURITY: item 10: a plugin that must have a terminal is refused; ours has none.
  if (exec.interactiveMode === 'Always')
    throw new SluiceError(
      'ExecInteractive',
      `Context ${name}: exec plugin ${quoteName(exec.command)} wants a terminal (interactiveMode: Always)`,
      { remedy: 'Set interactiveMode to IfAvailable or Never if the plugin can do without.' },
    )
  // kubectl: a command with a separator is relative to the kubeconfig, a bare name is looked up on PATH.
  const isPath = /[/\\]/.test(exec.command)
  return isPath && !isAbsolute(exec.command) ? { ...exec, command: resolve(dirname(file), exec.command) } : exec
}

function isHeaderText(impersonate: NonNullable<UserEntry['impersonate']>): boolean {
  const { user, uid, groups, extra } = impersonate
  return [user, uid ?? '', ...groups, ...extra.flatMap(([, values]) => values)].every((text) =>
    /^[\u0020-\u007e]*$/.test(text),
  )
}

function decodeBase64(text: string, fail: () => SluiceError): Buffer {
  const compact = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact === '') throw fail()
  return Buffer.from(compact, 'base64')
}

const checkedMaterial = new Map<string, boolean>()

/** Certificates and keys that parsed once are not parsed again on every change of the file around them. */
function parses(material: readonly Buffer[], check: () => boolean): boolean {
  const hash = createHash('sha256')
  for (const part of material) hash.update(part).update('\0')
  const digest = hash.digest('base64')
  let isGood = checkedMaterial.get(digest)
  if (isGood === undefined) {
    try {
      isGood = check()
    } catch {
      isGood = false
    }
    if (checkedMaterial.size > 2000) checkedMaterial.clear()
    checkedMaterial.set(digest, isGood)
  }
  return isGood
}

/** Throws what `fail` makes where `pem` is no certificate. */
export function checkCertificates(pem: Buffer, fail: () => SluiceError): void {
  if (!parses([pem], () => new X509Certificate(pem).raw.length > 0)) throw fail()
}

/** Throws what `invalid` makes of the half sentence that says what is wrong with a client certificate and its key. */
export function checkKeyPair(cert: Buffer | null, key: Buffer | null, invalid: Invalid): void {
  if (cert === null && key === null) return
  if (cert === null) throw invalid('has a client key, but no client certificate')
  if (key === null) throw invalid('has a client certificate, but no client key')
  checkCertificates(cert, () => invalid('client certificate is not a PEM certificate'))
  const hasKey = parses([key], () => createPrivateKey(key).type === 'private')
  if (!hasKey) throw invalid('client key is not an unencrypted PEM private key')
  if (!parses([cert, key], () => new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))))
    throw invalid('client key does not belong to the client certificate')
}

function hashEndpoint(server: string, ca: Buffer | null): string {
  return createHash('sha256')
    .update(server)
    .update('\0')
    .update(ca ?? '')
    .digest('hex')
}

function hashSettings(settings: ContextSettings): string {
  const { server, proxy, ca, cert, key, execConfig, ...rest } = settings
  const binary = [ca, cert, key].map((part) => part?.toString('base64') ?? null)
  return hashParts([server.href, proxy?.href ?? null, binary, rest, execConfig ?? null])
}

function hashParts(parts: unknown): string {
  return createHmac('sha256', hashKey).update(JSON.stringify(parts)).digest('hex')
}
