import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, rename, rm, symlink, writeFile, chmod, mkdir, stat } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { issueLeaf } from '../../../electron/adapters/control-plane/certificates.ts'
import type { KubeConfigSet } from '../../../electron/engine/ports.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import { authority, base64, createSandbox, kubeconfigText, readContext, readSet, until } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'

let box: Sandbox
beforeEach(async () => {
  box = await createSandbox()
})
afterEach(() => box.dispose())

const server = { server: 'https://127.0.0.1:6443' }
const good = (name: string) => ({
  name,
  cluster: server,
  user: { token: 't' },
})
const child = fileURLToPath(new URL('./read-child.ts', import.meta.url))
const envOf = (...files: string[]) => ({ HOME: box.home, KUBECONFIG: files.join(delimiter) })

describe('which files count', () => {
  it('reads ~/.kube/config without KUBECONFIG and when it is empty', async () => {
    await box.write('.kube/config', kubeconfigText(good('a')))
    for (const env of [{ HOME: box.home }, { HOME: box.home, KUBECONFIG: '' }]) {
      const set = await readSet(box.configs({ env }))
      expect(set.contexts.map(({ id, file }) => [id, file])).toEqual([['a', '~/.kube/config']])
      expect(set.current).toBe('a')
      expect(set.files).toMatchObject([{ label: '~/.kube/config', isAdded: false, problem: null }])
    }
  })

  it('says that there is none', async () => {
    const set = await readSet(box.configs())
    expect(set).toMatchObject({ contexts: [], current: null, files: [{ problem: { code: 'KubeconfigMissing' } }] })
  })

  it('merges KUBECONFIG as kubectl does: whole entries, the first of a name wins', async () => {
    const a = await box.write(
      'a',
      kubeconfigText({ name: 'one', cluster: { server: 'https://a' }, user: { token: 'a' } }),
    )
    const b = await box.write(
      'b',
      JSON.stringify({
        'current-context': 'two',
        clusters: [{ name: 'one', cluster: { server: 'https://b', 'tls-server-name': 'x' } }],
        contexts: [
          { name: 'two', context: { cluster: 'one', user: 'one' } },
          { name: 'one', context: { cluster: 'nope', user: 'one' } },
        ],
      }),
    )
    const set = await readSet(box.configs({ env: envOf(a, '', join(box.home, 'absent'), a, b) }))
    expect(set.contexts.map(({ id, server: url, problem }) => [id, url, problem])).toEqual([
      ['one', 'https://a', null],
      ['two', 'https://a', null],
    ])
    expect(set.current).toBe('one')
    expect(set.files.map(({ problem }) => problem?.code ?? null)).toEqual([null, 'KubeconfigMissing', null])
  })

  it('keeps added files apart, tells same names apart, and forgets them', async () => {
    await box.write('.kube/config', kubeconfigText(good('same')))
    const other = await box.write('other', kubeconfigText({ ...good('same'), cluster: { server: 'https://other' } }))
    const before = await readFile(other)
    const configs = box.configs()
    expect(await configs.addFiles([other, other, join(box.home, '.kube', 'config')])).toEqual({ added: 1 })
    expect(await configs.addFiles([other])).toEqual({ added: 0 })
    const set = await readSet(box.configs())
    expect(set.contexts.map(({ server: url }) => url)).toEqual(['https://127.0.0.1:6443', 'https://other'])
    expect(set.contexts[0]?.id).toBe('same')
    expect(set.contexts[1]?.id).toMatch(/^same@[0-9a-f]{8}$/)
    expect((await stat(join(box.home, 'data', 'kubeconfig-files.json'))).mode & 0o777).toBe(0o600)
    const id = set.files.find((file) => file.isAdded)?.id ?? ''
    await expect(configs.forgetFile('nope')).rejects.toMatchObject({ code: 'NotFound' })
    await configs.forgetFile(id)
    expect((await readSet(configs)).contexts.map((context) => context.id)).toEqual(['same'])
    expect(await readFile(other)).toEqual(before)
  })

  it('shows the playground as soon as it has a kubeconfig', async () => {
    const path = await box.write('playground/kubeconfig', kubeconfigText(good('playground')))
    let current: string | null = null
    const configs = box.configs({ playgroundKubeconfig: () => current })
    let set: KubeConfigSet | undefined
    configs.watch((next) => (set = next))
    await until(() => set !== undefined)
    current = path
    await until(() => set?.contexts[0]?.isPlayground === true)
    expect(set?.files).toHaveLength(1)
  })
})

