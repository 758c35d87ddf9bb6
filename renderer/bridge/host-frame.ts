import type { HostFrame } from '../../shared/contract/frames.ts'

/**
 * One frame of the host, its shape checked as far as the bridge relies on it; null for anything else. Items are the contract's own
 * types: the host is trusted to send what it derives from the same contract.
 */
export function readHostFrame(data: unknown, decode: (bytes: ArrayBuffer | Uint8Array) => unknown): HostFrame | null {
  if (!isBytes(data)) return null
  let frame: unknown
  try {
    frame = decode(data)
  } catch {
    return null
  }
  if (typeof frame !== 'object' || frame === null || !('t' in frame)) return null
  const { t, id, seq, up, rm, ready, version } = frame as Record<string, unknown>
  if (t === 'hello') return typeof version === 'number' ? (frame as HostFrame) : null
  if (typeof id !== 'number') return null
  if (t === 'ok' || t === 'err' || t === 'end') return frame as HostFrame
  if (t !== 'delta') return null
  const isWhole = typeof seq === 'number' && Array.isArray(up) && Array.isArray(rm) && typeof ready === 'boolean'
  return isWhole ? (frame as HostFrame) : null
}

/** By tag, not by instance: a buffer may come from another realm. */
function isBytes(data: unknown): data is ArrayBuffer | Uint8Array {
  return ArrayBuffer.isView(data) || Object.prototype.toString.call(data) === '[object ArrayBuffer]'
}
