/**
 * How much setting an object back disturbs, in a word and a short text. The table, first match wins:
 *
 * | what happens                                                        | level  | text                                  |
 * |---------------------------------------------------------------------|--------|---------------------------------------|
 * | deleted and created anew                                            | high   | deletes and recreates it              |
 * | PersistentVolumeClaim, PersistentVolume, Namespace, CRD deleted     | high   | deletes a volume claim, …             |
 * | workload with running pods deleted                                  | high   | stops N pods                          |
 * | anything else deleted                                               | medium | deletes it                            |
 * | pod template of a Deployment, StatefulSet, DaemonSet, pods running  | high   | restarts N pods                       |
 * | the same, no pod running or rolled out by hand (paused, OnDelete)   | low    | changes the pod template              |
 * | replicas to 0 / fewer / more                                        | high / medium / low | stops N pods, starts N pods |
 * | CRD, webhook configuration, APIService, Service's selector          | high   | changes a kind, changes admission, …  |
 * | ConfigMap, Secret                                                   | medium | read at start                         |
 * | Role, RoleBinding and the cluster's                                 | medium | changes permissions                   |
 * | other fields                                                        | medium | the field's name                      |
 * | labels and annotations only; created                                | low    | label, annotation; ''                 |
 * | nothing but the record of who owns fields                           | low    | no value changes                      |
 */
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import type { DriftAction, DriftField, DriftRisk } from '../../../shared/model/drift.ts'
import type { KubeObject } from '../clusters/view.ts'
import { numberAt, textAt, at } from '../status/read.ts'

const none: DriftRisk = { level: 'low', text: '' }
const readAtStart = 'read at start'
const templated: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])
const preciousKinds: Readonly<Record<string, string>> = {
  PersistentVolumeClaim: 'deletes a volume claim',
  PersistentVolume: 'deletes a volume',
  Namespace: 'deletes a namespace and all in it',
  CustomResourceDefinition: 'deletes a kind and all its objects',
}
const kindTexts: Readonly<Record<string, DriftRisk>> = {
  CustomResourceDefinition: { level: 'high', text: 'changes a kind' },
  MutatingWebhookConfiguration: { level: 'high', text: 'changes admission' },
  ValidatingWebhookConfiguration: { level: 'high', text: 'changes admission' },
  ValidatingAdmissionPolicy: { level: 'high', text: 'changes admission' },
  ValidatingAdmissionPolicyBinding: { level: 'high', text: 'changes admission' },
  APIService: { level: 'high', text: 'changes an API' },
  ConfigMap: { level: 'medium', text: readAtStart },
  Secret: { level: 'medium', text: readAtStart },
  Role: { level: 'medium', text: 'changes permissions' },
  ClusterRole: { level: 'medium', text: 'changes permissions' },
  RoleBinding: { level: 'medium', text: 'changes permissions' },
  ClusterRoleBinding: { level: 'medium', text: 'changes permissions' },
}

/** Risk of the controller's next apply to one object. `fields` are all of its fields; only those that are set back count. */
export function riskOf(
  action: DriftAction,
  kind: string,
  live: KubeObject | null,
  fields: readonly DriftField[],
): DriftRisk {
  if (action === 'recreated') return { level: 'high', text: 'deletes and recreates it' }
  if (action === 'pruned') return riskOfDelete(kind, live)
  if (action !== 'configured' || live === null) return none
  const changing = fields.filter((field) => field.verdict === 'drift' || field.verdict === 'reclaimed')
  if (changing.length === 0) return { level: 'low', text: 'no value changes' }
  const inBody = changing.filter((field) => !field.pointer.startsWith('/metadata/'))
  if (inBody.length === 0) return riskOfMetadata(changing)
  if (templated.has(kind) && inBody.some((field) => field.pointer.startsWith('/spec/template'))) {
    const count = podsOf(kind, live)
    const isByHand =
      at(live, 'spec', 'paused') === true || textAt(live, 'spec', 'updateStrategy', 'type') === 'OnDelete'
    return count > 0 && !isByHand
      ? { level: 'high', text: `restarts ${pods(count)}` }
      : { level: 'low', text: 'changes the pod template' }
  }
  const replicas = inBody.find((field) => field.pointer === '/spec/replicas')
  if (replicas !== undefined && (templated.has(kind) || kind === 'ReplicaSet')) return riskOfReplicas(replicas)
  if (kind === 'Service' && inBody.some((field) => field.pointer.startsWith('/spec/selector')))
    return { level: 'high', text: 'moves traffic to other pods' }
  const known = Object.hasOwn(kindTexts, kind) ? kindTexts[kind] : undefined
  return known ?? { level: 'medium', text: inBody.length === 1 ? lastName(inBody[0]!.path) : '' }
}

/** Of a risk that is not low, as a sentence that begins with It. */
export function riskSentence({ level, text }: DriftRisk): string {
  if (text === '') return `Its risk is ${level}.`
  if (text === readAtStart) return `It changes what pods ${text}.`
  // A verb, or the name of a field.
  return /^(deletes|stops|restarts|moves|changes) /.test(text) ? `It ${text}.` : `It changes ${text}.`
}

function riskOfDelete(kind: string, live: KubeObject | null): DriftRisk {
  const precious = Object.hasOwn(preciousKinds, kind) ? preciousKinds[kind] : undefined
  if (precious !== undefined) return { level: 'high', text: precious }
  const count = live === null || !(templated.has(kind) || kind === 'ReplicaSet') ? 0 : podsOf(kind, live)
  return count > 0 ? { level: 'high', text: `stops ${pods(count)}` } : { level: 'medium', text: 'deletes it' }
}

function riskOfMetadata(fields: readonly DriftField[]): DriftRisk {
  const hasLabels = fields.some((field) => field.pointer.startsWith('/metadata/labels'))
  const hasAnnotations = fields.some((field) => field.pointer.startsWith('/metadata/annotations'))
  if (hasLabels && hasAnnotations) return { level: 'low', text: 'labels and annotations' }
  const word = hasLabels ? 'label' : hasAnnotations ? 'annotation' : ''
  return { level: 'low', text: word === '' ? '' : fields.length === 1 ? word : `${word}s` }
}

function riskOfReplicas(field: DriftField): DriftRisk {
  const from = Number(field.liveValue ?? 1)
  const to = Number(field.gitValue ?? 1)
  if (!Number.isFinite(from) || !Number.isFinite(to)) return { level: 'medium', text: 'replicas' }
  if (to < from) return { level: to === 0 ? 'high' : 'medium', text: `stops ${pods(from - to)}` }
  return { level: 'low', text: `starts ${pods(to - from)}` }
}

function podsOf(kind: string, live: KubeObject): number {
  if (kind === 'DaemonSet')
    return numberAt(live, 'status', 'currentNumberScheduled') ?? numberAt(live, 'status', 'desiredNumberScheduled') ?? 0
  return numberAt(live, 'status', 'replicas') ?? numberAt(live, 'spec', 'replicas') ?? 1
}

function pods(count: number): string {
  return formatCountOf(count, 'pod')
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}