describe('what is wrong with a file', () => {
  const cases: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['empty', '', 'KubeconfigEmpty'],
    ['only a comment', '# nothing\n', 'KubeconfigEmpty'],
    ['null', 'null\n', 'KubeconfigEmpty'],
    ['no entries', 'apiVersion: v1\nkind: Config\n', 'KubeconfigEmpty'],
    ['a scalar', 'hello', 'KubeconfigMalformed'],
    ['a list', '- a\n- b\n', 'KubeconfigMalformed'],
    ['broken indentation', 'clusters:\n- name: a\n cluster: b\n', 'KubeconfigMalformed'],
    ['a tab', 'clusters:\n\t- name: a\n', 'KubeconfigMalformed'],
    ['an unknown anchor', 'users:\n- name: a\n  user:\n    password: *hunter2\n', 'KubeconfigMalformed'],
    ['an open quote', 'clusters: "https://secret', 'KubeconfigMalformed'],
    ['HTML', '<!doctype html><html><body>Login: please</body></html>', 'KubeconfigMalformed'],
    ['a Pod', 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n', 'KubeconfigMalformed'],
    ['bytes', Buffer.from([0xc3, 0x28, 0x61]), 'KubeconfigMalformed'],
    ['UTF-16', Buffer.from('\ufeffkind: Config', 'utf16le'), 'KubeconfigMalformed'],
    ['NUL bytes', 'kind: Config\n\0\0', 'KubeconfigMalformed'],
    ['depth', '['.repeat(100_000), 'KubeconfigMalformed'],
    ['an unknown tag', 'clusters: !!js/function "x"', 'KubeconfigMalformed'],
  ]
  it.each(cases)('%s', async (_name, content, code) => {
    const bad = await box.write('bad', content)
    const fine = await box.write('fine', kubeconfigText(good('fine')))
    const set = await readSet(box.configs({ env: envOf(bad, fine) }))
    expect(set.contexts.map(({ name, problem }) => [name, problem])).toEqual([['fine', null]])
    expect(set.files[0]?.problem).toMatchObject({ code })
    expect(set.files[1]?.problem).toBeNull()
    expect(set.files[0]?.problem?.message).toContain('~/bad')
    expect(set.files[0]?.problem?.remedy).not.toBe('')
    expect(JSON.stringify(set)).not.toMatch(/hunter2|secret/)
  })

  it('names line and column of malformed YAML', async () => {
    await box.write('.kube/config', 'kind: Config\nclusters:\n- name: a\n cluster: b\n')
    expect((await readSet(box.configs())).files[0]?.problem?.message).toMatch(/line 4, column \d+/)
  })

  it('a folder, a dangling link, a link in a circle, a pipe', async () => {
    await mkdir(join(box.home, 'folder'))
    await symlink(join(box.home, 'gone'), join(box.home, 'dangling'))
    await symlink(join(box.home, 'circle'), join(box.home, 'circle'))
    const { execFileSync } = await import('node:child_process')
    execFileSync('mkfifo', [join(box.home, 'pipe')])
    const env = envOf(...['folder', 'dangling', 'circle', 'pipe'].map((name) => join(box.home, name)))
    const { files } = await readSet(box.configs({ env }))
    expect(files.map(({ problem }) => problem?.code)).toEqual([
      'KubeconfigUnreadable',
      'KubeconfigMissing',
      'KubeconfigUnreadable',
      'KubeconfigUnreadable',
    ])
  })

  // Root may read everything: there, a child that has given its rights away does the reading.
  it.skipIf(process.platform === 'win32')('a file and a folder that may not be read, beside one that may', async () => {
    const locked = await box.write('locked', kubeconfigText(good('a')))
    const within = await box.write('closed/config', kubeconfigText(good('b')))
    const open = await box.write('open', kubeconfigText(good('c')), 0o644)
    await chmod(box.home, 0o755)
    await chmod(locked, 0)
    await chmod(dirname(within), 0)
    const args = ['--disable-warning=ExperimentalWarning', child, box.home, locked, within, open]
    const { stdout } = await promisify(execFile)(process.execPath, args).finally(() => chmod(dirname(within), 0o700))
    const { uid, files, contexts } = JSON.parse(stdout) as KubeConfigSet & { uid: number }
    expect(uid).not.toBe(0)
    expect(files.map(({ label, problem }) => [label, problem?.code ?? null])).toEqual([
      ['~/locked', 'KubeconfigUnreadable'],
      ['~/closed/config', 'KubeconfigUnreadable'],
      ['~/open', null],
    ])
    for (const [index, name] of ['~/locked', '~/closed/config'].entries()) {
      expect(files[index]?.problem?.message).toBe(`Kubeconfig ${name} may not be read`)
      expect(files[index]?.problem?.remedy).toBe('Check the permissions of the file.')
    }
    expect(contexts.map(({ name, problem }) => [name, problem])).toEqual([['c', null]])
  })
})

