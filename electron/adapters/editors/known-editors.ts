/** The editors that Sluice may start, where each is found, and how each takes a file and a line. Pure. */
import type { EditorId } from '../../../shared/model/repository.ts'

export interface KnownProgram {
  /** Command on PATH. */
  readonly command: string
  readonly label: string
  /** Places beside PATH; `~` is the home folder, `%NAME%` an environment variable. */
  readonly places: readonly string[]
}

export const knownPrograms: Readonly<Record<Exclude<EditorId, 'environment'>, readonly KnownProgram[]>> = {
  vscode: [
    {
      command: 'code',
      label: 'Visual Studio Code',
      places: [
        '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code',
        '%LOCALAPPDATA%\\Programs\\Microsoft VS Code\\Code.exe',
        '%ProgramFiles%\\Microsoft VS Code\\Code.exe',
      ],
    },
    { command: 'code-insiders', label: 'Visual Studio Code Insiders', places: [] },
    { command: 'codium', label: 'VSCodium', places: ['/Applications/VSCodium.app/Contents/Resources/app/bin/codium'] },
  ],
  jetbrains: [
    jetBrains('idea', 'IntelliJ IDEA'),
    jetBrains('goland', 'GoLand'),
    jetBrains('webstorm', 'WebStorm'),
    jetBrains('pycharm', 'PyCharm'),
    jetBrains('rider', 'Rider'),
    jetBrains('clion', 'CLion'),
    jetBrains('phpstorm', 'PhpStorm'),
    jetBrains('rubymine', 'RubyMine'),
  ],
}

function jetBrains(command: string, label: string): KnownProgram {
  return {
    command,
    label,
    places: [
      `~/.local/share/JetBrains/Toolbox/scripts/${command}`,
      `/Applications/${label}.app/Contents/MacOS/${command}`,
    ],
  }
}

/** Editors that live in a terminal, by the name of their program. */
const inTerminal: ReadonlySet<string> = new Set('vi vim nvim nvi nano pico micro hx helix kak joe ne mg ed'.split(' '))
const plusLine: ReadonlySet<string> = new Set(
  'vi vim gvim nvim nvi nano pico micro emacs emacsclient kak joe ne mg ed gedit kate'.split(' '),
)
const colonLine: ReadonlySet<string> = new Set('subl sublime_text zed zeditor hx helix'.split(' '))
const gotoLine: ReadonlySet<string> = new Set('code code-insiders codium cursor windsurf'.split(' '))

/** Terminals and how each takes a command. */
export const terminals: readonly (readonly [command: string, ...args: string[]])[] = [
  ['x-terminal-emulator', '-e'],
  ['gnome-terminal', '--'],
  ['konsole', '-e'],
  ['kitty'],
  ['alacritty', '-e'],
  ['foot'],
  ['xterm', '-e'],
]

/** Name of a program without folder and ending. */
export function programName(program: string): string {
  return (program.split(/[\\/]/).at(-1) ?? '').replace(/\.(exe|cmd|bat|sh)$/i, '').toLowerCase()
}

/** The value of VISUAL or EDITOR as words. Quotes keep spaces; nothing is expanded: no shell ever sees it. */
export function splitCommand(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((found) => found[1] ?? found[2] ?? found[3] ?? '')
}

export function needsTerminal(words: readonly string[]): boolean {
  const name = programName(words[0] ?? '')
  return (
    inTerminal.has(name) ||
    ((name === 'emacs' || name === 'emacsclient') &&
      words.some((word) => /^-(nw|t|tty)$|^--(no-window-system|tty)$/.test(word)))
  )
}

/** Arguments that open `path` (absolute, so never an option) at `line`; 0: no line. */
export function fileArguments(editor: EditorId, program: string, path: string, line: number): readonly string[] {
  const name = programName(program)
  if (line < 1) return [path]
  const at = String(line)
  if (editor === 'jetbrains') return ['--line', at, path]
  if (editor === 'vscode' || gotoLine.has(name)) return ['--goto', `${path}:${at}`]
  if (colonLine.has(name)) return [`${path}:${at}`]
  if (plusLine.has(name)) return [`+${at}`, path]
  return [path]
}
