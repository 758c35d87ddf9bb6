/** `sluice where`: a table of Kustomizations and HelmReleases by commit, over contexts. */
import { shortenRevision } from '../../shared/flux/revision.ts'
import { formatAgeColumn } from '../../shared/lib/format/time.ts'
import { SluiceError } from '../../shared/model/errors.ts'
import { refTitle } from '../../shared/model/identity.ts'
import type { Arrival, ArrivalState, CommitArrivals } from '../../shared/model/trace.ts'
import { arrivalStates } from '../../shared/model/trace.ts'
import { describeFailure, UsageError } from './failure.ts'
import type { Column, Terminal } from './output.ts'
import { formatJson, formatTable, plainWords } from './output.ts'
import { openSession } from './session.ts'
import type { TraceOptions } from './trace-options.ts'

const stateWords: Readonly<Record<ArrivalState, string>> = {
  applied: 'Applied',
  failed: 'Failed',
  fetched: 'Fetched',
  later: 'Later',
  notYet: 'NotYet',
}

/** The exit code: 0 where it is applied wherever it belongs. */
export async function runWhere(
  commit: string,
  options: TraceOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { context: contexts } = options
  const found: CommitArrivals[] = []
  let isFailed = false
  for (const context of contexts.length === 0 ? [undefined] : contexts) {
    try {
      found.push(await lookIn(context, commit, options, terminal, signal))
    } catch (error) {
      // One context that cannot be reached says nothing about the others.
      if (contexts.length < 2 || error instanceof UsageError || signal.aborted) throw error
      isFailed = true
      terminal.say(`Context ${context ?? ''} could not be asked: ${describeFailure(error)}`)
    }
  }
  const result = mergeArrivals(found)
  const { arrivals } = result
  if (options.output === 'json') terminal.out(formatJson(result))
  else if (arrivals.length > 0) terminal.out(formatArrivals(arrivals, Date.now(), terminal))
  if (result.commit !== null && options.output === 'table')
    terminal.say(plainWords(`${result.sha.slice(0, 12)} ${result.commit.subject} (${result.commit.author})`))
  if (arrivals.length === 0) terminal.say(result.note)
  return !isFailed && arrivals.length > 0 && arrivals.every(({ state }) => state === 'applied') ? 0 : 1
}

async function lookIn(
  context: string | undefined,
  commit: string,
  { context: _contexts, ...more }: TraceOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<CommitArrivals> {
  const session = await openSession({ ...more, ...(context === undefined ? {} : { context }) }, terminal, signal)
  try {
    await session.settled()
    const where = session.handlers['history.where']
    return await where(
      { commit, ...(context === undefined ? {} : { clusters: [session.cluster] }) },
      { signal, client: 'cli' },
    )
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'InvalidInput') throw new UsageError(describeFailure(error))
    throw error
  } finally {
    await session.dispose()
  }
}

/** Two contexts may lead to one cluster: it is told once. */
export function mergeArrivals(found: readonly CommitArrivals[]): CommitArrivals {
  const byKey = new Map<string, Arrival>()
  for (const { arrivals } of found)
    for (const arrival of arrivals) {
      const known = byKey.get(arrival.key)
      const contexts = [...new Set([...(known?.contexts ?? []), ...arrival.contexts])]
      byKey.set(arrival.key, { ...arrival, contexts })
    }
  const [first] = found
  return {
    sha: found.map(({ sha }) => sha).sort((a, b) => b.length - a.length)[0] ?? '',
    commit: found.find(({ commit }) => commit !== null)?.commit ?? null,
    arrivals: [...byKey.values()].sort(
      (a, b) => arrivalStates.indexOf(b.state) - arrivalStates.indexOf(a.state) || a.key.localeCompare(b.key),
    ),
    note: first?.note ?? '',
  }
}

function formatArrivals(arrivals: readonly Arrival[], now: number, terminal: Terminal): string {
  const age = (at: number | null): string => (at === null ? '' : formatAgeColumn(now - at))
  const columns: readonly Column<Arrival>[] = [
    { title: 'CONTEXT', value: ({ contexts, cluster }) => contexts.join(',') || `${cluster} (recorded)` },
    {
      title: 'OBJECT',
      value: ({ owner, source }) => {
        const ref = owner ?? source
        return ref === null ? '' : `${ref.kind}/${refTitle(ref)}`
      },
    },
    { title: 'STATE', value: ({ state, isSuspended }) => `${stateWords[state]}${isSuspended ? ' (suspended)' : ''}` },
    { title: 'FETCHED', value: ({ fetchedAt }) => age(fetchedAt) },
    { title: 'APPLIED', value: ({ appliedAt }) => age(appliedAt) },
    { title: 'HAS NOW', value: ({ revision }) => shortenRevision(revision) },
    { title: 'MESSAGE', value: ({ message }) => message },
  ]
  return formatTable(arrivals, columns, terminal)
}
