/**
 * What a control plane is made of: program names, the Go packages they are built from and the key of the cache they live in.
 * The versions themselves are pinned in go/control-plane/go.mod and go/kwok/go.mod, nowhere else.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export type Component = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kwok' | 'kustomize'

interface Build {
  /** Folder below go/ whose go.mod names the package as a tool. */
  readonly module: 'control-plane' | 'kwok'
  readonly goPackage: string
}

/** In build order: what everything else waits for comes first. kustomize is for differential tests and benches only. */
export const builds: Readonly<Record<Component, Build>> = {
  etcd: { module: 'control-plane', goPackage: 'go.etcd.io/etcd/server/v3' },
  'kube-apiserver': { module: 'control-plane', goPackage: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  'kube-controller-manager': { module: 'control-plane', goPackage: 'k8s.io/kubernetes/cmd/kube-controller-manager' },
  'kube-scheduler': { module: 'control-plane', goPackage: 'k8s.io/kubernetes/cmd/kube-scheduler' },
  kwok: { module: 'kwok', goPackage: 'sigs.k8s.io/kwok/cmd/kwok' },
  kustomize: { module: 'kwok', goPackage: 'sigs.k8s.io/kustomize/kustomize/v5' },
}

/** All components in build order. */
export const allComponents = Object.keys(builds) as readonly Component[]

/** A Go module as text, so that it can be laid out in a writable folder wherever the application itself is installed. */
export interface GoModule {
  readonly name: Build['module']
  readonly goMod: string
  readonly goSum: string
}

/** Folder of the two committed Go modules beside this file (a bundle passes its own). */
export const defaultModulesFolder = fileURLToPath(new URL('./go', import.meta.url))

/** Reads go.mod and go.sum of both modules from `modulesFolder`. */
export async function readGoModules(modulesFolder: string): Promise<readonly GoModule[]> {
  return Promise.all(
    (['control-plane', 'kwok'] as const).map(async (name) => ({
      name,
      goMod: await readFile(path.join(modulesFolder, name, 'go.mod'), 'utf8'),
      goSum: await readFile(path.join(modulesFolder, name, 'go.sum'), 'utf8'),
    })),
  )
}

/** The version of k8s.io/kubernetes that the module pins, with its leading v. */
function kubernetesVersion(modules: readonly GoModule[]): string {
  const version = modules.flatMap((module) => /^\s*k8s\.io\/kubernetes (v\S+)/m.exec(module.goMod)?.[1] ?? [])[0]
  if (version === undefined) throw new Error('go/control-plane/go.mod does not require k8s.io/kubernetes')
  return version
}

/** The -ldflags of every build: without the version, kubectl cannot parse the server's. */
export function linkerFlags(modules: readonly GoModule[]): string {
  const version = kubernetesVersion(modules)
  const [major = '', minor = ''] = version.slice(1).split('.')
  const at = 'k8s.io/component-base/version'
  return `-s -w -X ${at}.gitVersion=${version} -X ${at}.gitMajor=${major} -X ${at}.gitMinor=${minor}`
}

/** Name of the cache folder of these builds: version, platform and a hash over everything that decides what is built. */
export function cacheKey(modules: readonly GoModule[]): string {
  const hash = createHash('sha256').update(linkerFlags(modules)).update(JSON.stringify(builds))
  for (const module of modules) hash.update(`\0${module.name}\0${module.goMod}\0${module.goSum}`)
  return `${kubernetesVersion(modules)}-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 12)}`
}

/** The application's cache folder: SLUICE_CACHE_DIR, else XDG_CACHE_HOME/sluice, else ~/.cache/sluice. */
export function defaultCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['SLUICE_CACHE_DIR']) return path.resolve(env['SLUICE_CACHE_DIR'])
  return path.join(env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'sluice')
}
