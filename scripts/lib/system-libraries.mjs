/**
 * What Electron needs of a Linux system: shared libraries, fonts, a virtual display where there is no real one.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './children.mjs'
import { cacheDir } from './places.mjs'
import { SetupError, say, step } from './progress.mjs'
import { digestOf, readStamp, writeStamp } from './stamps.mjs'

/** Debian packages; from Debian 13 and Ubuntu 24.04 on, three of them have the suffix t64. */
export const debianPackages = [
  'libgtk-3-0',
  'libnss3',
  'libasound2',
  'libgbm1',
  'libxss1',
  'libxtst6',
  'fonts-liberation',
]

/** Libraries that Chromium opens by name at run time, so that ldd does not list them. */
const openedAtRunTime = ['libgtk-3.so.0', 'libnss3.so', 'libgbm.so.1', 'libXtst.so.6']

/** Names of the libraries that `ldd` output says are not found. */
export function missingIn(lddOutput) {
  return [...lddOutput.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1])
}

/** Other systems: how they are recognised, their installer, and their names where these differ from Debian's. */
const otherSystems = [
  {
    pattern: /fedora|rhel|centos/,
    command: 'sudo dnf install -y',
    names: {
      'libgtk-3-0': 'gtk3',
      libnss3: 'nss',
      libasound2: 'alsa-lib',
      libgbm1: 'mesa-libgbm',
      libxss1: 'libXScrnSaver',
      libxtst6: 'libXtst',
      'fonts-liberation': 'liberation-fonts',
      xvfb: 'xorg-x11-server-Xvfb',
      'xz-utils': 'xz',
      dbus: 'dbus-daemon dbus-tools',
    },
  },
  {
    pattern: /arch/,
    command: 'sudo pacman -S --needed',
    names: {
      'libgtk-3-0': 'gtk3',
      libnss3: 'nss',
      libasound2: 'alsa-lib',
      libgbm1: 'mesa',
      libxss1: 'libxss',
      libxtst6: 'libxtst',
      'fonts-liberation': 'ttf-liberation',
      xvfb: 'xorg-server-xvfb',
      'xz-utils': 'xz',
    },
  },
  {
    pattern: /suse/,
    command: 'sudo zypper install -y',
    names: {
      libnss3: 'mozilla-nss',
      libxss1: 'libXss1',
      libxtst6: 'libXtst6',
      'fonts-liberation': 'liberation-fonts',
      xvfb: 'xorg-x11-server-Xvfb',
      dbus: 'dbus-1 dbus-1-tools',
      'xz-utils': 'xz',
    },
  },
]

/** The command that installs `packages` on the system that /etc/os-release describes, or a sentence where it is unknown. */
export function installCommand(packages, osRelease) {
  const like = (osRelease.match(/^ID(?:_LIKE)?=.*$/gm) ?? []).join(' ')
  if (/debian|ubuntu/.test(like)) return `sudo apt-get install -y ${packages.join(' ')}`
  const system = otherSystems.find(({ pattern }) => pattern.test(like))
  if (system === undefined) return `install these with your package manager (Debian names): ${packages.join(' ')}`
  return `${system.command} ${packages.map((name) => system.names[name] ?? name).join(' ')}`
}

function osRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    return ''
  }
}

async function findMissing(electron, needsXvfb) {
  const missing = []
  const ldd = await run('ldd', [electron.file], { capture: true })
  missing.push(...missingIn(ldd.stdout))
  // `ldconfig -p` is absent where the C library is not glibc; then ldd alone decides.
  const cache = await run('ldconfig', ['-p'], {
    capture: true,
    env: { ...process.env, PATH: `${process.env.PATH}:/sbin:/usr/sbin` },
  })
  if (cache.code === 0) missing.push(...openedAtRunTime.filter((name) => !cache.stdout.includes(`\t${name} `)))
  if (!hasFonts()) missing.push('fonts')
  if (needsXvfb && !isOnPath('Xvfb')) missing.push('Xvfb')
  return [...new Set(missing)]
}

function hasFonts() {
  const folders = ['/usr/share/fonts', '/usr/local/share/fonts', join(process.env.HOME ?? '/', '.local/share/fonts')]
  return folders.some((folder) => {
    try {
      return readdirSync(folder, { recursive: true }).some((name) => /\.(ttf|otf|ttc|pfb)$/i.test(String(name)))
    } catch {
      return false
    }
  })
}

