/** What moving Flux into the cluster would do, looked up afresh; its digest stands for what is written, and for who is concerned. */
import type { BootstrapPlan } from '../../../../shared/model/bootstrap.ts'
import type { HandOverPlan } from '../../../../shared/model/hand-over.ts'
import type { InstalledObject } from '../../../../shared/model/installed-object.ts'
import type { SluiceErrorData } from '../../../../shared/model/errors.ts'
import { SluiceError, toErrorData } from '../../../../shared/model/errors.ts'
import { hostedControllers } from '../../../../shared/model/hosting.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { refTitle } from '../../../../shared/model/identity.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import { isProductionName } from '../../clusters/production-name.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { Codec } from '../../ports.ts'
import { repositoryOfUrl } from '../../source/consents.ts'
import { textAt } from '../../status/read.ts'
import type { HostingTransfer } from '../hosting.ts'
import { whyNotHosted } from '../hosting/not-hosted.ts'
import type { FleetFacts } from './adoption.ts'
import { judgeFleet, readFleet } from './adoption.ts'
import { compareInstallation } from './install.ts'
import type { LoadedManifests } from './load-manifests.ts'
import type { Installation } from './read-manifests.ts'
import { argumentsOf } from './read-manifests.ts'

/** Where Flux goes. */
export type HandOverPlace = Pick<HostingTransfer, 'row' | 'view' | 'client' | 'namespace' | 'auditClient'>

export interface HandOverPlanInput {
  readonly transfer: HandOverPlace
  /** Flux runs there already: nobody hands over. */
  readonly isInstalled?: boolean
  /** What is put under Git with it; absent: nothing. Rejects with what stands in the way. */
  readonly bootstrap?: () => Promise<BootstrapFacts>
  readonly manifests: LoadedManifests
  /** Sluice fetches this repository with credentials of the user's own. */
  readonly usesOwnCredentials: (repositoryUrl: string) => boolean
  readonly calls: CallOptions
  readonly codec: Codec
}

export interface BootstrapFacts {
  readonly plan: BootstrapPlan
  /** SECURITY: item 9: salted: it stands for the Secret's values in the plan's digest. */
  readonly secretDigest: string
}

const maxListed = 500
const electionFlag = '--enable-leader-election'

export async function makeHandOverPlan(input: HandOverPlanInput): Promise<HandOverPlan> {
  const { transfer, manifests, calls, codec, isInstalled = false } = input
  const { row, view, namespace } = transfer
  const { installation } = manifests
  const fleet = await readFleet(view, calls.signal)
  const facts = isInstalled ? nobody : judgeFleet(view, fleet)
  const own = isInstalled ? [] : fleet.sources.filter((source) => needsSecret(source, input.usesOwnCredentials))
  const begins = (isInstalled ? [] : [...view.rows()])
    .map((each) => ({ ref: each.ref, why: whyNotHosted(view, each) }))
    .filter(({ why }) => why !== '')
    .sort((a, b) => (textOf(a.ref) < textOf(b.ref) ? -1 : 1))
  let refusal: SluiceErrorData | null = refusalOf(transfer, installation, isInstalled)?.toData() ?? null
  let objects: readonly InstalledObject[] = []
  if (refusal === null)
    try {
      objects = await compareInstallation(installation.objects, calls)
    } catch (error) {
      if (calls.signal.aborted) throw error
      refusal = toErrorData(error)
    }
  let bootstrap: BootstrapFacts | null = null
  if (refusal === null && input.bootstrap !== undefined)
    try {
      bootstrap = await input.bootstrap()
    } catch (error) {
      if (calls.signal.aborted) throw error
      refusal = toErrorData(error)
    }
  const plan: Omit<HandOverPlan, 'digest'> = {
    isInstalled,
    context: row.key,
    contextName: row.name,
    cluster: view.id,
    isProduction: row.isProduction || isProductionName(row.name),
    namespace,
    manifests: {
      origin: manifests.origin,
      label: manifests.label,
      version: installation.version,
      digest: manifests.digest,
    },
    components: installation.deployments.map(({ name, image }) => ({ name, image, begins: beginOf(name) })),
    objects,
    clusterAdmins: installation.clusterAdmins,
    ...facts,
    begins: begins.slice(0, maxListed),
    beginCount: begins.length,
    bootstrap: bootstrap?.plan ?? null,
    notes: [
      ...(isInstalled ? installedNotes(transfer) : notesOf(transfer, facts, begins.length)),
      ...(bootstrap === null ? [] : bootstrapNotes(bootstrap.plan)),
      ...own.map(
        ({ kind, metadata: { namespace: where = '', name } }) =>
          `Sluice fetches ${kind} ${refTitle({ namespace: where, name })} with your own Git credentials: source-controller needs a Secret (spec.secretRef) first.`,
      ),
    ],
    refusal,
  }
  return { ...plan, digest: digestOf(plan, bootstrap?.secretDigest ?? '', codec) }
}

