/** The procedures that look for where something came from and where it went: loaded with the first question of that kind. */
import type { Handlers } from '../../../shared/contract/index.ts'
import { chartVersionHash } from '../../../shared/flux/revision.ts'
import type { RevisionCommit } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ObjectTrace } from '../../../shared/model/trace.ts'
import { notSelectedError } from '../clusters/not-selected.ts'
import type { Clusters } from '../clusters/view.ts'
import type { Dispose, Ports } from '../ports.ts'
import { commitOf } from '../source/source-object.ts'
import { textAt } from '../status/read.ts'
import type { EventStore } from './event-store-port.ts'
import { createReportProcedures } from './report-procedures.ts'
import type { ReportProcedure } from './report-procedures.ts'
import { completeTrace, traceObject } from './trace.ts'
import type { TraceDeps } from './trace.ts'
import { findArrivals } from './where.ts'

export type TraceProcedure = 'trace.watch' | 'history.where' | ReportProcedure

export interface TraceProcedureDeps {
  readonly ports: Pick<Ports, 'clock' | 'shell' | 'environment'>
  readonly store: Pick<EventStore, 'query' | 'watch'>
  readonly clusters: Clusters
  /** What was handed over is in the store. */
  readonly flush: () => Promise<void>
  readonly findCommit: TraceDeps['findCommit']
  readonly findOrigin: TraceDeps['findOrigin']
}

/** Rows of a chain change together. */
const againMs = 500

export function createTraceProcedures(deps: TraceProcedureDeps): { readonly handlers: Pick<Handlers, TraceProcedure> } {
  const { clusters, store, ports, flush } = deps

  /** A commit that was recorded anywhere is known without Git, for OCI artifacts as well. */
  async function findCommit(owner: ObjectRef, revision: string, signal: AbortSignal): Promise<RevisionCommit | null> {
    const sha = commitOf(revision)
    const beginning = sha ?? chartVersionHash(revision)
    if (beginning === '') return null
    const query = { types: ['commit' as const], commits: [beginning] }
    const [kept] = (await store.query(query, { limit: 1, after: null }, signal)).entries
    if (kept !== undefined)
      return { sha: commitOf(kept.revision) ?? beginning, author: kept.by, at: kept.at, subject: kept.message }
    return sha === null ? null : deps.findCommit(owner, revision, signal)
  }

  async function findRelease(owner: ObjectRef, version: string, signal: AbortSignal): Promise<string> {
    const query = { clusters: [owner.cluster], ref: owner, types: ['run' as const], commits: [version] }
    const { entries } = await store.query(query, { limit: 20, after: null }, signal)
    return entries.map(({ facts }) => textAt(facts, 'originRevision')).find((origin) => origin !== '') ?? ''
  }

  return {
    handlers: {
      ...createReportProcedures(deps).handlers,
      'trace.watch': ({ ref }, sink) => {
        const view = clusters.view(ref.cluster)
        if (view === null) {
          sink.end(notSelectedError(ref))
          return () => undefined
        }
        const abort = new AbortController()
        const { signal } = abort
        const traceDeps: TraceDeps = { clock: ports.clock, findOrigin: deps.findOrigin, findCommit, findRelease }
        let watched: ReadonlySet<string> = new Set()
        let last: ObjectTrace | null = null
        let isRunning = false
        let isDirty = false
        let timer: Dispose | null = null

        const look = async (): Promise<void> => {
          const chain = withKnownPlaces(await traceObject(view, ref, traceDeps, signal), last)
          watched = keysOf(chain)
          if (last === null) sink.push([chain])
          if (chain.isComplete) last = chain
          else last = await completeTrace(chain, traceDeps, signal)
          sink.push([last])
          sink.ready()
        }
        const run = (): void => {
          if (isRunning) {
            isDirty = true
            return
          }
          isRunning = true
          isDirty = false
          look()
            .catch((error: unknown) => {
              if (!signal.aborted) sink.end(error)
            })
            .finally(() => {
              isRunning = false
              if (isDirty && !signal.aborted) again()
            })
        }
        const again = (): void => {
          timer ??= ports.clock.after(againMs, () => {
            timer = null
            run()
          })
        }
        const stop = view.watchRows(({ upsert, remove }) => {
          if (upsert.some(({ key }) => watched.has(key)) || remove.some((key) => watched.has(key))) again()
        })
        // The commit that an artifact was made from may be recorded later, when another source has run it.
        const stopStore = store.watch((entries) => {
          // It may come while the first look is under way.
          const isMissing = last === null || last.steps.some(({ commit }) => commit === null)
          if (isMissing && entries.some(({ type }) => type === 'commit')) again()
        })
        run()
        return () => {
          abort.abort()
          stop()
          stopStore()
          timer?.()
        }
      },
      'history.where': async ({ commit, clusters: only }, { signal }) => {
        await flush()
        return findArrivals(commit, only ?? null, { clock: ports.clock, clusters, store, findCommit }, signal)
      },
    },
  }
}

function keysOf({ object, makers, steps }: ObjectTrace): ReadonlySet<string> {
  const refs = [
    object.ref,
    ...makers.map(({ ref }) => ref),
    ...steps.flatMap(({ owner, source }) => [owner.ref, ...(source === null ? [] : [source.ref])]),
  ]
  return new Set(refs.map(refKey))
}

/** A file of a revision is that for ever: only what moved on is looked for again. */
function withKnownPlaces(trace: ObjectTrace, before: ObjectTrace | null): ObjectTrace {
  if (before === null) return trace
  const steps = trace.steps.map((step) => {
    const known = before.steps.find(
      ({ object, owner, revision, place }) =>
        place !== null &&
        revision === step.revision &&
        refKey(object) === refKey(step.object) &&
        refKey(owner.ref) === refKey(step.owner.ref),
    )
    return known === undefined ? step : { ...step, place: known.place }
  })
  return { ...trace, steps }
}
