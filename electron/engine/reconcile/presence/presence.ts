/**
 * presence/: are the real controllers there? By Deployment, by Pod, in any namespace, and by status writes that are not ours. Lease holders are the
 * leases' own business. Must not know what is done about it. Semantics: labels of Flux's manifests and of the community's chart.
 */
import { partOfLabel } from '../../../../shared/flux/labels.ts'
import { toErrorData } from '../../../../shared/model/errors.ts'
import type { FoundController, HostedController } from '../../../../shared/model/hosting.ts'
import { hostedControllers } from '../../../../shared/model/hosting.ts'
import { refTitle } from '../../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import type { Clock, Dispose, Logger } from '../../ports.ts'
import { asArray, at, labelOf, numberAt, textAt } from '../../status/read.ts'

export interface PresenceDeps {
  readonly view: Pick<ClusterView, 'watchKind'>
  readonly clock: Clock
  readonly logger: Logger
  /** Where to look if the whole cluster may not be listed. */
  readonly namespace: string
  readonly onChange: () => void
}

export interface Presence {
  /** False until every list has answered once: nothing may be concluded. */
  isKnown(): boolean
  found(): readonly FoundController[]
  /** What could not be looked at, sentences for people. */
  blindSpots(): readonly string[]
  /** A status was written by a controller that is not ours. It is believed to be there for `quietMs`. */
  sawStatusWrite(controller: HostedController, object: KubeObject, quietMs: number): void
  dispose(): void
}

const names = hostedControllers.join(',')
const lookups = [
  ['apps', 'Deployment', `${partOfLabel}=flux`],
  ['apps', 'Deployment', `app.kubernetes.io/name in (${names}),${partOfLabel}!=flux`],
  ['', 'Pod', `app in (${names})`],
  ['', 'Pod', `app.kubernetes.io/name in (${names}),app notin (${names})`],
] as const

interface Lookup {
  readonly kind: string
  isAnswered: boolean
  isNarrow: boolean
  problem: string
  readonly objects: Map<string, KubeObject>
  stop: Dispose
}

interface StatusTrace {
  readonly object: string
  readonly namespace: string
  readonly stop: Dispose
}

export function createPresence(deps: PresenceDeps): Presence {
  const { view, clock, logger, onChange } = deps
  const traces = new Map<HostedController, StatusTrace>()
  let isStopped = false

  const all = lookups.map(([group, kind, labelSelector]): Lookup => {
    const lookup: Lookup = {
      kind,
      isAnswered: false,
      isNarrow: false,
      problem: '',
      objects: new Map(),
      stop: () => undefined,
    }
    const watch = (namespace: string): void => {
      lookup.stop()
      lookup.stop = view.watchKind(
        group,
        kind,
        namespace,
        ({ isSnapshot, upsert, remove, error }) => {
          if (isStopped) return
          if (error !== null) {
            lookup.problem = toErrorData(error).message
            const isForbidden = (error as { code?: unknown }).code === 'Forbidden'
            if (isForbidden && !lookup.isNarrow) {
              lookup.isNarrow = true
              watch(deps.namespace)
              return
            }
            // A cut heals by itself; only what is refused is an answer.
            if (isForbidden) lookup.isAnswered = true
          } else {
            if (isSnapshot) lookup.objects.clear()
            if (!lookup.isNarrow) lookup.problem = ''
            lookup.isAnswered = true
          }
          for (const object of upsert) lookup.objects.set(object.metadata.uid ?? '', object)
          for (const object of remove) lookup.objects.delete(object.metadata.uid ?? '')
          onChange()
        },
        { labelSelector },
      )
    }
    watch('')
    return lookup
  })

  return {
    isKnown: () => all.every(({ isAnswered }) => isAnswered),
    blindSpots: () =>
      all
        .filter(({ isNarrow, problem }) => isNarrow || problem !== '')
        .map(({ kind, isNarrow }) => (isNarrow ? narrowText(kind, deps.namespace) : blindText(kind)))
        .filter((text, index, texts) => texts.indexOf(text) === index),
    found() {
      const found = controllersIn(all.map(({ kind, objects }) => ({ kind, objects: objects.values() })))
      for (const [name, { object, namespace }] of traces)
        found.push({ name, namespace, by: 'status', text: `${name} wrote the status of ${object}` })
      return found
    },
    sawStatusWrite(controller, object, quietMs) {
      const title = `${object.kind} ${refTitle({ namespace: object.metadata.namespace ?? '', name: object.metadata.name })}`
      logger.log('warn', 'a status was written by somebody else', { controller, object: title })
      const known = traces.get(controller)
      known?.stop()
      const stop = clock.after(quietMs, () => {
        traces.delete(controller)
        onChange()
      })
      traces.set(controller, { object: title, namespace: object.metadata.namespace ?? '', stop })
      if (known === undefined) onChange()
    },
    dispose() {
      isStopped = true
      for (const lookup of all) lookup.stop()
      for (const { stop } of traces.values()) stop()
    },
  }
}

