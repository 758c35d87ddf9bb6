/**
 * What must not stand in any file of the project, read as text: names of machines, sources of untrusted markup, second
 * factories, clocks in the engine. One rule per test.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import vitestConfig from '../../vitest.config.ts'

const root = path.resolve(import.meta.dirname, '../..')
const self = 'test/architecture/text-rules.test.ts'
const binary = /\.(png|ico|icns|svg|woff2?|gz|xz|tgz)$/

/** Every file that is or could be committed, with its text. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && file !== self && !binary.test(file) && existsSync(path.join(root, file)))
  .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }))

const sources = files.filter(({ file }) => /^(shared|electron|renderer)\/.*\.tsx?$/.test(file))

/** The text without its comments, roughly: enough for rules about what code calls. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
}

/** `file:line: text` for every line of `where` that matches. */
function linesWith(where: readonly { readonly file: string; readonly text: string }[], pattern: RegExp): string[] {
  return where.flatMap(({ file, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${file}:${String(index + 1)}: ${line.trim().slice(0, 120)}`] : [],
      ),
  )
}

const codeFiles = sources.map(({ file, text }) => ({ file, text: codeOf(text) }))
const inFolder = (folder: string) => codeFiles.filter(({ file }) => file.startsWith(folder))

describe('no file', () => {
  it('names a path of the machine that it was written on', () => {
    expect(linesWith(files, /(^|[^\w.-])\/(work|tmp\/sluice|home\/[a-z]+|Users\/[A-Za-z]+)\/(?!<)/)).toEqual([])
  })

  it('names a package registry', () => {
    const hosts =
      /registry\.(npmjs|yarnpkg)\.\w+|npm\.pkg\.github|(proxy|sum)\.golang\.org|pypi\.org|index\.crates\.io|artifactory/i
    expect(linesWith(files, hosts)).toEqual([])
    const lock = files.find(({ file }) => file === 'package-lock.json')
    expect(lock?.text).not.toMatch(/"resolved": "https?:/)
  })

  it('assembles markup from text', () => {
    const markup =
      /dangerouslySetInnerHTML|\.(inner|outer)HTML\s*=|insertAdjacentHTML|document\.write\(|createContextualFragment/
    expect(linesWith(codeFiles, markup)).toEqual([])
  })

  it('evaluates text as code', () => {
    expect(linesWith(codeFiles, /\beval\(|new Function\(|\bvm\.(run|Script)/)).toEqual([])
  })

  it('has a name that says nothing', () => {
    const names = files
      .map(({ file }) => file)
      .filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.[cm]?[jt]sx?$)/.test(file))
    expect(names).toEqual([])
  })

  it('of the sources has a default export or a name that is not kebab-case', () => {
    expect(linesWith(codeFiles, /^export default\b/)).toEqual([])
    expect(
      sources
        .map(({ file }) => path.basename(file))
        .filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.tsx?$/.test(name)),
    ).toEqual([])
  })

  it('is a barrel beside the two that the architecture allows', () => {
    const barrels = sources.map(({ file }) => file).filter((file) => /\/index\.tsx?$/.test(file))
    expect(barrels.filter((file) => !['electron/engine/index.ts', 'shared/contract/index.ts'].includes(file))).toEqual(
      [],
    )
  })
})

describe('security', () => {
  it('windows come from one factory', () => {
    const makers = linesWith(codeFiles, /new (BrowserWindow|BrowserView|WebContentsView|BaseWindow)\b|<webview/)
    expect(makers.map((line) => line.split(':')[0])).toEqual(['electron/main/window-factory.ts'])
  })

  it('only renderer/bridge touches the window bridge', () => {
    const preload = files.find(({ file }) => file === 'electron/preload/preload.ts')?.text ?? ''
    const name = /exposeInMainWorld\('(\w+)'/.exec(preload)?.[1]
    expect(name).toBeDefined()
    const outside = inFolder('renderer/').filter(({ file }) => !file.startsWith('renderer/bridge/'))
    expect(linesWith(outside, new RegExp(`(window|globalThis|self)(\\.|\\[['"])${name ?? ''}\\b`))).toEqual([])
  })

  it('the window asks nothing of the network', () => {
    expect(linesWith(inFolder('renderer/'), /\bfetch\(|XMLHttpRequest|new WebSocket|EventSource\(|sendBeacon/)).toEqual(
      [],
    )
  })
})

it('the engine reads no clock and throws no dice of its own', () => {
  const own =
    /\bDate\.now\(|\bnew Date\(\)|Math\.random\(|\bset(Timeout|Interval|Immediate)\(|performance\.now\(|crypto\.(randomUUID|getRandomValues)/
  expect(linesWith(inFolder('electron/engine/'), own)).toEqual([])
})

describe('every test', () => {
  const projects = (vitestConfig.test?.projects ?? []).map(
    (project) => (project as { test: { name: string; include: string[] } }).test,
  )
  const tests = files.map(({ file }) => file).filter((file) => /\.(test|spec)\.[cm]?[jt]sx?$/.test(file))

  it('belongs to exactly one project', () => {
    const owners = (file: string) =>
      projects.filter(({ include }) => include.some((pattern) => path.matchesGlob(file, pattern)))
    expect(tests.filter((file) => owners(file).length !== 1)).toEqual([])
  })
})
