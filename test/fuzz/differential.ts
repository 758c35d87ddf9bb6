/**
 * One case, built by the real kustomize and by ours, from the same files on disk. A case whose outputs differ in a byte is a difference, and
 * so is one that only one of them refuses; the wording of errors is compared and counted apart.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createDiskFiles } from '../../electron/adapters/files/disk-files.ts'
import { resolveBinaries } from '../../electron/adapters/control-plane/resolve-binaries.ts'
import type { BuildOptions } from '../../electron/engine/kustomize/build-context.ts'
import { BuildError } from '../../electron/engine/kustomize/build-error.ts'
import { createDocumentCache } from '../../electron/engine/kustomize/document-cache.ts'
import { printResources, runBuild } from '../../electron/engine/kustomize/run-build.ts'
import type { FuzzCase } from './generate-case.ts'

/** What a build ended with: its text, or the words of its error. */
export type Outcome =
  { readonly output: string; readonly error: null } | { readonly output: null; readonly error: string }

export type DifferenceKind = 'output' | 'refused' | 'accepted' | 'crash' | 'wording'

export interface Difference {
  readonly kind: DifferenceKind
  readonly native: Outcome
  readonly ours: Outcome
}

/** The real kustomize, built by the harness of the control plane where it is not there yet. */
export async function nativeKustomize(): Promise<string> {
  const { kustomize } = await resolveBinaries({ components: ['kustomize'] })
  if (kustomize === undefined) throw new Error('kustomize was not built')
  return kustomize
}

/** A folder for cases, with links followed so that messages name the same paths. */
export async function makeWorkFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), 'sluice-fuzz-')))
}

export async function writeCase(one: Pick<FuzzCase, 'files'>, folder: string): Promise<void> {
  for (const [path, text] of one.files) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

export function runNative(binary: string, one: FuzzCase, folder: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024, timeout: 30_000 }
    execFile(binary, ['build', one.target, ...one.args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ output: stdout, error: null })
      else resolve({ output: null, error: errorText(stderr) })
    })
  })
}

/** Without warnings, and without what differs from run to run. Of a panic, what it says. */
function errorText(stderr: string): string {
  const panic = /^panic: ([^]*?)(?: \[recovered.*\])?\n\ngoroutine /m.exec(stderr)?.[1]
  if (panic !== undefined) return panic.replaceAll('\n\t', '\n').trimEnd()
  const start = stderr.search(/^Error: /m)
  return (start < 0 ? stderr : stderr.slice(start + 'Error: '.length)).trimEnd()
}

export function runOurs(one: FuzzCase, folder: string): Outcome & { readonly isCrash: boolean } {
  try {
    const resources = runBuild(join(folder, one.target), {
      files: createDiskFiles(),
      options: optionsOf(one.args),
      documents: createDocumentCache(),
      checkpoint: () => undefined,
      warn: () => undefined,
    })
    return { output: printResources(resources), error: null, isCrash: false }
  } catch (error) {
    if (error instanceof BuildError) return { output: null, error: error.message.trimEnd(), isCrash: false }
    return {
      output: null,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      isCrash: true,
    }
  }
}

function optionsOf(args: readonly string[]): BuildOptions {
  return {
    loadRestrictions: args.includes('LoadRestrictionsNone') ? 'none' : 'rootOnly',
    reorder: args.includes('legacy') ? 'legacy' : 'none',
    hasManagedByLabel: args.includes('--enable-managedby-label'),
  }
}

/** How the two ends differ; null where they are equal. */
export function compareOutcomes(native: Outcome, ours: Outcome & { readonly isCrash: boolean }): Difference | null {
  const as = (kind: DifferenceKind): Difference => ({ kind, native, ours })
  if (ours.isCrash) return as('crash')
  if (native.error === null)
    return ours.error !== null ? as('refused') : native.output === ours.output ? null : as('output')
  if (ours.error === null) return as('accepted')
  return canonicalError(native.error) === canonicalError(ours.error) ? null : as('wording')
}

/** Addresses of Go values that upstream prints by accident. */
function canonicalError(text: string): string {
  return text.replaceAll(/0x[0-9a-f]{8,}/g, '0x…')
}

export interface Compared {
  readonly difference: Difference | null
  /** The real kustomize built it. */
  readonly isBuilt: boolean
}

/** Writes, builds twice and compares one case in a folder of its own below `workFolder`. */
export async function differ(binary: string, one: FuzzCase, workFolder: string, name: string): Promise<Compared> {
  const folder = join(workFolder, name)
  await writeCase(one, folder)
  try {
    const native = await runNative(binary, one, folder)
    return { difference: compareOutcomes(native, runOurs(one, folder)), isBuilt: native.error === null }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
