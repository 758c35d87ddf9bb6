/** `sluice render DIR`: every Flux Kustomization that a folder holds, a line each; with `--watch` again and again what a change reaches. */
import { hash } from 'node:crypto'
import { watch } from 'node:fs'
import { createDiskFiles } from '../adapters/files/disk-files.ts'
import { toTreePath } from '../adapters/files/host-path.ts'
import type { UserDecryption } from '../engine/build/build-decryption.ts'
import type { FluxTree, RenderedEntry } from '../engine/build/incremental/flux-tree.ts'
import { createFluxTree } from '../engine/build/incremental/flux-tree.ts'
import { createDocumentCache } from '../engine/kustomize/document-cache.ts'
import type { RenderArguments } from './build-arguments.ts'
import { parseRenderArguments, renderHelp } from './build-arguments.ts'
import { describe, isClosedPipe } from './build-command.ts'
import { createCliDecryption, untilDecrypted } from './build-decryption.ts'
import { writeError, writeOut } from './build-output.ts'
import { everywhere, readVariables, unknownEverywhere } from './build-variables.ts'

/** Changes come in bursts: an editor writes, renames and removes within this time. */
const burstMs = 60

/** The exit code: 1 if any of them failed. `--watch` goes on until it is interrupted. */
export async function runRenderCommand(words: readonly string[]): Promise<number> {
  try {
    const wanted = parseRenderArguments(words)
    if (wanted === null) {
      await writeOut(renderHelp)
      return 0
    }
    return await render(wanted)
  } catch (error) {
    if (isClosedPipe(error)) return 0
    await writeError(`Error: ${describe(error)}`)
    return 1
  }
}

async function render(wanted: RenderArguments): Promise<number> {
  const disk = createDiskFiles()
  const root = disk.realPath(toTreePath(wanted.folder))
  const variables =
    wanted.variablesFile === null
      ? unknownEverywhere
      : everywhere(readVariables(wanted.variablesFile, disk.read(toTreePath(wanted.variablesFile))))
  const decryption = createCliDecryption(wanted.decryption)
  const tree = createFluxTree({
    files: disk,
    root,
    variables,
    decryption,
    documents: createDocumentCache(),
    contentKey: (bytes) => hash('sha1', bytes, 'base64'),
    sha256Hex: (content) => hash('sha256', content),
    now: () => performance.now(),
    checkpoint: () => undefined,
  })
  const entries = await renderAll(tree, decryption, true)
  if (wanted.isWatching) await follow(root, tree, decryption)
  return entries.some(({ result }) => result.error !== null) ? 1 : 0
}

async function renderAll(
  tree: FluxTree,
  decryption: UserDecryption | null,
  isFirst: boolean,
): Promise<readonly RenderedEntry[]> {
  const startedAt = performance.now()
  const { kustomizations, problems } = tree.scan()
  const rendered = new Map<string, RenderedEntry>()
  await untilDecrypted(decryption, () => {
    for (const { key } of kustomizations)
      if (rendered.get(key)?.isWaiting !== false) rendered.set(key, tree.render(key))
    return [...rendered.values()].some(({ isWaiting }) => isWaiting)
  })
  const entries = [...rendered.values()]
  for (const { file, line, message } of problems)
    await writeError(`Error: ${file}${line > 0 ? `:${line}` : ''}: ${message}`)
  const shown = isFirst ? entries : entries.filter(({ isReused }) => !isReused)
  const width = Math.max(0, ...shown.map(({ title }) => title.length))
  const lines = shown.map((entry) => `${lineOf(entry, width)}\n`)
  const failed = entries.filter(({ result }) => result.error !== null).length
  const tookMs = Math.round(performance.now() - startedAt)
  const counts = [
    isFirst ? `${entries.length} Kustomizations` : `${shown.length} of ${entries.length} Kustomizations`,
    `${entries.reduce((sum, { result }) => sum + result.objects.length, 0)} objects`,
    `${failed} failed`,
    `${tookMs} ms`,
  ]
  await writeOut(`${lines.join('')}${counts.join(', ')}\n`)
  return entries
}

function lineOf({ title, result, durationMs }: RenderedEntry, width: number): string {
  const took = `${durationMs.toFixed(1)} ms`.padStart(10)
  const count = result.error === null ? `${result.objects.length} objects`.padStart(13) : 'failed'.padStart(13)
  // What is still encrypted often makes the build fail: the key is what is to be mended.
  const missing = result.assumptions.find(({ kind }) => kind === 'undecryptable')
  const notes = result.error === null ? unknownOf(result) : (missing?.message ?? result.error.message)
  return `${title.padEnd(width)} ${count} ${took}  ${notes.replaceAll(/\s+/g, ' ')}`.trimEnd()
}

/** How much is unknown; where a key is missing, which, and what is wrong with those that there are. */
function unknownOf({ assumptions, warnings }: RenderedEntry['result']): string {
  if (assumptions.length === 0) return ''
  const missing = assumptions.find(({ kind }) => kind === 'undecryptable')
  const why = missing === undefined ? [] : [missing.message, ...warnings]
  return [`${assumptions.length} unknown`, ...why].join(': ')
}

/** Never resolves: the process is interrupted. Rejects when the folder cannot be watched any more. */
async function follow(root: string, tree: FluxTree, decryption: UserDecryption | null): Promise<void> {
  await new Promise<never>((_, reject) => {
    const changed = new Set<string>()
    let timer: NodeJS.Timeout | null = null
    let isUnnamed = false
    const rerender = (): void => {
      timer = null
      decryption?.refresh()
      tree.changed(isUnnamed ? null : [...changed])
      changed.clear()
      isUnnamed = false
      renderAll(tree, decryption, false).catch(reject)
    }
    watch(root, { recursive: true }, (_event, name) => {
      if (name !== null && /(^|[/\\])\.git([/\\]|$)/.test(name)) return
      if (name === null) isUnnamed = true
      else changed.add(`${root}/${name.replaceAll('\\', '/')}`)
      timer ??= setTimeout(rerender, burstMs)
    }).on('error', reject)
  })
}