describe('one bad context among good ones', () => {
  const other = issueLeaf(authority, { commonName: 'other', usage: 'client' })
  const leaf = issueLeaf(authority, { commonName: 'leaf', usage: 'client' })
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'x' }
  const cases: readonly (readonly [string, object | null, object | null, string, RegExp])[] = [
    ['no server', {}, {}, 'ContextInvalid', /no server/],
    ['server is a list', { server: ['x'] }, {}, 'ContextInvalid', /no server/],
    ['server is no URL', { server: 'https://' }, {}, 'ContextInvalid', /not a URL/],
    ['server of another scheme', { server: 'ftp://x' }, {}, 'ContextInvalid', /neither https/],
    ['missing cluster', null, {}, 'ContextInvalid', /cluster "bad" does not exist/],
    ['missing user', server, null, 'ContextInvalid', /user "bad" does not exist/],
    [
      'missing authority file',
      { ...server, 'certificate-authority': 'ca.pem' },
      {},
      'CredentialMissing',
      /~\/conf\/ca.pem does not exist/,
    ],
    ['authority is a folder', { ...server, 'certificate-authority': '.' }, {}, 'CredentialMissing', /is a folder/],
    ['authority is no base64', { ...server, 'certificate-authority-data': '%%%' }, {}, 'ContextInvalid', /not base64/],
    ['authority is no PEM', { ...server, 'certificate-authority-data': base64('x') }, {}, 'ContextInvalid', /no PEM/],
    [
      'missing client key file',
      server,
      { 'client-certificate-data': base64(leaf.certPem), 'client-key': '/nope' },
      'CredentialMissing',
      /client key/,
    ],
    [
      'certificate without key',
      server,
      { 'client-certificate-data': base64(leaf.certPem) },
      'ContextInvalid',
      /no client key/,
    ],
    [
      'key without certificate',
      server,
      { 'client-key-data': base64(leaf.keyPem) },
      'ContextInvalid',
      /no client certificate/,
    ],
    [
      'key of another certificate',
      server,
      { 'client-certificate-data': base64(leaf.certPem), 'client-key-data': base64(other.keyPem) },
      'ContextInvalid',
      /does not belong/,
    ],
    [
      'broken key',
      server,
      { 'client-certificate-data': base64(leaf.certPem), 'client-key-data': base64('x') },
      'ContextInvalid',
      /private key/,
    ],
    ['token with a line break', server, { token: 'abc\r\nX: y' }, 'ContextInvalid', /token/],
    ['impersonation with a line break', server, { as: 'a\r\nX: y' }, 'ContextInvalid', /impersonation/],
    ['auth-provider', server, { 'auth-provider': { name: 'gcp' } }, 'Unsupported', /removed in 1.26/],
    ['exec without command', server, { exec: { ...exec, command: '' } }, 'ContextInvalid', /no command/],
    [
      'exec v1alpha1',
      server,
      { exec: { ...exec, apiVersion: 'client.authentication.k8s.io/v1alpha1' } },
      'Unsupported',
      /v1alpha1/,
    ],
    [
      'exec that wants a terminal',
      server,
      { exec: { ...exec, interactiveMode: 'Always' } },
      'ExecInteractive',
      /terminal/,
    ],
    ['SOCKS proxy', { ...server, 'proxy-url': 'socks5://u:hunter2@127.0.0.1:1' }, {}, 'Unsupported', /socks5/],
    ['proxy that is no URL', { ...server, 'proxy-url': 'hunter2' }, {}, 'ContextInvalid', /proxy-url/],
  ]
  it.each(cases)('%s', async (_name, cluster, user, code, message) => {
    const text = JSON.stringify({
      clusters: [...(cluster === null ? [] : [{ name: 'bad', cluster }]), { name: 'fine', cluster: server }],
      users: [...(user === null ? [] : [{ name: 'bad', user }]), { name: 'fine', user: { token: 'hunter2' } }],
      contexts: ['bad', 'fine'].map((name) => ({ name, context: { cluster: name, user: name } })),
    })
    const path = await box.write('conf/config', text)
    const configs = box.configs({ env: envOf(path) })
    const bad = await readContext(configs, 'bad')
    expect(bad.problem).toMatchObject({ code })
    expect(bad.problem?.message).toMatch(message)
    expect((await readContext(configs, 'fine')).problem).toBeNull()
    expect(JSON.stringify(await readSet(configs))).not.toContain('hunter2')
    expect(() => configs.open(bad.id)).toThrow(SluiceError)
    configs.open('fine').close()
  })

  it('entries that are no maps are passed over', async () => {
    await box.write(
      '.kube/config',
      JSON.stringify({
        clusters: [null, 1, 'x', [], { name: ['x'] }, { name: 'c', cluster: server }],
        users: { not: 'a list' },
        contexts: [null, {}, { name: '' }, { name: 'empty' }, { name: 'c', context: { cluster: 'c' } }],
      }),
    )
    const set = await readSet(box.configs())
    expect(set.contexts.map(({ name, problem }) => [name, problem?.code ?? null])).toEqual([
      ['empty', 'ContextInvalid'],
      ['c', null],
    ])
  })

  it('strange names stay names', async () => {
    const names = [
      '<img src=x onerror=alert(1)>',
      'a\u202eb\u2066c',
      '__proto__',
      'constructor',
      'ünï 日本 🌊',
      'x'.repeat(10_000),
      '0123',
      'a\nb',
    ]
    await box.write('.kube/config', kubeconfigText(...names.map(good)))
    const set = await readSet(box.configs())
    expect(set.contexts.map(({ name }) => name)).toEqual(names)
    expect(set.contexts.every(({ problem, id }) => problem === null && id.length <= 512)).toBe(true)
    expect(new Set(set.contexts.map(({ id }) => id)).size).toBe(names.length)
  })

  it('messages about strange names are short and plain', async () => {
    const name = `\u202e<b>\u001b[31m${'x'.repeat(10_000)}`
    await box.write('.kube/config', kubeconfigText({ name, cluster: {} }))
    const problem = (await readSet(box.configs())).contexts[0]?.problem
    expect(problem?.message.length).toBeLessThan(400)
    // eslint-disable-next-line no-control-regex
    expect(problem?.message).not.toMatch(/[\u202e\u001b]/)
  })

  it('duplicate keys, merge keys and endless aliases are survived', async () => {
    await box.write(
      '.kube/config',
      `kind: Config
current-context: a
current-context: b
x: &x {server: "https://one"}
bomb: &b0 [x, x, x, x, x, x, x, x, x, x]
bomb1: &b1 [*b0, *b0, *b0, *b0, *b0, *b0, *b0, *b0, *b0, *b0]
bomb2: &b2 [*b1, *b1, *b1, *b1, *b1, *b1, *b1, *b1, *b1, *b1]
bomb3: &b3 [*b2, *b2, *b2, *b2, *b2, *b2, *b2, *b2, *b2, *b2]
bomb4: &b4 [*b3, *b3, *b3, *b3, *b3, *b3, *b3, *b3, *b3, *b3]
circle: &c {self: *c}
clusters:
- name: b
  cluster: {<<: *x, extensions: [{name: client.authentication.k8s.io/exec, extension: *b4}]}
- {name: b, cluster: {server: "https://two"}}
users:
- name: b
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: x, args: [*b4, 1, true, null], provideClusterInfo: true}}
contexts: [{name: b, context: {cluster: b, user: b}}]
`,
    )
    const set = await readSet(box.configs())
    expect(set.contexts).toMatchObject([{ name: 'b', server: 'https://one', problem: null }])
    expect(set.current).toBe('b')
  })
})

