/**
 * Asking a Git server for a pack: protocol version 0, everything said in one request, so that it goes over http and ssh alike. A shallow copy
 * tells what it has, and gets what is missing alone. Protocol: gitprotocol-pack(5), gitprotocol-capabilities(5).
 */
import { SluiceError } from '../../../shared/model/errors.ts'
import { flushPacket, packet, readPackets } from './pkt-line.ts'
import type { SmartTransport } from './smart-transport.ts'

export interface PackQuestion {
  readonly wants: readonly string[]
  /** Commits that are here with all they reach, as far as `shallow` does not cut it off. */
  readonly haves: readonly string[]
  /** Commits whose parents are not here. */
  readonly shallow: readonly string[]
  /** null: the whole history. */
  readonly depth: number | null
  /** `tree:0`: commits alone; only where the server offers `filter`. */
  readonly filter: string | null
  /** What the server said in its advertisement. */
  readonly capabilities: readonly string[]
  /** The repository, for sentences. */
  readonly what: string
  readonly userAgent: string
}

export interface PackAnswer {
  /** What the server cut off, and what it does not any more: the copy's new `shallow`. */
  readonly shallow: ReadonlySet<string>
  /** The pack, as it comes. */
  readonly bytes: AsyncIterable<Uint8Array>
  /** Lets go of what has not been read. */
  close(): Promise<void>
}

/** Throws SluiceError GitFailed: what the server refuses, in its own words as detail. Errors of the way there pass. */
export async function askForPack(
  transport: SmartTransport,
  question: PackQuestion,
  signal: AbortSignal,
): Promise<PackAnswer> {
  const { what, depth } = question
  const broken = (): SluiceError =>
    new SluiceError('GitFailed', `${what} does not speak the git protocol`, { remedy: 'Check spec.url.' })
  const { body } = await transport.uploadPack(Buffer.from(questionText(question)), signal)
  const packets = readPackets(body, broken)
  const shallow = new Set(question.shallow)
  try {
    // The shallow section comes where a depth was asked for, and ends with a flush; then one ACK or NAK; then the pack.
    let isShallowSection = depth !== null
    for (;;) {
      const next = await packets.next()
      if (next.done === true) throw broken()
      if (next.value.kind === 'flush') {
        if (!isShallowSection) throw broken()
        isShallowSection = false
        continue
      }
      const line = next.value.bytes.toString('latin1').replace(/\n$/, '')
      if (line.startsWith('ERR ')) throw refused(what, line.slice(4))
      const [word = '', oid = ''] = line.split(' ')
      if (word === 'shallow' || word === 'unshallow') {
        if (!/^[0-9a-f]{40}$/.test(oid)) throw broken()
        if (word === 'shallow') shallow.add(oid)
        else shallow.delete(oid)
        continue
      }
      if (word !== 'NAK' && word !== 'ACK') throw broken()
      const close = async (): Promise<void> => void (await packets.return(undefined))
      return { shallow, bytes: packOf(packets, what, broken), close }
    }
  } catch (error) {
    await packets.return(undefined)
    throw error
  }
}

function questionText({ wants, haves, shallow, depth, filter, capabilities, userAgent }: PackQuestion): string {
  const offered = (name: string): boolean => capabilities.includes(name)
  // To a shallow copy servers leave out what is there already only where deltas on it are welcome too.
  const asked = [...(haves.length > 0 ? ['thin-pack'] : []), 'side-band-64k', 'ofs-delta', 'no-progress'].filter(
    offered,
  )
  if (depth !== null) asked.push('shallow')
  if (filter !== null) asked.push('filter')
  asked.push(`agent=${userAgent.replace(/[^\x21-\x7e]/g, '.')}`)
  const lines = wants.map((oid, index) => packet(`want ${oid}${index === 0 ? ` ${asked.join(' ')}` : ''}\n`))
  for (const oid of shallow) lines.push(packet(`shallow ${oid}\n`))
  if (depth !== null) lines.push(packet(`deepen ${depth}\n`))
  if (filter !== null) lines.push(packet(`filter ${filter}\n`))
  lines.push(flushPacket)
  for (const oid of haves) lines.push(packet(`have ${oid}\n`))
  lines.push(packet('done\n'))
  return lines.join('')
}

/** Band 1 is the pack, 2 is chatter, 3 is what went wrong. */
async function* packOf(
  packets: ReturnType<typeof readPackets>,
  what: string,
  broken: () => Error,
): AsyncGenerator<Uint8Array> {
  for await (const next of packets) {
    if (next.kind === 'flush') return
    const [band] = next.bytes
    if (band === 1) yield next.bytes.subarray(1)
    else if (band === 3) throw refused(what, next.bytes.toString('utf8', 1))
    else if (band !== 2) throw broken()
  }
}

function refused(what: string, said: string): SluiceError {
  return new SluiceError('GitFailed', `${what} does not give what was asked for`, {
    remedy: 'Look at what the server says: the detail has it.',
    detail: said.trim().slice(0, 2000),
  })
}
