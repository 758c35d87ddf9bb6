/**
 * What helm-controller's next run would do with a release, by its own decision table, without rendering the chart. Facts: helm-controller 1.6.3
 * `reconcileRelease`, `DetermineReleaseState`, `actionForState`, `ReleaseTargetChanged`, `MustResetFailures`. Drift is left to whoever compared
 * the release's objects: `correctsDrift` says whether it counts.
 *
 * SECURITY: item 9: values are composed, digested and compared here, and forgotten; only the paths where they differ leave this file.
 */
import { reconcileAnnotations } from '../../../shared/flux/annotations.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { InputReader } from '../drift/desired/input-reader.ts'
import { isForbidden } from '../drift/desired/read-inputs.ts'
import { shortReleaseName } from '../inventory/release-name.ts'
import type { GoMap } from '../kustomize/yaml/go-value.ts'
import type { KubeClient, Ports } from '../ports.ts'
import { annotationOf, asArray, asRecord, at, numberAt, textAt } from '../status/read.ts'
import { readHelmArguments } from './controller-arguments.ts'
import type { HelmControllerArguments } from './controller-arguments.ts'
import { nextChartOf } from './next-chart.ts'
import type { NextChart } from './next-chart.ts'
import { commonMetadataDigest, postRenderersDigest } from './post-render-digest.ts'
import type { PreparedRelease } from './release-port.ts'
import { newestStoredRevision, readStoredRelease } from './release-store.ts'
import { changedPaths } from './values/changed-paths.ts'
import { composeValues } from './values/compose-values.ts'
import { plainToGoValue } from './values/read-values.ts'
import { digestValues } from './values/values-digest.ts'

export interface NextRun {
  /**
   * nothing: no object is written, if there is no drift to correct. fails: it stops before it changes anything. stalled: it is out of retries.
   * reinstall: uninstalls first. unknown: `text` says why.
   */
  readonly act:
    | 'nothing'
    | 'upgrade'
    | 'install'
    | 'reinstall'
    | 'uninstall'
    | 'rollback'
    | 'test'
    | 'stalled'
    | 'fails'
    | 'unknown'
  /** A sentence; '' for nothing. */
  readonly text: string
  /** driftDetection.mode is enabled. */
  readonly correctsDrift: boolean
}

export interface NextRunDeps {
  readonly ports: Pick<Ports, 'releases' | 'codec'>
  readonly inputs: InputReader
  /** The cluster of spec.kubeConfig; null: the view's own. Throws as it does. */
  readonly remoteOf: (view: ClusterView, object: KubeObject, signal: AbortSignal) => Promise<KubeClient | null>
}

type Outcome = Pick<NextRun, 'act' | 'text'>

const shownPaths = 5

/**
 * Of the object as it is, or once it is resumed where it is suspended. Throws SluiceError: what keeps the cluster, or the one of
 * spec.kubeConfig, from being read.
 */
