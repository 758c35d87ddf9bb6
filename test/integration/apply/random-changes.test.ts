/**
 * Random changes of random objects by random managers: what a comparison says must be what a forced apply with the controller's clean-up then
 * does, to the field, and nothing must be left afterwards.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { areSame } from '../../../electron/engine/diff/compare-objects.ts'
import { areEqual } from '../../../electron/engine/diff/equal-values.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'
import { scaleCount, seed } from '../../soak.ts'
import type { CompareCluster } from './compare-cluster.ts'
import { createCompareCluster, fieldLine } from './compare-cluster.ts'
import { change, isNullInstead, makeObject, Random, widgets, withoutEmpty } from './random-objects.ts'

let testCluster: TestCluster
let api: CompareCluster

beforeAll(async () => {
  testCluster = await startTestCluster()
  api = createCompareCluster(testCluster)
  await testCluster.applyObjects([widgets])
})

afterAll(async () => {
  await testCluster?.stop()
})

const rounds = scaleCount(1600)
const firstSeed = (seed() - 1) * rounds + 1

it(`says what the controller then does, ${String(rounds)} times`, async () => {
  const wrong: string[] = []
  let configured = 0
  for (let number = firstSeed; number < firstSeed + rounds; number += 1) {
    const random = new Random(number)
    const kind = random.pick(['Deployment', 'ConfigMap', 'Widget'])
    const first = makeObject(random, kind, `random-${String(number)}`)
    const set = random.below(4) === 0 ? { overrideManagers: ['argocd'] } : {}
    const story: string[] = []
    if (random.below(4) === 0) {
      // There before Flux was.
      story.push(`created by ${await change(api, random, first)}`)
    }
    if ((await api.reconcile(first, set).catch(() => null)) === null) continue
    for (let count = random.below(3); count >= 0; count -= 1) story.push(await change(api, random, first))
    // Git moves on, sometimes.
    const desired = random.below(3) === 0 ? makeObject(random, kind, first.metadata.name) : first
    const before = (await api.get(desired))!
    const compared = (await api.compare([desired], set)).objects[0]!
    const fail = (what: string): void => {
      const fields = compared.fields.map(fieldLine).join('\n    ')
      wrong.push(`seed ${String(number)} ${kind}: ${what}; ${compared.action}; ${story.join(', ')}\n    ${fields}`)
    }
    if (compared.action === 'refused') {
      const after = await api.reconcile(desired, set).catch(() => null)
      if (after !== null) fail(`refused (${compared.problem?.detail ?? ''}) but applied`)
      continue
    }
    const after = await api.reconcile(desired, set).catch((error: unknown) => String(error))
    if (typeof after === 'string') {
      if (!isNullInstead(after)) fail(after)
      continue
    }
    const isChanged = after.metadata.resourceVersion !== before.metadata.resourceVersion
    if (isChanged !== (compared.action === 'configured')) {
      // A forced apply that only takes ownership changes the version although the controller would not have sent it.
      if (compared.action === 'configured' || !areSame(before, after)) fail(`version changed: ${String(isChanged)}`)
    }
    if (compared.action === 'configured') configured += 1
    if (!areSame(withoutEmpty(after), withoutEmpty(compared.wouldBe!))) fail('another result')
    const isDifferent = !areSame(before, after)
    const drifting = compared.fields.filter(
      (field) =>
        (field.verdict === 'drift' || field.verdict === 'reclaimed') && field.pointer !== '/metadata/managedFields',
    )
    if (isDifferent !== drifting.length > 0) fail(`different: ${String(isDifferent)}`)
    for (const field of compared.fields) {
      if (field.verdict !== 'notOwned') continue
      const at = (object: unknown): unknown =>
        field.pointer
          .split('/')
          .slice(1)
          .reduce<unknown>(
            (value, part) =>
              (value as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')],
            object,
          )
      // Lists may shift when items before it go: looked for anywhere in the result.
      if (!areEqual(at(before), at(after)) && !JSON.stringify(after).includes(JSON.stringify(at(before))))
        fail(`not kept: ${field.path}`)
    }
    // What nobody owned is given to before-first-apply by the API server, and taken over by the apply after this one.
    if (before.metadata.managedFields === undefined) continue
    const settled = (await api.compare([desired], set)).objects[0]!
    if (settled.action !== 'unchanged' && !areSame(withoutEmpty(settled.live!), withoutEmpty(settled.wouldBe!)))
      fail(`not settled: ${settled.fields.map(fieldLine).join(', ')}`)
  }
  expect(wrong.slice(0, 12).join('\n')).toBe('')
  expect(configured).toBeGreaterThan(rounds / 3)
})
