/** Every form of expression, with the answers that envsubst v1.7.0 gave. */
import { describe, expect, it } from 'vitest'
import { substituteText } from '../../../../electron/engine/build/substitute/evaluate-template.ts'

const values: Record<string, string> = {
  v: 'hello',
  u: 'éa',
  p: '/a/b/c.yaml',
  e: '',
  q: 'a.b.c',
  sp: ' x ',
  Up: 'ABC',
}

function run(text: string, isStrict = false, mayHoldMore = false): string {
  const unknown = new Set<string>()
  try {
    const result = substituteText(text, {
      isStrict,
      unknown,
      variables: { get: (name) => (Object.hasOwn(values, name) ? values[name]! : null), mayHoldMore },
    })
    return result ?? '(no UTF-8)'
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
}

const badSubstitution = 'TemplateFault: bad substitution'
const inFunction = 'TemplateFault: unable to parse substitution within function'
const noBrace = 'TemplateFault: missing closing brace'
const noName = 'TemplateFault: unable to parse variable name'

describe('values', () => {
  it.each([
    ['a ${v} b', 'a hello b'],
    ['${v}${v}', 'hellohello'],
    ['${x}', ''],
    ['$v', '$v'],
    ['$', '$'],
    ['a $ b', 'a $ b'],
    ['${_a}', ''],
    ['${1v}', ''],
    ['{${v}}', '{hello}'],
    ['${toString}${__proto__}${constructor}', ''],
  ])('%s is %s', (text, expected) => {
    expect(run(text)).toBe(expected)
  })
})

describe('dollars', () => {
  it.each([
    ['$$', '$'],
    ['$$$', '$$'],
    ['$$$$', '$$'],
    ['$${v}', '${v}'],
    ['$$$v', '$$v'],
    ['$$${v}', '$hello'],
    ['\\${v}', '\\hello'],
    ['${x:-$$}', '$$'],
  ])('%s is %s', (text, expected) => {
    expect(run(text)).toBe(expected)
  })
})

describe('defaults', () => {
  it.each([
    ['${x=d}', 'd'],
    ['${x:=d}', 'd'],
    ['${x:-d}', 'd'],
    ['${x:+d}', 'd'],
    ['${x:?d}', 'd'],
    ['${e:=d}', 'd'],
    ['${v:=d}', 'hello'],
    ['${v:+d}', 'hello'],
    ['${x:=a${v}b}', 'ahellob'],
    ['${x:=${y:=${v}}}', 'hello'],
    ['${x:-{}}', '{}'],
    ['${x:=}', ''],
    ['${x:=a b: c}', 'a b: c'],
    ['${x:=a\nb}', 'a\nb'],
  ])('%s is %s', (text, expected) => {
    expect(run(text)).toBe(expected)
  })
})

describe('case and length', () => {
  it.each([
    ['${v^}', 'Hello'],
    ['${v^^}', 'HELLO'],
    ['${Up,}', 'aBC'],
    ['${Up,,}', 'abc'],
    ['${u^^}', 'ÉA'],
    ['${e^}', ''],
    ['${#v}', '5'],
    ['${#u}', '3'],
    ['${#x}', '0'],
  ])('%s is %s', (text, expected) => {
    expect(run(text)).toBe(expected)
  })
})

describe('substrings', () => {
  it.each([
    ['${v:1}', 'ello'],
    ['${v:1:2}', 'el'],
    ['${v:9}', ''],
    ['${v:0:99}', 'hello'],
    ['${v: -3}', 'hello'],
    ['${v:-3}', 'hello'],
    ['${v:x}', 'hello'],
    ['${v:1:x}', 'hello'],
    ['${v:1::2}', 'el'],
    ['${u:2}', 'a'],
    ['${u:0:1}', '(no UTF-8)'],
    ['${v:0:-1}', 'OperatorPanic: runtime error: slice bounds out of range [:-1]'],
    ['${v:3:-1}', 'OperatorPanic: runtime error: slice bounds out of range [3:2]'],
    ['${v:99999999999999999999}', 'hello'],
  ])('%s is %s', (text, expected) => {
    expect(run(text)).toBe(expected)
  })
})

describe('trimming', () => {
  it.each([
    ['${p##*/}', 'c.yaml'],
    ['${p#/*}', 'a/b/c.yaml'],
    ['${p#*/}', 'a/b/c.yaml'],
    ['${p%.yaml}', '/a/b/c'],
    ['${p%/*}', '/a/b'],
    ['${p%%/*}', ''],
    ['${q#*.}', 'b.c'],
    ['${q##*.}', 'c'],
    ['${q%.*}', 'a.b'],
    ['${q%%.*}', 'a'],
    ['${v#[g-i]}', 'ello'],
    ['${v#[^a-c]}', 'ello'],
    ['${v#?}', 'ello'],
    ['${v#[}', 'hello'],
    ['${v#z}', 'hello'],
    ['${v###h}', 'hello'],
  ])('%s is %s', (text, expected) => {
    expect(run(text)).toBe(expected)
  })
})

describe('replacing', () => {
  it.each([
    ['${v/l/L}', 'heLlo'],
    ['${v//l/L}', 'heLLo'],
    ['${v/l/}', 'helo'],
    ['${v//l/}', 'heo'],
    ['${v/#he/X}', 'Xllo'],
    ['${v/#lo/X}', 'hello'],
    ['${p/%yaml/yml}', '/a/b/c.yml'],
    ['${v/%he/X}', 'hello'],
    ['${p//\\//-}', '-a-b-c.yaml'],
    ['${v/[el]/X}', 'hello'],
    ['${v/l/$$}', 'he$lo'],
    ['${v/l/${q}}', 'hea.b.clo'],
    ['${v/l//}', 'helo'],
  ])('%s is %s', (text, expected) => {
    expect(run(text)).toBe(expected)
  })
})

describe('what cannot be read', () => {
  it.each([
    ['${v-d}', noBrace],
    ['${v@Q}', noBrace],
    ['${v', noBrace],
    ['${v }', noBrace],
    ['${a[@]}', noBrace],
    ['${}', noName],
    ['${ v}', noName],
    ['${!v}', noName],
    ['${{v}}', noName],
    ['${', noName],
    ['${v:}', inFunction],
    ['${v:=', inFunction],
    ['${v:=x', inFunction],
    ['${v#}', inFunction],
    ['${v:', badSubstitution],
    ['${x:é}', badSubstitution],
    ['${v/l}', badSubstitution],
    ['${#}', badSubstitution],
    ['${#v:1}', badSubstitution],
    ['${v^', badSubstitution],
  ])('%s', (text, expected) => {
    expect(run(text)).toBe(expected)
    // Well-formed text before and behind changes nothing.
    expect(run(`\${v} ${text}`)).toBe(expected)
  })

  it('refuses nesting without end', () => {
    expect(run('${x:='.repeat(2_000))).toMatch(/^TemplateFault: expressions are nested/)
  })
})

describe('strict mode', () => {
  const unset = (name: string): string => `UnsetVariable: variable not set (strict mode): "${name}"`
  it.each([
    ['${x}', unset('x')],
    ['${x^^}', unset('x')],
    ['${#x}', unset('x')],
    ['${x/a/b}', unset('x')],
    ['${x:1}', unset('x')],
    ['${x:=d}', 'd'],
    ['${x=d}', 'd'],
    ['${x:-d}', 'd'],
    ['${e}', ''],
    ['$${x}', '${x}'],
    ['${v:=${x}}', unset('x')],
    ['${v:=${x:=d}}', 'hello'],
  ])('%s is %s', (text, expected) => {
    expect(run(text, true)).toBe(expected)
  })
})

describe('variables that may be set elsewhere', () => {
  it.each([
    ['${v} ${x}', 'hello ${x}'],
    ['${x:=d}', '${x:=d}'],
    ['${e:=${x}}', '${e:=${x}}'],
    ['${x} $$', '${x} $'],
  ])('%s stays %s', (text, expected) => {
    expect(run(text, true, true)).toBe(expected)
  })
})

describe('speed', () => {
  it('is linear in the text', () => {
    const text = 'a $$ ${v} b\n'.repeat(20_000)
    expect(run(text)).toHaveLength('a $ hello b\n'.length * 20_000)
  })

  it('asks whether to go on while it tries a long value against a pattern', () => {
    const stop = new Error('stop')
    expect(() =>
      substituteText('${long##*a*b*c*d}', {
        isStrict: true,
        unknown: new Set(),
        variables: { get: () => 'a'.repeat(5_000), mayHoldMore: false },
        checkpoint: () => {
          throw stop
        },
      }),
    ).toThrow(stop)
  })
})