/** What the lists tell of controllers that are there. */
function controllersIn(
  lists: readonly { readonly kind: string; readonly objects: Iterable<KubeObject> }[],
): FoundController[] {
  const found: FoundController[] = []
  for (const { kind, objects } of lists)
    for (const object of objects) {
      const one = kind === 'Deployment' ? readDeployment(object) : readPod(object)
      if (one === null || found.some(({ text }) => text === one.text)) continue
      // A Deployment says all that its pods would.
      if (kind === 'Pod' && found.some((other) => other.name === one.name && other.namespace === one.namespace))
        continue
      found.push(one)
    }
  return found
}

/** The same looked up once and afresh: no watch is ahead of it, none behind. */
export async function lookForControllers(
  view: Pick<ClusterView, 'list'>,
  namespace: string,
  signal: AbortSignal,
): Promise<{ readonly found: readonly FoundController[]; readonly blindSpots: readonly string[] }> {
  const blindSpots = new Set<string>()
  const lists = await Promise.all(
    lookups.map(async ([group, kind, labelSelector]) => {
      const listIn = (where: string): Promise<readonly KubeObject[]> =>
        view.list(group, kind, where, { labelSelector, signal })
      try {
        return { kind, objects: await listIn('') }
      } catch (error) {
        if (toErrorData(error).code !== 'Forbidden') throw error
      }
      try {
        const objects = await listIn(namespace)
        blindSpots.add(narrowText(kind, namespace))
        return { kind, objects }
      } catch (error) {
        if (toErrorData(error).code !== 'Forbidden') throw error
        blindSpots.add(blindText(kind))
        return { kind, objects: [] }
      }
    }),
  )
  return { found: controllersIn(lists), blindSpots: [...blindSpots] }
}

const narrowText = (kind: string, namespace: string): string => `${kind}s could be looked for in ${namespace} only.`
const blindText = (kind: string): string => `${kind}s could not be looked for.`

/** Which of the controllers the containers run; by image, by label, by name. */
function controllerOf(object: KubeObject, podSpec: unknown): HostedController | null {
  const images = asArray(at(podSpec, 'containers')).map((container) => textAt(container, 'image'))
  const labels = [labelOf(object, 'app'), labelOf(object, 'app.kubernetes.io/name')]
  return (
    hostedControllers.find(
      (name) =>
        images.some((image) => new RegExp(`(^|/)${name}([:@]|$)`).test(image)) ||
        labels.includes(name) ||
        object.metadata.name === name,
    ) ?? null
  )
}

function readDeployment(object: KubeObject): FoundController | null {
  const name = controllerOf(object, at(object, 'spec', 'template', 'spec'))
  const replicas = numberAt(object, 'spec', 'replicas') ?? 1
  if (name === null || replicas === 0) return null
  const namespace = object.metadata.namespace ?? ''
  const ready = numberAt(object, 'status', 'readyReplicas') ?? 0
  const title = refTitle({ namespace, name: object.metadata.name })
  return {
    name,
    namespace,
    by: 'deployment',
    text: `Deployment ${title}, ${String(ready)} of ${String(replicas)} ready`,
  }
}

function readPod(object: KubeObject): FoundController | null {
  const name = controllerOf(object, at(object, 'spec'))
  const phase = textAt(object, 'status', 'phase') || 'Pending'
  if (name === null || phase === 'Succeeded' || phase === 'Failed') return null
  const namespace = object.metadata.namespace ?? ''
  return { name, namespace, by: 'pod', text: `Pod ${refTitle({ namespace, name: object.metadata.name })}, ${phase}` }
}
