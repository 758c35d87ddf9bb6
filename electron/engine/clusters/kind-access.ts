/** What each context's identity may do with each kind, asked in the background: may it patch (the gate), may it list at all. */
import type { Access } from '../../../shared/model/detail.ts'
import type { ClusterId, ContextId } from '../../../shared/model/identity.ts'
import type { KindRow } from '../../../shared/model/rows.ts'
import type { AccessReviews } from '../access/access-reviews.ts'
import type { Member } from '../cache/kind-informer.ts'
import type { Clock, Dispose, Logger } from '../ports.ts'
import type { WatchedKind } from './watched-kind.ts'

export interface KindAccessDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly access: AccessReviews
  readonly cluster: ClusterId
  readonly onChange: () => void
}

export interface KnownAccess {
  readonly patch: KindRow['patchAccess']
  readonly patchReason: string
  /** The API server's sentence where this identity may not list the kind cluster-wide, null if it may or is not known. */
  readonly listRefusal: string | null
}

const unknown: KnownAccess = { patch: 'unknown', patchReason: '', listRefusal: null }
const maxNamespaces = 20
/** Answers are asked for again after this long: roles change. */
const refreshMs = 5 * 60_000
const parallel = 4

export class KindAccess {
  readonly #deps: KindAccessDeps
  readonly #known = new Map<string, KnownAccess>()
  readonly #askedAt = new Map<string, number>()
  readonly #queue: { readonly member: Member; readonly kind: WatchedKind; readonly key: string }[] = []
  #running = 0
  #isDisposed = false
  #timer: Dispose = () => undefined

  constructor(deps: KindAccessDeps) {
    this.#deps = deps
  }

  of(context: ContextId, kind: WatchedKind): KnownAccess {
    return this.#known.get(keyOf(context, kind)) ?? unknown
  }

  /** Asks, unless it has been asked of late. */
  want(member: Member, kind: WatchedKind): void {
    const key = keyOf(member.context, kind)
    const askedAt = this.#askedAt.get(key)
    const now = this.#deps.clock.monotonicMs()
    if (askedAt !== undefined && now - askedAt < refreshMs) return
    this.#askedAt.set(key, now)
    this.#queue.push({ member, kind, key })
    // Rows come first: reviews wait until the lists have had their turn.
    if (this.#running === 0) {
      this.#timer()
      this.#timer = this.#deps.clock.after(100, () => {
        for (let index = 0; index < parallel; index += 1) void this.#work()
      })
    }
  }

  forget(context: ContextId): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${context}|`)) this.#known.delete(key)
    for (const key of this.#askedAt.keys()) if (key.startsWith(`${context}|`)) this.#askedAt.delete(key)
  }

  dispose(): void {
    this.#isDisposed = true
    this.#timer()
    this.#queue.length = 0
  }

  async #work(): Promise<void> {
    this.#running += 1
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        try {
          this.#known.set(next.key, await this.#ask(next.member, next.kind))
          this.#deps.onChange()
        } catch (error) {
          this.#askedAt.delete(next.key)
          this.#deps.logger.log('debug', 'access review failed', { kind: next.kind.kind, error: String(error) })
        }
        if (this.#isDisposed) return
      }
    } finally {
      this.#running -= 1
    }
  }

  async #ask(member: Member, kind: WatchedKind): Promise<KnownAccess> {
    const { access, cluster } = this.#deps
    const { served } = kind
    if (served === null) return unknown
    const question = (verb: string): { verb: string; group: string; resource: string; namespace: string } => ({
      verb,
      group: served.group,
      resource: served.plural,
      namespace: '',
    })
    const list = await access.review(member.client, cluster, question('list'))
    const listRefusal = list.isAllowed ? null : list.reason
    if (!kind.hasGate) return { patch: 'unknown', patchReason: '', listRefusal }
    const patch = await access.review(member.client, cluster, question('patch'))
    if (patch.isAllowed) return { patch: 'allowed', patchReason: '', listRefusal }
    if (!served.isNamespaced) return { patch: 'denied', patchReason: patch.reason, listRefusal }
    const namespaces = new Set<string>()
    kind.namespacesSeen(namespaces)
    const some = new Set([...namespaces].slice(0, maxNamespaces))
    const answers: ReadonlyMap<string, Access> = await access.reviewNamespaces(
      member.client,
      cluster,
      question('patch'),
      some,
    )
    const isAllowedSomewhere =
      namespaces.size > maxNamespaces || [...answers.values()].some((answer) => answer.isAllowed)
    return { patch: isAllowedSomewhere ? 'byNamespace' : 'denied', patchReason: patch.reason, listRefusal }
  }
}

function keyOf(context: ContextId, kind: WatchedKind): string {
  return `${context}|${kind.group}/${kind.kind}`
}
