/** What switching hosted mode on would do, looked up afresh; its digest stands for all that the user sees and that matters. */
import type { SluiceError } from '../../../../shared/model/errors.ts'
import type { HostedLease, HostingPlan } from '../../../../shared/model/hosting.ts'
import { hostedControllers } from '../../../../shared/model/hosting.ts'
import type { ContextRow } from '../../../../shared/model/rows.ts'
import { resourcePath } from '../../clusters/view.ts'
import type { ClusterView } from '../../clusters/view.ts'
import { isProductionName } from '../../clusters/production-name.ts'
import { waitWhile } from '../../pause.ts'
import type { WaitLimits } from '../../pause.ts'
import type { KubeClient, Ports } from '../../ports.ts'
import type { OwnDefinitions } from '../hand-over/load-manifests.ts'
import { leaseName } from '../lease/create-leadership.ts'
import { readLeaseObject } from '../lease/lease-record.ts'
import { lookForControllers } from '../presence/presence.ts'
import { missingKinds } from './cluster-parts.ts'
import { isHostedKind, whyNotHosted } from './not-hosted.ts'

export interface PlanInput {
  readonly ports: Pick<Ports, 'clock' | 'codec' | 'fluxManifests'>
  readonly view: ClusterView
  readonly client: KubeClient
  readonly context: ContextRow
  readonly namespace: string
  readonly identity: string
  /** Why it cannot be, known before looking; null: look. */
  readonly refusal: SluiceError | null
  readonly isPruneGuarded: boolean
  /** Flux's own definitions, where this machine has them; asked for only if some are missing. Absent: they are not. */
  readonly ownDefinitions?: (signal: AbortSignal) => Promise<Omit<OwnDefinitions, 'definitions'> | null>
  readonly signal: AbortSignal
}

const lookMs = 15_000
const askMs = 50
const maxListed = 500
const leases = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', isNamespaced: true } as const

export async function makePlan(input: PlanInput): Promise<HostingPlan> {
  const { view, client, context, namespace, signal, ports } = input
  await discovered(input)
  const [presence, isNamespaceThere, held] = await Promise.all([
    lookForControllers(view, namespace, signal),
    isThere(client, `/api/v1/namespaces/${encodeURIComponent(namespace)}`, signal),
    Promise.all(hostedControllers.map((controller) => readLease(input, controller))),
  ])
  await kindsRead(input)
  // Before there is a lease to hold: beside a controller nothing at all is created.
  const isLeft = presence.found.length > 0
  const absent = missingKinds(view).map(({ group, kind }) => `${kind}.${group}`)
  const missing = isLeft ? [] : absent
  const own = missing.length === 0 ? null : ((await input.ownDefinitions?.(signal)) ?? null)
  const rows = [...view.rows()]
  const notHosted = rows
    .map((row) => ({ ref: row.ref, why: whyNotHosted(view, row) }))
    .filter(({ why }) => why !== '')
    .sort((a, b) => (JSON.stringify(a.ref) < JSON.stringify(b.ref) ? -1 : 1))
  const hostedRows = rows.filter((row) => isHostedKind(row.ref) && whyNotHosted(view, row) === '')
  const found = [...presence.found]
  const plan: Omit<HostingPlan, 'digest'> = {
    context: context.key,
    cluster: view.id,
    isProduction: context.isProduction || isProductionName(context.name),
    namespace,
    isNamespaceCreated: !isNamespaceThere && !isLeft,
    missingDefinitions: missing,
    definitions: absent.length === 0 ? 'present' : isLeft ? 'left' : own === null ? 'generated' : 'own',
    definitionsFrom: own === null ? '' : `${own.label}, ${own.version}`,
    releaseHost: ports.fluxManifests.releaseHost,
    found,
    leases: held,
    hosted: hostedRows.length,
    notHosted: notHosted.slice(0, maxListed),
    suspended: hostedRows.filter((row) => row.isSuspended === true).length,
    notes: notesOf(input, {
      found: found.length,
      missing: missing.length,
      left: absent.length - missing.length,
      own,
      blind: presence.blindSpots,
      notHosted: notHosted.length,
      held,
    }),
    refusal: input.refusal?.toData() ?? null,
  }
  return { ...plan, digest: digestOf(plan, own?.digest ?? '', ports) }
}

