/**
 * `sluice diff`: Kustomizations of a file, built from a folder of this machine, against the cluster: what committing the folder as it is would
 * change there. The same desired state and the same comparison as `sluice drift`, in this process.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { kustomizeGroup, sourceGroup } from '../../shared/flux/groups.ts'
import { countsAsDrift, isDrift, isRecordOnly } from '../../shared/model/drift.ts'
import type { DriftObject, DriftTexts } from '../../shared/model/drift.ts'
import { SluiceError, toErrorData } from '../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'
import type { ObjectRef } from '../../shared/model/identity.ts'
import { createDiskFiles } from '../adapters/files/disk-files.ts'
import { toTreePath } from '../adapters/files/host-path.ts'
import { createAccessReviews } from '../engine/access/access-reviews.ts'
import { toPlainValue } from '../engine/build/cluster/plain-value.ts'
import type { FileProblem } from '../engine/build/find-kustomizations.ts'
import { findInText } from '../engine/build/find-kustomizations.ts'
import type { ClusterView, KubeObject } from '../engine/clusters/view.ts'
import { DryRunBudget } from '../engine/drift/budget.ts'
import { comparison } from '../engine/drift/comparison.ts'
import { createDesiredState } from '../engine/drift/desired/desired-state.ts'
import { LiveIndex } from '../engine/drift/live/live-index.ts'
import { discoverRemoteKinds } from '../engine/drift/remote-kinds.ts'
import { toDriftObject } from '../engine/drift/results/record.ts'
import { decodeText } from '../engine/kustomize/yaml/parse.ts'
import type { StoredTree } from '../engine/source/artifact-port.ts'
import { defaultTreeLimits } from '../engine/source/artifact-port.ts'
import { textAt } from '../engine/status/read.ts'
import { commandBudget } from './compose.ts'
import type { LocalDiffOptions } from './drift-options.ts'
import type { ReportedOwner } from './drift-report.ts'
import { printReport } from './drift-report.ts'
import { UsageError } from './failure.ts'
import type { Terminal } from './output.ts'
import type { Session } from './session.ts'
import { openSession } from './session.ts'

const comparisonsAtOnce = 4

/** The exit code. */
export async function runLocalDiff(
  options: LocalDiffOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { context: contexts, file, root, ...more } = options
  if (contexts.length > 1) throw new UsageError('`diff` compares with one context.')
  if (createDiskFiles().stat(toTreePath(root)) !== 'directory') throw new UsageError(`--root ${root} is no folder.`)
  const { objects, problems } = readKustomizations(file)
  for (const { line, message } of problems) terminal.say(`${file}${line > 0 ? `:${line}` : ''}: ${message}`)
  if (objects.length === 0 && problems.length === 0)
    throw new UsageError(`${file} holds no Kustomization of ${kustomizeGroup}.`)
  const [context] = contexts
  const session = await openSession({ ...more, ...(context === undefined ? {} : { context }) }, terminal, signal)
  try {
    // Which kinds the cluster serves is known by then.
    await session.settled()
    const compare = createLocalComparison(session, options, terminal)
    const owners: ReportedOwner[] = []
    const waiting = [...objects.entries()]
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        owners[next[0]] = await compare(named(next[1], session), resolve(root))
    }
    await Promise.all(Array.from({ length: comparisonsAtOnce }, worker))
    const said = problems.map(({ message }) => `${file}: ${message}`)
    const report = { owners, problems: said }
    return printReport(
      report,
      { format: options.output, isVerbose: options.verbose === true, now: Date.now() },
      terminal,
    )
  } finally {
    await session.dispose()
  }
}

function readKustomizations(file: string): { objects: readonly KubeObject[]; problems: readonly FileProblem[] } {
  const problems: FileProblem[] = []
  const bytes = file === '-' ? readFileSync(0) : createDiskFiles().read(toTreePath(file))
  const found = findInText(decodeText(bytes), file, problems)
  return { objects: found.map(({ object }) => toPlainValue(object) as KubeObject), problems }
}

/** With the namespace that it would be applied to. */
function named(object: KubeObject, session: Session): KubeObject {
  if (object.metadata.namespace !== undefined) return object
  return { ...object, metadata: { ...object.metadata, namespace: session.namespace || 'default' } }
}

