import { describe, expect, it } from 'vitest'
import type { BlobStore, EnvironmentInfo } from '../../../electron/engine/ports.ts'
import { SettingsStore } from '../../../electron/engine/settings/settings-store.ts'
import { silentLogger } from '../memory-cluster.ts'

const environment = { userName: 'sam' } as EnvironmentInfo

function memoryStore(text: string | null = null): BlobStore & { text: string | null } {
  const store = {
    text,
    read: () => Promise.resolve(store.text === null ? null : new TextEncoder().encode(store.text)),
    write: (_name: string, data: Uint8Array | string) => {
      store.text = typeof data === 'string' ? data : new TextDecoder().decode(data)
      return Promise.resolve()
    },
    remove: () => Promise.resolve(),
    appendLine: () => Promise.resolve(),
  }
  return store
}

describe('SettingsStore', () => {
  it('keeps what the user chose from one start to the next', async () => {
    const store = memoryStore()
    const first = new SettingsStore({ store, logger: silentLogger, environment })
    await first.update({ theme: 'dark', owner: ' Ada ', usesSopsKeys: true })
    await first.setReadOnly('prod', false)
    await first.setAlwaysAsk('__proto__', true)
    const second = new SettingsStore({ store, logger: silentLogger, environment })
    await second.loaded
    const { theme, owner, notifications, readOnlyContexts, alwaysAskContexts } = second.current()
    expect({ theme, owner, notifications }).toEqual({ theme: 'dark', owner: 'Ada', notifications: true })
    expect(readOnlyContexts['prod']).toBe(false)
    expect(second.current().usesSopsKeys).toBe(true)
    expect(alwaysAskContexts['prod']).toBeUndefined()
  })

  it.each(['', 'garbage', '[]', 'null', '{"theme":7,"readOnlyContexts":{"a":"yes"},"owner":{},"usesSopsKeys":"yes"}'])(
    'starts with the defaults from %j',
    async (text) => {
      const settings = new SettingsStore({ store: memoryStore(text), logger: silentLogger, environment })
      await settings.loaded
      expect(settings.current()).toMatchObject({
        theme: 'system',
        notifications: true,
        owner: 'sam',
        usesSopsKeys: false,
      })
      expect(Object.keys(settings.current().readOnlyContexts)).toEqual([])
    },
  )

  it('shows added files alone, and an emptied owner as the user of the system', async () => {
    const settings = new SettingsStore({ store: memoryStore(), logger: silentLogger, environment })
    settings.setFiles([
      { id: '1', label: '~/.kube/config', isAdded: false, problem: null },
      { id: '2', label: '~/lab', isAdded: true, problem: null },
    ])
    await settings.update({ owner: '' })
    expect(settings.current().kubeconfigFiles).toEqual([{ id: '2', label: '~/lab', problem: null }])
    expect(settings.current().owner).toBe('sam')
  })
})
