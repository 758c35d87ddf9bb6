/**
 * Installs what manifests hold, as `flux install` does: definitions and namespaces first, server-side apply as field manager `flux`, forced, what is
 * equal is left alone. Semantics: flux2 internal/utils Apply, fluxcd/pkg/ssa ApplyAll.
 */
import type { InstalledObject } from '../../../../shared/model/installed-object.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { inParallel } from '../../apply/in-parallel.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import { call, isOk } from '../../apply/server-calls.ts'
import { errorFromAnswer } from '../../cache/api-answer.ts'
import type { KubeObject } from '../../clusters/view.ts'
import { resourcePath } from '../../clusters/view.ts'
import { areSame } from '../../diff/compare-objects.ts'
import { pause } from '../../pause.ts'
import { asArray, at, textAt } from '../../status/read.ts'
import { persist } from './persist.ts'
import { resourceOf, titleOf } from './read-manifests.ts'

/** Of the Flux CLI. */
const fieldManager = 'flux'
const requestsAtOnce = 4
const establishedMs = 60_000
const stepMs = 100

/** What an apply would do to each, in their order; nothing is written. Throws what the API server refuses, naming the object. */
export async function compareInstallation(
  objects: readonly KubeObject[],
  calls: CallOptions,
): Promise<readonly InstalledObject[]> {
  return inParallel(objects, requestsAtOnce, calls.signal, async (object) => {
    const { kind, metadata } = object
    const live = await readObject(object, calls)
    const action =
      live === null ? 'created' : areSame(live, (await apply(object, calls, true)).object) ? 'unchanged' : 'changed'
    // A dry-run tells whether it may be created, too.
    if (live === null) await apply(object, calls, true)
    return { kind, namespace: metadata.namespace ?? '', name: metadata.name, action }
  })
}

interface InstallListener {
  readonly onStep?: (done: number) => void
  /** Told before it is created, and again once the API server says that it was: with its uid then. */
  readonly onCreate?: (object: KubeObject) => void
}

/** Applies what differs, one after the other; answers how many did. */
export async function install(
  objects: readonly KubeObject[],
  calls: CallOptions,
  { onStep, onCreate }: InstallListener = {},
): Promise<number> {
  let changed = 0
  for (const [index, object] of objects.entries()) {
    let isChanged = false
    await persist(calls, async () => {
      const live = await readObject(object, calls)
      if (live !== null && areSame(live, (await apply(object, calls, true)).object)) return
      isChanged = true
      if (live === null) onCreate?.(object)
      const applied = await apply(object, calls, false)
      if (applied.isNew) onCreate?.(applied.object)
    })
    if (isChanged) changed += 1
    onStep?.(index + 1)
  }
  return changed
}

/** Until the API server has accepted each definition. */
export async function waitEstablished(definitions: readonly KubeObject[], calls: CallOptions): Promise<void> {
  const until = calls.clock.monotonicMs() + establishedMs
  for (const definition of definitions)
    while (!isEstablished(await persist(calls, () => readObject(definition, calls)))) {
      if (calls.clock.monotonicMs() >= until)
        throw new SluiceError('StartFailed', `${titleOf(definition)} is not established`, {
          remedy: 'Look at its conditions: its names may be taken.',
        })
      await pause(calls.clock, stepMs, calls.signal)
    }
}

function isEstablished(definition: KubeObject | null): boolean {
  return asArray(at(definition, 'status', 'conditions')).some(
    (each) => textAt(each, 'type') === 'Established' && textAt(each, 'status') === 'True',
  )
}

/** Null: it is not there. */
export async function readObject(object: KubeObject, calls: CallOptions): Promise<KubeObject | null> {
  const answer = await call({ method: 'GET', path: pathOf(object) }, calls)
  if (answer.status === 404) return null
  if (!isOk(answer)) throw errorFromAnswer(answer, titleOf(object))
  return answer.json() as KubeObject
}

/** Takes a Deployment away, or, where it was there before, its pods. */
export async function withdrawDeployment(object: KubeObject, isOurs: boolean, calls: CallOptions): Promise<void> {
  const path = pathOf(object)
  const answer = isOurs
    ? await call({ method: 'DELETE', path: `${path}?propagationPolicy=Background` }, calls)
    : await call(
        {
          method: 'PATCH',
          path: `${path}?fieldManager=${fieldManager}`,
          body: { spec: { replicas: 0 } },
          contentType: 'application/merge-patch+json',
        },
        calls,
      )
  if (!isOk(answer) && answer.status !== 404) throw errorFromAnswer(answer, titleOf(object))
}

/** Takes away what `install` created; what has its name by now is left alone. */
export async function withdrawObject(created: KubeObject, calls: CallOptions): Promise<void> {
  const { uid } = created.metadata
  if (uid === undefined) {
    if ((await readObject(created, calls)) === null) return
    throw new SluiceError(
      'Conflict',
      `${titleOf(created)} is there: whether by this hand-over is not known, its write was not answered`,
    )
  }
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } }
  const answer = await call({ method: 'DELETE', path: pathOf(created), body }, calls)
  if (!isOk(answer) && answer.status !== 404 && answer.status !== 409) throw errorFromAnswer(answer, titleOf(created))
}

interface Applied {
  readonly object: KubeObject
  readonly isNew: boolean
}

async function apply(object: KubeObject, calls: CallOptions, isDryRun: boolean): Promise<Applied> {
  const answer = await call(
    {
      method: 'PATCH',
      path: `${pathOf(object)}?fieldManager=${fieldManager}&force=true${isDryRun ? '&dryRun=All' : ''}`,
      body: object,
      contentType: 'application/apply-patch+yaml',
    },
    calls,
  )
  if (!isOk(answer)) throw errorFromAnswer(answer, titleOf(object))
  return { object: answer.json() as KubeObject, isNew: answer.status === 201 }
}

function pathOf(object: KubeObject): string {
  return resourcePath(resourceOf(object), object.metadata.namespace ?? '', object.metadata.name)
}
