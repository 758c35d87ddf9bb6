/** Reads an archive of real repositories: its tree, its cases and what kustomize-controller's own code rendered of each. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { KubeObject } from '../apply-manifests.ts'
import { parseManifests } from '../apply-manifests.ts'

export interface FluxKustomization extends KubeObject {
  readonly spec: {
    readonly path?: string
    readonly sourceRef?: { readonly kind: string; readonly name: string; readonly namespace?: string }
    readonly dependsOn?: readonly { readonly name: string; readonly namespace?: string }[]
    readonly targetNamespace?: string
    readonly postBuild?: {
      readonly substituteFrom?: readonly { readonly kind: string; readonly name: string; readonly optional?: boolean }[]
    }
  }
}

export interface FleetCase {
  /** Path in the tree of the file that holds the Kustomization. */
  readonly file: string
  readonly name: string
  readonly object: FluxKustomization
  readonly error?: string
  /** What it renders to; empty where it fails. */
  readonly rendered: readonly KubeObject[]
}

export interface FleetArchive {
  /** owner/name of the repository. */
  readonly source: string
  readonly commit: string
  readonly treeFolder: string
  readonly variables: Readonly<Record<string, string>>
  readonly cases: readonly FleetCase[]
}

/** Unpacks `archive` (tar.xz) into `into` and reads it; needs tar and xz on PATH. */
export async function readFleetArchive(archive: string, into: string): Promise<FleetArchive> {
  await mkdir(into, { recursive: true })
  await promisify(execFile)('tar', ['-xJf', archive, '-C', into])
  const [root = ''] = await readdir(into)
  const folder = path.join(into, root)
  const file = JSON.parse(await readFile(path.join(folder, 'cases.json'), 'utf8')) as {
    source: string
    commit: string
    variables?: Record<string, string>
    cases: (Omit<FleetCase, 'rendered'> & { expected?: string })[]
  }
  const cases = await Promise.all(
    file.cases.map(async ({ expected, ...rest }) => ({
      ...rest,
      rendered: expected ? parseManifests(await readFile(path.join(folder, expected), 'utf8')) : [],
    })),
  )
  return {
    source: file.source,
    commit: file.commit,
    treeFolder: path.join(folder, 'tree'),
    variables: file.variables ?? {},
    cases,
  }
}
