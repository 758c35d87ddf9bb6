/**
 * Random sets, random changes of them by random managers, then an apply with random options: Sluice's in one namespace, ApplyAllStaged's in
 * another. Afterwards the objects must be equal, managedFields and all, and so must be what both say they did.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import type { IgnoreRule } from '../../../electron/engine/diff/ignore-rules.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'
import { scaleCount, seed } from '../../soak.ts'
import type { CompareCluster } from '../apply/compare-cluster.ts'
import { createCompareCluster } from '../apply/compare-cluster.ts'
import type { SetAnswer, SetOracle } from '../apply/oracle.ts'
import { resolveDriftOracle, startSetOracle } from '../apply/oracle.ts'
import { change, isNullInstead, makeObject, Random, widgets } from '../apply/random-objects.ts'
import { applyAll, comparable, lines, openClient } from './twin-apply.ts'

let testCluster: TestCluster
let api: CompareCluster
let oracle: SetOracle | null = null
let own: Awaited<ReturnType<typeof openClient>>
const ours = 'ours'
const theirs = 'theirs'

beforeAll(async () => {
  const [cluster, program] = await Promise.all([startTestCluster(), resolveDriftOracle()])
  testCluster = cluster
  api = createCompareCluster(testCluster)
  own = await openClient(testCluster)
  const namespaces = [ours, theirs].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  await testCluster.applyObjects([widgets, ...namespaces])
  if (program !== null) oracle = startSetOracle(program, testCluster.kubeconfigPath, 'staged')
})

afterAll(async () => {
  oracle?.stop()
  own?.stop()
  await testCluster?.stop()
})

const group = 'kustomize.toolkit.fluxcd.io'
const marks: readonly (readonly [string, string])[] = [
  [`${group}/force`, 'Enabled'],
  [`${group}/ssa`, 'Merge'],
  [`${group}/ssa`, 'IfNotPresent'],
  [`${group}/ssa`, 'ignore'],
  [`${group}/reconcile`, 'disabled'],
  [`${group}/prune`, 'disabled'],
]
const pointers = [
  '/spec/replicas',
  '/data/a',
  '/metadata/labels/team',
  '/spec/color',
  '/spec/parts/0/note',
  '/spec/template/spec/containers/0/image',
]

function withMark(random: Random, object: KubeObject): KubeObject {
  if (random.below(4) !== 0) return object
  const [key, value] = random.pick(marks)
  const place = random.pick(['labels', 'annotations'])
  const old = object.metadata[place] as Record<string, string> | undefined
  return { ...object, metadata: { ...object.metadata, [place]: { ...old, [key]: value } } }
}

/** What cannot be changed in place, or cannot be at all. */
function withTrouble(random: Random, object: KubeObject): KubeObject {
  if (object.kind === 'ConfigMap' && random.below(3) === 0) return { ...object, immutable: true }
  if (object.kind === 'Deployment' && random.below(4) === 0) {
    const spec = object['spec'] as { template: { metadata: { labels: object } } }
    const labels = { app: 'web', tier: random.pick(['x', 'y']) }
    return {
      ...object,
      spec: {
        ...spec,
        selector: { matchLabels: labels },
        template: { ...spec.template, metadata: { labels: { ...spec.template.metadata.labels, ...labels } } },
      },
    }
  }
  if (object.kind === 'Widget' && random.below(12) === 0) return { ...object, spec: { size: 'large' } }
  return object
}

function makeSet(random: Random, number: number, namespace: string): readonly KubeObject[] {
  const count = 1 + random.below(4)
  return Array.from({ length: count }, (_each, index) => {
    const kind = random.pick(['Deployment', 'ConfigMap', 'Widget'])
    const object = makeObject(random, kind, `n${String(number)}-${String(index)}-${kind.toLowerCase()}`, namespace)
    return withMark(random, withTrouble(random, object))
  })
}

interface Told {
  readonly lines: readonly string[]
  readonly error: string
}

const rounds = scaleCount(1200)
const firstSeed = (seed() - 1) * rounds + 1

