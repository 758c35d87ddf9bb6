/** The controllers' own normalisation, as a program that is built from scripts/data/normalisation into the cache and answers line by line. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { resolveGoProgram } from '../../go-program.ts'
import { askOracle } from '../ask-oracle.ts'

const run = promisify(execFile)

/** Path of the program; null where it is neither in the cache nor can be built because there is no Go. */
export function resolveOracle(): Promise<string | null> {
  return resolveGoProgram('normalisation')
}

/** The committed table as the program would write it. */
export async function writeTable(program: string): Promise<string> {
  return (await run(program, ['table'], { maxBuffer: 16 * 1024 * 1024 })).stdout
}

export type OracleUse = 'kustomize' | 'helm' | 'dryRun' | 'caBundle' | 'read'

export interface OracleAnswer {
  readonly object?: unknown
  readonly objects?: readonly unknown[]
  readonly error?: string
  readonly panic?: boolean
}

/** Answers in the order of the questions, each given as its JSON. Numbers are bigints where a double would not hold them. */
export function askNormalisation(
  program: string,
  questions: readonly { readonly as: OracleUse; readonly json: string }[],
): Promise<readonly OracleAnswer[]> {
  const lines = questions.map(({ as, json }) => `{"as":"${as}","object":${json}}`)
  return askOracle(program, lines, { words: ['answer'], parse: parseExact })
}

function parseExact(text: string): unknown {
  return JSON.parse(text, function (_key, value: unknown, context?: { readonly source?: string }) {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || !/^-?\d+$/.test(context?.source ?? '')) return value
    return BigInt(context!.source!)
  })
}

/** One text for equal values, however their numbers are held; keys sorted. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`).join(',')}}`
  }
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? String(value) : String(Number(value))
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 63) return String(BigInt(value))
  return JSON.stringify(value)
}

/** JSON as Go would read the same numbers out of it. */
export function exactJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, member]) => `${JSON.stringify(key)}:${exactJson(member)}`)
      .join(',')}}`
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}
