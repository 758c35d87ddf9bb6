/** A bridge in memory: tests answer calls and push items; the window's stores cannot tell it from the real one. */
import type { CallName, InputOf, ItemOf, OutputOf, StreamName } from '../../../shared/contract/index.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { Bridge, Result, StreamListener } from '../../../renderer/bridge/bridge.ts'

type Answer<P extends CallName> = (input: InputOf<P>) => Result<OutputOf<P>> | Promise<Result<OutputOf<P>>>

export interface FakeBridge extends Bridge {
  /** Answers every further call of this name. */
  answer<P extends CallName>(name: P, answer: Answer<P>): void
  /** Sets the items of a stream: present subscribers and later ones get them. `match` narrows it to one input. */
  publish<P extends StreamName>(name: P, items: readonly ItemOf<P>[], match?: Partial<InputOf<P>>): void
  push<P extends StreamName>(name: P, items: readonly ItemOf<P>[], remove?: readonly string[]): void
  end<P extends StreamName>(name: P, error: SluiceErrorData | null): void
  /** Calls so far, oldest first. */
  readonly calls: readonly { readonly name: CallName; readonly input: unknown }[]
}

interface Subscriber {
  readonly name: StreamName
  readonly input: unknown
  readonly listener: StreamListener<never>
}

export function failure(
  code: SluiceErrorData['code'],
  message: string,
  remedy = '',
): { ok: false; error: SluiceErrorData } {
  return { ok: false, error: { code, message, remedy, detail: '', retry: 'terminal' } }
}

export function createFakeBridge(): FakeBridge {
  const answers = new Map<string, (input: never) => unknown>()
  const published: { name: StreamName; items: readonly { key: string }[]; match: Record<string, unknown> }[] = []
  const subscribers = new Set<Subscriber>()
  const calls: { name: CallName; input: unknown }[] = []

  const isMatch = (input: unknown, match: Record<string, unknown>): boolean =>
    Object.entries(match).every(
      ([key, value]) => JSON.stringify((input as Record<string, unknown>)[key]) === JSON.stringify(value),
    )

  return {
    calls,
    state: () => 'connected',
    onState(listener) {
      listener('connected')
      return () => undefined
    },
    async call(name, input, signal) {
      calls.push({ name, input })
      const answer = answers.get(name)
      const result = answer === undefined ? defaultAnswer(name) : await answer(input as never)
      if (signal?.aborted === true) return failure('Canceled', 'Canceled')
      return result as never
    },
    subscribe(name, input, listener) {
      const subscriber: Subscriber = { name, input, listener: listener }
      subscribers.add(subscriber)
      const found = published.findLast((entry) => entry.name === name && isMatch(input, entry.match))
      listener.onDelta({ upsert: (found?.items ?? []) as never, remove: [], isReady: true })
      return () => void subscribers.delete(subscriber)
    },
    answer: (name, answer) => void answers.set(name, answer),
    publish(name, items, match = {}) {
      published.push({
        name,
        items: items as unknown as readonly { key: string }[],
        match: match,
      })
      for (const subscriber of subscribers)
        if (subscriber.name === name && isMatch(subscriber.input, match))
          subscriber.listener.onDelta({ upsert: items as never, remove: [], isReady: true })
    },
    push(name, items, remove = []) {
      for (const subscriber of subscribers)
        if (subscriber.name === name) subscriber.listener.onDelta({ upsert: items as never, remove, isReady: true })
    },
    end(name, error) {
      for (const subscriber of subscribers) if (subscriber.name === name) subscriber.listener.onEnd?.(error)
    },
  }
}

function defaultAnswer(name: CallName): Result<unknown> {
  return name === 'uiState.load' ? { ok: true, value: { text: null } } : { ok: true, value: null }
}
