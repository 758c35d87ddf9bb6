/** When and what the build has decrypted, with a decryptor that turns `ENC:x` into `x`. */
import { describe, expect, it } from 'vitest'
import type { Decryptor } from '../../../electron/engine/decrypt/decryptor.ts'
import { BuildError } from '../../../electron/engine/kustomize/build-error.ts'
import { MapNode, getMap, getText, makeString, setField } from '../../../electron/engine/kustomize/yaml/node.ts'
import { configMap, printedConfigMap, render } from './render.ts'
import type { RenderOptions } from './render.ts'

interface Call {
  readonly path: string
  readonly format: string
}

function fakeDecryptor(calls: Call[]): Decryptor {
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
  return {
    hasKeys: true,
    isEncrypted: (node) => getText(node, 'sops') !== '',
    decryptResource(node) {
      if (getText(node, 'sops') === 'locked') throw new BuildError('DecryptionFailed', 'no key opens it')
      if (getText(node, 'sops') === '') return { node, warnings: [], sensitivePaths: [] }
      const copy = new MapNode([...node.keys], [...node.values])
      const index = copy.keys.findIndex((key) => key.kind === 'scalar' && key.value === 'sops')
      copy.keys.splice(index, 1)
      copy.values.splice(index, 1)
      const data = getMap(copy, 'data')!
      setField(copy, 'data', new MapNode([makeString('key')], [makeString(getText(data, 'key').replace('ENC:', ''))]))
      return { node: copy, warnings: ['the MAC does not match'], sensitivePaths: [['data', 'key']] }
    },
    decryptFile(path, bytes, format) {
      calls.push({ path, format })
      const text = decode(bytes)
      if (text.includes('LOCKED')) throw new BuildError('DecryptionFailed', `no key opens ${path}`)
      if (!text.includes('ENC:')) return { bytes, wasEncrypted: false, warnings: [] }
      return { bytes: new TextEncoder().encode(text.replaceAll('ENC:', '')), wasEncrypted: true, warnings: [] }
    },
  }
}

function decrypting(
  options: RenderOptions,
  decryptor?: Decryptor | null,
): ReturnType<typeof render> & { calls: Call[] } {
  const calls: Call[] = []
  const result = render({
    ...options,
    spec: { decryption: { provider: 'sops' }, ...options.spec },
    input: { decryptor: decryptor === undefined ? fakeDecryptor(calls) : decryptor },
  })
  return { ...result, calls }
}

const encrypted = `${configMap('a', '  key: ENC:plain ${v:=x}\n')}sops: {}\n`.replace('sops: {}', 'sops: "yes"')

describe('objects', () => {
  it('are decrypted before their variables are substituted', () => {
    const result = decrypting({
      spec: { postBuild: { substitute: { v: 'substituted' } } },
      files: { 'apps/a.yaml': encrypted },
    })
    expect(result.text).toBe(printedConfigMap('a', '  key: plain substituted\n'))
    expect(result.objects[0]?.sensitive).toEqual([['data', 'key']])
    expect(result.warnings).toEqual(['the MAC does not match'])
    expect(result.digest).toMatch(/^sha256:/)
  })

  it('that no key opens stay, and the result has no digest', () => {
    const result = decrypting({ files: { 'apps/a.yaml': encrypted.replace('"yes"', 'locked') } })
    expect(result.text).toContain('ENC:plain')
    expect(result.digest).toBeNull()
    expect(result.assumptions).toEqual([
      {
        kind: 'undecryptable',
        message: "decryption failed for 'ConfigMap.v1.[noGrp]/a': no key opens it",
        names: ['ConfigMap/a'],
        file: '',
        line: 0,
      },
    ])
  })

  it('are left alone where the spec asks for no decryption', () => {
    const result = decrypting({ spec: { decryption: undefined }, files: { 'apps/a.yaml': encrypted } })
    expect(result.text).toContain('ENC:plain')
    expect(result.digest).toMatch(/^sha256:/)
  })
})