it(`applies as the controller does, ${String(rounds)} times`, async (context) => {
  if (oracle === null) {
    console.info('skipped: Go is needed to build the oracle')
    context.skip()
    return
  }
  const asked = oracle
  const wrong: string[] = []
  const seen = new Map<string, number>()
  for (let number = firstSeed; number < firstSeed + rounds; number += 1) {
    const story: string[] = []
    const tell = async (namespace: string): Promise<{ told: readonly Told[]; objects: readonly unknown[] }> => {
      const random = new Random(number)
      const objects = makeSet(random, number, namespace)
      const told: Told[] = []
      const apply = async (
        set: readonly KubeObject[],
        options: { force: boolean; ignore: readonly IgnoreRule[]; override: readonly string[] },
      ) => {
        if (namespace === ours) {
          const result = await applyAll({ ...api, client: own.client }, set, {
            isForced: options.force,
            ignoreRules: options.ignore,
            overrideManagers: options.override,
          })
          told.push({ lines: result.error === null ? lines(result) : [], error: result.error?.message ?? '' })
        } else {
          const question = { objects: set, ...options }
          let answer: SetAnswer = await asked.ask(question)
          // Upstream cleans up an object that it has just deleted, fails, and creates it the next time.
          for (let again = 0; again < 4 && /cleanup failed: .* not found$/.test(answer.error ?? ''); again += 1) {
            story.push('asked again')
            answer = await asked.ask(question)
          }
          told.push({
            lines: answer.error === undefined ? (answer.entries ?? []) : [],
            error: answer.error === undefined ? '' : `${answer.error}\n`,
          })
        }
      }
      const plain = { force: false, ignore: [], override: [] }
      for (const object of objects)
        if (random.below(4) === 0) story.push(`${namespace} ${await change(api, random, object)}`)
      await apply(objects, plain)
      for (const object of objects)
        for (let count = random.below(3); count > 0; count -= 1)
          story.push(`${namespace} ${await change(api, random, object)}`)
      const next =
        random.below(3) === 0
          ? objects
          : objects.map((object) => {
              const made = makeObject(random, object.kind, object.metadata.name, namespace)
              return random.below(2) === 0 ? object : withMark(random, withTrouble(random, made))
            })
      const ignore: IgnoreRule[] = Array.from({ length: random.below(3) }, () => ({
        paths: [random.pick(pointers), random.pick(pointers)],
        target: random.below(2) === 0 ? null : { kind: random.pick(['Deployment', 'ConfigMap', 'Widget']) },
      }))
      const options = { force: random.below(3) === 0, ignore, override: random.below(3) === 0 ? ['argocd'] : [] }
      story.push(JSON.stringify(options))
      await apply(next, options)
      await apply(next, options)
      const live = await Promise.all(objects.map((object) => api.get(object)))
      return { told, objects: live.map((object) => comparable(object, namespace)) }
    }
    const [a, b] = [await tell(ours), await tell(theirs)]
    const words = (told: readonly Told[]): string =>
      told
        .map((each) => `${each.lines.join(', ')} ${each.error}`)
        .join(' | ')
        .replaceAll(ours, 'NS')
        .replaceAll(theirs, 'NS')
    if (/dry-run failed \(Invalid\): .*null/.test(words(b.told)) || isNullInstead(words(b.told))) continue
    for (const line of b.told.flatMap((each) => [
      ...each.lines.map((text) => text.split(' ')[1]!),
      each.error === '' ? 'fine' : 'error',
    ]))
      seen.set(line, (seen.get(line) ?? 0) + 1)
    if (words(a.told) !== words(b.told))
      wrong.push(`seed ${String(number)}: says\n  ${words(a.told)}\n  ${words(b.told)}\n  ${story.join('\n  ')}`)
    else if (JSON.stringify(a.objects) !== JSON.stringify(b.objects)) {
      const index = a.objects.findIndex((object, at) => JSON.stringify(object) !== JSON.stringify(b.objects[at]))
      wrong.push(
        `seed ${String(number)}: makes\n  ${JSON.stringify(a.objects[index])}\n  ${JSON.stringify(b.objects[index])}\n  ${story.join('\n  ')}`,
      )
    }
  }
  console.info([...seen].map(([key, count]) => `${key} ${String(count)}`).join(', '))
  expect(wrong.slice(0, 8).join('\n')).toBe('')
  for (const action of ['created', 'configured', 'unchanged', 'skipped', 'error'])
    expect(seen.get(action) ?? 0).toBeGreaterThan(5)
})
