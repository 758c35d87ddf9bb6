/**
 * Finds the programs of the control plane, in this order: KUBEBUILDER_ASSETS (kube-apiserver and etcd there), the cache, an
 * archive source if the host brings one, `go build` where Go >= 1.21 is installed, else an error that names all of these.
 */
import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../../../shared/model/errors.ts'
import {
  allComponents,
  cacheKey,
  defaultCacheFolder,
  defaultModulesFolder,
  readGoModules,
  type Component,
} from './components.ts'
import { buildComponents, canBuildWith, findGo, isProgram } from './go-build.ts'
import { throwIfCanceled, type OnProgress } from './progress.ts'

/** Path of each program that was found or made. */
export type Binaries = Readonly<Partial<Record<Component, string>>>

/**
 * Extension point for the official release archives. An implementation must check what it downloads against a pinned digest
 * before it writes `target`, and answer false (not throw) where it is out of reach or has nothing for this platform.
 */
export interface ArchiveSource {
  fetchProgram(component: Component, target: string, signal: AbortSignal | undefined): Promise<boolean>
}

export interface ResolveOptions {
  readonly components: readonly Component[]
  readonly cacheFolder?: string | undefined
  /** Where go/control-plane and go/kwok lie; beside this file if not given. */
  readonly modulesFolder?: string | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
  readonly archives?: ArchiveSource | undefined
  readonly onProgress?: OnProgress | undefined
  readonly signal?: AbortSignal | undefined
}

/** What is there without downloading or building anything, and what is not. */
export async function locateBinaries(
  options: Pick<ResolveOptions, 'components' | 'cacheFolder' | 'modulesFolder' | 'env'>,
): Promise<{ found: Binaries; missing: readonly Component[]; folder: string }> {
  const env = options.env ?? process.env
  const modules = await readGoModules(options.modulesFolder ?? defaultModulesFolder)
  const folder = path.join(options.cacheFolder ?? defaultCacheFolder(env), 'control-plane', cacheKey(modules))
  const places = [path.join(folder, 'bin')]
  const assets = env['KUBEBUILDER_ASSETS']
  if (
    assets &&
    (await isProgram(path.join(assets, 'kube-apiserver'))) &&
    (await isProgram(path.join(assets, 'etcd')))
  ) {
    places.unshift(assets)
  }
  const found: Partial<Record<Component, string>> = {}
  for (const component of options.components) {
    for (const place of places) {
      const file = path.join(place, component)
      if (found[component] === undefined && (await isProgram(file))) found[component] = file
    }
  }
  return { found, missing: options.components.filter((component) => found[component] === undefined), folder }
}

/** All of `components`, built if need be. Rejects with SluiceError ToolMissing, BuildFailed or Canceled. */
export async function resolveBinaries(options: ResolveOptions): Promise<Binaries> {
  const env = options.env ?? process.env
  throwIfCanceled(options.signal, 'search for the control plane')
  const components = allComponents.filter((component) => options.components.includes(component))
  const first = await locateBinaries({ ...options, components })
  const { folder } = first
  let { missing } = first
  if (missing.length > 0 && options.archives) missing = await fetchArchives(missing, folder, options.archives, options)
  if (missing.length > 0) {
    const go = await findGo(env)
    if (!canBuildWith(go)) throw missingToolError(missing, go, folder)
    const modules = await readGoModules(options.modulesFolder ?? defaultModulesFolder)
    await buildComponents({ ...options, components: missing, modules, folder, env })
  }
  const after = await locateBinaries({ ...options, components })
  if (after.missing.length > 0) {
    throw new SluiceError('BuildFailed', `${after.missing.join(', ')} is missing in ${folder} after the build`)
  }
  return after.found
}

async function fetchArchives(
  missing: readonly Component[],
  folder: string,
  archives: ArchiveSource,
  { signal, onProgress }: ResolveOptions,
): Promise<readonly Component[]> {
  const started = performance.now()
  const left: Component[] = []
  const bin = path.join(folder, 'bin')
  await mkdir(bin, { recursive: true })
  for (const [position, component] of missing.entries()) {
    throwIfCanceled(signal, `download of ${component}`)
    const elapsedMs = performance.now() - started
    onProgress?.({ step: `download ${component}`, index: position + 1, of: missing.length, detail: '', elapsedMs })
    const part = path.join(bin, `.${component}-${process.pid}`)
    if (await archives.fetchProgram(component, part, signal)) {
      await chmod(part, 0o755)
      await rename(part, path.join(bin, component))
    } else {
      await rm(part, { force: true })
      left.push(component)
    }
  }
  return left
}

function missingToolError(
  missing: readonly Component[],
  go: readonly [number, number] | null,
  folder: string,
): SluiceError {
  const goWords = go ? `the go on PATH is ${go.join('.')}, older than 1.21` : 'there is no go on PATH'
  return new SluiceError('ToolMissing', `${missing.join(', ')} cannot be found or built: ${goWords}.`, {
    remedy:
      'One of these helps: install Go 1.21 or newer (it builds them once, in about six minutes); or point ' +
      'KUBEBUILDER_ASSETS at a folder with kube-apiserver and etcd (the envtest archive for this platform has both); or ' +
      `put the official release programs into ${path.join(folder, 'bin')}.`,
  })
}
