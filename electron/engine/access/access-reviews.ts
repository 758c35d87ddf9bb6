/**
 * access/: what the API server says that this identity may do, asked before anything is attempted. It knows requests of one client;
 * it must not know plans or rows. A review is a hint for people: the API server decides again on each write.
 * Semantics: SelfSubjectAccessReview of authorization.k8s.io/v1.
 */
import type { Access } from '../../../shared/model/detail.ts'
import type { ClusterId } from '../../../shared/model/identity.ts'
import { errorFromAnswer } from '../cache/api-answer.ts'
import type { Clock, KubeClient } from '../ports.ts'

export interface AccessQuestion {
  readonly verb: string
  readonly group: string
  /** Plural, with its subresource: `pods/log`. */
  readonly resource: string
  /** '' asks for all namespaces, or for a cluster-scoped resource. */
  readonly namespace: string
  /** One object: rules with `resourceNames` count as well. Absent: any. */
  readonly name?: string
}

export interface AccessReviews {
  /** One question; SluiceError when the API server cannot be asked (nothing is kept then). */
  review(client: KubeClient, cluster: ClusterId, question: AccessQuestion, signal?: AbortSignal): Promise<Access>
  /**
   * The same question for many namespaces, answered by namespace: the cluster-wide review comes first, and where it is allowed no
   * other is made.
   */
  reviewNamespaces(
    client: KubeClient,
    cluster: ClusterId,
    question: Omit<AccessQuestion, 'namespace'>,
    namespaces: ReadonlySet<string>,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Access>>
  /** Forgets what is known of a cluster: permissions were changed, or the user asks again. */
  forget(cluster: ClusterId): void
}

const keptMs = 60_000
const maxKept = 20_000
const concurrency = 16

interface Kept {
  readonly answer: Promise<Access>
  readonly cluster: ClusterId
  /** null while the question is under way. */
  until: number | null
}

/** Reviews, one per (cluster, identity, verb, group, resource, namespace, name), kept 60 s; errors are not kept. */
export function createAccessReviews(options: { readonly clock: Clock }): AccessReviews {
  const { clock } = options
  const kept = new Map<string, Kept>()

  function prune(): void {
    if (kept.size < maxKept) return
    const now = clock.monotonicMs()
    for (const [key, entry] of kept) if (entry.until !== null && entry.until <= now) kept.delete(key)
    for (const key of kept.keys()) {
      if (kept.size < maxKept) break
      kept.delete(key)
    }
  }

  async function ask(client: KubeClient, identity: string, question: AccessQuestion): Promise<Access> {
    const [resource = '', subresource] = question.resource.split('/')
    // Not bound to one caller's signal: others may wait for the same answer.
    const response = await client.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      contentType: 'application/json',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: {
            verb: question.verb,
            group: question.group,
            resource,
            ...(subresource === undefined ? {} : { subresource }),
            ...(question.namespace === '' ? {} : { namespace: question.namespace }),
            ...(question.name === undefined ? {} : { name: question.name }),
          },
        },
      },
    })
    if (response.status >= 300) throw errorFromAnswer(response, `Access review: ${phrase(question)}`)
    const status = (response.json() as { readonly status?: Record<string, unknown> } | null)?.status ?? {}
    if (status['allowed'] === true) return { isAllowed: true, reason: '' }
    return { isAllowed: false, reason: sentence(identity, question, status) }
  }

  async function review(client: KubeClient, cluster: ClusterId, question: AccessQuestion): Promise<Access> {
    const identity = await client.identity()
    const key = JSON.stringify([
      cluster,
      identity,
      question.verb,
      question.group,
      question.resource,
      question.namespace,
      question.name,
    ])
    const known = kept.get(key)
    if (known !== undefined && (known.until === null || known.until > clock.monotonicMs())) return known.answer
    prune()
    const entry: Kept = { answer: ask(client, identity, question), cluster, until: null }
    kept.set(key, entry)
    try {
      const answer = await entry.answer
      entry.until = clock.monotonicMs() + keptMs
      return answer
    } catch (error) {
      if (kept.get(key) === entry) kept.delete(key)
      throw error
    }
  }

  return {
    async review(client, cluster, question, signal) {
      signal?.throwIfAborted()
      return review(client, cluster, question)
    },
    async reviewNamespaces(client, cluster, question, namespaces, signal) {
      signal?.throwIfAborted()
      const answers = new Map<string, Access>()
      if (namespaces.size > 1) {
        const everywhere = await review(client, cluster, { ...question, namespace: '' })
        if (everywhere.isAllowed) {
          for (const namespace of namespaces) answers.set(namespace, everywhere)
          return answers
        }
      }
      const waiting = [...namespaces]
      const worker = async (): Promise<void> => {
        for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
          signal?.throwIfAborted()
          answers.set(next, await review(client, cluster, { ...question, namespace: next }))
        }
      }
      await Promise.all(Array.from({ length: Math.min(concurrency, waiting.length) }, worker))
      return answers
    },
    forget(cluster) {
      for (const [key, entry] of kept) if (entry.cluster === cluster) kept.delete(key)
    },
  }
}

function phrase({ verb, resource, namespace, name }: AccessQuestion): string {
  const what = name === undefined ? `${verb} ${resource}` : `${verb} ${resource} ${name}`
  return namespace === '' ? what : `${what} in namespace ${namespace}`
}

function sentence(identity: string, question: AccessQuestion, status: Readonly<Record<string, unknown>>): string {
  const said = [status['reason'], status['evaluationError']].filter(
    (text): text is string => typeof text === 'string' && text !== '',
  )
  const own = `User "${identity}" may not ${phrase(question)}`
  return said.length === 0 ? own : `${own}: ${said.join('; ').slice(0, 1000)}`
}
