/** Where the window was: kept in `window.json` of the data folder, used again when that place is still on a screen. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { screen } from 'electron'
import type { BrowserWindow } from 'electron'
import type { WindowPlace } from './window-factory.ts'

const standard: WindowPlace = { width: 1440, height: 900, isMaximized: false }

export function loadPlace(dataDir: string): WindowPlace {
  let saved: Partial<WindowPlace>
  try {
    saved = JSON.parse(readFileSync(join(dataDir, 'window.json'), 'utf8')) as Partial<WindowPlace>
  } catch {
    return standard
  }
  const { x, y, width, height } = saved
  if (!isWhole(width) || !isWhole(height)) return standard
  const place: WindowPlace = {
    width: Math.max(900, width),
    height: Math.max(600, height),
    isMaximized: saved.isMaximized === true,
  }
  if (!isWhole(x) || !isWhole(y)) return place
  const isVisible = screen
    .getAllDisplays()
    .some(
      ({ workArea }) =>
        x + width > workArea.x + 80 &&
        x < workArea.x + workArea.width - 80 &&
        y >= workArea.y - 20 &&
        y < workArea.y + workArea.height - 80,
    )
  return isVisible ? { ...place, x, y } : place
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value)
}

/** Saves on close; a failure to save loses a place, nothing else. */
export function keepPlace(window: BrowserWindow, dataDir: string): void {
  window.on('close', () => {
    const place: WindowPlace = { ...window.getNormalBounds(), isMaximized: window.isMaximized() }
    try {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 })
      writeFileSync(join(dataDir, 'window.json.draft'), JSON.stringify(place), { mode: 0o600 })
      renameSync(join(dataDir, 'window.json.draft'), join(dataDir, 'window.json'))
    } catch {
      // A full or read-only disk must not keep the window open.
    }
  })
}
