/** `--allow-host` and `--allow-own-credentials`: what the command line allows is in force as soon as an object of the cluster names it. */
import type { Session } from './session.ts'

export interface Allowance {
  /** So much of the command line is in force by now: what failed while it was less is worth another try. */
  readonly count: number
  /** Allows what is named by now. */
  look(): Promise<void>
  /** Again for as long as it lacks something and more is in force than when it was begun: one host leads to the next. */
  retry<T>(attempt: () => Promise<T>, isLacking: (found: T) => boolean): Promise<T>
}

/** SECURITY: item 10: nothing but what the command line says, for the session's cluster alone, remembered for this run only. */
export function createAllowance(
  { cluster, handlers, signal }: Pick<Session, 'cluster' | 'handlers' | 'signal'>,
  options: { readonly allowHost: readonly string[]; readonly allowOwnCredentials?: readonly string[] },
): Allowance {
  const call = { signal, client: 'cli' } as const
  const hosts = new Set(options.allowHost.map((host) => host.toLowerCase()))
  const urls = new Set(options.allowOwnCredentials)
  const waiting = new Set([
    ...[...hosts].map((host) => () => handlers['hosts.allow']({ cluster, host, isAllowed: true }, call)),
    ...[...urls].map((url) => () => handlers['credentials.allow']({ cluster, url, isAllowed: true }, call)),
  ])
  const all = waiting.size
  const count = (): number => all - waiting.size
  const look = async (): Promise<void> => {
    await Promise.allSettled(
      [...waiting].map(async (allow) => {
        // Rejects where no object names it yet.
        await allow()
        waiting.delete(allow)
      }),
    )
  }
  return {
    get count() {
      return count()
    },
    look,
    async retry(attempt, isLacking) {
      for (;;) {
        const before = count()
        const found = await attempt()
        if (!isLacking(found)) return found
        await look()
        if (count() === before) return found
      }
    },
  }
}
