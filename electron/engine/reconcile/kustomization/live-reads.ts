/** Live objects of an apply, each with a GET of its own, as the impersonated account where there is one. */
import type { LiveObjects } from '../../apply/compare-set.ts'
import { call } from '../../apply/server-calls.ts'
import type { CallOptions } from '../../apply/server-calls.ts'
import { createTargetKinds } from '../../apply/target-kinds.ts'
import { errorFromAnswer } from '../../cache/api-answer.ts'
import type { ClusterView, KubeObject } from '../../clusters/view.ts'
import { resourcePath } from '../../clusters/view.ts'
import { SluiceError } from '../../../../shared/model/errors.ts'
import { exactBody } from '../../exact-json.ts'

/** `view` null: another cluster than the one that is watched. */
export function createLiveReads(view: Pick<ClusterView, 'served'> | null, calls: CallOptions): LiveObjects {
  const kinds = createTargetKinds(view, calls)
  const readFresh: LiveObjects['readFresh'] = async ({ apiVersion, kind, namespace, name }) => {
    const title = `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
    const resource = await kinds.find(apiVersion, kind)
    if (resource === null)
      return {
        problem: new SluiceError('ResourceNotServed', `${title}: the cluster does not serve ${apiVersion}`).toData(),
      }
    const path = resourcePath(resource, resource.isNamespaced ? namespace : '', name)
    const answer = await call({ method: 'GET', path }, calls)
    if (answer.status === 200) return { object: exactBody(answer) as KubeObject }
    const error = errorFromAnswer(answer, title)
    if (error.code === 'NotFound') return { object: null }
    return { problem: error.toData() }
  }
  return { read: readFresh, readFresh }
}
