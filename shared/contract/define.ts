import type { z } from 'zod'

/** A read: one input, one output. */
export interface QueryDefinition<I extends z.ZodType, O> {
  readonly kind: 'query'
  readonly input: I
  readonly output?: O
}
/** A write: changes a cluster, the machine or the application's own state. */
export interface CommandDefinition<I extends z.ZodType, O> {
  readonly kind: 'command'
  readonly input: I
  readonly output?: O
}
/** A snapshot followed by ordered deltas of keyed items. */
export interface StreamDefinition<I extends z.ZodType, T extends { readonly key: string }> {
  readonly kind: 'stream'
  readonly input: I
  readonly item?: T
}

export type Definition =
  | QueryDefinition<z.ZodType, unknown>
  | CommandDefinition<z.ZodType, unknown>
  | StreamDefinition<z.ZodType, { readonly key: string }>

/** `query<Output>()(inputSchema)`: the output type is named, the input type is the schema's. */
export const query =
  <O>() =>
  <I extends z.ZodType>(input: I): QueryDefinition<I, O> => ({ kind: 'query', input })
export const command =
  <O>() =>
  <I extends z.ZodType>(input: I): CommandDefinition<I, O> => ({ kind: 'command', input })
export const stream =
  <T extends { readonly key: string }>() =>
  <I extends z.ZodType>(input: I): StreamDefinition<I, T> => ({ kind: 'stream', input })
