/**
 * Where the objects of a Kustomization or a HelmRelease live and as whom it is asked there. Semantics: flux-semantics §8; fluxcd/pkg runtime `Impersonator`.
 *
 * SECURITY: item 10: a kubeconfig from a cluster is read by the strict reader, and its server is contacted only after the user allowed that host
 * for that cluster.
 */
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { AccessReviews } from '../../access/access-reviews.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import type { Codec, KubeClient, KubeConfigs } from '../../ports.ts'
import type { HostConsents } from '../../source/consents.ts'
import { at, textAt } from '../../status/read.ts'
import type { DesiredTarget } from '../desired-set.ts'
import type { ControllerSettings } from './controller-settings.ts'
import type { InputName, InputReader } from './input-reader.ts'
import { dataOf } from './read-inputs.ts'

export interface TargetDeps {
  readonly kubeConfigs: Pick<KubeConfigs, 'openForeign'>
  readonly codec: Pick<Codec, 'sha256Hex'>
  readonly access: AccessReviews
  readonly hosts: HostConsents
  readonly inputs: InputReader
}

export interface FoundTarget {
  readonly target: DesiredTarget
  /** Changes when another cluster, or somebody else, would be asked. */
  readonly key: string
  /** Sentences. */
  readonly assumptions: readonly string[]
}

export interface Targets {
  /** Throws SluiceError NotFound, Forbidden, Unsupported, HostNotAllowed, and what the strict reader refuses. */
  find(view: ClusterView, object: KubeObject, settings: ControllerSettings, signal: AbortSignal): Promise<FoundTarget>
  /** The cluster of spec.kubeConfig; null: there is none. Throws as `find`; the detail of NotFound is the controller's own sentence. */
  findRemote(view: ClusterView, object: KubeObject, signal: AbortSignal): Promise<RemoteTarget | null>
  dispose(): void
}

export interface RemoteTarget {
  readonly client: KubeClient
  readonly host: string
  /** Digest of the kubeconfig. */
  readonly digest: string
}

/** What the cluster at `host`, which an object of `cluster` names, is called beside it. */
export function remoteCluster(cluster: string, host: string): string {
  return `${cluster}>${host}`
}

/** The Secret of spec.kubeConfig; null where there is none. */
export function kubeConfigSecretOf(object: KubeObject): InputName | null {
  const name = textAt(object, 'spec', 'kubeConfig', 'secretRef', 'name')
  return name === '' ? null : { kind: 'Secret', namespace: object.metadata.namespace ?? '', name }
}

export function createTargets(deps: TargetDeps): Targets {
  /** One client for each Secret and key, for as long as it says the same. */
  const foreign = new Map<string, RemoteTarget>()

  async function openRemote(view: ClusterView, object: KubeObject, signal: AbortSignal): Promise<RemoteTarget | null> {
    const reference = at(object, 'spec', 'kubeConfig')
    if (reference === undefined || reference === null) return null
    const title = `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`
    const secret = kubeConfigSecretOf(object)
    if (secret === null)
      throw new SluiceError(
        'Unsupported',
        `${title} goes to a cluster by spec.kubeConfig.configMapRef, which is not followed.`,
        {
          remedy:
            'Its controller signs in there with an identity of the cloud that it runs in: compare from a context of that cluster.',
        },
      )
    const found = await deps.inputs.read(view, secret, signal)
    const place = `Secret ${secret.namespace}/${secret.name}`
    if (found === null)
      throw new SluiceError('NotFound', `${place} with the kubeconfig of ${title} was not found.`, {
        remedy: 'Create it, or correct spec.kubeConfig.secretRef.',
        detail: `unable to read KubeConfig secret '${secret.namespace}/${secret.name}' error: secrets ${JSON.stringify(secret.name)} not found`,
      })
    const data = dataOf(found)
    const wanted = textAt(object, 'spec', 'kubeConfig', 'secretRef', 'key')
    const text = wanted === '' ? (data['value'] ?? data['value.yaml']) : data[wanted]
    if (text === undefined)
      throw new SluiceError(
        'NotFound',
        `${place} has no key ${wanted === '' ? 'value' : wanted} with the kubeconfig of ${title}.`,
        {
          detail: `KubeConfig secret '${secret.namespace}/${secret.name}' does not contain a '${wanted === '' ? 'value' : wanted}' key with a kubeconfig`,
        },
      )
    const key = `${view.id}|${secret.namespace}/${secret.name}|${wanted}`
    const digest = deps.codec.sha256Hex(text)
    let known = foreign.get(key)
    if (known?.digest !== digest) {
      known?.client.close()
      foreign.delete(key)
      known = { ...deps.kubeConfigs.openForeign(text, `${place} of ${title}`), digest }
      foreign.set(key, known)
    }
    // SECURITY: item 10: asked each time, since the user may take it back.
    if (!deps.hosts.isAllowed(view.id, known.host)) {
      deps.hosts.noteNamed(
        view.id,
        known.host,
        `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`,
      )
      throw new SluiceError(
        'HostNotAllowed',
        `${title} goes to the cluster at ${known.host}, which may not be contacted yet.`,
        {
          remedy: 'Allow the host for this cluster.',
        },
      )
    }
    return known
  }

  async function findIdentity(
    view: ClusterView,
    remote: RemoteTarget | null,
    object: KubeObject,
    settings: ControllerSettings,
    signal: AbortSignal,
  ): Promise<{ readonly user: string | null; readonly assumptions: readonly string[] }> {
    const account = textAt(object, 'spec', 'serviceAccountName') || settings.defaultServiceAccount
    if (account === '') return { user: null, assumptions: [] }
    const namespace = object.metadata.namespace ?? ''
    const client = remote?.client ?? view.client()
    const cluster = remote === null ? view.id : remoteCluster(view.id, remote.host)
    const question = { verb: 'impersonate', group: '', resource: 'serviceaccounts', namespace, name: account }
    const { isAllowed } = await deps.access.review(client, cluster, question, signal)
    if (isAllowed) return { user: `system:serviceaccount:${namespace}:${account}`, assumptions: [] }
    const text = `You may not impersonate ServiceAccount ${namespace}/${account}, as which its controller applies: dry-runs are answered for your own rights.`
    return { user: null, assumptions: [text] }
  }

  return {
    async find(view, object, settings, signal) {
      const remote = await openRemote(view, object, signal)
      const { user, assumptions } = await findIdentity(view, remote, object, settings, signal)
      return {
        target: { remote: remote?.client ?? null, impersonate: user },
        key: `${remote === null ? '' : remote.digest}|${user ?? ''}`,
        assumptions,
      }
    },
    findRemote: openRemote,
    dispose() {
      for (const { client } of foreign.values()) client.close()
      foreign.clear()
    },
  }
}
