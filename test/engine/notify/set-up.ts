/** Notifications over clusters in memory, with a clock that stands still. */
import { createNotify } from '../../../electron/engine/notify/notify.ts'
import type { Notify } from '../../../electron/engine/notify/notify.ts'
import type { CredentialEnd } from '../../../electron/engine/ports.ts'
import type { StreamSink } from '../../../shared/contract/index.ts'
import type { DriftOwner } from '../../../shared/model/drift.ts'
import { refKey } from '../../../shared/model/identity.ts'
import { defaultNotifyRules, defaultQuietHours } from '../../../shared/model/notify.ts'
import type { NotifyRule, NotifyState, QuietHours } from '../../../shared/model/notify.ts'
import type { ContextRow, FluxRow } from '../../../shared/model/rows.ts'
import type { StatusWord } from '../../../shared/model/status.ts'
import { createMemoryCluster, createMemoryStore, ManualClock } from '../gate/memory-cluster.ts'

export const minute = 60_000
export const hour = 60 * minute
const call = { signal: new AbortController().signal, client: 'test' } as const

export interface Shown {
  readonly title: string
  readonly body: string
  readonly link: string | null
}

export interface Setting {
  readonly clock: ManualClock
  readonly memory: ReturnType<typeof createMemoryCluster>
  readonly store: ReturnType<typeof createMemoryStore>
  readonly shown: Shown[]
  readonly notify: Notify
  readonly ends: Map<string, CredentialEnd>
  /** Lets a settled moment pass, or more. */
  go(ms?: number): Promise<void>
  tellContexts(rows: readonly Partial<ContextRow>[], remove?: readonly string[]): void
  tellDrift(owners: readonly Partial<DriftOwner>[], remove?: readonly string[]): void
  save(rules: readonly NotifyRule[], quiet?: QuietHours): Promise<void>
  state(): NotifyState
  setOn(isOn: boolean): void
  refuse(): void
  /** Ends it; what it stored stays. */
  restart(): Promise<Setting>
}

export function ruleOf(event: NotifyRule['event'], change: Partial<NotifyRule> = {}): NotifyRule {
  const rule = defaultNotifyRules.find((each) => each.event === event)
  if (rule === undefined) throw new Error(event)
  return { ...rule, isOn: true, ...change }
}

export function row(
  name: string,
  word: StatusWord,
  { since = null, resumeAt = null, isTrusted = true, kind = 'Kustomization', message = '' }: RowFacts = {},
): FluxRow {
  const ref = { cluster: 'c1', group: 'kustomize.toolkit.fluxcd.io', kind, namespace: 'apps', name }
  return {
    key: refKey(ref),
    ref,
    category: 'kustomizations',
    status: { word, reason: '', message, since, isOverdue: false },
    isSuspended: resumeAt !== null,
    suspend: resumeAt === null ? null : { resumeAt, isTrusted },
    source: null,
    parent: null,
    blockedBy: [],
    dependsOn: [],
  } as unknown as FluxRow
}

interface RowFacts {
  readonly since?: number | null
  readonly resumeAt?: number | null
  readonly isTrusted?: boolean
  readonly kind?: string
  readonly message?: string
}

export async function setUp(
  options: {
    readonly store?: ReturnType<typeof createMemoryStore>
    readonly clock?: ManualClock
    readonly timeZone?: string
    /** What the cluster holds before anything is watched. */
    readonly rows?: readonly FluxRow[]
  } = {},
): Promise<Setting> {
  const { store = createMemoryStore(), clock = new ManualClock(), timeZone = 'UTC', rows = [] } = options
  const memory = createMemoryCluster()
  if (rows.length > 0) memory.tellRows(rows)
  const shown: Shown[] = []
  const ends = new Map<string, CredentialEnd>()
  const configListeners: (() => void)[] = []
  let contexts: StreamSink<ContextRow> | null = null
  let drift: StreamSink<DriftOwner> | null = null
  let switched: () => void = () => undefined
  let isOn = true
  let isRefusing = false
  const notify = await createNotify({
    ports: {
      clock,
      store,
      logger: { log: () => undefined },
      shell: {
        notify(title, body, link) {
          if (isRefusing) return Promise.resolve(false)
          shown.push({ title, body, link })
          return Promise.resolve(true)
        },
      },
      kubeConfigs: {
        watch(listener: () => void) {
          configListeners.push(listener)
          return () => undefined
        },
        credentialEnd: (context: string) => Promise.resolve(ends.get(context) ?? null),
      } as never,
    },
    clusters: memory.clusters,
    streams: {
      'contexts.watch': (_input, sink) => {
        contexts = sink
        return () => (contexts = null)
      },
      'drift.owners': (_input, sink) => {
        drift = sink
        return () => (drift = null)
      },
    },
    areNotificationsOn: () => isOn,
    watchSwitch(listener) {
      switched = listener
      return () => undefined
    },
    timeZone,
  })
  let last: NotifyState | null = null
  const stopWatch = notify.handlers['notify.watch'](
    {},
    { push: (states) => (last = states.at(-1) ?? last), ready: () => undefined, end: () => undefined, isClosed: false },
    call,
  )
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  const setting: Setting = {
    clock,
    memory,
    store,
    shown,
    notify,
    ends,
    async go(ms = 2000) {
      // In steps: what one timer starts, the next may end.
      for (let left = ms; left > 0;) {
        const step = Math.min(left, left > 10 * minute ? minute : 500)
        clock.advance(step)
        left -= step
        await settle()
      }
    },
    tellContexts: (given, remove = []) =>
      contexts?.push(
        given.map(
          (change) =>
            ({
              key: 'lab',
              name: 'lab',
              isSelected: true,
              connection: 'connected',
              error: null,
              ...change,
            }) as ContextRow,
        ),
        remove,
      ),
    tellDrift: (owners, remove = []) =>
      drift?.push(
        owners.map((owner) => ({ state: 'checked', driftedCount: 0, ...owner }) as DriftOwner),
        remove,
      ),
    async save(rules, quiet = defaultQuietHours) {
      await notify.handlers['notify.save']({ rules: [...rules], quiet }, call)
    },
    state() {
      if (last === null) throw new Error('no state yet')
      return last
    },
    setOn(value) {
      isOn = value
      switched()
    },
    refuse: () => (isRefusing = true),
    async restart() {
      stopWatch()
      await notify.dispose()
      return setUp({ ...options, store, clock, rows: [...memory.view.rows()] })
    },
  }
  await setting.go(500)
  return setting
}
