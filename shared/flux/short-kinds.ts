/** kubectl's short names of core kinds, by `group/Kind`; kinds without one are written in lower case. */
import { fluxKind } from './kinds.ts'

const coreShortNames: Readonly<Record<string, string>> = {
  '/ConfigMap': 'cm',
  '/Endpoints': 'ep',
  '/Event': 'ev',
  '/LimitRange': 'limits',
  '/Namespace': 'ns',
  '/Node': 'no',
  '/PersistentVolume': 'pv',
  '/PersistentVolumeClaim': 'pvc',
  '/Pod': 'po',
  '/ReplicationController': 'rc',
  '/ResourceQuota': 'quota',
  '/Service': 'svc',
  '/ServiceAccount': 'sa',
  'apiextensions.k8s.io/CustomResourceDefinition': 'crd',
  'apps/DaemonSet': 'ds',
  'apps/Deployment': 'deploy',
  'apps/ReplicaSet': 'rs',
  'apps/StatefulSet': 'sts',
  'autoscaling/HorizontalPodAutoscaler': 'hpa',
  'batch/CronJob': 'cj',
  'certificates.k8s.io/CertificateSigningRequest': 'csr',
  'events.k8s.io/Event': 'ev',
  'networking.k8s.io/Ingress': 'ing',
  'networking.k8s.io/NetworkPolicy': 'netpol',
  'policy/PodDisruptionBudget': 'pdb',
  'scheduling.k8s.io/PriorityClass': 'pc',
  'storage.k8s.io/StorageClass': 'sc',
}

/** `ks`, `deploy`, `po`; the lower-case kind where there is no short name. `served` are discovery's, used before that fallback. */
export function shortKind(group: string, kind: string, served: readonly string[] = []): string {
  return fluxKind(group, kind)?.shortNames[0] ?? coreShortNames[`${group}/${kind}`] ?? served[0] ?? kind.toLowerCase()
}
