/**
 * The script: each step does one thing to a cluster or its repository, waits until the cluster itself says that it has happened, and tells what the
 * history then has to hold: which entry, about what, by whom, and between which two moments. Steps leave everything running and in line with Git.
 */
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { Site } from './script-fleet.ts'
import {
  configPath,
  configText,
  followsCommits,
  kustomizationPath,
  kustomizationText,
  releaseApplier,
} from './script-fleet.ts'
import { releaseSteps } from './script-releases.ts'
import {
  commitValue,
  expect,
  expectCommit,
  expectFailed,
  expectMended,
  expectReleases,
  expectRun,
  expectRuns,
  isAbout,
  isOne,
  isReady,
  lateMs,
  second,
  setBack,
  turnInSluice,
  untilApplied,
  untilRecorded,
  untilSettled,
} from './script-told.ts'
import type { Step } from './script-told.ts'

/** A commit that all apply. */
const commits: Step = async (turn) => {
  const from = Date.now()
  const subject = `Set ${turn.app} to ${turn.number}`
  const sha = await commitValue(turn, subject)
  await untilApplied(turn, sha)
  expectCommit(turn, sha, subject, from)
  expectRuns(turn, sha, from)
  expectReleases(turn, sha, from)
}

/** A commit that one cannot build, and the one that mends it. */
const breaks: Step = async (turn) => {
  const { fleet, app, author, number } = turn
  const from = Date.now()
  const subject = `Break ${app} ${number}`
  const sha = await fleet.commitAs(author, subject, { [`apps/${app}/config.yaml`]: 'kind: ConfigMap\nmetadata: [\n' })
  for (const site of fleet.sites)
    await fleet.until(async () => {
      const object = await fleet.kustomization(site, app)
      return object?.status?.lastAttemptedRevision?.endsWith(sha) === true && isReady(object, 'False')
    }, `${app} of ${site.name} to fail at ${sha}`)
  expectCommit(turn, sha, subject, from)
  const about = { kind: 'Kustomization', name: app } as const
  expectFailed(
    turn,
    about,
    sha,
    from,
    ({ reason, revision, facts }) =>
      reason === 'Failed' && revision.endsWith(sha) && facts?.['because'] === 'BuildFailed',
  )
  const mended = Date.now()
  const fix = await fleet.commitAs(author, `Mend ${app} ${number}`, {
    [`apps/${app}/config.yaml`]: configText(app, `mended ${number}`),
  })
  await untilApplied(turn, fix)
  expectCommit(turn, fix, `Mend ${app} ${number}`, mended)
  for (const site of fleet.sites) {
    expectRun(turn, site, app, fix, mended)
    expectMended(turn, site, about, { from, mended })
  }
}

/** Somebody closes a gate with kubectl, a commit comes, and somebody else opens it. */
const suspends: Step = async (turn) => {
  const { fleet, site, app } = turn
  const from = Date.now()
  await fleet.patch(site, kustomizationPath(app), { spec: { suspend: true } }, 'kubectl-patch')
  expect(
    turn,
    site,
    `${app} suspended by kubectl-patch`,
    from,
    (entry) =>
      entry.type === 'gate' &&
      entry.reason === 'Suspended' &&
      entry.by.includes('kubectl-patch') &&
      isAbout(entry, 'Kustomization', app),
  )
  const committed = Date.now()
  const subject = `Behind the gate of ${app} ${turn.number}`
  const sha = await commitValue(turn, subject)
  await untilApplied(turn, sha, isOne(site, app))
  expectCommit(turn, sha, subject, committed)
  const opened = Date.now()
  await fleet.patch(site, kustomizationPath(app), { spec: { suspend: false } }, 'kubectl-edit')
  await untilApplied(turn, sha)
  expect(
    turn,
    site,
    `${app} resumed by kubectl-edit`,
    opened,
    (entry) =>
      entry.type === 'gate' &&
      entry.reason === 'Resumed' &&
      entry.by.includes('kubectl-edit') &&
      isAbout(entry, 'Kustomization', app),
  )
  expectRun(turn, site, app, sha, opened)
}

/** The gate is closed and opened in Sluice, with a reason. */
const suspendsInSluice: Step = (turn) => turnInSluice(turn, 'Kustomization', turn.app, () => untilSettled(turn))

