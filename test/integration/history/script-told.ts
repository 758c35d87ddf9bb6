/** What a step tells that the history has to hold, and what steps wait for: what the cluster itself says. */
import type { HistoryEntry } from '../../../shared/model/history.ts'
import type { HelmRelease, Kustomization, ScriptFleet, Site } from './script-fleet.ts'
import {
  configPath,
  configText,
  followsCommits,
  helmGroup,
  kustomizeGroup,
  namespace,
  releaseApplier,
} from './script-fleet.ts'

export interface Expected {
  readonly what: string
  readonly cluster: string
  /** Inclusive, ms; Kubernetes tells whole seconds. */
  readonly from: number
  readonly until: number
  readonly isIt: (entry: HistoryEntry) => boolean
}

export interface Calm {
  /** Nothing about this object may have become bad, or other than in Git, but between these moments. */
  readonly cluster: string
  readonly name: string
  readonly from: number
  readonly until: number
}

export interface Told {
  readonly expected: Expected[]
  /** Stretches in which a failure of these was the script's doing. */
  readonly failures: Calm[]
  /** And a difference from Git. */
  readonly drifts: Calm[]
}

export interface Turn {
  readonly fleet: ScriptFleet
  readonly site: Site
  readonly app: string
  readonly release: string
  readonly author: string
  readonly number: number
  readonly told: Told
}

export type Step = (turn: Turn) => Promise<void>

export const second = (ms: number): number => Math.floor(ms / 1000) * 1000
/** What an object says of itself is in whole seconds, and what Sluice saw is a moment later than what was seen here. */
export const lateMs = 2000

export const isAbout = (entry: HistoryEntry, kind: string, name: string): boolean =>
  entry.ref?.kind === kind && entry.ref.name === name

export function expect(
  { fleet, told }: Turn,
  site: Site,
  what: string,
  from: number,
  isIt: (entry: HistoryEntry) => boolean,
  until = Date.now(),
): void {
  told.expected.push({
    what,
    cluster: fleet.clusterOf(site),
    from: second(from),
    until: until + lateMs,
    isIt,
  })
}

export function expectCommit(turn: Turn, sha: string, subject: string, from: number): void {
  for (const site of turn.fleet.sites)
    expect(
      turn,
      site,
      `commit ${sha.slice(0, 7)} of ${turn.author}`,
      from,
      ({ type, revision, by, message }) =>
        type === 'commit' && revision.endsWith(sha) && by === turn.author && message === subject,
    )
}

/** Of all that apply. */
export function expectRuns(turn: Turn, sha: string, from: number, sites = turn.fleet.sites): void {
  for (const site of sites)
    for (const app of [...turn.fleet.apps, releaseApplier]) expectRun(turn, site, app, sha, from)
}

/** Failed at the commit in all clusters; `isIt`: what else the entry has to say. */
export function expectFailed(
  turn: Turn,
  about: { readonly kind: 'Kustomization' | 'HelmRelease'; readonly name: string },
  sha: string,
  from: number,
  isIt: (entry: HistoryEntry) => boolean,
): void {
  const { kind, name } = about
  for (const site of turn.fleet.sites)
    expect(
      turn,
      site,
      `${name} failed at ${sha.slice(0, 7)}`,
      from,
      (entry) =>
        entry.type === 'status' &&
        (entry.reason === 'Failed' || entry.reason === 'Stalled') &&
        entry.tone === 'bad' &&
        isAbout(entry, kind, name) &&
        isIt(entry),
    )
}

/** What failed since `from` was mended at `mended`, and is Ready again: for as long its failures are explained. */
export function expectMended(
  turn: Turn,
  site: Site,
  about: { readonly kind: 'Kustomization' | 'HelmRelease'; readonly name: string },
  { from, mended }: { readonly from: number; readonly mended: number },
): void {
  const { kind, name } = about
  expect(
    turn,
    site,
    `${name} came right`,
    mended,
    (entry) =>
      entry.type === 'status' && entry.reason === 'Ready' && entry.tone === 'good' && isAbout(entry, kind, name),
  )
  turn.told.failures.push({
    cluster: turn.fleet.clusterOf(site),
    name,
    from: second(from),
    until: Date.now() + lateMs,
  })
}

