/**
 * No file, export or package that nothing uses, and none used that package.json does not list: knip over the whole house.
 * Its entries are in knip.json beside this file.
 */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const kinds = ['files', 'exports', 'unresolved', 'unlisted', 'dependencies', 'devDependencies', 'duplicates'] as const

type Issues = { readonly file: string } & Partial<Record<(typeof kinds)[number], readonly { readonly name: string }[]>>

function runKnip(): Promise<string> {
  const args = [path.join(root, 'node_modules/knip/bin/knip.js'), '--config', 'test/architecture/knip.json']
  return new Promise((resolve, reject) => {
    const options = { cwd: root, maxBuffer: 64 << 20 }
    execFile(
      process.execPath,
      [...args, '--no-progress', '--reporter', 'json', '--include', kinds.join(',')],
      options,
      (error, stdout, stderr) => {
        // Exit code 1 says that there are findings; anything else is a failure of knip itself.
        if (error && error.code !== 1) reject(new Error(`knip failed: ${stderr || error.message}`))
        else resolve(stdout)
      },
    )
  })
}

it('finds nothing dead, nothing unlisted', async () => {
  const { issues } = JSON.parse(await runKnip()) as { issues: Issues[] }
  const findings = issues.flatMap((issue) =>
    kinds.flatMap((kind) => (issue[kind] ?? []).map(({ name }) => `${kind}: ${issue.file}: ${name}`)),
  )
  expect(findings).toEqual([])
})
