/** A kind as kubectl's short name in a box; the whole kind stands in the tooltip. */
import type { ReactElement } from 'react'
import { tooltip } from '../tooltip/tooltip.tsx'
import styles from './kind-badge.module.css'

/** kubectl's short names, and Flux's own where the CRD declares one. */
const shortNames: Readonly<Record<string, string>> = {
  Kustomization: 'ks',
  HelmRelease: 'hr',
  GitRepository: 'gitrepo',
  OCIRepository: 'ocirepo',
  HelmRepository: 'helmrepo',
  HelmChart: 'hc',
  ImageRepository: 'imgrepo',
  ImagePolicy: 'imgpol',
  ImageUpdateAutomation: 'iua',
  ConfigMap: 'cm',
  CustomResourceDefinition: 'crd',
  CronJob: 'cj',
  DaemonSet: 'ds',
  Deployment: 'deploy',
  EndpointSlice: 'endpointslice',
  HorizontalPodAutoscaler: 'hpa',
  Ingress: 'ing',
  Namespace: 'ns',
  NetworkPolicy: 'netpol',
  Node: 'no',
  PersistentVolume: 'pv',
  PersistentVolumeClaim: 'pvc',
  Pod: 'po',
  PodDisruptionBudget: 'pdb',
  ReplicaSet: 'rs',
  ResourceQuota: 'quota',
  Service: 'svc',
  ServiceAccount: 'sa',
  StatefulSet: 'sts',
  StorageClass: 'sc',
}

/** The short name that the box shows; lower-case kind where kubectl has none. */
export function shortKind(kind: string): string {
  return Object.hasOwn(shortNames, kind) ? (shortNames[kind] ?? '') : kind.toLowerCase()
}

export function KindBadge({ kind, short }: { readonly kind: string; readonly short?: string }): ReactElement {
  return (
    <span className={styles.kind} {...tooltip(kind)}>
      {short ?? shortKind(kind)}
    </span>
  )
}
