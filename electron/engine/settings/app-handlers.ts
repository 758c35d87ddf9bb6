/** Procedures about the application itself: settings, window state, links, kubeconfig files, the shell. */
import type { Handlers } from '../../../shared/contract/index.ts'
import { SluiceError } from '../../../shared/model/errors.ts'
import type { KubeFileInfo, Ports } from '../ports.ts'
import type { SettingsStore } from './settings-store.ts'

export type AppHandlers = Pick<
  Handlers,
  | 'app.info'
  | 'app.openExternal'
  | 'app.viewShown'
  | 'app.copyText'
  | 'links.watch'
  | 'settings.watch'
  | 'settings.update'
  | 'uiState.load'
  | 'uiState.save'
  | 'kubeconfig.pick'
  | 'kubeconfig.forget'
>

const uiStateName = 'ui-state.json'

/** `files`: the kubeconfig files as they stand. `onViewShown`: the window has drawn its first view. */
export function createAppHandlers(
  ports: Ports,
  settings: SettingsStore,
  files: () => readonly KubeFileInfo[],
  onViewShown: () => void,
): AppHandlers {
  const { shell, store, environment, kubeConfigs, clock } = ports
  return {
    'app.info': () =>
      Promise.resolve({
        version: environment.version,
        electron: environment.electron,
        node: environment.node,
        platform: environment.platform,
        dataDir: environment.dataDir,
        cacheDir: environment.cacheDir,
        kubeconfigs: files().map(({ label, problem }) => ({ label, problem })),
        now: clock.now(),
      }),
    'app.openExternal': async ({ url }) => {
      // SECURITY: https only, and the shell asks the user with the host shown (security.md 5).
      if (!isHttpsUrl(url)) throw new SluiceError('InvalidInput', 'Only https links are opened')
      return { opened: await shell.openExternal(url) }
    },
    'app.viewShown': () => {
      onViewShown()
      return Promise.resolve(null)
    },
    'app.copyText': async ({ text }) => {
      await shell.copyText(text)
      return null
    },
    'links.watch': (_input, sink) => {
      let count = 0
      sink.ready()
      return shell.watchLinks((path) => {
        count += 1
        sink.push([{ key: String(count), path }])
      })
    },
    'settings.watch': (_input, sink) => {
      const stop = settings.watch((current) => {
        sink.push([current])
      })
      void settings.loaded.then(() => {
        if (sink.isClosed) return
        sink.push([settings.current()])
        sink.ready()
      })
      return stop
    },
    'settings.update': async (change) => {
      await settings.update(change)
      return null
    },
    'uiState.load': async () => {
      const bytes = await store.read(uiStateName)
      return { text: bytes === null ? null : new TextDecoder().decode(bytes) }
    },
    'uiState.save': async ({ text }) => {
      await store.write(uiStateName, text)
      return null
    },
    'kubeconfig.pick': async () => {
      const paths = await shell.pickFiles('kubeconfig')
      if (paths.length === 0) return { added: 0, canceled: true }
      const { added } = await kubeConfigs.addFiles(paths)
      return { added, canceled: false }
    },
    'kubeconfig.forget': async ({ id }) => {
      await kubeConfigs.forgetFile(id)
      return null
    },
  }
}

function isHttpsUrl(text: string): boolean {
  try {
    return new URL(text).protocol === 'https:'
  } catch {
    return false
  }
}
