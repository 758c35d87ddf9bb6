import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf, digestOfFile, listFiles, readStamp, writeStamp } from '../../scripts/lib/stamps.mjs'

let folder
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-stamps-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const put = (name, text) => {
  mkdirSync(join(folder, name, '..'), { recursive: true })
  writeFileSync(join(folder, name), text)
}

describe('digestOf', () => {
  it('changes with content, name, new and removed files, and nothing else', () => {
    put('src/a.ts', 'one')
    put('src/deep/b.ts', 'two')
    const first = digestOf(folder, ['src'])
    expect(digestOf(folder, ['src'])).toBe(first)
    put('other/c.ts', 'three')
    put('src/node_modules/d.ts', 'four')
    expect(digestOf(folder, ['src'])).toBe(first)

    const seen = new Set([first])
    put('src/a.ts', 'ONE')
    seen.add(digestOf(folder, ['src']))
    put('src/e.ts', '')
    seen.add(digestOf(folder, ['src']))
    rmSync(join(folder, 'src/deep/b.ts'))
    seen.add(digestOf(folder, ['src']))
    seen.add(digestOf(folder, ['src'], ['another tool']))
    expect(seen.size).toBe(5)
  })

  it('does not take a file for the end of its neighbour', () => {
    put('x/a', 'bc')
    const one = digestOf(folder, ['x'])
    rmSync(join(folder, 'x'), { recursive: true })
    put('x/ab', 'c')
    expect(digestOf(folder, ['x'])).not.toBe(one)
  })

  it('leaves out what does not exist', () => {
    expect(listFiles([join(folder, 'absent')])).toEqual([])
    expect(digestOfFile(join(folder, 'absent'))).toBeUndefined()
  })
})

describe('a stamp', () => {
  it('is undefined before it is written, then read as written, leaving no temporary file', () => {
    const file = join(folder, 'dist', '.stamps', 'main')
    expect(readStamp(file)).toBeUndefined()
    writeStamp(file, 'abc')
    writeStamp(file, 'def')
    expect(readStamp(file)).toBe('def')
    expect(readdirSync(join(folder, 'dist', '.stamps'))).toEqual(['main'])
  })
})
