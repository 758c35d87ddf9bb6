/**
 * Runs one exec credential plugin (client.authentication.k8s.io v1 and v1beta1): no shell, minimal environment, bounded in time and
 * output, killed with all that it started. Semantics: Kubernetes' "client-go credential plugins".
 */
import { spawn } from 'node:child_process'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ExecSpec } from './kubeconfig-text.ts'
import { isMap, own } from './kubeconfig-text.ts'
import { quoteName, redactText } from './plain-text.ts'
import type { ContextSettings } from './context-settings.ts'
import { codeOf } from './context-settings.ts'

export interface ExecCredential {
  readonly token: string | null
  readonly certPem: string | null
  readonly keyPem: string | null
  /** Milliseconds since the epoch, null = until the server refuses it. */
  readonly expiresAt: number | null
}

export interface ExecRun {
  readonly spec: ExecSpec
  /** Absolute path of the program. */
  readonly program: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** Quoted context name, for messages. */
  readonly context: string
}

const maxOutputBytes = 1024 * 1024
const maxErrorBytes = 4096

/** Variables that programs need to run at all, to find their own configuration, and to reach the network. */
const passedNames = new Set([
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'BROWSER',
  'DBUS_SESSION_BUS_ADDRESS',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SystemRoot',
  'SYSTEMROOT',
  'windir',
  'ComSpec',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'ProgramData',
  'ProgramFiles',
  'USERNAME',
  'USERDOMAIN',
])
const passedPrefixes = ['LC_', 'XDG_', 'AWS_', 'AZURE_', 'CLOUDSDK_', 'GOOGLE_', 'KUBELOGIN_', 'AAD_']

/** Environment of a plugin: the short list from ours, PATH, the entry's own variables, KUBERNETES_EXEC_INFO. */
export function buildExecEnv(
  ours: Readonly<Record<string, string | undefined>>,
  path: string,
  settings: ContextSettings,
  spec: ExecSpec,
): Record<string, string> {
  // SECURITY: item 10: minimal environment: tokens of other tools and our own settings stay here.
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(ours))
    if (value !== undefined && (passedNames.has(name) || passedPrefixes.some((prefix) => name.startsWith(prefix))))
      env[name] = value
  env['PATH'] = path
  for (const { name, value } of spec.env) env[name] = value
  env['KUBERNETES_EXEC_INFO'] = JSON.stringify({
    apiVersion: spec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(spec.isClusterInfoProvided ? { cluster: describeCluster(settings) } : {}) },
  })
  return env
}

function describeCluster(settings: ContextSettings): Record<string, unknown> {
  return {
    server: settings.server.href.replace(/\/+$/, ''),
    ...(settings.tlsServerName === null ? {} : { 'tls-server-name': settings.tlsServerName }),
    ...(settings.isInsecure ? { 'insecure-skip-tls-verify': true } : {}),
    ...(settings.ca === null ? {} : { 'certificate-authority-data': settings.ca.toString('base64') }),
    ...(settings.proxy === null ? {} : { 'proxy-url': settings.proxy.href }),
    ...(settings.isCompressionOff ? { 'disable-compression': true } : {}),
    ...(settings.execConfig === null ? {} : { config: settings.execConfig }),
  }
}

/** Runs the plugin and reads its answer. Throws ExecNotFound, ExecTimeout, ExecFailed or ExecOutputInvalid, its stderr as detail. */
export async function runExecPlugin(run: ExecRun): Promise<ExecCredential> {
  const { stdout, stderr, fault } = await runBounded(run)
  const secrets = run.spec.env.map(({ value }) => value).filter((value) => value.length >= 8)
  const detail = redactText(stderr, maxErrorBytes, secrets)
  if (fault !== null) throw say(run, fault, detail)
  const { credential, complaint } = readCredential(stdout, run.spec)
  if (credential === null)
    throw new SluiceError(
      'ExecOutputInvalid',
      `Context ${run.context}: exec plugin ${quoteName(run.spec.command)} ${complaint}`,
      {
        remedy: 'Run the command in a terminal and look at what it prints.',
        detail,
      },
    )
  return credential
}

type Fault =
  | { readonly kind: 'start'; readonly code: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'flood' }
  | { readonly kind: 'exit'; readonly how: string }

function say(run: ExecRun, fault: Fault, detail: string): SluiceError {
  const who = `Context ${run.context}: exec plugin ${quoteName(run.spec.command)}`
  switch (fault.kind) {
    case 'start':
      return fault.code === 'ENOENT'
        ? execNotFound(run.context, run.spec)
        : new SluiceError('ExecFailed', `${who} cannot be started (${fault.code})`, {
            remedy: 'Check that the file is a program for this machine.',
            detail,
          })
    case 'timeout':
      return new SluiceError('ExecTimeout', `${who} did not end within ${run.timeoutMs / 1000} s and was stopped`, {
        remedy: 'Does it wait for a login or for input? Log in with it in a terminal first.',
        detail,
        retry: 'transient',
      })
    case 'flood':
      return new SluiceError('ExecOutputInvalid', `${who} printed more than 1 MB and was stopped`, {
        remedy: 'Run the command in a terminal and look at what it prints.',
        detail,
      })
    case 'exit':
      return new SluiceError('ExecFailed', `${who} failed (${fault.how})`, {
        remedy: 'Read what it says below; logging in with it in a terminal often helps.',
        detail,
        retry: 'transient',
      })
  }
}

