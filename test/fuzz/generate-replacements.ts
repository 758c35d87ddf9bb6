/** Replacements from and into objects that the layer knows. */
import type { Obj } from './generate-resource.ts'
import { names } from './generate-resource.ts'
import type { Known } from './generate-resource.ts'
import type { Chance } from './random.ts'
import { resolves } from './field-paths.ts'
import type { Value } from './print-yaml.ts'
import type { Layer } from './generate-case.ts'
import { randomTarget, splitVersion } from './generate-patches.ts'

const sourcePaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.labels.app',
  'data.key',
  'spec.replicas',
  'spec.template.spec.containers.0.image',
  'spec.template.spec.containers.[name=main].image',
  'spec.ports.0.port',
  'spec.nested',
  'spec.list',
  'spec.nested.items.[name=x].value',
  'data.[config.yaml]',
  'spec.containers.0.name',
  'nope',
]

const targetPaths = [
  'metadata.name',
  'metadata.labels.copied',
  'metadata.annotations.[example.com/x]',
  'data.key',
  'data.copied',
  'spec.replicas',
  'spec.template.spec.containers.0.image',
  'spec.template.spec.containers.*.image',
  'spec.template.spec.containers.[name=main].env.[name=A].value',
  'spec.template.spec.containers.[name=main].env.[name=COPIED].value',
  'spec.template.spec.containers.[image=nginx].name',
  'spec.ports.*.port',
  'spec.ports.[port=80].targetPort',
  'spec.list.0',
  'spec.list.-',
  'spec.nested.items.*.value',
  'spec.nested.items.[name=z].value',
  'spec.selector.app',
  'data.[config.json].replicas',
  'data.[config.json].nested.list.[name=x].v',
  'subjects.*.namespace',
  'spec.template.metadata.labels.copied',
]

function sourcePath({ object }: Known, chance: Chance): string {
  const there = sourcePaths.filter((path) => resolves(object, path))
  return chance.is(0.97) && there.length > 0 ? chance.pick(there) : chance.pick(sourcePaths)
}

function option(layer: Layer, isTarget: boolean): Obj {
  const { chance } = layer
  const options: Obj = {}
  if (chance.is(0.3)) {
    options['delimiter'] = chance.pick([':', '/', '-', '.'])
    if (chance.is(0.8)) options['index'] = chance.pick([0, 0, 0, 0, 1, 1, 2, -1, 5])
  }
  if (isTarget && chance.is(0.5)) options['create'] = chance.is(0.85)
  if (!isTarget && chance.is(0.02)) options['create'] = true
  return options
}

export function randomReplacement(layer: Layer): Obj {
  const { chance } = layer
  const from = randomTarget(layer)
  const { group, version } = splitVersion(from.known.apiVersion)
  const source: Obj = { kind: from.known.kind, name: from.known.name }
  if (chance.is(0.3)) Object.assign(source, { version, ...(group === '' ? {} : { group }) })
  if (chance.is(0.2) && from.known.namespace !== '') source['namespace'] = from.known.namespace
  if (chance.is(0.8)) source['fieldPath'] = sourcePath(from.known, chance)
  const own = option(layer, false)
  if (Object.keys(own).length > 0) source['options'] = own
  const targets: Value[] = []
  for (let i = chance.between(1, 2); i > 0; i--) {
    const to = randomTarget(layer)
    const target: Obj = {
      select:
        Object.keys(to.selector).length > 0 && chance.is(0.6)
          ? withoutSelectors(to.selector)
          : { kind: to.known.kind, ...(chance.is(0.5) ? { name: to.known.name } : {}) },
    }
    if (chance.is(0.15))
      target['reject'] = [chance.pick<Value>([{ name: chance.pick(names) }, { kind: 'Deployment' }, { name: 'a.*' }])]
    if (chance.is(0.95))
      target['fieldPaths'] = chance.some(
        chance.is(0.9)
          ? ['metadata.labels.copied', ...targetPaths.filter((path) => resolves(to.known.object, path))]
          : targetPaths,
        chance.between(1, 2),
      )
    const options = option(layer, true)
    if (chance.is(0.7)) options['create'] = true
    if (Object.keys(options).length > 0) target['options'] = options
    targets.push(target)
  }
  if (chance.is(0.06)) return { sourceValue: chance.pick(['fixed', '8080', 'true', '']), targets }
  return { source, targets }
}

function withoutSelectors(selector: Obj): Obj {
  const { labelSelector: _label, annotationSelector: _annotation, ...rest } = selector
  return rest
}
