/** The program that `npx sluice` starts, from wherever somebody stands. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { load } from 'js-yaml'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
let folder = ''
let packageJson: { readonly version: string; readonly bin: { readonly sluice: string } }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-version-'))
  packageJson = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as typeof packageJson
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** In a folder that is not the checkout, with no kubeconfig at all. */
const sluice = (...words: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> =>
  promisify(execFile)(process.execPath, [join(root, packageJson.bin.sluice), ...words], {
    cwd: folder,
    env: { ...process.env, HOME: folder, KUBECONFIG: '', SLUICE_DATA_DIR: folder, SLUICE_CACHE_DIR: folder },
  })

it('can be started as a program of its own', async () => {
  const file = join(root, packageJson.bin.sluice)
  expect((await readFile(file, 'utf8')).split('\n')[0]).toBe('#!/usr/bin/env node')
  expect((await stat(file)).mode & 0o111).not.toBe(0)
})

it('says its version, in each format, and nothing beside it', async () => {
  const { version } = packageJson
  const node = process.versions.node
  expect(await sluice('version')).toEqual({ stdout: `${version}\n`, stderr: '' })
  expect(JSON.parse((await sluice('version', '-o', 'json')).stdout)).toEqual({ sluice: version, node })
  expect(load((await sluice('-o', 'yaml', 'version')).stdout)).toEqual({ sluice: version, node })
})

it('refuses a format that it does not know, as usage', async () => {
  await expect(sluice('version', '-o', 'xml')).rejects.toMatchObject({ code: 2, stdout: '' })
})