export async function nextRunOf(
  view: ClusterView,
  object: KubeObject,
  { ports, inputs, remoteOf }: NextRunDeps,
  signal: AbortSignal,
): Promise<NextRun> {
  const args = readHelmArguments(view.controllers(), object)
  const { codec } = ports
  const correctsDrift = textAt(object, 'spec', 'driftDetection', 'mode') === 'enabled'
  const outcome = await decide().catch((error: unknown): Outcome => {
    if (!isForbidden(error)) throw error
    return { act: 'unknown', text: `What it does is not known: ${(error as SluiceError).message}` }
  })
  return { ...outcome, correctsDrift }

  async function decide(): Promise<Outcome> {
    if (object.metadata.deletionTimestamp !== undefined)
      return { act: 'uninstall', text: 'It uninstalls the release: the HelmRelease is being deleted.' }
    const chart = await nextChartOf(view, object, args, signal)
    if ('fails' in chart) return { act: chart.fails ? 'fails' : 'unknown', text: chart.text }
    const values = await valuesOf()
    if (!(values instanceof Map)) return values
    const snapshot = newestSnapshot(object)
    const name = shortReleaseName(object, codec)
    const moved = snapshot === null ? '' : targetChange(object, snapshot, name, chart)
    if (moved !== '') return { act: 'reinstall', text: `It uninstalls the release and installs it anew: ${moved}.` }
    const client = (await remoteOf(view, object, signal)) ?? view.client()
    const storage = textAt(object, 'spec', 'storageNamespace') || (object.metadata.namespace ?? '')
    const newest = await newestStoredRevision(client, storage, name, signal)
    if (newest === 'unknown')
      return {
        act: 'unknown',
        text: `What it does is not known: you may not list Helm's Secrets in namespace ${storage}.`,
      }
    const stored = newest === null ? null : await readStoredRelease(client, storage, name, newest, signal)
    if (stored === null) return absent(chart, values, 'there is no release in storage')
    const release = await ports.releases.read(
      {
        payload: textAt(stored.object, 'data', 'release'),
        isFromSecret: stored.kind === 'Secret',
        place: `${stored.kind} ${storage}/${stored.object.metadata.name}`,
        ociDigest: textAt(snapshot, 'ociDigest'),
        wants: 'values',
      },
      signal,
    )
    return ofRelease(release, snapshot, chart, values)
  }

  async function valuesOf(): Promise<GoMap | Outcome> {
    try {
      return await composeValues(object, ({ kind, name }) =>
        inputs.read(view, { kind, namespace: object.metadata.namespace ?? '', name }, signal),
      )
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      if (error.code === 'RenderFailed') return { act: 'fails', text: error.message }
      if (error.code === 'Forbidden')
        return { act: 'unknown', text: `Whether its values changed is not known: ${error.message}` }
      throw error
    }
  }

  function ofRelease(release: PreparedRelease, snapshot: unknown, chart: NextChart, values: GoMap): Outcome {
    const { status } = release
    if (/^pending-/.test(status))
      return { act: 'upgrade', text: `It unlocks the release, which is ${status}, and upgrades it.` }
    if (snapshot === null)
      return status === 'uninstalled'
        ? absent(chart, values, 'it was uninstalled')
        : { act: 'upgrade', text: 'It upgrades the release: it was not made by this HelmRelease.' }
    const digest = textAt(snapshot, 'digest')
    const configDigest = textAt(snapshot, 'configDigest')
    if (![digest, configDigest].every((text) => text.startsWith('sha256:')))
      return { act: 'unknown', text: 'What it does is not known: its controller writes digests that are not SHA-256.' }
    if (textAt(snapshot, 'apiVersion') !== 'v2')
      return {
        act: 'unknown',
        text: 'What it does is not known: its controller recorded no digest of the release that can be compared.',
      }
    if (digest !== release.digest)
      return { act: 'upgrade', text: 'It upgrades the release: somebody else made or changed the one in storage.' }
    if (status === 'uninstalled') return absent(chart, values, 'it was uninstalled')
    if (status === 'failed') return failed(chart, values, 'its last release failed')
    if (status !== 'deployed') return { act: 'fails', text: `It fails: its release is ${status}.` }
    return deployed(release, snapshot, configDigest, chart, values)
  }

  function deployed(
    release: PreparedRelease,
    snapshot: unknown,
    configDigest: string,
    chart: NextChart,
    values: GoMap,
  ): Outcome {
    const isSameChart = isChartOf(chart, release)
    const changes: string[] = []
    if (isSameChart === false)
      changes.push(
        `its chart moves from ${release.chartName}@${release.chartVersion} to ${chart.name ?? release.chartName}@${chart.version}`,
      )
    if (digestValues(values, codec) !== configDigest) changes.push(valuesText(release, values))
    changes.push(...postRenderChanges(object, codec))
    if (changes.length > 0) {
      if (isOutOfRetries('upgrade', chart, values)) return outOfRetries('upgrade')
      return { act: 'upgrade', text: `It upgrades the release: ${changes.join('; ')}.` }
    }
    if (isSameChart === null)
      return {
        act: 'unknown',
        text: `What it does is not known: the version of its chart (${chart.version}) is not told.`,
      }
    if (at(object, 'spec', 'test', 'enable') === true) {
      if (!hasBeenTested(snapshot)) return { act: 'test', text: 'It runs the tests of its chart.' }
      const remediation = remediationOf(object)
      const isIgnored =
        remediation === null || (remediation.ignoresTests ?? at(object, 'spec', 'test', 'ignoreFailures') === true)
      if (!isIgnored && testPhases(snapshot).includes('Failed')) return failed(chart, values, 'its tests failed')
    }
    if (isRequested(object, reconcileAnnotations.forceAt, 'lastHandledForceAt'))
      return { act: 'upgrade', text: 'It upgrades the release: that was forced by an annotation.' }
    return { act: 'nothing', text: '' }
  }

  function absent(chart: NextChart, values: GoMap, why: string): Outcome {
    if (isOutOfRetries('install', chart, values)) return outOfRetries('install')
    return { act: 'install', text: `It installs the release: ${why}.` }
  }

  function failed(chart: NextChart, values: GoMap, why: string): Outcome {
    const upgrade: Outcome = { act: 'upgrade', text: `It upgrades the release: ${why}.` }
    const remediation = remediationOf(object)
    if (isRetried(object, args) || remediation === null) return upgrade
    if (failuresOf(object, remediation.action) === 0 || resetsFailures(chart, values)) return upgrade
    if (isRequested(object, reconcileAnnotations.forceAt, 'lastHandledForceAt')) return upgrade
    if (isOutOfRetries(remediation.action, chart, values) && !remediation.remediatesLast)
      return outOfRetries(remediation.action)
    return remediation.strategy === 'uninstall'
      ? { act: 'uninstall', text: `It uninstalls the release: ${why}.` }
      : { act: 'rollback', text: `It rolls the release back: ${why}.` }
  }

  function outOfRetries(action: 'install' | 'upgrade'): Outcome {
    return { act: 'stalled', text: `It does nothing: it is out of retries to ${action} the release.` }
  }

  function isOutOfRetries(action: 'install' | 'upgrade', chart: NextChart, values: GoMap): boolean {
    if (isRequested(object, reconcileAnnotations.forceAt, 'lastHandledForceAt')) return false
    const retries = numberAt(object, 'spec', action, 'remediation', 'retries') ?? 0
    return retries >= 0 && failuresOf(object, action) > retries && !resetsFailures(chart, values)
  }

  /** What was counted counts no more where something changed since. Resuming changes the spec. */
  function resetsFailures(chart: NextChart, values: GoMap): boolean {
    const digest = textAt(object, 'status', 'lastAttemptedConfigDigest')
    return (
      at(object, 'spec', 'suspend') === true ||
      at(object, 'status', 'lastAttemptedGeneration') !== object.metadata.generation ||
      chart.isVersion(textAt(object, 'status', 'lastAttemptedRevision')) !== true ||
      (digest !== '' && digest !== digestValues(values, codec)) ||
      isRequested(object, reconcileAnnotations.resetAt, 'lastHandledResetAt')
    )
  }
}

