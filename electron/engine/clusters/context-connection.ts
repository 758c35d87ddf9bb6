/**
 * One selected context: idle → connecting → connected | unreachable | unauthorized | needs-approval | invalid. Finds out which
 * cluster is behind it before anyone may use it, and again after each cut. Every context has its own: a dead one slows no other.
 */
import { SluiceError, toErrorData } from '../../../shared/model/errors.ts'
import type { SluiceErrorData } from '../../../shared/model/errors.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import type { ConnectionState, ExecApproval } from '../../../shared/model/rows.ts'
import { errorFromAnswer } from '../cache/api-answer.ts'
import { backoffMs } from '../cache/backoff.ts'
import type { Member } from '../cache/kind-informer.ts'
import type {
  Clock,
  Dispose,
  KubeClient,
  KubeConfigs,
  KubeContextInfo,
  KubeResponse,
  Logger,
  Random,
} from '../ports.ts'

export interface ConnectionDeps {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly kubeConfigs: KubeConfigs
  readonly isReadOnly: (info: KubeContextInfo) => boolean
  /** State, error, next try or identity changed. */
  readonly onChange: (connection: ContextConnection) => void
}

const firstLimits = { firstMs: 1000, maxMs: 60_000 }
/** A server that was there a moment ago is asked more often: its list is to be right within 5 s of its return. */
const returnLimits = { firstMs: 500, maxMs: 2000 }
const returnPatienceMs = 10 * 60_000
const readinessPatienceMs = 30_000
const probeTimeoutMs = 10_000
const returnProbeTimeoutMs = 4000
/** Without any other sign of life for this long the server is asked for one. */
const heartbeatMs = 20_000
const unauthorizedRetryMs = 60_000
/** After a doubt that the server answered at once, further ones are settled without anybody letting go: for each cut stream all others would start anew. */
const unfoundedMs = 30_000

export class ContextConnection implements Member {
  readonly info: KubeContextInfo
  state: ConnectionState = 'idle'
  error: SluiceErrorData | null = null
  nextTryAt: number | null = null
  lastSeenAt: number | null = null
  roundTripMs: number | null = null
  kubernetesVersion = ''
  user = ''
  cluster: ClusterId | null = null
  approval: ExecApproval | null = null
  readonly #deps: ConnectionDeps
  #client: KubeClient | null = null
  #failures = 0
  #lostAt: number | null = null
  /** When the first question after a doubt was answered. */
  #unfoundedAt: number | null = null
  #timer: Dispose = () => undefined
  #probe: AbortController | null = null
  #isReadinessKnown = false
  #unreadySince: number | null = null
  #isClosed = false

  constructor(info: KubeContextInfo, deps: ConnectionDeps) {
    this.info = info
    this.#deps = deps
  }

  get context(): string {
    return this.info.id
  }

  get namespace(): string {
    return this.info.namespace
  }

