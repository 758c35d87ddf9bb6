/** Steps of the script about HelmReleases, whose charts and values stand in the fleet's repository. Like the others they leave everything in line with Git. */
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { KubeObject } from '../../cluster/apply-manifests.ts'
import type { ChartState, Site } from './script-fleet.ts'
import {
  chartFiles,
  chartNameOf,
  chartPath,
  configPath,
  followsCommits,
  kustomizationPath,
  releaseApplier,
  releaseFile,
  releasePath,
} from './script-fleet.ts'
import {
  expect,
  expectCommit,
  expectFailed,
  expectMended,
  expectRelease,
  expectReleases,
  expectRun,
  isAbout,
  isOf,
  isOne,
  isReady,
  isReleased,
  lateMs,
  second,
  setBack,
  turnInSluice,
  untilApplied,
  untilRecorded,
} from './script-told.ts'
import type { Step, Turn } from './script-told.ts'

type HelmChart = KubeObject & {
  readonly status?: {
    readonly observedSourceArtifactRevision?: string
    readonly artifact?: { readonly revision: string }
  }
}

/** What a chart whose version counts has in this step, and in what mends it. */
const versionOf = ({ release, number }: Turn, patch = 0): string =>
  followsCommits(release) ? '0.1.0' : `0.${number}.${patch}`

/** What a release of this commit's chart is called. */
const releasedAs = (turn: Turn, sha: string, patch = 0): string =>
  followsCommits(turn.release) ? `${versionOf(turn, patch)}+${sha.slice(0, 12)}` : versionOf(turn, patch)

function commitChart(turn: Turn, subject: string, state: Partial<ChartState> = {}): Promise<string> {
  const { fleet, release, author, number } = turn
  const chart = { version: versionOf(turn), text: `text ${number}`, ...state }
  return fleet.commitAs(author, subject, chartFiles(release, chart))
}

async function chartOf({ site, release }: Turn): Promise<HelmChart['status']> {
  return (await site.cluster.requestOk<HelmChart>('GET', chartPath(release))).status
}

/** Everything is at the commit, and the turn's release has this version of its chart in all clusters. */
async function untilReleased(turn: Turn, sha: string, version: string): Promise<void> {
  const { fleet, release } = turn
  await untilApplied(turn, sha)
  for (const site of fleet.sites)
    await fleet.until(async () => {
      const object = await fleet.helmRelease(site, release)
      return isReleased(object) && object?.status?.history?.[0]?.chartVersion === version
    }, `${release} of ${site.name} to release ${version}`)
}

/** Nothing of what was asked of it before is under way. */
async function untilCalm(turn: Turn): Promise<void> {
  const { fleet, site, release } = turn
  const sha = await fleet.repository.git('rev-parse', 'HEAD')
  await untilApplied(turn, sha)
  await fleet.until(async () => {
    const [object, chart] = [await fleet.helmRelease(site, release), await chartOf(turn)]
    return (
      isReleased(object) &&
      chart?.observedSourceArtifactRevision?.endsWith(sha) === true &&
      chart.artifact?.revision === object?.status?.history?.[0]?.chartVersion
    )
  }, `${release} of ${site.name} to be calm`)
}

/** The chart that was made of the commit, and its release, in all clusters or some. */
function expectPackaged(
  turn: Turn,
  sha: string,
  version: string,
  from: number,
  { sites = turn.fleet.sites, released = from }: { sites?: readonly Site[]; released?: number } = {},
): void {
  for (const site of sites) {
    expect(
      turn,
      site,
      `chart ${version} of ${turn.release}`,
      from,
      (entry) =>
        entry.type === 'artifact' &&
        entry.revision === version &&
        isAbout(entry, 'HelmChart', chartNameOf(turn.release)),
    )
    expectRelease(turn, site, turn.release, sha, released, (entry) => entry.revision === version && isOf(sha)(entry))
  }
}

/** A commit changes the chart. */
const packages: Step = async (turn) => {
  const from = Date.now()
  const subject = `Chart of ${turn.release} ${turn.number}`
  const sha = await commitChart(turn, subject)
  await untilReleased(turn, sha, releasedAs(turn, sha))
  expectCommit(turn, sha, subject, from)
  expectReleases(turn, sha, from)
  expectPackaged(turn, sha, releasedAs(turn, sha), from)
}

/** A commit changes the values alone: where the chart stays, the release is another one all the same. */
const changesValues: Step = async (turn) => {
  const { fleet, release, author, number } = turn
  const before = new Map<Site, number>()
  for (const site of fleet.sites)
    before.set(site, (await fleet.helmRelease(site, release))?.status?.history?.[0]?.version ?? 0)
  const from = Date.now()
  const subject = `Values of ${release} ${number}`
  const sha = await fleet.commitAs(author, subject, releaseFile(release, `value ${number}`))
  await untilApplied(turn, sha)
  for (const site of fleet.sites)
    await fleet.until(async () => {
      const { body } = await site.cluster.request('GET', configPath(release))
      return (body as { data?: { value?: string } }).data?.value === `value ${number}`
    }, `${release}-config of ${site.name} to have value ${number}`)
  expectCommit(turn, sha, subject, from)
  for (const site of fleet.sites) {
    expectRun(turn, site, releaseApplier, sha, from)
    expect(
      turn,
      site,
      `the values of ${release} written by kustomize-controller`,
      from,
      (entry) =>
        entry.type === 'object' &&
        entry.reason === 'SpecChanged' &&
        entry.by === 'kustomize-controller' &&
        isAbout(entry, 'HelmRelease', release),
    )
    expectRelease(
      turn,
      site,
      release,
      sha,
      from,
      ({ facts }) => Number(facts?.['version']) > (before.get(site) ?? Infinity),
    )
  }
}

