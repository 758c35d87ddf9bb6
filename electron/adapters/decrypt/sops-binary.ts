/**
 * The user's own `sops`, for documents whose data key only a cloud service can unwrap (AWS KMS, GCP KMS, Azure Key Vault, Vault, age
 * plugins, a passphrase in gpg-agent). Nothing here runs unless the user asked for it; the program runs as the user, with the user's
 * credentials, on one document at a time. Owns the process; what the answer means is the engine's (recover-keys.ts).
 *
 * SECURITY: no shell; the document (ciphertext) goes in as a 0600 file in a 0700 folder, never in an argument; plaintext comes back through
 * a pipe only; time, output and environment are limited; what sops says on stderr is shown with everything that may be secret cut out.
 */
import { spawn } from 'node:child_process'
import { access, constants, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import type { SopsFormat } from '../../engine/decrypt/decryptor.ts'
import type { ExternalSops } from '../../engine/decrypt/recover-keys.ts'

export interface SopsBinaryOptions {
  /** Absolute path of the program. */
  readonly program: string
  /** What the program may see of it is chosen by name: see `passedVariables`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly timeoutMs?: number
  readonly maxOutputBytes?: number
}

const defaultTimeoutMs = 20_000
const defaultMaxOutputBytes = 16 * 1024 * 1024
const maxStderrBytes = 64 * 1024
const maxMessageLength = 2000
/** sops's exit code for a MAC that does not fit. */
const macMismatchCode = 51

/** Where credentials, keys and proxies of the key services are looked for. */
const passedVariables =
  /^(?:HOME|USER|LOGNAME|PATH|TMPDIR|TEMP|TMP|LANG|LC_ALL|SYSTEMROOT|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|GNUPGHOME|GPG_TTY|SSL_CERT_FILE|SSL_CERT_DIR|HTTPS?_PROXY|NO_PROXY|XDG_.*|AWS_.*|AZURE_.*|GOOGLE_.*|CLOUDSDK_.*|GCLOUD_.*|VAULT_.*|BAO_.*|HUAWEICLOUD_.*|SOPS_.*)$/i

function chooseEnvironment(all: SopsBinaryOptions['environment']): Record<string, string> {
  const chosen: Record<string, string> = {}
  for (const [name, value] of Object.entries(all))
    if (value !== undefined && passedVariables.test(name)) chosen[name] = value
  // no request to anybody but the key services
  chosen.SOPS_DISABLE_VERSION_CHECK = '1'
  return chosen
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** Absolute path of `sops` on PATH, null where there is none. Entries that are not absolute are skipped: they depend on the folder. */
export async function findSopsBinary(
  path: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string | null> {
  const name = platform === 'win32' ? 'sops.exe' : 'sops'
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue
    const candidate = join(folder, name)
    if (await isProgram(candidate)) return candidate
  }
  return null
}

/** What sops wrote on stderr, fit to be shown: ciphertext, keys, tokens and our own file names are cut out. */
export function redactSopsMessage(text: string, folder: string): string {
  const shown = text
    .replaceAll(folder, '')
    // eslint-disable-next-line no-control-regex -- colours and other control characters of a terminal
    .replace(/\u001b\[[0-9;]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/ENC\[[^\]]*\]?/g, '<encrypted>')
    .replace(/AGE-(?:SECRET-KEY|PLUGIN)-[A-Z0-9-]+/gi, '<key>')
    .replace(/-----BEGIN [\s\S]*?(?:-----END [^\n]*-----|$)/g, '<key>')
    .replace(/Input string .* does not match/g, 'Input string <redacted> does not match')
    .replace(
      /\b(?:hv[sbr]|s)\.[A-Za-z0-9_-]{20,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bey[A-Za-z0-9_-]+\.[\w-]+\.[\w-]*/g,
      '<token>',
    )
    .trim()
  return shown.length > maxMessageLength ? `${shown.slice(0, maxMessageLength)}…` : shown
}

interface Outcome {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
  readonly stopped: 'timeout' | 'output' | null
}

function killGroup(pid: number | undefined, isLeader: boolean): void {
  if (pid === undefined) return
  try {
    process.kill(isLeader ? -pid : pid, 'SIGKILL')
  } catch {
    // it has ended by itself
  }
}

function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string>; timeoutMs: number; maxOutputBytes: number },
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const { cwd, env, timeoutMs, maxOutputBytes } = options
    // a group of its own, so that what sops starts (gpg, age plugins) ends with it
    const detached = process.platform !== 'win32'
    const child = spawn(program, [...args], {
      cwd,
      env,
      detached,
      shell: false,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    let stdoutBytes = 0
    let stderrBytes = 0
    let stopped: Outcome['stopped'] = null
    const stop = (why: 'timeout' | 'output'): void => {
      stopped ??= why
      killGroup(child.pid, detached)
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const timer = setTimeout(() => stop('timeout'), timeoutMs)
    child.stdout.on('data', (chunk: Buffer) => {
      stdoutBytes += chunk.length
      if (stdoutBytes > maxOutputBytes) stop('output')
      else stdout.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderrBytes < maxStderrBytes) stderr.push(chunk.subarray(0, maxStderrBytes - stderrBytes))
      stderrBytes += chunk.length
    })
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8'), stopped })
    })
  })
}

/** Asks `program` to decrypt documents. */
export function createSopsBinary(options: SopsBinaryOptions): ExternalSops {
  const { program, environment, timeoutMs = defaultTimeoutMs, maxOutputBytes = defaultMaxOutputBytes } = options
  const env = chooseEnvironment(environment)

  async function decryptIn(folder: string, document: Uint8Array, format: SopsFormat, ignoresMac: boolean) {
    const file = join(folder, 'document')
    await writeFile(file, document, { mode: 0o600, flag: 'wx' })
    // these flags are as old as sops 2 and still there
    const flags = [
      '--decrypt',
      '--input-type',
      format,
      '--output-type',
      format,
      ...(ignoresMac ? ['--ignore-mac'] : []),
    ]
    const outcome = await run(program, [...flags, file], { cwd: folder, env, timeoutMs, maxOutputBytes })
    if (outcome.code === 0 && outcome.stopped === null)
      return { ok: true as const, plain: new Uint8Array(outcome.stdout) }
    const reason =
      outcome.stopped === 'timeout'
        ? `it did not answer within ${timeoutMs / 1000} s`
        : outcome.stopped === 'output'
          ? `it wrote more than ${maxOutputBytes} bytes`
          : redactSopsMessage(outcome.stderr, folder) || `it ended with code ${String(outcome.code)}`
    return {
      ok: false as const,
      message: reason,
      isMacMismatch: outcome.code === macMismatchCode && outcome.stopped === null,
    }
  }

  return {
    async decrypt(document, format, { ignoresMac }) {
      if (!isAbsolute(program)) return { ok: false, message: `${program}: not an absolute path`, isMacMismatch: false }
      const folder = await mkdtemp(join(tmpdir(), 'sluice-sops-'))
      try {
        return await decryptIn(folder, document, format, ignoresMac)
      } catch (error) {
        const message = error instanceof Error ? redactSopsMessage(error.message, folder) : 'it could not be started'
        return { ok: false, message, isMacMismatch: false }
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}
