import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseKnownHosts } from '../../../electron/adapters/git/known-hosts.ts'

const key = Buffer.from('the key')
const other = Buffer.from('another key')
const line = (hosts: string, bytes = key, type = 'ssh-ed25519'): string =>
  `${hosts} ${type} ${bytes.toString('base64')}`

function hashed(host: string): string {
  const salt = Buffer.from('some salt')
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(host).digest('base64')}`
}

test.each([
  ['a plain name', line('git.example'), 22, 'known'],
  ['names in a list', line('a.example,git.example'), 22, 'known'],
  ['upper case', line('Git.Example'), 22, 'known'],
  ['a pattern', line('*.example'), 22, 'known'],
  ['a negated pattern', line('*.example,!git.example'), 22, 'unknown'],
  ['another port', line('[git.example]:2222'), 2222, 'known'],
  ['a name without its port', line('git.example'), 2222, 'unknown'],
  ['a hashed name', line(hashed('git.example')), 22, 'known'],
  ['a hashed name with its port', line(hashed('[git.example]:2222')), 2222, 'known'],
  ['another key', line('git.example', other), 22, 'changed'],
  ['one of two keys', `${line('git.example', other)}\n${line('git.example')}`, 22, 'known'],
  ['a revoked key', `${line('git.example')}\n@revoked ${line('*')}`, 22, 'revoked'],
  ['a certificate authority only', `@cert-authority ${line('git.example')}`, 22, 'unknown'],
  ['a comment', `# ${line('git.example')}`, 22, 'unknown'],
  ['nothing', '', 22, 'unknown'],
])('%s', (_name, text, port, verdict) => {
  expect(parseKnownHosts(text).judge('git.example', port, key)).toBe(verdict)
})

test('types are told in the order of the file', () => {
  const text = [line('h', key, 'ecdsa-sha2-nistp256'), line('h', key, 'ssh-rsa'), line('h', other, 'ssh-rsa')].join(
    '\n',
  )
  expect(parseKnownHosts(text).typesOf('h', 22)).toEqual(['ecdsa-sha2-nistp256', 'ssh-rsa'])
})
