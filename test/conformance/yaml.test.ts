/** kyaml's tables on YAML itself: merge keys, JSON to YAML and back, and which words YAML 1.1 reads as something else than text. */
import { describe, expect, it } from 'vitest'
import { BuildError } from '../../electron/engine/kustomize/build-error.ts'
import { emitValue } from '../../electron/engine/kustomize/yaml/emit-v2.ts'
import { emitV3 } from '../../electron/engine/kustomize/yaml/emit-v3.ts'
import { decodeJson, encodeJson } from '../../electron/engine/kustomize/yaml/go-json.ts'
import { parseDocuments } from '../../electron/engine/kustomize/yaml/parse.ts'
import { goValueToNode, nodeToGoValue } from '../../electron/engine/kustomize/yaml/to-value.ts'
import { readCorpus } from './corpus.ts'
import type { CaseResult, KnownFailures } from './ratchet.ts'
import { firstDifference, judgeCases } from './ratchet.ts'

interface Row {
  readonly file: string
  readonly test: string
  readonly data: Readonly<Record<string, unknown>>
}

const known: KnownFailures = {
  'TestDeAnchorMerge keep comments': 'comments never reach an output, so the tree does not keep them',
}

function compare(expected: string, actual: string): string | null {
  return expected.trim() === actual.trim() ? null : firstDifference(expected.trim(), actual.trim())
}

/** One row's failure, null if it matches, undefined if the row is of something else. */
function judge({ file, test, data }: Row): string | null | undefined {
  if (typeof data.description === 'string' && typeof data.input === 'string') {
    const error = data.expectedErr as { readonly error: string } | null
    try {
      const printed = emitV3(parseDocuments(data.input, { documents: 'first' })[0]!)
      return error === null ? compare(data.expected as string, printed) : `accepted, expected ${error.error}`
    } catch (thrown) {
      if (!(thrown instanceof BuildError)) throw thrown
      return error !== null && thrown.message.includes(error.error) ? null : thrown.message
    }
  }
  if (typeof data.ydoc === 'string')
    return compare(
      data.want as string,
      encodeJson(nodeToGoValue(parseDocuments(data.ydoc, { documents: 'first' })[0]!)),
    )
  if (typeof data.testName === 'string' && typeof data.input === 'string' && typeof data.output === 'string')
    return compare(data.output, emitV3(goValueToNode(decodeJson(data.input))))
  if (file.endsWith('compatibility_test.go') && test.startsWith('TestIsYaml1_1NonString')) {
    // The empty text is quoted too, but for being empty.
    const isOther = data.val !== '' && emitValue([data.val as string]) !== `- ${data.val as string}\n`
    return isOther === data.expected ? null : `expected ${String(data.expected)} for ${String(data.val)}`
  }
  return undefined
}

const corpus = readCorpus<{ rows: Row[] }>('kustomize-tables.json')

describe.skipIf(corpus === null)('tables of YAML (skipped without the corpus)', () => {
  it('match', () => {
    const results: CaseResult[] = []
    for (const row of corpus!.rows) {
      if (!row.file.startsWith('kyaml/yaml/') || !/rnode|compatibility/.test(row.file)) continue
      const failure = judge(row)
      if (failure === undefined) continue
      const name = row.data.description ?? row.data.testName ?? row.data.name ?? row.data.val
      results.push({ id: `${row.test} ${String(name)}`, tags: [row.file], failure })
    }
    const { table, broken, stale } = judgeCases('tables, YAML', results, known)
    process.stdout.write(`${table}\n${broken.join('\n')}\n`)
    expect(broken).toEqual([])
    expect(stale).toEqual([])
    expect(results.length).toBeGreaterThanOrEqual(20)
  })
})
