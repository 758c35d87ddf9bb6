/** Requests to one cluster, as the engine makes them: the port that other ports speak of. `ports.ts` has it beside the others. */
import type { ContextId } from '../../shared/model/identity.ts'
import type { ExecApproval } from '../../shared/model/rows.ts'

export type Dispose = () => void

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Absolute path with query, e.g. `/apis/apps/v1/deployments?limit=500`. Built from checked parts only. */
  readonly path: string
  readonly body?: unknown
  readonly contentType?:
    'application/json' | 'application/json-patch+json' | 'application/merge-patch+json' | 'application/apply-patch+yaml'
  readonly accept?: string
  readonly signal?: AbortSignal
  /** Whole request; default 30,000. */
  readonly timeoutMs?: number
  /** Of the answer's body; beyond it ResponseMalformed. The client has a limit of its own. */
  readonly maxBytes?: number
  /** `Impersonate-User`: the controller's service account, for dry-runs. */
  readonly impersonate?: string
  /** Asked again at the very moment in which the request goes out, after connecting and credentials: throws what forbids it by then. */
  readonly demand?: () => void
}

/** A byte stream to a port of a pod, through the API server. */
export interface PodTunnel {
  readonly incoming: AsyncIterable<Uint8Array>
  write(data: Uint8Array): Promise<void>
  close(): void
}

export interface KubeResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
  /** Parsed body; throws SluiceError ResponseMalformed. */
  json(): unknown
  text(): string
}

/**
 * Requests to one context over HTTP/2 (one session for watches, one for requests; HTTP/1.1 fallback). Resolves with any HTTP status
 * that is an answer; rejects with SluiceError for transport faults, credentials and, on read-only clients, for anything but
 * GET, access reviews and `dryRun=All`: that rule sits here, below the engine.
 */
export interface KubeClient {
  readonly context: ContextId
  request(request: KubeRequest): Promise<KubeResponse>
  /** Newline-delimited body (watch, logs): lines as they come, in batches. Ends when the server ends it; throws SluiceError on a cut. */
  stream(request: KubeRequest): Promise<{
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly lines: AsyncIterable<readonly string[]>
    readonly error: () => Promise<KubeResponse>
  }>
  /** Port-forward (WebSocket). SluiceError Forbidden, NotFound, ConnectionLost, Unsupported (no upgrade), naming the pod. */
  openTunnel(
    pod: { readonly namespace: string; readonly name: string; readonly port: number },
    signal: AbortSignal,
  ): Promise<PodTunnel>
  setReadOnly(isReadOnly: boolean): void
  /** Non-null while an exec plugin waits for approval. */
  pendingApproval(): ExecApproval | null
  /** User name to show: from the client certificate's CN, token's subject where it tells, else the kubeconfig's user. */
  identity(): Promise<string>
  /** Drops sessions: next request connects anew. */
  reset(): void
  close(): void
}
