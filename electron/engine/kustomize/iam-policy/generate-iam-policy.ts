/**
 * The service account that a cloud's IAM policy generator makes. Only Google's form exists.
 *
 * Owned by iam-policy/. Semantics and texts: kustomize's IAMPolicyGenerator and its filter.
 */
import { BuildError } from '../build-error.ts'
import { Resource } from '../resource/resource.ts'
import type { MapNode } from '../yaml/node.ts'
import { parseDocuments } from '../yaml/parse.ts'

export interface IamPolicyConfig {
  readonly cloud: string
  readonly kubernetesService: { readonly name: string; readonly namespace: string }
  readonly serviceAccount: { readonly name: string; readonly projectId: string }
}

/** The objects to add. Throws BuildError NotSupported for other clouds than `gke`. */
export function generateIamPolicy(config: IamPolicyConfig): readonly Resource[] {
  const { cloud, kubernetesService, serviceAccount } = config
  if (cloud !== 'gke') throw new BuildError('NotSupported', `cloud provider ${cloud} not supported yet`)
  // The values are put into a text that is then read: a name like 123 becomes a number, as it does upstream.
  const lines = [
    'apiVersion: v1',
    'kind: ServiceAccount',
    'metadata:',
    '  annotations:',
    `    iam.gke.io/gcp-service-account: ${serviceAccount.name}@${serviceAccount.projectId}.iam.gserviceaccount.com`,
    `  name: ${kubernetesService.name}`,
  ]
  if (kubernetesService.namespace !== '') lines.push(`  namespace: ${kubernetesService.namespace}`)
  const [node] = parseDocuments(`${lines.join('\n')}\n`, { documents: 'first' })
  return [new Resource(node as MapNode)]
}
