import { expect, it } from 'vitest'
import type { Report, ReportedObject, ReportedOwner } from '../../electron/cli/drift-report.ts'
import { printReport } from '../../electron/cli/drift-report.ts'
import type { Terminal } from '../../electron/cli/output.ts'
import type { DriftField, DriftObject, DriftOwner } from '../../shared/model/drift.ts'
import type { SluiceErrorData } from '../../shared/model/errors.ts'

const ref = (kind: string, name: string) => ({ cluster: 'c', group: '', kind, namespace: 'shop', name })
const error = (message: string, remedy = ''): SluiceErrorData => ({
  code: 'Forbidden',
  message,
  remedy,
  detail: '',
  retry: 'terminal',
})
const object = (name: string, more: Partial<DriftObject> = {}): DriftObject =>
  ({
    ref: ref('ConfigMap', name),
    action: 'unchanged',
    managers: [],
    origin: null,
    problem: null,
    summary: '',
    ...more,
  }) as DriftObject
const field = (more: Partial<DriftField> = {}): DriftField =>
  ({
    key: 'k',
    path: 'data.key',
    change: 'changed',
    gitValue: 'a',
    liveValue: 'b',
    isSecret: false,
    blame: null,
    verdict: 'drift',
    rule: '',
    ...more,
  }) as DriftField
const reported = (one: DriftObject, fields: readonly DriftField[] = []): ReportedObject => ({
  object: one,
  fields,
  texts: null,
})
const owner = (objects: readonly ReportedObject[], more: Partial<DriftOwner> = {}): ReportedOwner => ({
  context: '',
  ref: ref('Kustomization', 'apps'),
  owner: { objectCount: objects.length, isApproximate: false, fidelity: null, ...more } as DriftOwner,
  objects,
  error: null,
})

function print(report: Partial<Report>, isVerbose = false): { code: number; out: string; words: string } {
  const out: string[] = []
  const words: string[] = []
  const terminal: Terminal = {
    out: (text) => void out.push(text),
    say: (text) => void words.push(text),
    ask: null,
    isOutTerminal: false,
    columns: 80,
  }
  const code = printReport(
    { owners: [], problems: [], ...report },
    { format: 'table', isVerbose, now: 10_000 },
    terminal,
  )
  return { code, out: out.join('\n'), words: words.join('\n') }
}

it('is code 0 where everything was compared and nothing differs', () => {
  expect(print({ owners: [owner([reported(object('a'))])] })).toEqual({
    code: 0,
    out: '',
    words: '0 of 1 object in 1 owner differ from Git.',
  })
})

it('is code 1 for drift, with a line for each field that the next apply changes', () => {
  const drifted = reported(object('a', { action: 'configured' }), [
    field({ blame: { manager: 'kubectl-edit', operation: 'Update', subresource: '', at: 5000 } }),
    field({ path: 'data.token', isSecret: true, gitValue: null, liveValue: null }),
    field({ path: 'data.extra', verdict: 'reclaimed', change: 'added', gitValue: null, liveValue: 'x' }),
    field({ path: 'data.other', verdict: 'notOwned' }),
  ])
  const { code, out } = print({ owners: [owner([drifted, reported(object('b', { action: 'created' }))])] })
  expect(code).toBe(1)
  expect(out.split('\n').map((line) => line.split(/ {2,}/).slice(2))).toEqual([
    ['FIELD', 'MANAGER', 'AGE', 'GIT → LIVE'],
    ['data.key', 'kubectl-edit', '5s', 'a → b'],
    ['data.token', 'value changed'],
    ['data.extra', '(absent) → x, will be removed'],
    ['missing'],
  ])
})

