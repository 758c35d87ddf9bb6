/** Entry of a worker of the render pool: keeps a session for each opened folder, answers one request after the other. Thin. */
import { hash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { createJailedFiles } from '../adapters/files/jailed-files.ts'
import { toTreePath } from '../adapters/files/host-path.ts'
import type { RenderReply, RenderRequest, RenderWorkerData } from '../adapters/worker-pool/protocol.ts'
import type { TreeSession } from '../engine/build/incremental/tree-session.ts'
import { createTreeSession } from '../engine/build/incremental/tree-session.ts'
import { BuildError } from '../engine/kustomize/build-error.ts'
import { createDocumentCache } from '../engine/kustomize/document-cache.ts'
import { FileFault } from '../engine/kustomize/files.ts'

const port = parentPort
if (port === null) throw new Error('This file runs as a worker thread only')
const stop = new Int32Array((workerData as RenderWorkerData).stop)
const documents = createDocumentCache()
const sessions = new Map<string, TreeSession>()
let current = 0
let endsAt = Infinity
let deadlineMs = 0

function checkpoint(): void {
  if (Atomics.load(stop, 0) === current) throw new BuildError('Canceled', 'the build was canceled')
  if (performance.now() > endsAt)
    throw new BuildError('LimitExceeded', `the build took more than ${Math.round(deadlineMs / 1000)} s`)
}

function sessionOf(root: string): TreeSession {
  let session = sessions.get(root)
  if (session === undefined) {
    session = createTreeSession({
      files: createJailedFiles(root),
      root: toTreePath(root),
      variables: () => 'unknown',
      decryption: null,
      documents,
      contentKey: (bytes) => hash('sha1', bytes, 'base64'),
      sha256Hex: (text) => hash('sha256', text),
      now: () => performance.now(),
      checkpoint,
    })
    sessions.set(root, session)
  }
  return session
}

function answer(request: RenderRequest): RenderReply {
  const { id, root } = request
  current = id
  deadlineMs = request.deadlineMs
  endsAt = performance.now() + deadlineMs
  try {
    switch (request.do) {
      case 'scan':
        return { id, ok: true, value: sessionOf(root).scan() }
      case 'render':
        return { id, ok: true, value: sessionOf(root).render(request.key) }
      case 'changed':
        return { id, ok: true, value: sessionOf(root).changed(request.paths) }
      case 'close':
        sessions.delete(root)
        return { id, ok: true, value: null }
    }
  } catch (error) {
    if (error instanceof BuildError) return { id, ok: false, code: error.code, message: error.message }
    if (error instanceof FileFault) return { id, ok: false, code: 'FileUnreadable', message: error.message }
    // Half of a session may have been changed: it is made anew.
    sessions.delete(root)
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { id, ok: false, code: 'Fault', message: text }
  }
}

port.on('message', (request: RenderRequest) => port.postMessage(answer(request)))