/** Whether a program is on PATH. */
export function isOnPath(name, path = process.env.PATH ?? '') {
  return path.split(':').some((folder) => folder !== '' && existsSync(join(folder, name)))
}

/** Debian's names for this release: the first of NAME and NAMEt64 that apt knows. */
async function knownPackages(names) {
  const known = []
  for (const name of names) {
    const policy = await run('apt-cache', ['policy', name, `${name}t64`], {
      capture: true,
      env: { ...process.env, LC_ALL: 'C' },
    })
    const candidates = [...policy.stdout.matchAll(/^(\S+):\n(?:.*\n)*?\s*Candidate: (\S+)/gm)]
    const usable = candidates.filter(([, , version]) => version !== '(none)').map(([, candidate]) => candidate)
    known.push(usable.find((candidate) => candidate.endsWith('t64')) ?? usable[0] ?? name)
  }
  return known
}

/** Makes sure that Electron's libraries are there: by apt-get where that is possible without asking, else says how. */
export async function ensureSystemLibraries(electron) {
  if (process.platform !== 'linux') return
  const needsXvfb = !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY
  const stampFile = join(cacheDir(), 'electron', 'system-libraries')
  // Libraries seldom go away; what was found for this binary on this system is not looked for at every start.
  const wanted = digestOf('/', [], [electron.file, electron.version ?? '', osRelease(), String(needsXvfb)])
  if (readStamp(stampFile) === wanted && (!needsXvfb || isOnPath('Xvfb'))) return

  let missing = await findMissing(electron, needsXvfb)
  if (missing.length > 0) {
    await installPackages([...debianPackages, ...(needsXvfb ? ['xvfb'] : [])], `Electron needs ${missing.join(', ')}`)
    missing = await findMissing(electron, needsXvfb)
    if (missing.length > 0) {
      throw new SetupError(
        `Electron still misses ${missing.join(', ')} after apt-get. Install what carries them, then the same command again.`,
      )
    }
  }
  writeStamp(stampFile, wanted)
}

/** Makes sure of the programs that tests call: `xz` unpacks the Flux controllers. */
export async function ensureTestPrograms(env = process.env) {
  if (!env.FLUX_ASSETS || process.platform === 'win32' || isOnPath('xz', env.PATH)) return
  await installPackages(['xz-utils'], 'the tests unpack the Flux controllers with xz')
}

const notificationPrograms = ['dbus-daemon', 'dbus-monitor', 'dunst', 'dunstctl']

/**
 * Makes sure of the bus and the notification daemon at which the window's tests read what the desktop was told. Where they cannot be installed those
 * tests are skipped, and this says so; in CI, where nobody reads it, it throws.
 */
export async function ensureNotificationDaemon(env = process.env, install = installPackages) {
  if (process.platform !== 'linux' || notificationPrograms.every((name) => isOnPath(name, env.PATH))) return
  try {
    await install(['dbus', 'dunst'], 'the tests read notifications at a real daemon, dunst')
  } catch (error) {
    if (!(error instanceof SetupError) || env.CI === 'true' || env.CI === '1') throw error
    say(`${error.message}\nUntil then the tests of notifications are skipped.`)
  }
}

/** Installs Debian packages where root may do so, else throws a SetupError with the one command; `reason` opens both. */
async function installPackages(packages, reason) {
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) {
    const named = isOnPath('apt-cache') ? await knownPackages(packages) : packages
    throw new SetupError(
      `System packages are missing: ${reason}. Run this once, then the same command again:\n  ${installCommand(named, osRelease())}`,
    )
  }
  await step(`Installing system packages by apt-get (${reason})`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const update = await run('apt-get', ['update', '-qq'], { quietStdout: true, env })
    const known = await knownPackages(packages)
    const flags = ['install', '-y', '-qq', '--no-install-recommends']
    const install = await run('apt-get', [...flags, ...known], { capture: true, env })
    if (install.code !== 0) {
      const before = update.code === 0 ? '' : ' (and apt-get update failed before it)'
      throw new SetupError(`apt-get install ${known.join(' ')} failed${before}:\n${install.stderr.trim()}`)
    }
  })
}
