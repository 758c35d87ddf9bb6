/** Finds and reads the conformance data that lies beside the checkout; suites skip, saying so, where it is not. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { absent } from '../in-ci.ts'

const folder = new URL('../../../shared/corpus/', import.meta.url)

/** Path of a file or folder of the corpus, or null (said once on stderr; in CI an error) where it is absent. */
export function corpusPath(name: string): string | null {
  const path = fileURLToPath(new URL(name, folder))
  if (existsSync(path)) return path
  process.stderr.write(`Conformance data ${name} is not beside this checkout: its suite is skipped.\n`)
  return absent(`Conformance data ${name} is not beside this checkout`)
}

/** The JSON of a corpus file, or null where it is absent. */
export function readCorpus<T>(name: string): T | null {
  const path = corpusPath(name)
  return path === null ? null : (JSON.parse(readFileSync(path, 'utf8')) as T)
}
