/** Whether what a Kustomization depends on is ready. Semantics: flux-semantics §2.1; kustomize-controller `checkDependencies`. */
import { isSameRevision } from '../../../../shared/flux/revision.ts'
import type { ObjectRef } from '../../../../shared/model/identity.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { findCondition, readConditions } from '../../status/conditions.ts'
import { at, textAt } from '../../status/read.ts'
import type { CompileReadyExpression } from '../health/health-check.ts'
import type { HostedView } from '../reconciler.ts'
import type { SourceArtifact } from './find-source.ts'
import type { Dependency, KustomizationSpec } from './kustomization-spec.ts'
import { readKustomizationSpec } from './kustomization-spec.ts'
import { NotHosted } from './run-fault.ts'

export interface DependencyDeps {
  readonly view: HostedView
  readonly compile: CompileReadyExpression
  /** Gate AdditiveCELDependencyCheck: the built-in check as well. */
  readonly isAdditive: boolean
  readonly signal: AbortSignal
}

/** `text`: the controller's sentence. `invalid`: nothing is tried again before the spec changes. */
export type DependencyVerdict =
  { readonly word: 'ready' } | { readonly word: 'waiting' | 'invalid'; readonly text: string; readonly ref: ObjectRef }

/** The first one that is not ready decides. Throws NotHosted for an expression that cannot be evaluated here. */
export async function checkDependencies(
  object: KubeObject,
  spec: KustomizationSpec,
  artifact: SourceArtifact,
  deps: DependencyDeps,
): Promise<DependencyVerdict> {
  for (const dependency of spec.dependsOn) {
    const verdict = await checkOne(object, dependency, artifact, deps)
    if (verdict.word !== 'ready') return verdict
  }
  return { word: 'ready' }
}

async function checkOne(
  object: KubeObject,
  { ref, readyExpr }: Dependency,
  artifact: SourceArtifact,
  { view, compile, isAdditive, signal }: DependencyDeps,
): Promise<DependencyVerdict> {
  const title = `${ref.namespace}/${ref.name}`
  const waiting = (text: string): DependencyVerdict => ({ word: 'waiting', text, ref })
  const found = await readDependency(view, ref, signal)
  if (found === null)
    return waiting(
      `dependency '${title}' not found: kustomizations.kustomize.toolkit.fluxcd.io ${JSON.stringify(ref.name)} not found`,
    )
  if (readyExpr !== '') {
    const compiled = compile(readyExpr)
    if (!compiled.ok && compiled.why === 'unsupported')
      throw new NotHosted(`The readyExpr of dependency ${title} cannot be evaluated here: ${compiled.message}`)
    if (!compiled.ok)
      return { word: 'invalid', text: `failed to evaluate dependency ${ref.name}: ${compiled.message}`, ref }
    const { value, error } = compiled.evaluate(object, found)
    if (error !== null) return waiting(error)
    if (!value) return waiting(`dependency '${title}' is not ready according to readyExpr eval`)
    if (!isAdditive) return { word: 'ready' }
  }
  if (!isDependencyReady(found)) return waiting(`dependency '${title}' is not ready`)
  const theirs = readKustomizationSpec(found, ref.cluster).source
  const mine = artifact.source
  const isSameSource = theirs.kind === mine.kind && theirs.name === mine.name && theirs.namespace === mine.namespace
  if (isSameSource && !isSameRevision(artifact.revision, textAt(found, 'status', 'lastAppliedRevision')))
    return waiting(`dependency '${title}' revision is not up to date`)
  return { word: 'ready' }
}

/** The built-in check, revisions aside. */
export function isDependencyReady(object: KubeObject): boolean {
  const conditions = readConditions(object)
  if (conditions.length === 0 || object.metadata.generation !== at(object, 'status', 'observedGeneration')) return false
  return findCondition(conditions, 'Ready')?.status === 'True'
}

async function readDependency(view: HostedView, ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | null> {
  const known = view.cached(ref)
  if (known !== null) return known
  try {
    return await view.fetch(ref, signal)
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'NotFound') return null
    throw error
  }
}
