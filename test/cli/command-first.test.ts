import { expect, it } from 'vitest'
import { commandFirst } from '../../electron/cli/command-first.ts'

it.each([
  ['drift -A', 'drift -A'],
  ['-n apps drift ks/a', 'drift -n apps ks/a'],
  ['--context=a -A -oname drift', 'drift --context=a -A -oname'],
  ['--verbose --kubeconfig file diff -f x', 'diff --verbose --kubeconfig file -f x'],
  ['--help', '--help'],
  ['--unknown drift', '--unknown drift'],
  ['-n', '-n'],
  ['', ''],
])('%s → %s', (words, expected) => {
  const list = (text: string): string[] => text.split(' ').filter((word) => word !== '')
  expect(commandFirst(list(words))).toEqual(list(expected))
})
