/**
 * Handing a pack to a Git server, and one branch with it: protocol version 0, one reference, never forced: the server moves it from the commit
 * that is told, or refuses. Protocol: gitprotocol-pack(5), "Pushing Data To a Server".
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import { flushPacket, packet, readPackets } from './pkt-line.ts'
import type { SmartTransport } from './smart-transport.ts'

export interface PackHandOver {
  readonly reference: string
  /** 40 zeros: it is new. */
  readonly from: string
  readonly to: string
  readonly pack: Uint8Array
  /** What the server said in its advertisement for pushes. */
  readonly capabilities: readonly string[]
  /** The repository, for sentences. */
  readonly what: string
  readonly userAgent: string
}

export const noCommit = '0'.repeat(40)
const maxSaid = 2000

/** Resolves when the server has moved the branch. Throws SluiceError GitFailed with the server's words; errors of the way there pass. */
export async function sendPack(transport: SmartTransport, push: PackHandOver, signal: AbortSignal): Promise<void> {
  const { reference, from, to, pack, capabilities, what, userAgent } = push
  const broken = (): SluiceError =>
    new SluiceError('GitFailed', `${what} does not say what became of the push`, {
      remedy: 'Look at the plan again: it tells what is in the repository now.',
    })
  if (!capabilities.includes('report-status')) throw broken()
  const hasBands = capabilities.includes('side-band-64k')
  const asked = ['report-status', ...(hasBands ? ['side-band-64k'] : [])]
  asked.push(`agent=${userAgent.replace(/[^\x21-\x7e]/g, '.')}`)
  const head = `${packet(`${from} ${to} ${reference}\0${asked.join(' ')}\n`)}${flushPacket}`
  const { body } = await transport.receivePack(Buffer.concat([Buffer.from(head), pack]), signal)
  let said = ''
  const report: Buffer[] = []
  const lines: string[] = []
  const read = (bytes: Buffer): void => void lines.push(bytes.toString('utf8').trimEnd())
  for await (const next of readPackets(body, broken)) {
    if (next.kind === 'flush') continue
    if (!hasBands) read(next.bytes)
    else if (next.bytes[0] === 1) report.push(next.bytes.subarray(1))
    else said = (said + next.bytes.toString('utf8', 1)).slice(0, maxSaid)
  }
  if (hasBands)
    for await (const next of readPackets(once(Buffer.concat(report)), broken))
      if (next.kind === 'data') read(next.bytes)
  const unpacked = lines.find((line) => line.startsWith('unpack '))
  const verdict = lines.find((line) => line === `ok ${reference}` || line.startsWith(`ng ${reference}`))
  if (unpacked === 'unpack ok' && verdict === `ok ${reference}`) return
  if (unpacked === undefined && said === '') throw broken()
  const reason = verdict?.slice(`ng ${reference} `.length) ?? unpacked?.slice('unpack '.length) ?? 'no reason given'
  throw new SluiceError('GitFailed', `${what} refuses the push to ${reference.replace('refs/heads/', '')}: ${reason}`, {
    remedy:
      'Look at what the server says: the branch may be protected. Choose another one, or ask for the right to push.',
    detail: said.trim(),
  })
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}
