/** Turns of conditions as a real controller makes them: what a health check came to, once, however often it is tried, also while Sluice did not run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import { fluxAssets } from '../../cluster/start.ts'
import { configText, kustomizationPath, kustomizeGroup, namespace, startScriptFleet } from './script-fleet.ts'
import type { ScriptFleet, Site } from './script-fleet.ts'

const assets = fluxAssets()
const app = 'web'
let fleet: ScriptFleet

/** Nothing makes its pods here: it never becomes ready. */
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${app}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}}}
    spec: {containers: [{name: web, image: web}]}
`

async function healthOf(site: Site): Promise<string> {
  const object = await fleet.kustomization(site, app)
  const conditions = (object?.status?.conditions ?? []) as readonly { type: string; status: string; reason?: string }[]
  const { status, reason } = conditions.find(({ type }) => type === 'Healthy') ?? {}
  return `${status ?? ''} ${reason ?? ''}`
}

function turnsOf(site: Site): Promise<readonly HistoryEntry[]> {
  const cluster = fleet.clusterOf(site)
  const ref = { cluster, group: kustomizeGroup, kind: 'Kustomization', namespace, name: app }
  return fleet.entries({ clusters: [cluster], types: ['condition'], ref })
}

describe.skipIf(assets === null)('conditions of a Kustomization that waits for health', () => {
  beforeAll(async () => {
    fleet = await startScriptFleet(assets ?? '', { siteNames: ['solo'], apps: [app] })
  })
  afterAll(() => fleet?.stop())

  it(
    'tells that it is healthy, is not, and is again, with reason, message and time',
    { timeout: 180_000 },
    async () => {
      const [site] = fleet.sites
      if (site === undefined) throw new Error('There is no cluster')
      const told = async (): Promise<readonly string[]> =>
        (await turnsOf(site))
          .toReversed()
          .map(
            ({ reason, facts, tone }) => `${reason} ${String(facts?.['before'])} ${String(facts?.['status'])} ${tone}`,
          )

      await fleet.patch(site, kustomizationPath(app), { spec: { wait: true, timeout: '3s' } }, 'test')
      await fleet.until(async () => (await told()).length === 1, 'the first health check')
      const from = Math.floor(Date.now() / 1000) * 1000
      await fleet.commitAs('Ann Lee', 'A deployment', { [`apps/${app}/deployment.yaml`]: deployment })
      await fleet.until(async () => (await healthOf(site)) === 'False HealthCheckFailed', 'the health check to fail')
      const until = Date.now()
      await fleet.until(async () => (await told()).length === 2, 'what the health check came to')
      const [failed] = await turnsOf(site)
      expect(failed).toMatchObject({
        reason: 'Healthy',
        tone: 'bad',
        isBackfilled: false,
        facts: { status: 'False', before: 'True', because: 'HealthCheckFailed' },
      })
      expect(failed?.message).toContain(`Deployment/${namespace}/${app}`)
      expect(failed?.at).toBeGreaterThanOrEqual(from)
      expect(failed?.at).toBeLessThanOrEqual(until)

      await fleet.stopSluice()
      const mended = Math.floor(Date.now() / 1000) * 1000
      await fleet.commitAs('Ann Lee', 'Without it', {
        [`apps/${app}/deployment.yaml`]: null,
        [`apps/${app}/config.yaml`]: configText(app, 'mended'),
      })
      await fleet.until(async () => (await healthOf(site)) === 'True Succeeded', 'health')
      await fleet.startSluice()
      await fleet.until(async () => (await told()).length === 3, 'what turned while Sluice did not run')
      // It was tried again every two seconds: each turn stands there once.
      expect(await told()).toEqual(['Healthy null True good', 'Healthy True False bad', 'Healthy False True good'])
      const [again] = await turnsOf(site)
      expect(again).toMatchObject({ isBackfilled: true, facts: { because: 'Succeeded' } })
      expect(again?.at).toBeGreaterThanOrEqual(mended)
    },
  )
})
