import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { EditorTheme } from '../../../renderer/editor/theme.ts'
import { themeOf } from '../../../renderer/editor/theme.ts'

const css = readFileSync(path.join(import.meta.dirname, '../../../renderer/styles/tokens.css'), 'utf8')

function themed(theme: 'light' | 'dark'): EditorTheme {
  const block = css.split(`[data-theme='${theme}'] {`)[1]?.split('\n}')[0] ?? ''
  const tokens = new Map([...block.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]))
  return themeOf({ getPropertyValue: (name) => tokens.get(name) ?? '' }, theme === 'dark')
}

/** The number of each token's colour, as Monaco gives them: by the first rule that has it, the rules by name. */
function numbersOf({ rules }: EditorTheme): readonly string[] {
  const numbers = new Map<string, number>()
  return [...rules]
    .sort((a, b) => (a.token < b.token ? -1 : 1))
    .map(({ token, foreground = '' }) => {
      if (!numbers.has(foreground)) numbers.set(foreground, numbers.size)
      return `${token} ${numbers.get(foreground)}`
    })
}

it('numbers colours alike in both themes: lines that are gone stay right when the theme turns', () => {
  const [light, dark] = [themed('light'), themed('dark')]
  expect(light.rules.length).toBeGreaterThan(8)
  expect(numbersOf(dark)).toEqual(numbersOf(light))
  expect([light.inherit, dark.inherit]).toEqual([false, false])
  expect(dark.rules).not.toEqual(light.rules)
})

it('leaves what is no plain colour to the editor', () => {
  const theme = themeOf({ getPropertyValue: (name) => (name === '--fg' ? 'rgb(0 0 0)' : ' #123456 ') }, false)
  expect(theme.colors['editor.foreground']).toBeUndefined()
  expect(theme.colors['editor.background']).toBe('#123456')
  expect(theme.rules.find(({ token }) => token === 'string')).toEqual({ token: 'string', foreground: '123456' })
})
