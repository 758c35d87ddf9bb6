/**
 * `sluice build`: kustomize build over the disk, or Flux's build of the Kustomizations in a file. Loads nothing but the renderer: no
 * engine, no clusters, no parser of command lines. Errors are worded as kustomize words them and end in exit code 1.
 */
import { createDiskFiles } from '../adapters/files/disk-files.ts'
import { toTreePath } from '../adapters/files/host-path.ts'
import { BuildError } from '../engine/kustomize/build-error.ts'
import { createDocumentCache } from '../engine/kustomize/document-cache.ts'
import { parseRepoSpec } from '../engine/kustomize/loader/repo-spec.ts'
import { FileFault } from '../engine/kustomize/files.ts'
import type { ResMap } from '../engine/kustomize/resource/res-map.ts'
import { printResources, runBuild } from '../engine/kustomize/run-build.ts'
import { encodeJson } from '../engine/kustomize/yaml/go-json.ts'
import { nodeToGoValue } from '../engine/kustomize/yaml/to-value.ts'
import type { BuildArguments } from './build-arguments.ts'
import { ArgumentError, buildHelp, parseBuildArguments } from './build-arguments.ts'
import { indentJson, writeError, writeOut } from './build-output.ts'

/** The exit code. */
export async function runBuildCommand(words: readonly string[]): Promise<number> {
  try {
    const wanted = parseBuildArguments(words)
    if (wanted === null) {
      await writeOut(buildHelp)
      return 0
    }
    for (const notice of wanted.notices) await writeError(notice)
    if (wanted.file !== null) {
      const { buildFluxFile } = await import('./build-flux.ts')
      return await buildFluxFile(wanted, wanted.file)
    }
    await writeOut(buildFolder(wanted))
    return 0
  } catch (error) {
    if (isClosedPipe(error)) return 0
    if (error instanceof ArgumentError) for (const notice of error.notices) await writeError(notice)
    await writeError(`Error: ${describe(error)}`)
    return 1
  }
}

function buildFolder(wanted: BuildArguments): string {
  const isPath = wanted.path !== '' && parseRepoSpec(wanted.path) === null
  const target = isPath ? toTreePath(wanted.path) : wanted.path
  const warnings: string[] = []
  try {
    const resources = runBuild(target, {
      files: createDiskFiles(),
      options: {
        loadRestrictions: wanted.loadRestrictions,
        reorder: wanted.reorder,
        hasManagedByLabel: wanted.hasManagedByLabel,
      },
      documents: createDocumentCache(),
      checkpoint: () => undefined,
      warn: (message) => warnings.push(message),
    })
    return print(resources, wanted.output)
  } catch (error) {
    if (!(error instanceof BuildError) || target === wanted.path) throw error
    // The build knows absolute paths alone; kustomize repeats the word that it was given.
    const message = error.message
      .replace(`evalsymlink failure on '${target}' `, () => `evalsymlink failure on '${wanted.path}' `)
      .replace(`must build at directory: '${target}': file`, () => `must build at directory: '${wanted.path}': file`)
    throw new BuildError(error.code, message, error.place, error)
  } finally {
    if (warnings.length > 0) process.stderr.write(`${warnings.join('\n')}\n`)
  }
}

function print(resources: ResMap, output: BuildArguments['output']): string {
  if (output === 'yaml') return printResources(resources)
  const all = resources.resources()
  if (output === 'name') return all.map(({ gvk, name }) => `${kindName(gvk)}/${name}\n`).join('')
  return `${indentJson(`[${all.map(({ node }) => encodeJson(nodeToGoValue(node))).join(',')}]`)}\n`
}

/** kubectl's form: `deployment.apps`. */
function kindName({ group, kind }: { readonly group: string; readonly kind: string }): string {
  const lower = kind.toLowerCase()
  return group === '' ? lower : `${lower}.${group}`
}

/** One text for stderr. Faults of ours keep their stack: they are to be reported, not understood. */
export function describe(error: unknown): string {
  if (error instanceof BuildError || error instanceof FileFault || error instanceof ArgumentError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

export function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}
