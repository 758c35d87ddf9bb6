/** Rows of upstream's tables about merging, patches, paths, selectors and replacements. */
import { describe, expect, it } from 'vitest'
import { BuildError } from '../../electron/engine/kustomize/build-error.ts'
import { generateIamPolicy } from '../../electron/engine/kustomize/iam-policy/generate-iam-policy.ts'
import { decodeConfig } from '../../electron/engine/kustomize/kustomization/go-decode.ts'
import { takeDirective } from '../../electron/engine/kustomize/merge/directive.ts'
import { mergeNodes } from '../../electron/engine/kustomize/merge/merge-nodes.ts'
import { applyOperations } from '../../electron/engine/kustomize/patch-json6902/apply-operations.ts'
import { decodePatch } from '../../electron/engine/kustomize/patch-json6902/decode-patch.ts'
import type { Json } from '../../electron/engine/kustomize/patch-json6902/json-tree.ts'
import { jsonOf, jsonToNode } from '../../electron/engine/kustomize/patch-json6902/json-tree.ts'
import { lookup } from '../../electron/engine/kustomize/paths/lookup.ts'
import { matchPath } from '../../electron/engine/kustomize/paths/match-path.ts'
import type { NodeKind } from '../../electron/engine/kustomize/paths/path-part.ts'
import { replacementsShape } from '../../electron/engine/kustomize/plugins/config-shapes.ts'
import { configureReplacements } from '../../electron/engine/kustomize/replacements/configure-replacements.ts'
import { transformReplacements } from '../../electron/engine/kustomize/replacements/transform-replacements.ts'
import {
  nodeWithBuildAnnotations,
  readBuildAnnotations,
} from '../../electron/engine/kustomize/resource/build-annotations.ts'
import type { ResMap } from '../../electron/engine/kustomize/resource/res-map.ts'
import { createResMap } from '../../electron/engine/kustomize/resource/res-map.ts'
import { Resource } from '../../electron/engine/kustomize/resource/resource.ts'
import { builtinSchemas } from '../../electron/engine/kustomize/schema/builtin-schema.ts'
import { parseLabelSelector } from '../../electron/engine/kustomize/selector/label-selector.ts'
import { RegexCache } from '../../electron/engine/kustomize/selector/regex.ts'
import { transformValueAdd } from '../../electron/engine/kustomize/value-add/transform-value-add.ts'
import { emitNode } from '../../electron/engine/kustomize/yaml/emit-v2.ts'
import { emitV3 } from '../../electron/engine/kustomize/yaml/emit-v3.ts'
import type { MapNode, YamlNode } from '../../electron/engine/kustomize/yaml/node.ts'
import { parseDocuments } from '../../electron/engine/kustomize/yaml/parse.ts'
import { nodeToGoValue } from '../../electron/engine/kustomize/yaml/to-value.ts'
import { readCorpus } from './corpus.ts'
import type { CaseResult, KnownFailures } from './ratchet.ts'
import { firstDifference, judgeCases } from './ratchet.ts'

interface Row {
  readonly file: string
  readonly table: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Compares: null where the row matches. */
type Check = (data: Row['data']) => string | null

const inlineSchema =
  'The schema stands in a comment of the object itself (a leftover of setters); comments are not part of our tree.'
const knownFailures: KnownFailures = {
  'kyaml/yaml/merge2/element_test.go elementTestCases 12': inlineSchema,
  'kyaml/yaml/merge2/element_test.go elementTestCases 13': inlineSchema,
}

const schemas = builtinSchemas()
const context = { checkpoint: () => undefined }
const buildContext = context as unknown as Parameters<typeof transformValueAdd>[2]

function parseOne(text: string): YamlNode {
  return parseDocuments(text, { documents: 'first', mergesKeys: false })[0]!
}

function printAll(nodes: readonly YamlNode[]): string {
  return nodes.map(emitNode).join('---\n')
}

function same(expected: string, actual: string): string | null {
  return expected === actual ? null : firstDifference(expected, actual)
}

/** The difference of two YAML texts, read and printed as kustomize prints; node by node where it could not print them (keys that are no texts). */
function sameYaml(expected: string, actual: readonly YamlNode[]): string | null {
  const wanted = parseDocuments(expected)
  try {
    return same(printAll(wanted), printAll(actual))
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    return same(wanted.map((node) => emitV3(node)).join(''), actual.map((node) => emitV3(node)).join(''))
  }
}

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof BuildError) return error.message
    throw error
  }
  return ''
}

function resMapOf(text: string): ResMap {
  const resources = createResMap(schemas)
  const list = parseDocuments(text).map((node) => new Resource(node as MapNode))
  for (const resource of list) readBuildAnnotations(resource)
  resources.setResources(list)
  return resources
}

