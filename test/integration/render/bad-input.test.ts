/** What real folders may hold: every fault is a BuildError with upstream's words, or no fault at all; nothing hangs, nothing crashes. */
import { mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDiskFiles } from '../../../electron/adapters/files/disk-files.ts'
import { createJailedFiles } from '../../../electron/adapters/files/jailed-files.ts'
import type { BuildContext } from '../../../electron/engine/kustomize/build-context.ts'
import { BuildError } from '../../../electron/engine/kustomize/build-error.ts'
import { createDocumentCache } from '../../../electron/engine/kustomize/document-cache.ts'
import type { Files } from '../../../electron/engine/kustomize/files.ts'
import { FileFault } from '../../../electron/engine/kustomize/files.ts'
import { printResources, runBuild } from '../../../electron/engine/kustomize/run-build.ts'

let folder = ''
const at = (file: string): string => path.join(folder, file)
const put = async (file: string, content: string | Uint8Array): Promise<void> => {
  await mkdir(path.dirname(at(file)), { recursive: true })
  await writeFile(at(file), content)
}
const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-bad-')))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

function contextOf(files: Files, options: Partial<BuildContext['options']> = {}): BuildContext {
  return {
    files,
    options: { loadRestrictions: 'rootOnly', reorder: 'none', hasManagedByLabel: false, ...options },
    documents: createDocumentCache(),
    checkpoint: () => undefined,
    warn: () => undefined,
  }
}

function build(target = '.', files = createDiskFiles(), options: Partial<BuildContext['options']> = {}): string {
  return printResources(runBuild(path.join(folder, target), contextOf(files, options)))
}

/** The BuildError of a build that must fail within two seconds. */
function faultOf(target = '.', files?: Files, options?: Partial<BuildContext['options']>): BuildError {
  const startedAt = performance.now()
  try {
    build(target, files, options)
  } catch (error) {
    expect(error).toBeInstanceOf(BuildError)
    expect(performance.now() - startedAt).toBeLessThan(2000)
    return error as BuildError
  }
  throw new Error('the build did not fail')
}

