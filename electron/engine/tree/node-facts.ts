/** What a tree says of one object beyond its kstatus: how much of it is ready, a message that helps, and a cause. Pure. */
import { formatCountOf } from '../../../shared/lib/format/numbers.ts'
import { capText, neutralizeLine } from '../../../shared/lib/text.ts'
import type { KubeObject } from '../clusters/view.ts'
import type { KStatus } from '../status/kstatus.ts'
import { asArray, asRecord, asText, at, groupOf, numberAt, scalarText, textAt } from '../status/read.ts'

const maxText = 1000

/** `1/3` for workloads, Jobs and pods; '' otherwise. */
export function readyText(object: KubeObject): string {
  const status = (key: string): number => numberAt(object, 'status', key) ?? 0
  switch (`${groupOf(object.apiVersion)}/${object.kind}`) {
    case 'apps/Deployment':
    case 'apps/StatefulSet':
    case 'apps/ReplicaSet':
      return `${String(status('readyReplicas'))}/${String(numberAt(object, 'spec', 'replicas') ?? 1)}`
    case 'apps/DaemonSet':
      return `${String(status('numberReady'))}/${String(status('desiredNumberScheduled'))}`
    case 'batch/Job':
      return `${String(status('succeeded'))}/${String(numberAt(object, 'spec', 'completions') ?? 1)}`
    case '/Pod': {
      const containers = asArray(at(object, 'spec', 'containers')).length
      const ready = asArray(at(object, 'status', 'containerStatuses')).filter((each) => asRecord(each).ready === true)
      return `${String(ready.length)}/${String(containers)}`
    }
    default:
      return ''
  }
}

/** kstatus' own message, else what a reader of that kind wants to know; '' if nothing. */
export function nodeMessage(object: KubeObject, status: KStatus): string {
  const text = status.word === 'Current' && status.message === '' ? describe(object) : status.message
  return capText(neutralizeLine(text || describe(object)), maxText)
}

function describe(object: KubeObject): string {
  switch (`${groupOf(object.apiVersion)}/${object.kind}`) {
    case '/Service': {
      const type = textAt(object, 'spec', 'type') || 'ClusterIP'
      const address = textAt(object, 'spec', 'externalName') || textAt(object, 'spec', 'clusterIP')
      return address === 'None' ? 'Headless' : `${type} ${address}`.trim()
    }
    case '/ConfigMap':
      return countKeys(object, 'data', 'binaryData')
    case '/Secret': {
      const count = countKeys(object, 'data', 'stringData')
      return count === '' ? '' : `${count}, values hidden`
    }
    case '/PersistentVolumeClaim':
      return [textAt(object, 'status', 'capacity', 'storage'), textAt(object, 'spec', 'storageClassName')]
        .filter((part) => part !== '')
        .join(', ')
    case 'networking.k8s.io/Ingress':
      return asArray(at(object, 'spec', 'rules'))
        .map((rule) => textAt(rule, 'host'))
        .filter((host) => host !== '')
        .join(', ')
    case 'policy/PodDisruptionBudget': {
      const allowed = numberAt(object, 'status', 'disruptionsAllowed')
      return allowed === null ? '' : `${formatCountOf(allowed, 'disruption')} allowed`
    }
    case 'autoscaling/HorizontalPodAutoscaler': {
      const [least, most] = [numberAt(object, 'spec', 'minReplicas') ?? 1, numberAt(object, 'spec', 'maxReplicas')]
      return most === null ? '' : `${String(least)} to ${String(most)} replicas`
    }
    case 'batch/CronJob': {
      const schedule = textAt(object, 'spec', 'schedule')
      return at(object, 'spec', 'suspend') === true ? `${schedule}, suspended` : schedule
    }
    default:
      return ''
  }
}

function countKeys(object: KubeObject, ...fields: readonly string[]): string {
  const count = fields.reduce((sum, field) => sum + Object.keys(asRecord(at(object, field))).length, 0)
  return count === 0 ? '' : formatCountOf(count, 'key')
}

/** States in which a container waits for nothing but the usual. */
const quietReasons: ReadonlySet<string> = new Set(['', 'ContainerCreating', 'PodInitializing', 'Completed'])

/**
 * Why a pod is not ready, where its containers know: `ImagePullBackOff: registry/image:tag`, `OOMKilled: app`; also the reason of a
 * pod that was evicted. '' for everything else.
 */
export function causeOf(object: KubeObject): string {
  if (object.kind !== 'Pod' || groupOf(object.apiVersion) !== '') return ''
  const phase = textAt(object, 'status', 'phase')
  for (const key of ['initContainerStatuses', 'containerStatuses'])
    for (const entry of asArray(at(object, 'status', key))) {
      if (asRecord(entry).ready === true) continue
      const name = textAt(entry, 'name')
      const waiting = textAt(entry, 'state', 'waiting', 'reason')
      if (!quietReasons.has(waiting)) {
        const isImage = waiting.includes('Image')
        const subject = isImage ? textAt(entry, 'image') || imageOf(object, name) : name
        return clean(`${waiting}: ${subject}`)
      }
      const terminated = at(entry, 'state', 'terminated') ?? at(entry, 'lastState', 'terminated')
      const reason = textAt(terminated, 'reason')
      if (phase !== 'Succeeded' && !quietReasons.has(reason)) {
        const code = scalarText(at(terminated, 'exitCode'))
        return clean(`${reason}: ${name}${reason === 'Error' && code !== '' ? `, exit code ${code}` : ''}`)
      }
    }
  if (phase === 'Failed') {
    const reason = textAt(object, 'status', 'reason')
    const message = textAt(object, 'status', 'message')
    return clean([reason, message].filter((part) => part !== '').join(': '))
  }
  return ''
}

function imageOf(object: KubeObject, container: string): string {
  for (const key of ['initContainers', 'containers'])
    for (const entry of asArray(at(object, 'spec', key)))
      if (asText(asRecord(entry).name) === container) return textAt(entry, 'image')
  return container
}

function clean(text: string): string {
  return capText(neutralizeLine(text), maxText)
}
