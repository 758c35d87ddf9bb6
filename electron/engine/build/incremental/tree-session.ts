/**
 * One opened folder as the Repositories view asks for it: what is in it, what each entry renders to, and what a change reaches. Runs in a
 * worker of the render pool; plain values in, plain values out.
 */
import type { RepositoryFault } from '../../../../shared/model/repository.ts'
import { BuildError } from '../../kustomize/build-error.ts'
import type { BuildErrorCode } from '../../kustomize/build-error.ts'
import { FileFault } from '../../kustomize/files.ts'
import { isInOrBelow, joinPath } from '../../kustomize/loader/paths.ts'
import type { Resource } from '../../kustomize/resource/resource.ts'
import { runBuild } from '../../kustomize/run-build.ts'
import { emitNode } from '../../kustomize/yaml/emit-v2.ts'
import type { RenderedObject, ScannedKustomization, TreeRender, TreeScan } from '../../repositories/renderer-port.ts'
import { nestedField, nestedString } from '../nested-field.ts'
import { originOf } from '../render-kustomization.ts'
import { createSecureRoot } from '../secure-root.ts'
import type { FluxTreeOptions, TreeKustomization } from './flux-tree.ts'
import { createFluxTree } from './flux-tree.ts'
import type { BuildSources } from './incremental-builds.ts'
import { createKustomizationFileReader } from './kustomization-files.ts'
import { buildKeyOf, dependenciesOf, drawTreeGraph, specPathOf } from './tree-graph.ts'

export interface TreeSession {
  scan(): TreeScan
  /** Null for a key that the last scan does not know. Throws BuildError Canceled when the build was stopped. */
  render(key: string): TreeRender | null
  /** Paths relative to the root; null: anything may have changed. */
  changed(paths: readonly string[] | null): { readonly isScanStale: boolean; readonly keys: readonly string[] }
}

interface PlainBuild {
  readonly objects: readonly RenderedObject[]
  readonly warnings: readonly string[]
  readonly error: RepositoryFault | null
}