/** Renewals, readiness and counts go on changing: what is done, and to whom, is what the user agreed to. */
function digestOf(plan: Omit<HostingPlan, 'digest'>, ownDigest: string, { codec }: Pick<Ports, 'codec'>): string {
  const { context, cluster, namespace, isNamespaceCreated, missingDefinitions, found, leases: held } = plan
  const seen = {
    context,
    cluster,
    namespace,
    isNamespaceCreated,
    missingDefinitions,
    definitions: [plan.definitions, plan.definitionsFrom, ownDigest],
    found: found.map(({ name, namespace: where, by }) => [name, where, by]),
    leases: held.map(({ name, holder }) => [name, holder]),
    refusal: plan.refusal?.code ?? null,
  }
  return `sha256:${codec.sha256Hex(JSON.stringify(seen))}`
}

const originWords: Readonly<Record<OwnDefinitions['origin'], string>> = {
  program: 'as your flux prints them',
  release: 'out of the release that you named, which was downloaded and has the checksum that you gave',
}

function notesOf(
  { context, identity, namespace, isPruneGuarded }: PlanInput,
  facts: {
    readonly found: number
    readonly missing: number
    readonly left: number
    readonly own: Pick<OwnDefinitions, 'origin' | 'version'> | null
    readonly blind: readonly string[]
    readonly notHosted: number
    readonly held: readonly HostedLease[]
  },
): readonly string[] {
  const foreign = facts.held.find(({ isOurs, holder }) => !isOurs && holder !== '')
  return [
    `Sluice does the work of source-controller and kustomize-controller in ${context.name} from this machine, with your rights.`,
    `It takes their leases in ${namespace} as ${identity} and writes nothing without them; it stops when this machine sleeps or Sluice ends.`,
    ...(facts.missing > 0
      ? [
          facts.own === null
            ? 'Definitions that are missing are made from Sluice’s own tables; Flux replaces them with its own when it is installed.'
            : `Definitions that are missing are Flux’s own, of ${facts.own.version}, ${originWords[facts.own.origin]}.`,
        ]
      : []),
    isPruneGuarded
      ? 'A prune that would delete much, or what holds data, waits for your approval.'
      : 'Prunes are not held back: whatever a new revision leaves out is deleted.',
    ...(facts.notHosted > 0
      ? [
          'Helm releases, OCI and bucket sources, image automation and notifications are not run: their objects stay as they are.',
        ]
      : []),
    ...(facts.found > 0 ? ['Flux’s own controllers are there: Sluice does nothing until they are gone.'] : []),
    ...(facts.left > 0
      ? ['Definitions are missing, and none is installed beside controllers: switch it on once they are gone.']
      : []),
    ...(foreign === undefined
      ? []
      : [`${foreign.holder} holds the lease ${foreign.namespace}/${foreign.name}: Sluice waits for it.`]),
    ...facts.blind,
  ]
}

async function isThere(client: KubeClient, path: string, signal: AbortSignal): Promise<boolean> {
  const { status } = await client.request({ method: 'GET', path, signal })
  // Who may not look has to believe that it is there.
  return status !== 404
}

async function readLease(
  { client, namespace, identity, signal }: PlanInput,
  controller: (typeof hostedControllers)[number],
): Promise<HostedLease> {
  const name = leaseName(controller)
  const answer = await client.request({ method: 'GET', path: resourcePath(leases, namespace, name), signal })
  const record = answer.status === 200 ? readLeaseObject(answer.json()).record : null
  const holder = record?.holder ?? ''
  const isOurs = holder === identity
  return {
    controller,
    namespace,
    name,
    state: holder !== '' && !isOurs ? 'waiting' : 'released',
    holder,
    isOurs,
    renewedAt: record?.renewedAt ?? null,
  }
}

/** Every API server has Deployments: that they are not served means that nobody has asked yet what is. */
async function discovered(input: PlanInput): Promise<void> {
  await waitWhile(() => input.view.served('apps', 'Deployment') === null, looking(input))
}

/** Rows of the kinds that count are complete, or it has taken too long. */
async function kindsRead(input: PlanInput): Promise<void> {
  await waitWhile(() => input.view.kinds().some((row) => row.state === 'loading' && isHostedKind(row)), looking(input))
}

function looking({ ports: { clock }, signal }: PlanInput): WaitLimits {
  return { clock, stepMs: askMs, maxMs: lookMs, signal }
}
