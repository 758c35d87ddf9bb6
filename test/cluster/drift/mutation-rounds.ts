/** Rounds of changes on a reconciled fleet: what was made, what has to be reported, what the controller then did about it. */
import { resourcePath } from '../../../electron/engine/clusters/view.ts'
import { groupOf, versionOf } from '../../../electron/engine/status/read.ts'
import type { KubeObject } from '../apply-manifests.ts'
import type { TestCluster } from '../start.ts'
import { objectTitle, type ReportedLine } from './drift-engine.ts'
import { makeMutation, overlaps, type Expected, type Mutation } from './mutations.ts'
import type { Chance } from './random.ts'
import type { Manifest, TruthKustomization } from './truth-manifests.ts'

/** Plural of each kind of the fleet, and whether it lies in namespaces. */
const plurals: Readonly<Record<string, readonly [plural: string, isNamespaced?: boolean]>> = {
  Deployment: ['deployments'],
  StatefulSet: ['statefulsets'],
  DaemonSet: ['daemonsets'],
  CronJob: ['cronjobs'],
  Service: ['services'],
  ConfigMap: ['configmaps'],
  Secret: ['secrets'],
  ServiceAccount: ['serviceaccounts'],
  Role: ['roles'],
  RoleBinding: ['rolebindings'],
  Ingress: ['ingresses'],
  NetworkPolicy: ['networkpolicies'],
  PodDisruptionBudget: ['poddisruptionbudgets'],
  HorizontalPodAutoscaler: ['horizontalpodautoscalers'],
  LimitRange: ['limitranges'],
  ResourceQuota: ['resourcequotas'],
  Widget: ['widgets'],
  Gadget: ['gadgets'],
  Namespace: ['namespaces', false],
  ClusterRole: ['clusterroles', false],
  PriorityClass: ['priorityclasses', false],
  CustomResourceDefinition: ['customresourcedefinitions', false],
}

export function pathOf({ apiVersion, kind, metadata }: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): string {
  const [plural, isNamespaced = true] = plurals[kind] ?? [`${kind.toLowerCase()}s`]
  return resourcePath(
    { group: groupOf(apiVersion), version: versionOf(apiVersion), plural, isNamespaced },
    metadata.namespace ?? '',
    metadata.name,
  )
}