function nodesOf(resources: ResMap): readonly YamlNode[] {
  return resources.resources().map(nodeWithBuildAnnotations)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const checkMerge: Check = (data) => {
  const { source, dest, expected, infer, mergeOptions } = data as {
    source: string
    dest: string
    expected: string
    infer: boolean
    mergeOptions?: { ListIncreaseDirection?: { ref?: string } }
  }
  const isPrepending = mergeOptions?.ListIncreaseDirection?.ref === 'yaml.MergeOptionsListPrepend'
  const result = mergeNodes(parseOne(source), parseOne(dest), schemas, {
    newElements: isPrepending ? 'before' : 'after',
    infersMergeKeys: infer,
  })
  return sameYaml(expected, result === undefined ? [] : [result])
}

const checkDirective: Check = (data) => {
  const node = parseOne(text(data['patch']))
  const expectedError = text(data['errExpected'])
  const message = messageOf(() => takeDirective(node))
  if (expectedError !== '') return message.includes(expectedError) ? null : message
  return message === '' ? sameYaml(text(data['elided']), [node]) : message
}

const checkStrategicMerge: Check = (data) => {
  const [patch] = (data['patch'] as { args: [string] }).args
  const target = parseOne(text(data['input']))
  const result = mergeNodes(parseOne(patch), target, schemas)
  return sameYaml(text(data['expected']), result === undefined ? [] : [target])
}

const checkJson6902: Check = (data) => {
  const operations = decodePatch((data['filter'] as { Patch: string }).Patch)
  const document = jsonOf(nodeToGoValue(parseOne(text(data['input'])))) as Map<string, Json>
  return sameYaml(text(data['expectedOutput']), [jsonToNode(applyOperations(document, operations))])
}

const checkReplacements: Check = (data) => {
  const resources = resMapOf(text(data['input']))
  const expectedError = text(data['expectedErr'])
  const message = messageOf(() => {
    const [node] = parseDocuments(text(data['replacements']), { dialect: 'v2' })
    const config = configureReplacements(decodeConfig(node, replacementsShape, 'v2').replacements, {
      readText: () => '',
    })
    transformReplacements(resources, config, { checkpoint: () => undefined })
  })
  if (expectedError !== '' || message !== '') return same(expectedError, message)
  return sameYaml(text(data['expected']), nodesOf(resources))
}

const checkValueAdd: Check = (data) => {
  const filter = data['filter'] as { Value: string; FieldPath: string; FilePathPosition?: number }
  const resources = resMapOf(text(data['input']))
  const target = { selector: null, fieldPath: filter.FieldPath, filePathPosition: filter.FilePathPosition ?? 0 }
  transformValueAdd(resources, { value: filter.Value, targets: [target] }, buildContext)
  return sameYaml(text(data['expectedOutput']), nodesOf(resources))
}

const checkIamPolicy: Check = (data) => {
  const args = data['args'] as {
    KubernetesService?: { Name?: string; Namespace?: string }
    ServiceAccount?: { Name?: string; ProjectId?: string }
  }
  const generated = generateIamPolicy({
    cloud: 'gke',
    kubernetesService: { name: args.KubernetesService?.Name ?? '', namespace: args.KubernetesService?.Namespace ?? '' },
    serviceAccount: { name: args.ServiceAccount?.Name ?? '', projectId: args.ServiceAccount?.ProjectId ?? '' },
  })
  return sameYaml(
    text(data['expected']),
    generated.map(({ node }) => node),
  )
}

/** Upstream's tests of paths share an object that the rows do not hold: this one has what their expectations name. */
const ports = { flow: '        ports: [{containerPort: 80}]', block: '        ports:\n        - containerPort: 80' }

function pathSubject(style: 'flow' | 'block', env: string): YamlNode {
  return parseOne(
    [
      'kind: Deployment',
      'spec:',
      '  selector:',
      '    matchLabels:',
      '      app: nginx',
      '  template:',
      '    spec:',
      '      containers:',
      '      - name: nginx',
      '        image: nginx:1.7.9',
      '        args: [-c, conf.yaml]',
      ports[style],
      ...(env === '' ? [] : [env]),
      '      - name: sidecar',
      '        image: sidecar:1.0.0',
      '        ports:',
      '        - containerPort: 8081',
      '        - containerPort: 9090',
      '',
    ].join('\n'),
  )
}

const nginxEnv = '        env:\n        - key: CONTAINER_NAME\n          value: nginx'

const checkPath: Check = (data) => {
  const path = data['path'] as string[]
  const slots = matchPath(pathSubject('block', ''), path, undefined, new RegexCache()) ?? []
  const value = text(data['value'])
  const expected = value === '' ? [] : (nodeToGoValue(parseOne(value)) as unknown[])
  return same(JSON.stringify(plain(expected)), JSON.stringify(slots.map(({ node }) => plain(nodeToGoValue(node)))))
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]))
  return Array.isArray(value) ? value.map(plain) : value
}