it('is code 0 where only who owns fields differs, which stands below what drifts', () => {
  const record = reported(object('a', { action: 'configured', driftCount: 0 }), [
    field({
      path: 'metadata.managedFields[kubectl-edit]',
      verdict: 'record',
      change: 'added',
      gitValue: null,
      liveValue: 'data.a',
      blame: { manager: 'kubectl-edit', operation: 'Update', subresource: '', at: 5000 },
    }),
  ])
  const alone = print({ owners: [owner([record])] })
  expect(alone.code).toBe(0)
  expect(alone.words).toBe('0 of 1 object in 1 owner differ from Git; 1 object differs only in who owns its fields.')
  const both = print({ owners: [owner([record, reported(object('b', { action: 'created', driftCount: 0 }))])] })
  expect(both.code).toBe(1)
  expect(both.out.split('\n').map((line) => line.split(/ {2,}/).slice(1))).toEqual([
    ['OBJECT', 'FIELD', 'MANAGER', 'AGE', 'GIT → LIVE'],
    ['ConfigMap shop/b', 'missing'],
    [
      'ConfigMap shop/a',
      'metadata.managedFields[kubectl-edit]',
      'kubectl-edit',
      '5s',
      'record only: holds data.a; no value changes',
    ],
  ])
})

it('is code 2 where something is not known, and says what and why', () => {
  const failed: ReportedOwner = { ...owner([]), owner: null, error: error('No right', 'Ask for it') }
  const objects = [
    reported(object('a', { action: 'refused', problem: error('Denied by a policy.') })),
    reported(object('b', { action: 'moving' })),
  ]
  expect(print({ owners: [failed, owner(objects)], problems: ['You may not list helmreleases.'] })).toEqual({
    code: 2,
    out: '',
    words: [
      'You may not list helmreleases.',
      'Kustomization shop/apps could not be compared: No right. Ask for it.',
      'ConfigMap shop/a of Kustomization shop/apps is not known: Denied by a policy.',
      'ConfigMap shop/b of Kustomization shop/apps is not known: it changed while it was compared.',
      '0 of 2 objects in 1 owner differ from Git; 4 not known.',
    ].join('\n'),
  })
  expect(print({ owners: [failed, owner([reported(object('c', { action: 'pruned' }))])] }).code).toBe(1)
})

it('says one missing right once for all objects of a kind', () => {
  const forbidden = (name: string): ReportedObject =>
    reported(object(name, { action: 'refused', problem: error(`You may not read ${name}.`) }))
  const report = { owners: [owner(['a', 'b', 'c', 'd', 'e', 'f'].map(forbidden))] }
  const { words, code } = print(report)
  expect(code).toBe(2)
  expect(words.split('\n')).toEqual([
    'ConfigMap shop/a of Kustomization shop/apps is not known: You may not read a.',
    '  The same holds for ConfigMap shop/b, ConfigMap shop/c, ConfigMap shop/d and 2 more.',
    '0 of 6 objects in 1 owner differ from Git; 6 not known.',
  ])
  expect(print(report, true).words).toContain('You may not read f.')
})

it('does not call an approximate comparison unknown', () => {
  const approximate = reported(object('a', { problem: error('No right to dry-run.') }))
  expect(print({ owners: [owner([approximate], { isApproximate: true })] })).toMatchObject({
    code: 0,
    words:
      'Compared without dry-runs, so approximately: Kustomization shop/apps.\n0 of 1 object in 1 owner differ from Git.',
  })
})

it('says how sure it is', () => {
  const fidelity = {
    word: 'differs',
    digest: '',
    controllerDigest: 'x',
    revision: 'r',
    origin: 'folder',
    reasons: ['From a folder.'],
    assumptions: ['Assumed.'],
  } as const
  const sure = owner([], { fidelity, isApproximate: true })
  const plain = print({ owners: [sure] })
  expect(plain.words).toContain('Compared without dry-runs, so approximately: Kustomization shop/apps.')
  expect(plain.words).toContain('was rendered otherwise than by its controller. From a folder.')
  expect(plain.words).not.toContain('Assumed.')
  expect(print({ owners: [sure] }, true).words).toContain('Assumed.')
})

it('never lets text of a cluster move a cursor', () => {
  const evil = reported(object('a', { action: 'configured' }), [field({ liveValue: 'x\u001b[2Jy\nz' })])
  expect(print({ owners: [owner([evil])] }).out).toContain('a → xy z')
})
