import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSopsBinary, findSopsBinary, redactSopsMessage } from '../../../electron/adapters/decrypt/sops-binary.ts'

const decoder = new TextDecoder()
const document = new TextEncoder().encode('{"a":"ENC[x]"}')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-sops-test-'))
})
afterAll(() => rm(folder, { recursive: true }))

let count = 0
/** A program that behaves like sops as far as the test needs. */
async function makeProgram(script: string): Promise<string> {
  const path = join(folder, `program-${count++}`)
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

async function ask(
  script: string,
  options: {
    environment?: Record<string, string>
    timeoutMs?: number
    maxOutputBytes?: number
    ignoresMac?: boolean
  } = {},
) {
  const { environment = {}, ignoresMac = false, ...limits } = options
  const program = await makeProgram(script)
  const sops = createSopsBinary({ program, environment: { PATH: process.env.PATH, ...environment }, ...limits })
  const answer = await sops.decrypt(document, 'json', { ignoresMac })
  return { answer, text: answer.ok ? decoder.decode(answer.plain) : answer.message }
}

describe.skipIf(process.platform === 'win32')("the user's own sops", () => {
  test('gets the document as a private file, never as an argument, and leaves nothing behind', async () => {
    const report = join(folder, 'report')
    const { text } = await ask(
      `for last; do :; done; { echo "$@"; stat -c '%a' "$last" "$(dirname "$last")"; dirname "$last"; } > ${report}; cat "$last"`,
    )
    expect(text).toBe('{"a":"ENC[x]"}')
    const [args = '', fileMode, folderMode, place = ''] = (await readFile(report, 'utf8')).split('\n')
    expect(args).toMatch(/^--decrypt --input-type json --output-type json \/\S+\/document$/)
    expect(args).not.toContain('ENC[')
    expect([fileMode, folderMode]).toEqual(['600', '700'])
    await expect(readdir(place)).rejects.toThrow()
  })

  test('ignores the MAC only where told', async () => {
    expect((await ask('echo "$@"', { ignoresMac: true })).text).toContain('--ignore-mac')
    expect((await ask('echo "$@"')).text).not.toContain('--ignore-mac')
  })

  test('sees credentials of key services and nothing else of the environment', async () => {
    const { text } = await ask('env', {
      environment: { AWS_PROFILE: 'work', SLUICE_SECRET: 'x', NODE_OPTIONS: '--inspect' },
    })
    expect(text).toContain('AWS_PROFILE=work')
    expect(text).toContain('SOPS_DISABLE_VERSION_CHECK=1')
    expect(text).not.toContain('SLUICE_SECRET')
    expect(text).not.toContain('NODE_OPTIONS')
  })

  test('a MAC that does not fit is told apart', async () => {
    const { answer } = await ask('echo "MAC mismatch" >&2; exit 51')
    expect(answer).toEqual({ ok: false, message: 'MAC mismatch', isMacMismatch: true })
  })

  test('what it says is shown without secrets', async () => {
    const { text } = await ask('echo "failed for ENC[AES256_GCM,data:abc] with AGE-SECRET-KEY-1ABCDEF" >&2; exit 1')
    expect(text).toBe('failed for <encrypted> with <key>')
  })

  test('a program that never ends is stopped with all that it started', async () => {
    const pidFile = join(folder, 'child-pid')
    const { text } = await ask(`sleep 600 & echo $! > ${pidFile}; wait`, { timeoutMs: 300 })
    expect(text).toBe('it did not answer within 0.3 s')
    const pid = Number(await readFile(pidFile, 'utf8'))
    await expect.poll(() => isRunning(pid)).toBe(false)
  })

  test('too much output is refused', async () => {
    const { text } = await ask('while :; do echo 0123456789012345678901234567890123456789; done', {
      maxOutputBytes: 4096,
    })
    expect(text).toBe('it wrote more than 4096 bytes')
  })

  test('a program that is not there, or whose path is relative, is an answer', async () => {
    for (const program of [join(folder, 'absent'), 'sops']) {
      const answer = await createSopsBinary({ program, environment: {} }).decrypt(document, 'json', {
        ignoresMac: false,
      })
      expect(answer.ok).toBe(false)
    }
  })

  test('is found on PATH in absolute folders only', async () => {
    const bin = join(folder, 'bin')
    await mkdir(bin)
    await writeFile(join(bin, 'sops'), '#!/bin/sh\n')
    expect(await findSopsBinary(['.', 'relative', bin].join(delimiter))).toBe(null)
    await chmod(join(bin, 'sops'), 0o755)
    expect(await findSopsBinary(['.', 'relative', bin].join(delimiter))).toBe(join(bin, 'sops'))
    expect(await findSopsBinary('')).toBe(null)
  })
})

/** A process that ended and that nobody has waited for still has an id. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
    return !/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''))
  } catch {
    return false
  }
}

test.each([
  ['token hvs.CAESIJlU02LQZq1FiyyyyyyyyyyTT in use', 'token <token> in use'],
  ['key AKIAIOSFODNN7EXAMPLE', 'key <token>'],
  ['-----BEGIN PGP MESSAGE-----\nabc\n-----END PGP MESSAGE-----\nbad', '<key>\nbad'],
  ['\u001b[31mFAILED\u001b[0m \u202eevil', 'FAILED evil'],
  ["Input string hunter2 does not match sops' data format", "Input string <redacted> does not match sops' data format"],
  ['/tmp/x/document: broken', '/document: broken'],
])('%j is shown as %j', (said, shown) => {
  expect(redactSopsMessage(said, '/tmp/x')).toBe(shown)
})
