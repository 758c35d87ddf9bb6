/** Entry of a worker of the render pool: keeps a session for each opened folder, answers one request after the other. Thin. */
import { hash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { createJailedFiles } from '../adapters/files/jailed-files.ts'
import { toTreePath } from '../adapters/files/host-path.ts'
import { nodeSopsCrypto } from '../adapters/decrypt/node-crypto.ts'
import { createKeySource } from '../adapters/decrypt/user-keys.ts'
import type { KeyPlaces } from '../adapters/decrypt/user-keys.ts'
import { createClusterSessions } from '../adapters/worker-pool/cluster-sessions.ts'
import type { RenderReply, RenderRequest, RenderWorkerData } from '../adapters/worker-pool/protocol.ts'
import { createUserDecryption } from '../engine/build/build-decryption.ts'
import type { TreeSession } from '../engine/build/incremental/tree-session.ts'
import { createTreeSession } from '../engine/build/incremental/tree-session.ts'
import { createCodec } from '../adapters/node/codec.ts'
import { answerRelease } from '../engine/helm/prepare-release.ts'
import { BuildError } from '../engine/kustomize/build-error.ts'
import { createDocumentCache } from '../engine/kustomize/document-cache.ts'
import { FileFault } from '../engine/kustomize/files.ts'

const port = parentPort
if (port === null) throw new Error('This file runs as a worker thread only')
const stop = new Int32Array((workerData as RenderWorkerData).stop)
const documents = createDocumentCache()
/** One set of keys for all folders; what it recovers stays in this thread. */
const decryption = createUserDecryption(nodeSopsCrypto)
let keysInUse = 'null'
const sessions = new Map<string, TreeSession>()
const clusters = createClusterSessions({ checkpoint })
const codec = createCodec()
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
      decryption,
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

function useKeys(keys: KeyPlaces | null): void {
  const text = JSON.stringify(keys)
  if (text === keysInUse) return decryption.refresh()
  keysInUse = text
  decryption.use(keys === null ? null : createKeySource(keys))
}

/** A document that is decrypted may hold encrypted ones in turn; nobody goes deeper than this. */
const maxRounds = 3

async function render(session: TreeSession, key: string): Promise<ReturnType<TreeSession['render']>> {
  let rendered = session.render(key)
  for (let round = 0; round < maxRounds && (await decryption.recover(checkpoint)); round++)
    rendered = session.render(key)
  return rendered
}

async function answer(request: RenderRequest): Promise<RenderReply> {
  const { id, root } = request
  current = id
  deadlineMs = request.deadlineMs
  endsAt = performance.now() + deadlineMs
  try {
    if (request.do === 'cluster') {
      const ownKeys = request.ownKeys === null ? null : createKeySource(request.ownKeys)
      return { id, ok: true, value: await clusters.render(request.request, ownKeys) }
    }
    if (request.do === 'release') return { id, ok: true, value: answerRelease(request.request, { codec, checkpoint }) }
    if (request.do === 'print') {
      // Loaded when the first large object is looked at.
      const { printCompared } = await import('../engine/diff/print-compared.ts')
      return { id, ok: true, value: printCompared(request.compared) }
    }
    useKeys(request.keys)
    switch (request.do) {
      case 'scan':
        return { id, ok: true, value: sessionOf(root).scan() }
      case 'render':
        return { id, ok: true, value: await render(sessionOf(root), request.key) }
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

port.on('message', (request: RenderRequest) => void answer(request).then((reply) => port.postMessage(reply)))
