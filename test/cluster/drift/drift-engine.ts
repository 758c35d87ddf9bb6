/** An engine on real adapters against a test cluster, asked what differs: the answers as lines that a test can compare. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Engine } from '../../../electron/engine/index.ts'
import type { Ports } from '../../../electron/engine/ports.ts'
import type { CallContext } from '../../../shared/contract/index.ts'
import type { DriftField, DriftObject, DriftOwner, SourceHost } from '../../../shared/model/drift.ts'
import { isDrift } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ContextRow, FluxRow } from '../../../shared/model/rows.ts'
import { gatherItems, startNodeEngine } from '../../app/node-engine.ts'
import { isSoak } from '../../soak.ts'
import { waitUntil } from '../../adapters/control-plane/processes-under-test.ts'

export interface ReportedObject {
  readonly object: DriftObject
  readonly fields: readonly DriftField[]
}

export interface Report {
  readonly owner: DriftOwner
  readonly objects: readonly DriftObject[]
  /** Objects that are not plainly unchanged, with their fields. */
  readonly reported: readonly ReportedObject[]
}

export interface DriftEngine {
  readonly engine: Engine
  readonly call: CallContext
  readonly rows: ReadonlyMap<string, FluxRow>
  readonly owners: ReadonlyMap<string, DriftOwner>
  readonly objects: ReadonlyMap<string, DriftObject>
  readonly contexts: ReadonlyMap<string, ContextRow>
  readonly logs: readonly string[]
  /** Of a Flux kind, once its row is there. */
  ref(kind: string, namespace: string, name: string): Promise<ObjectRef>
  check(owner: ObjectRef): Promise<Report>
  fields(owner: ObjectRef, ref: ObjectRef): Promise<readonly DriftField[]>
  /** Calls back with each row of `drift.objects`, null for one that went. */
  onObject(listener: (key: string, object: DriftObject | null) => void): void
  /** Requests and streams that were opened to API servers until now. */
  requestCount(): number
  /** Allows every host that objects name now, and those named later. */
  allowHosts(): void
  stop(): Promise<void>
}

export interface DriftEngineOptions {
  readonly kubeconfig: string
  readonly isWatched?: boolean
  /** The default budget in place of none. */
  readonly isBudgeted?: boolean
  readonly isAllowingHosts?: boolean
  /** Kept at stop where given. */
  readonly dataDir?: string
}

export async function startDriftEngine(options: DriftEngineOptions): Promise<DriftEngine> {
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'sluice-drift-')))
  const logs: string[] = []
  let requestCount = 0
  const { engine, call, dispose } = startNodeEngine({
    kubeconfig: options.kubeconfig,
    dataDir,
    log: (level, message, fields) => void logs.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
    wrapPorts: (ports) => countRequests(ports, () => (requestCount += 1)),
    engine: {
      isWindowExpected: false,
      isDriftWatched: options.isWatched === true,
      ...(options.isBudgeted === true ? {} : { driftBudget: { perSecond: Infinity, atOnce: 16 } }),
    },
  })
  const { handlers } = engine
  const rows = new Map<string, FluxRow>()
  const owners = new Map<string, DriftOwner>()
  const objects = new Map<string, DriftObject>()
  const contexts = new Map<string, ContextRow>()
  const hosts = new Map<string, SourceHost>()
  const listeners: ((key: string, object: DriftObject | null) => void)[] = []
  let isAllowing = options.isAllowingHosts !== false
  const allowNamed = (): void => {
    if (!isAllowing) return
    for (const { cluster, host, isAllowed } of hosts.values())
      if (!isAllowed) void handlers['hosts.allow']({ cluster, host, isAllowed: true }, call)
  }
  handlers['rows.watch']({}, gatherItems(rows), call)
  handlers['contexts.watch']({}, gatherItems(contexts), call)
  handlers['drift.owners']({}, gatherItems(owners), call)
  handlers['drift.objects'](
    {},
    gatherItems(objects, (key, object) => {
      for (const listener of listeners) listener(key, object)
    }),
    call,
  )
  handlers['hosts.watch']({}, gatherItems(hosts, allowNamed), call)

  const fields: DriftEngine['fields'] = async (owner, ref) =>
    (await handlers['drift.fields']({ owner, ref }, call)).fields

  return {
    engine,
    call,
    rows,
    owners,
    objects,
    contexts,
    logs,
    fields,
    ref: (kind, namespace, name) =>
      waitUntil(
        () =>
          [...rows.values()].find(({ ref }) => ref.kind === kind && ref.namespace === namespace && ref.name === name)
            ?.ref ?? null,
        isSoak ? 180_000 : 30_000,
      ),
    async check(owner) {
      const { owner: row, objects: found } = await handlers['drift.check']({ ref: owner }, call)
      const reported: ReportedObject[] = []
      for (const object of found) {
        if (object.action === 'unchanged' && object.notOwnedCount === 0 && object.ignoredCount === 0) continue
        const isWithFields =
          object.action === 'configured' || object.action === 'unchanged' || object.action === 'recreated'
        reported.push({ object, fields: isWithFields ? await fields(owner, object.ref) : [] })
      }
      return { owner: row, objects: found, reported }
    },
    onObject: (listener) => void listeners.push(listener),
    requestCount: () => requestCount,
    allowHosts() {
      isAllowing = true
      allowNamed()
    },
    async stop() {
      await dispose()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function countRequests(ports: Ports, count: () => void): Ports {
  const { kubeConfigs } = ports
  return {
    ...ports,
    kubeConfigs: {
      ...kubeConfigs,
      open(context) {
        const client = kubeConfigs.open(context)
        return {
          ...client,
          request(request) {
            count()
            return client.request(request)
          },
          stream(request) {
            count()
            return client.stream(request)
          },
        }
      },
    },
  }
}

/** `Deployment team-a/web`. */
export function objectTitle({ kind, namespace, name }: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${refTitle({ namespace, name })}`
}

/** `Deployment team-a/web: drift changed spec.replicas`, and who is said to have done it. */
export interface ReportedLine {
  readonly line: string
  readonly manager: string | null
  readonly text: string
}

export function linesOf(reports: readonly Report[]): readonly ReportedLine[] {
  return reports.flatMap(({ reported }) =>
    reported.flatMap(({ object, fields }): ReportedLine[] => {
      const title = objectTitle(object.ref)
      if (object.action !== 'configured' && object.action !== 'unchanged')
        return [{ line: `${title}: ${object.action}`, manager: null, text: object.problem?.detail ?? object.summary }]
      if (fields.length === 0) return [{ line: `${title}: ${object.action} without fields`, manager: null, text: '' }]
      return fields.map((field) => ({
        line: `${title}: ${field.verdict} ${field.change} ${field.path}`,
        manager: field.blame?.manager ?? null,
        text: `${field.gitValue ?? '-'} > ${field.liveValue ?? '-'} by ${field.blame?.manager ?? '?'} ${field.rule}`,
      }))
    }),
  )
}

/** Titles of what the controller's next apply would touch. */
export function driftedOf(reports: readonly Report[]): readonly string[] {
  return reports
    .flatMap(({ objects }) => objects.filter(({ action }) => isDrift(action)).map(({ ref }) => objectTitle(ref)))
    .sort()
}
