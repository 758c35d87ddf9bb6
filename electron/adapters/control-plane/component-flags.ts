/** Command lines of the components. Everything listens on 127.0.0.1 only, on ports that the system chose. */
import type { PkiFolder } from './pki-folder.ts'

export interface Ports {
  readonly apiServer: number
  readonly etcdClient: number
  readonly etcdPeer: number
  readonly controllerManager: number
  readonly scheduler: number
  readonly kwok: number
}

const loopback = (port: number): string => `https://127.0.0.1:${port}`

export function etcdFlags(pki: PkiFolder, ports: Ports, dataFolder: string, fsync: boolean): readonly string[] {
  const client = loopback(ports.etcdClient)
  const peer = loopback(ports.etcdPeer)
  // SECURITY: TLS with client certificates also on loopback: other users of the machine reach these ports too.
  return [
    '--name=sluice',
    `--data-dir=${dataFolder}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=sluice=${peer}`,
    '--client-cert-auth=true',
    `--trusted-ca-file=${pki.file('etcd-ca.crt')}`,
    `--cert-file=${pki.file('etcd.crt')}`,
    `--key-file=${pki.file('etcd.key')}`,
    '--peer-client-cert-auth=true',
    `--peer-trusted-ca-file=${pki.file('etcd-ca.crt')}`,
    `--peer-cert-file=${pki.file('etcd.crt')}`,
    `--peer-key-file=${pki.file('etcd.key')}`,
    '--log-level=warn',
    ...(fsync ? [] : ['--unsafe-no-fsync']),
  ]
}

export function apiServerFlags(pki: PkiFolder, ports: Ports, extra: readonly string[]): readonly string[] {
  return [
    `--etcd-servers=${loopback(ports.etcdClient)}`,
    `--etcd-cafile=${pki.file('etcd-ca.crt')}`,
    `--etcd-certfile=${pki.file('etcd-client.crt')}`,
    `--etcd-keyfile=${pki.file('etcd-client.key')}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.apiServer}`,
    // A machine without a default route has no other address, and endpoints must not hold a loopback address.
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${pki.file('apiserver.crt')}`,
    `--tls-private-key-file=${pki.file('apiserver.key')}`,
    `--client-ca-file=${pki.file('ca.crt')}`,
    '--anonymous-auth=false',
    '--authorization-mode=RBAC',
    `--service-account-key-file=${pki.file('sa.pub')}`,
    `--service-account-signing-key-file=${pki.file('sa.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    '--disable-admission-plugins=ServiceAccount',
    `--kubelet-certificate-authority=${pki.file('ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP',
    ...extra,
  ]
}

export function controllerManagerFlags(pki: PkiFolder, ports: Ports, kubeconfig: string): readonly string[] {
  return [
    ...delegatedFlags(pki, ports.controllerManager, kubeconfig),
    `--service-account-private-key-file=${pki.file('sa.key')}`,
    `--root-ca-file=${pki.file('ca.crt')}`,
    '--use-service-account-credentials=false',
    '--kube-api-qps=300',
    '--kube-api-burst=300',
  ]
}

export function schedulerFlags(pki: PkiFolder, ports: Ports, kubeconfig: string): readonly string[] {
  return [...delegatedFlags(pki, ports.scheduler, kubeconfig), '--kube-api-qps=300', '--kube-api-burst=300']
}

export function kwokFlags(pki: PkiFolder, ports: Ports, kubeconfig: string, config: string): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--config=${config}`,
    '--manage-all-nodes=true',
    // Without leases the controller manager takes every node for lost after 50 s, and its pods for not ready.
    '--node-lease-duration-seconds=40',
    '--node-ip=127.0.0.1',
    `--node-port=${ports.kwok}`,
    `--server-address=127.0.0.1:${ports.kwok}`,
    `--tls-cert-file=${pki.file('local-server.crt')}`,
    `--tls-private-key-file=${pki.file('local-server.key')}`,
  ]
}

function delegatedFlags(pki: PkiFolder, port: number, kubeconfig: string): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${pki.file('local-server.crt')}`,
    `--tls-private-key-file=${pki.file('local-server.key')}`,
  ]
}
