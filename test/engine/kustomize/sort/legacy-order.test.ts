import { describe, expect, it } from 'vitest'
import { buildTree, failTree } from '../build-tree.ts'

const objects = [
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'w'],
  ['example.com/v1', 'Zebra', 'z'],
  ['apps/v1', 'Deployment', 'b'],
  ['v1', 'Service', 's'],
  ['v1', 'Namespace', 'n'],
  ['apps/v1', 'Deployment', 'a'],
  ['example.com/v1', 'Apple', 'x'],
  ['v1', 'Pod', 'p'],
] as const
const resources = objects
  .map(([version, kind, name]) => `apiVersion: ${version}\nkind: ${kind}\nmetadata: {name: ${name}}\n`)
  .join('---\n')

const order = (options: string, reorder: 'none' | 'legacy' = 'none'): string[] => {
  const output = buildTree({ 'kustomization.yaml': `resources: [r.yaml]\n${options}`, 'r.yaml': resources }, '/', {
    reorder,
  })
  return output.split('---\n').map((text) => /^ {2}name: "?(\w)/m.exec(text)![1]!)
}

describe('order', () => {
  it('is that of the input unless asked for', () => expect(order('').join('')).toBe('wzbsnaxp'))

  it('puts known kinds first and webhooks last, others by group, version and kind', () => {
    expect(order('sortOptions: {order: legacy}\n').join('')).toBe('nsabxzpw')
    expect(order('', 'legacy').join('')).toBe('nsabxzpw')
  })

  it('lets the file override the flag', () =>
    expect(order('sortOptions: {order: fifo}\n', 'legacy').join('')).toBe('wzbsnaxp'))

  it('takes orders of its own', () => {
    const options =
      'sortOptions: {order: legacy, legacySortOptions: {orderFirst: [Pod, Zebra], orderLast: [Namespace]}}\n'
    expect(order(options).join('')).toBe('pzwabxsn')
  })

  it.each([
    ['{order: foo}', "the field 'sortOptions.order' must be one of [fifo, legacy]"],
    ['{}', "the field 'sortOptions.order' must be one of [fifo, legacy]"],
    [
      '{order: fifo, legacySortOptions: {orderFirst: [Pod]}}',
      "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
    ],
  ])('refuses %s', (options, message) => {
    expect(failTree({ 'kustomization.yaml': `namespace: x\nsortOptions: ${options}\n` }).message).toBe(message)
  })
})
