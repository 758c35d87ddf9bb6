/**
 * The cluster that a Kustomization is applied to, and as whom: unlike a comparison, an apply never falls back to other rights. Semantics:
 * flux-semantics §8; pkg/runtime `Impersonator`.
 */
import { reasons } from '../../../../shared/flux/reasons.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { Targets } from '../../drift/desired/target.ts'
import type { KubeClient } from '../../ports.ts'
import { textAt } from '../../status/read.ts'
import type { RunContext } from '../reconciler.ts'
import { NotHosted, RunFault } from './run-fault.ts'
import type { HostedSettings } from './settings.ts'

export interface HostedTarget {
  /** Fenced. */
  readonly client: KubeClient
  readonly isRemote: boolean
  readonly impersonate: string | null
  /** Changes with the cluster. */
  readonly key: string
}

/** A host may be allowed at any time. */
const consentRetryMs = 60_000

/** The impersonated account; '' where it is applied with the own rights. */
export function accountOf(object: KubeObject, settings: HostedSettings): string {
  return textAt(object, 'spec', 'serviceAccountName') || settings.defaultServiceAccount
}

/** Throws RunFault where the controller would fail as well, NotHosted for a cluster that cannot be reached from here. */
export async function openTarget(
  run: Pick<RunContext, 'view' | 'client' | 'fence' | 'signal'>,
  object: KubeObject,
  targets: Pick<Targets, 'findRemote'>,
  settings: HostedSettings,
): Promise<HostedTarget> {
  const account = accountOf(object, settings)
  const impersonate = account === '' ? null : `system:serviceaccount:${object.metadata.namespace ?? ''}:${account}`
  let remote: Awaited<ReturnType<Targets['findRemote']>>
  try {
    remote = await targets.findRemote(run.view, object, run.signal)
  } catch (error) {
    if (!(error instanceof SluiceError) || error.retry === 'canceled') throw error
    if (error.code === 'NotFound' && error.detail !== '')
      throw new RunFault(reasons.reconciliationFailed, error.detail, {
        told: `failed to build kube client: ${error.detail}`,
      })
    if (error.retry === 'transient') throw error
    throw new NotHosted([error.message, error.remedy].filter((part) => part !== '').join(' '), consentRetryMs)
  }
  if (remote === null) return { client: run.client, isRemote: false, impersonate, key: '' }
  return { client: run.fence(remote.client, remote.host), isRemote: true, impersonate, key: remote.digest }
}
