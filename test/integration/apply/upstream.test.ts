/**
 * Comparisons against the controllers' own code (github.com/fluxcd/pkg/ssa, called as kustomize-controller and helm-controller call it) on a real
 * API server: random objects, managers, ignore rules, controls.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { collectChanges } from '../../../electron/engine/diff/collect-changes.ts'
import type { IgnoreRule } from '../../../electron/engine/diff/ignore-rules.ts'
import { fieldManagersOf } from '../../../electron/engine/diff/managed-fields.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'
import { scaleCount, seed } from '../../soak.ts'
import type { CompareCluster } from './compare-cluster.ts'
import { createCompareCluster, fieldLine } from './compare-cluster.ts'
import { resolveDriftOracle, startDriftOracle } from './oracle.ts'
import { change, isNullInstead, makeObject, Random, widgets, withoutEmpty } from './random-objects.ts'

let cluster: TestCluster
let api: CompareCluster
let program: string | null = null

beforeAll(async () => {
  program = await resolveDriftOracle()
  if (program === null) return
  cluster = await startTestCluster()
  api = createCompareCluster(cluster)
  await cluster.applyObjects([widgets])
})

afterAll(async () => {
  await cluster?.stop()
})

const noGo = 'the oracle is neither in the cache nor can it be built: Go is not installed'
const rounds = scaleCount(1000)
const first = (seed() - 1) * rounds + 1
const kinds = ['Deployment', 'ConfigMap', 'Widget']
const group = 'kustomize.toolkit.fluxcd.io'

const ignorable: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: [
    '/data/a',
    '/data/b',
    '/data',
    '/metadata/labels/team',
    '/metadata/annotations/example.com~1note',
    '/nothing/here',
    '',
  ],
  Widget: [
    '/spec/size',
    '/spec/color',
    '/spec/free',
    '/spec/free/x',
    '/spec/tags',
    '/spec/tags/0',
    '/spec/plain',
    '/spec/plain/0',
    '/spec/whole',
    '/spec/parts',
    '/spec/parts/0/weight',
    '/spec/parts/1',
    '/metadata/labels',
  ],
  Deployment: [
    '/spec/replicas',
    '/spec/strategy',
    '/spec/minReadySeconds',
    '/spec/template/spec/containers/0/image',
    '/spec/template/spec/containers/0/env',
    '/spec/template/spec/containers/0/env/0/value',
    '/spec/template/spec/containers/1',
    '/spec/template/spec/nodeSelector',
    '/spec/template/spec/tolerations',
    '/spec/template/metadata/labels/extra',
    '/metadata/annotations',
  ],
}

function makeRules(random: Random, kind: string, name: string): readonly IgnoreRule[] {
  const path = (): string => random.pick(ignorable[kind]!)
  const targets = [
    { kind: '.*' },
    { kind },
    { name },
    { name: 'r' },
    { group: 'apps' },
    { labelSelector: 'team=a' },
    { annotationSelector: 'example.com/note' },
  ]
  return Array.from({ length: random.below(3) }, () => ({
    paths: [path(), ...(random.below(3) === 0 ? [path()] : [])],
    target: random.below(3) === 0 ? null : random.pick<IgnoreRule['target']>(targets),
  }))
}

function withControl(object: KubeObject, [key, value]: readonly [string, string]): KubeObject {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [key]: value } } }
}

describe('a comparison says what the code of', () => {
  it(
    `kustomize-controller does, ${String(rounds)} times`,
    { timeout: 600_000 * (rounds > 500 ? 10 : 1) },
    async ({ skip }) => {
      if (program === null) return skip(noGo)
      const oracle = startDriftOracle(program, cluster.kubeconfigPath, 'apply')
      const wrong: string[] = []
      const actions = new Map<string, number>()
      for (let number = first; number < first + rounds; number += 1) {
        const random = new Random(number)
        const kind = random.pick(kinds)
        const name = `random-${String(number)}`
        const before = makeObject(random, kind, name)
        const override = random.below(4) === 0 ? ['argocd'] : []
        const ignore = makeRules(random, kind, name)
        const force = random.below(5) === 0
        const controls = [
          [`${group}/ssa`, 'Merge'],
          [`${group}/ssa`, 'ignore'],
          [`${group}/ssa`, 'IfNotPresent'],
          [`${group}/reconcile`, 'Disabled'],
          [`${group}/force`, 'enabled'],
        ] as const
        const control = random.below(6) === 0 ? random.pick(controls) : null
        if ((await oracle.ask({ object: before, ignore, force, override })).error !== undefined) continue
        const story: string[] = []
        for (let count = random.below(4); count > 0; count -= 1) story.push(await change(api, random, before))
        const moved = random.below(3) === 0 ? makeObject(random, kind, name) : before
        const desired = control === null ? moved : withControl(moved, control)
        const live = (await api.get(desired))!
        const set = { overrideManagers: override, ignoreRules: ignore, isForced: force }
        const compared = (await api.compare([desired], set)).objects[0]!
        const real = await oracle.ask({ object: desired, ignore, force, override })
        const after = await api.get(desired)
        const { action } = compared
        actions.set(action, (actions.get(action) ?? 0) + 1)
        const fail = (what: string): void => {
          const rules = JSON.stringify({ ignore, force, override, control })
          const lines = compared.fields.map(fieldLine).join('\n    ')
          const theirs = JSON.stringify(real)
          wrong.push(
            `${String(number)} ${kind} ${what}: ${action}, not ${theirs}; ${story.join(', ')} ${rules}\n    ${lines}`,
          )
        }
        if (action === 'refused') {
          if (real.error === undefined) fail('refused')
        } else if (action === 'recreated') {
          // Upstream loses its way after the delete where there is something to clean up, and creates the object the next time.
          if (after?.metadata.uid === live.metadata.uid) fail('recreated')
        } else if (real.error !== undefined) {
          if (!isNullInstead(real.error)) fail('failed')
        } else if (real.action !== action) fail('action')
        else if (action !== 'skipped' && after !== null) {
          const sets = [...fieldManagersOf(live), ...fieldManagersOf(compared.wouldBe)].map(({ fields }) => fields)
          const { changes } = collectChanges(withoutEmpty(after), withoutEmpty(compared.wouldBe!), sets, 100)
          // Where nothing is applied, ignored fields stay as they are; else the result has them as the controller leaves them.
          const ignored = compared.fields.filter(({ verdict }) => verdict === 'ignored').map(({ path }) => path)
          const others = changes.filter(({ path }) => !ignored.includes(path)).map(({ path }) => path)
          if (others.length > 0 || (action === 'configured' && changes.length > 0))
            fail(`result at ${others.join(' ')}`)
        }
      }
      oracle.stop()
      expect(wrong.slice(0, 12).join('\n')).toBe('')
      expect([...actions.keys()]).toEqual(expect.arrayContaining(['configured', 'skipped', 'unchanged', 'refused']))
    },
  )

  it(
    `helm-controller detects, ${String(rounds)} times`,
    { timeout: 600_000 * (rounds > 500 ? 10 : 1) },
    async ({ skip }) => {
      if (program === null) return skip(noGo)
      const oracle = startDriftOracle(program, cluster.kubeconfigPath, 'diff')
      const wrong: string[] = []
      const words: Readonly<Record<string, string>> = {
        unchanged: 'none',
        configured: 'update',
        created: 'create',
        skipped: 'exclude',
      }
      for (let number = first; number < first + rounds; number += 1) {
        const random = new Random(number)
        const kind = random.pick(kinds)
        const name = `release-${String(number)}`
        const before = makeObject(random, kind, name)
        const ignore = makeRules(random, kind, name)
        const control = ['helm.toolkit.fluxcd.io/driftDetection', 'Disabled'] as const
        if (random.below(8) > 0 && (await api.apply(before, 'helm-controller').catch(() => null)) === null) continue
        const story: string[] = []
        for (let count = random.below(3); count > 0; count -= 1) story.push(await change(api, random, before))
        const moved = random.below(4) === 0 ? makeObject(random, kind, name) : before
        const desired = random.below(8) === 0 ? withControl(moved, control) : moved
        const set = { controller: 'helm-controller', ignoreRules: ignore } as const
        const compared = (await api.compare([desired], set)).objects[0]!
        const real = await oracle.ask({ object: desired, ignore })
        const isSame = compared.action === 'refused' ? real.error !== undefined : words[compared.action] === real.action
        if (isSame) continue
        const lines = compared.fields.map(fieldLine).join('\n    ')
        const rules = JSON.stringify(ignore)
        wrong.push(
          `${String(number)} ${kind}: ${compared.action}, not ${JSON.stringify(real)}; ${story.join(', ')} ${rules}\n    ${lines}`,
        )
      }
      oracle.stop()
      expect(wrong.slice(0, 12).join('\n')).toBe('')
    },
  )
})