describe('what a context says', () => {
  it('warns of http, insecure TLS, proxies and passwords in URLs, and never shows them', async () => {
    await box.write(
      '.kube/config',
      kubeconfigText(
        { name: 'http', cluster: { server: 'http://u:hunter2@h:80/p/?q=hunter2#f' } },
        { name: 'insecure', cluster: { ...server, 'insecure-skip-tls-verify': true } },
        { name: 'proxy', cluster: { ...server, 'proxy-url': 'http://u:hunter2@proxy:3128' } },
        { name: 'clean', cluster: server },
      ),
    )
    const { contexts } = await readSet(box.configs())
    expect(contexts.map(({ warnings }) => warnings.length)).toEqual([2, 1, 1, 0])
    expect(contexts[0]?.server).toBe('http://h/p/')
    expect(contexts[2]?.warnings[0]).toContain('http://proxy:3128')
    expect(JSON.stringify(contexts)).not.toContain('hunter2')
  })

  it('gives the same endpoint the same hash whether the authority is inline or a file', async () => {
    await box.write('.kube/ca.pem', authority.certPem)
    await box.write(
      '.kube/config',
      kubeconfigText(
        { name: 'a', cluster: { ...server, 'certificate-authority-data': base64(authority.certPem) } },
        { name: 'b', cluster: { ...server, 'certificate-authority': 'ca.pem' } },
        { name: 'c', cluster: server },
      ),
    )
    const [a, b, c] = (await readSet(box.configs())).contexts
    expect(a?.endpointHash).toBe(b?.endpointHash)
    expect(a?.endpointHash).not.toBe(c?.endpointHash)
    expect(a?.endpointHash).toBe(
      createHash('sha256').update(`https://127.0.0.1:6443\0${authority.certPem}`).digest('hex'),
    )
  })
})

