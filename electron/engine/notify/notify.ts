/**
 * notify/: what the desktop is told of: rules of the user over what clusters, contexts and the comparison with Git show. Owns what is worth a word,
 * when, and that nobody hears it twice, restarts included; must not know how a notification is shown. Nothing is ever done to a cluster from here.
 */
import type { CallContext, Handlers, StreamSink } from '../../../shared/contract/index.ts'
import type { DriftOwner } from '../../../shared/model/drift.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { defaultNotifyRules, defaultQuietHours } from '../../../shared/model/notify.ts'
import type { NotifyState } from '../../../shared/model/notify.ts'
import type { ContextRow } from '../../../shared/model/rows.ts'
import type { Clusters } from '../clusters/view.ts'
import { localSink } from '../local-sink.ts'
import type { Dispose, Ports } from '../ports.ts'
import { StoredJson } from '../settings/stored-json.ts'
import { Delivery } from './delivery.ts'
import { Episodes } from './episodes.ts'
import { exampleOf } from './notification-words.ts'
import type { NotificationWords } from './notification-words.ts'
import { RuleFilter } from './rule-filter.ts'
import { parseLegacyTold, parseRules, parseState, rulesName, stateName } from './stored-notify.ts'
import type { StoredRules, StoredState } from './stored-notify.ts'
import { Told } from './told.ts'
import { watchContexts } from './watch-contexts.ts'
import { watchDrift } from './watch-drift.ts'
import { watchObjects } from './watch-objects.ts'

export type NotifyProcedure = 'notify.watch' | 'notify.save' | 'notify.snooze' | 'notify.test'

export interface NotifyDeps {
  readonly ports: Pick<Ports, 'clock' | 'store' | 'logger' | 'kubeConfigs'> & {
    readonly shell: Pick<Ports['shell'], 'notify'>
  }
  readonly clusters: Clusters
  readonly streams: Pick<Handlers, 'contexts.watch' | 'drift.owners'>
  /** False: the user wants no notifications at all. */
  readonly areNotificationsOn: () => boolean
  /** Calls back whenever that may have changed. */
  readonly watchSwitch: (listener: () => void) => Dispose
  /** null: the system's. */
  readonly timeZone?: string | null
}

export interface Notify {
  readonly handlers: Pick<Handlers, NotifyProcedure>
  dispose(): Promise<void>
}

const legacyToldName = 'gate/expired.json'
/** Many signs arrive in one turn. */
const lookSoonMs = 50
const saveMs = 1000
const publishMs = 20
/** The clock may be set, the machine may sleep. */
const longestWaitMs = 5 * 60_000