/** Those that have a lease of ours wait for it; who is only told of things may come at once; what would run what was not run comes last. */
export function beginOf(name: string): 'waiting' | 'first' | 'last' {
  if (hostedControllers.some((each) => each === name)) return 'waiting'
  return name === 'notification-controller' ? 'first' : 'last'
}

function refusalOf(
  { row, namespace }: HandOverPlace,
  installation: Installation,
  isInstalled: boolean,
): SluiceError | null {
  if (row.isReadOnly)
    return new SluiceError('ReadOnlyContext', `${row.name} is read-only`, {
      remedy: 'Allow writes for this context first.',
    })
  if (installation.namespace !== namespace)
    return new SluiceError(
      'Unsupported',
      isInstalled
        ? `The manifests install Flux in ${installation.namespace}; it runs in ${namespace}`
        : `The manifests install Flux in ${installation.namespace}; hosted mode holds its leases in ${namespace}`,
      { remedy: `Take manifests for ${namespace}.` },
    )
  for (const name of isInstalled ? [] : hostedControllers) {
    const deployment = installation.deployments.find((each) => each.name === name)
    if (deployment !== undefined && !argumentsOf(deployment.object).includes(electionFlag))
      return new SluiceError('Unsupported', `${name} would run without ${electionFlag}: it would not wait for Sluice`, {
        remedy: `Add ${electionFlag} to its arguments.`,
      })
    if (deployment?.object['spec'] !== undefined && replicasOf(deployment.object) === 0)
      return new SluiceError('Unsupported', `${name} would have no replicas`, {
        remedy: 'Take manifests that start it.',
      })
  }
  return null
}

function replicasOf({ spec }: Readonly<Record<string, unknown>>): number {
  const { replicas } = (spec ?? {}) as { readonly replicas?: unknown }
  return typeof replicas === 'number' ? replicas : 1
}

function installedNotes({ row, namespace }: HandOverPlace): readonly string[] {
  return [
    `Flux runs in ${namespace} of ${row.name} already: its manifests are applied with your rights as flux install does it, where they differ.`,
    'Workloads are looked at before and after: what is up to date is not touched.',
  ]
}

function bootstrapNotes({ commits }: BootstrapPlan): readonly string[] {
  const last = 'Flux’s own source and Kustomization are applied once the controllers are there.'
  if (commits.length === 0) return [`The branch holds everything already: nothing is pushed. ${last}`]
  return [
    `The commits are pushed before anything is installed. ${last} If it fails in between they stay in the branch, and made again nothing is committed twice.`,
  ]
}

function notesOf({ row, namespace }: HandOverPlace, facts: FleetFacts, begins: number): readonly string[] {
  const modes = facts.suspended.filter(({ mode }) => mode !== 'automatic').length
  return [
    `Flux’s controllers are installed in ${namespace} of ${row.name} with your rights, as flux install does it.`,
    'They wait for the leases that Sluice holds. Sluice stops reconciling, gives source-controller its lease, and the others theirs once every source has an artifact of the controller’s own.',
    'Workloads are looked at before and after: what is up to date is not touched. Hosted mode is off for this context afterwards.',
    'If it fails or you cancel it, the controllers and the ClusterRoleBindings that it created are taken away again and Sluice goes on hosting. Everything else that it installed stays: definitions, accounts, roles, services, network policies and quotas.',
    ...(modes > 0
      ? [
          `${modes === 1 ? 'One Kustomization is' : `${String(modes)} Kustomizations are`} in mode manual or held: suspended for Flux, too. Nothing of them is applied until somebody resumes them.`,
        ]
      : []),
    ...(begins > 0
      ? [
          `${begins === 1 ? 'One object that' : `${String(begins)} objects that`} hosted mode does not run will be reconciled from then on.`,
        ]
      : []),
  ]
}

/** It has no Secret, and is fetched all the same. */
function needsSecret(source: KubeObject, usesOwnCredentials: (repositoryUrl: string) => boolean): boolean {
  if (source.kind !== 'GitRepository' || textAt(source, 'spec', 'secretRef', 'name') !== '') return false
  const repository = repositoryOfUrl(textAt(source, 'spec', 'url'))
  return repository !== null && usesOwnCredentials(repository)
}

const nobody: FleetFacts = { sources: [], kustomizations: [], notWaitedFor: [], suspended: [] }

const textOf = (ref: ObjectRef): string => JSON.stringify(ref)

/** Conditions and readiness go on changing: what is written, and what the user has been told of, is what they agreed to. */
function digestOf(plan: Omit<HandOverPlan, 'digest'>, secretDigest: string, codec: Codec): string {
  const { context, cluster, namespace, manifests, objects, suspended, begins, bootstrap, isInstalled } = plan
  const seen = {
    context,
    cluster,
    namespace,
    manifests,
    objects,
    suspended: suspended.map(({ ref, mode }) => [textOf(ref), mode]).sort(),
    begins: begins.map(({ ref }) => textOf(ref)),
    ...(bootstrap === null ? {} : { bootstrap, secretDigest }),
    ...(isInstalled ? { isInstalled } : {}),
    refusal: plan.refusal?.code ?? null,
  }
  return `sha256:${codec.sha256Hex(JSON.stringify(seen))}`
}
