/**
 * helm/: what a HelmRelease wants its cluster to be: the manifest of the release that its controller deployed last, out of Helm's storage, ready
 * to be compared, whatever driftDetection.mode says. Knows nothing of live objects, charts or values. Semantics: flux-semantics §3.2, §8;
 * helm-controller 1.6.3 `action.Diff`, `reconcile.DetermineReleaseState`.
 */
import { helmGroup } from '../../../shared/flux/groups.ts'
import type { Fidelity } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import type { AccessReviews } from '../access/access-reviews.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import type { DesiredSet } from '../drift/desired-set.ts'
import { ignoreRulesOf } from '../drift/desired/ignore-rules.ts'
import type { InputReader } from '../drift/desired/input-reader.ts'
import { createInputReader } from '../drift/desired/input-reader.ts'
import { createTargets, kubeConfigSecretOf } from '../drift/desired/target.ts'
import { storageNamespace } from '../inventory/release-name.ts'
import type { Ports } from '../ports.ts'
import type { HostConsents } from '../source/consents.ts'
import { asArray, at, numberAt, textAt } from '../status/read.ts'
import { readHelmArguments } from './controller-arguments.ts'
import { nextRunOf } from './next-run.ts'
import type { NextRun } from './next-run.ts'
import type { PreparedRelease } from './release-port.ts'
import { newestStoredRevision, readStoredRelease } from './release-store.ts'
import type { ScopeOf } from './scopes.ts'
import { scopesOf } from './scopes.ts'

export interface ReleaseStateDeps {
  readonly ports: Pick<Ports, 'releases' | 'kubeConfigs' | 'codec' | 'clock'>
  readonly access: AccessReviews
  readonly hosts: HostConsents
  /** GETs with the user's rights, shared for a moment, if not given. */
  readonly inputs?: InputReader
}

export interface ReleaseState {
  /**
   * Throws SluiceError: ReleaseUnreadable (none, gone from storage, or not to be decoded), Forbidden, HostNotAllowed, NotConnected, Unsupported,
   * Canceled.
   */
  desiredOfRelease(view: ClusterView, object: KubeObject, signal: AbortSignal): Promise<DesiredSet>
  /** What the next run of its controller would do. Throws as `nextRunOf`. */
  nextRunOf(view: ClusterView, object: KubeObject, signal: AbortSignal): Promise<NextRun>
  /** Secrets whose change changes the desired state; the release itself is named by status.history. */
  inputsOf(view: ClusterView, object: KubeObject): readonly ObjectRef[]
  /** Closes clients of other clusters. */
  dispose(): void
}

/** What helm-controller wrote down about a release that it made; `status.history`, newest first. */
interface Snapshot {
  readonly name: string
  readonly namespace: string
  readonly revision: number
  readonly status: string
  readonly digest: string
  readonly ociDigest: string
  /** Older controllers digested something else. */
  readonly isComparable: boolean
  readonly chart: string
}

export function createReleaseState(deps: ReleaseStateDeps): ReleaseState {
  const { ports } = deps
  const inputs = deps.inputs ?? createInputReader(ports.clock)
  const targets = createTargets({ ...deps, kubeConfigs: ports.kubeConfigs, codec: ports.codec, inputs })

  return {
    async desiredOfRelease(view, object, signal) {
      const args = readHelmArguments(view.controllers(), object)
      const snapshot = deployedSnapshot(object)
      const found = await targets.find(view, object, { ...kustomizeDefaults, ...args }, signal)
      const client = found.target.remote ?? view.client()
      const storage = storageNamespace(object)
      const [stored, newest] = await Promise.all([
        readStoredRelease(client, storage, snapshot.name, snapshot.revision, signal),
        newestStoredRevision(client, storage, snapshot.name, signal),
      ])
      if (stored === null) throw disappeared(object, snapshot, storage)
      const release = await ports.releases.read(
        {
          payload: textAt(stored.object, 'data', 'release'),
          isFromSecret: stored.kind === 'Secret',
          place: `${stored.kind} ${storage}/${stored.object.metadata.name}`,
          ociDigest: snapshot.ociDigest,
        },
        signal,
      )
      const scopeOf = await scopesOf(found.target.remote, view, release.objects, signal)
      const fidelity = judge(object, snapshot, release, newest, [...args.assumptions, ...found.assumptions])
      const set = {
        owner: refOf(view, object),
        controller: 'helm-controller' as const,
        objects: release.objects.map((each) => ({
          object: withNamespace(each, release.namespace, scopeOf),
          origin: null,
          sensitive: [],
          unknown: '',
        })),
        // Helm removed what newer revisions do not have when they were made; of the inventory only CRDs of crds/ are not in the manifest.
        stale: [],
        ignoreRules: ignoreRulesOf(object),
        isForced: false,
        overrideManagers: args.overrideManagers,
        customStageKinds: [],
        target: found.target,
        fidelity,
      }
      const { uid = '', resourceVersion = '' } = stored.object.metadata
      const key = [uid, resourceVersion, found.key, set.ignoreRules, args.overrideManagers, fidelity]
      return { ...set, inputsKey: ports.codec.sha256Hex(JSON.stringify(key)) }
    },
    nextRunOf: (view, object, signal) =>
      nextRunOf(
        view,
        object,
        {
          ports,
          inputs,
          remoteOf: async (at, release, own) => (await targets.findRemote(at, release, own))?.client ?? null,
        },
        signal,
      ),
    inputsOf(view, object) {
      const name = kubeConfigSecretOf(object)
      return name === null ? [] : [{ cluster: view.id, group: '', ...name }]
    },
    dispose: () => targets.dispose(),
  }
}