export function expectRun(turn: Turn, site: Site, app: string, sha: string, from: number): void {
  expect(
    turn,
    site,
    `${app} applied ${sha.slice(0, 7)}`,
    from,
    (entry) =>
      entry.type === 'run' &&
      entry.reason === 'Applied' &&
      entry.tone === 'good' &&
      entry.revision.endsWith(sha) &&
      isAbout(entry, 'Kustomization', app),
  )
}

/** A release of the commit's chart; `isIt`: what else the entry has to say. */
export function expectRelease(
  turn: Turn,
  site: Site,
  name: string,
  sha: string,
  from: number,
  isIt: (entry: HistoryEntry) => boolean = () => true,
): void {
  expect(
    turn,
    site,
    `${name} released ${sha.slice(0, 7)}`,
    from,
    (entry) =>
      entry.type === 'run' &&
      entry.reason === 'Released' &&
      entry.tone === 'good' &&
      (!followsCommits(name) || entry.revision.endsWith(`+${sha.slice(0, 12)}`)) &&
      isAbout(entry, 'HelmRelease', name) &&
      isIt(entry),
  )
}

/** Of those whose chart is packaged anew for each commit. */
export function expectReleases(turn: Turn, sha: string, from: number, sites = turn.fleet.sites): void {
  for (const site of sites)
    for (const name of turn.fleet.releases.filter(followsCommits)) expectRelease(turn, site, name, sha, from, isOf(sha))
}

/** The entry says from which commit its chart was packaged. */
export const isOf =
  (sha: string) =>
  ({ facts }: HistoryEntry): boolean =>
    String(facts?.['originRevision']).endsWith(sha)

export const isReady = (object: Kustomization | HelmRelease | null, status: string): boolean =>
  object?.status?.conditions?.some((each) => each.type === 'Ready' && each.status === status) === true

/** Its newest release is deployed, and its controller has seen all that was asked of it. */
export function isReleased(object: HelmRelease | null): boolean {
  const asked = object?.metadata.annotations?.['reconcile.fluxcd.io/requestedAt'] ?? ''
  return (
    isReady(object, 'True') &&
    // Says so while it still looks whether what it corrected stayed, and corrects what it finds then.
    object?.status?.conditions?.some(({ type, status }) => type === 'Reconciling' && status === 'True') !== true &&
    object?.status?.history?.[0]?.status === 'deployed' &&
    object.status.observedGeneration === object.metadata.generation &&
    (object.status.lastHandledReconcileAt ?? '') === asked
  )
}

/** This one in this cluster, of what `untilApplied` is to leave out. */
export const isOne =
  (at: Site, name: string) =>
  (site: Site, each: string): boolean =>
    site === at && each === name

/** Everything is brought to the commit, but what is left out. */
export async function untilApplied(
  turn: Turn,
  sha: string,
  leftOut: (site: Site, app: string) => boolean = () => false,
): Promise<void> {
  const { fleet } = turn
  for (const site of fleet.sites)
    for (const app of [...fleet.apps, releaseApplier]) {
      if (leftOut(site, app)) continue
      await fleet.until(async () => {
        const object = await fleet.kustomization(site, app)
        return object?.status?.lastAppliedRevision?.endsWith(sha) === true && isReady(object, 'True')
      }, `${app} of ${site.name} to apply ${sha}`)
    }
  // What was applied may want other values of them.
  for (const site of fleet.sites)
    for (const name of fleet.releases) {
      if (leftOut(site, name)) continue
      await fleet.until(async () => {
        const object = await fleet.helmRelease(site, name)
        const version = object?.status?.history?.[0]?.chartVersion ?? ''
        return isReleased(object) && (!followsCommits(name) || version.endsWith(`+${sha.slice(0, 12)}`))
      }, `${name} of ${site.name} to release ${sha}`)
    }
}

/** Its controller has seen all that was asked of it: what is done by hand now, no run of before sets back. */
export async function untilSettled({ fleet, site, app }: Turn): Promise<void> {
  await fleet.until(async () => {
    const object = await fleet.kustomization(site, app)
    const asked = object?.metadata.annotations?.['reconcile.fluxcd.io/requestedAt'] ?? ''
    return (
      isReady(object, 'True') &&
      object?.status?.observedGeneration === object?.metadata.generation &&
      (object?.status?.lastHandledReconcileAt ?? '') === asked
    )
  }, `${app} of ${site.name} to settle`)
}

