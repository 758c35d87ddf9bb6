/**
 * Wire frames: each frame is one UTF-8 JSON text in a transferred ArrayBuffer. Client frames are small and bounded; host frames
 * of a stream carry at most `maxItemsPerFrame` items, so that parsing one never takes the window's thread for long.
 */
import type { SluiceErrorData } from '../model/errors.ts'

/** Both sides say theirs in their first words; different ones do not talk. */
export const contractVersion = 1
/** Bytes; a longer client frame closes the connection. */
export const maxClientFrameBytes = 2 * 1024 * 1024
export const maxItemsPerFrame = 250
/** At least this long between two frames of one stream: 20 a second. */
export const minFrameIntervalMs = 50

/** `call`: query, command or stream by its name. `cancel`: abort a call, close a stream. Ids are never reused on one connection. */
export type ClientFrame =
  | { readonly t: 'call'; readonly id: number; readonly p: string; readonly i?: unknown }
  | { readonly t: 'cancel'; readonly id: number }

export type HostFrame =
  /** First frame of a connection. */
  | { readonly t: 'hello'; readonly version: number }
  | { readonly t: 'ok'; readonly id: number; readonly v: unknown }
  | { readonly t: 'err'; readonly id: number; readonly e: SluiceErrorData }
  /** Stream delta. seq starts at 1 and rises by 1; a gap means resubscribe. `ready`: the snapshot is complete with this frame. */
  | {
      readonly t: 'delta'
      readonly id: number
      readonly seq: number
      readonly up: readonly unknown[]
      readonly rm: readonly string[]
      readonly ready: boolean
    }
  | { readonly t: 'end'; readonly id: number; readonly e: SluiceErrorData | null }

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

export function encodeFrame(frame: ClientFrame | HostFrame): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(frame))
}

/** Parses one frame's bytes as JSON; throws on invalid UTF-8 or JSON. The caller checks the shape. */
export function decodeFrame(bytes: ArrayBuffer | Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes))
}