describe('files', () => {
  it('of secret generators and patches are decrypted before the build, in every kustomization that is reached', () => {
    const { calls, error } = decrypting({
      files: {
        'apps/kustomization.yaml': [
          'resources: [a.yaml, ../base]',
          'secretGenerator:',
          '- name: s',
          '  options: {disableNameSuffixHash: true}',
          '  files: [token.txt, config.json=inner, same=token.txt]',
          '  envs: [vars.env, more]',
          'configMapGenerator: [{name: c, files: [plain.txt], options: {disableNameSuffixHash: true}}]',
          'patches: [{path: patch.yaml, target: {kind: ConfigMap, name: a}}]\n',
        ].join('\n'),
        'apps/a.yaml': configMap('a'),
        'apps/token.txt': 'ENC:t',
        'apps/inner': '"ENC:i"',
        'apps/vars.env': 'A=ENC:1\n',
        'apps/more': 'B=ENC:2\n',
        'apps/plain.txt': 'ENC:stays',
        'apps/patch.yaml': configMap('a', '  key: ENC:patched\n'),
        'base/kustomization.yaml': 'secretGenerator: [{name: b, files: [b.yaml]}]\nresources: [nested]\n',
        'base/b.yaml': 'ENC:b',
        'base/nested/kustomization.yaml': 'resources: []\npatches: [{path: p.yaml}]\n',
        'base/nested/p.yaml': 'ENC:',
      },
    })
    expect(error?.message ?? '').not.toContain('decrypting')
    expect(calls).toEqual([
      { path: 'apps/token.txt', format: 'binary' },
      { path: 'apps/inner', format: 'json' },
      { path: 'apps/vars.env', format: 'dotenv' },
      { path: 'apps/more', format: 'dotenv' },
      { path: 'apps/patch.yaml', format: 'yaml' },
      { path: 'base/b.yaml', format: 'yaml' },
      { path: 'base/nested/p.yaml', format: 'yaml' },
    ])
  })

  it('give their plaintext to the generators and patches', () => {
    const { text } = decrypting({
      files: {
        'apps/kustomization.yaml': [
          'resources: [a.yaml]',
          'secretGenerator: [{name: s, files: [token.txt], envs: [vars.env], options: {disableNameSuffixHash: true}}]',
          'patches: [{path: patch.yaml}]\n',
        ].join('\n'),
        'apps/a.yaml': configMap('a'),
        'apps/token.txt': 'ENC:t',
        'apps/vars.env': 'A=ENC:1\n',
        'apps/patch.yaml': configMap('a', '  key: ENC:patched\n'),
      },
    })
    expect(text).toBe(
      `${printedConfigMap('a', '  key: patched\n')}---\napiVersion: v1\ndata:\n  A: MQ==\n  token.txt: dA==\nkind: Secret\nmetadata:\n  name: s\ntype: Opaque\n`,
    )
  })

  it('that no key opens are named', () => {
    const result = decrypting({
      files: {
        'apps/kustomization.yaml': 'secretGenerator: [{name: s, files: [token.txt]}]\n',
        'apps/token.txt': 'LOCKED',
      },
    })
    expect(result.assumptions).toEqual([
      {
        kind: 'undecryptable',
        message: 'no key opens apps/token.txt',
        names: ['apps/token.txt'],
        file: 'apps/token.txt',
        line: 0,
      },
    ])
    expect(result.objects).toHaveLength(1)
    expect(result.digest).toBeNull()
  })

  it.each([
    ['secretGenerator: [{name: s, files: [gone]}]\n', 'lstat apps/gone: no such file or directory'],
    ['secretGenerator: [{name: s, files: [dir]}]\n', 'cannot decrypt irregular file as it has file mode type bits set'],
    ['resources: [empty]\n', 'no kustomization file found'],
  ])('that cannot be read fail the build: %j', (text, message) => {
    const { error } = decrypting({
      files: { 'apps/kustomization.yaml': text, 'apps/dir/x': '', 'apps/empty/a.yaml': configMap('a') },
    })
    expect(error?.message).toBe(`error decrypting sources: ${message}`)
  })

  it('are not looked for behind references that lead nowhere', () => {
    const { error } = decrypting({
      files: {
        'apps/kustomization.yaml': 'resources: [a.yaml, "https://example.invalid/x"]\n',
        'apps/a.yaml': configMap('a'),
      },
    })
    expect(error?.code).toBe('RemoteNotFetched')
  })
})

describe('nobody with keys', () => {
  it('sees what is encrypted', () => {
    const sops = `${configMap('a')}sops: {mac: "ENC[AES256_GCM]"}\n`
    const secret = `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  f: ${btoa('sops:\n  mac: ENC[AES256_GCM]')}\n  g: "%%"\n`
    const result = decrypting(
      {
        files: {
          'apps/kustomization.yaml':
            'resources: [a.yaml, s.yaml, p.yaml]\nsecretGenerator: [{name: g, files: [f.yaml]}]\n',
          'apps/a.yaml': sops,
          'apps/s.yaml': secret,
          'apps/p.yaml': configMap('plain'),
          'apps/f.yaml': 'x: ENC[]\nsops:\n  mac: ENC[AES256_GCM]\n',
        },
      },
      null,
    )
    // The generated Secret holds the ciphertext of its file.
    expect(result.assumptions.map(({ names }) => names)).toEqual([
      ['apps/f.yaml'],
      ['ConfigMap/a'],
      ['Secret/s'],
      [expect.stringMatching(/^Secret\/g-/)],
    ])
    expect(result.digest).toBeNull()
  })
})
