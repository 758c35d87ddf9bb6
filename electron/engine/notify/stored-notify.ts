/** The two documents of notifications: rules that the user wrote, and what has been told. Both are read as if anybody had written them. */
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { maxNotifyRules, notifyEvents } from '../../../shared/model/notify.ts'
import type { NotifyEvent, NotifyRule, QuietHours } from '../../../shared/model/notify.ts'
import type { Category } from '../../../shared/model/rows.ts'
import { maxItemText } from './notify-item.ts'
import type { NotifyItem } from './notify-item.ts'

export interface StoredRules {
  readonly version: 1
  readonly rules: readonly NotifyRule[]
  readonly quiet: QuietHours
}

/** Something that lasts: failing, drifting, unreachable. */
export interface Episode {
  readonly event: NotifyEvent
  readonly subject: string
  readonly since: number
  readonly isTold: boolean
  /** When it was last known to last. */
  readonly seenAt: number
}

export interface WaitingItem {
  readonly rule: string
  readonly item: NotifyItem
  /** It came while nothing was shown. */
  readonly isHeld: boolean
  /** It ended meanwhile. */
  readonly isOver: boolean
}

export interface StoredState {
  readonly version: 1
  readonly episodes: readonly Episode[]
  /** What happens once and was told: until-times, ends of credentials. */
  readonly told: readonly string[]
  readonly waiting: readonly WaitingItem[]
  /** When each rule spoke last. */
  readonly spokeAt: Readonly<Record<string, number>>
  readonly snoozedUntil: number | null
}

export const rulesName = 'notify/rules.json'
export const stateName = 'notify/state.json'
/** Of what was told; the newest stay. */
export const maxStored = 2000
/** As many as fail where a whole fleet does. */
export const maxEpisodes = 10_000
/** Waiting through a night: more are counted. */
export const maxWaiting = 500

export function parseRules(value: unknown): StoredRules | null {
  if (!isRecord(value) || !Array.isArray(value['rules'])) return null
  const ids = new Set<string>()
  const rules: NotifyRule[] = []
  for (const entry of value['rules'].slice(0, maxNotifyRules) as readonly unknown[]) {
    const rule = parseRule(entry)
    if (rule === null || ids.has(rule.id)) continue
    ids.add(rule.id)
    rules.push(rule)
  }
  const quiet = isRecord(value['quiet']) ? value['quiet'] : {}
  return {
    version: 1,
    rules,
    quiet: {
      isOn: quiet['isOn'] === true,
      from: numberIn(quiet['from'], 0, 1439) ?? 22 * 60,
      until: numberIn(quiet['until'], 0, 1439) ?? 7 * 60,
    },
  }
}

function parseRule(value: unknown): NotifyRule | null {
  if (!isRecord(value)) return null
  const event = notifyEvents.find((known) => known === value['event'])
  const { id, context, filter } = value
  const afterMs = numberIn(value['afterMs'], 0, 400 * 86_400_000)
  const everyMs = numberIn(value['everyMs'], 0, 7 * 86_400_000)
  if (event === undefined || typeof id !== 'string' || id === '' || afterMs === null || everyMs === null) return null
  return {
    id: id.slice(0, 64),
    event,
    isOn: value['isOn'] === true,
    context: typeof context === 'string' && context !== '' ? context : null,
    filter: typeof filter === 'string' ? filter.slice(0, 500) : '',
    afterMs,
    everyMs,
  }
}

export function parseState(value: unknown): StoredState | null {
  if (!isRecord(value)) return null
  const { episodes, told, waiting, spokeAt, snoozedUntil } = value
  return {
    version: 1,
    episodes: listOf(episodes, maxEpisodes).flatMap((entry) => parseEpisode(entry) ?? []),
    told: listOf(told, maxStored).filter((name) => typeof name === 'string'),
    waiting: listOf(waiting, maxWaiting).flatMap((entry) => parseWaiting(entry) ?? []),
    spokeAt: Object.fromEntries(
      Object.entries(isRecord(spokeAt) ? spokeAt : {}).filter(
        (entry): entry is [string, number] => numberIn(entry[1], 0, 8.64e15) !== null,
      ),
    ),
    snoozedUntil: numberIn(snoozedUntil, 0, 8.64e15),
  }
}

function parseEpisode(value: unknown): Episode | null {
  if (!isRecord(value)) return null
  const event = notifyEvents.find((known) => known === value['event'])
  const since = numberIn(value['since'], 0, 8.64e15)
  const { subject } = value
  if (event === undefined || since === null || typeof subject !== 'string') return null
  const seenAt = numberIn(value['seenAt'], 0, 8.64e15) ?? since
  return { event, subject, since, isTold: value['isTold'] === true, seenAt }
}

function parseWaiting(value: unknown): WaitingItem | null {
  const item = isRecord(value) ? value['item'] : null
  if (!isRecord(value) || !isRecord(item) || typeof value['rule'] !== 'string') return null
  const event = notifyEvents.find((known) => known === item['event'])
  const at = numberIn(item['at'], 0, 8.64e15)
  const text = (name: string, max: number): string => {
    const found = item[name]
    return typeof found === 'string' ? found.slice(0, max) : ''
  }
  if (event === undefined || at === null) return null
  return {
    rule: value['rule'],
    isHeld: value['isHeld'] === true,
    isOver: value['isOver'] === true,
    item: {
      event,
      subject: text('subject', 1500),
      ref: parseRef(item['ref']),
      category: categories.find((known) => known === item['category']) ?? null,
      context: text('context', 512) || null,
      contextName: text('contextName', 512),
      at,
      text: text('text', maxItemText),
      more: numberIn(item['more'], 0, 1e9) ?? 0,
    },
  }
}

function parseRef(value: unknown): ObjectRef | null {
  if (!isRecord(value)) return null
  const { cluster, group, kind, namespace, name } = value
  const parts = [cluster, group, kind, namespace, name]
  if (!parts.every((part) => typeof part === 'string' && part.length <= 253)) return null
  const [ofCluster = '', ofGroup = '', ofKind = '', ofNamespace = '', ofName = ''] = parts as readonly string[]
  if (ofCluster === '' || ofKind === '' || ofName === '') return null
  return { cluster: ofCluster, group: ofGroup, kind: ofKind, namespace: ofNamespace, name: ofName }
}

const categories: readonly Category[] = ['kustomizations', 'releases', 'sources', 'images', 'notifications', 'other']

/** What the expiry watch of earlier versions told: `KEY@TIME`. */
export function parseLegacyTold(bytes: Uint8Array | null): readonly string[] {
  if (bytes === null) return []
  const stored: unknown = JSON.parse(new TextDecoder().decode(bytes))
  return isRecord(stored) ? listOf(stored['told'], maxStored).filter((name) => typeof name === 'string') : []
}

function listOf(value: unknown, max: number): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]).slice(-max) : []
}

function numberIn(value: unknown, min: number, max: number): number | null {
  return typeof value === 'number' && value >= min && value <= max ? value : null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
