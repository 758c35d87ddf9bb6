/** Where to look when a kind may not be listed cluster-wide. */
import type { Member } from '../cache/kind-informer.ts'
import { asArray, at, textAt } from '../status/read.ts'

const maxNamespaces = 500
const parallel = 8

interface Rule {
  readonly verbs: readonly unknown[]
  readonly groups: readonly unknown[]
  readonly resources: readonly unknown[]
}

/** One look at what an identity may list in which namespace: a rules review per namespace serves all kinds. */
export class NamespaceReach {
  readonly #member: Member
  readonly #seen: ReadonlySet<string>
  #rules: Promise<ReadonlyMap<string, readonly Rule[] | null>> | null = null

  /** `seen`: namespaces that rows have shown, tried even where namespaces may not be listed. */
  constructor(member: Member, seen: ReadonlySet<string>) {
    this.#member = member
    this.#seen = seen
  }

  /** Namespaces in which the kind may be listed, or where that cannot be known beforehand; the context's own first. */
  async listable(group: string, plural: string): Promise<readonly string[]> {
    this.#rules ??= this.#look()
    const result: string[] = []
    for (const [namespace, rules] of await this.#rules)
      if (rules === null || rules.some((rule) => allows(rule, group, plural))) result.push(namespace)
    return result
  }

  async #look(): Promise<ReadonlyMap<string, readonly Rule[] | null>> {
    const namespaces = await this.#namespaces()
    const rules = new Map<string, readonly Rule[] | null>(namespaces.map((namespace) => [namespace, null]))
    const waiting = [...namespaces]
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        rules.set(next, await this.#review(next).catch(() => null))
    }
    await Promise.all(Array.from({ length: parallel }, work))
    return rules
  }

  async #namespaces(): Promise<readonly string[]> {
    const own = this.#member.namespace === '' ? 'default' : this.#member.namespace
    const answer = await this.#member.client.request({
      method: 'GET',
      path: `/api/v1/namespaces?limit=${String(maxNamespaces)}`,
      accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
    })
    const listed = answer.status === 200 ? asArray(at(answer.json(), 'items')) : []
    const names = listed.map((item) => textAt(item, 'metadata', 'name')).filter((name) => name !== '')
    return [...new Set([own, ...this.#seen, ...names])]
  }

  /** Null where the API server cannot tell beforehand (webhook authorisers, no such review). */
  async #review(namespace: string): Promise<readonly Rule[] | null> {
    const answer = await this.#member.client.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      contentType: 'application/json',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } },
    })
    if (answer.status >= 300) return null
    const status = at(answer.json(), 'status')
    if (at(status, 'incomplete') === true) return null
    return asArray(at(status, 'resourceRules')).map((rule) => ({
      verbs: asArray(at(rule, 'verbs')),
      groups: asArray(at(rule, 'apiGroups')),
      resources: asArray(at(rule, 'resources')),
    }))
  }
}

function allows({ verbs, groups, resources }: Rule, group: string, plural: string): boolean {
  const has = (list: readonly unknown[], value: string): boolean => list.includes(value) || list.includes('*')
  return has(verbs, 'list') && has(groups, group) && has(resources, plural)
}