/** The newest of status.history; null without any. */
function newestSnapshot(object: KubeObject): unknown {
  return asArray(at(object, 'status', 'history')).reduce<unknown>(
    (best, each) =>
      best === null || (numberAt(each, 'version') ?? 0) > (numberAt(best, 'version') ?? 0) ? each : best,
    null,
  )
}

/** Why the release that there is must go first; '' where it stays. */
function targetChange(object: KubeObject, snapshot: unknown, name: string, chart: NextChart): string {
  const used = textAt(object, 'status', 'storageNamespace')
  const own = object.metadata.namespace ?? ''
  const storage = textAt(object, 'spec', 'storageNamespace') || own
  const target = textAt(object, 'spec', 'targetNamespace') || own
  if (used === '') return ''
  if (storage !== used) return `its storage moves from namespace ${used} to ${storage}`
  if (target !== textAt(snapshot, 'namespace'))
    return `it moves from namespace ${textAt(snapshot, 'namespace')} to ${target}`
  if (name !== textAt(snapshot, 'name')) return `its name changes from ${textAt(snapshot, 'name')} to ${name}`
  const chartName = textAt(snapshot, 'chartName')
  const strategy = textAt(object, 'spec', 'upgrade', 'chartNameChangeStrategy') || 'Reinstall'
  if (chart.name !== null && chart.name !== chartName && strategy === 'Reinstall')
    return `its chart is ${chart.name} instead of ${chartName}`
  return ''
}