describe('changes on disk', () => {
  it('are picked up, and only the changed context gets a new configHash', async () => {
    const path = await box.write('.kube/config', kubeconfigText(good('a'), good('b')))
    const configs = box.configs()
    const sets: KubeConfigSet[] = []
    configs.watch((set) => sets.push(set))
    await until(() => sets.length === 1)
    await writeFile(path, kubeconfigText(good('a'), { ...good('b'), user: { token: 'new' } }))
    await until(() => sets.length === 2)
    expect(sets[1]?.contexts[0]?.configHash).toBe(sets[0]?.contexts[0]?.configHash)
    expect(sets[1]?.contexts[1]?.configHash).not.toBe(sets[0]?.contexts[1]?.configHash)
  })

  it('by rename, by a link that is swapped, of a certificate, of a file that comes and goes', async () => {
    await box.write('v1/config', kubeconfigText(good('one')))
    await box.write('v2/config', kubeconfigText(good('two')))
    await symlink('v1', join(box.home, '..data'))
    await symlink(join('..data', 'config'), join(box.home, 'config'))
    const ca = await box.write('v1/ca.pem', authority.certPem)
    const late = join(box.home, 'later', 'config')
    const cluster = { ...server, 'certificate-authority': ca }
    const third = await box.write('third', kubeconfigText({ name: 'third', cluster }))
    const configs = box.configs({ env: envOf(join(box.home, 'config'), late, third) })
    let set: KubeConfigSet | undefined
    configs.watch((next) => (set = next))
    const names = (): string => set?.contexts.map(({ name }) => name).join() ?? ''
    await until(() => names() === 'one,third')

    await symlink('v2', join(box.home, 'next'))
    await rename(join(box.home, 'next'), join(box.home, '..data'))
    await until(() => names() === 'two,third')

    await box.write('later/config', kubeconfigText(good('late')))
    await until(() => names() === 'two,late,third')
    await rm(late)
    await until(() => names() === 'two,third')

    const hash = set?.contexts[1]?.configHash
    await writeFile(ca, `${authority.certPem}\n`)
    await until(() => set?.contexts[1]?.configHash !== hash)
    await rm(ca)
    await until(() => set?.contexts[1]?.problem?.code === 'CredentialMissing')
  })

  it('a file that is truncated for a moment keeps its contexts', async () => {
    const path = await box.write('.kube/config', kubeconfigText(good('a')))
    const configs = box.configs()
    const sets: KubeConfigSet[] = []
    configs.watch((set) => sets.push(set))
    await until(() => sets.length === 1)
    await writeFile(path, '')
    await configs.refresh()
    await writeFile(path, kubeconfigText(good('a'), good('b')))
    await until(() => sets.at(-1)?.contexts.length === 2)
    expect(sets.every((set) => set.contexts.length > 0)).toBe(true)
    await writeFile(path, '{')
    await until(() => sets.at(-1)?.files[0]?.problem?.code === 'KubeconfigMalformed')
    expect(sets.at(-1)?.contexts).toEqual([])
  })
})
