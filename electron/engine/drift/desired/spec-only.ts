import type { KubeObject } from '../../clusters/view.ts'

/** What a build depends upon, and nothing that changes while it does not. */
export function specOnly(object: KubeObject): KubeObject {
  const { name, namespace = '' } = object.metadata
  return { apiVersion: object.apiVersion, kind: object.kind, metadata: { name, namespace }, spec: object['spec'] ?? {} }
}