function isChartOf(chart: NextChart, release: PreparedRelease): boolean | null {
  if (chart.name !== null && chart.name !== release.chartName) return false
  return chart.isVersion(release.chartVersion)
}

function valuesText(release: PreparedRelease, values: GoMap): string {
  const before = plainToGoValue(release.values)
  const paths = before instanceof Map ? changedPaths(before, values, shownPaths + 1) : []
  if (paths.length === 0) return 'its values are not those that it was made with'
  const more = paths.length > shownPaths ? ' and more' : ''
  return `its values changed (${paths.slice(0, shownPaths).join(', ')}${more})`
}

/** Only after a change of the spec, which resuming is. */
function postRenderChanges(object: KubeObject, codec: Pick<Ports['codec'], 'sha256Hex'>): readonly string[] {
  const isNew =
    at(object, 'spec', 'suspend') === true || at(object, 'status', 'observedGeneration') !== object.metadata.generation
  if (!isNew) return []
  return [
    ...(postRenderersDigest(object, codec) === textAt(object, 'status', 'observedPostRenderersDigest')
      ? []
      : ['its post-renderers changed']),
    ...(commonMetadataDigest(object, codec) === textAt(object, 'status', 'observedCommonMetadataDigest')
      ? []
      : ['its common metadata changed']),
  ]
}

interface Remediation {
  readonly action: 'install' | 'upgrade'
  readonly strategy: 'rollback' | 'uninstall'
  readonly remediatesLast: boolean
  /** null: not said. */
  readonly ignoresTests: boolean | null
}

/** Of the last attempt; null before any. */
function remediationOf(object: KubeObject): Remediation | null {
  const action = textAt(object, 'status', 'lastAttemptedReleaseAction')
  if (action !== 'install' && action !== 'upgrade') return null
  const said = at(object, 'spec', action, 'remediation')
  const last = at(said, 'remediateLastFailure')
  const tests = at(said, 'ignoreTestFailures')
  return {
    action,
    strategy: action === 'install' || textAt(said, 'strategy') === 'uninstall' ? 'uninstall' : 'rollback',
    remediatesLast: typeof last === 'boolean' ? last : action === 'upgrade' && (numberAt(said, 'retries') ?? 0) > 0,
    ignoresTests: typeof tests === 'boolean' ? tests : null,
  }
}

function failuresOf(object: KubeObject, action: 'install' | 'upgrade'): number {
  return numberAt(object, 'status', action === 'install' ? 'installFailures' : 'upgradeFailures') ?? 0
}

/** The strategy of the last attempt is to try again, whatever remediation says. */
function isRetried(object: KubeObject, { retriesByDefault }: HelmControllerArguments): boolean {
  const action = textAt(object, 'status', 'lastAttemptedReleaseAction')
  if (action !== 'install' && action !== 'upgrade') return false
  const strategy = textAt(object, 'spec', action, 'strategy', 'name')
  return strategy === '' ? retriesByDefault : strategy === 'RetryOnFailure'
}

function testPhases(snapshot: unknown): readonly string[] {
  return Object.values(asRecord(at(snapshot, 'testHooks'))).map((hook) => textAt(hook, 'phase'))
}

function hasBeenTested(snapshot: unknown): boolean {
  const hooks = at(snapshot, 'testHooks')
  if (typeof hooks !== 'object' || hooks === null) return false
  const phases = testPhases(snapshot)
  return phases.includes('Failed') || phases.every((phase) => phase === 'Succeeded')
}

/** Annotated with the token of a request that was not handled yet. */
function isRequested(object: KubeObject, key: string, handled: string): boolean {
  const token = annotationOf(object, key)
  return (
    token !== '' &&
    token === annotationOf(object, reconcileAnnotations.requestedAt) &&
    token !== textAt(object, 'status', 'lastHandledReconcileAt') &&
    token !== textAt(object, 'status', handled)
  )
}