/** A field is changed by hand. */
const drifts: Step = async (turn) => {
  const { fleet, site, app, number } = turn
  await untilSettled(turn)
  const from = Date.now()
  await fleet.patch(site, configPath(app), { data: { value: `by hand ${number}` } }, 'kubectl-edit')
  await untilRecorded(turn, from, 'DriftFound', app)
  expect(
    turn,
    site,
    `${app}-config changed by kubectl-edit`,
    from,
    (entry) =>
      entry.type === 'drift' &&
      entry.reason === 'DriftFound' &&
      entry.by === 'kubectl-edit' &&
      entry.message.includes('data.value') &&
      entry.owner?.name === app &&
      isAbout(entry, 'ConfigMap', `${app}-config`),
  )
  await setBack(turn, kustomizationPath(app), app, from, (value) => value !== `by hand ${number}`)
}

/** An object of Git's is deleted by hand. */
const removes: Step = async (turn) => {
  const { site, app } = turn
  await untilSettled(turn)
  const from = Date.now()
  await site.cluster.requestOk('DELETE', configPath(app))
  await untilRecorded(turn, from, 'DriftFound', app)
  expect(
    turn,
    site,
    `${app}-config missing`,
    from,
    (entry) =>
      entry.type === 'drift' &&
      entry.reason === 'DriftFound' &&
      entry.facts?.['action'] === 'created' &&
      isAbout(entry, 'ConfigMap', `${app}-config`),
  )
  await setBack(turn, kustomizationPath(app), app, from, (value) => value !== undefined)
}

/** A Kustomization is deleted, with what it had applied, and made anew. */
const deletes: Step = async (turn) => {
  const { fleet, site, app } = turn
  const sha = await fleet.repository.git('rev-parse', 'HEAD')
  const from = Date.now()
  await site.cluster.requestOk('DELETE', kustomizationPath(app))
  await fleet.until(async () => (await fleet.kustomization(site, app)) === null, `${app} to be gone`)
  const isIt = (type: string, reason: string) => (entry: HistoryEntry) =>
    entry.type === type && entry.reason === reason && isAbout(entry, 'Kustomization', app)
  expect(turn, site, `${app} deleted`, from, isIt('object', 'Deleted'))
  const made = Date.now()
  await site.cluster.applyYaml(kustomizationText(app), 'kubectl-create')
  await untilApplied(turn, sha)
  expect(turn, site, `${app} created again`, made, isIt('object', 'Created'))
  expectRun(turn, site, app, sha, made)
}

/** The controller is away while a commit comes, and starts again. */
const restartsController: Step = async (turn) => {
  const { fleet, site } = turn
  await site.flux.kill('kustomize-controller')
  const from = Date.now()
  const subject = `While nobody applies ${turn.number}`
  const sha = await commitValue(turn, subject)
  const isHere = (each: Site): boolean => each === site
  await untilApplied(turn, sha, isHere)
  await fleet.until(async () => {
    const found = await fleet.entries({ types: ['artifact'], clusters: [fleet.clusterOf(site)], commits: [sha] })
    return found.length > 0
  }, 'the artifact')
  const began = Date.now()
  await site.flux.restart('kustomize-controller')
  await untilApplied(turn, sha)
  expectCommit(turn, sha, subject, from)
  expect(
    turn,
    site,
    `the source fetched ${sha.slice(0, 7)} without a controller`,
    from,
    (entry) => entry.type === 'artifact' && entry.revision.endsWith(sha) && isAbout(entry, 'GitRepository', 'fleet'),
    began,
  )
  // Not before there was somebody to do it.
  expectRuns(turn, sha, began, [site])
  // The others were there.
  expectReleases(turn, sha, from)
}

/** Nobody fetches while a commit comes. */
const restartsFetching: Step = async (turn) => {
  const { site } = turn
  await site.flux.kill('source-controller')
  const from = Date.now()
  const subject = `While nobody fetches ${turn.number}`
  const sha = await commitValue(turn, subject)
  const began = Date.now()
  await site.flux.restart('source-controller')
  await untilApplied(turn, sha)
  expectCommit(turn, sha, subject, from)
  expect(
    turn,
    site,
    `the source fetched ${sha.slice(0, 7)} when its controller was back`,
    began,
    (entry) => entry.type === 'artifact' && entry.revision.endsWith(sha) && isAbout(entry, 'GitRepository', 'fleet'),
  )
  expectRuns(turn, sha, began, [site])
  expectReleases(turn, sha, began, [site])
}

