/** The Kustomization reconciler beside the real kustomize-controller: what both leave behind is equal, field by field. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fluxAssets } from '../../cluster/start.ts'
import type { Twins } from './twin-kustomizations.ts'
import { ours, startTwins } from './twin-kustomizations.ts'

const configMap = (name: string, data: Readonly<Record<string, string>>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
const deployment = (name: string): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      progressDeadlineSeconds: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  })

describe.skipIf(fluxAssets() === null)('beside the real controller', () => {
  let twins: Twins

  async function expectEqual(name: string): Promise<void> {
    const [theirs, mine] = await twins.both(name)
    expect(mine).toEqual(theirs)
    const [told, said] = await twins.events(name)
    expect(said).toEqual(told)
  }

  beforeAll(async () => {
    twins = await startTwins()
  })
  afterAll(() => twins.stop())

  it('applies, and a second pass writes one status and tells one event', async () => {
    await twins.commit({
      'plain/a.yaml': configMap('plain-a', { a: '1' }),
      'plain/b.yaml': configMap('plain-b', { b: '1' }),
    })
    await twins.put('plain', {})
    await twins.settle('plain')
    await expectEqual('plain')
    for (const name of ['plain-a', 'plain-b']) {
      const [theirs, mine] = await twins.bothOf('v1', 'ConfigMap', name)
      expect(mine).toEqual(theirs)
    }
    const { requests, events, outcome } = await twins.settle('plain')
    const writes = requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`)
    expect(writes).toEqual([
      `PATCH /apis/kustomize.toolkit.fluxcd.io/v1/namespaces/${ours}/kustomizations/plain/status?fieldManager=gotk-kustomize-controller`,
    ])
    expect(events).toHaveLength(1)
    expect(outcome).toMatchObject({ result: 'succeeded', state: 'sleeping', requeueAfterMs: 3_600_000 })
    await expectEqual('plain')
  })
})
