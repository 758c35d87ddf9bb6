/** Which resource a kind is in the cluster that is applied to: from discovery as it is kept, or asked afresh where that may be behind. */
import { errorFromAnswer } from '../cache/api-answer.ts'
import type { ClusterView, KubeObject, ServedResource } from '../clusters/view.ts'
import { asArray, asRecord, asText, groupOf, textAt, versionOf } from '../status/read.ts'
import type { CallOptions } from './server-calls.ts'
import { call, isOk } from './server-calls.ts'

export interface TargetKinds {
  /** In the version of `apiVersion`; null: the API server does not serve the kind. */
  find(apiVersion: string, kind: string): Promise<ServedResource | null>
  /** Asks the API server itself. */
  findFresh(apiVersion: string, kind: string): Promise<ServedResource | null>
  /** In whatever version the API server prefers: what an inventory names may be served in another one by now. */
  findAnyVersion(group: string, kind: string, isFresh: boolean): Promise<ServedResource | null>
  /** The kind has a definition that was just applied: what it says holds until the API server serves it. */
  define(definition: KubeObject): void
  isDefined(group: string, kind: string): boolean
}

/** `view` null: another cluster than the one that is watched. Finding rejects where the API server does not say what it serves. */
export function createTargetKinds(view: Pick<ClusterView, 'served'> | null, options: CallOptions): TargetKinds {
  const asked = new Map<string, Promise<readonly ServedResource[]>>()
  const defined = new Map<string, ServedResource>()
  const ask = (apiVersion: string): Promise<readonly ServedResource[]> => {
    const group = groupOf(apiVersion)
    const version = versionOf(apiVersion)
    const root =
      group === ''
        ? `/api/${encodeURIComponent(version)}`
        : `/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}`
    return call({ method: 'GET', path: root }, options).then((response) => {
      if (response.status === 404) return []
      if (!isOk(response)) throw errorFromAnswer(response, `Discovery of ${apiVersion}`)
      return asArray(asRecord(response.json())['resources']).flatMap((each) => {
        const { name, kind, namespaced, verbs } = asRecord(each)
        const plural = asText(name)
        if (plural === '' || plural.includes('/')) return []
        const known = { group, version, kind: asText(kind), plural, isNamespaced: namespaced === true }
        return [{ ...known, verbs: asArray(verbs).map(asText), shortNames: [] }]
      })
    })
  }
  /** The preferred one first. */
  const versionsOf = async (group: string): Promise<readonly string[]> => {
    const response = await call({ method: 'GET', path: `/apis/${encodeURIComponent(group)}` }, options)
    if (response.status === 404) return []
    if (!isOk(response)) throw errorFromAnswer(response, `Discovery of ${group}`)
    const { preferredVersion, versions } = asRecord(response.json())
    const names = [preferredVersion, ...asArray(versions)].map((each) => textAt(each, 'groupVersion'))
    return [...new Set(names)].filter((name) => name !== '')
  }
  const findFresh: TargetKinds['findFresh'] = async (apiVersion, kind) => {
    const found = ask(apiVersion)
    asked.set(apiVersion, found)
    return (await found).find((resource) => resource.kind === kind) ?? null
  }
  return {
    async find(apiVersion, kind) {
      const group = groupOf(apiVersion)
      const known = view?.served(group, kind) ?? defined.get(`${group}/${kind}`)
      if (known !== undefined) return { ...known, version: versionOf(apiVersion) }
      const earlier = await asked.get(apiVersion)
      return earlier?.find((resource) => resource.kind === kind) ?? (await findFresh(apiVersion, kind))
    },
    findFresh,
    async findAnyVersion(group, kind, isFresh) {
      const known = isFresh ? null : (view?.served(group, kind) ?? null)
      if (known !== null) return known
      for (const apiVersion of group === '' ? ['v1'] : await versionsOf(group)) {
        const found = await findFresh(apiVersion, kind)
        if (found !== null) return found
      }
      return null
    },
    define(definition) {
      const group = textAt(definition, 'spec', 'group')
      const kind = textAt(definition, 'spec', 'names', 'kind')
      defined.set(`${group}/${kind}`, {
        group,
        kind,
        version: '',
        plural: textAt(definition, 'spec', 'names', 'plural'),
        isNamespaced: textAt(definition, 'spec', 'scope') !== 'Cluster',
        verbs: [],
        shortNames: [],
      })
    },
    isDefined: (group, kind) => defined.has(`${group}/${kind}`),
  }
}
