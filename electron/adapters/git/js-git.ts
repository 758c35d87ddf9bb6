/** Fetching with isomorphic-git: where the machine has no git, and over ssh. */
import fs from 'node:fs'
import { addRemote, fetch as fetchPack, init, writeRef } from 'isomorphic-git'
import type { HttpClient } from 'isomorphic-git'
import { SluiceError } from '../../../shared/model/errors.ts'
import { canceled } from './canceled.ts'
import type { SmartTransport } from './smart-transport.ts'
import { capped, collect } from './smart-transport.ts'
import type { Fetch } from './system-git.ts'

export async function fetchWithJs(fetch: Fetch): Promise<void> {
  const { gitFolder, transport, commit, branch, what, signal } = fetch
  // isomorphic-git wants some http URL; only the transport knows the real one.
  const url = 'http://repository.invalid/r.git'
  const place = { fs, dir: gitFolder, gitdir: gitFolder }
  let fault: unknown = null
  try {
    await init({ ...place, bare: true })
    await addRemote({ ...place, remote: 'sluice', url, force: true })
    const http = clientOf(transport, fetch, (error) => (fault ??= error))
    const reference = commit ?? (branch === '' ? undefined : `refs/heads/${branch}`)
    await fetchPack({
      ...place,
      http,
      url,
      remote: 'sluice',
      ...(reference === undefined ? {} : { ref: reference, remoteRef: reference }),
      ...(commit === null ? {} : { depth: 1 }),
      singleBranch: commit !== null || branch !== '',
      tags: false,
    })
    // isomorphic-git takes a body that breaks off for its end.
    throwIfFaulty(fault)
    if (commit !== null) await writeRef({ ...place, ref: `refs/sluice/${commit}`, value: commit, force: true })
  } catch (error) {
    if (signal.aborted) throw canceled(signal)
    if (fault instanceof SluiceError) throw fault
    if (error instanceof SluiceError) throw error
    throw new SluiceError('GitFailed', `${what} could not be fetched`, {
      remedy: 'Try again; the detail is what the git client said.',
      detail: error instanceof Error ? error.message.slice(0, 2000) : '',
      cause: error,
    })
  }
}

function throwIfFaulty(fault: unknown): void {
  if (fault instanceof Error) throw fault
}

function clientOf(transport: SmartTransport, fetch: Fetch, onFault: (error: unknown) => void): HttpClient {
  const { maxBytes, tooLarge, signal } = fetch
  return {
    async request({ url, method, headers, body }) {
      try {
        const sent = body === undefined ? new Uint8Array() : await collect(toIterable(body))
        const answer = url.includes('/info/refs')
          ? await transport.advertise(signal)
          : await transport.uploadPack(sent, signal)
        const type = url.includes('/info/refs') ? 'advertisement' : 'result'
        return {
          url,
          method: method ?? 'GET',
          statusCode: 200,
          statusMessage: 'OK',
          headers: { ...headers, 'content-type': `application/x-git-upload-pack-${type}` },
          body: capped(answer.body, maxBytes, () => {
            const error = tooLarge()
            onFault(error)
            return error
          }),
        }
      } catch (error) {
        onFault(error)
        throw error
      }
    },
  }
}

async function* toIterable(body: AsyncIterableIterator<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) yield chunk
}
