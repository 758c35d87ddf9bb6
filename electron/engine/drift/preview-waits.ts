/**
 * What a resumed Kustomization or HelmRelease would wait for before it does anything, and what waits for it. Semantics: flux-semantics §2.1, §3.1;
 * kustomize-controller and helm-controller `checkDependencies`.
 */
import { isSameRevision, shortenRevision } from '../../../shared/flux/revision.ts'
import type { PreviewWait } from '../../../shared/model/drift.ts'
import { toErrorData } from '../../../shared/model/errors.ts'
import type { ObjectRef } from '../../../shared/model/identity.ts'
import { refKey } from '../../../shared/model/identity.ts'
import type { ClusterView, KubeObject } from '../clusters/view.ts'
import { controllerOf, featureGates } from '../controllers/controller-of.ts'
import type { CompiledReadyExpression } from '../reconcile/health/health-check.ts'
import { isDependencyReady } from '../reconcile/kustomization/check-dependencies.ts'
import { asArray, at, textAt } from '../status/read.ts'

const maxShown = 100

/** What reads expressions is loaded with the first one: few objects have any. */
export type CompileReady = (text: string) => Promise<CompiledReadyExpression>

/** Dependencies that are not ready, in the spec's order. `revision`: of the Kustomization's own source; a HelmRelease's is not asked for. */
export async function findWaits(
  view: ClusterView,
  ref: ObjectRef,
  object: KubeObject,
  revision: string,
  compile: CompileReady,
  signal: AbortSignal,
): Promise<readonly PreviewWait[]> {
  const controller = ref.kind === 'HelmRelease' ? 'helm-controller' : 'kustomize-controller'
  const gates = featureGates(controllerOf(view.controllers(), controller, object)?.args ?? [])
  const isAdditive = gates.get('AdditiveCELDependencyCheck') === true
  const entries = asArray(at(object, 'spec', 'dependsOn')).slice(0, maxShown)
  const found = await Promise.all(
    entries.map(async (entry): Promise<PreviewWait | null> => {
      const { cluster, group, kind } = ref
      const namespace = textAt(entry, 'namespace') || ref.namespace
      const dependency: ObjectRef = { cluster, group, kind, namespace, name: textAt(entry, 'name') }
      const why = await whyNotReady(textAt(entry, 'readyExpr'), dependency)
      return why === null ? null : { ref: dependency, ...why }
    }),
  )
  return found.filter((each) => each !== null)

  async function whyNotReady(readyExpr: string, dependency: ObjectRef): Promise<Omit<PreviewWait, 'ref'> | null> {
    let other: KubeObject
    try {
      other = view.cached(dependency) ?? (await view.fetch(dependency, signal))
    } catch (error) {
      signal.throwIfAborted()
      const { code } = toErrorData(error)
      if (code === 'NotFound') return { text: 'is not there', isStuck: true }
      return { text: 'cannot be read here: whether it is ready is not known', isStuck: false }
    }
    const isSuspended = at(other, 'spec', 'suspend') === true
    const waiting = (text: string): Omit<PreviewWait, 'ref'> => ({
      text: isSuspended ? `${text}, and it is suspended` : text,
      isStuck: isSuspended,
    })
    if (readyExpr !== '') {
      const compiled = await compile(readyExpr)
      if (!compiled.ok && compiled.why === 'unsupported')
        return { text: 'is ready or not by a readyExpr that cannot be evaluated here', isStuck: false }
      if (!compiled.ok) return { text: `has a readyExpr that is not valid: ${compiled.message}`, isStuck: true }
      const { value, error } = compiled.evaluate(object, other)
      if (error !== null) return waiting(`has a readyExpr that fails: ${error}`)
      if (!value) return waiting('is not ready by its readyExpr')
      if (!isAdditive) return null
    }
    if (!isDependencyReady(other)) return waiting(notReadyText(dependency))
    if (ref.kind === 'HelmRelease' || !isSameSource(object, other)) return null
    const applied = textAt(other, 'status', 'lastAppliedRevision')
    if (revision === '' || isSameRevision(revision, applied)) return null
    return waiting(`has to apply ${shortenRevision(revision)} first`)
  }

  function notReadyText(dependency: ObjectRef): string {
    const word = view.row(refKey(dependency))?.status.word ?? ''
    return word === '' || word === 'Ready' || word === 'Suspended' ? 'is not ready' : `is not ready (${word})`
  }
}

/** Objects that wait now and whose dependsOn names `ref`. */
export function findWaiting(view: ClusterView, ref: ObjectRef): readonly ObjectRef[] {
  const key = refKey(ref)
  const found: ObjectRef[] = []
  for (const row of view.rows()) {
    if (row.status.word !== 'Waiting' || !row.dependsOn.some((each) => refKey(each) === key)) continue
    found.push(row.ref)
    if (found.length >= maxShown) break
  }
  return found
}

function isSameSource(object: KubeObject, other: KubeObject): boolean {
  const [mine, theirs] = [object, other].map((each) =>
    [
      textAt(each, 'spec', 'sourceRef', 'kind'),
      textAt(each, 'spec', 'sourceRef', 'namespace') || (each.metadata.namespace ?? ''),
      textAt(each, 'spec', 'sourceRef', 'name'),
    ].join('/'),
  )
  return mine === theirs
}