/** What finding the target does not read. */
const kustomizeDefaults = {
  isStrict: true,
  customStageKinds: [],
  isRemoteBaseAllowed: true,
  isCrossNamespaceAllowed: true,
  isExternalArtifactAllowed: null,
  sopsAgeSecret: null,
} as const

function refOf(view: ClusterView, { metadata }: KubeObject): ObjectRef {
  return {
    cluster: view.id,
    group: helmGroup,
    kind: 'HelmRelease',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  }
}

function titleOf({ metadata }: KubeObject): string {
  return `HelmRelease ${metadata.namespace ?? ''}/${metadata.name}`
}

/** The newest release that stands: one that failed, or is under way, has not taken its place. Throws SluiceError ReleaseUnreadable without one. */
function deployedSnapshot(object: KubeObject): Snapshot {
  const history = asArray(at(object, 'status', 'history')).map(toSnapshot)
  const deployed = history.find(({ status }) => status === 'deployed')
  if (deployed !== undefined) return deployed
  const [newest] = history
  throw new SluiceError('ReleaseUnreadable', `${titleOf(object)} has no deployed release to compare with.`, {
    remedy:
      newest === undefined
        ? 'Its controller has not installed it yet: look at its conditions.'
        : `Its newest release, ${newest.name}.v${newest.revision}, is ${newest.status}: look at its conditions.`,
  })
}

function toSnapshot(value: unknown): Snapshot {
  return {
    name: textAt(value, 'name'),
    namespace: textAt(value, 'namespace'),
    revision: numberAt(value, 'version') ?? 0,
    status: textAt(value, 'status'),
    digest: textAt(value, 'digest'),
    ociDigest: textAt(value, 'ociDigest'),
    isComparable: textAt(value, 'apiVersion') === 'v2',
    chart: `${textAt(value, 'chartName')}@${textAt(value, 'chartVersion')}`,
  }
}

function disappeared(object: KubeObject, { name, revision }: Snapshot, storage: string): SluiceError {
  return new SluiceError(
    'ReleaseUnreadable',
    `The release of ${titleOf(object)}, ${name}.v${revision}, is not in Helm's storage in namespace ${storage}.`,
    { remedy: 'Somebody removed it: its controller installs or upgrades it with its next run.' },
  )
}

function judge(
  object: KubeObject,
  snapshot: Snapshot,
  release: PreparedRelease,
  newestRevision: number | null | 'unknown',
  assumptions: readonly string[],
): Fidelity {
  const [newest] = asArray(at(object, 'status', 'history')).map(toSnapshot)
  const reasons: string[] = []
  if (newest !== undefined && newest.revision > snapshot.revision)
    reasons.push(
      `Its newest release, ${newest.name}.v${newest.revision}, is ${newest.status}: it is compared with ${snapshot.name}.v${snapshot.revision}, the last one that was deployed.`,
    )
  const last = Math.max(newest?.revision ?? 0, snapshot.revision)
  if (typeof newestRevision === 'number' && newestRevision > last)
    reasons.push(
      `Somebody else made revision ${newestRevision} of this release: its controller upgrades it with its next run.`,
    )
  const facts = {
    digest: release.digest,
    controllerDigest: snapshot.digest,
    revision: `${release.chartName}@${release.chartVersion}`,
    origin: 'releaseStorage' as const,
    assumptions:
      newestRevision === 'unknown'
        ? [...assumptions, 'Nobody else made a newer revision of this release: its Secrets could not be listed.']
        : assumptions,
  }
  if (snapshot.digest === '' || !snapshot.isComparable)
    return {
      ...facts,
      word: 'none',
      reasons: [...reasons, 'Its controller has recorded no digest of this release that can be compared.'],
    }
  if (snapshot.digest !== release.digest)
    return {
      ...facts,
      word: 'differs',
      reasons: [...reasons, 'The release in storage is not what its controller recorded: somebody changed it.'],
    }
  return { ...facts, word: reasons.length === 0 ? 'verified' : 'differs', reasons }
}

function withNamespace(object: KubeObject, namespace: string, scopeOf: ScopeOf): KubeObject {
  if ((object.metadata.namespace ?? '') !== '' || scopeOf(object) === 'cluster') return object
  return { ...object, metadata: { ...object.metadata, namespace } }
}
