/** Which pod serves an artifact: that of the controller whose storage address the artifact's URL carries. Semantics: flux-semantics §4. */
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { ControllerRow } from '../../../shared/model/rows.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { flagValue } from '../controllers/controller-row.ts'
import { asArray, asRecord, at, textAt } from '../status/read.ts'

export interface StoragePod {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

const defaultPort = 9090
const maxPods = 2

/**
 * Pods to ask, best first, at most two. Throws Forbidden where Deployment, Service or pods may not be read, ArtifactUnavailable where nobody
 * serves the address.
 */
export async function findStoragePods(
  view: ClusterView,
  source: ObjectRef,
  url: string,
  signal: AbortSignal,
): Promise<readonly StoragePod[]> {
  const host = (URL.parse(url)?.hostname ?? '').replace(/\.$/, '')
  const service = serviceOf(host)
  const controller = pickController(view.controllers(), source, url, service)
  const place =
    controller !== null
      ? { kind: 'Deployment', group: 'apps', namespace: controller.namespace, name: controller.name }
      : service === null
        ? null
        : { kind: 'Service', group: '', namespace: service.namespace, name: service.name }
  if (place === null)
    throw new SluiceError(
      'ArtifactUnavailable',
      `No controller of this cluster is known to serve ${host || 'the artifact'}`,
      {
        remedy: 'Ask for the right to list Deployments in the namespace of source-controller.',
      },
    )
  const owner = await view.fetch({ cluster: view.id, ...place }, signal)
  const labelSelector = selectorText(
    place.kind === 'Service' ? at(owner, 'spec', 'selector') : null,
    at(owner, 'spec', 'selector'),
  )
  if (labelSelector === '') throw unserved(`${place.kind} ${place.namespace}/${place.name} selects no pods`)
  const pods = await view.list('', 'Pod', place.namespace, { labelSelector, signal })
  const running = pods.filter(
    (pod) => textAt(pod, 'status', 'phase') === 'Running' && at(pod, 'metadata', 'deletionTimestamp') === undefined,
  )
  if (running.length === 0) throw unserved(`${place.kind} ${place.namespace}/${place.name} has no running pod`)
  // Of several replicas only the leader has the files, and only it is ready.
  const ready = running.filter(isReady)
  return (ready.length > 0 ? ready : running).slice(0, maxPods).map((pod) => ({
    namespace: place.namespace,
    name: pod.metadata.name,
    port: flagPort(controller?.args ?? argsOf(pod)) ?? namedPort(pod) ?? defaultPort,
  }))
}

/**
 * The service to ask by the API server's proxy. SECURITY: item 10: a source's status may name any service: only the one that a known controller
 * advertises, or the one with a controller's own name, is asked with the user's rights; null otherwise.
 */
export function storageServiceOf(
  view: ClusterView,
  source: ObjectRef,
  url: string,
): {
  readonly namespace: string
  readonly name: string
  readonly port: number
  readonly scheme: 'http' | 'https'
} | null {
  const parsed = URL.parse(url)
  const service = serviceOf((parsed?.hostname ?? '').replace(/\.$/, ''))
  if (parsed === null || service === null) return null
  const controller = pickController(view.controllers(), source, url, service)
  const isTrusted =
    controller === null
      ? service.name === usualName(source)
      : controller.namespace === service.namespace &&
        (service.name === controller.name || isAdvertised(controller, parsed.host))
  if (!isTrusted) return null
  const scheme = parsed.protocol === 'https:' ? 'https' : 'http'
  return { ...service, port: parsed.port === '' ? (scheme === 'https' ? 443 : 80) : Number(parsed.port), scheme }
}

/** Of the controller that makes artifacts of such sources. */
export function usualName(source: ObjectRef): string {
  return source.kind === 'ExternalArtifact' ? 'source-watcher' : 'source-controller'
}

function isAdvertised(row: ControllerRow, host: string): boolean {
  const own = flagValue(row.args, '--storage-adv-addr')?.replaceAll('$(RUNTIME_NAMESPACE)', row.namespace)
  return own !== undefined && own.replace(/\.(?=:|$)/, '') === host.replace(/\.(?=:|$)/, '')
}

const stopped = new WeakSet<SluiceError>()

/** Whether `findStoragePods` failed because there is a controller, but no pod of it. */
export function isStopped(fault: SluiceError): boolean {
  return stopped.has(fault)
}

function unserved(why: string): SluiceError {
  const fault = new SluiceError('ArtifactUnavailable', why, {
    remedy: 'Check that the controller that serves the artifact runs.',
    retry: 'transient',
  })
  stopped.add(fault)
  return fault
}

/** `source-controller.flux-system.svc.cluster.local` → its name and namespace. */
function serviceOf(host: string): { readonly name: string; readonly namespace: string } | null {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\..+)?)?$/.exec(host) ?? []
  return name === undefined || namespace === undefined || /^[0-9]+$/.test(name) ? null : { name, namespace }
}

function pickController(
  rows: readonly ControllerRow[],
  source: ObjectRef,
  url: string,
  service: { readonly name: string; readonly namespace: string } | null,
): ControllerRow | null {
  const host = URL.parse(url)?.host ?? ''
  const isService = (row: ControllerRow): boolean => row.name === service?.name && row.namespace === service.namespace
  const named = rows.filter((row) => row.name === usualName(source))
  // Two installations of Flux, and an address that tells neither: nobody guesses.
  return (
    rows.find((row) => isAdvertised(row, host)) ??
    rows.find(isService) ??
    (named.length === 1 ? (named[0] ?? null) : null)
  )
}

/** A label selector as the API server takes it: a Service's map, or a Deployment's matchLabels and matchExpressions. */
function selectorText(map: unknown, selector: unknown): string {
  const labels = Object.entries(asRecord(map ?? at(selector, 'matchLabels'))).map(
    ([key, value]) => `${key}=${String(value)}`,
  )
  const expressions = map === null ? asArray(at(selector, 'matchExpressions')) : []
  return [...labels, ...expressions.map(expressionText)].join(',')
}

function expressionText(expression: unknown): string {
  const key = textAt(expression, 'key')
  const values = asArray(at(expression, 'values')).join(',')
  switch (textAt(expression, 'operator')) {
    case 'In':
      return `${key} in (${values})`
    case 'NotIn':
      return `${key} notin (${values})`
    case 'DoesNotExist':
      return `!${key}`
    default:
      return key
  }
}

function isReady(pod: KubeObject): boolean {
  return asArray(at(pod, 'status', 'conditions')).some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  )
}

function containersOf(pod: KubeObject): readonly unknown[] {
  const all = asArray(at(pod, 'spec', 'containers'))
  // A sidecar may have a port named http too.
  return [...all.filter((one) => textAt(one, 'name') === 'manager'), ...all]
}

function argsOf(pod: KubeObject): readonly string[] {
  return asArray(at(containersOf(pod)[0], 'args')).filter((arg) => typeof arg === 'string')
}

function flagPort(args: readonly string[]): number | null {
  const port = Number(/:([0-9]{1,5})$/.exec(flagValue(args, '--storage-addr') ?? '')?.[1] ?? 0)
  return port > 0 && port < 65_536 ? port : null
}

function namedPort(pod: KubeObject): number | null {
  for (const container of containersOf(pod))
    for (const port of asArray(at(container, 'ports'))) {
      const value = at(port, 'containerPort')
      if (textAt(port, 'name') === 'http' && typeof value === 'number') return value
    }
  return null
}
