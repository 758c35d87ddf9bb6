/**
 * flux-manifests/: Flux's manifests out of the user's own `flux`, out of files that the user picked, or out of a release. Owns starting the program,
 * reading files and checking what was downloaded; must not know what manifests mean. Nothing of them is kept.
 */
import { execFile } from 'node:child_process'
import { lstat, readdir, readFile, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { FluxManifests, ManifestFile } from '../../engine/reconcile/hand-over/manifests-port.ts'
import type { ArtifactTransport } from '../../engine/source/artifact-port.ts'
import { redactText } from '../kube/plain-text.ts'
import { findProgram } from '../kube/program-file.ts'
import { createReleaseDownload } from './flux-release.ts'

export interface FluxManifestsOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** PATH of the login shell. */
  readonly path: () => Promise<string>
  readonly timeoutMs?: number
  /** Of releases: must follow redirects to other hosts. */
  readonly transport: Pick<ArtifactTransport, 'download'>
}

/** A whole installation is a third of a megabyte. */
const maxBytes = 8 * 1024 * 1024
const maxFiles = 64
const maxErrorChars = 2000
const defaultTimeoutMs = 60_000
/** Nobody listens there: a program that would fetch something fails at once, and says what. */
const nowhere = 'http://127.0.0.1:9'
const passedNames = ['HOME', 'USERPROFILE', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LANG'] as const

export function createFluxManifests(options: FluxManifestsOptions): FluxManifests {
  const { timeoutMs = defaultTimeoutMs } = options

  async function run(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
    // SECURITY: item 10: an absolute path, no shell, a small environment without kubeconfig or credentials, bounded time and output; proxies that
    // lead nowhere keep it off the network.
    const env: Record<string, string> = {
      PATH: await options.path(),
      KUBECONFIG: process.platform === 'win32' ? 'NUL' : '/dev/null',
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere,
      NO_PROXY: '',
    }
    for (const name of passedNames) {
      const value = options.env[name]
      if (value !== undefined) env[name] = value
    }
    return new Promise((resolve, reject) => {
      execFile(
        program,
        [...args],
        { env, signal, timeout: timeoutMs, maxBuffer: maxBytes, killSignal: 'SIGKILL', windowsHide: true },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout)
          else reject(toError(error, program, args, stderr))
        },
      )
    })
  }

  function toError(
    error: Error & { readonly code?: unknown; readonly killed?: boolean },
    program: string,
    args: readonly string[],
    stderr: string,
  ): SluiceError {
    if (error.name === 'AbortError') return new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
    const what = `${program} ${args.slice(0, 2).join(' ')}`
    const detail = redactText(stderr, maxErrorChars, [])
    const remedy = 'Run the command in a terminal and look at what it prints, or choose a file of manifests.'
    if (error.code === 'ENOENT' || error.code === 'EACCES')
      return new SluiceError('ExecNotFound', `${program} cannot be started`, { remedy: 'Install the Flux CLI.' })
    if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
      return new SluiceError('ExecOutputInvalid', `${what} prints more than manifests`, { remedy })
    if (error.killed === true)
      return new SluiceError('ExecTimeout', `${what} did not end within ${String(timeoutMs / 1000)} s`, {
        remedy,
        detail,
      })
    return new SluiceError('ExecFailed', `${what} failed`, { remedy, detail })
  }

  return {
    async findProgram(signal) {
      const found = await findProgram('flux', await options.path())
      if (found === null) return null
      const answer = await run(found.path, ['version', '--client', '-o', 'json'], signal)
      const version = /"flux"\s*:\s*"(v[0-9A-Za-z.+-]{1,64})"/.exec(answer)?.[1]
      if (version === undefined)
        throw new SluiceError('ExecOutputInvalid', `${found.path} does not tell its version`, {
          remedy: 'Is it the Flux CLI? Version 2 is needed.',
        })
      return { path: found.path, version }
    },
    exportFrom: (program, namespace, signal) =>
      run(program, ['install', '--export', `--namespace=${namespace}`], signal),
    read: readPicked,
    ...createReleaseDownload({ base: options.env['SLUICE_FLUX_RELEASES'], transport: options.transport, maxBytes }),
  }
}

async function readPicked(path: string): Promise<readonly ManifestFile[]> {
  const real = await realpath(path).catch((error: unknown) => {
    throw new SluiceError('NotFound', `${path} does not exist`, { cause: error })
  })
  const facts = await lstat(real)
  if (facts.isFile()) return [await readOne(real, basename(real))]
  if (!facts.isDirectory()) throw new SluiceError('InvalidInput', `${path} is neither a file nor a folder`)
  const names = (await readdir(real)).filter((name) => /\.ya?ml$/i.test(name)).sort()
  if (names.length > maxFiles)
    throw new SluiceError('InvalidInput', `${path} holds more than ${String(maxFiles)} YAML files`, {
      remedy: 'Choose the folder, or the file, that holds Flux’s manifests alone.',
    })
  const files: ManifestFile[] = []
  // SECURITY: item 11: only regular files of the folder itself: a link may lead anywhere.
  for (const name of names)
    if ((await lstat(join(real, name))).isFile()) files.push(await readOne(join(real, name), name))
  return files
}

async function readOne(file: string, name: string): Promise<ManifestFile> {
  const { size } = await lstat(file)
  if (size > maxBytes)
    throw new SluiceError('InvalidInput', `${file} is too large for Flux’s manifests`, {
      remedy: 'Choose the file that `flux install --export` printed.',
    })
  return { name, text: await readFile(file, 'utf8') }
}
