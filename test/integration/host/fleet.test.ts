/**
 * Parity of whole fleets: on one cluster the real source- and kustomize-controller, on its twin hosted mode, the same commits for both. After each step
 * every object of both API servers is equal, field by field. In `npm test` a fleet by hand that uses every field, and slices of three real
 * ones; `npm run soak` takes these whole (SLUICE_FLEETS: names, by comma) with SLUICE_SEED.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { at, textAt } from '../../../electron/engine/status/read.ts'
import { createChance } from '../../cluster/drift/random.ts'
import type { Fleet } from '../../cluster/fleet/derive-fleet.ts'
import type { GitRepository } from '../../cluster/git-server.ts'
import type { TestCluster } from '../../cluster/start.ts'
import { fleetArchive, fluxAssets } from '../../cluster/start.ts'
import { isSoak, seed } from '../../soak.ts'
import { maskText } from './fleet-compare.ts'
import type { Step, Story, Subject } from './fleet-stories.ts'
import { findSubjects, tellStories } from './fleet-stories.ts'
import type { Synthetic } from './fleet-synthetic.ts'
import { createSynthetic, ignoredMaps, markedMaps } from './fleet-synthetic.ts'
import { sourcesRoot } from './fleet-settled.ts'
import type { FleetTwins } from './fleet-twins.ts'
import { startFleetTwins } from './fleet-twins.ts'
import { readUntilEqual } from './one-run.ts'

const readingCommands: ReadonlySet<string> = new Set(['get', 'tree', 'trace', 'events', 'stats'])

/** Milliseconds that a step may take on a machine that does other things as well. */
const patience = isSoak ? 900_000 : 120_000
/** Of each real fleet what `npm test` takes of it: Kustomizations that others depend on, the others, and some that play a part. */
const slices: Readonly<Record<string, readonly string[]>> = {
  'onedr0p_home-ops': [
    'actions-runner-controller',
    'actions-runner-controller-runners',
    'chaski',
    'cleanrr',
    'go2rtc',
    'smtp-relay',
  ],
  'bjw-s-labs_home-ops': ['bonob', 'echo-server', 'it-tools', 'multus', 'multus-networks', 'webhook'],
  'joryirving_home-ops': [
    'cloudnative-pg',
    'decluttarr',
    'deduparr',
    'flaresolverr',
    'miso-gallery',
    'toolhive',
    'toolhive-crds',
  ],
}
const wholeFleets = process.env['SLUICE_FLEETS']?.split(',') ?? Object.keys(slices)

const withArtifact = [
  'synthetic',
  'including',
  'tagged',
  'annotated',
  'versioned',
  'early',
  'pinned',
  'signed',
  'signed-tag',
  'signed-both',
  'nested',
  'hollow',
  'guarded',
]

let twins: FleetTwins

/** Both clusters, and the files of each artifact; answers these, by name of the source. */
async function expectEqual(what: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const began = performance.now()
  const { differences, notReady, ...counts } = await twins.compare(patience)
  const [theirs, mine] = await twins.artifactFiles()
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const found = differences.map((line) => `  ${line}\n`).join('')
  process.stderr.write(
    `${what}: ${JSON.stringify(counts)}, ${String(notReady.length)} not Ready, ${String(differences.length)} differences, ${seconds} s\n${found}`,
  )
  // In the message as well: the end of a long output tells what failed, and not what it wrote.
  expect.soft(differences, `${what}\n${found}`).toEqual([])
  expect.soft(mine, `${what}: files of the artifacts`).toEqual(theirs)
  return theirs
}

const subjectsOf = async (repository: GitRepository): Promise<readonly Subject[]> =>
  findSubjects(repository, await twins.kustomizations(repository))

interface Told {
  readonly repository: GitRepository
  readonly stories: readonly Story[]
}

/** One step of each story at a time, all of a repository in one commit, all repositories at once. */
async function live(told: readonly Told[]): Promise<void> {
  const last = Math.max(...told.flatMap(({ stories }) => stories.map(({ steps }) => steps.length)))
  for (let step = 0; step < last; step += 1) {
    await Promise.all(
      told.map(async ({ repository, stories }) => {
        const steps: Step[] = []
        for (const story of stories) {
          const next = await story.steps[step]?.()
          if (next !== undefined) steps.push(next)
        }
        await take(repository, steps)
      }),
    )
    await expectEqual(`step ${String(step + 1)}`)
  }
}