/** The plugin is not installed; its entry's installHint is the remedy. */
export function execNotFound(context: string, spec: ExecSpec): SluiceError {
  const hint = redactText(spec.installHint, 1000)
  return new SluiceError(
    'ExecNotFound',
    `Context ${context}: exec plugin ${quoteName(spec.command)} is not installed`,
    {
      remedy: hint === '' ? 'Install it, or correct the command in the kubeconfig.' : hint,
    },
  )
}

interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly fault: Fault | null
}

/** What still runs: a plugin has a process group of its own and would outlive us. */
const running = new Set<() => void>()
let isExitHooked = false

function killAtExit(kill: () => void): () => void {
  running.add(kill)
  if (!isExitHooked) {
    isExitHooked = true
    process.once('exit', () => {
      for (const each of running) each()
    })
  }
  return () => running.delete(kill)
}

function runBounded(run: ExecRun): Promise<Outcome> {
  return new Promise((resolve) => {
    const isWindows = process.platform === 'win32'
    let child: ReturnType<typeof spawnPlugin>
    try {
      child = spawnPlugin(run, isWindows)
    } catch (error) {
      return resolve({ stdout: '', stderr: '', fault: { kind: 'start', code: codeOf(error) || 'not a valid command' } })
    }
    const output: Buffer[] = []
    let outputBytes = 0
    let errors = Buffer.alloc(0)
    let fault: Fault | null = null
    // SECURITY: item 10: the whole process group goes, else a hanging helper of the plugin stays behind.
    const kill = (): void => {
      try {
        if (isWindows || child.pid === undefined) child.kill('SIGKILL')
        else process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
    }
    const forget = killAtExit(kill)
    const stop = (why: Fault): void => {
      fault ??= why
      kill()
      settle()
    }
    let leftover: NodeJS.Timeout | undefined
    const timer = setTimeout(() => stop({ kind: 'timeout' }), run.timeoutMs)
    const settle = (): void => {
      clearTimeout(timer)
      clearTimeout(leftover)
      forget()
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ stdout: Buffer.concat(output).toString('utf8'), stderr: errors.toString('utf8'), fault })
    }
    child.stdout.on('data', (chunk: Buffer) => {
      outputBytes += chunk.length
      if (outputBytes > maxOutputBytes) stop({ kind: 'flood' })
      else output.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      errors = Buffer.concat([errors, chunk]).subarray(-maxErrorBytes)
    })
    child.stdout.on('error', () => undefined)
    child.stderr.on('error', () => undefined)
    child.on('error', (error) => stop({ kind: 'start', code: codeOf(error) }))
    child.on('exit', (code, signal) => {
      if (code !== 0) fault ??= { kind: 'exit', how: code === null ? `signal ${signal}` : `exit code ${code}` }
      // A helper that keeps the pipes open would hold back `close` for as long as it runs.
      leftover = setTimeout(settle, 500)
    })
    child.on('close', settle)
  })
}

function spawnPlugin(run: ExecRun, isWindows: boolean) {
  return spawn(run.program, [...run.spec.args], {
    env: { ...run.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: false,
    detached: !isWindows,
    windowsHide: true,
  })
}

/** The answer, or half a sentence on what is wrong with it. */
function readCredential(
  stdout: string,
  spec: ExecSpec,
): { readonly credential: ExecCredential | null; readonly complaint: string } {
  const bad = (complaint: string) => ({ credential: null, complaint })
  let answer: unknown
  try {
    answer = JSON.parse(stdout)
  } catch {
    return bad(stdout.trim() === '' ? 'printed nothing' : 'printed something other than JSON')
  }
  if (!isMap(answer) || own(answer, 'kind') !== 'ExecCredential')
    return bad('printed JSON that is not an ExecCredential')
  if (own(answer, 'apiVersion') !== spec.apiVersion)
    return bad(`answered in another version than ${quoteName(spec.apiVersion)}`)
  const status = own(answer, 'status')
  if (!isMap(status)) return bad('answered without a status')
  const text = (field: string): string | null => {
    const value = own(status, field)
    return typeof value === 'string' && value !== '' ? value : null
  }
  const token = text('token')
  const certPem = text('clientCertificateData')
  const keyPem = text('clientKeyData')
  if (token === null && certPem === null && keyPem === null)
    return bad('answered without a token or a client certificate')
  if ((certPem === null) !== (keyPem === null))
    return bad('answered with a client certificate or a client key, but not both')
  if (token !== null && !/^[\u0021-\u007e]+$/.test(token))
    return bad('answered with a token of characters that no header may carry')
  const expiry = text('expirationTimestamp')
  const expiresAt = expiry === null ? null : Date.parse(expiry)
  if (expiresAt !== null && Number.isNaN(expiresAt))
    return bad('answered with an expirationTimestamp that is not a time')
  return { credential: { token, certPem, keyPem, expiresAt }, complaint: '' }
}