/** The Git server fails for a while. */
const losesGit: Step = async (turn) => {
  const { fleet, told } = turn
  const from = Date.now()
  const look = (reason: string): Promise<unknown> =>
    Promise.all(
      fleet.sites.map((site) =>
        fleet.until(async () => {
          const found = await fleet.entries({
            types: ['status'],
            clusters: [fleet.clusterOf(site)],
            from: second(from),
          })
          return found.some((entry) => entry.reason === reason && isAbout(entry, 'GitRepository', 'fleet'))
        }, `fleet to be ${reason}`),
      ),
    )
  const tell = (what: string, reason: string, since: number): void => {
    for (const site of fleet.sites)
      expect(
        turn,
        site,
        what,
        since,
        (entry) => entry.type === 'status' && entry.reason === reason && isAbout(entry, 'GitRepository', 'fleet'),
      )
  }
  fleet.git.failWith(503)
  await look('Failed')
  tell('fleet could not be fetched', 'Failed', from)
  const back = Date.now()
  fleet.git.failWith(null)
  await look('Ready')
  tell('fleet is fetched again', 'Ready', back)
  for (const site of fleet.sites)
    told.failures.push({
      cluster: fleet.clusterOf(site),
      name: 'fleet',
      from: second(from),
      until: Date.now() + lateMs,
    })
}

/** Sluice is closed, a commit and a gate come, and it is opened again: found afterwards, at their times. */
const closesSluice: Step = async (turn) => {
  const { fleet, site, app } = turn
  const others = fleet.sites
  const ids = new Map(others.map((each) => [each, fleet.clusterOf(each)]))
  const closed = Date.now()
  await fleet.stopSluice()
  const from = Date.now()
  const subject = `While Sluice is closed ${turn.number}`
  const sha = await commitValue(turn, subject)
  await untilApplied(turn, sha)
  const applied = Date.now()
  await fleet.patch(site, kustomizationPath(app), { spec: { suspend: true } }, 'kubectl-patch')
  const suspended = Date.now()
  await fleet.startSluice()
  expectCommit(turn, sha, subject, from)
  for (const each of others) {
    if (ids.get(each) !== fleet.clusterOf(each)) throw new Error('Another cluster')
    const isFound = (entry: HistoryEntry): boolean => entry.type === 'run' && entry.isBackfilled
    for (const name of [...fleet.apps, releaseApplier])
      expect(
        turn,
        each,
        `${name} applied ${sha.slice(0, 7)} while Sluice was closed`,
        from,
        (entry) => isFound(entry) && entry.revision.endsWith(sha) && isAbout(entry, 'Kustomization', name),
        applied,
      )
    for (const name of fleet.releases.filter(followsCommits))
      expect(
        turn,
        each,
        `${name} released ${sha.slice(0, 7)} while Sluice was closed`,
        from,
        (entry) =>
          isFound(entry) && entry.revision.endsWith(`+${sha.slice(0, 12)}`) && isAbout(entry, 'HelmRelease', name),
        applied,
      )
    expect(
      turn,
      each,
      'Sluice closed',
      closed,
      ({ type, reason }) => type === 'session' && reason === 'WatchEnded',
      from,
    )
    expect(turn, each, 'Sluice opened', suspended, ({ type, reason }) => type === 'session' && reason === 'WatchBegan')
  }
  expect(
    turn,
    site,
    `${app} suspended while Sluice was closed`,
    applied,
    (entry) =>
      entry.type === 'gate' &&
      entry.reason === 'Suspended' &&
      entry.isBackfilled &&
      isAbout(entry, 'Kustomization', app),
    suspended,
  )
  // A gate that was closed and opened between two looks is a spec that changed, and no more can be known of it.
  await fleet.until(async () => {
    const found = await fleet.entries({ types: ['gate'], clusters: [fleet.clusterOf(site)], from: second(applied) })
    return found.some((entry) => entry.reason === 'Suspended' && isAbout(entry, 'Kustomization', app))
  }, `the gate of ${app} to be found`)
  const opened = Date.now()
  await fleet.patch(site, kustomizationPath(app), { spec: { suspend: false } }, 'kubectl-edit')
  expect(
    turn,
    site,
    `${app} resumed`,
    opened,
    (entry) => entry.type === 'gate' && entry.reason === 'Resumed' && isAbout(entry, 'Kustomization', app),
  )
}

export const steps: Readonly<Record<string, Step>> = {
  commits,
  breaks,
  suspends,
  suspendsInSluice,
  drifts,
  removes,
  deletes,
  restartsController,
  restartsFetching,
  losesGit,
  closesSluice,
  ...releaseSteps,
}
