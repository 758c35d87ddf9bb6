/** Vars of a build: where their values come from, where they go, and what is wrong with them. */
import { describe, expect, it } from 'vitest'
import { defaultTransformerConfig } from '../../../../electron/engine/kustomize/config/default-config.ts'
import type { FieldSpec } from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import { makeFieldSpec } from '../../../../electron/engine/kustomize/field-spec/field-spec.ts'
import type { Var } from '../../../../electron/engine/kustomize/kustomization/types.ts'
import { readVarValue, splitFieldPath, structured } from '../../../../electron/engine/kustomize/vars/read-var-value.ts'
import { resolveVars, varText } from '../../../../electron/engine/kustomize/vars/resolve-vars.ts'
import { documents, errorOf, makeContext, nodesOf, normal, printed, resMapOf } from '../resource/resources-from-yaml.ts'

const varOf = (name: string, fieldPath: string): Var => ({
  name,
  objref: { apiVersion: 'v1', group: '', version: 'v1', kind: 'ConfigMap', name: 'source', namespace: '' },
  fieldref: { fieldPath },
})

const source =
  '{apiVersion: v1, kind: ConfigMap, metadata: {name: source}, data: {s: text, i: 5, b: true, f: 1.5, n: null, m: {a: b}}}\n'

interface Run {
  readonly text: string
  readonly warnings: readonly string[]
}

function run(
  text: string,
  vars: readonly Var[],
  specs: readonly FieldSpec[] = defaultTransformerConfig().varReference,
): Run {
  const map = resMapOf(documents(text, source))
  map
    .resources()
    .at(-1)!
    .refVarNames.push(...vars.map((v) => v.name))
  const context = makeContext()
  resolveVars(map, vars, specs, context)
  return { text: printed(map).split('---\n').slice(0, -1).join('---\n'), warnings: context.warnings }
}

const pod = (container: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [${container}]}}\n`

describe('a var', () => {
  const v = varOf('V', 'data.s')

  it.each([
    ['{args: [$(V), x$(V), y]}', '{args: [text, xtext, y]}'],
    ['{command: [$(V)]}', '{command: [text]}'],
    ['{env: [{name: A, value: $(V)}, {name: B}]}', '{env: [{name: A, value: text}, {name: B}]}'],
    ['{volumeMounts: [{mountPath: /$(V)}]}', '{volumeMounts: [{mountPath: /text}]}'],
    ['{name: $(V)}', '{name: $(V)}'],
    ['{env: [{name: A, value: null}]}', '{env: [{name: A, value: null}]}'],
  ])('in a container: %s', (before, after) => {
    expect(run(pod(before), [v]).text).toBe(normal(pod(after)))
  })

  it('goes to annotations and labels of any kind, texts only', () => {
    const object = (labels: string): string =>
      `{apiVersion: x.io/v1, kind: W, metadata: {name: a, annotations: ${labels}}}\n`
    expect(run(object('{a: $(V), b: 5, c: x-$(V)}'), [v]).text).toBe(normal(object('{a: text, b: 5, c: x-text}')))
  })

  it.each([
    ['data.i', '5'],
    ['data.b', 'true'],
    ['data.f', '1.5'],
    ['metadata.name', 'source'],
  ])('keeps the type of %s where it is all there is', (path, value) => {
    expect(run(pod('{args: ["$(V)"]}'), [varOf('V', path)]).text).toBe(normal(pod(`{args: [${value}]}`)))
  })

  it('is warned of when no field uses it', () => {
    const { warnings } = run(pod('{args: [$(A)]}'), [varOf('A', 'data.s'), varOf('B', 'data.s'), varOf('C', 'data.s')])
    expect(warnings).toEqual(['well-defined vars that were never replaced: B,C'])
  })

  it('that stands for a map is not put in', () => {
    const { text, warnings } = run(pod('{args: [$(V)]}'), [varOf('V', 'data.m')])
    expect(text).toBe(normal(pod('{args: [$(V)]}')))
    expect(warnings).toContain('well-defined vars that were never replaced: V')
  })

  it('is not looked for where there are none', () => {
    const map = resMapOf(pod('{args: [5]}'))
    resolveVars(map, [], defaultTransformerConfig().varReference, makeContext())
    expect(printed(map)).toBe(normal(pod('{args: [5]}')))
  })
})

describe('errors', () => {
  it('for a var without object or field', () => {
    const map = resMapOf(source)
    expect(errorOf(() => resolveVars(map, [varOf('V', 'data.s')], [], makeContext()))).toBe(
      "var '{V ConfigMap.v1.[noGrp] {data.s}}' cannot be mapped to a field in the set of known resources",
    )
    expect(errorOf(() => run(source.replace('name: source', 'name: x'), [varOf('V', 'data.none')]))).toBe(
      "field specified in var '{V ConfigMap.v1.[noGrp] {data.none}}' not found in corresponding resource",
    )
    expect(varText(varOf('V', 'a'))).toBe('{V ConfigMap.v1.[noGrp] {a}}')
  })

  it.each([
    ['spec', '{spec: [5]}', 'invalid value type expect a string'],
    ['spec', '{spec: [{a: b}]}', 'expected'],
    ['spec', '{spec: {5: x}}', "invalid map key: value='5', tag='!!int'"],
  ])('for a field that cannot hold one: %s of %s', (path, rest, message) => {
    const text = `{apiVersion: x.io/v1, kind: W, metadata: {name: a}, ${rest.slice(1)}\n`
    const error = errorOf(() => run(text, [varOf('V', 'data.s')], [makeFieldSpec(path)]))
    if (message === 'expected') expect(error).toContain('invalid value type expect a string')
    else expect(error).toBe(`considering field '${path}' of object W.v1.x.io/a.[noNs]: ${message}`)
  })
})

describe('a field path', () => {
  it.each([
    ['a.b', ['a', 'b']],
    ['a\\.b.c', ['a.b', 'c']],
    ['a[0].b', ['a', '0', 'b']],
    ['a.[x=y.z].b', ['a', '[x=y.z]', 'b']],
    ['a.[b.c].d', ['a', 'b.c', 'd']],
    ['a.0.b', ['a', '0', 'b']],
    ['[0]', ['0']],
  ])('%j is split', (path, parts) => {
    expect(splitFieldPath(path)).toEqual(parts)
  })

  const text = `
l: [{name: x, v: 1}, {name: y, v: 2}, text]
m: {a.b: c, n: null, h: 0x1F, o: 017, d: "5", t: 2001-01-01, z: .inf, u: 1_000}
`
  it.each([
    ['l.0.v', 1n],
    ['l[1].v', 2n],
    ['l.[name=y].v', 2n],
    ['l.-', 'text'],
    ['l.[=text]', 'text'],
    ['l.5', null],
    ['l.name', null],
    ['m.[a.b]', 'c'],
    ['m.a\\.b', 'c'],
    ['m.n', 'null'],
    ['m.d', '5'],
    ['m.h', null],
    ['m.o', 17n],
    ['m.t', '2001-01-01'],
    ['m.z', null],
    ['m.u', null],
    ['m.x', null],
    ['m.d.x', null],
    ['m', structured],
    ['l', structured],
  ])('%s reads %s', (path, expected) => {
    expect(readVarValue(nodesOf(text)[0]!, path)).toBe(expected)
  })
})
