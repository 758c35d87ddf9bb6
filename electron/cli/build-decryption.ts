/** The keys of a rendering command: the user's own, and those that the command line names. */
import { findKeyPlaces, createKeySource } from '../adapters/decrypt/user-keys.ts'
import { nodeSopsCrypto } from '../adapters/decrypt/node-crypto.ts'
import type { UserDecryption } from '../engine/build/build-decryption.ts'
import { createUserDecryption } from '../engine/build/build-decryption.ts'
import type { FluxRenderResult, RenderFault } from '../engine/build/render-result.ts'
import type { ExternalSops } from '../engine/decrypt/recover-keys.ts'
import type { DecryptionArguments } from './build-arguments.ts'
import { ArgumentError } from './build-arguments.ts'

/** Null for `--no-decryption`. Reads no key: that is left to the first document that needs one. */
export function createCliDecryption({ isOn, keyFiles, usesSops }: DecryptionArguments): UserDecryption | null {
  if (!isOn) return null
  const places = findKeyPlaces(process.env, process.platform, keyFiles)
  return createUserDecryption(nodeSopsCrypto, createKeySource(places, usesSops ? findSops : null))
}

async function findSops(): Promise<ExternalSops> {
  const { createSopsBinary, findSopsBinary } = await import('../adapters/decrypt/sops-binary.ts')
  const program = await findSopsBinary(process.env['PATH'] ?? '')
  if (program === null) throw new ArgumentError('--use-sops: there is no sops in the folders of PATH')
  return createSopsBinary({ program, environment: process.env })
}

/** A document that is decrypted may hold encrypted ones in turn; nobody goes deeper than this. */
const maxRounds = 3

/** Repeats what waits for keys until nothing does. `render` tells whether something still waits. */
export async function untilDecrypted(decryption: UserDecryption | null, render: () => boolean): Promise<void> {
  for (let round = 0; render() && round < maxRounds; round++)
    if (decryption === null || !(await decryption.recover().catch(refuseKeys))) return
}

/** A file that the command line named. */
function refuseKeys(error: unknown): never {
  throw error instanceof Error && error.name === 'KeyFileFault' ? new ArgumentError(error.message) : error
}

/** The error of a result for who asked for the output itself: where a key is missing, the controller would have stopped. */
export function errorOf(result: FluxRenderResult, decryption: UserDecryption | null): RenderFault | null {
  const missing = result.assumptions.find(({ kind }) => kind === 'undecryptable')
  if (decryption === null || missing === undefined) return result.error
  return { code: 'DecryptionFailed', message: missing.message, file: missing.file, line: missing.line }
}
