/** `sluice build -f FILE`: each Flux Kustomization of a file, rendered against a folder as kustomize-controller renders an artifact. */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createDiskFiles } from '../adapters/files/disk-files.ts'
import { toTreePath } from '../adapters/files/host-path.ts'
import type { FileProblem, FoundKustomization } from '../engine/build/find-kustomizations.ts'
import { findInText } from '../engine/build/find-kustomizations.ts'
import type { UserDecryption } from '../engine/build/build-decryption.ts'
import { asksForDecryption } from '../engine/build/build-decryption.ts'
import { renderKustomization } from '../engine/build/render-kustomization.ts'
import type { FluxRenderResult } from '../engine/build/render-result.ts'
import { createDocumentCache } from '../engine/kustomize/document-cache.ts'
import { decodeText } from '../engine/kustomize/yaml/parse.ts'
import type { BuildArguments } from './build-arguments.ts'
import { ArgumentError } from './build-arguments.ts'
import { createCliDecryption, errorOf, untilDecrypted } from './build-decryption.ts'
import { writeError, writeOut } from './build-output.ts'
import { everywhere, readVariables, unknownEverywhere } from './build-variables.ts'

/** The exit code: 1 if any of them failed; the others are rendered all the same. */
export async function buildFluxFile(wanted: BuildArguments, file: string): Promise<number> {
  const disk = createDiskFiles()
  const problems: FileProblem[] = []
  const text = decodeText(file === '-' ? readFileSync(0) : disk.read(toTreePath(file)))
  const found = findInText(text, file, problems)
  for (const { line, message } of problems) await writeError(`Error: ${file}${line > 0 ? `:${line}` : ''}: ${message}`)
  if (found.length === 0 && problems.length === 0)
    throw new ArgumentError(`${file} holds no Kustomization of kustomize.toolkit.fluxcd.io`)

  const variables =
    wanted.variablesFile === null
      ? unknownEverywhere
      : everywhere(readVariables(wanted.variablesFile, disk.read(toTreePath(wanted.variablesFile))))
  const documents = createDocumentCache()
  const root = disk.realPath(toTreePath(wanted.root))
  const decryption = createCliDecryption(wanted.decryption)
  const render: Render = async ({ object }) => {
    let result: FluxRenderResult | null = null
    await untilDecrypted(decryption, () => {
      const keys = decryption !== null && asksForDecryption(object) ? decryption.begin(disk) : null
      const built = renderKustomization({
        object,
        root,
        files: keys?.files ?? disk,
        variables,
        decryptor: keys?.decryptor ?? null,
        isStrict: true,
        documents,
        checkpoint: () => undefined,
        sha256Hex: (content) => hash('sha256', content),
      })
      const finished = keys?.finish(built) ?? { result: built, isWaiting: false }
      result = finished.result
      return finished.isWaiting
    })
    return withError(result!, decryption)
  }
  const isFailed = wanted.output === 'json' ? await printRows(found, render) : await printTexts(found, render)
  return isFailed || problems.length > 0 ? 1 : 0
}

type Render = (one: FoundKustomization) => Promise<FluxRenderResult>

/** Output with something encrypted in it is not what was asked for: it counts as failed. */
function withError(result: FluxRenderResult, decryption: UserDecryption | null): FluxRenderResult {
  const error = errorOf(result, decryption)
  return error === null ? result : { ...result, objects: [], text: '', bytes: 0, digest: null, error }
}

async function printTexts(found: readonly FoundKustomization[], render: Render): Promise<boolean> {
  let isFailed = false
  let isFirst = true
  for (const one of found) {
    const result = await render(one)
    const assumed = result.assumptions.filter(({ message }) => message !== result.error?.message)
    for (const note of [...result.warnings, ...assumed.map(({ message }) => message)])
      await writeError(`Warning: ${titleOf(one)}: ${note}`)
    if (result.error !== null) {
      isFailed = true
      await writeError(`Error: ${titleOf(one)}: ${result.error.message}`)
      continue
    }
    if (result.text === '') continue
    await writeOut(isFirst ? result.text : `---\n${result.text}`)
    isFirst = false
  }
  return isFailed
}

async function printRows(found: readonly FoundKustomization[], render: Render): Promise<boolean> {
  let isFailed = false
  const rows = []
  for (const one of found) {
    const { digest, bytes, objects, warnings, error } = await render(one)
    isFailed ||= error !== null
    // Not everything that is wrong with the user's keys has a place in the row.
    if (error?.code === 'DecryptionFailed')
      for (const note of warnings) await writeError(`Warning: ${titleOf(one)}: ${note}`)
    rows.push({
      namespace: one.namespace,
      name: one.name,
      digest,
      bytes,
      documents: objects.length,
      error: error === null ? null : { code: error.code, message: error.message },
    })
  }
  await writeOut(`${JSON.stringify(rows, null, 2)}\n`)
  return isFailed
}

function titleOf({ namespace, name }: FoundKustomization): string {
  return namespace === '' ? name : `${namespace}/${name}`
}
