/** kubectl's short names of core kinds, by `group/Kind`; kinds without one are written in lower case. */
import { findFluxKind, fluxKind } from './kinds.ts'

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

/** The kind that a word stands for: a short name of kubectl's, or a name of a Flux kind; else the word itself. Letters of any case. */
export function kindOfWord(word: string): string {
  const known = findFluxKind(word)
  if (known !== null) return known.kind
  const short = word.toLowerCase()
  const found = Object.entries(coreShortNames).find(([, name]) => name === short)
  return found === undefined ? word : found[0].slice(found[0].indexOf('/') + 1)
}
