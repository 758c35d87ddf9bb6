/** A worker that builds what it is told, each time without anything remembered: for benches of a running worker. */
import { hash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { createDiskFiles } from '../../electron/adapters/files/disk-files.ts'
import { createDocumentCache } from '../../electron/engine/kustomize/document-cache.ts'
import { printResources, runBuild } from '../../electron/engine/kustomize/run-build.ts'

export interface BuiltInWorker {
  readonly ms: number
  readonly sha256: string
}

parentPort?.on('message', (folder: string) => {
  const startedAt = performance.now()
  const text = printResources(
    runBuild(folder, {
      files: createDiskFiles(),
      options: { loadRestrictions: 'rootOnly', reorder: 'none', hasManagedByLabel: false },
      documents: createDocumentCache(),
      checkpoint: () => undefined,
      warn: () => undefined,
    }),
  )
  const built: BuiltInWorker = { ms: performance.now() - startedAt, sha256: hash('sha256', text) }
  parentPort?.postMessage(built)
})
