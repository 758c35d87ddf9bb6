/** Upstream's tests of its builtin plugins: one configuration, what it is applied to, and what comes out or fails. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { BuildContext } from '../../electron/engine/kustomize/build-context.ts'
import { BuildError } from '../../electron/engine/kustomize/build-error.ts'
import { createDocumentCache } from '../../electron/engine/kustomize/document-cache.ts'
import { openTarget } from '../../electron/engine/kustomize/loader/loader.ts'
import { finishAnnotations } from '../../electron/engine/kustomize/origin/origin.ts'
import { configureGenerator, configureTransformer } from '../../electron/engine/kustomize/plugins/resource-plugins.ts'
import type { ResMap } from '../../electron/engine/kustomize/resource/res-map.ts'
import { createResMap } from '../../electron/engine/kustomize/resource/res-map.ts'
import type { Resource } from '../../electron/engine/kustomize/resource/resource.ts'
import { printResources } from '../../electron/engine/kustomize/run-build.ts'
import { createBuildSchemas } from '../../electron/engine/kustomize/schema/build-schemas.ts'
import { readInlineResources } from '../../electron/engine/kustomize/target/read-files.ts'
import { readCorpus } from './corpus.ts'
import { createMemoryFiles } from './memory-files.ts'
import type { CaseResult, KnownFailures } from './ratchet.ts'
import { firstDifference, judgeCases } from './ratchet.ts'

interface BuiltinCase {
  readonly plugin: string
  readonly test: string
  readonly config: string
  readonly input?: string
  readonly expected?: string
  readonly error?: readonly string[]
  readonly files: Readonly<Record<string, string>>
}

function runCase(test: BuiltinCase): { output?: string; error?: string } {
  const context: BuildContext = {
    files: createMemoryFiles({ files: test.files }),
    options: { loadRestrictions: 'rootOnly', reorder: 'none', hasManagedByLabel: false },
    documents: createDocumentCache(),
    checkpoint: () => {},
    warn: () => {},
  }
  const schemas = createBuildSchemas({ isPreloaded: false })
  const read = (text: string): ResMap => {
    const resources = readInlineResources(text, context, schemas)
    if (resources === null) throw new Error(`the case's own input cannot be read:\n${text}`)
    return resources
  }
  try {
    const [config] = read(test.config).resources()
    const loader = openTarget(rootOf(test), context)
    let result: ResMap
    if (test.plugin.endsWith('generator')) {
      result = createResMap(schemas)
      for (const resource of configureGenerator(config!, loader).generate()) result.append(resource)
    } else {
      result = read(test.input ?? '')
      configureTransformer(config!, loader).transform(result)
    }
    if (test.expected?.includes('internal.config.kubernetes.io/') === true) result.resources().forEach(showState)
    else finishAnnotations(result.resources(), { keepsOrigin: true, keepsTransformations: true })
    return { output: printResources(result) }
  } catch (error) {
    if (error instanceof BuildError) return { error: error.message }
    return { error: `NOT A BUILD ERROR: ${error instanceof Error ? error.stack : String(error)}` }
  }
}

/** Some tests keep several roots: theirs is the last one with files of the input's kind. */
function rootOf({ files, input }: BuiltinCase): string {
  const kind = /^kind: .*$/m.exec(input ?? '')?.[0]
  const roots = Object.entries(files)
    .filter(([path, text]) => path.startsWith('/') && (path.startsWith('/app/') || text.includes(kind ?? '')))
    .map(([path]) => path.slice(0, path.lastIndexOf('/')))
  return roots.at(-1) || '/'
}

/** Some of upstream's tests look at the internal annotations, which are fields here. */
function showState(resource: Resource): void {
  const { previousIds, namePrefixes, nameSuffixes } = resource
  const state = Object.entries({
    prefixes: namePrefixes,
    previousKinds: previousIds.map(({ kind }) => kind),
    previousNames: previousIds.map(({ name }) => name),
    previousNamespaces: previousIds.map(({ namespace }) => namespace),
    suffixes: nameSuffixes,
  })
  const shown = state
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => [`internal.config.kubernetes.io/${name}`, values.join(',')] as const)
  resource.setAnnotations(new Map([...resource.annotations(), ...shown]))
}

function judge(test: BuiltinCase): string | null {
  const { output, error } = runCase(test)
  if (test.expected !== undefined) {
    if (output === undefined) return `failed: ${error}`
    return output === test.expected ? null : firstDifference(test.expected, output)
  }
  if (error === undefined) return 'did not fail'
  if (error.startsWith('NOT A BUILD ERROR')) return error
  const missing = (test.error ?? []).find((part) => !error.includes(part))
  return missing === undefined ? null : `lacks ${JSON.stringify(missing)}: ${error}`
}

const corpus = readCorpus<{ cases: BuiltinCase[] }>('kustomize-builtins.json')
const known = JSON.parse(
  readFileSync(new URL('./builtins.known-failures.json', import.meta.url), 'utf8'),
) as KnownFailures

describe.skipIf(corpus === null)('builtin plugins, as upstream tests them', () => {
  it('give the bytes and the errors that upstream states', () => {
    const seen = new Map<string, number>()
    const results: CaseResult[] = (corpus?.cases ?? []).map((test) => {
      const name = `${test.plugin}/${test.test}`
      const index = seen.get(name) ?? 0
      seen.set(name, index + 1)
      return { id: `${name}#${index}`, tags: [test.plugin], failure: judge(test) }
    })
    const verdict = judgeCases('builtin plugins', results, known)
    process.stdout.write(`${verdict.table}\n`)
    expect(verdict.broken).toEqual([])
    expect(verdict.stale).toEqual([])
  })
})
