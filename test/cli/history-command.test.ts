/** `sluice history` and `sluice audit` over a store as the window leaves it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createEventStore, historyFiles } from '../../electron/adapters/event-store/event-store.ts'
import { runAudit } from '../../electron/cli/audit-command.ts'
import { runHistory } from '../../electron/cli/history-command.ts'
import type { HistoryOptions } from '../../electron/cli/history-options.ts'
import { timeColumn } from '../../electron/cli/time-column.ts'
import type { Terminal } from '../../electron/cli/output.ts'
import type { NewHistoryEntry } from '../../shared/model/history.ts'

const never = new AbortController().signal
const minuteMs = 60_000
let folder: string
let out: string
let words: string
const terminal: Terminal = {
  out: (text) => void (out += `${text}\n`),
  say: (text) => void (words += `${text}\n`),
  ask: null,
  isOutTerminal: false,
  columns: 80,
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-history-cli-'))
  out = words = ''
  vi.stubEnv('SLUICE_DATA_DIR', join(folder, 'data'))
  vi.stubEnv('KUBECONFIG', join(folder, 'config'))
  const users = 'users: [{name: ann, user: {token: t}}]\n'
  const context = (name: string): string => `{name: ${name}, context: {cluster: ${name}, user: ann, namespace: apps}}`
  const cluster = (name: string): string => `{name: ${name}, cluster: {server: "https://127.0.0.1:1"}}`
  writeFileSync(
    join(folder, 'config'),
    `apiVersion: v1\nkind: Config\ncurrent-context: lab\n${users}` +
      `contexts: [${context('lab')}, ${context('other')}]\nclusters: [${cluster('lab')}, ${cluster('other')}]\n`,
  )
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const refOf = (kind: string, name: string, namespace = 'apps'): NonNullable<NewHistoryEntry['ref']> => ({
  cluster: 'c1',
  group: kind === 'Kustomization' ? 'kustomize.toolkit.fluxcd.io' : 'apps',
  kind,
  namespace,
  name,
})
const web = refOf('Kustomization', 'web')

function entry(minutesAgo: number, more: Partial<NewHistoryEntry> = {}): NewHistoryEntry {
  const told = {
    cluster: 'c1',
    type: 'run' as const,
    ref: web,
    owner: web,
    reason: 'Applied',
    message: 'Applied it',
    tone: 'good' as const,
    revision: `main@sha1:${'ab'.repeat(20)}`,
    by: 'kustomize-controller',
    count: 1,
    isBackfilled: false,
    identity: '',
    facts: null,
  }
  return { ...told, at: Date.now() - minutesAgo * minuteMs, ...more }
}

/** As the window leaves it: its file of contexts names the cluster. */
async function prepare(entries: readonly NewHistoryEntry[], actions = 0): Promise<string> {
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir, { recursive: true })
  const known = [{ context: 'lab', cluster: 'c1', server: 'https://127.0.0.1:1', lastSeenAt: 1 }]
  writeFileSync(join(dataDir, 'contexts.json'), JSON.stringify({ version: 1, selected: ['lab'], known }))
  const store = createEventStore({ ...historyFiles(dataDir), entry: null, onCrash: () => undefined })
  await store.append(entries)
  for (let n = 1; n <= actions; n++) {
    const object = { group: web.group, kind: 'Kustomization', namespace: 'apps', name: `web-${n}` }
    const said = { client: 'window', context: 'lab', identity: 'ann', action: 'suspend', object, result: 'ok' }
    await store.appendAudit([{ at: Date.now() - (actions - n) * minuteMs, text: JSON.stringify(said) }])
  }
  await store.close()
  return historyFiles(dataDir).file
}

const history = (object: readonly string[], more: Partial<HistoryOptions> = {}): Promise<number> =>
  runHistory(object, { output: 'table', since: '24h', limit: 1000, ...more }, terminal, never)
const lines = (): readonly string[] => out.trimEnd().split('\n')

it('tells a condition with what became of it', async () => {
  const facts = { status: 'False', before: 'True', because: 'HealthCheckFailed' }
  await prepare([entry(5, { type: 'condition', reason: 'Healthy', message: 'timed out', tone: 'bad', facts })])
  expect(await history(['ks/web'])).toBe(0)
  expect(lines()[1]).toMatch(/ condition +Kustomization\/web +Healthy=False .* timed out$/)
})

it('tells until when a gate is closed', async () => {
  const until = Date.now() + 60 * minuteMs
  const gate = { type: 'gate', reason: 'Suspended', message: 'INC-1', tone: 'closed', by: 'Ann' } as const
  await prepare([entry(5, { ...gate, facts: { until } }), entry(4, { ...gate, facts: { until }, isBackfilled: true })])
  expect(await history(['ks/web'])).toBe(0)
  expect(lines()[1]).toContain(`INC-1 (until ${timeColumn(until)})`)
  expect(lines()[2]).toContain(`INC-1 (until ${timeColumn(until)}, found later)`)
})