/** A commit whose release fails, and the one that mends it. */
function breaksBy(
  what: string,
  breakIt: (turn: Turn, subject: string) => Promise<string>,
  mendIt: (turn: Turn, subject: string) => Promise<string>,
  /** What is tried and what is released in the end; null: what was there. */
  versions: (turn: Turn, sha: string, fix: string) => readonly [tried: string | null, mended: string | null],
): Step {
  return async (turn) => {
    const { fleet, release, number } = turn
    const from = Date.now()
    const subject = `Break ${what} of ${release} ${number}`
    const sha = await breakIt(turn, subject)
    const [tried] = versions(turn, sha, '')
    for (const site of fleet.sites)
      await fleet.until(async () => {
        const object = await fleet.helmRelease(site, release)
        const applied = (await fleet.kustomization(site, releaseApplier))?.status?.lastAppliedRevision
        return (
          applied?.endsWith(sha) === true &&
          object?.status?.observedGeneration === object?.metadata.generation &&
          (tried === null || object?.status?.lastAttemptedRevision === tried) &&
          isReady(object, 'False')
        )
      }, `${release} of ${site.name} to fail at ${sha}`)
    expectCommit(turn, sha, subject, from)
    const about = { kind: 'HelmRelease', name: release } as const
    expectFailed(turn, about, sha, from, (entry) => tried === null || (entry.revision === tried && isOf(sha)(entry)))
    const mended = Date.now()
    const fixSubject = `Mend ${what} of ${release} ${number}`
    const fix = await mendIt(turn, fixSubject)
    const [, version] = versions(turn, sha, fix)
    if (version === null) await untilApplied(turn, fix)
    else await untilReleased(turn, fix, version)
    expectCommit(turn, fix, fixSubject, mended)
    if (version !== null) expectPackaged(turn, fix, version, mended)
    expectReleases(turn, fix, mended)
    for (const site of fleet.sites) {
      expectRelease(turn, site, release, fix, mended)
      expectMended(turn, site, about, { from, mended })
    }
  }
}

/** A template that cannot be rendered. */
const breaksChart = breaksBy(
  'the chart',
  (turn, subject) => commitChart(turn, subject, { isBroken: true }),
  (turn, subject) => commitChart(turn, subject, { version: versionOf(turn, 1), text: `mended ${turn.number}` }),
  (turn, sha, fix) => [releasedAs(turn, sha), releasedAs(turn, fix, 1)],
)

/** Values of which the API server refuses what comes out. */
const breaksValues = breaksBy(
  'the values',
  ({ fleet, release, author, number }, subject) =>
    fleet.commitAs(author, subject, releaseFile(release, `refused ${number}`, true)),
  ({ fleet, release, author, number }, subject) =>
    fleet.commitAs(author, subject, releaseFile(release, `mended ${number}`)),
  (turn, sha, fix) => (followsCommits(turn.release) ? [releasedAs(turn, sha), releasedAs(turn, fix)] : [null, null]),
)

/** Somebody closes a release's gate with the CLI, a commit changes its chart, and the gate is opened: the history knows where the commit waits meanwhile. */
const suspendsRelease: Step = async (turn) => {
  const { fleet, site, release } = turn
  const from = Date.now()
  await fleet.patch(site, releasePath(release), { spec: { suspend: true } }, 'flux')
  const isGate = (entry: HistoryEntry, reason: string): boolean =>
    entry.type === 'gate' && entry.reason === reason && entry.by === 'flux' && isAbout(entry, 'HelmRelease', release)
  expect(turn, site, `${release} suspended by flux`, from, (entry) => isGate(entry, 'Suspended'))
  const committed = Date.now()
  const subject = `Behind the gate of ${release} ${turn.number}`
  const sha = await commitChart(turn, subject)
  const version = releasedAs(turn, sha)
  await untilApplied(turn, sha, isOne(site, release))
  await fleet.until(async () => (await chartOf(turn))?.artifact?.revision === version, `chart ${version}`)
  expectCommit(turn, sha, subject, committed)
  const { engine, call } = fleet.engine()
  await fleet.until(async () => {
    const { arrivals } = await engine.handlers['history.where']({ commit: sha }, call)
    return arrivals.some(
      ({ cluster, owner, state, isSuspended }) =>
        cluster === fleet.clusterOf(site) && owner?.name === release && state === 'fetched' && isSuspended,
    )
  }, `${sha} to wait for ${release}`)
  const opened = Date.now()
  await fleet.patch(site, releasePath(release), { spec: { suspend: false } }, 'flux')
  await untilReleased(turn, sha, version)
  expect(turn, site, `${release} resumed by flux`, opened, (entry) => isGate(entry, 'Resumed'))
  const others = fleet.sites.filter((each) => each !== site)
  expectPackaged(turn, sha, version, committed, { sites: others })
  expectPackaged(turn, sha, version, committed, { sites: [site], released: opened })
}

