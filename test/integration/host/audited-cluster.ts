/** A cluster with Flux's definitions whose API server writes an audit log, which a test may read at any time. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestCluster } from '../../cluster/start.ts'
import { startTestCluster } from '../../cluster/start.ts'

export interface AuditLine {
  readonly verb: string
  readonly userAgent?: string
  readonly requestURI: string
  readonly requestReceivedTimestamp: string
  readonly stageTimestamp: string
  readonly objectRef?: {
    readonly resource: string
    readonly name?: string
    readonly apiGroup?: string
    readonly subresource?: string
  }
  readonly responseStatus?: { readonly code: number }
  /** Only where the rule's level is RequestResponse. */
  readonly responseObject?: { readonly spec?: { readonly holderIdentity?: string } }
}

export interface AuditedCluster {
  readonly cluster: TestCluster
  /** In the order of the log: as answers were finished. */
  audit(): Promise<readonly AuditLine[]>
  stop(): Promise<void>
}

/** Who held which lease, with each change of it; to be put before rules that leave leases out. */
export const leaseRule = `
  - level: RequestResponse
    verbs: [create, update, patch]
    resources: [{group: coordination.k8s.io, resources: [leases]}]
    namespaces: [flux-system]`

/** `rules`: of an audit policy, as YAML, indented by two; what none of them names is left out. */
export async function startAuditedCluster(rules: string): Promise<AuditedCluster> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-audit-'))
  const policyFile = path.join(folder, 'policy.yaml')
  const auditFile = path.join(folder, 'audit.log')
  const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:'
  await writeFile(policyFile, `${head}${rules}\n  - level: None\n`)
  const cluster = await startTestCluster({
    crds: 'flux',
    extraApiServerArgs: [`--audit-policy-file=${policyFile}`, `--audit-log-path=${auditFile}`],
  })
  return {
    cluster,
    async audit() {
      const lines = (await readFile(auditFile, 'utf8')).split('\n')
      // The last one may be on its way.
      return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as AuditLine)
    },
    async stop() {
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