const kinds: Readonly<Record<string, NodeKind>> = {
  'yaml.MappingNode': 'map',
  'yaml.ScalarNode': 'scalar',
  'yaml.SequenceNode': 'sequence',
}

const checkCreatedPath: Check = (data) => {
  if (typeof data['input'] === 'string') {
    const slots = matchPath(parseOne(data['input']), data['path'] as string[], undefined, new RegexCache()) ?? []
    return same(text(data['expected']), slots.map(({ node }) => `- ${emitV3(node)}`).join(''))
  }
  const root = pathSubject('flow', nginxEnv)
  const create = kinds[(data['create'] as { ref: string }).ref]
  let slots: readonly { readonly node: YamlNode }[] = []
  const message = messageOf(() => {
    slots = matchPath(root, data['path'] as string[], create, new RegexCache()) ?? []
  })
  const expectedError = text(data['expectErr'])
  if (expectedError !== '' || message !== '') return same(expectedError, message)
  const found = slots.map(({ node }) => printEmpty(node))
  const difference = same(JSON.stringify(data['matches']), JSON.stringify(found))
  if (difference !== null) return difference
  const changed = emitV3(root)
  return changed.includes(text(data['modifiedNodeMustContain'])) ? null : changed
}

/** An empty scalar is printed as an empty line. */
function printEmpty(node: YamlNode): string {
  return node.kind === 'scalar' && node.value === '' ? '\n' : emitV3(node)
}

const checkLookup: Check = (data) => {
  const wanted = data['wantPath'] as string[]
  const paths = (data['paths'] as string[][] | null) ?? [wanted]
  const root = parseOne(nested(wanted))
  const found = paths.map((path) => lookup(root, path)).find((node) => node !== undefined)
  return found?.kind === 'scalar' && found.value === 'here' ? null : 'not found'
}

function nested(path: readonly string[]): string {
  return `${path.map((part, index) => `${'  '.repeat(index)}${part}:`).join('\n')} here\n`
}

const checkSelector: Check = (data) => {
  const labels = new Map([
    ['area', '51'],
    ['greeting', 'Take me to your leader.'],
    ['fruit', 'apple'],
  ])
  let matches = false
  const message = messageOf(() => {
    matches = parseLabelSelector(text(data['selector'])).matches(labels)
  })
  const expectedError = text(data['errMsg'])
  if (expectedError !== '' || message !== '') return message.includes(expectedError) ? null : message
  return matches === data['matches'] ? null : `matches ${matches}`
}

const checks: Readonly<Record<string, Check>> = {
  'kyaml/yaml/merge2/element_test.go elementTestCases': checkMerge,
  'kyaml/yaml/merge2/list_test.go listTestCases': checkMerge,
  'kyaml/yaml/merge2/map_test.go mapTestCases': checkMerge,
  'kyaml/yaml/merge2/scalar_test.go scalarTestCases': checkMerge,
  'kyaml/yaml/merge2/smpdirective_test.go cases': checkDirective,
  'kyaml/yaml/match_test.go updates': checkPath,
  'kyaml/yaml/match_test.go testCases': checkCreatedPath,
  'kyaml/yaml/fns_test.go tests': checkLookup,
  'kyaml/yaml/rnode_test.go testcases': checkSelector,
  'api/filters/patchstrategicmerge/patchstrategicmerge_test.go testCases': checkStrategicMerge,
  'api/filters/patchjson6902/patchjson6902_test.go testCases': checkJson6902,
  'api/filters/replacement/replacement_test.go testCases': checkReplacements,
  'api/filters/valueadd/valueadd_test.go testCases': checkValueAdd,
  'api/filters/iampolicygenerator/iampolicygenerator_test.go testCases': checkIamPolicy,
}

const corpus = readCorpus<{ readonly rows: readonly Row[] }>('kustomize-tables.json')

describe.skipIf(corpus === null)('upstream tables: merging, patches, replacements', () => {
  it('matches every row that is not listed', () => {
    const counts = new Map<string, number>()
    const results: CaseResult[] = []
    for (const { file, table, data } of corpus!.rows) {
      const key = `${file} ${table}`
      const check = checks[key]
      if (check === undefined) continue
      const number = (counts.get(key) ?? 0) + 1
      counts.set(key, number)
      results.push({ id: `${key} ${number}`, tags: [key], failure: failureOf(check, data) })
    }
    const verdict = judgeCases('tables of merging, patches, replacements', results, knownFailures)
    process.stdout.write(`${verdict.table}\n`)
    expect(verdict.broken).toEqual([])
    expect(verdict.stale).toEqual([])
  })
})

function failureOf(check: Check, data: Row['data']): string | null {
  try {
    return check(data)
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}
