/** A few lines of HTTPS with the admin's certificate: readiness, nodes, and the tests' own requests. Not the product's client. */
import { Agent, request as httpsRequest } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { KeyPair } from './certificates.ts'

export interface ApiResponse {
  readonly status: number
  readonly text: string
  /** Parsed where the text is JSON, else null. */
  readonly body: unknown
}

export interface AdminClient {
  /** Rejects only when no response arrives (15 s by default); `body` is sent as JSON unless it is text. */
  request(method: string, path: string, body?: unknown, contentType?: string, timeoutMs?: number): Promise<ApiResponse>
  close(): void
}

/** A client of `url` that trusts only `caPem`. */
export function createAdminClient(url: string, caPem: string, client: KeyPair): AdminClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 16, ca: caPem, cert: client.certPem, key: client.keyPem })
  return {
    request(method, path, body, contentType = 'application/json', timeoutMs = 15_000) {
      return new Promise((resolve, reject) => {
        const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
        const headers = payload === undefined ? {} : { 'content-type': contentType }
        const signal = AbortSignal.timeout(timeoutMs)
        const outgoing = httpsRequest(new URL(path, url), { method, agent, headers, signal }, (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', reject)
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8')
            resolve({ status: incoming.statusCode ?? 0, text, body: parseJson(text) })
          })
        })
        outgoing.on('error', reject)
        outgoing.end(payload)
      })
    },
    close: () => agent.destroy(),
  }
}

/** Asks `isDone` every `everyMs` until it is true or `timeoutMs` have passed; faults count as not yet. */
export async function pollUntil(
  isDone: () => Promise<boolean>,
  { timeoutMs, everyMs = 100, signal }: { timeoutMs: number; everyMs?: number; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const end = performance.now() + timeoutMs
  while (!signal?.aborted && performance.now() < end) {
    if (await isDone().catch(() => false)) return true
    await delay(everyMs)
  }
  return false
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
