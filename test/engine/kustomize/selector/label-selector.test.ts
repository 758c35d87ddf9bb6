/** Label selectors: what they match and what is said of faulty ones, as kyaml's copy of apimachinery answers. */
import { describe, expect, it } from 'vitest'
import { BuildError } from '../../../../electron/engine/kustomize/build-error.ts'
import { parseLabelSelector } from '../../../../electron/engine/kustomize/selector/label-selector.ts'

const labels = new Map([
  ['app', 'web'],
  ['tier', 'back'],
  ['n', '5'],
  ['empty', ''],
  ['example.com/x', 'y'],
])

/** Whether the selector matches the labels above, or what is said of it. */
function answer(selector: string): boolean | string {
  try {
    return parseLabelSelector(selector).matches(labels)
  } catch (error) {
    if (error instanceof BuildError) return error.message
    throw error
  }
}

describe('selectors that match', () => {
  it.each([
    '',
    'app',
    '!none',
    'app=web',
    'app==web',
    'app!=api',
    'none!=x',
    'app in (web, api)',
    'app in (web)',
    'app notin (api)',
    'none notin (a)',
    'empty in ()',
    'empty=',
    'empty',
    'app in (,web)',
    'app in (web,)',
    'app in (api,,web)',
    'app,tier',
    'app=web,tier=back',
    ' app = web , tier ',
    'n>4',
    'n<6',
    'example.com/x',
    'example.com/x=y',
    'app=web,\tn=5',
    'app\n=\nweb',
    '!constructor',
  ])('%j', (selector) => {
    expect(answer(selector)).toBe(true)
  })
})

describe('selectors that do not match', () => {
  it.each([
    '!app',
    'none',
    'app=api',
    'app!=web',
    'app in (api)',
    'app notin (web)',
    'app in ()',
    'app=',
    'app=web,tier=front',
    'n>5',
    'n<5',
    'app>1',
    'none>1',
    'in',
    'in in (in)',
    'notin',
    'app in (in, notin)',
    'constructor',
  ])('%j', (selector) => {
    expect(answer(selector)).toBe(false)
  })
})

describe('faulty selectors', () => {
  it.each([
    ['app=web,', "found '', expected: identifier after ','"],
    [',app', "found ',', expected: !, identifier, or 'end of string'"],
    ['app tier', "unable to parse requirement: found 'tier', expected: '=', '!=', '==', 'in', notin'"],
    ['app=web tier', "found 'tier', expected: ',' or 'end of string'"],
    ['n>x', "unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer"],
    ['n>', "unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer"],
    ['n>99999999999999999999', "unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer"],
    ['app in web', "unable to parse requirement: found 'web' expected: '('"],
    ['app in (web', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['app in (web tier)', "unable to parse requirement: found 'tier', expected: ',' or ')'"],
    ['app in (=)', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
    ['app notin', "unable to parse requirement: found '' expected: '('"],
    ['(', "found '(', expected: !, identifier, or 'end of string'"],
    [')', "found ')', expected: !, identifier, or 'end of string'"],
    ['=', "found '=', expected: !, identifier, or 'end of string'"],
    ['==', "found '==', expected: !, identifier, or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['!!app', "unable to parse requirement: found '!', expected: identifier"],
    ['!=web', "found '!=', expected: !, identifier, or 'end of string'"],
    ['app=!web', "unable to parse requirement: found '!', expected: identifier"],
    ['app=(web)', "unable to parse requirement: found '(', expected: identifier"],
    [
      'app=&',
      "unable to parse requirement: invalid label value: \"&\": at key: \"app\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    ['app=web!', "found '!', expected: ',' or 'end of string'"],
    ['app===web', "unable to parse requirement: found '=', expected: identifier"],
    ['app<>1', "unable to parse requirement: found '>', expected: identifier"],
    [
      'Example.com/x',
      "unable to parse requirement: invalid label key \"Example.com/x\": prefix part a DNS-1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    [
      'a/b/c',
      "unable to parse requirement: invalid label key \"a/b/c\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ],
    ['/x', 'unable to parse requirement: invalid label key "/x": prefix part must be non-empty'],
    [
      'example.com/',
      "unable to parse requirement: invalid label key \"example.com/\": name part must be non-empty; name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      '-app',
      "unable to parse requirement: invalid label key \"-app\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      'app-',
      "unable to parse requirement: invalid label key \"app-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    ['a b', "unable to parse requirement: found 'b', expected: '=', '!=', '==', 'in', notin'"],
    [
      'app=-x',
      "unable to parse requirement: invalid label value: \"-x\": at key: \"app\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    [
      'app=x-',
      "unable to parse requirement: invalid label value: \"x-\": at key: \"app\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    [
      'app=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      'unable to parse requirement: invalid label value: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": at key: "app": must be no more than 63 characters',
    ],
    [
      'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      'unable to parse requirement: invalid label key "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": name part must be no more than 63 characters',
    ],
    [
      'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.com/x',
      'unable to parse requirement: invalid label key "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.com/x": prefix part must be no more than 253 characters',
    ],
    [
      '.*',
      "unable to parse requirement: invalid label key \".*\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      'a..b/x',
      "unable to parse requirement: invalid label key \"a..b/x\": prefix part a DNS-1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    ['app=a b', "found 'b', expected: ',' or 'end of string'"],
    [
      '"app"',
      "unable to parse requirement: invalid label key \"\\\"app\\\"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      'app=ä',
      "unable to parse requirement: invalid label value: \"ä\": at key: \"app\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    [
      'äpp',
      "unable to parse requirement: invalid label key \"äpp\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    [
      '__proto__',
      "unable to parse requirement: invalid label key \"__proto__\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ])('%j', (selector, message) => {
    expect(answer(selector)).toBe(message)
  })
})
