import { expect, it } from 'vitest'
import { parseUntil } from '../../electron/cli/gate-commands.ts'
import type { Terminal } from '../../electron/cli/output.ts'
import { formatJson, formatTable, formatYaml, objectName } from '../../electron/cli/output.ts'
import { chooseContext } from '../../electron/cli/session.ts'
import type { KubeConfigSet } from '../../electron/engine/ports.ts'

const terminal: Terminal = { out: () => undefined, say: () => undefined, ask: null, isOutTerminal: true, columns: 30 }
const nasty = '\u001b[2Jweb\u202e\n\u0007evil\u009b31m'
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/

it('tables hold one line per row and nothing that moves a cursor', () => {
  const text = formatTable(
    [{ name: nasty, message: 'x'.repeat(100) }],
    [
      { title: 'NAME', value: ({ name }) => name },
      { title: 'MESSAGE', value: ({ message }) => message },
    ],
    terminal,
  )
  expect(text.split('\n')).toHaveLength(2)
  expect(text).not.toMatch(control)
  expect(text.endsWith('…')).toBe(true)
})

it('JSON is the same value, with everything dangerous escaped', () => {
  const text = formatJson({ nasty })
  expect(text).not.toMatch(control)
  expect(JSON.parse(text)).toEqual({ nasty })
})

it('YAML on a terminal is neutral, in a pipe it is exact', () => {
  expect(formatYaml({ nasty }, terminal)).not.toMatch(control)
  expect(formatYaml({ a: 'b\u202ec' }, { ...terminal, isOutTerminal: false })).toBe('a: b\u202ec\n')
})

it('names are kubectl’s', () => {
  const ref = { cluster: 'c', group: 'apps', kind: 'Deployment', namespace: 'x', name: 'y' }
  expect(objectName(ref)).toBe('deployment.apps/y')
  expect(objectName({ ...ref, group: '', kind: 'Pod' })).toBe('pod/y')
})

it('--until takes times and durations that lie ahead', () => {
  const now = Date.parse('2026-09-16T07:00:00Z')
  expect(parseUntil('2h', now)).toBe(now + 7_200_000)
  expect(parseUntil('3d', now)).toBe(now + 3 * 86_400_000)
  expect(parseUntil('2026-10-01T12:00:00Z', now)).toBe(Date.parse('2026-10-01T12:00:00Z'))
  for (const text of ['', 'soon', '7', '-2h', '2020-01-01', '12/24'])
    expect(() => parseUntil(text, now)).toThrow('--until')
})

it('contexts are chosen by name, by id where names are doubled, or as kubectl would', () => {
  const info = (id: string, name: string) => ({ id, name }) as KubeConfigSet['contexts'][number]
  const set: KubeConfigSet = { contexts: [info('a@1', 'a'), info('a@2', 'a'), info('b', 'b')], files: [], current: 'b' }
  expect(chooseContext(set, undefined).id).toBe('b')
  expect(chooseContext(set, 'a@2').id).toBe('a@2')
  expect(() => chooseContext(set, 'a')).toThrow('Several contexts')
  expect(() => chooseContext(set, 'c')).toThrow('no context "c"')
  expect(() => chooseContext({ ...set, current: null }, undefined)).toThrow('No context is current')
  expect(() => chooseContext({ contexts: [], files: [], current: null }, undefined)).toThrow('No kubeconfig')
})
