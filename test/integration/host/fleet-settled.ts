/** When a fleet has come to rest: nobody runs, and nobody would run because of what is there. */
import type { KubeObject } from '../../../electron/engine/clusters/view.ts'
import { findCondition, readConditions } from '../../../electron/engine/status/conditions.ts'
import { at, textAt } from '../../../electron/engine/status/read.ts'
import type { TestCluster } from '../../cluster/start.ts'

export const kustomizationsRoot = '/apis/kustomize.toolkit.fluxcd.io/v1'
export const sourcesRoot = '/apis/source.toolkit.fluxcd.io/v1'
const requestedAt = 'reconcile.fluxcd.io/requestedAt'

/** What has not come to rest, and why; empty: all has. */
export async function readUnsettled(cluster: TestCluster): Promise<readonly string[]> {
  const list = async (at: string): Promise<readonly KubeObject[]> =>
    (await cluster.requestOk<{ items: KubeObject[] }>('GET', at)).items
  const [kustomizations, sources] = await Promise.all([
    list(`${kustomizationsRoot}/kustomizations`),
    list(`${sourcesRoot}/gitrepositories`),
  ])
  const bySource = new Map(sources.map((source) => [nameOf(source), source]))
  const byName = new Map(kustomizations.map((object) => [nameOf(object), object]))
  const revisionFor = (object: KubeObject): string => {
    const { metadata } = object
    const name = textAt(object, 'spec', 'sourceRef', 'name')
    const namespace = textAt(object, 'spec', 'sourceRef', 'namespace') || (metadata.namespace ?? '')
    return textAt(bySource.get(`${namespace}/${name}`) ?? null, 'status', 'artifact', 'revision')
  }
  const isReady = (object: KubeObject): boolean =>
    readyOf(object)?.status === 'True' && textAt(object, 'status', 'lastAppliedRevision') === revisionFor(object)

  /** Null: at rest. */
  function whyNot(object: KubeObject, seen: ReadonlySet<string> = new Set()): string | null {
    if (object.metadata.deletionTimestamp !== undefined) return 'is being deleted'
    const wanted = (object.metadata.annotations ?? {})[requestedAt] ?? ''
    if (wanted !== '' && textAt(object, 'status', 'lastHandledReconcileAt') !== wanted) return 'was asked'
    if (at(object, 'spec', 'suspend') === true) return null
    const ready = readyOf(object)
    if (ready === null) return 'has said nothing yet'
    if (ready.status === 'Unknown') return ready.message
    if (ready.observedGeneration !== object.metadata.generation) return 'its spec is newer'
    const reconciling = findCondition(readConditions(object), 'Reconciling')
    if (reconciling?.status === 'True' && reconciling.reason === 'Progressing') return reconciling.message
    if (object.kind === 'GitRepository') {
      const included = ((at(object, 'spec', 'include') ?? []) as { repository: { name: string } }[]).map(
        ({ repository }) => bySource.get(`${object.metadata.namespace ?? ''}/${repository.name}`),
      )
      const isWaiting = ready.status !== 'True' && included.length > 0
      return isWaiting && included.every((each) => each !== undefined && readyOf(each)?.status === 'True')
        ? 'what it includes is there'
        : null
    }
    if (ready.status === 'True') return isReady(object) ? null : 'is ready at another revision'
    if (ready.reason === 'DependencyNotReady') {
      const key = nameOf(object)
      if (seen.has(key)) return null
      const dependencies = (at(object, 'spec', 'dependsOn') ?? []) as { name: string; namespace?: string }[]
      const others = dependencies.map(({ name, namespace }) =>
        byName.get(`${namespace ?? object.metadata.namespace ?? ''}/${name}`),
      )
      // It will go on as soon as it looks again.
      if (others.every((other) => other !== undefined && isReady(other))) return 'its dependencies are ready'
      for (const other of others) {
        const why = other === undefined ? null : whyNot(other, new Set([...seen, key]))
        if (why !== null) return `waits for ${nameOf(other!)}: ${why}`
      }
      return null
    }
    const isPastSource = !['ArtifactFailed', 'InvalidCELExpression'].includes(ready.reason)
    if (isPastSource && textAt(object, 'status', 'lastAttemptedRevision') !== revisionFor(object))
      return 'has not tried this revision'
    return null
  }

  const unsettled: string[] = []
  for (const [kind, objects] of [
    ['GitRepository', sources],
    ['Kustomization', kustomizations],
  ] as const)
    for (const object of objects) {
      const why = whyNot({ ...object, kind })
      if (why !== null) unsettled.push(`${kind} ${nameOf(object)}: ${why}`)
    }
  return unsettled
}

function readyOf(object: KubeObject): ReturnType<typeof findCondition> {
  return findCondition(readConditions(object), 'Ready')
}

const nameOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`
