/** Reading the entries of `replacements:`, some of which name a file that holds one replacement or a list. Semantics: kustomize's ReplacementTransformer. */
import { BuildError } from '../build-error.ts'
import { decodeConfig, list } from '../kustomization/go-decode.ts'
import { replacementShape } from '../kustomization/types.ts'
import type { PatchFiles } from '../patch/patch-files.ts'
import { parseDocuments } from '../yaml/parse.ts'
import type { Replacement, ReplacementsConfig } from './transform-replacements.ts'

export interface ReplacementEntry extends Replacement {
  readonly path: string
}

/** All replacements in order, those of files included. Throws BuildError with upstream's texts. */
export function configureReplacements(
  entries: readonly ReplacementEntry[] | null,
  files: Pick<PatchFiles, 'readText'>,
): ReplacementsConfig {
  const replacements: Replacement[] = []
  for (const entry of entries ?? []) {
    if (entry.path === '') replacements.push(entry)
    else {
      if (entry.source !== null || (entry.targets ?? []).length > 0) {
        throw new BuildError('InvalidKustomization', 'cannot specify both path and inline replacement')
      }
      replacements.push(...readFile(files.readText(entry.path)))
    }
  }
  return { replacements }
}

function readFile(text: string): readonly Replacement[] {
  const [node] = parseDocuments(text, { dialect: 'v2' })
  if (node?.kind === 'sequence') return decodeConfig(node, list(replacementShape), 'v2') ?? []
  if (node?.kind === 'map') return [decodeConfig(node, replacementShape, 'v2')]
  const kind = node === undefined ? 'invalid' : goKind(node.tag)
  throw new BuildError(
    'InvalidKustomization',
    `unsupported replacement type encountered within replacement path: ${kind}`,
  )
}

function goKind(tag: string): string {
  if (tag === '!!null') return 'invalid'
  if (tag === '!!bool') return 'bool'
  return tag === '!!int' || tag === '!!float' ? 'float64' : 'string'
}
