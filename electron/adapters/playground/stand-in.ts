/**
 * Stands in for the controllers on the playground, where none run: it keeps the times of healthy samples fresh, and answers a requested
 * reconciliation by a short run that ends as the sample's state says. It only ever touches objects of the sample fleet.
 */
import { reconcileAnnotations } from '../../../shared/flux/annotations.ts'
import type { AdminClient } from '../control-plane/admin-client.ts'
import { createResourcePaths, writeStatus } from './sample-loader.ts'
import { formatTime, resolveTimes } from './sample-files.ts'
import type { Sample } from './sample-files.ts'

const roundMs = 1500
const refreshMs = 240_000
const runMs = 2500

interface Live {
  readonly metadata?: { readonly generation?: number; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec?: { readonly suspend?: boolean }
  readonly status?: { readonly lastHandledReconcileAt?: string; readonly conditions?: readonly Condition[] }
}
interface Condition {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime?: string
}

/** Runs until the returned function is called. Faults of single requests are left to the next round. */
export function startStandIn(admin: AdminClient, samples: readonly Sample[], now: () => number): () => void {
  const paths = createResourcePaths(admin)
  const played = samples.filter(({ object }) => conditionsOf(object.status).length > 0)
  let isStopped = false
  let timer: NodeJS.Timeout | null = null
  // Long ago: samples that were loaded on another day are fresh again after the first round.
  let refreshedAt = Number.NEGATIVE_INFINITY
  /** Runs under way, by sample; one that is asked for again meanwhile sees the new token in a later round. */
  const runs = new Map<Sample, Promise<void>>()

  async function round(): Promise<void> {
    const isRefresh = now() - refreshedAt >= refreshMs
    if (isRefresh) refreshedAt = now()
    for (const sample of played) {
      if (isStopped) return
      if (!runs.has(sample)) await visit(sample, isRefresh).catch(() => undefined)
    }
  }

  async function visit(sample: Sample, isRefresh: boolean): Promise<void> {
    const path = await paths.pathOf(sample.object)
    const { body, status } = await admin.request('GET', path)
    if (status !== 200) return
    const live = body as Live
    if (live.spec?.suspend === true) return
    const token = live.metadata?.annotations?.[reconcileAnnotations.requestedAt]
    const isAsked = token !== undefined && token !== live.status?.lastHandledReconcileAt
    const isReady = conditionsOf(sample.object.status).some(
      ({ type, status: word }) => type === 'Ready' && word === 'True',
    )
    if (isAsked)
      runs.set(
        sample,
        run(sample, path, live, token)
          .catch(() => undefined)
          .finally(() => runs.delete(sample)),
      )
    else if (isRefresh && isReady && !isOld(sample))
      await settle(sample, path, live, live.status?.lastHandledReconcileAt)
  }

  async function run(sample: Sample, path: string, live: Live, token: string): Promise<void> {
    const running = [
      {
        type: 'Reconciling',
        status: 'True',
        reason: 'Progressing',
        message: 'Building manifests',
        lastTransitionTime: formatTime(now()),
        observedGeneration: live.metadata?.generation ?? 1,
      },
      {
        type: 'Ready',
        status: 'Unknown',
        reason: 'Progressing',
        message: 'Reconciliation in progress',
        lastTransitionTime: formatTime(now()),
        observedGeneration: live.metadata?.generation ?? 1,
      },
    ]
    await writeStatus(admin, sample.object, path, { conditions: running })
    await new Promise((resolve) => setTimeout(resolve, runMs))
    if (!isStopped) await settle(sample, path, live, token)
  }

  /** The sample's own status, as of now, with conditions no older than this run. */
  async function settle(sample: Sample, path: string, live: Live, token: string | undefined): Promise<void> {
    const status = resolveTimes(sample.object.status, now()) as Record<string, unknown>
    const conditions = conditionsOf(status).map((condition) => ({
      ...condition,
      observedGeneration: live.metadata?.generation ?? 1,
      lastTransitionTime: token === undefined ? condition.lastTransitionTime : formatTime(now()),
    }))
    await writeStatus(admin, sample.object, path, {
      ...status,
      conditions,
      observedGeneration: live.metadata?.generation ?? 1,
      ...(token === undefined ? {} : { lastHandledReconcileAt: token }),
    })
  }

  function loop(): void {
    timer = setTimeout(() => void round().finally(() => (isStopped ? undefined : loop())), roundMs)
  }
  loop()
  return () => {
    isStopped = true
    if (timer !== null) clearTimeout(timer)
  }
}

function conditionsOf(status: unknown): readonly Condition[] {
  return (status as { conditions?: readonly Condition[] } | undefined)?.conditions ?? []
}

/** Samples that are meant to be overdue or finished long ago stay as old as they are. */
function isOld({ object }: Sample): boolean {
  return conditionsOf(object.status).some(
    ({ lastTransitionTime }) =>
      /^@-(\d+d|2\d+h)$/.test(lastTransitionTime ?? '') && object.apiVersion.startsWith('kustomize.'),
  )
}
