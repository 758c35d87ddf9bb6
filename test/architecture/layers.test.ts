/**
 * The layer rules, held over every module of the product, and each rule's proof that it bites.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layerRules } from './layer-rules.ts'

const root = path.resolve(import.meta.dirname, '../..')
const folders = ['shared', 'electron', 'renderer']

async function cruiseFolder(baseDir: string): Promise<ICruiseResult> {
  const { output } = await cruise(
    folders,
    {
      baseDir,
      validate: true,
      ruleSet: { forbidden: [...layerRules] },
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      parser: 'tsc',
    },
    {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json', '.css'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      symlinks: false,
    },
  )
  if (typeof output === 'string') throw new Error(output)
  return output
}

function describeViolations(result: ICruiseResult): string[] {
  return result.summary.violations.map((violation) => `${violation.rule.name}: ${violation.from} -> ${violation.to}`)
}

describe('the house', () => {
  let result: ICruiseResult
  beforeAll(async () => {
    result = await cruiseFolder(root)
  })

  it('is seen whole', () => {
    const onDisk = folders.flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
        .map((file) => `${folder}/${file.replaceAll(path.sep, '/')}`),
    )
    const seen = new Set(result.modules.map((module) => module.source))
    expect(onDisk.length).toBeGreaterThan(10)
    expect(onDisk.filter((file) => !seen.has(file))).toEqual([])
    expect(result.summary.totalDependenciesCruised ?? 0).toBeGreaterThan(onDisk.length / 2)
  })

  it('keeps every layer rule', () => {
    expect(describeViolations(result)).toEqual([])
  })
})

/** One offence per line: the rule that must catch it, the file that offends, what it imports. */
const offences: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ['shared-imports', 'shared/lib/a.ts', '../../electron/engine/clean.ts'],
  ['shared-imports', 'shared/lib/b.ts', 'yaml'],
  ['shared-no-node', 'shared/lib/c.ts', 'node:path'],
  ['electron-engine-imports', 'electron/engine/a.ts', '../adapters/clean.ts'],
  ['electron-engine-imports', 'electron/engine/b.ts', '../host/clean.ts'],
  ['electron-engine-imports', 'electron/engine/c.ts', '@kubernetes/client-node'],
  ['electron-engine-no-node', 'electron/engine/d.ts', 'node:fs'],
  ['electron-engine-no-node', 'electron/engine/e.ts', 'fs'],
  ['electron-adapters-imports', 'electron/adapters/a.ts', '../host/clean.ts'],
  ['electron-host-imports', 'electron/host/a.ts', '../adapters/clean.ts'],
  ['electron-host-no-node', 'electron/host/b.ts', 'node:worker_threads'],
  ['electron-main-imports', 'electron/main/a.ts', '../engine/clean.ts'],
  ['electron-main-imports', 'electron/main/b.ts', '../adapters/clean.ts'],
  ['electron-preload-imports', 'electron/preload/a.ts', '../../shared/lib/clean.ts'],
  ['electron-preload-no-node', 'electron/preload/b.ts', 'node:fs'],
  ['electron-cli-imports', 'electron/cli/a.ts', '../main/clean.ts'],
  ['electron-in-main-and-preload-only', 'electron/adapters/b.ts', 'electron'],
  ['electron-in-main-and-preload-only', 'renderer/app/d.ts', 'electron'],
  ['renderer-imports', 'renderer/app/a.ts', '../../electron/engine/clean.ts'],
  ['renderer-no-node', 'renderer/app/b.ts', 'node:fs'],
  ['ui-knows-no-domain', 'renderer/ui/a.ts', '../stores/clean.ts'],
  ['features-stand-alone', 'renderer/features/one/a.ts', '../two/clean.ts'],
  ['monaco-in-editor-only', 'renderer/app/c.ts', 'monaco-editor/editor/editor.api.js'],
  ['resolvable', 'shared/lib/d.ts', './absent.ts'],
]

describe('each rule', () => {
  let folder: string
  let violations: string[]

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'sluice-layers-'))
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
    writeFileSync(path.join(folder, 'package.json'), readFileSync(path.join(root, 'package.json')))
    const write = (file: string, text: string) => {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
      writeFileSync(path.join(folder, file), text)
    }
    for (const clean of [
      'shared/lib',
      'electron/engine',
      'electron/adapters',
      'electron/host',
      'electron/main',
      'renderer/stores',
      'renderer/features/two',
    ]) {
      write(`${clean}/clean.ts`, 'export const value = 1\n')
    }
    for (const [, file, imported] of offences)
      write(file, `import * as offence from '${imported}'\nexport const held = offence\n`)
    write('shared/lib/cycle-a.ts', "import { b } from './cycle-b.ts'\nexport const a = () => b\n")
    write('shared/lib/cycle-b.ts', "import { a } from './cycle-a.ts'\nexport const b = () => a\n")
    write('renderer/app/orphan.ts', 'export const alone = 1\n')
    violations = describeViolations(await cruiseFolder(folder))
  })

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(offences)('%s catches %s importing %s', (rule, file) => {
    expect(violations.filter((violation) => violation.startsWith(`${rule}: ${file} -> `))).not.toEqual([])
  })

  it('no-cycles catches two modules that import each other', () => {
    expect(violations.join('\n')).toMatch(/^no-cycles: shared\/lib\/cycle-/m)
  })

  it('no-orphans catches a module alone', () => {
    expect(violations.join('\n')).toMatch(/^no-orphans: renderer\/app\/orphan\.ts/m)
  })
})
