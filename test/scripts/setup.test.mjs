import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isInstalledAsLocked } from '../../scripts/lib/dependencies.mjs'
import { electronSwitches, hasDisplay } from '../../scripts/lib/display.mjs'
import { fuseFaults, wantedFuses } from '../../scripts/lib/fuses.mjs'
import { cacheDir, outsideEnv, root, toolEnv } from '../../scripts/lib/places.mjs'
import { SetupError } from '../../scripts/lib/progress.mjs'
import { checkNode } from '../../scripts/lib/setup.mjs'
import { ensureNotificationDaemon, installCommand, isOnPath, missingIn } from '../../scripts/lib/system-libraries.mjs'

describe('places', () => {
  it('has the cache where SLUICE_CACHE_DIR, then XDG_CACHE_HOME, then the home folder says', () => {
    expect(cacheDir({ SLUICE_CACHE_DIR: '/a/b', XDG_CACHE_HOME: '/x' }, '/h')).toBe('/a/b')
    expect(cacheDir({ XDG_CACHE_HOME: '/x' }, '/h')).toBe('/x/sluice')
    expect(cacheDir({}, '/h')).toBe('/h/.cache/sluice')
  })

  it('finds the installed tools first, once; and none of them for npm', () => {
    const bin = join(root, 'node_modules', '.bin')
    expect(toolEnv({ PATH: `/usr/bin:${bin}` }).PATH).toBe(`${bin}:/usr/bin`)
    const outside = outsideEnv({
      PATH: `${bin}:/x/node_modules/.bin:/usr/bin`,
      npm_lifecycle_event: 'test',
      npm_config_registry: 'kept',
      HOME: '/h',
    })
    expect(outside).toEqual({ PATH: '/usr/bin', npm_config_registry: 'kept', HOME: '/h' })
  })
})

describe('isInstalledAsLocked', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  }
  it.each([
    ['all of it', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } }, true],
    ['without the optional', { 'node_modules/a': { version: '1.0.0' } }, true],
    ['another version', { 'node_modules/a': { version: '1.0.1' } }, false],
    ['one missing', { 'node_modules/b': { version: '2.0.0' } }, false],
    ['one too many', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/c': { version: '1.0.0' } }, false],
  ])('%s', (_, packages, expected) => {
    expect(isInstalledAsLocked(lock, { packages })).toBe(expected)
  })
  it('is false before anything is installed', () => {
    expect(isInstalledAsLocked(lock, undefined)).toBe(false)
  })
})

describe('the system', () => {
  it('reads what ldd does not find', () => {
    const output =
      '\tlinux-vdso.so.1 (0x1)\n\tlibnss3.so => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x2)\n\tlibgbm.so.1 => not found\n'
    expect(missingIn(output)).toEqual(['libnss3.so', 'libgbm.so.1'])
  })

  it.each([
    ['ID=debian', 'sudo apt-get install -y xvfb'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"', 'sudo apt-get install -y xvfb'],
    ['ID=fedora', 'sudo dnf install -y xorg-x11-server-Xvfb'],
    ['ID=arch', 'sudo pacman -S --needed xorg-server-xvfb'],
    ['ID="opensuse-leap"\nID_LIKE="suse opensuse"', 'sudo zypper install -y xorg-x11-server-Xvfb'],
    ['ID=other', 'with your package manager'],
  ])('%s has one command', (release, command) => {
    expect(installCommand(['xvfb'], release)).toContain(command)
  })

  it.runIf(process.platform === 'linux')(
    'goes on without a notification daemon where none can be installed, but not in CI',
    async () => {
      const asked = []
      const refuse = (packages) => {
        asked.push(packages)
        return Promise.reject(new SetupError('Run this once'))
      }
      await ensureNotificationDaemon({ PATH: '' }, refuse)
      await expect(ensureNotificationDaemon({ PATH: '', CI: 'true' }, refuse)).rejects.toThrow('Run this once')
      expect(asked).toEqual([
        ['dbus', 'dunst'],
        ['dbus', 'dunst'],
      ])
      expect(installCommand(['dbus', 'dunst'], 'ID=fedora')).toBe('sudo dnf install -y dbus-daemon dbus-tools dunst')
    },
  )

  it('finds programs on PATH', () => {
    expect(isOnPath('sh', '/nowhere:/bin')).toBe(true)
    expect(isOnPath('sh', '')).toBe(false)
  })

  it('refuses a Node that is too old, saying which it needs', () => {
    expect(() => checkNode('18.20.0')).toThrow(/Node 18\.20\.0 is too old.*Node 20/)
    checkNode('20.0.0')
    checkNode('26.1.0')
  })

  it('asks for a virtual display only on Linux without one', () => {
    expect(hasDisplay({}, 'linux')).toBe(false)
    expect(hasDisplay({ DISPLAY: ':0' }, 'linux')).toBe(true)
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true)
    expect(hasDisplay({}, 'darwin')).toBe(true)
  })

  it('gives the sandbox up for root alone', () => {
    expect(electronSwitches({ isVirtual: true, uid: 1000 })).toEqual(['--disable-gpu'])
    expect(electronSwitches({ isVirtual: false, uid: 0 })).toEqual(['--no-sandbox'])
    expect(electronSwitches({ isVirtual: false, uid: 1000 })).toEqual([])
  })
})

describe('the fuses', () => {
  it('are asked for as the security rules have them', () => {
    expect(wantedFuses()).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
      enableCookieEncryption: true,
    })
  })

  it('are faulty when one reads otherwise, is absent, or is not asked for', () => {
    const on = 49
    const off = 48
    const right = { 0: off, 1: on, 2: off, 3: off, 4: on, 5: on, 7: off }
    expect(fuseFaults(right, wantedFuses())).toEqual([])
    expect(fuseFaults({ ...right, 0: on }, wantedFuses())).toEqual(['runAsNode should be off and reads ENABLE'])
    expect(fuseFaults({ ...right, 5: undefined }, wantedFuses())).toEqual([
      'onlyLoadAppFromAsar should be on and reads absent',
    ])
    expect(fuseFaults(right, {})).toHaveLength(7)
  })
})

it('package.json offers every command through the one entry', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const [name, command] of Object.entries(scripts)) expect(command).toBe(`node scripts/run.mjs ${name}`)
})
