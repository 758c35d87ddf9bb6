import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { issueLeaf } from '../../../electron/adapters/control-plane/certificates.ts'
import type { KubeConfigsOptions, NodeKubeConfigs } from '../../../electron/adapters/kube/kube-configs.ts'
import { createLoginPath, isBarePath } from '../../../electron/adapters/kube/login-path.ts'
import { redactText } from '../../../electron/adapters/kube/plain-text.ts'
import type { KubeClient } from '../../../electron/engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { authority, base64, createSandbox, kubeconfigText, readSet, serveTls, until } from './sandbox.ts'
import type { LoopbackServer, Sandbox } from './sandbox.ts'

let box: Sandbox
let server: LoopbackServer
/** Tokens that the server takes; null = any. */
let accepted: string[] | null
let seen: (string | undefined)[]
let peers: (string | undefined)[]

beforeEach(async () => {
  box = await createSandbox()
  accepted = null
  seen = []
  peers = []
  server = await serveTls(
    (request, response) => {
      const token = request.headers.authorization?.replace('Bearer ', '')
      seen.push(token)
      const socket = request.stream.session?.socket as unknown as {
        getPeerCertificate(): { subject?: { CN?: string } }
      }
      peers.push(socket.getPeerCertificate().subject?.CN)
      response.statusCode = accepted === null || accepted.includes(token ?? '') ? 200 : 401
      response.end('{}')
    },
    { requestCert: true, rejectUnauthorized: false },
  )
})
afterEach(async () => {
  await box.dispose()
  await server.close()
})

const v1 = 'client.authentication.k8s.io/v1'
const credential = (status: object, apiVersion = v1): string =>
  JSON.stringify({ apiVersion, kind: 'ExecCredential', status })

interface Plugin {
  readonly configs: NodeKubeConfigs
  readonly client: KubeClient
  readonly script: string
  runs(): Promise<number>
}

/** A context whose credentials come from this shell script, which counts its runs. */
async function plug(body: string, exec: object = {}, options: Partial<KubeConfigsOptions> = {}): Promise<Plugin> {
  const script = await box.write('bin/plugin', `#!/bin/sh\necho run >> '${box.home}/runs'\n${body}\n`, 0o755)
  const cluster = { server: server.url, 'certificate-authority-data': base64(authority.certPem) }
  await box.write(
    '.kube/config',
    kubeconfigText({ cluster, user: { exec: { apiVersion: v1, command: script, ...exec } } }),
  )
  const configs = box.configs(options)
  await readSet(configs)
  const runs = async (): Promise<number> =>
    (await readFile(join(box.home, 'runs'), 'utf8').catch(() => '')).split('\n').length - 1
  return { configs, client: configs.open('test'), script, runs }
}

const get = { method: 'GET', path: '/version' } as const

