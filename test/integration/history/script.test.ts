/**
 * A fleet driven by a script, and a history that has to hold every step of it: with the right time, commit and actor, and no failure that was none.
 * Each step once, then drawn from a printed seed: three minutes in `npm test`, thirty in the soak, SLUICE_SCRIPT_MINUTES in either.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HistoryEntry } from '../../../shared/model/history.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { CommitArrivals, ObjectTrace } from '../../../shared/model/trace.ts'
import { gatherItems } from '../../app/node-engine.ts'
import { fluxAssets } from '../../cluster/start.ts'
import { isSoak, seed } from '../../soak.ts'
import { runSluice } from '../run-sluice.ts'
import { startRegistry } from '../source/oci-registry.ts'
import {
  chartFiles,
  configText,
  followsCommits,
  helmGroup,
  kustomizationText,
  namespace,
  releaseApplier,
  startScriptFleet,
  waitMs,
} from './script-fleet.ts'
import type { ScriptFleet } from './script-fleet.ts'
import { steps } from './script-steps.ts'
import type { Expected, Told, Turn } from './script-told.ts'

const assets = fluxAssets()
const authors = ['Ann Lee', 'Ben Okafor', 'Cleo Sand']
const scriptMs = Number(process.env.SLUICE_SCRIPT_MINUTES ?? (isSoak ? 30 : 3)) * 60_000
/** Each step is taken once, however long that takes, and the last one comes to its end. */
const timeoutMs = scriptMs + 10 * 60_000
/** What waits three times for the fleet may do so to the end of each: that says what was waited for. */
const patient = { timeout: 3 * waitMs + 60_000 }
let fleet: ScriptFleet

/** xorshift: the same steps for the same seed. */
function drawFrom(start: number): <T>(values: readonly T[]) => T {
  let state = start * 2654435761 || 1
  return (values) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return values[(state >>> 0) % values.length]!
  }
}

function isFound(entries: readonly HistoryEntry[], { cluster, from, until, isIt }: Expected): boolean {
  return entries.some((entry) => entry.cluster === cluster && entry.at >= from && entry.at <= until && isIt(entry))
}

const time = (ms: number): string => new Date(ms).toISOString().slice(11, 23)

/** With the step in which it was, and what is near it. */
function describeUntold(
  entries: readonly HistoryEntry[],
  untold: HistoryEntry,
  taken: readonly { readonly name: string; readonly at: number }[],
): string {
  const step = taken.findLast(({ at }) => at <= untold.at)
  const near = entries.filter(({ at, cluster }) => cluster === untold.cluster && Math.abs(at - untold.at) < 3000)
  return [`in ${step?.name ?? 'none'}:`, lineOf(untold), '  near it:', ...near.slice(0, 30).map(lineOf)].join('\n')
}

function lineOf({ at, type, reason, ref, by, revision, message }: HistoryEntry): string {
  return `    ${time(at)} ${type} ${reason} ${ref?.kind ?? ''}/${ref?.name ?? ''} ${revision.slice(-7)} ${by} ${message.slice(0, 60)}`
}

/** What is near it, for whoever reads the failure. */
function describeMiss(entries: readonly HistoryEntry[], expected: Expected): string {
  const like = entries.filter((entry) => entry.cluster === expected.cluster && expected.isIt(entry))
  const near = entries.filter(({ at, cluster }) => cluster === expected.cluster && Math.abs(at - expected.from) < 5000)
  return [
    `${expected.what}, between ${time(expected.from)} and ${time(expected.until)}`,
    like.length > 0 ? '  at other times:' : '  not at all; near it:',
    ...(like.length > 0 ? like.slice(0, 5) : near.slice(0, 12)).map(lineOf),
  ].join('\n')
}

