/**
 * What was there before Sluice: releases that real helm-controllers made and no longer list, found in Helm's storage, and what led to the revision of a
 * branch, when its host is allowed. Each once, also after a restart that looks again.
 */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fluxAssets } from '../../cluster/start.ts'
import { chartFiles, helmGroup, namespace, startScriptFleet } from './script-fleet.ts'
import type { ScriptFleet, Site } from './script-fleet.ts'

const assets = fluxAssets()
const name = 'desk'
const secretPath = (version: number): string =>
  `/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.${name}.v${String(version)}`
const broken = 3
/** With a list where a text belongs. */
const brokenTemplate = `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-broken}
data: {a: [1]}
`
let fleet: ScriptFleet

async function release(site: Site, version: number): Promise<void> {
  await fleet.commitAs('Ann Lee', `Release ${String(version)}`, {
    ...chartFiles(name, { version: `0.${String(version)}.0`, text: `text-in-chart-${String(version)}` }),
    [`charts/${name}/templates/broken.yaml`]: version === broken ? brokenTemplate : null,
  })
  await fleet.until(
    async () => {
      const [newest] = (await fleet.helmRelease(site, name))?.status?.history ?? []
      return newest?.status === (version === broken ? 'failed' : 'deployed') && newest.version === version
    },
    `${name} to have release ${String(version)}`,
  )
}

describe.skipIf(assets === null)('a HelmRelease with more revisions in storage than in its status', () => {
  beforeAll(async () => {
    fleet = await startScriptFleet(assets ?? '', { siteNames: ['solo'], apps: ['web'] })
  })
  afterAll(() => fleet?.stop())

  it(
    'has a past of all of them, each once, at its time, and without what was deployed',
    { timeout: 300_000 },
    async () => {
      const [site] = fleet.sites
      if (site === undefined) throw new Error('There is no cluster')
      await fleet.stopSluice()
      // Its server sends commits alone.
      await fleet.repository.git('config', 'uploadpack.allowFilter', 'true')
      const versions = [2, 3, 4, 5]
      for (const version of versions) await release(site, version)
      const listed = ((await fleet.helmRelease(site, name))?.status?.history ?? []).map(({ version }) => version)
      const secrets = await site.cluster.requestOk<{
        readonly items: readonly { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } }[]
      }>('GET', `/api/v1/namespaces/${namespace}/secrets?labelSelector=owner%3Dhelm%2Cname%3D${name}`)
      const stored = secrets.items.map(({ metadata }) => Number(metadata.labels?.['version']))
      // What this is about: a status that knows less than the storage.
      expect(stored.toSorted()).toEqual([1, ...versions])
      expect(listed.length).toBeLessThan(stored.length)

      await rm(path.join(fleet.home, 'data'), { recursive: true, force: true })
      const began = Date.now()
      await fleet.startSluice()
      const ref = { cluster: fleet.clusterOf(site), group: helmGroup, kind: 'HelmRelease', namespace, name }
      const runs = await fleet.until(async () => {
        const found = await fleet.entries({ ref, types: ['run'] })
        return found.length >= stored.length && found
      }, `the past of ${name}`)
      // Newest first, as they were made.
      expect(runs.map(({ facts }) => facts?.['version'])).toEqual([5, 4, 3, 2, 1])
      for (const { isBackfilled, at, reason, tone, facts } of runs) {
        const wanted = facts?.['version'] === broken ? 'bad' : 'good'
        expect({ isBackfilled, reason, tone }).toEqual({ isBackfilled: true, reason: 'Released', tone: wanted })
        expect(at).toBeLessThan(began)
      }
      const dropped = runs.filter(({ facts }) => !listed.includes(Number(facts?.['version'])))
      expect(dropped.length).toBeGreaterThan(0)
      for (const { revision, message, facts, at } of dropped) {
        const version = Number(facts?.['version'])
        expect(revision).toBe(`0.${String(version)}.0`)
        if (version === broken) expect(message).toMatch(new RegExp(`^${name}@${revision}: failed, .*failed`))
        else expect(message).toBe(`${name}@${revision}: superseded, ${version === 1 ? 'Install' : 'Upgrade'} complete`)
        const { metadata } = await site.cluster.requestOk<{
          readonly metadata: { readonly creationTimestamp: string }
        }>('GET', secretPath(version))
        expect(Math.abs(at - Date.parse(metadata.creationTimestamp))).toBeLessThanOrEqual(2000)
      }
      expect(JSON.stringify(await fleet.entries({ ref }))).not.toContain('text-in-chart')
      expect(await fleet.entries({ types: ['session'] })).not.toContainEqual(
        expect.objectContaining({ reason: 'ReleasesUnread' }),
      )
    },
  )

  it(
    'has the commits that led to what the branch was at, since its host was allowed',
    { timeout: 120_000 },
    async () => {
      const subjects = await fleet.until(async () => {
        const found = await fleet.entries({ types: ['commit'] })
        return (
          found.length >= 5 && found.map(({ message, isBackfilled }) => `${message}${isBackfilled ? ', found' : ''}`)
        )
      }, 'the commits before Sluice')
      expect(subjects.toSorted()).toEqual(
        ['Begin', 2, 3, 4, 5].map((each) => `${each === 'Begin' ? '' : 'Release '}${each}, found`),
      )
    },
  )

  it(
    'has none of them twice after a restart that looks into the storage again, and the newest beside them',
    { timeout: 300_000 },
    async () => {
      const [site] = fleet.sites
      if (site === undefined) throw new Error('There is no cluster')
      const ref = { cluster: fleet.clusterOf(site), group: helmGroup, kind: 'HelmRelease', namespace, name }
      const versions = async (): Promise<readonly unknown[]> =>
        (await fleet.entries({ ref, types: ['run'] })).map(({ facts }) => facts?.['version'])
      await fleet.stopSluice()
      await release(site, 6)
      await fleet.startSluice()
      await fleet.until(async () => (await versions()).includes(6), 'the release without Sluice')
      await release(site, 7)
      await fleet.until(async () => (await versions()).includes(7), 'the release with Sluice')
      expect(await versions()).toEqual([7, 6, 5, 4, 3, 2, 1])
    },
  )
})
