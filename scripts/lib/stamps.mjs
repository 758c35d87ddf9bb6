/**
 * Stamps: what a step was made from, so that it is skipped while that has not changed.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const skipped = new Set(['node_modules', '.git', 'dist', 'out'])

/** Every file under the given files and folders, absolute, sorted; what does not exist is left out. */
export function listFiles(paths) {
  const found = []
  const visit = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return
    if (!stat.isDirectory()) {
      found.push(path)
      return
    }
    for (const name of readdirSync(path)) if (!skipped.has(name)) visit(join(path, name))
  }
  for (const path of paths) visit(path)
  return found.sort()
}

/** SHA-256 (hex) over names and contents of every file under `paths`, and over the `extra` texts, order kept. */
export function digestOf(base, paths, extra = []) {
  const hash = createHash('sha256')
  for (const text of extra) hash.update(`${text}\0`)
  for (const file of listFiles(paths.map((path) => join(base, path)))) {
    hash.update(`${relative(base, file)}\0`)
    // A file that another program removes meanwhile counts as absent.
    let content = ''
    try {
      content = readFileSync(file)
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
    }
    hash.update(content)
    hash.update('\0')
  }
  return hash.digest('hex')
}

/** SHA-256 (hex) of one file, or undefined when it is absent. */
export function digestOfFile(file) {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** The stamp kept in `file`, or undefined when there is none. */
export function readStamp(file) {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  }
}

/** Keeps a stamp, in one step: a reader sees the old one or the new one. */
export function writeStamp(file, text) {
  mkdirSync(dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}`
  writeFileSync(temporary, `${text}\n`)
  renameSync(temporary, file)
}
