/** `sluice build -f FILE`: each Flux Kustomization of a file, rendered against a folder as kustomize-controller renders an artifact. */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createDiskFiles } from '../adapters/files/disk-files.ts'
import { toTreePath } from '../adapters/files/host-path.ts'
import type { FileProblem, FoundKustomization } from '../engine/build/find-kustomizations.ts'
import { findInText } from '../engine/build/find-kustomizations.ts'
import { renderKustomization } from '../engine/build/render-kustomization.ts'
import type { FluxRenderResult } from '../engine/build/render-result.ts'
import { createDocumentCache } from '../engine/kustomize/document-cache.ts'
import { decodeText } from '../engine/kustomize/yaml/parse.ts'
import type { BuildArguments } from './build-arguments.ts'
import { ArgumentError } from './build-arguments.ts'
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
  const render = ({ object }: FoundKustomization): FluxRenderResult =>
    renderKustomization({
      object,
      root,
      files: disk,
      variables,
      decryptor: null,
      isStrict: true,
      documents,
      checkpoint: () => undefined,
      sha256Hex: (content) => hash('sha256', content),
    })
  const isFailed = wanted.output === 'json' ? await printRows(found, render) : await printTexts(found, render)
  return isFailed || problems.length > 0 ? 1 : 0
}

async function printTexts(
  found: readonly FoundKustomization[],
  render: (one: FoundKustomization) => FluxRenderResult,
): Promise<boolean> {
  let isFailed = false
  let isFirst = true
  for (const one of found) {
    const result = render(one)
    for (const note of [...result.warnings, ...result.assumptions.map(({ message }) => message)])
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

async function printRows(
  found: readonly FoundKustomization[],
  render: (one: FoundKustomization) => FluxRenderResult,
): Promise<boolean> {
  let isFailed = false
  const rows = found.map((one) => {
    const { digest, bytes, objects, error } = render(one)
    isFailed ||= error !== null
    return {
      namespace: one.namespace,
      name: one.name,
      digest,
      bytes,
      documents: objects.length,
      error: error === null ? null : { code: error.code, message: error.message },
    }
  })
  await writeOut(`${JSON.stringify(rows, null, 2)}\n`)
  return isFailed
}

function titleOf({ namespace, name }: FoundKustomization): string {
  return namespace === '' ? name : `${namespace}/${name}`
}
