/** What the host lets in as a client frame. Apart from frames.ts, so that neither the window nor main carries a schema library. */
import { z } from 'zod'
import type { ClientFrame } from './frames.ts'

const callId = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

// SECURITY: item 7: strict: an unknown field is a fault, not something to pass on.
export const clientFrame: z.ZodType<ClientFrame> = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('call'), id: callId, p: z.string().min(1).max(64), i: z.unknown() }),
  z.strictObject({ t: z.literal('cancel'), id: callId }),
])
