import type { TestCluster } from './start.ts'

/** Apply requests with dryRun=All that the API server has counted since it started. */
export async function countDryRuns(cluster: TestCluster): Promise<number> {
  const { text } = await cluster.request('GET', '/metrics')
  let total = 0
  for (const line of text.split('\n'))
    if (line.startsWith('apiserver_request_total{') && line.includes('dry_run="All"') && line.includes('verb="APPLY"'))
      total += Number(line.slice(line.lastIndexOf(' ') + 1))
  return total
}