describe('paths', () => {
  it('bases that hold each other are a cycle', async () => {
    await put('a/kustomization.yaml', 'resources: [../b]\n')
    await put('b/kustomization.yaml', 'resources: [../a]\n')
    const fault = faultOf('a')
    expect(fault.code).toBe('Cycle')
    expect(fault.message).toContain('cycle')
  })

  it('a base above or at the kustomization itself is a cycle', async () => {
    await put('kustomization.yaml', 'resources: [a]\n')
    await put('a/kustomization.yaml', 'resources: [..]\n')
    expect(faultOf().code).toBe('Cycle')
    await put('kustomization.yaml', 'resources: ["."]\n')
    expect(faultOf().code).toBe('Cycle')
  })

  it('components that hold each other are a cycle', async () => {
    const component = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n'
    await put('kustomization.yaml', 'components: [a]\n')
    await put('a/kustomization.yaml', `${component}components: [../b]\n`)
    await put('b/kustomization.yaml', `${component}components: [../a]\n`)
    expect(faultOf().message).toContain('cycle')
  })

  it('links that lead out are refused by the loader, and by the jail whatever the loader says', async () => {
    const outside = await realpath(await mkdtemp(path.join(tmpdir(), 'sluice-out-')))
    await writeFile(path.join(outside, 'cm.yaml'), configMap('outside'))
    await writeFile(path.join(outside, 'kustomization.yaml'), 'resources: [cm.yaml]\n')
    await symlink(path.join(outside, 'cm.yaml'), at('link.yaml'))
    await put('kustomization.yaml', 'resources: [link.yaml]\n')
    expect(faultOf().message).toContain('security; file')
    expect(build('.', createDiskFiles(), { loadRestrictions: 'none' })).toContain('name: outside')
    expect(faultOf('.', createJailedFiles(folder), { loadRestrictions: 'none' })).toBeInstanceOf(BuildError)
    await symlink(outside, at('linked'))
    await put('kustomization.yaml', 'resources: [linked]\n')
    expect(faultOf('.', createJailedFiles(folder), { loadRestrictions: 'none' })).toBeInstanceOf(BuildError)
    await rm(outside, { recursive: true })
  })

  it('links that lead to each other or nowhere are not found', async () => {
    await symlink(at('two.yaml'), at('one.yaml'))
    await symlink(at('one.yaml'), at('two.yaml'))
    await put('kustomization.yaml', 'resources: [one.yaml]\n')
    expect(faultOf()).toBeInstanceOf(BuildError)
    await symlink(at('nothing'), at('dangling'))
    await put('kustomization.yaml', 'resources: [dangling]\n')
    expect(faultOf()).toBeInstanceOf(BuildError)
  })

  it.each(['/etc/passwd', '/etc'])('the absolute path %s is refused', async (entry) => {
    await put('kustomization.yaml', `resources: [${entry}]\n`)
    expect(faultOf()).toBeInstanceOf(BuildError)
    expect(faultOf('.', createJailedFiles(folder), { loadRestrictions: 'none' })).toBeInstanceOf(BuildError)
  })

  it.each([
    'https://example.invalid/manifests.yaml',
    'https://example.invalid/org/repo//path?ref=v1',
    'git@example.invalid:org/repo.git//path',
    'ssh://git@example.invalid/org/repo',
    'github.com/org/repo//path?ref=main',
  ])('the remote base %s is reported, not fetched', async (entry) => {
    await put('kustomization.yaml', `resources: ["${entry}"]\n`)
    expect(faultOf().code).toBe('RemoteNotFetched')
  })

  it('200 folders deep is a long way, not an error', async () => {
    for (let depth = 0; depth < 200; depth++)
      await put(`d${depth}/kustomization.yaml`, `resources: [../d${depth + 1}]\nnamePrefix: x\n`)
    await put('d200/kustomization.yaml', 'resources: [cm.yaml]\n')
    await put('d200/cm.yaml', configMap('end'))
    expect(build('d0')).toContain(`name: ${'x'.repeat(200)}end`)
  })

  it('a folder named like a file, and a file named like a folder', async () => {
    await mkdir(at('thing.yaml'))
    await put('kustomization.yaml', 'resources: [thing.yaml]\n')
    expect(faultOf().message).toContain('thing.yaml')
    await put('folder', configMap('x'))
    await put('kustomization.yaml', 'resources: [folder]\n')
    expect(build()).toContain('name: x')
    await rm(at('kustomization.yaml'))
    await mkdir(at('kustomization.yaml'))
    expect(faultOf()).toBeInstanceOf(BuildError)
  })

  it('a target that is a file, or is not there', async () => {
    await put('file.yaml', configMap('x'))
    expect(faultOf('file.yaml').message).toContain('must build at directory')
    expect(faultOf('nowhere').message).toContain('no such file or directory')
  })

  it('names with spaces, colons and letters from elsewhere', async () => {
    await put('with space: and colon.yaml', configMap('one'))
    await put('日本.yaml', configMap('two'))
    await put('kustomization.yaml', 'resources: ["with space: and colon.yaml", 日本.yaml]\n')
    expect(build()).toContain('name: two')
  })
})

