/** Random input: kubeconfigs never throw anything but SluiceErrors, read-only never lets a write out. */
import { scaleCount, seed } from '../../soak.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseForeignKubeconfig } from '../../../electron/adapters/kube/foreign-kubeconfig.ts'
import { composeSet } from '../../../electron/adapters/kube/kubeconfig-load.ts'
import { parseKubeconfig } from '../../../electron/adapters/kube/kubeconfig-text.ts'
import { refuseOnReadOnly } from '../../../electron/adapters/kube/read-only-rule.ts'
import { SluiceError } from '../../../shared/model/errors.ts'

const keys = [
  'name',
  'cluster',
  'clusters',
  'user',
  'users',
  'context',
  'contexts',
  'server',
  'exec',
  'env',
  'args',
  'command',
  'token',
  'extensions',
  'as',
  'as-user-extra',
  'proxy-url',
  'certificate-authority-data',
  'current-context',
  'kind',
  '__proto__',
  'constructor',
  '<<',
]
const scalar = fc.oneof(
  fc.string(),
  fc.constantFrom('https://127.0.0.1', 'a', '', '\u202e', '*x', '&x'),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
)
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 6 }),
  ),
}))

async function check(text: string): Promise<void> {
  for (const parse of [
    async () => {
      const entries = parseKubeconfig(text, 'x')
      const group = { role: 'default' as const, files: ['/nowhere/x'] }
      const { set } = await composeSet([group], new Map([['/nowhere/x', { entries, problem: null }]]), '/home')
      JSON.stringify(set)
    },
    async () => void parseForeignKubeconfig(text),
  ])
    await parse().catch((error: unknown) => {
      if (!(error instanceof SluiceError)) throw error
    })
}

describe('random kubeconfigs', () => {
  it('of random shape', () =>
    fc.assert(
      fc.asyncProperty(tree, (value) => check(JSON.stringify(value))),
      { numRuns: scaleCount(20_000), seed: seed() },
    ))
  it('of random entries', () => {
    const body = fc.dictionary(fc.constantFrom(...keys), tree, { maxKeys: 8 })
    const list = (field: string) =>
      fc.array(
        body.map((value) => ({ name: 'a', [field]: value })),
        { maxLength: 3 },
      )
    const config = fc.record({
      clusters: list('cluster'),
      users: list('user'),
      contexts: list('context'),
      'current-context': fc.constant('a'),
    })
    return fc.assert(
      fc.asyncProperty(config, (value) => check(JSON.stringify(value))),
      { numRuns: scaleCount(20_000), seed: seed() },
    )
  })
  it('of random text', () => {
    const pieces = fc.array(
      fc.constantFrom(
        'clusters:',
        '\n',
        '- ',
        'name: a',
        ' ',
        '\t',
        '&x ',
        '*x',
        '<<: ',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '|',
        '>',
        '---',
        '!!map',
        '\u0000',
        ':',
        ',',
        '#',
      ),
      { maxLength: 60 },
    )
    return fc.assert(
      fc.asyncProperty(pieces, (value) => check(value.join(''))),
      { numRuns: scaleCount(40_000), seed: seed() },
    )
  })
})

/** What Go's url.ParseQuery makes of a query: pairs with semicolons or bad escapes are dropped. */
function goValues(query: string, key: string): string[] {
  const values: string[] = []
  for (const pair of query.split('&')) {
    if (pair.includes(';')) continue
    const [name = '', ...rest] = pair.split('=')
    try {
      if (decodeURIComponent(name.replaceAll('+', ' ')) === key)
        values.push(decodeURIComponent(rest.join('=').replaceAll('+', ' ')))
    } catch {
      continue
    }
  }
  return values
}

describe('read-only', () => {
  it('never lets out what a server could take for a write or a way into a workload', () => {
    const segment = fc.constantFrom(
      'api',
      'apis',
      'v1',
      'apps',
      'namespaces',
      'a',
      'pods',
      'p',
      'exec',
      'proxy',
      'portforward',
      'attach',
      'status',
      'log',
      '..',
      '.',
      '',
      '%2e%2e',
      '%2F',
      '%2f..',
      'authorization.k8s.io',
      'selfsubjectaccessreviews',
      'deployments',
    )
    const pair = fc.constantFrom(
      'dryRun=All',
      'dryRun=',
      'dryRun',
      'dryrun=All',
      'dryRun=All;',
      'x=1',
      'd%72yRun=None',
      'dryRun=%41ll',
      '%',
      'watch=true',
      'a=dryRun=All',
      '',
    )
    const request = fc.record({
      method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'get', 'patch', 'OPTIONS'),
      segments: fc.array(segment, { minLength: 1, maxLength: 9 }),
      pairs: fc.array(pair, { maxLength: 4 }),
      hasBody: fc.boolean(),
    })
    fc.assert(
      fc.property(request, ({ method, segments, pairs, hasBody }) => {
        const query = pairs.join('&')
        const path = `/${segments.join('/')}${pairs.length === 0 ? '' : `?${query}`}`
        if (refuseOnReadOnly({ method, path, hasBody }) !== null) return
        const parts = new URL(path.split('?')[0] ?? '', 'https://h').pathname.split('/').slice(1)
        expect(parts).toEqual(segments)
        const skip = parts[0] === 'api' ? 2 : 3
        const tail = parts.slice(skip)
        // `namespaces/NAME/X` lists the resource X of a namespace: a namespace has no way in.
        const subresource = (tail[0] === 'namespaces' && tail.length > 2 ? tail.slice(2) : tail)[2]
        expect(['exec', 'proxy', 'portforward', 'attach']).not.toContain(subresource)
        if (method === 'GET' || method === 'HEAD') return
        const isReview = method === 'POST' && path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
        if (!isReview) expect(goValues(query, 'dryRun')).toEqual(['All'])
        if (method === 'DELETE') expect(hasBody).toBe(false)
      }),
      { numRuns: 20_000, seed: seed() },
    )
  })
})