/** Reads what is stored first: nothing is told before it is known what was. */
export async function createNotify(deps: NotifyDeps): Promise<Notify> {
  const { ports, clusters, streams, areNotificationsOn, timeZone = null } = deps
  const { clock, store, logger, shell, kubeConfigs } = ports
  const rulesFile = new StoredJson<StoredRules>(ports, rulesName)
  const stateFile = new StoredJson<StoredState>(ports, stateName)
  const sinks = new Set<StreamSink<NotifyState>>()
  const controller = new AbortController()
  const call: CallContext = { signal: controller.signal, client: 'window' }
  let config: StoredRules = (await rulesFile.read(parseRules)) ?? {
    version: 1,
    rules: defaultNotifyRules,
    quiet: defaultQuietHours,
  }
  let isDisposed = false
  let stopSave: Dispose | null = null
  let stopPublish: Dispose | null = null
  let stopLook: Dispose = () => undefined
  let lookAt = Infinity
  let stopDrift: Dispose | null = null

  const filter = new RuleFilter(() => config.rules)
  const episodes = new Episodes(clock, saveSoon)
  const told = new Told(saveSoon)
  const delivery = new Delivery({
    clock,
    rules: () => config.rules,
    quiet: () => config.quiet,
    isOn: areNotificationsOn,
    show(words) {
      // Whoever is killed in this moment says it once at most.
      void saveNow()
      void show(words)
    },
    changed() {
      saveSoon()
      publishSoon()
    },
    timeZone,
  })
  const stored = await stateFile.read(parseState)
  if (stored === null) told.restore(await readLegacyTold())
  else {
    episodes.restore(stored.episodes)
    told.restore(stored.told)
  }
  const parts = { clusters, clock, filter, episodes, told, delivery, changed: lookSoon }
  const objects = watchObjects(parts)
  const contexts = watchContexts({ ...parts, kubeConfigs, logger })
  const drift = watchDrift(parts)
  const stops: Dispose[] = [
    streams['contexts.watch'](
      {},
      localSink<ContextRow>((upsert, remove) => contexts.take(upsert, remove)),
      call,
    ),
    deps.watchSwitch(() => delivery.look()),
  ]
  followDrift()
  if (stored !== null) delivery.restore(stored)
  lookSoon()

  async function readLegacyTold(): Promise<readonly string[]> {
    try {
      return parseLegacyTold(await store.read(legacyToldName))
    } catch {
      return []
    }
  }

  async function show({ title, body, link }: NotificationWords): Promise<boolean> {
    try {
      return await shell.notify(title, body, link)
    } catch (error) {
      logger.log('warn', 'a notification was not shown', { error: String(error) })
      return false
    }
  }

  function stateNow(): NotifyState {
    const { rules, quiet } = config
    return {
      key: 'notify',
      rules,
      quiet,
      snoozedUntil: delivery.snoozedUntil,
      pausedUntil: delivery.pausedUntil(),
      heldCount: delivery.heldCount,
    }
  }

  /** Thousands may come in one turn. */
  function publishSoon(): void {
    if (isDisposed || sinks.size === 0) return
    stopPublish ??= clock.after(publishMs, () => {
      stopPublish = null
      const state = stateNow()
      for (const sink of sinks) sink.push([state])
    })
  }

  function saveSoon(): void {
    if (isDisposed) return
    stopSave ??= clock.after(saveMs, () => void saveNow())
  }

  async function saveNow(): Promise<void> {
    stopSave?.()
    stopSave = null
    try {
      await stateFile.write({ version: 1, episodes: episodes.state(), told: told.state(), ...delivery.state() })
    } catch (error) {
      logger.log('warn', 'what was notified could not be remembered', { error: String(error) })
    }
  }

  function lookSoon(): void {
    lookLater(clock.now() + lookSoonMs)
  }

  function lookLater(at: number): void {
    if (isDisposed || at >= lookAt) return
    stopLook()
    lookAt = at
    stopLook = clock.after(Math.max(1, at - clock.now()), look)
  }

  function look(): void {
    lookAt = Infinity
    const now = clock.now()
    const next = Math.min(objects.look(now), contexts.look(now), drift.look(now))
    if (next < Infinity) lookLater(Math.min(next, now + longestWaitMs))
  }

  /** Whoever wants no word of drift does not listen to it. */
  function followDrift(): void {
    const isWanted = filter.of('drift').length > 0
    if (isWanted === (stopDrift !== null)) return
    stopDrift?.()
    stopDrift = isWanted
      ? streams['drift.owners'](
          {},
          localSink<DriftOwner>((upsert, remove) => {
            drift.take(upsert, remove)
            lookSoon()
          }),
          call,
        )
      : null
  }

  const handlers: Notify['handlers'] = {
    'notify.watch': (_input, sink) => {
      sinks.add(sink)
      sink.push([stateNow()])
      sink.ready()
      return () => sinks.delete(sink)
    },
    async 'notify.save'({ rules, quiet }) {
      const ids = new Set(rules.map(({ id }) => id))
      if (ids.size < rules.length) throw new SluiceError('InvalidInput', 'Two rules have the same id.')
      config = { version: 1, rules, quiet }
      followDrift()
      publishSoon()
      delivery.look()
      lookSoon()
      await rulesFile.write(config)
      return null
    },
    'notify.snooze': ({ until }) => {
      delivery.snooze(until !== null && until > clock.now() ? until : null)
      return Promise.resolve(null)
    },
    'notify.test': async ({ event }) => ({ isShown: await show(exampleOf(event)) }),
  }

  return {
    handlers,
    async dispose() {
      if (isDisposed) return
      isDisposed = true
      controller.abort()
      stopLook()
      stopPublish?.()
      for (const stop of stops) stop()
      stopDrift?.()
      objects.dispose()
      contexts.dispose()
      delivery.dispose()
      await saveNow()
      await Promise.all([rulesFile.settled(), stateFile.settled()])
    },
  }
}
