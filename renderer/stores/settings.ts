/** Settings that the host keeps, and the playground's state. */
import type { PlaygroundState, Settings } from '../../shared/model/app.ts'
import { onConnect } from './host.ts'
import { createKeyedStore, emptyStream, feedKeyedStore } from './keyed-stream.ts'
import type { KeyedStream } from './keyed-stream.ts'

export const settingsStore = createKeyedStore<Settings>()
export const playgroundStore = createKeyedStore<PlaygroundState>()

onConnect((bridge) => {
  const stops = [
    feedKeyedStore(bridge, settingsStore, 'settings.watch', {}),
    feedKeyedStore(bridge, playgroundStore, 'playground.watch', {}),
  ]
  return () => {
    for (const stop of stops) stop()
    settingsStore.setState(emptyStream)
    playgroundStore.setState(emptyStream)
  }
})

/** The settings, null until the host has said them. */
export function selectSettings(state: KeyedStream<Settings>): Settings | null {
  return state.items.get('settings') ?? null
}

export function selectPlayground(state: KeyedStream<PlaygroundState>): PlaygroundState | null {
  return state.items.get('playground') ?? null
}
