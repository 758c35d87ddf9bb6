import { beforeEach, expect, test, vi } from 'vitest'

interface Fake {
  readonly options: { readonly title: string; readonly body: string }
  emit(event: string): boolean
}

const { desktop } = vi.hoisted(() => ({ desktop: { made: [] as Fake[], isSupported: true, answer: 'show' } }))
vi.mock('electron', async () => {
  const { EventEmitter } = await import('node:events')
  class Notification extends EventEmitter {
    static isSupported = (): boolean => desktop.isSupported
    readonly options: Fake['options']
    constructor(options: Fake['options']) {
      super()
      this.options = options
      desktop.made.push(this)
    }
    show(): void {
      this.emit(desktop.answer)
    }
  }
  return { Notification }
})
const { showNotification } = await import('../../electron/main/notifications.ts')
const request = { do: 'notify', title: 'apps/web fails', body: 'for 5m', link: 'sluice://view/overview' } as const

beforeEach(() => {
  desktop.made.length = 0
  desktop.isSupported = true
  desktop.answer = 'show'
})

test('says whether the desktop took it; a click opens its link, or the window alone', async () => {
  const opened: (string | null)[] = []
  const open = (link: string | null): void => void opened.push(link)
  expect(await showNotification(request, open)).toBe(true)
  expect(await showNotification({ ...request, link: null }, open)).toBe(true)
  for (const each of desktop.made) each.emit('click')
  expect(opened).toEqual(['sluice://view/overview', null])
  desktop.answer = 'failed'
  expect(await showNotification(request, open)).toBe(false)
  desktop.isSupported = false
  expect(await showNotification(request, open)).toBe(false)
  expect(desktop.made).toHaveLength(3)
})

test.runIf(process.platform === 'linux')('SECURITY 13: what a cluster says is no markup', async () => {
  const body = '<a href="https://evil.example">click</a><img src=x> a < b'
  await showNotification({ ...request, title: '<b>x</b>', body }, () => undefined)
  expect(`${desktop.made[0]?.options.title}${desktop.made[0]?.options.body}`).not.toMatch(/[<>]/)
  expect(desktop.made[0]?.options.title).toBe('‹b›x‹/b›')
})