export function titleOf({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): string {
  return objectTitle({ kind, namespace: metadata.namespace ?? '', name: metadata.name })
}

interface Subject {
  readonly owner: string
  readonly desired: Manifest
  /** What others have added and what therefore stays, by line. */
  readonly kept: Map<string, { readonly line: ExpectedLine; readonly places: readonly string[] }>
}

export interface ExpectedLine {
  readonly line: string
  /** Who may be named: one manager where managedFields tell, several or none where they do not. */
  readonly managers: readonly (string | null)[]
}

export interface Round {
  readonly made: readonly { readonly title: string; readonly mutation: Mutation }[]
  readonly expected: readonly ExpectedLine[]
  readonly owners: readonly string[]
}

export interface Rounds {
  readonly owners: readonly string[]
  /** Makes `count` changes. */
  make(count: number): Promise<Round>
  /** What stays after the controller has run. */
  settled(): readonly ExpectedLine[]
  /** resourceVersion by title of every object of the fleet; '' where it is missing. */
  versions(): Promise<ReadonlyMap<string, string>>
}

const subresources = new Set(['scale', 'status'])

export function createRounds(
  cluster: TestCluster,
  kustomizations: readonly TruthKustomization[],
  chance: Chance,
): Rounds {
  const subjects: Subject[] = kustomizations.flatMap(({ name, objects }) =>
    objects.map((desired) => ({ owner: name, desired, kept: new Map() })),
  )
  let number = 0
  /** Whoever has written an object since it was made: their entries stay in managedFields. */
  const updaters = new Map<Subject, Set<string>>()

  const lineOf = (subject: Subject, { verdict, change, path }: Expected): string =>
    `${titleOf(subject.desired)}: ${verdict} ${change} ${path}`

  async function perform({ desired }: Subject, { act }: Mutation): Promise<void> {
    const at = pathOf(desired)
    switch (act.how) {
      case 'update': {
        const live = await cluster.requestOk<Manifest>('GET', at)
        act.change(live)
        await cluster.requestOk('PUT', `${at}?fieldManager=${act.manager}`, live)
        return
      }
      case 'apply': {
        const { apiVersion, kind } = desired
        const { name, namespace } = desired.metadata
        const fields = act.fields as { metadata?: object }
        const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...fields.metadata }
        await cluster.requestOk(
          'PATCH',
          `${at}?fieldManager=${act.manager}&force=true`,
          { apiVersion, kind, ...fields, metadata },
          'application/apply-patch+yaml',
        )
        return
      }
      case 'scale':
        await cluster.requestOk(
          'PATCH',
          `${at}/scale?fieldManager=${act.manager}`,
          { spec: { replicas: act.replicas } },
          'application/merge-patch+json',
        )
        return
      case 'status':
        await cluster.requestOk(
          'PATCH',
          `${at}/status?fieldManager=${act.manager}`,
          { status: act.status },
          'application/merge-patch+json',
        )
        return
      case 'delete':
        await cluster.requestOk('DELETE', `${at}?propagationPolicy=Background`)
        return
      case 'recreate': {
        await cluster.requestOk('DELETE', `${at}?propagationPolicy=Background`)
        const object = structuredClone(desired)
        act.change(object)
        await cluster.requestOk('POST', `${at.slice(0, at.lastIndexOf('/'))}?fieldManager=${act.manager}`, object)
      }
    }
  }

  function isFree(subject: Subject, mutation: Mutation, taken: readonly string[]): boolean {
    if (mutation.places.some((place) => taken.some((other) => overlaps(place, other)))) return false
    if (mutation.places.includes('whole')) return true
    const kept = [...subject.kept.values()].flatMap(({ places }) => places)
    return !mutation.places.some((place) => place !== 'alone' && kept.some((other) => overlaps(place, other)))
  }

  return {
    owners: kustomizations.map(({ name }) => name),
    async make(count) {
      const taken = new Map<Subject, string[]>()
      const lines = new Map<Subject, { line: ExpectedLine; isRemoval: boolean }[]>()
      const made: { title: string; mutation: Mutation }[] = []
      while (made.length < count) {
        const subject = chance.pick(subjects)
        number += 1
        const mutation = makeMutation(subject.desired, chance, number)
        const places = taken.get(subject) ?? []
        if (!isFree(subject, mutation, places)) continue
        taken.set(subject, [...places, ...mutation.places])
        try {
          await perform(subject, mutation)
        } catch (error) {
          throw new Error(`${titleOf(subject.desired)}, ${mutation.title}`, { cause: error })
        }
        made.push({ title: titleOf(subject.desired), mutation })
        const { act } = mutation
        if (mutation.places.includes('whole')) {
          subject.kept.clear()
          updaters.delete(subject)
        }
        if ('manager' in act && !subresources.has(act.how))
          updaters.set(subject, new Set([...(updaters.get(subject) ?? []), act.manager]))
        const own = lines.get(subject) ?? []
        lines.set(subject, own)
        if (mutation.isDeleted === true)
          own.push({ line: { line: `${titleOf(subject.desired)}: created`, managers: [null] }, isRemoval: false })
        for (const expected of mutation.expected) {
          const manager = 'manager' in act ? act.manager : null
          // Who scales what nobody owned is not recorded.
          const managers = act.how === 'scale' && expected.verdict === 'notOwned' ? [manager, null] : [manager]
          const line = { line: lineOf(subject, expected), managers }
          if (expected.verdict !== 'notOwned') own.push({ line, isRemoval: expected.change === 'removed' })
          else {
            const applied = mutation.places.filter((place) => place.startsWith('apply by'))
            subject.kept.set(expected.path, { line, places: [expected.path, ...applied] })
          }
        }
      }
      const expected = subjects.flatMap((subject) => [
        ...[...subject.kept.values()].map(({ line }) => line),
        ...(lines.get(subject) ?? []).map(({ line, isRemoval }) =>
          // The API server does not record who removes a field: whoever wrote the object may be named.
          isRemoval ? { ...line, managers: [null, ...(updaters.get(subject) ?? []), ...keptManagers(subject)] } : line,
        ),
      ])
      const owners = [...new Set([...taken.keys()].map(({ owner }) => owner))]
      return { made, expected, owners }
    },
    settled: () => subjects.flatMap(({ kept }) => [...kept.values()].map(({ line }) => line)),
    async versions() {
      const found = new Map<string, string>()
      for (const { desired } of subjects) {
        const { status, body } = await cluster.request('GET', pathOf(desired))
        const version = status === 200 ? ((body as KubeObject).metadata.resourceVersion ?? '') : ''
        found.set(titleOf(desired), version)
      }
      return found
    },
  }

  function keptManagers(subject: Subject): readonly (string | null)[] {
    return [...subject.kept.values()].flatMap(({ line }) => line.managers)
  }
}

/** Sentences: what was made and not reported, reported and not made, and laid at the wrong door. */
export function compareLines(expected: readonly ExpectedLine[], reported: readonly ReportedLine[]): readonly string[] {
  const differences: string[] = []
  const wanted = new Map(expected.map((each) => [each.line, each]))
  const seen = new Set<string>()
  for (const { line, manager, text } of reported) {
    const match = wanted.get(line)
    if (match === undefined || seen.has(line)) differences.push(`invented: ${line} (${text})`)
    else if (!match.managers.includes(manager))
      differences.push(`wrong manager: ${line} by ${String(manager)} instead of ${match.managers.join(' or ')}`)
    seen.add(line)
  }
  for (const { line } of expected) if (!seen.has(line)) differences.push(`missed: ${line}`)
  return differences.sort()
}