it('tells what happened to an object and what belongs to it, oldest first, with when nobody looked', async () => {
  const session = { type: 'session', ref: null, owner: null, revision: '', by: '', tone: 'plain', message: '' } as const
  await prepare([
    entry(5000),
    entry(50),
    entry(40, { ...session, reason: 'WatchEnded' }),
    entry(30, { ...session, reason: 'WatchBegan' }),
    entry(20, {
      type: 'event',
      ref: refOf('Deployment', 'web'),
      reason: 'Scaled',
      message: 'to\u001b[31m 3',
      count: 4,
    }),
    entry(10, { ref: refOf('Kustomization', 'api'), owner: refOf('Kustomization', 'api'), isBackfilled: true }),
  ])
  expect(await history(['ks/web'])).toBe(0)
  expect(lines()[0]).toMatch(/^TIME +TYPE +OBJECT +REASON +REVISION +BY +MESSAGE$/)
  expect(
    lines()
      .slice(1)
      .map((line) => line.split(/ {2,}/).slice(1, 4).join(' ')),
  ).toEqual([
    'run Kustomization/web Applied',
    'session WatchEnded',
    'session WatchBegan',
    'event Deployment/web Scaled (4×)',
  ])
  expect(out).not.toContain('\u001b')
  out = ''
  expect(await history(['deployment', 'web'], { output: 'json' })).toBe(0)
  expect((JSON.parse(out) as { reason: string }[]).map(({ reason }) => reason)).toContain('Scaled')
  out = ''
  expect(await history([], { limit: 1 })).toBe(0)
  expect(words).toContain('There is more: these are the newest 1.')
  expect(out).toMatch(/Kustomization\/api .*\(found later\)$/m)
  out = ''
  await history(['ks/web'], { since: '5d', until: '2d', output: 'json' })
  expect(JSON.parse(out)).toHaveLength(1)
})

it('says where there is nothing, and which contexts it does not know', async () => {
  expect(await history(['ks/web']).catch((error: unknown) => String(error))).toContain('lab was never recorded')
  await prepare([entry(1)])
  expect(await history(['ks/nope'])).toBe(0)
  expect(words).toMatch(/Nothing was recorded of Kustomization nope in namespace apps of lab since /)
  await expect(history([], { context: 'other' })).rejects.toMatchObject({ code: 'NotFound' })
  await expect(history([], { context: 'ghost' })).rejects.toThrow('There is no context "ghost"')
  await expect(history(['web'])).rejects.toThrow('KIND/NAME')
  await expect(history([], { since: '1h', until: '2h' })).rejects.toThrow('--until lies before --since')
  await history([], { allContexts: true })
  expect(out).toMatch(/^TIME +CONTEXT .*\n.* lab /)
})

it('prints the actions, and finds the one that was changed', async () => {
  const file = await prepare([], 3)
  expect(await runAudit({ output: 'table' }, terminal, never)).toBe(0)
  expect(lines()[1]).toMatch(/^1 .* window +lab +ann +suspend +Kustomization\/apps\/web-1 +ok$/)
  out = ''
  await runAudit({ output: 'jsonl', since: '90s' }, terminal, never)
  expect(lines().map((line) => (JSON.parse(line) as { n: number }).n)).toEqual([2, 3])
  out = ''
  expect(await runAudit({ output: 'table', verify: true }, terminal, never)).toBe(0)
  expect(out).toMatch(/^Whole: 3 rows, 1 to 3, ends with [0-9a-f]{64}\n$/)
  const database = new DatabaseSync(file)
  database.exec(`UPDATE audit SET line = replace(line, '"ann"', '"bob"') WHERE n = 2`)
  database.close()
  out = ''
  expect(await runAudit({ output: 'table', verify: true }, terminal, never)).toBe(1)
  expect(out).toBe('Row 2 was changed after it was written.\n')
  expect(words).toContain('The audit log is not what was written.')
})

it('says that a newer Sluice wrote the file, and that nothing was written yet', async () => {
  expect(await runAudit({ output: 'json' }, terminal, never)).toBe(0)
  expect([out, words]).toEqual(['[]\n', expect.stringContaining('Nothing was recorded on this machine yet')])
  const file = await prepare([entry(1)])
  const database = new DatabaseSync(file)
  database.exec('PRAGMA user_version = 99')
  database.close()
  await expect(runAudit({ output: 'table' }, terminal, never)).rejects.toThrow('newer Sluice')
})
