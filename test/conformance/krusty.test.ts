/**
 * Upstream's own `kustomize build` runs: exact bytes, or the error that they state. What the real 5.8.1 printed for failing runs is compared
 * beside it, text by text. Cases that ask for the network, for functions, external plugins or Helm are out of scope and not counted.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BuildError } from '../../electron/engine/kustomize/build-error.ts'
import type { BuildOptions } from '../../electron/engine/kustomize/build-context.ts'
import { createDocumentCache } from '../../electron/engine/kustomize/document-cache.ts'
import { printResources, runBuild } from '../../electron/engine/kustomize/run-build.ts'
import { readCorpus } from './corpus.ts'
import { createMemoryFiles } from './memory-files.ts'
import type { CaseResult, KnownFailures } from './ratchet.ts'
import { firstDifference, judgeCases } from './ratchet.ts'

export interface KrustyCase {
  readonly id: string
  readonly target: string
  readonly fs: 'mem' | 'disk'
  readonly options: { reorder: string; loadRestrictions: 'rootOnly' | 'none'; managedByLabel: boolean }
  readonly tags: readonly string[]
  readonly files: Readonly<Record<string, string>>
  readonly filesBase64?: Readonly<Record<string, string>>
  readonly dirs?: readonly string[]
  readonly expected?: string
  readonly error?: { contains?: readonly string[]; regexp?: string; equals?: string; type?: string } | null
  readonly outputContains?: readonly string[]
  readonly flux: boolean
  readonly usable: boolean
  readonly oracle?: { output?: string; error?: string }
}

interface Outcome {
  readonly output?: string
  readonly error?: string
}

function runCase(test: KrustyCase): Outcome {
  const binary = Object.entries(test.filesBase64 ?? {}).map(([path, text]): [string, Uint8Array] => [
    path,
    Buffer.from(text, 'base64'),
  ])
  const files = createMemoryFiles({
    files: { ...test.files, ...Object.fromEntries(binary) },
    directories: test.dirs ?? [],
  })
  const options: BuildOptions = {
    loadRestrictions: test.options.loadRestrictions,
    reorder: test.options.reorder === 'none' ? 'none' : 'legacy',
    hasManagedByLabel: test.options.managedByLabel,
    version: '(test)',
  }
  const context = { files, options, documents: createDocumentCache(), checkpoint: () => {}, warn: () => {} }
  try {
    return { output: printResources(runBuild(test.target, context)) }
  } catch (error) {
    if (error instanceof BuildError) return { error: error.message }
    return { error: `NOT A BUILD ERROR: ${error instanceof Error ? error.stack : String(error)}` }
  }
}

/** null where the outcome is what upstream's test states. */
function judge(test: KrustyCase, outcome: Outcome): string | null {
  if (test.expected !== undefined)
    return outcome.output === undefined
      ? `failed: ${outcome.error}`
      : outcome.output === test.expected
        ? null
        : firstDifference(test.expected, outcome.output)
  if (test.error === undefined || test.error === null) return 'the case states nothing'
  const { error } = outcome
  if (error === undefined) return 'did not fail'
  if (error.startsWith('NOT A BUILD ERROR')) return error
  const { contains, equals, regexp } = test.error
  const missing = (contains ?? []).find((part) => !error.includes(part))
  if (missing !== undefined) return `lacks ${JSON.stringify(missing)}: ${error}`
  if (equals !== undefined && error !== equals) return `is not ${JSON.stringify(equals)}: ${error}`
  // A local path that could be a repository: what upstream says comes from git, which is never run here.
  if (regexp !== undefined && !new RegExp(regexp.split('failed to run')[0]!, 's').test(error))
    return `does not match ${regexp}: ${error}`
  return null
}

/** What 5.8.1 wrote to stderr, less the warnings that go before its error and addresses in memory. */
function plainError(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^(# Warning: |\d{4}\/\d\d\/\d\d \S+ )/.test(line))
    .join('\n')
    .replace(/0x[0-9a-f]+/g, '0x')
    .trimEnd()
}

const corpus = readCorpus<{ cases: KrustyCase[] }>('krusty.json')
const known = JSON.parse(readFileSync(new URL('./krusty.known-failures.json', import.meta.url), 'utf8')) as {
  outputs: KnownFailures
  oracleErrors: KnownFailures
}

describe.skipIf(corpus === null)('kustomize build, as upstream tests it', () => {
  const cases = (corpus?.cases ?? []).filter(({ flux, usable, tags }) => flux && usable && !tags.includes('remote'))
  const outcomes = new Map(cases.map((test) => [test.id, runCase(test)]))

  it('gives the bytes and the errors that upstream states', () => {
    const results: CaseResult[] = cases.map((test) => ({
      id: test.id,
      tags: test.tags,
      failure: judge(test, outcomes.get(test.id)!),
    }))
    const verdict = judgeCases('krusty', results, known.outputs)
    process.stdout.write(`${verdict.table}\n`)
    expect(verdict.broken).toEqual([])
    expect(verdict.stale).toEqual([])
  })

  it('words its errors as kustomize 5.8.1 does', () => {
    const failing = cases.filter(({ oracle, expected }) => oracle?.error !== undefined && expected === undefined)
    const results: CaseResult[] = failing.map((test) => {
      const want = plainError(test.oracle!.error!)
      const got = plainError(outcomes.get(test.id)!.error ?? '(no error)')
      return { id: test.id, tags: [], failure: want === got ? null : firstDifference(want, got) }
    })
    const verdict = judgeCases('krusty, exact error texts', results, known.oracleErrors)
    process.stdout.write(`${verdict.table}\n`)
    expect(verdict.broken).toEqual([])
    expect(verdict.stale).toEqual([])
  })

  it('says of everything remote that it is not fetched', () => {
    const remote = (corpus?.cases ?? []).filter(
      ({ tags, usable, flux, oracle }) => usable && flux && tags.includes('remote') && oracle?.error !== undefined,
    )
    for (const test of remote) expect(runCase(test).error, test.id).toMatch(/is not fetched/)
  })
})
