/** The nodes that kwok plays, and the logs that it serves for every container of every pod on them. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { AdminClient } from './admin-client.ts'

/** Log lines for the pods that match all given lists; the first entry that matches a pod counts. */
export interface PodLog {
  readonly namespaces?: readonly string[]
  readonly names?: readonly string[]
  readonly containers?: readonly string[]
  readonly lines: readonly string[]
}

/** A port of every pod of a namespace that leads to a port of this machine. */
export interface PodPort {
  readonly namespace: string
  readonly port: number
  readonly localPort: number
}

/** Writes kwok's configuration and the log files; `podLogFile` is what all pods without an entry of their own show. */
export async function writeKwokConfig(
  folder: string,
  podLogs: readonly PodLog[],
  podPorts: readonly PodPort[] = [],
): Promise<{ config: string; podLogFile: string }> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const podLogFile = path.join(folder, 'pods.log')
  const entries = [...podLogs, { lines: ['started'] } satisfies PodLog]
  const documents: unknown[] = podPorts.map(({ namespace, port, localPort }, position) => ({
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'ClusterPortForward',
    metadata: { name: `port-${position}` },
    spec: {
      selector: { matchNamespaces: [namespace] },
      forwards: [{ ports: [port], target: { address: '127.0.0.1', port: localPort } }],
    },
  }))
  for (const [position, entry] of entries.entries()) {
    const isLast = position === entries.length - 1
    const logsFile = isLast ? podLogFile : path.join(folder, `pods-${position}.log`)
    await writeFile(logsFile, '')
    await appendPodLog(logsFile, entry.lines)
    const selector = {
      ...(entry.namespaces ? { matchNamespaces: entry.namespaces } : {}),
      ...(entry.names ? { matchNames: entry.names } : {}),
    }
    documents.push({
      apiVersion: 'kwok.x-k8s.io/v1alpha1',
      kind: 'ClusterLogs',
      metadata: { name: isLast ? 'all' : `logs-${position}` },
      spec: {
        ...(Object.keys(selector).length ? { selector } : {}),
        logs: [{ ...(entry.containers ? { containers: entry.containers } : {}), logsFile, follow: true }],
      },
    })
  }
  const config = path.join(folder, 'kwok.yaml')
  await writeFile(config, documents.map((document) => JSON.stringify(document)).join('\n---\n'))
  return { config, podLogFile }
}

/** Appends lines in the format that container runtimes write (time, stream, full-line mark, text). */
export async function appendPodLog(file: string, lines: readonly string[]): Promise<void> {
  const at = new Date().toISOString()
  await appendFile(file, lines.map((line) => `${at} stdout F ${line}\n`).join(''))
}

/** Creates what is missing of `count` nodes and tells the API server where their kubelet (kwok) listens. */
export async function ensureNodes(client: AdminClient, count: number, kwokPort: number): Promise<void> {
  for (const name of nodeNames(count)) {
    const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', type: 'kwok' }
    await client.request('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } })
    const status = {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: kwokPort } },
      capacity: { cpu: '64', memory: '256Gi', pods: '10000' },
      allocatable: { cpu: '64', memory: '256Gi', pods: '10000' },
    }
    await client.request('PATCH', `/api/v1/nodes/${name}/status`, { status }, 'application/merge-patch+json')
  }
}

/** True when all nodes report Ready. */
export async function areNodesReady(client: AdminClient, count: number): Promise<boolean> {
  for (const name of nodeNames(count)) {
    const { body } = await client.request('GET', `/api/v1/nodes/${name}`)
    const conditions = (body as { status?: { conditions?: { type: string; status: string }[] } }).status?.conditions
    if (!conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')) return false
  }
  return true
}

const nodeNames = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `node-${index + 1}`)
