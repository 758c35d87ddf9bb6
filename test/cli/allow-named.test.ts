/** What the command line allows, as soon as an object of the cluster names it. */
import { expect, it } from 'vitest'
import { createAllowance } from '../../electron/cli/allow-named.ts'
import type { Session } from '../../electron/cli/session.ts'
import { SluiceError } from '../../shared/model/errors.ts'

/** A cluster whose objects name what `named` holds; `allowed` is what it was asked to allow and did. */
function setUp(): { session: Pick<Session, 'cluster' | 'handlers' | 'signal'>; named: Set<string>; allowed: string[] } {
  const named = new Set<string>()
  const allowed: string[] = []
  const allow = (subject: string): Promise<null> => {
    if (!named.has(subject)) return Promise.reject(new SluiceError('NotFound', `Nobody names ${subject}`))
    allowed.push(subject)
    return Promise.resolve(null)
  }
  const handlers = {
    'hosts.allow': ({ host }: { host: string }) => allow(host),
    'credentials.allow': ({ url }: { url: string }) => allow(url),
  } as unknown as Session['handlers']
  return { session: { cluster: 'one', handlers, signal: new AbortController().signal }, named, allowed }
}

it('allows nothing that no object of the cluster names, and each once as soon as one does', async () => {
  const { session, named, allowed } = setUp()
  const allowance = createAllowance(session, {
    allowHost: ['Git.Example:443', 'storage.example:80', 'git.example:443'],
    allowOwnCredentials: ['https://git.example/fleet'],
  })
  await allowance.look()
  expect([allowance.count, allowed]).toEqual([0, []])
  named.add('storage.example:80').add('elsewhere.example:443')
  await allowance.look()
  named.add('git.example:443').add('https://git.example/fleet')
  await allowance.look()
  await allowance.look()
  expect(allowed).toEqual(['storage.example:80', 'git.example:443', 'https://git.example/fleet'])
  expect(allowance.count).toBe(3)
})

it('what began before tells by the count that something was allowed meanwhile, whoever looked', async () => {
  const { session, named } = setUp()
  const allowance = createAllowance(session, { allowHost: ['git.example:443'] })
  const before = allowance.count
  named.add('git.example:443')
  await Promise.all([allowance.look(), allowance.look()])
  expect(allowance.count).toBe(before + 1)
  await allowance.look()
  expect(allowance.count).toBe(before + 1)
})