function createLocalComparison(
  session: Session,
  options: LocalDiffOptions,
  terminal: Terminal,
): (object: KubeObject, folder: string) => Promise<ReportedOwner> {
  const { ports, clusters } = session.engine
  const view = clusters.view(session.cluster)
  if (view === null) throw new SluiceError('NotConnected', `Context ${session.context.name} is not connected.`)
  const allowed = new Set(options.allowHost.map((host) => host.toLowerCase()))
  const absent = (): Promise<never> => Promise.reject(new SluiceError('Unsupported', 'A local tree needs no artifact.'))
  const desired = createDesiredState({
    ports,
    artifacts: { resolve: absent, peek: () => null },
    access: createAccessReviews(ports),
    // SECURITY: item 10: hosts of this command line, for this run.
    hosts: { isAllowed: (_cluster, host) => allowed.has(host), noteNamed: () => undefined },
    // What is encrypted lies in the user's own folder.
    usesOwnKeys: () => true,
  })
  // Of all comparisons together. The command is over before a battery matters.
  const budget = new DryRunBudget({ clock: ports.clock, limits: commandBudget, isOnBattery: () => false })
  const secretKey = new TextEncoder().encode(`${ports.random.uuid()}${ports.random.uuid()}`)

  /** All Kustomizations of a run see the folder at one moment, by what their sources ignore. */
  const trees = new Map<string | null, Promise<StoredTree>>()
  const stored = (folder: string, ignore: string | null): Promise<StoredTree> => {
    const known = trees.get(ignore)
    if (known !== undefined) return known
    const what = `Folder ${options.root}`
    const limits = defaultTreeLimits
    const tree = ports.artifacts.storeFolder({ folder, what, ignore, limits, signal: session.signal })
    trees.set(ignore, tree)
    return tree
  }

  return async (object, folder) => {
    const ref: ObjectRef = {
      cluster: view.id,
      group: kustomizeGroup,
      kind: 'Kustomization',
      namespace: object.metadata.namespace ?? '',
      name: object.metadata.name,
    }
    try {
      const [live, ignore] = [await liveTwin(view, ref, session.signal), await ignoreOf(view, object, terminal)]
      const tree = await stored(folder, ignore)
      const release = ports.artifacts.use(tree)
      try {
        const set = await desired.desiredOfLocal(view, object, live, tree, session.signal)
        const client = set.target.remote ?? view.client()
        const { clock } = ports
        const kinds = set.target.remote === null ? view : await discoverRemoteKinds(set, client, clock, session.signal)
        const index = new LiveIndex({
          ...ports,
          view: { client: () => client, served: (group, kind) => kinds.served(group, kind) },
          isWatching: false,
          onChange: () => undefined,
        })
        const compared = await comparison.compareSet(set, {
          view: kinds,
          client,
          live: index,
          codec: ports.codec,
          clock,
          secretKey,
          takeDryRun: (signal) => budget.take(false, signal),
          mayDryRun: session.context.isDryRunOff !== true,
          concurrency: budget.current().atOnce,
          reuse: () => null,
          signal: session.signal,
        })
        index.dispose()
        const checkedAt = ports.clock.now()
        const objects = compared.objects.map((one) => ({
          object: toDriftObject(ref, one, checkedAt),
          fields: one.fields,
          texts:
            isDrift(one.action) && options.output === 'diff'
              ? ({ ...comparison.textsOf(one), checkedAt } satisfies DriftTexts)
              : null,
        }))
        const owner = ownerOf(
          ref,
          objects.map(({ object: each }) => each),
          set.fidelity,
          compared.isApproximate,
          checkedAt,
        )
        return { context: '', ref, owner, objects, error: null }
      } finally {
        release()
      }
    } catch (error) {
      if (session.signal.aborted) throw error
      return { context: '', ref, owner: null, objects: [], error: toErrorData(error) satisfies SluiceErrorData }
    }
  }
}

async function liveTwin(view: ClusterView, ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | null> {
  try {
    return await view.fetch(ref, signal)
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'NotFound') return null
    throw error
  }
}

/** `spec.ignore` of its source, which decides what of the folder would reach the cluster. */
async function ignoreOf(view: ClusterView, object: KubeObject, terminal: Terminal): Promise<string | null> {
  const kind = textAt(object, 'spec', 'sourceRef', 'kind')
  const name = textAt(object, 'spec', 'sourceRef', 'name')
  const namespace = textAt(object, 'spec', 'sourceRef', 'namespace') || (object.metadata.namespace ?? '')
  try {
    const source = await view.fetch({ cluster: view.id, group: sourceGroup, kind, namespace, name })
    return textAt(source, 'spec', 'ignore') || null
  } catch (error) {
    terminal.say(
      `${kind} ${namespace}/${name} could not be read: whether its spec.ignore leaves files out is not known. ${toErrorData(error).message}`,
    )
    return null
  }
}

function ownerOf(
  ref: ObjectRef,
  objects: readonly DriftObject[],
  fidelity: NonNullable<ReportedOwner['owner']>['fidelity'],
  isApproximate: boolean,
  checkedAt: number,
): NonNullable<ReportedOwner['owner']> {
  const count = (action: DriftObject['action']): number => objects.filter((object) => object.action === action).length
  const sum = (field: 'driftCount' | 'notOwnedCount' | 'ignoredCount'): number =>
    objects.reduce((total, object) => total + object[field], 0)
  return {
    key: `${ref.namespace}/${ref.name}`,
    owner: ref,
    state: 'checked',
    objectCount: objects.length,
    driftedCount: objects.filter(countsAsDrift).length,
    recordOnlyCount: objects.filter(isRecordOnly).length,
    missingCount: count('created'),
    prunableCount: count('pruned'),
    refusedCount: count('refused'),
    skippedCount: count('skipped'),
    fieldCount: sum('driftCount'),
    notOwnedCount: sum('notOwnedCount'),
    ignoredCount: sum('ignoredCount'),
    isApproximate,
    fidelity,
    commit: null,
    checkedAt,
    firstSeenAt: null,
    error: null,
  }
}
