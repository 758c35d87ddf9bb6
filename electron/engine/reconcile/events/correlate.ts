/**
 * What becomes of an event before it is written: dropped as spam, summed up with similar ones, counted up. Pure but for the time given. Semantics:
 * client-go tools/record events_cache (spam filter 25 then one in 300 s, ten similar within 600 s, equal ones counted).
 */
import { BoundedMap } from './bounded-map.ts'

export interface KubeEvent {
  readonly name: string
  readonly namespace: string
  readonly annotations: Readonly<Record<string, string>>
  readonly involvedObject: Readonly<Record<string, string>>
  readonly reason: string
  readonly message: string
  readonly type: 'Normal' | 'Warning'
  /** ms since the epoch. */
  readonly firstAt: number
  readonly lastAt: number
  readonly count: number
  /** Summed-up events have neither. */
  readonly isReporting: boolean
}

interface Seen {
  readonly count: number
  readonly firstAt: number
  readonly name: string
}

const spamBurst = 25
const spamPerMs = 1 / 300_000
const maxSimilar = 10
const similarMs = 600_000

export class EventCorrelator {
  readonly #spam = new BoundedMap<{ readonly tokens: number; readonly at: number }>()
  readonly #similar = new BoundedMap<{ readonly messages: Set<string>; readonly at: number }>()
  readonly #seen = new BoundedMap<Seen>()

  /** Null: it is not written. `isUpdate`: an event of this name was written before; its count goes up. */
  correlate(
    event: KubeEvent,
    now: number,
  ): { readonly event: KubeEvent; readonly key: string; readonly isUpdate: boolean } | null {
    const { involvedObject: on, type, reason, message } = event
    const object = [on['kind'], on['namespace'], on['name'], on['uid'], on['apiVersion'], type].join('\n')
    const exact = [object, reason, message].join('\n')
    const { summed, key } = this.#sumUp(event, `${object}\n${reason}`, exact, now)
    const known = this.#seen.get(key)
    const counted =
      known === undefined
        ? summed
        : { ...summed, name: known.name, firstAt: known.firstAt, count: known.count + 1, lastAt: now }
    this.#seen.set(key, { count: counted.count, firstAt: counted.firstAt, name: counted.name })
    if (!this.#mayPass(object, now)) return null
    return { event: counted, key, isUpdate: known !== undefined }
  }

  /** The server has no such event any more: the next one is written anew. */
  renamed(key: string, event: KubeEvent): void {
    this.#seen.set(key, { count: event.count, firstAt: event.firstAt, name: event.name })
  }

  #sumUp(
    event: KubeEvent,
    group: string,
    exact: string,
    now: number,
  ): { readonly summed: KubeEvent; readonly key: string } {
    const known = this.#similar.get(group)
    const messages = known === undefined || now - known.at > similarMs ? new Set<string>() : known.messages
    messages.add(event.message)
    this.#similar.set(group, { messages, at: now })
    if (messages.size < maxSimilar) return { summed: event, key: exact }
    for (const first of messages) {
      messages.delete(first)
      break
    }
    const summed = {
      ...event,
      annotations: {},
      message: `(combined from similar events): ${event.message}`,
      count: 1,
      firstAt: now,
      lastAt: now,
      isReporting: false,
    }
    return { summed, key: group }
  }

  #mayPass(object: string, now: number): boolean {
    const known = this.#spam.get(object) ?? { tokens: spamBurst, at: now }
    const tokens = Math.min(spamBurst, known.tokens + Math.max(0, now - known.at) * spamPerMs)
    const mayPass = tokens >= 1
    this.#spam.set(object, { tokens: mayPass ? tokens - 1 : tokens, at: now })
    return mayPass
  }
}