export async function commitValue(turn: Turn, subject: string): Promise<string> {
  const { fleet, app, author, number } = turn
  return fleet.commitAs(author, subject, { [`apps/${app}/config.yaml`]: configText(app, `value ${number}`) })
}

/** The gate is closed and opened in Sluice, with a reason; `untilCalm`: its controller has seen that it is open. */
export async function turnInSluice(
  turn: Turn,
  kind: 'Kustomization' | 'HelmRelease',
  name: string,
  untilCalm: () => Promise<void>,
): Promise<void> {
  const { fleet, site, number } = turn
  const { engine, call } = fleet.engine()
  const ref = {
    cluster: fleet.clusterOf(site),
    group: kind === 'HelmRelease' ? helmGroup : kustomizeGroup,
    kind,
    namespace,
    name,
  }
  const isSuspended = async (): Promise<boolean> => {
    const object = kind === 'HelmRelease' ? await fleet.helmRelease(site, name) : await fleet.kustomization(site, name)
    return object?.spec?.suspend === true
  }
  const act = async (action: 'suspend' | 'resume', reason?: string): Promise<void> => {
    const plan = await engine.handlers['plan.prepare'](
      { action, refs: [ref], ...(reason === undefined ? {} : { reason }) },
      call,
    )
    await engine.handlers['plan.execute']({ digest: plan.digest }, call)
    await fleet.until(async () => (await isSuspended()) === (action === 'suspend'), `${action} of ${name}`)
  }
  const from = Date.now()
  const reason = `Looking into ${number}`
  await act('suspend', reason)
  const closed = (entry: HistoryEntry): boolean => isAbout(entry, kind, name)
  expect(
    turn,
    site,
    `${name} suspended in Sluice`,
    from,
    (entry) => closed(entry) && entry.type === 'action' && entry.reason === 'Suspend',
  )
  expect(
    turn,
    site,
    `the gate of ${name} closed, with its reason`,
    from,
    (entry) => closed(entry) && entry.type === 'gate' && entry.reason === 'Suspended' && entry.message === reason,
  )
  const opened = Date.now()
  await act('resume')
  await untilCalm()
  expect(
    turn,
    site,
    `${name} resumed in Sluice`,
    opened,
    (entry) => closed(entry) && entry.type === 'action' && entry.reason === 'Resume',
  )
  expect(
    turn,
    site,
    `the gate of ${name} opened`,
    opened,
    (entry) => closed(entry) && entry.type === 'gate' && entry.reason === 'Resumed',
  )
}

/** `name`: of whose ConfigMap. */
export async function untilRecorded(turn: Turn, from: number, reason: string, name: string): Promise<HistoryEntry> {
  const { fleet, site } = turn
  try {
    return await fleet.until(async () => {
      const found = await fleet.entries({ types: ['drift'], clusters: [fleet.clusterOf(site)], from: second(from) })
      return found.find((entry) => entry.reason === reason && isAbout(entry, 'ConfigMap', `${name}-config`))
    }, `${reason} of ${name}-config`)
  } catch (error) {
    const { body } = await site.cluster.request('GET', configPath(name))
    throw new Error(`${reason} of ${name}-config was not recorded; it is ${JSON.stringify(body)}`, { cause: error })
  }
}

/** `at`: of whoever applies it, asked to do so. `changedAt`: since when it was otherwise. */
export async function setBack(
  turn: Turn,
  at: string,
  name: string,
  changedAt: number,
  isBack: (value: string | undefined) => boolean,
): Promise<void> {
  const { fleet, site, number } = turn
  const from = Date.now()
  await fleet.patch(
    site,
    at,
    { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': `step ${number} ${from}` } } },
    'flux',
  )
  await fleet.until(async () => {
    const { status, body } = await site.cluster.request('GET', configPath(name))
    return status === 200 && isBack((body as { data?: { value?: string } }).data?.value)
  }, `${name}-config to be set back`)
  await untilRecorded(turn, from, 'DriftGone', name)
  turn.told.drifts.push({
    cluster: fleet.clusterOf(site),
    name: `${name}-config`,
    from: second(changedAt),
    until: Date.now() + lateMs,
  })
  expect(
    turn,
    site,
    `${name}-config as in Git again`,
    from,
    (entry) => entry.type === 'drift' && entry.reason === 'DriftGone' && isAbout(entry, 'ConfigMap', `${name}-config`),
  )
}