async function approve({ configs, client }: Plugin): Promise<void> {
  await expect(client.request(get)).rejects.toMatchObject({ code: 'ExecNotApproved' })
  await configs.approveExec('test', client.pendingApproval()?.digest ?? '')
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function faultOf(plugin: Plugin): Promise<SluiceError> {
  await approve(plugin)
  try {
    await plugin.client.request(get)
  } catch (error) {
    if (error instanceof SluiceError) return error
    throw error
  }
  throw new Error('was answered')
}

describe('SECURITY 10: approval', () => {
  it('is asked once, remembered over restarts, and asked again when the program changes', async () => {
    const plugin = await plug(`echo '${credential({ token: 'one' })}'`, {
      args: ['get-token'],
      env: [{ name: 'A_SECRET', value: 'x' }],
    })
    const { client, configs, script } = plugin
    expect(client.pendingApproval()).toBeNull()
    await expect(client.request(get)).rejects.toMatchObject({ code: 'ExecNotApproved' })
    expect(await plugin.runs()).toBe(0)
    const pending = client.pendingApproval()
    expect(pending).toMatchObject({ command: script, args: ['get-token'], envNames: ['A_SECRET'], isChanged: false })
    expect(pending?.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    await expect(configs.approveExec('test', `sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({
      code: 'ExecNotApproved',
    })
    await configs.approveExec('test', pending?.digest ?? '')
    await client.request(get)
    expect(client.pendingApproval()).toBeNull()
    expect(seen).toEqual(['one'])
    expect((await stat(join(box.home, 'data', 'exec-approvals.json'))).mode & 0o777).toBe(0o600)

    const again = box.configs()
    await readSet(again)
    await again.open('test').request(get)

    await writeFile(script, `#!/bin/sh\necho '${credential({ token: 'evil' })}'\n`)
    const third = box.configs()
    await readSet(third)
    const changed = third.open('test')
    await expect(changed.request(get)).rejects.toMatchObject({ code: 'ExecNotApproved' })
    expect(changed.pendingApproval()).toMatchObject({ isChanged: true })
    expect(seen).not.toContain('evil')
  })

  it('covers arguments and environment values', async () => {
    const first = await plug(`echo '${credential({ token: 't' })}'`, { env: [{ name: 'A', value: '1' }] })
    await approve(first)
    await first.client.request(get)
    for (const exec of [{ env: [{ name: 'A', value: '2' }] }, { env: [{ name: 'A', value: '1' }], args: ['x'] }]) {
      const next = await plug(`echo '${credential({ token: 't' })}'`, exec)
      await expect(next.client.request(get)).rejects.toMatchObject({ code: 'ExecNotApproved' })
      expect(next.client.pendingApproval()).toMatchObject({ isChanged: true })
    }
  })

  it('is shown by everyone who waits for the same plugin', async () => {
    const { configs, client } = await plug(`echo '${credential({ token: 't' })}'`)
    const other = configs.open('test')
    await Promise.allSettled([client.request(get), other.request(get)])
    expect(other.pendingApproval()).toEqual(client.pendingApproval())
    expect(client.pendingApproval()).not.toBeNull()
  })
})

describe('a plugin', () => {
  it('runs once for all who wait, without a shell, in a minimal environment', async () => {
    const plugin = await plug(
      `sleep 0.1; printf '%s\\n' "$@" > '${box.home}/args'; env > '${box.home}/env'; echo '${credential({ token: 'one' })}'`,
      { args: ['$(id)', 'a b', '; rm -rf x'], env: [{ name: 'MINE', value: 'yes' }], provideClusterInfo: true },
      {
        env: {
          HOME: box.home,
          PATH: process.env['PATH'],
          SECRET_OF_OTHERS: 'x',
          AWS_PROFILE: 'prod',
          NODE_OPTIONS: '--x',
        },
      },
    )
    await approve(plugin)
    await Promise.all(Array.from({ length: 10 }, () => plugin.client.request(get)))
    expect(await plugin.runs()).toBe(1)
    expect(await readFile(join(box.home, 'args'), 'utf8')).toBe('$(id)\na b\n; rm -rf x\n')
    const env = await readFile(join(box.home, 'env'), 'utf8')
    expect(env).toMatch(/^MINE=yes$/m)
    expect(env).toMatch(/^AWS_PROFILE=prod$/m)
    expect(env).not.toMatch(/SECRET_OF_OTHERS|NODE_OPTIONS/)
    const info = JSON.parse(/^KUBERNETES_EXEC_INFO=(.*)$/m.exec(env)?.[1] ?? '') as object
    expect(info).toMatchObject({
      apiVersion: v1,
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: { server: server.url, 'certificate-authority-data': base64(authority.certPem) },
      },
    })
  })

  it('is found on PATH by its bare name, never in the folder that we were started in', async () => {
    const body = `echo '${credential({ token: 'found' })}'`
    const plugin = await plug(
      body,
      { command: 'plugin' },
      { env: { HOME: box.home, PATH: `:.:relative:${box.home}/bin:/bin:/usr/bin:/opt/x` } },
    )
    await approve(plugin)
    await plugin.client.request(get)
    expect(seen).toEqual(['found'])
    const bare = await plug(
      body,
      { command: 'plugin', installHint: 'brew install plugin' },
      { env: { HOME: box.home, PATH: `:.:bin:/opt/none` } },
    )
    await expect(bare.client.request(get)).rejects.toMatchObject({
      code: 'ExecNotFound',
      remedy: 'brew install plugin',
    })
  })

  it('is kept until its time, or until the server refuses it', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const plugin = await plug(
      `n=$(wc -l < '${box.home}/runs' | tr -d ' '); printf '{"apiVersion":"${v1}","kind":"ExecCredential","status":{"token":"t%s","expirationTimestamp":"2026-01-01T01:00:00Z"}}' "$n"`,
      {},
      { now: () => now },
    )
    await approve(plugin)
    await plugin.client.request(get)
    await plugin.client.request(get)
    expect(seen).toEqual(['t1', 't1'])
    now += 2 * 3_600_000
    await plugin.client.request(get)
    expect(seen.at(-1)).toBe('t2')
    now -= 2 * 3_600_000
    accepted = ['t3']
    expect((await plugin.client.request({ ...get, method: 'POST', body: {} })).status).toBe(200)
    expect(seen.slice(3)).toEqual(['t2', 't3'])
    accepted = []
    expect((await plugin.client.request(get)).status).toBe(401)
    expect(await plugin.runs()).toBe(4)
  })

  it('gives client certificates, and renews them on new connections', async () => {
    const pair = (commonName: string): string => {
      const leaf = issueLeaf(authority, { commonName, usage: 'client' })
      return credential({ clientCertificateData: leaf.certPem, clientKeyData: leaf.keyPem })
    }
    await box.write('one.json', pair('anna'))
    const plugin = await plug(`cat '${box.home}/one.json'`)
    await approve(plugin)
    await plugin.client.request(get)
    await box.write('one.json', pair('bert'))
    accepted = ['never']
    await plugin.client.request(get)
    expect(peers).toEqual(['anna', 'anna', 'bert'])
    accepted = null
    expect(await plugin.client.identity()).toBe('bert')
  })

  it('in v1beta1 is spoken to in v1beta1', async () => {
    const apiVersion = 'client.authentication.k8s.io/v1beta1'
    const plugin = await plug(`echo '${credential({ token: 'beta' }, apiVersion)}'`, { apiVersion })
    await approve(plugin)
    await plugin.client.request(get)
    expect(seen).toEqual(['beta'])
  })

  it.each([
    ['printing nothing', 'true', 'ExecOutputInvalid'],
    ['printing garbage', 'echo hello', 'ExecOutputInvalid'],
    ['printing bytes', "printf '\\377\\376\\000'", 'ExecOutputInvalid'],
    ['printing a list', 'echo "[]"', 'ExecOutputInvalid'],
    ['printing null', 'echo null', 'ExecOutputInvalid'],
    ['printing another kind', `echo '{"apiVersion":"v1","kind":"Pod"}'`, 'ExecOutputInvalid'],
    [
      'answering in another version',
      `echo '${credential({ token: 'x' }, 'client.authentication.k8s.io/v1beta1')}'`,
      'ExecOutputInvalid',
    ],
    ['answering without credentials', `echo '${credential({})}'`, 'ExecOutputInvalid'],
    ['answering half a key pair', `echo '${credential({ clientCertificateData: 'x' })}'`, 'ExecOutputInvalid'],
    ['answering a token that ends the line', `echo '${credential({ token: 'a\\r\\nX: y' })}'`, 'ExecOutputInvalid'],
    [
      'answering a time that is none',
      `echo '${credential({ token: 'a', expirationTimestamp: 'soon' })}'`,
      'ExecOutputInvalid',
    ],
    ['printing 10 MB', 'head -c 10000000 /dev/zero', 'ExecOutputInvalid'],
    ['printing for ever', 'yes', 'ExecOutputInvalid'],
    [
      'failing',
      'echo "login expired for https://user:hunter2@idp" >&2; echo "token=hunter2" >&2; exit 3',
      'ExecFailed',
    ],
    ['killed', 'kill -9 $$', 'ExecFailed'],
    ['that is no program', '', 'ExecOutputInvalid'],
  ])('%s', async (_name, body, code) => {
    const fault = await faultOf(await plug(body))
    expect(fault.code).toBe(code)
    expect(fault.message).toContain('Context "test"')
    expect(JSON.stringify(fault.toData())).not.toContain('hunter2')
    if (body.includes('login expired')) expect(fault.detail).toContain('login expired')
    expect(seen).toEqual([])
  })

  it('keeps the last 4 KB of its stderr, without control characters', async () => {
    const fault = await faultOf(
      await plug(`yes 0123456789 | head -c 100000 >&2; printf '\\033[31mthe end\\n' >&2; exit 1`),
    )
    expect(fault.detail.length).toBeLessThanOrEqual(4097)
    expect(fault.detail).toMatch(/the end$/)
    // eslint-disable-next-line no-control-regex
    expect(fault.detail).not.toMatch(/\u001b/)
  })

  it('that hangs is stopped with all that it started', async () => {
    const plugin = await plug(`sleep 300 & echo $! > '${box.home}/child'; sleep 300`, {}, { execTimeoutMs: 300 })
    const fault = await faultOf(plugin)
    expect(fault).toMatchObject({ code: 'ExecTimeout', retry: 'transient' })
    const child = Number(await readFile(join(box.home, 'child'), 'utf8'))
    await until(() => !isRunning(child))
  })

  it('ends with us', async () => {
    const script = await box.write('hang', `#!/bin/sh\necho $$ > '${box.home}/pid'\nsleep 300\n`, 0o755)
    const module = new URL('../../../electron/adapters/kube/exec-plugin.ts', import.meta.url).href
    const spec = {
      apiVersion: v1,
      command: script,
      args: [],
      env: [],
      interactiveMode: 'Never',
      isClusterInfoProvided: false,
      installHint: '',
    }
    const code = `import { runExecPlugin } from '${module}'
import { existsSync } from 'node:fs'
void runExecPlugin({ spec: ${JSON.stringify(spec)}, program: '${script}', env: {}, timeoutMs: 60000, context: 'x' })
setInterval(() => existsSync('${box.home}/pid') && process.exit(0), 10)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' })
    await once(parent, 'exit')
    const pid = Number(await readFile(join(box.home, 'pid'), 'utf8'))
    await until(() => !isRunning(pid))
  })

  it('that leaves a helper behind with open pipes does not keep us waiting', async () => {
    const plugin = await plug(`sleep 5 & echo '${credential({ token: 'quick' })}'`)
    await approve(plugin)
    const started = performance.now()
    await plugin.client.request(get)
    expect(performance.now() - started).toBeLessThan(3000)
    expect(seen).toEqual(['quick'])
  })

  it('that cannot be executed is not found', async () => {
    const plugin = await plug('true')
    await chmod(plugin.script, 0o644)
    await expect(plugin.client.request(get)).rejects.toMatchObject({ code: 'ExecNotFound' })
  })

  it('waiting for it can be given up', async () => {
    const plugin = await plug(`sleep 2; echo '${credential({ token: 't' })}'`)
    await approve(plugin)
    await expect(plugin.client.request({ ...get, timeoutMs: 50 })).rejects.toMatchObject({ code: 'ConnectionTimeout' })
  })
})

describe('a token file', () => {
  it('is read again when it changed and the server refuses the old one', async () => {
    const file = await box.write('token', 'first\n')
    const cluster = { server: server.url, 'certificate-authority-data': base64(authority.certPem) }
    await box.write('.kube/config', kubeconfigText({ cluster, user: { tokenFile: '../token' } }))
    const configs = box.configs()
    await readSet(configs)
    const client = configs.open('test')
    await client.request(get)
    accepted = ['second']
    await writeFile(file, 'second')
    expect((await client.request(get)).status).toBe(200)
    expect(seen).toEqual(['first', 'first', 'second'])
    await writeFile(file, '')
    accepted = []
    await expect(client.request(get)).rejects.toMatchObject({ code: 'CredentialMissing' })
  })
})

describe('PATH of the login shell', () => {
  it('is asked for only where PATH looks bare', async () => {
    expect([isBarePath('/usr/bin:/bin'), isBarePath('/usr/bin:/opt/homebrew/bin'), isBarePath('')]).toEqual([
      true,
      false,
      true,
    ])
    let asked = 0
    const shell = await box.write(
      'shell',
      `#!/bin/sh\necho asked >> '${box.home}/asked'\necho greeting\nPATH=/opt/login/bin:$PATH\nexport PATH\neval "$2"\n`,
      0o755,
    )
    const read = createLoginPath({ env: { PATH: '/usr/bin:/bin', SHELL: shell } })
    expect(await read()).toBe('/opt/login/bin:/usr/bin:/bin')
    expect(await read()).toBe('/opt/login/bin:/usr/bin:/bin')
    expect(await readFile(join(box.home, 'asked'), 'utf8')).toBe('asked\n')
    const full = createLoginPath({ env: { PATH: '/x:/usr/bin', SHELL: shell } })
    expect(await full()).toBe('/x:/usr/bin')
    const given = createLoginPath({ env: { PATH: '/usr/bin' }, loginShellPath: async () => `/y:rel:${++asked}` })
    expect(await given()).toBe('/y:/usr/bin')
  })

  it('that hangs, fails or is missing leaves PATH as it is', async () => {
    const hanging = await box.write('hanging', '#!/bin/sh\nsleep 60\n', 0o755)
    const failing = await box.write('failing', '#!/bin/sh\nexit 1\n', 0o755)
    for (const SHELL of [hanging, failing, join(box.home, 'none'), 'relative', undefined]) {
      const read = createLoginPath({ env: { PATH: '/bin', SHELL }, timeoutMs: 200 })
      expect(await read()).toBe('/bin')
    }
  })
})

describe('redaction', () => {
  it.each([
    'Authorization: Bearer abcdef.ghijkl',
    'bearer sk-hunter2-abcdef',
    'https://user:hunter2@host/x',
    'password=hunter2',
    '"token": "hunter2 with spaces"',
    'eyJhbGciOiJSUzI1NiJ9.eyJodW50ZXIyIjoxfQ.sig',
    '-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\nhunter2',
    'k8s-aws-v1.aHR0cHM6Ly9odW50ZXIy',
    'client-key-data: hunter2',
    'the value is hunter2',
  ])('%s', (text) => {
    const clean = redactText(text, 4096, ['hunter2'])
    expect(clean).not.toMatch(/hunter2|ghijkl|eyJhb|aHR0c/)
  })
})
