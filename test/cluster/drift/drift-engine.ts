/** An engine on real adapters against a test cluster, asked what differs: the answers as lines that a test can compare. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createBlobStore } from '../../../electron/adapters/node/blob-store.ts'
import { createNodePorts } from '../../../electron/adapters/node-ports.ts'
import { createEngine } from '../../../electron/engine/index.ts'
import type { Engine } from '../../../electron/engine/index.ts'
import type { Ports } from '../../../electron/engine/ports.ts'
import type { CallContext, StreamSink } from '../../../shared/contract/index.ts'
import type { DriftField, DriftObject, DriftOwner, SourceHost } from '../../../shared/model/drift.ts'
import { isDrift } from '../../../shared/model/drift.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refTitle } from '../../../shared/model/identity.ts'
import type { ContextRow, FluxRow } from '../../../shared/model/rows.ts'
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
  const adapters = createNodePorts({
    version: '0.0.0-test',
    electron: '',
    dataDir,
    cacheDir: path.join(dataDir, 'cache'),
    assetsDir: path.join(dataDir, 'assets'),
    modulesDir: path.join(dataDir, 'modules'),
    isLaunchedFromDesktop: false,
    store: createBlobStore(dataDir),
    logger: {
      log: (level, message, fields) => void logs.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
    },
    shell: {
      pickFiles: () => Promise.resolve([]),
      confirmFolder: () => Promise.resolve(false),
      openExternal: () => Promise.resolve(false),
      copyText: () => Promise.resolve(),
      notify: () => undefined,
      watchLinks: () => () => undefined,
    },
    env: { ...process.env, HOME: dataDir, KUBECONFIG: options.kubeconfig },
  })
  let requestCount = 0
  const { kubeConfigs } = adapters.ports
  const counted: Ports = {
    ...adapters.ports,
    kubeConfigs: {
      ...kubeConfigs,
      open(context) {
        const client = kubeConfigs.open(context)
        return {
          ...client,
          request(request) {
            requestCount += 1
            return client.request(request)
          },
          stream(request) {
            requestCount += 1
            return client.stream(request)
          },
        }
      },
    },
  }
  const engine = createEngine(counted, {
    isWindowExpected: false,
    isDriftWatched: options.isWatched === true,
    ...(options.isBudgeted === true ? {} : { driftBudget: { perSecond: Infinity, atOnce: 16 } }),
  })
  const abort = new AbortController()
  const call: CallContext = { signal: abort.signal, client: 'test' }
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
  handlers['rows.watch']({}, gather(rows), call)
  handlers['contexts.watch']({}, gather(contexts), call)
  handlers['drift.owners']({}, gather(owners), call)
  handlers['drift.objects'](
    {},
    gather(objects, (key, object) => {
      for (const listener of listeners) listener(key, object)
    }),
    call,
  )
  handlers['hosts.watch']({}, gather(hosts, allowNamed), call)

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
        30_000,
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
      abort.abort()
      await engine.dispose()
      await adapters.dispose()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function gather<T extends { readonly key: string }>(
  into: Map<string, T>,
  tell?: (key: string, item: T | null) => void,
): StreamSink<T> {
  return {
    isClosed: false,
    push(upsert, remove = []) {
      for (const item of upsert) {
        into.set(item.key, item)
        tell?.(item.key, item)
      }
      for (const key of remove) {
        into.delete(key)
        tell?.(key, null)
      }
    },
    ready: () => undefined,
    end: () => undefined,
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
