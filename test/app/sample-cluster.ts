/** A test cluster that holds the playground's sample fleet: definitions from our own table, every kind and state. */
import { join } from 'node:path'
import { createCustomResourceDefinitions } from '../../shared/flux/custom-resource-definitions.ts'
import { installCustomResourceDefinitions } from '../../electron/adapters/playground/install-definitions.ts'
import { readSamples } from '../../electron/adapters/playground/sample-files.ts'
import { createResourcePaths, loadSample } from '../../electron/adapters/playground/sample-loader.ts'
import { startTestCluster } from '../cluster/start.ts'
import type { TestCluster } from '../cluster/start.ts'

export const samplesFolder = join(import.meta.dirname, '..', '..', 'assets', 'samples')

/** Starts it; `isMoving` adds controller manager, scheduler and kwok, so that Deployments come to life. */
export async function startSampleCluster(name: string, isMoving: boolean): Promise<TestCluster> {
  const components = { controllerManager: isMoving, scheduler: isMoving, kwok: isMoving }
  const cluster = await startTestCluster({ name, components })
  // Into the log that all pods show, so that a test can have more lines follow.
  if (isMoving)
    await cluster.appendPodLog([
      'level=info msg="listening" port=9898',
      'level=warn msg="slow request" path=/api/echo ms=812',
    ])
  try {
    await loadSamples(cluster)
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

export async function loadSamples(cluster: TestCluster): Promise<void> {
  await installCustomResourceDefinitions(cluster.admin, createCustomResourceDefinitions(), new AbortController().signal)
  const paths = createResourcePaths(cluster.admin)
  for (const sample of await readSamples(samplesFolder)) await loadSample(cluster.admin, paths, sample, Date.now())
}