describe('files', () => {
  it('of 50 MB are refused by size, before they are read', async () => {
    await put('big.yaml', configMap('big'))
    await truncate(at('big.yaml'), 50_000_000)
    await put('kustomization.yaml', 'resources: [big.yaml]\n')
    const fault = faultOf()
    expect(fault.message).toContain('50.0 MB')
    await put('kustomization.yaml', 'configMapGenerator: [{name: x, files: [big.yaml]}]\n')
    expect(faultOf().message).toContain('50.0 MB')
  })

  it('that are not UTF-8 fail as YAML and pass as binary data of a ConfigMap', async () => {
    await put(
      'latin.yaml',
      Buffer.from([...Buffer.from('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '), 0xe9, 0x7d]),
    )
    await put('kustomization.yaml', 'resources: [latin.yaml]\n')
    expect(faultOf()).toBeInstanceOf(BuildError)
    await put('kustomization.yaml', 'configMapGenerator: [{name: x, files: [latin.yaml]}]\n')
    expect(build()).toContain('binaryData:')
  })

  it('that are empty, blank or comments alone hold nothing', async () => {
    await put('empty.yaml', '')
    await put('blank.yaml', '\n \n')
    await put('comment.yaml', '# nothing\n---\n# nothing\n')
    await put('one.yaml', configMap('one'))
    await put('kustomization.yaml', 'resources: [empty.yaml, blank.yaml, comment.yaml, one.yaml]\n')
    expect(build()).toBe(configMap('one'))
  })

  it('that vanish while the build runs are not found, whenever they go', async () => {
    await put('kustomization.yaml', 'resources: [one.yaml, base]\nconfigMapGenerator: [{name: g, files: [data.txt]}]\n')
    await put('one.yaml', configMap('one'))
    await put('data.txt', 'x')
    await put('base/kustomization.yaml', 'resources: [two.yaml]\n')
    await put('base/two.yaml', configMap('two'))
    const disk = createDiskFiles()
    let asked = 0
    const counting = vanishing(disk, () => {
      asked += 1
      return false
    })
    build('.', counting)
    const total = asked
    expect(total).toBeGreaterThan(5)
    for (let turn = 1; turn <= total; turn++) {
      let count = 0
      const files = vanishing(disk, () => (count += 1) >= turn)
      try {
        build('.', files)
      } catch (error) {
        expect(error, `question ${turn}`).toBeInstanceOf(BuildError)
      }
    }
  })

  it('of pipes are not waited for', async () => {
    const { execFileSync } = await import('node:child_process')
    execFileSync('mkfifo', [at('pipe.yaml')])
    await put('kustomization.yaml', 'resources: [pipe.yaml]\n')
    expect(faultOf().message).toContain('pipe.yaml')
  })
})

/** A tree in which nothing is found any more once `isGone` says so. */
function vanishing(files: Files, isGone: () => boolean): Files {
  const gone = (file: string): never => {
    throw new FileFault('NotFound', file, `open ${file}: no such file or directory`)
  }
  return {
    stat: (file) => (isGone() ? null : files.stat(file)),
    read: (file) => (isGone() ? gone(file) : files.read(file)),
    list: (file) => (isGone() ? gone(file) : files.list(file)),
    realPath: (file) => (isGone() ? gone(file) : files.realPath(file)),
  }
}

