/** A stream's items as a map that is kept up to date, and waiting for a state of it. */
import type { Handlers, InputOf, ItemOf, StreamName } from '../../shared/contract/index.ts'
import { SluiceError, toErrorData } from '../../shared/model/errors.ts'

export interface StreamItems<T> {
  readonly items: ReadonlyMap<string, T>
  readonly isReady: boolean
  /** Resolves with what `look` finds, at once or after a change; rejects when the stream ends, the call is canceled, or after `timeoutMs`. */
  until<R>(
    look: () => R | null | undefined | false,
    waiting: { readonly timeoutMs: number; readonly what: string },
  ): Promise<R>
  close(): void
}

/** `onChange`: each change as it comes, for those to whom a state that lasted only for a moment matters. */
export function openStream<P extends StreamName>(
  handlers: Handlers,
  name: P,
  input: InputOf<P>,
  signal: AbortSignal,
  onChange?: (upsert: readonly ItemOf<P>[], remove: readonly string[]) => void,
): StreamItems<ItemOf<P>> {
  const items = new Map<string, ItemOf<P>>()
  const listeners = new Set<() => void>()
  let isReady = false
  let fault: SluiceError | null = null
  const tell = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const handler = handlers[name] as (input: InputOf<P>, sink: unknown, call: unknown) => () => void
  const stop = handler(
    input,
    {
      push(upsert: readonly ItemOf<P>[], remove: readonly string[] = []) {
        for (const key of remove) items.delete(key)
        for (const item of upsert) items.set((item as { readonly key: string }).key, item)
        onChange?.(upsert, remove)
        tell()
      },
      ready() {
        isReady = true
        tell()
      },
      end(error?: unknown) {
        fault = toFault(error, name)
        tell()
      },
      isClosed: false,
    },
    { signal, client: 'cli' },
  )
  return {
    items,
    get isReady() {
      return isReady
    },
    until(look, { timeoutMs, what }) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          finish()
          reject(new SluiceError('ConnectionTimeout', `Timed out waiting for ${what}.`, { retry: 'transient' }))
        }, timeoutMs)
        const finish = (): void => {
          clearTimeout(timer)
          listeners.delete(check)
          signal.removeEventListener('abort', check)
        }
        const check = (): void => {
          try {
            if (signal.aborted) throw new SluiceError('Canceled', 'Canceled', { retry: 'canceled' })
            const found = look()
            if (found !== null && found !== undefined && found !== false) {
              finish()
              resolve(found)
            } else if (fault !== null) throw fault
          } catch (error) {
            finish()
            reject(error)
          }
        }
        listeners.add(check)
        signal.addEventListener('abort', check)
        check()
      })
    },
    close: stop,
  }
}

function toFault(error: unknown, name: string): SluiceError {
  if (error instanceof SluiceError) return error
  if (error === undefined) return new SluiceError('Canceled', `${name} ended`, { retry: 'canceled' })
  const { code, message, remedy, detail, retry } = toErrorData(error)
  return new SluiceError(code, message, { remedy, detail, retry, cause: error })
}
