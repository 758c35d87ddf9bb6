import { beforeEach, expect, test, vi } from 'vitest'

const { dialog, opened, questions } = vi.hoisted(() => {
  const questions: { readonly message: string; readonly detail: string; readonly defaultId: number }[] = []
  const opened: string[] = []
  const dialog = { answer: 1 }
  return { dialog, opened, questions }
})
vi.mock('electron', () => ({
  BrowserWindow: {},
  Notification: {},
  clipboard: {},
  dialog: {
    showMessageBox: (options: (typeof questions)[number]) => {
      questions.push(options)
      return Promise.resolve({ response: dialog.answer })
    },
  },
  shell: { openExternal: (url: string) => Promise.resolve(void opened.push(url)) },
}))
const { answerShell } = await import('../../electron/main/shell.ts')
const open = (url: string): Promise<unknown> => answerShell({ do: 'openExternal', url }, () => undefined, '/nowhere')

beforeEach(() => {
  questions.length = 0
  opened.length = 0
  // The first button opens.
  dialog.answer = 0
})

test.each([
  'http://git.example/repo',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'smb://host/share',
  'vscode://file/etc/passwd',
  'sluice://view/overview',
  'https://user@git.example/',
  'https://git.example:secret@evil.example/',
  '//git.example/',
  'git.example',
  '',
])('SECURITY 5: %s is neither opened nor asked about', async (url) => {
  expect(await open(url)).toBe(false)
  expect({ opened, questions }).toEqual({ opened: [], questions: [] })
})

test('SECURITY 5: an https address is opened only after its true host was shown and agreed to; Enter alone does not', async () => {
  dialog.answer = 1
  expect(await open('https://git.example\\@evil.example/x')).toBe(false)
  expect(opened).toEqual([])
  expect(questions[0]?.message).toBe('Open git.example in your browser?')
  expect(questions[0]?.defaultId).toBe(1)
  dialog.answer = 0
  expect(await open('https://xn--80ak6aa92e.example/a?b=1')).toBe(true)
  expect(questions[1]?.message).toContain('xn--80ak6aa92e.example')
  expect(await open('https://аррӏе.example/')).toBe(true)
  expect(questions[2]?.message).toMatch(/xn--\S+\.example/)
  expect(opened).toEqual([
    'https://xn--80ak6aa92e.example/a?b=1',
    expect.stringMatching(/^https:\/\/xn--\S+\.example\/$/),
  ])
})