describe('contents', () => {
  const withOne = async (kustomization: string): Promise<void> => {
    await put('one.yaml', `${configMap('one')}data:\n  key: value\n`)
    await put('kustomization.yaml', `resources: [one.yaml]\n${kustomization}`)
  }

  it('unknown fields of a kustomization file are refused by name', async () => {
    await withOne('unknownField: 1\n')
    const fault = faultOf()
    expect(fault.code).toBe('InvalidKustomization')
    expect(fault.message).toContain('unknownField')
  })

  it.each([
    [
      'a strategic merge patch without an object',
      'patches: [{patch: "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: nobody}"}]\n',
    ],
    ['a JSON patch without a target', 'patches: [{patch: "[{\\"op\\": \\"remove\\", \\"path\\": \\"/data\\"}]"}]\n'],
    ['a patch of nothing', 'patches: [{target: {kind: ConfigMap}}]\n'],
    ['a patch that is text', 'patches: [{patch: "hello"}]\n'],
    ['a patch file that is not there', 'patches: [{path: nowhere.yaml}]\n'],
  ])('%s is refused', async (_what, patch) => {
    await withOne(patch)
    expect(faultOf()).toBeInstanceOf(BuildError)
  })

  it.each(['(a+)+$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*a){25}'])(
    'the selector %s, which would backtrack for ever, does not',
    async (name) => {
      await put('long.yaml', configMap('a'.repeat(200) + '-'))
      await put(
        'kustomization.yaml',
        `resources: [long.yaml]\npatches: [{patch: "- {op: add, path: /data, value: {a: b}}", target: {name: '${name}'}}]\n`,
      )
      const startedAt = performance.now()
      build()
      expect(performance.now() - startedAt).toBeLessThan(1000)
    },
  )

  it.each(['[', '(?<=a)b', '(', '*'])('the selector %s is no RE2 and is refused', async (name) => {
    await withOne(`patches: [{patch: "- {op: add, path: /data, value: {}}", target: {name: '${name}'}}]\n`)
    expect(faultOf()).toBeInstanceOf(BuildError)
  })

  it('keys that JavaScript knows are keys like others', async () => {
    await put(
      'one.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n  labels:\n    __proto__: a\n    constructor: b\ndata:\n  __proto__: x\n  constructor: why\n  hasOwnProperty: z\n  toString: t\n',
    )
    await put(
      'kustomization.yaml',
      'resources: [one.yaml]\ncommonAnnotations: {__proto__: p, constructor: c}\npatches: [{patch: "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: one}\\ndata: {__proto__: patched, valueOf: v}"}]\nconfigMapGenerator: [{name: g, literals: [__proto__=1, constructor=2]}]\n',
    )
    const text = build()
    for (const line of [
      '  __proto__: patched',
      '  constructor: why',
      '  toString: t',
      '  valueOf: v',
      '    __proto__: p',
      '  __proto__: "1"',
    ])
      expect(text.split('\n')).toContain(line)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    await put('kustomization.yaml', '__proto__: {polluted: yes}\nresources: [one.yaml]\n')
    expect(faultOf()).toBeInstanceOf(BuildError)
  })

  it('an alias bomb is refused within 200 ms', async () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      )
    await put('one.yaml', `${configMap('bomb')}${lines.join('\n')}\n`)
    await put('kustomization.yaml', 'resources: [one.yaml]\n')
    // Time of the processor, which neighbours do not take.
    const before = process.cpuUsage()
    expect(faultOf()).toBeInstanceOf(BuildError)
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(200)
  })

  it.each([
    ['a list', '- a\n- b\n'],
    ['text', 'hello\n'],
    ['nothing', ''],
    ['null', 'null\n'],
    ['broken YAML', 'resources: [a\n'],
    ['a field of the wrong type', 'resources: {a: b}\n'],
    ['deep nesting', `a: ${'['.repeat(20_000)}`],
  ])('a kustomization file of %s is refused', async (_what, text) => {
    await put('kustomization.yaml', text)
    expect(faultOf()).toBeInstanceOf(BuildError)
  })

  it.each([
    ['tabs after values', 'apiVersion: v1\t\nkind: ConfigMap\nmetadata:\n  name: one\n'],
    ['carriage returns', 'apiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: one\r\n'],
    ['a byte order mark', '\ufeffapiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n'],
    ['odd indents', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n       name:   one\n'],
  ])('manifests with %s are read', async (_what, text) => {
    await put('one.yaml', text)
    await put('kustomization.yaml', 'resources: [one.yaml]\n')
    expect(build()).toBe(configMap('one'))
  })

  it('what is refused stays refused: functions, helm, plugins', async () => {
    await withOne('helmCharts: [{name: x, repo: "https://example.invalid"}]\n')
    expect(faultOf()).toBeInstanceOf(BuildError)
    await put(
      'fn.yaml',
      'apiVersion: example.com/v1\nkind: Fn\nmetadata:\n  name: fn\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./evil.sh}\n',
    )
    await withOne('transformers: [fn.yaml]\n')
    expect(faultOf()).toBeInstanceOf(BuildError)
  })
})
