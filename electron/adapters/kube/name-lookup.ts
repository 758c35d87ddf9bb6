/**
 * Host names to addresses: cached, shared, bounded in time. getaddrinfo knows hosts files, VPN and mDNS, but each call holds one of
 * the process's four pool threads for as long as a dead name server keeps it waiting: at most `slots` run at once, names that
 * resolved before go first, and c-ares (no thread) answers for those that wait.
 */
import { lookup as lookUpBySystem, Resolver } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { codeOf } from './context-settings.ts'

export interface NameLookup {
  /** Addresses of a host, at least one. Rejects with an error code of node:dns, ETIMEOUT after the deadline. */
  resolve(host: string): Promise<readonly LookupAddress[]>
  /** Drops what is cached: an address that did not connect may have moved. */
  forget(host: string): void
}

export interface NameLookupOptions {
  readonly system?: (host: string) => Promise<readonly LookupAddress[]>
  readonly direct?: (host: string) => Promise<readonly LookupAddress[]>
  readonly deadlineMs?: number
  readonly ttlMs?: number
  /** How long an answer of the system is preferred over one of c-ares that came first. */
  readonly preferSystemMs?: number
  readonly slots?: number
}

interface Waiting {
  readonly host: string
  readonly start: () => void
}

export function createNameLookup(options: NameLookupOptions = {}): NameLookup {
  const { deadlineMs = 3000, ttlMs = 30_000, preferSystemMs = 250, slots = 2 } = options
  const system = options.system ?? askSystem
  const direct = options.direct ?? askDirectly
  const cache = new Map<string, { readonly addresses: readonly LookupAddress[]; readonly until: number }>()
  const pending = new Map<string, Promise<readonly LookupAddress[]>>()
  const known = new Set<string>()
  const queue: Waiting[] = []
  let running = 0

  const pump = (): void => {
    while (running < slots && queue.length > 0) {
      const healthy = queue.findIndex((waiting) => known.has(waiting.host))
      const [next] = queue.splice(Math.max(healthy, 0), 1)
      running++
      next?.start()
    }
  }
  const askInSlot = (host: string): Promise<readonly LookupAddress[]> =>
    new Promise((resolve, reject) => {
      const start = (): void => {
        system(host)
          .then(resolve, reject)
          .finally(() => {
            running--
            pump()
          })
      }
      queue.push({ host, start })
      pump()
    })

  const ask = async (host: string): Promise<readonly LookupAddress[]> => {
    const timers: NodeJS.Timeout[] = []
    try {
      return await new Promise((resolve, reject) => {
        const giveUp = (): void => reject(Object.assign(new Error('no answer'), { code: 'ETIMEOUT' }))
        timers.push(setTimeout(giveUp, deadlineMs))
        askInSlot(host).then(resolve, reject)
        // Where c-ares fails, the system's answer decides.
        direct(host).then(
          (addresses) => {
            if (addresses.length > 0) timers.push(setTimeout(() => resolve(addresses), preferSystemMs))
          },
          () => undefined,
        )
      })
    } finally {
      timers.forEach(clearTimeout)
    }
  }

  return {
    async resolve(host) {
      const plain = host.startsWith('[') ? host.slice(1, -1) : host
      const family = isIP(plain)
      if (family !== 0) return [{ address: plain, family }]
      if (/(^|\.)localhost\.?$/i.test(plain))
        return [
          { address: '127.0.0.1', family: 4 },
          { address: '::1', family: 6 },
        ]
      const cached = cache.get(plain)
      if (cached !== undefined && cached.until > performance.now()) return cached.addresses
      let promise = pending.get(plain)
      if (promise === undefined) {
        promise = ask(plain)
          .then((addresses) => {
            if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENODATA' })
            cache.set(plain, { addresses, until: performance.now() + ttlMs })
            known.add(plain)
            return addresses
          })
          .finally(() => pending.delete(plain))
        pending.set(plain, promise)
      }
      return promise
    },
    forget(host) {
      cache.delete(host)
    },
  }
}

function askSystem(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookUpBySystem(host, { all: true }, (error, addresses) => {
      if (error) reject(error)
      else resolve(addresses)
    })
  })
}

async function askDirectly(host: string): Promise<readonly LookupAddress[]> {
  const resolver = new Resolver({ timeout: 1000, tries: 2 })
  const ask = (family: 4 | 6): Promise<LookupAddress[]> =>
    new Promise((resolve, reject) => {
      const done = (error: Error | null, addresses: string[]): void => {
        if (error !== null && !['ENODATA', 'ENOTFOUND'].includes(codeOf(error))) reject(error)
        else resolve((addresses ?? []).map((address) => ({ address, family })))
      }
      if (family === 4) resolver.resolve4(host, done)
      else resolver.resolve6(host, done)
    })
  const both = await Promise.allSettled([ask(4), ask(6)])
  return both.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
}
