/** Strict input schemas. Every string is bounded, every array is bounded, unknown keys are refused. */
import { z } from 'zod'
import { actionNames } from '../model/actions.ts'
import { historyTones, historyTypes } from '../model/history.ts'
import { notifyEvents } from '../model/notify.ts'
import { bootstrapSecrets } from '../model/bootstrap.ts'
import { reportFormats } from '../model/report.ts'

const name = z.string().min(1).max(253)
export const contextId = z.string().min(1).max(512)
export const objectRef = z.strictObject({
  cluster: z.string().min(1).max(128),
  group: z.string().max(253),
  kind: name,
  namespace: z.string().max(253),
  name,
})
export const empty = z.strictObject({})
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
export const operationId = z.string().min(1).max(64)
export const planRequest = z.strictObject({
  action: z.enum(actionNames),
  refs: z.array(objectRef).min(1).max(5000),
  reason: z.string().max(1000).optional(),
  /** Milliseconds since the epoch. */
  until: z.number().int().min(0).max(8.64e15).optional(),
  owner: z.string().max(253).optional(),
})

/** SECURITY: item 10: becomes part of an address. */
export const fluxRelease = z.strictObject({
  version: z
    .string()
    .regex(/^v\d{1,4}\.\d{1,4}\.\d{1,4}(-[0-9A-Za-z]+([.-][0-9A-Za-z]+)*)?$/)
    .max(64),
  checksum: z.string().regex(/^[0-9a-f]{64}$/),
})

export const manifestsChoice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('program') }),
  z.strictObject({ kind: z.literal('picked'), id: z.string().min(1).max(64) }),
  fluxRelease.extend({ kind: z.literal('release') }),
])

/** SECURITY: item 10: nothing that git could read as an option, a way out of the folder, or another line of a commit. */
export const bootstrapTarget = z.strictObject({
  source: objectRef.nullable(),
  url: z.string().max(500),
  branch: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.+/-]*$/)
    .refine((text) => !/\.\.|\/\/|\/\.|\.lock(\/|$)|[./]$/.test(text)),
  path: z
    .string()
    .max(500)
    .regex(/^([A-Za-z0-9_][A-Za-z0-9_. +-]*(\/[A-Za-z0-9_][A-Za-z0-9_. +-]*)*)?$/),
  author: z.strictObject({
    name: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[^<>\p{Cc}\p{Zl}\p{Zp}]*[^<>\p{C}\p{Z}][^<>\p{Cc}\p{Zl}\p{Zp}]*$/u),
    email: z
      .string()
      .max(200)
      .regex(/^[^<>\p{C}\p{Z}]*$/u),
  }),
  secret: z.enum(bootstrapSecrets),
  key: z.string().max(64),
})

/** NotifyRule of model/notify.ts. */
export const notifyRule = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/),
  event: z.enum(notifyEvents),
  isOn: z.boolean(),
  context: contextId.nullable(),
  filter: z.string().max(500),
  afterMs: z.number().int().min(0).max(34_560_000_000),
  everyMs: z.number().int().min(0).max(604_800_000),
})
const minuteOfDay = z.number().int().min(0).max(1439)
export const quietHours = z.strictObject({ isOn: z.boolean(), from: minuteOfDay, until: minuteOfDay })

export const repositoryId = z.string().regex(/^[0-9a-f]{16}$/)
export const repositoryEntry = z.string().min(1).max(1500)
export const repositoryRevision = z.number().int().min(0).max(1e9)
/** A path inside a repository: relative, forward slashes, no way out. The engine follows links and checks again where they lead. */
export const repositoryPath = z
  .string()
  .min(1)
  .max(1024)
  .refine((path) => isInnerPath(path), 'not a path inside the repository')

function isInnerPath(path: string): boolean {
  return !path.includes('\\') && !path.includes('\0') && !/^[A-Za-z]:/.test(path) && path.split('/').every(isInnerPart)
}

function isInnerPart(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..'
}

const historyWords = z.array(z.string().min(1).max(253)).max(50)
/** CompareScope of model/history-compare.ts. */
export const compareScope = z.strictObject({
  clusters: z.array(z.string().min(1).max(128)).min(1).max(200),
  owner: objectRef.nullable(),
  ref: objectRef.nullable(),
})
/** Milliseconds since the epoch. */
export const instant = z.number().int().min(0).max(8.64e15)
/** A time, or a revision. */
export const comparePoint = z.union([instant, z.string().min(1).max(300)])
/** HistoryQuery of model/history.ts. */
export const historyQuery = z.strictObject({
  clusters: z.array(z.string().min(1).max(128)).max(200).optional(),
  owner: objectRef.optional(),
  ref: objectRef.optional(),
  types: z.array(z.enum(historyTypes)).max(historyTypes.length).optional(),
  kinds: historyWords.optional(),
  namespaces: historyWords.optional(),
  reasons: historyWords.optional(),
  by: historyWords.optional(),
  tones: z.array(z.enum(historyTones)).max(historyTones.length).optional(),
  commits: z.array(z.string().min(4).max(300)).max(50).optional(),
  words: historyWords.optional(),
  text: z.string().min(1).max(500).optional(),
  from: instant.optional(),
  until: instant.optional(),
})
/** A range of the history as a document. */
export const reportRequest = z.strictObject({
  query: historyQuery,
  from: instant,
  until: instant,
  title: z.string().min(1).max(200),
  /** In words, for the reader. */
  filter: z.string().max(500),
  format: z.enum(reportFormats),
})