export function createTreeSession(options: FluxTreeOptions): TreeSession {
  const { root, now, checkpoint, documents } = options
  const tree = createFluxTree(options)
  const reader = createKustomizationFileReader(tree.memo, root)
  let scan: TreeScan | null = null
  let scanText = ''
  let kustomizations: ReadonlySet<string> = new Set()
  let directories: ReadonlyMap<string, string> = new Map()

  function scanAnew(): TreeScan {
    const found = tree.scan()
    const files = reader.read(found.files)
    const { edges, included } = drawTreeGraph(found.kustomizations, files)
    kustomizations = new Set(found.kustomizations.map(({ key }) => key))
    directories = new Map(files.map(({ directory }) => [buildKeyOf(directory), directory]))
    const problems: RepositoryFault[] = found.problems.map(({ file, line, message }) =>
      fault('InvalidYaml', message, file, line),
    )
    for (const { file, problem } of files)
      if (problem !== null && !problems.some((known) => known.file === file))
        problems.push(fault(problem.code, problem.message, file, problem.line))
    return {
      kustomizations: found.kustomizations.map((one) => describe(one)),
      files: files.map(({ file, directory, isComponent }) => ({
        key: buildKeyOf(directory),
        file,
        directory,
        isComponent,
        isRoot: !included.has(buildKeyOf(directory)),
      })),
      edges,
      problems,
    }
  }

  function describe(one: TreeKustomization): ScannedKustomization {
    const { key, namespace, name, file, line, object } = one
    const path = specPathOf(one)
    const source = [
      nestedString(object, 'spec', 'sourceRef', 'kind') ?? '',
      nestedString(object, 'spec', 'sourceRef', 'namespace') ?? namespace,
      nestedString(object, 'spec', 'sourceRef', 'name') ?? '',
    ]
      .filter((part) => part !== '')
      .join('/')
    return {
      key,
      namespace,
      name,
      file,
      line,
      path,
      targetNamespace: nestedString(object, 'spec', 'targetNamespace') ?? '',
      isSuspended: nestedField(object, 'spec', 'suspend') === true,
      sourceRef: source,
      dependsOn: dependenciesOf(one),
      elsewhere:
        tree.files.stat(joinPath(root, path)) === 'directory'
          ? ''
          : `Its path ${path === '' ? '.' : path} is not in this folder; it may be in ${source}.`,
    }
  }

  function buildPlain(directory: string, { files }: BuildSources): PlainBuild {
    const warnings: string[] = []
    const path = joinPath(root, directory)
    try {
      const resources = runBuild(path, {
        files: createSecureRoot(files, root),
        options: { loadRestrictions: 'none', reorder: 'none', hasManagedByLabel: false },
        documents,
        checkpoint,
        warn: (message) => warnings.push(message),
      })
      return { objects: resources.resources().map((one) => present(one, path)), warnings, error: null }
    } catch (error) {
      if (error instanceof BuildError && error.code === 'Canceled') throw error
      return { objects: [], warnings, error: faultOf(error) }
    }
  }

  function present(resource: Resource, path: string): RenderedObject {
    const { apiVersion, kind, namespace, name, node } = resource
    const origin = originOf(resource, node.line, path, root)
    return { apiVersion, kind, namespace, name, yaml: emitNode(node), origin, sensitive: [] }
  }

  function faultOf(error: unknown): RepositoryFault {
    if (error instanceof BuildError)
      return fault(error.code, error.message, relative(error.place.file ?? ''), error.place.line ?? 0)
    if (error instanceof FileFault) return fault(error.code, error.message, relative(error.path), 0)
    throw error
  }

  function relative(path: string): string {
    if (path === root) return ''
    return path.startsWith('/') && isInOrBelow(path, root) ? path.slice(root === '/' ? 1 : root.length + 1) : path
  }

  return {
    scan() {
      scan = scanAnew()
      scanText = JSON.stringify(scan)
      return scan
    },
    render(key) {
      if (scan === null) this.scan()
      const startedAt = now()
      if (kustomizations.has(key)) {
        const { result, durationMs } = tree.render(key)
        const { objects, digest, warnings, assumptions, error } = result
        if (error?.code === 'Canceled') throw new BuildError('Canceled', error.message)
        return {
          key,
          objects,
          digest,
          durationMs,
          warnings,
          assumptions,
          error: error === null ? null : fault(error.code, error.message, error.file, error.line),
        }
      }
      const directory = directories.get(key)
      if (directory === undefined) return null
      const { result } = tree.build(key, (sources) => buildPlain(directory, sources), bytesOfPlain)
      return { key, ...result, digest: null, durationMs: now() - startedAt, assumptions: [] }
    },
    changed(paths) {
      const keys = tree.changed(paths?.map((path) => joinPath(root, path)) ?? null)
      if (scan === null) return { isScanStale: true, keys }
      // The edges and problems say more than the keys: the scan is made again, which costs little, and compared.
      return { isScanStale: JSON.stringify(scanAnew()) !== scanText, keys }
    },
  }
}

function bytesOfPlain({ objects }: PlainBuild): number {
  return objects.reduce((sum, { yaml }) => sum + yaml.length * 2 + 400, 500)
}

function fault(code: string, message: string, file: string, line: number): RepositoryFault {
  return { code, message, remedy: remedies[code as BuildErrorCode] ?? '', file, line }
}

const remedies: Partial<Record<string, string>> = {
  InvalidYaml: 'Correct the YAML at this place.',
  InvalidKustomization: 'Correct the kustomization file: the message names the field.',
  FileNotFound: 'Add the file, or take its name out of the kustomization file.',
  FileUnreadable: 'Give yourself the right to read the file, or take its name out of the kustomization file.',
  PathRefused: 'Move what is named into the folder, and name it by a relative path.',
  OutsideRoot: 'Move what is named into the folder: links and paths that lead out of it are not followed.',
  TooLarge: 'Take the file out of the kustomization, or split it.',
  Cycle: 'Take one of the folders out of the other: a base cannot hold itself.',
  RemoteNotFetched: 'Sluice fetches nothing here: copy the remote base into the folder to see it rendered.',
  NotSupported: 'kustomize-controller does not run this either; use a builtin in its place.',
  IdConflict: 'Rename one of the two objects, or include it once only.',
  LimitExceeded: 'Make the input smaller.',
}