async function take(repository: GitRepository, steps: readonly Step[]): Promise<void> {
  const patches = steps.flatMap((step) => step.patches ?? [])
  for (const { name, spec } of patches) await twins.patch(repository, name, spec)
  const files = Object.assign({}, ...steps.map((step) => step.files ?? {})) as Record<string, string | null>
  if (Object.keys(files).length === 0) return
  // Which of the two comes first must not be chance.
  if (patches.length > 0) await twins.rest(patience)
  await twins.fetched(repository, await repository.commit(files, 'A step'))
  if (steps.some(({ isAsked }) => isAsked)) await twins.ask(repository)
  for (const { held } of steps)
    if (held !== undefined) await twins.release(held.subject, { namespace: held.subject.target, name: held.map })
}

describe.skipIf(fluxAssets() === null)('a fleet that uses every field', () => {
  let synthetic: Synthetic
  let free: readonly Subject[] = []
  const real: Fleet[] = []

  beforeAll(async () => {
    twins = await startFleetTwins()
    synthetic = await createSynthetic(twins.git, 16)
    for (const cluster of [twins.real, twins.ours]) {
      const stringData = { value: await readFile(cluster.kubeconfigPath, 'utf8') }
      await cluster.applyObjects([
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'synthetic' } },
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'own-cluster', namespace: 'synthetic' }, stringData },
      ])
    }
    await twins.apply(synthetic.entry)
    for (const [name, kept] of Object.entries(slices)) {
      const archive = fleetArchive(name)
      const keep = (kustomization: string): boolean => kustomization === 'cluster-apps' || kept.includes(kustomization)
      const namespacePrefix = `${name.split('_')[0] ?? ''}-`
      if (archive !== null) real.push(await twins.derive(archive, { keep, namespacePrefix, isTrimmed: true }))
    }
  })
  afterAll(async () => {
    await synthetic?.stop()
    await twins?.stop()
  })

  it('has a slice of each real fleet beside it', () => {
    const names = Object.values(slices).map((kept) => ['cluster-apps', ...kept].sort())
    expect(
      real.map(({ kustomizations }) => kustomizations),
      `${Object.keys(slices).join(', ')} in shared/corpus, beside the checkout`,
    ).toEqual(names)
  })

  it('is equal from nothing, artifacts too', { timeout: 2 * patience }, async () => {
    const files = await expectEqual('from nothing')
    const names = (await twins.kustomizations()).map(({ metadata }) => metadata.name)
    const meant = [...synthetic.kustomizations, ...real.flatMap(({ kustomizations }) => kustomizations)]
    expect(names.sort()).toEqual(meant.sort())
    // Of what two of them apply, each takes it from the other in turn.
    const ids = (await twins.kustomizations()).filter(isOfSlice).flatMap(inventoryOf)
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
    expect(Object.keys(files)).toEqual(expect.arrayContaining(withArtifact.map((name) => `synthetic/${name}`)))
    for (const cluster of [twins.real, twins.ours]) {
      const { status } = await cluster.requestOk<KubeObject>(
        'GET',
        `${sourcesRoot}/namespaces/synthetic/gitrepositories/versioned`,
      )
      expect(textAt(status, 'artifact', 'revision')).toMatch(/^v1\.1\.0@sha1:/)
    }
  })

  it('stays equal, whatever happens to it', { timeout: 10 * patience }, async () => {
    const { repository } = synthetic
    const chance = createChance(seed())
    const subjects = (await subjectsOf(repository)).filter(({ name }) => name.startsWith('plain-'))
    const stories = tellStories(repository, subjects, chance)
    expect(stories).toHaveLength(13)
    free = subjects.filter((subject) => !stories.some((story) => story.subjects.includes(subject)))
    // The same again, dealt out to the real ones.
    const dealt = await Promise.all(
      real.map(async ({ repository: own }, at) => {
        const isMine = (kind: number): boolean => kind % real.length === at
        return { repository: own, stories: tellStories(own, await subjectsOf(own), chance, isMine) }
      }),
    )
    expect(dealt.flatMap((each) => each.stories.map(({ title }) => title)).sort()).toEqual(
      stories.map(({ title }) => title).sort(),
    )
    await live([{ repository, stories }, ...dealt])
  })

  it('answers the flux command line as the controllers do', { timeout: 4 * patience }, async () => {
    const name = free[0]?.name ?? ''
    const of = [name, '-n', 'synthetic']
    const folder = path.join(synthetic.repository.workFolder, 'apps', name)
    const readings = [
      ['get', 'kustomizations', '-A'],
      ['get', 'sources', 'git', '-A'],
      ['tree', 'kustomization', 'synthetic', '-n', 'synthetic'],
      ['trace', 'configmap', name, '-n', 'default'],
      ['trace', 'deployment', 'pre-web-post', '-n', 'synthetic-a'],
      ['events', '--for', 'Kustomization/checked', '-n', 'synthetic'],
      ['stats', '-n', 'synthetic'],
    ]
    await Promise.all(readings.map((reading) => expectSame(reading)))
    await expectSame(['suspend', 'kustomization', ...of])
    await synthetic.repository.commit({ [`apps/${name}/map.yaml`]: await changed(path.join(folder, 'map.yaml')) })
    // It writes into the folder for a moment.
    await expectSame(['diff', 'kustomization', ...of, '--path', folder], false)
    await expectSame(['resume', 'kustomization', ...of])
    await expectSame(['reconcile', 'kustomization', ...of, '--with-source'])
    await expectSame(['delete', 'kustomization', ...of, '--silent'])
    await expectSame(['suspend', 'source', 'git', 'library', '-n', 'synthetic'])
    await expectSame(['get', 'sources', 'git', '-n', 'synthetic'])
    await expectSame(['resume', 'source', 'git', 'library', '-n', 'synthetic'])
    // Nobody reads it; what made it makes it anew when it is asked.
    await expectSame(['delete', 'source', 'git', 'early', '-n', 'synthetic', '--silent'])
    // Asked for again they have nothing new, and say it in their own words.
    const sources = ['library', 'tagged', 'versioned', 'pinned', 'signed-both'].map((source) => [
      'source',
      'git',
      source,
    ])
    await editIgnored()
    await editMarked()
    // The parent of what was deleted makes it anew.
    const kustomizations = ['ignored', 'plains', 'controls'].map((each) => ['kustomization', each])
    await Promise.all(
      [...sources, ...kustomizations].map((which) => expectSame(['reconcile', ...which, '-n', 'synthetic'])),
    )
    expect(Object.keys(await expectEqual('after the command line'))).not.toContain('synthetic/early')
    for (const cluster of [twins.real, twins.ours]) {
      const theirs = ignoredMaps.map(async (map) => {
        const { data } = await cluster.requestOk<{ data: { theirs: string } }>('GET', `${ignoredRoot}/${map}`)
        return data.theirs
      })
      expect(await Promise.all(theirs)).toEqual(['2', '2', '2', '2', '1'])
      for (const { name: marked, left } of markedMaps)
        expect(await cluster.requestOk('GET', `${ignoredRoot}/${marked}`), marked).toMatchObject({ data: left })
    }
    // What is marked for it stays; its parent makes it anew.
    await expectSame(['delete', 'kustomization', 'controls', '-n', 'synthetic', '--silent'])
    await twins.gone({ namespace: 'synthetic', name: 'controls' })
    await expectSame(['reconcile', 'kustomization', 'synthetic', '-n', 'synthetic'])
    expect(Object.keys(await expectEqual('after a deletion'))).toContain('synthetic/early')
    for (const cluster of [twins.real, twins.ours]) {
      const at = '/api/v1/namespaces/synthetic/events?fieldSelector=involvedObject.name=controls'
      const { items } = await cluster.requestOk<{ items: { message: string }[] }>('GET', at)
      expect(items.map(({ message }) => message)).toContainEqual(
        expect.stringContaining('ConfigMap/synthetic-a/kept skipped'),
      )
    }
  })

  const isOfSlice = ({ metadata }: KubeObject): boolean => metadata.namespace !== 'synthetic'
  const inventoryOf = (object: KubeObject): readonly string[] =>
    ((at(object, 'status', 'inventory', 'entries') ?? []) as { readonly id: string }[]).map(({ id }) => id)

  const ignoredRoot = '/api/v1/namespaces/synthetic-a/configmaps'

  /** What others may have, and in one case may not. */
  async function editIgnored(): Promise<void> {
    for (const cluster of [twins.real, twins.ours])
      for (const map of ignoredMaps)
        await cluster.requestOk(
          'PATCH',
          `${ignoredRoot}/${map}?fieldManager=somebody`,
          { data: { theirs: '2' } },
          'application/merge-patch+json',
        )
  }

  async function editMarked(): Promise<void> {
    for (const cluster of [twins.real, twins.ours])
      for (const { name, edit, isMade = false, by = 'kubectl-edit' } of markedMaps) {
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...edit }
        const [method, at] = isMade ? (['POST', ignoredRoot] as const) : (['PATCH', `${ignoredRoot}/${name}`] as const)
        const type = isMade ? undefined : 'application/merge-patch+json'
        await cluster.requestOk(method, `${at}?fieldManager=${by}`, body, type)
      }
  }

  async function changed(file: string): Promise<string> {
    return (await readFile(file, 'utf8')).replace('"a":"1"', '"a":"2"')
  }

  /** Words and exit code, ages and sizes aside; the same lines, whatever their order. */
  async function expectSame(args: readonly string[], isAtOnce = true): Promise<void> {
    const age = /^\S+( \(x\d+ over \S+\))?(?=\s+(Normal|Warning)\s)/gm
    const run = async ({ kubeconfigPath }: TestCluster): Promise<unknown> => {
      const { code, stdout, stderr } = await twins.flux.fluxCli([...args, '--kubeconfig', kubeconfigPath])
      const lines = maskText(`${stdout}\n${stderr}`)
        .replaceAll(age, '*')
        .replaceAll(/[\d.]+ (B|KiB|MiB)\b/g, '*')
        .replaceAll(/(Created at|Last reconciled|reconciled at):? .*/gi, '$1 *')
        .split('\n')
        .map((line) => line.trim().replaceAll(/\s+/g, ' '))
      return { code, lines: [...new Set(lines)].sort() }
    }
    const runBoth = async (): Promise<readonly [unknown, unknown]> => {
      const first = run(twins.real)
      if (!isAtOnce) await first
      return Promise.all([first, run(twins.ours)])
    }
    const [theirs, mine] = await readUntilEqual(runBoth, readingCommands.has(args[0] ?? '') ? 15_000 : 0)
    expect.soft(mine, args.join(' ')).toEqual(theirs)
    expect.soft(theirs, args.join(' ')).toMatchObject({ code: args[0] === 'diff' ? 1 : 0 })
  }
})

describe.skipIf(fluxAssets() === null || !isSoak).each(wholeFleets)('the whole of %s (soak)', (name) => {
  beforeAll(async () => {
    twins = await startFleetTwins({ components: { controllerManager: true } })
  })
  afterAll(() => twins?.stop())

  it('is equal from nothing and through all stories', { timeout: 20 * patience }, async () => {
    const fleet = await twins.derive(fleetArchive(name) ?? '', {})
    process.stderr.write(`${fleet.origin}: ${String(fleet.kustomizations.length)} Kustomizations\n`)
    // Whoever allows a host has what failed tried again, here alone: asked once more, both have.
    await twins.rest(patience)
    await twins.ask(fleet.repository)
    await expectEqual(`${name} from nothing`)
    const subjects = (await subjectsOf(fleet.repository)).filter(({ isNeeded }) => !isNeeded)
    const stories = tellStories(fleet.repository, subjects, createChance(seed()))
    // Each lives in a Kustomization of its own, some in two.
    expect(stories.length).toBeGreaterThanOrEqual(Math.min(9, Math.ceil(subjects.length / 2)))
    await live([{ repository: fleet.repository, stories }])
  })
})