const suspendsReleaseInSluice: Step = (turn) => turnInSluice(turn, 'HelmRelease', turn.release, () => untilCalm(turn))

const isDrift = (turn: Turn, reason: string) => (entry: HistoryEntry) =>
  entry.type === 'drift' &&
  entry.reason === reason &&
  entry.owner?.kind === 'HelmRelease' &&
  entry.owner.name === turn.release &&
  isAbout(entry, 'ConfigMap', `${turn.release}-config`)

/** A field of a chart's object is changed by hand. */
const driftsInChart: Step = async (turn) => {
  const { fleet, site, release, number } = turn
  await untilCalm(turn)
  const from = Date.now()
  await fleet.patch(site, configPath(release), { data: { value: `by hand ${number}` } }, 'kubectl-edit')
  await untilRecorded(turn, from, 'DriftFound', release)
  const isFound = isDrift(turn, 'DriftFound')
  expect(
    turn,
    site,
    `${release}-config changed by kubectl-edit`,
    from,
    (entry) => isFound(entry) && entry.by === 'kubectl-edit' && entry.message.includes('data.value'),
  )
  await setBack(turn, releasePath(release), release, from, (value) => value !== `by hand ${number}`)
}

/** A chart's object is deleted by hand. */
const removesFromChart: Step = async (turn) => {
  const { site, release } = turn
  await untilCalm(turn)
  const from = Date.now()
  await site.cluster.requestOk('DELETE', configPath(release))
  await untilRecorded(turn, from, 'DriftFound', release)
  const isFound = isDrift(turn, 'DriftFound')
  expect(
    turn,
    site,
    `${release}-config missing`,
    from,
    (entry) => isFound(entry) && entry.facts?.['action'] === 'created',
  )
  await setBack(turn, releasePath(release), release, from, (value) => value !== undefined)
}

/** A release is deleted by hand, with what it had installed, and its Kustomization makes it anew. */
const deletesRelease: Step = async (turn) => {
  const { fleet, site, release, number, told } = turn
  const sha = await fleet.repository.git('rev-parse', 'HEAD')
  await untilCalm(turn)
  const from = Date.now()
  await site.cluster.requestOk('DELETE', releasePath(release))
  await fleet.until(async () => (await fleet.helmRelease(site, release)) === null, `${release} to be gone`)
  const isIt = (type: string, reason: string) => (entry: HistoryEntry) =>
    entry.type === type && entry.reason === reason && isAbout(entry, 'HelmRelease', release)
  expect(turn, site, `${release} deleted`, from, isIt('object', 'Deleted'))
  const made = Date.now()
  const requestedAt = `step ${number} ${made}`
  await fleet.patch(
    site,
    kustomizationPath(releaseApplier),
    { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': requestedAt } } },
    'flux',
  )
  await fleet.until(async () => (await fleet.helmRelease(site, release)) !== null, `${release} to be made anew`)
  await untilCalm(turn)
  const until = Date.now() + lateMs
  const about = { cluster: fleet.clusterOf(site), name: release, until }
  // Its controller tries before there is a chart, and says so.
  told.failures.push({ ...about, from: second(made) })
  told.drifts.push({ ...about, from: second(from) }, { ...about, name: `${release}-config`, from: second(from) })
  expect(turn, site, `${release} created again`, made, isIt('object', 'Created'))
  expectRelease(turn, site, release, sha, made, ({ facts }) => facts?.['version'] === 1)
}

/** The controller of releases is away while a commit changes the chart, and starts again. */
const restartsHelm: Step = async (turn) => {
  const { fleet, site } = turn
  await site.flux.kill('helm-controller')
  const from = Date.now()
  const subject = `While nobody releases ${turn.number}`
  const sha = await commitChart(turn, subject)
  const version = releasedAs(turn, sha)
  await untilApplied(turn, sha, (each, name) => each === site && fleet.releases.includes(name))
  await fleet.until(async () => (await chartOf(turn))?.artifact?.revision === version, `chart ${version}`)
  const began = Date.now()
  await site.flux.restart('helm-controller')
  await untilReleased(turn, sha, version)
  expectCommit(turn, sha, subject, from)
  const others = fleet.sites.filter((each) => each !== site)
  expectReleases(turn, sha, from, others)
  expectPackaged(turn, sha, version, from, { sites: others })
  // Not before there was somebody to do it.
  expectReleases(turn, sha, began, [site])
  expectPackaged(turn, sha, version, from, { sites: [site], released: began })
}

export const releaseSteps: Readonly<Record<string, Step>> = {
  packages,
  changesValues,
  breaksChart,
  breaksValues,
  suspendsRelease,
  suspendsReleaseInSluice,
  driftsInChart,
  removesFromChart,
  deletesRelease,
  restartsHelm,
}