  /** Only while connected; others ask `isUsable` first. */
  get client(): KubeClient {
    if (this.#client === null || !this.isUsable)
      throw new SluiceError('NotConnected', `${this.info.name} is not connected`, { retry: 'transient' })
    return this.#client
  }

  /** Connected, and no doubt about it since. */
  get isUsable(): boolean {
    return this.state === 'connected' && this.#lostAt === null
  }

  open(): void {
    if (this.#isClosed) return
    if (this.info.problem !== null) {
      this.#set('invalid', this.info.problem, null)
      return
    }
    try {
      this.#client = this.#deps.kubeConfigs.open(this.info.id)
      // SECURITY: before anything leaves; the transport lets only reads out of a read-only context.
      this.#client.setReadOnly(this.#deps.isReadOnly(this.info))
    } catch (error) {
      this.#set('invalid', toErrorData(error), null)
      return
    }
    this.#set('connecting', null, null)
    this.#tryNow()
  }

  close(): void {
    this.#isClosed = true
    this.#timer()
    this.#probe?.abort()
    this.#client?.close()
    this.#client = null
    this.state = 'idle'
  }

  setReadOnly(isReadOnly: boolean): void {
    this.#client?.setReadOnly(isReadOnly)
  }

  /** The user asks: now, whatever was planned. */
  retry(): void {
    if (this.#isClosed || this.state === 'connected' || this.#probe !== null) return
    this.#failures = 0
    this.#client?.reset()
    if (this.#client === null) {
      this.open()
      return
    }
    this.#set('connecting', null, null)
    this.#tryNow()
  }

  /** A request through this context did not reach the server: asks whether it is there at all. */
  lost(error: SluiceError): void {
    if (this.#isClosed || this.state !== 'connected' || this.#lostAt !== null) return
    this.#deps.logger.log('info', 'connection in doubt', { context: this.info.name, code: error.code })
    const now = this.#deps.clock.monotonicMs()
    this.#failures = 0
    if (this.#unfoundedAt !== null && now - this.#unfoundedAt < unfoundedMs) {
      this.#tryNow()
      return
    }
    this.#lostAt = now
    // Whoever uses this connection lets go of it now and is called back when the doubt is settled.
    this.#deps.onChange(this)
    this.#tryNow()
  }

  seen(): void {
    this.lastSeenAt = this.#deps.clock.now()
  }

  #tryNow(): void {
    this.#timer()
    this.nextTryAt = null
    const client = this.#client
    if (client === null || this.#probe !== null) return
    const abort = new AbortController()
    this.#probe = abort
    this.#ask(client, abort.signal)
      .then(
        (found) => {
          this.#probe = null
          if (!abort.signal.aborted) this.#found(found)
        },
        (error: unknown) => {
          this.#probe = null
          if (!abort.signal.aborted) this.#failed(error)
        },
      )
      .catch((error: unknown) => {
        this.#deps.logger.log('error', 'connection', { context: this.info.name, error: String(error) })
      })
  }

  async #ask(
    client: KubeClient,
    signal: AbortSignal,
  ): Promise<{ cluster: ClusterId; version: string; user: string; roundTripMs: number }> {
    const { clock } = this.#deps
    const wasThere = this.#lostAt !== null || this.state === 'connected'
    const timeoutMs = wasThere ? returnProbeTimeoutMs : probeTimeoutMs
    const startedAt = clock.monotonicMs()
    let roundTripMs = 0
    const askVersion = client.request({ method: 'GET', path: '/version', signal, timeoutMs }).then((answer) => {
      roundTripMs = clock.monotonicMs() - startedAt
      return answer
    })
    const askNamespace = client.request({
      method: 'GET',
      path: '/api/v1/namespaces/kube-system',
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
      signal,
      timeoutMs,
    })
    const askReadiness = client.request({ method: 'GET', path: '/readyz', signal, timeoutMs })
    const [version, namespace, readiness] = await Promise.all([askVersion, askNamespace, askReadiness])
    // Some hide /version; a server that answers 403 is there nevertheless.
    if (version.status !== 200 && version.status !== 403 && version.status !== 404)
      throw errorFromAnswer(version, `Connecting to ${this.info.name}`)
    if (namespace.status === 401 || namespace.status >= 500 || namespace.status === 429)
      throw errorFromAnswer(namespace, `Connecting to ${this.info.name}`)
    this.#requireReady(readiness)
    const uid = namespace.status === 200 ? uidOf(namespace.json()) : ''
    return {
      cluster: uid === '' ? `h-${this.info.endpointHash.slice(0, 16)}` : uid,
      version: version.status === 200 ? gitVersionOf(version.json()) : '',
      user: await client.identity().catch(() => this.info.user),
      roundTripMs,
    }
  }

  /**
   * A server that is starting answers before it has loaded its roles and CRDs: 403, 404 and discovery are not to be believed until
   * it says that it is ready. One that never does is taken as it is after a while; one that hides the question, at once.
   */
  #requireReady(answer: KubeResponse): void {
    const now = this.#deps.clock.monotonicMs()
    if (answer.status === 200) this.#isReadinessKnown = true
    if (answer.status < 500 && !(answer.status === 403 && this.#isReadinessKnown)) {
      this.#unreadySince = null
      if (answer.status !== 200) this.#isReadinessKnown = false
      return
    }
    this.#unreadySince ??= now
    if (now - this.#unreadySince > readinessPatienceMs) return
    throw new SluiceError('ServerError', `${this.info.name}: the API server is starting`, {
      detail: answer.text().slice(0, 1024),
      remedy: 'Sluice tries again by itself.',
      retry: 'transient',
    })
  }

  #found(found: { cluster: ClusterId; version: string; user: string; roundTripMs: number }): void {
    const { cluster } = this
    // A server that is starting may not have loaded its roles yet: the namespace's UID, once known, is not doubted by a 403.
    const isHidden = found.cluster.startsWith('h-') && cluster !== null && !cluster.startsWith('h-')
    if (!isHidden) this.cluster = found.cluster
    this.kubernetesVersion = found.version === '' ? this.kubernetesVersion : found.version
    this.user = found.user
    this.roundTripMs = found.roundTripMs
    this.approval = null
    if (this.state === 'connected' && this.#failures === 0) this.#unfoundedAt = this.#deps.clock.monotonicMs()
    this.#failures = 0
    this.#lostAt = null
    this.seen()
    this.#set('connected', null, null)
    this.#scheduleHeartbeat()
  }

  #scheduleHeartbeat(): void {
    this.#timer = this.#deps.clock.after(heartbeatMs, () => {
      const client = this.#client
      if (this.#isClosed || !this.isUsable || client === null) return
      const startedAt = this.#deps.clock.monotonicMs()
      client.request({ method: 'GET', path: '/version', timeoutMs: probeTimeoutMs }).then(
        (answer) => {
          if (this.#isClosed || !this.isUsable) return
          if (answer.status === 401 || answer.status >= 500) {
            this.lost(errorFromAnswer(answer, `Asking ${this.info.name} for a sign of life`))
            return
          }
          this.roundTripMs = this.#deps.clock.monotonicMs() - startedAt
          this.seen()
          this.#deps.onChange(this)
          this.#scheduleHeartbeat()
        },
        (error: unknown) => {
          this.lost(new SluiceError('ConnectionLost', `${this.info.name} is silent`, { cause: error }))
        },
      )
    })
  }

  #failed(error: unknown): void {
    const { clock, random } = this.#deps
    const data = toErrorData(error)
    this.#failures += 1
    this.#unfoundedAt = null
    if (this.state === 'connected') this.#lostAt ??= clock.monotonicMs()
    switch (data.code) {
      case 'ExecNotApproved':
        this.approval = this.#client?.pendingApproval() ?? null
        this.#set('needs-approval', data, null)
        return
      case 'ContextInvalid':
      case 'KubeconfigMissing':
      case 'KubeconfigUnreadable':
      case 'KubeconfigMalformed':
      case 'KubeconfigEmpty':
      case 'ExecInteractive':
        this.#set('invalid', data, null)
        return
      case 'Unauthorized':
      case 'CredentialMissing':
      case 'ExecNotFound':
      case 'ExecTimeout':
      case 'ExecFailed':
      case 'ExecOutputInvalid':
        this.#retryAfter('unauthorized', data, unauthorizedRetryMs)
        return
      default: {
        const lostForMs = this.#lostAt === null ? Infinity : clock.monotonicMs() - this.#lostAt
        const limits = lostForMs < returnPatienceMs ? returnLimits : firstLimits
        this.#retryAfter('unreachable', data, backoffMs(random, this.#failures, limits))
      }
    }
  }

  #retryAfter(state: 'unreachable' | 'unauthorized', error: SluiceErrorData, delayMs: number): void {
    this.#client?.reset()
    this.#timer = this.#deps.clock.after(delayMs, () => {
      this.#tryNow()
    })
    this.#set(state, error, this.#deps.clock.now() + delayMs)
  }

  #set(state: ConnectionState, error: SluiceErrorData | null, nextTryAt: number | null): void {
    this.state = state
    this.error = error
    this.nextTryAt = nextTryAt
    this.#deps.onChange(this)
  }
}

function uidOf(body: unknown): string {
  const uid = (body as { metadata?: { uid?: unknown } } | null)?.metadata?.uid
  return typeof uid === 'string' ? uid : ''
}

function gitVersionOf(body: unknown): string {
  const version = (body as { gitVersion?: unknown } | null)?.gitVersion
  return typeof version === 'string' ? version : ''
}
