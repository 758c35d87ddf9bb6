/**
 * Builds the programs from the two committed Go modules into the cache. Every program is built beside its place and renamed
 * into it when it is whole; builds of several processes wait for each other on a lock file.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { SluiceError } from '../../../shared/model/errors.ts'
import { builds, linkerFlags, type Component, type GoModule } from './components.ts'
import { waitForLock } from './folder-lock.ts'
import { readLogTail, spawnGuarded } from './guarded-process.ts'
import { throwIfCanceled, type OnProgress } from './progress.ts'

export interface GoBuildOptions {
  readonly components: readonly Component[]
  readonly modules: readonly GoModule[]
  /** Folder of this key in the cache; programs end up in its bin/. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly onProgress?: OnProgress | undefined
  readonly signal?: AbortSignal | undefined
}

/** The version of the `go` on PATH as [major, minor], or null without one. */
export async function findGo(env: NodeJS.ProcessEnv): Promise<readonly [number, number] | null> {
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], { env })
    const match = /^go(\d+)\.(\d+)/.exec(stdout.trim())
    return match ? [Number(match[1]), Number(match[2])] : null
  } catch {
    return null
  }
}

/** Older ones cannot fetch the toolchain that the modules ask for. */
export function canBuildWith(version: readonly [number, number] | null): boolean {
  return version !== null && (version[0] > 1 || version[1] >= 21)
}

/** True if `file` is there, executable and not empty. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    const found = await stat(file)
    return found.isFile() && found.size > 0 && (found.mode & 0o111) !== 0
  } catch {
    return false
  }
}

/** Builds what is not there yet; rejects with SluiceError BuildFailed (tail of the compiler's output in detail) or Canceled. */
export async function buildComponents(options: GoBuildOptions): Promise<void> {
  const started = performance.now()
  const { components, folder, signal } = options
  const bin = path.join(folder, 'bin')
  await mkdir(bin, { recursive: true })
  const report = (step: string, index: number, detail: string): void =>
    options.onProgress?.({ step, index, of: components.length, detail, elapsedMs: performance.now() - started })

  throwIfCanceled(signal, 'build of the control plane')
  let lock
  try {
    lock = await waitForLock(path.join(folder, 'build.lock'), {
      signal,
      onWait: (pid) => report('wait for another build', 1, `process ${pid} is building the same programs`),
    })
  } catch (error) {
    throwIfCanceled(signal, 'build of the control plane')
    throw error
  }
  const work = path.join(folder, `build-${randomUUID()}`)
  try {
    for (const [position, component] of components.entries()) {
      const target = path.join(bin, component)
      if (await isProgram(target)) continue
      const step = `build ${component}`
      report(step, position + 1, '')
      await buildOne(component, work, options, (detail) => report(step, position + 1, detail))
      await rename(path.join(work, component), target)
    }
  } finally {
    await rm(work, { recursive: true, force: true })
    await lock.release()
  }
}

async function buildOne(
  component: Component,
  work: string,
  { modules, env, signal, folder }: GoBuildOptions,
  report: (detail: string) => void,
): Promise<void> {
  throwIfCanceled(signal, `build of ${component}`)
  const build = builds[component]
  const module = modules.find((candidate) => candidate.name === build.module)
  if (!module) throw new Error(`no Go module ${build.module}`)
  // A copy, because go wants to write beside go.mod and an installed application is read-only.
  const source = path.join(work, 'src', module.name)
  await mkdir(source, { recursive: true })
  await writeFile(path.join(source, 'go.mod'), module.goMod)
  await writeFile(path.join(source, 'go.sum'), module.goSum)

  const output = path.join(work, component)
  const logFile = path.join(folder, `build-${component}.log`)
  await writeFile(logFile, '')
  const version = await findGo(env)
  const needsNewer = version !== null && version[0] === 1 && version[1] < 26
  const args = ['build', '-v', '-mod=readonly', '-trimpath', '-ldflags', linkerFlags(modules), '-o', output]
  const go = await spawnGuarded('go', [...args, build.goPackage], {
    logFile,
    cwd: source,
    env: {
      ...env,
      CGO_ENABLED: '0',
      GOFLAGS: '',
      GOWORK: 'off',
      GOOS: '',
      GOARCH: '',
      ...(needsNewer ? { GOTOOLCHAIN: 'auto' } : {}),
    },
  })
  const onAbort = (): void => void go.stop(0)
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  const follow = followLog(logFile, report)
  const { code } = await go.exited
  await follow.end()
  signal?.removeEventListener('abort', onAbort)
  throwIfCanceled(signal, `build of ${component}`)
  if (code !== 0) {
    throw new SluiceError('BuildFailed', `go build of ${component} failed (exit ${code}); its output: ${logFile}`, {
      remedy: 'Building needs the Go module proxy or a filled module cache, and about 6 GB of free disk space.',
      detail: await readLogTail(logFile),
      retry: 'transient',
    })
  }
  await chmod(output, 0o755)
}

/** Reports the number of lines and the last one whenever the log grew; -v prints a line per compiled package. */
function followLog(file: string, report: (detail: string) => void): { end(): Promise<void> } {
  let last = ''
  const look = async (): Promise<void> => {
    const text = await readFile(file, 'utf8').catch(() => '')
    const lines = text.trimEnd().split('\n')
    const line = lines.at(-1) ?? ''
    if (line !== '' && line !== last) {
      last = line
      report(`${lines.length}: ${line}`)
    }
  }
  const timer = setInterval(() => void look(), 400)
  return {
    async end() {
      clearInterval(timer)
      await look()
    },
  }
}
