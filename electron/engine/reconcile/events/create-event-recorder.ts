/**
 * events/: Kubernetes events as the controllers write them. Knows events alone; must not know reconcilers. Semantics: fluxcd/pkg/runtime events
 * (annotations, trace), client-go tools/record (names, correlation, tries), flux-semantics §2.14, §5. They outlive nothing: their TTL is the server's.
 */
import type { HostedController } from '../../../../shared/model/hosting.ts'
import { errorFromAnswer } from '../../cache/api-answer.ts'
import type { KubeObject } from '../../clusters/view.ts'
import type { Clock, Dispose, KubeClient, Logger } from '../../ports.ts'
import { asTextMap } from '../../status/read.ts'
import type { KubeEvent } from './correlate.ts'
import { EventCorrelator } from './correlate.ts'
import type { EventRecorder } from './event-recorder.ts'

export interface EventRecorderOptions {
  readonly controller: HostedController
  /** Fenced. Throws while the cluster is not connected. */
  readonly client: () => KubeClient
  readonly clock: Clock
  readonly logger: Logger
}

const eventGroup = 'event.toolkit.fluxcd.io/'
const maxQueued = 1000
const maxTries = 12
const retryMs = 10_000
const flushMs = 1_500

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { controller, clock, logger } = options
  const correlator = new EventCorrelator()
  const queue: KubeEvent[] = []
  let writing: Promise<void> | null = null
  let lastName = 0n
  let isHurried = false
  let hurry: (() => void) | null = null

  function uniqueName(object: KubeObject): string {
    const nanos = BigInt(clock.now()) * 1_000_000n
    lastName = nanos > lastName ? nanos : lastName + 1n
    return `${object.metadata.name}.${lastName.toString(16)}`
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let stop: Dispose = () => undefined
      const end = (): void => {
        stop()
        hurry = null
        resolve()
      }
      stop = clock.after(ms, end)
      hurry = end
    })
  }

  async function write(given: KubeEvent): Promise<void> {
    const found = correlator.correlate(given, clock.now())
    if (found === null) return
    let { event, isUpdate } = found
    for (let tries = 1; ; tries += 1) {
      try {
        const client = options.client()
        if (isUpdate) {
          const answer = await client.request({
            method: 'PATCH',
            path: `${pathOf(event)}/${encodeURIComponent(event.name)}?fieldManager=${controller}`,
            contentType: 'application/merge-patch+json',
            body: { count: event.count, lastTimestamp: goTime(event.lastAt), message: event.message },
          })
          if (answer.status < 300) return
          if (answer.status !== 404) throw errorFromAnswer(answer, `Event ${event.namespace}/${event.name}`)
          isUpdate = false
          event = { ...event, name: given.name }
        }
        const answer = await client.request({
          method: 'POST',
          path: `${pathOf(event)}?fieldManager=${controller}`,
          body: manifestOf(event, controller),
        })
        if (answer.status >= 300) logger.log('debug', 'event refused', { event: event.name, status: answer.status })
        else correlator.renamed(found.key, event)
        return
      } catch (error) {
        logger.log('debug', 'event not written', { event: event.name, error: String(error) })
        if (tries >= maxTries || isHurried) return
        await pause(retryMs)
      }
    }
  }

  async function drain(): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await write(next)
  }

  return {
    controller,
    record({ involved, severity, reason, message, metadata }) {
      try {
        if (queue.length >= maxQueued) {
          logger.log('warn', 'too many events: one is not written', { reason, object: involved.metadata.name })
          return
        }
        const now = clock.now()
        const own = Object.entries(asTextMap(involved.metadata.annotations)).filter(([key]) =>
          key.startsWith(eventGroup),
        )
        queue.push({
          name: uniqueName(involved),
          namespace: involved.metadata.namespace ?? 'default',
          annotations: { ...metadata, ...Object.fromEntries(own) },
          involvedObject: referenceTo(involved),
          reason,
          message,
          type: severity === 'error' ? 'Warning' : 'Normal',
          firstAt: now,
          lastAt: now,
          count: 1,
          isReporting: true,
        })
        writing ??= drain().finally(() => {
          writing = null
        })
      } catch (error) {
        logger.log('warn', 'event not recorded', { reason, error: String(error) })
      }
    },
    async flush() {
      // What does not go at once goes never: somebody waits for the end.
      const stop = clock.after(flushMs, () => {
        queue.length = 0
      })
      isHurried = true
      hurry?.()
      while (writing !== null) await writing
      isHurried = false
      stop()
    },
  }
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): Readonly<Record<string, string>> {
  const { namespace, name, uid, resourceVersion } = metadata
  const reference = { kind, namespace, name, uid, apiVersion, resourceVersion }
  return Object.fromEntries(
    Object.entries(reference).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

function pathOf({ namespace }: KubeEvent): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`
}

/** metav1.Time: seconds. */
function goTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

function manifestOf(event: KubeEvent, controller: HostedController): Readonly<Record<string, unknown>> {
  const { name, namespace, annotations } = event
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    involvedObject: event.involvedObject,
    reason: event.reason,
    message: event.message,
    source: { component: controller },
    firstTimestamp: goTime(event.firstAt),
    lastTimestamp: goTime(event.lastAt),
    count: event.count,
    type: event.type,
    eventTime: null,
    reportingComponent: event.isReporting ? controller : '',
    reportingInstance: '',
  }
}
