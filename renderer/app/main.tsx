/** Entry of the window: configures, connects the stores to the bridge, mounts the application. */
import '../styles/tokens.css'
import '../styles/base.css'
import { StrictMode, startTransition } from 'react'
import { createRoot } from 'react-dom/client'
import { connectWindowBridge, windowPlatform } from '../bridge/window-port.ts'
import { connectStores } from '../stores/host.ts'
import { App } from './app.tsx'
import { afterFirstData } from './first-data.ts'
import { followRows } from './paint-marks.ts'
import { followTheme } from './theme.ts'

const element = document.getElementById('root')
if (element === null) throw new Error('The page has no #root')
followTheme()
document.documentElement.dataset['platform'] = windowPlatform()
const root = createRoot(element)
followRows()
// First, so that the engine answers while the application is drawn.
connectStores(connectWindowBridge())
// A transition, so that React makes the first picture in slices and the thread is free between them.
afterFirstData(() =>
  startTransition(() =>
    root.render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
  ),
)
