/** The stages in which a set is applied. Source: flux-semantics §2.7: kind names as they are compared there. */
import type { KubeObject } from '../clusters/view.ts'
import type { DesiredSet } from '../drift/desired-set.ts'
import { compareKindOrder } from '../inventory/apply-order.ts'
import { entryOf } from './server-calls.ts'
import { groupOf } from '../status/read.ts'

export interface ApplyStage {
  /** In the order of applying. */
  readonly objects: readonly KubeObject[]
  /** Its objects must be ready before the next stage begins. */
  readonly isWaitedFor: boolean
}

/** Definitions, classes, kinds of the controller's own argument, all the rest; empty ones are left out. */
export function stagesOf(
  objects: readonly KubeObject[],
  customKinds: DesiredSet['customStageKinds'],
): readonly ApplyStage[] {
  const stages: KubeObject[][] = [[], [], [], []]
  for (const object of objects) {
    const group = groupOf(object.apiVersion)
    const stage = isClusterDefinition(object)
      ? 0
      : object.kind.endsWith('Class')
        ? 1
        : customKinds.some((each) => each.group === group && each.kind === object.kind)
          ? 2
          : 3
    stages[stage]?.push(object)
  }
  return stages.flatMap((stage, index) =>
    stage.length === 0
      ? []
      : [
          {
            objects: stage.sort((a, b) => compareKindOrder(entryOf(a), entryOf(b))),
            isWaitedFor: index < 2,
          },
        ],
  )
}

export function isDefinition(object: KubeObject): boolean {
  return (
    object.kind.toLowerCase() === 'customresourcedefinition' && object.apiVersion.startsWith('apiextensions.k8s.io/')
  )
}

function isClusterDefinition(object: KubeObject): boolean {
  const kind = object.kind.toLowerCase()
  return (
    isDefinition(object) ||
    (kind === 'namespace' && object.apiVersion === 'v1') ||
    (kind === 'clusterrole' && object.apiVersion.startsWith('rbac.authorization.k8s.io/'))
  )
}