describe.skipIf(assets === null)('a history of a fleet that is driven by a script', patient, () => {
  beforeAll(async () => {
    fleet = await startScriptFleet(assets ?? '', {
      siteNames: isSoak ? ['north', 'south'] : ['north'],
      apps: isSoak ? ['web', 'shop', 'billing', 'search'] : ['web', 'shop'],
    })
  })
  afterAll(() => fleet?.stop())

  it(
    'holds every step, with time, commit and actor',
    async () => {
      const draw = drawFrom(seed())
      const told: Told = { expected: [], failures: [], drifts: [] }
      const names = Object.keys(steps)
      const began = Date.now()
      const taken: { readonly name: string; readonly at: number }[] = []
      let open: readonly Expected[] = []
      let known = 0
      // A commit first: nothing is compared with Git before something was applied.
      // Steps by name, where one of them is looked into.
      const only = process.env.SLUICE_SCRIPT_STEPS?.split(',')
      const plan = only ?? ['commits', ...names.filter((name) => name !== 'commits')]
      for (let number = 1; ; number += 1) {
        const name = plan.shift() ?? draw(names)
        const site = draw(fleet.sites)
        const [app, release, author] = [draw(fleet.apps), draw(fleet.releases), draw(authors)]
        const turn: Turn = { fleet, site, app, release, author, number, told }
        taken.push({ name, at: Date.now() })
        try {
          await steps[name]!(turn)
        } catch (error) {
          throw new Error(
            `step ${number}, ${name} of ${app} or ${release} in ${site.name}, after ${taken
              .slice(-5)
              .map((each) => each.name)
              .join(', ')}`,
            {
              cause: error,
            },
          )
        }
        // What a soak did is read along.
        if (isSoak || only !== undefined)
          process.stderr.write(`${Date.now() - began} ms ${name} ${app} ${release} ${site.name}\n`)
        // Each is found before the next begins: what is late is not saved by what comes after.
        open = [...open, ...told.expected.slice(known)]
        known = told.expected.length
        await fleet
          .until(async () => {
            if (open.length === 0) return true
            const entries = await fleet.entries({ from: Math.min(...open.map(({ from }) => from)) - 1000 })
            open = open.filter((each) => !isFound(entries, each))
            return open.length === 0
          }, `what ${name} left in the history`)
          .catch(() => undefined)
        // A file that was set aside takes what was found in it along.
        const { engine, call } = fleet.engine()
        const { note, problem } = await engine.handlers['history.state']({}, call)
        expect({ note, problem }, `after step ${number}, ${name}`).toEqual({ note: '', problem: '' })
        if (open.length > 0) break
        if (plan.length === 0 && (only !== undefined || Date.now() - began > scriptMs)) break
      }
      const entries = await fleet.entries({})
      const missing = told.expected.filter((each) => !isFound(entries, each))
      expect(missing.map((each) => describeMiss(entries, each))).toEqual([])

      const isWithin = ({ cluster, ref, at }: HistoryEntry, stretches: Told['failures']): boolean =>
        stretches.some(
          (each) => each.cluster === cluster && each.name === ref?.name && at >= each.from && at <= each.until,
        )
      const bad = entries.filter(
        ({ type, tone, at }) =>
          // Before the script began a Kustomization waited for its source.
          at >= began && tone === 'bad' && (type === 'status' || type === 'run' || type === 'object'),
      )
      const untold = [
        ...bad.filter((entry) => !isWithin(entry, told.failures)),
        ...entries.filter((entry) => entry.reason === 'DriftFound' && !isWithin(entry, told.drifts)),
      ]
      expect(untold.map((entry) => describeUntold(entries, entry, taken))).toEqual([])
      console.log(
        `${taken.length} steps, ${told.expected.length} expectations, ${entries.length} entries in ${Math.round((Date.now() - began) / 1000)} s`,
      )
    },
    timeoutMs,
  )

  /** What the clusters say comes first: the runs of those whose revision names the commit, once each of them is in the history. */
  const recorded = ({ sha, arrivals }: CommitArrivals): Promise<readonly HistoryEntry[]> =>
    fleet.until(async () => {
      const entries = await fleet.entries({ commits: [sha], types: ['run'] })
      const isThere = arrivals.every(
        ({ cluster, owner }) =>
          owner === null ||
          (owner.kind === 'HelmRelease' && !followsCommits(owner.name)) ||
          entries.some(
            (entry) => entry.cluster === cluster && entry.ref !== null && refKey(entry.ref) === refKey(owner),
          ),
      )
      return isThere && entries
    }, `the runs of ${sha} in the history`)

  it('answers where a commit is and where an object comes from, in the engine and on the command line', async () => {
    const [app = ''] = fleet.apps
    const [site] = fleet.sites
    if (site === undefined) throw new Error('There is no cluster')
    const from = Date.now()
    const sha = await fleet.commitAs('Ann Lee', 'The last one', {
      [`apps/${app}/config.yaml`]: `# Said by hand.\n${configText(app, 'the end')}`,
    })
    const { engine, call } = fleet.engine()
    const found = await fleet.until(async () => {
      const where = await engine.handlers['history.where']({ commit: sha.slice(0, 10) }, call)
      const isEverywhere =
        where.arrivals.length === fleet.sites.length * (fleet.apps.length + 1 + fleet.releases.length)
      return isEverywhere && where.commit !== null && where.arrivals.every(({ state }) => state === 'applied') && where
    }, `${sha} to be everywhere`)
    expect(found).toMatchObject({ sha, commit: { author: 'Ann Lee', subject: 'The last one' } })
    await recorded(found)
    for (const { owner, fetchedAt, appliedAt } of found.arrivals) {
      expect(fetchedAt).toBeGreaterThanOrEqual(Math.floor(from / 1000) * 1000)
      if (owner?.kind === 'HelmRelease' && !followsCommits(owner.name)) {
        // Nothing of it had to be released.
        expect(appliedAt).toBeNull()
        continue
      }
      expect(appliedAt).toBeGreaterThanOrEqual(fetchedAt ?? Infinity)
      expect(appliedAt).toBeLessThanOrEqual(Date.now() + 1000)
    }
    const traces = new Map<string, ObjectTrace>()
    const ref = { cluster: fleet.clusterOf(site), group: '', kind: 'ConfigMap', namespace, name: `${app}-config` }
    const stop = engine.handlers['trace.watch']({ ref }, gatherItems(traces), call)
    const [trace] = await fleet.until(() => {
      const all = [...traces.values()]
      return all[0]?.isComplete === true && all
    }, 'the trace')
    stop()
    expect(trace?.steps).toMatchObject([
      {
        owner: { ref: { kind: 'Kustomization', name: app } },
        via: 'inventory',
        revision: `main@sha1:${sha}`,
        source: { ref: { kind: 'GitRepository', name: 'fleet' } },
        place: { file: `apps/${app}/config.yaml`, line: 2 },
        commit: { sha, author: 'Ann Lee', subject: 'The last one' },
      },
    ])
    // Another process beside the one that records: the same history.
    const sluice = (...words: readonly string[]): ReturnType<typeof runSluice> =>
      runSluice(words, { home: fleet.home, kubeconfig: site.cluster.kubeconfigPath })
    const [where, nowhere, traced] = await Promise.all([
      sluice('where', sha.slice(0, 8), '-o', 'json'),
      sluice('where', '0123456789'),
      sluice('trace', `cm/${app}-config`, '-n', namespace),
    ])
    expect({ ...where, out: '' }).toMatchObject({ code: 0, words: '' })
    const told = JSON.parse(where.out) as CommitArrivals
    expect(told.commit?.author).toBe('Ann Lee')
    // Of other clusters what was recorded, and nothing had to be released in those of charts that stayed as they were.
    const known = found.arrivals.filter(
      ({ cluster, owner }) =>
        cluster === fleet.clusterOf(site) || owner?.kind !== 'HelmRelease' || followsCommits(owner.name),
    )
    expect(told.arrivals.map(({ state }) => state)).toEqual(known.map(() => 'applied'))
    expect(nowhere).toMatchObject({ code: 1, out: '' })
    expect(traced.code).toBe(0)
    expect(traced.out).toContain(`apps/${app}/config.yaml:2`)
    expect(traced.out).toContain('Ann Lee: The last one')
  })

  it('follows a commit through charts to their releases, and what a release made back to it', async () => {
    const [site] = fleet.sites
    if (site === undefined) throw new Error('There is no cluster')
    const { engine, call } = fleet.engine()
    const releaseIn = (where: CommitArrivals, name: string): readonly CommitArrivals['arrivals'][number][] =>
      where.arrivals.filter(({ owner }) => owner?.group === helmGroup && owner.name === name)
    const until = (sha: string, isIt: (where: CommitArrivals) => boolean, what: string): Promise<CommitArrivals> =>
      fleet.until(async () => {
        const where = await engine.handlers['history.where']({ commit: sha }, call)
        return isIt(where) && where
      }, what)
    const sluice = (...words: readonly string[]): ReturnType<typeof runSluice> =>
      runSluice(words, { home: fleet.home, kubeconfig: site.cluster.kubeconfigPath })

    const from = Date.now()
    const sha = await fleet.commitAs('Ben Okafor', 'Both charts', {
      ...chartFiles('store', { version: '0.1.0', text: 'both' }),
      ...chartFiles('desk', { version: '7.0.0', text: 'both' }),
    })
    const isApplied = (where: CommitArrivals): boolean =>
      where.commit !== null && where.arrivals.every(({ state }) => state === 'applied')
    const found = await until(sha, isApplied, `${sha} to be released everywhere`)
    expect(found).toMatchObject({ sha, commit: { author: 'Ben Okafor', subject: 'Both charts' } })
    for (const [name, version] of [
      ['store', `0.1.0+${sha.slice(0, 12)}`],
      ['desk', '7.0.0'],
    ] as const) {
      const arrivals = releaseIn(found, name)
      expect(arrivals).toHaveLength(fleet.sites.length)
      for (const { revision, source, fetchedAt, appliedAt, message } of arrivals) {
        expect({ revision, message }).toEqual({ revision: version, message: '' })
        expect(source).toMatchObject({ kind: 'GitRepository', name: 'fleet' })
        expect(appliedAt).toBeGreaterThanOrEqual(Math.floor(from / 1000) * 1000)
        expect(appliedAt).toBeGreaterThanOrEqual(fetchedAt ?? Infinity)
        expect(appliedAt).toBeLessThanOrEqual(Date.now() + 1000)
      }
    }
    // By the commit alone, in whatever form a release carries it.
    expect((await recorded(found)).map(({ ref }) => ref?.name)).toContain('store')

    // A chart without another version is not packaged anew, and what else a commit changes in it is not known here.
    const silent = await fleet.commitAs('Ann Lee', 'One chart, the same version', {
      ...chartFiles('desk', { version: '7.0.0', text: 'silent' }),
    })
    const after = await until(silent, isApplied, `${silent} to be everywhere`)
    expect(releaseIn(after, 'desk').map(({ appliedAt, message }) => [appliedAt, message])).toEqual(
      fleet.sites.map(() => [null, expect.stringContaining('was not packaged anew') as string]),
    )
    const before = await engine.handlers['history.where']({ commit: sha }, call)
    // Each is known to have been there: it was recorded, or is there still.
    expect(before.arrivals.map(({ state }) => state)).toEqual(before.arrivals.map(() => 'applied'))

    const traces = new Map<string, ObjectTrace>()
    const ref = { cluster: fleet.clusterOf(site), group: '', kind: 'ConfigMap', namespace, name: 'store-config' }
    const stop = engine.handlers['trace.watch']({ ref }, gatherItems(traces), call)
    const trace = await fleet.until(
      () =>
        [...traces.values()].find(
          ({ isComplete, steps }) => isComplete && steps.every(({ commit }) => commit !== null),
        ),
      'the trace',
    )
    stop()
    const commit = { sha: silent, author: 'Ann Lee', subject: 'One chart, the same version' }
    expect(trace.steps).toMatchObject([
      {
        owner: { ref: { kind: 'HelmRelease', name: 'store' } },
        revision: `0.1.0+${silent.slice(0, 12)}`,
        originRevision: `main@sha1:${silent}`,
        source: { ref: { kind: 'GitRepository', name: 'fleet' } },
        commit,
      },
      {
        owner: { ref: { kind: 'Kustomization', name: releaseApplier } },
        place: { file: 'releases/store.yaml', line: 1 },
        commit,
      },
    ])

    // Another process, and nothing but what is kept and what the cluster says.
    const [there, same, traced] = await Promise.all([
      sluice('where', sha, '-o', 'json'),
      sluice('where', silent),
      sluice('trace', 'cm/desk-config', '-n', namespace),
    ])
    expect({ ...there, out: '' }).toMatchObject({ code: 0, words: '' })
    const told = JSON.parse(there.out) as CommitArrivals
    expect(releaseIn(told, 'desk').map(({ state }) => state)).toEqual(['applied'])
    expect(same.code).toBe(0)
    expect(same.out).toContain('was not packaged anew')
    expect(traced.code).toBe(0)
    expect(traced.out).toContain('HelmRelease/')
    expect(traced.out).toContain('Ben Okafor: Both charts')
  })

  it('follows an OCI artifact to the commit that it says it was made from, and that commit to what was made of it', async () => {
    const [site] = fleet.sites
    if (site === undefined) throw new Error('There is no cluster')
    const { engine, call } = fleet.engine()
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: packed-config, namespace: default}\ndata: {a: b}\n'
    const sha = await fleet.commitAs('Cleo Sand', 'Pack it', { 'packed/config.yaml': text })
    const file = path.join(fleet.home, 'packed.tar.gz')
    await fleet.repository.git('archive', '--format=tar.gz', '-o', file, 'HEAD')
    const registry = await startRegistry(await readFile(file), {
      'org.opencontainers.image.revision': `main@sha1:${sha}`,
      'org.opencontainers.image.source': fleet.repository.url,
    })
    try {
      await site.cluster.applyYaml(`apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: packed, namespace: ${namespace}}
spec: {interval: 1h, insecure: true, url: "oci://127.0.0.1:${registry.port}/fleet", ref: {tag: latest}}
---
${kustomizationText('packed').replace('GitRepository, name: fleet', 'OCIRepository, name: packed').replace('./apps/packed', './packed')}`)
      const found = await fleet.until(async () => {
        const where = await engine.handlers['history.where']({ commit: sha }, call)
        const packed = where.arrivals.find(({ owner }) => owner?.name === 'packed')
        return packed?.state === 'applied' && where.commit !== null && { where, packed }
      }, 'the artifact to be applied')
      expect(found.where.commit?.author).toBe('Cleo Sand')
      expect(found.packed.source).toMatchObject({ kind: 'OCIRepository', name: 'packed' })
      expect(found.packed.revision).toMatch(/^latest@sha256:/)
      const traces = new Map<string, ObjectTrace>()
      const ref = { cluster: fleet.clusterOf(site), group: '', kind: 'ConfigMap', namespace, name: 'packed-config' }
      const stop = engine.handlers['trace.watch']({ ref }, gatherItems(traces), call)
      const trace = await fleet.until(
        () => [...traces.values()].find(({ isComplete, steps: [step] }) => isComplete && step?.commit != null),
        'the trace',
      )
      stop()
      expect(trace.steps).toMatchObject([
        {
          originRevision: `main@sha1:${sha}`,
          originUrl: fleet.repository.url,
          place: { file: 'packed/config.yaml', line: 1 },
          commit: { sha, author: 'Cleo Sand', subject: 'Pack it' },
        },
      ])
    } finally {
      await registry.stop()
    }
  })
})
