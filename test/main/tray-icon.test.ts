import { expect, it } from 'vitest'
import { drawTrayIcon } from '../../electron/main/tray-icon.ts'

const pixel = (image: Buffer, side: number, x: number, y: number): readonly number[] => [
  ...image.subarray((y * side + x) * 4, (y * side + x) * 4 + 4),
]

it('draws the gate in the ink of the bar, clear around it, with a dot in the colour of what it says', () => {
  for (const side of [16, 32]) {
    const light = drawTrayIcon(side, 'light', 'none')
    expect(light.length).toBe(side * side * 4)
    // The leaf, and the clear strip between it and the post.
    expect(pixel(light, side, side / 2, (side * 7) / 16)).toEqual([38, 32, 16, 255])
    expect(pixel(light, side, 0, 0)).toEqual([0, 0, 0, 0])
    expect(pixel(drawTrayIcon(side, 'dark', 'none'), side, side / 2, (side * 7) / 16)).toEqual([239, 237, 230, 255])
    const at = [(side * 12) / 16, (side * 4) / 16] as const
    expect(pixel(drawTrayIcon(side, 'dark', 'failing'), side, ...at)).toEqual([75, 83, 229, 255])
    expect(pixel(drawTrayIcon(side, 'dark', 'drifted'), side, ...at)).toEqual([42, 150, 226, 255])
    // macOS colours it: shape alone.
    expect(pixel(drawTrayIcon(side, 'template', 'failing'), side, ...at)).toEqual([0, 0, 0, 255])
  }
})
