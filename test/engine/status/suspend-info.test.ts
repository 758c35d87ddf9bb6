import { describe, expect, it } from 'vitest'
import { gateOwners, isSuspended, readSuspendInfo } from '../../../electron/engine/status/suspend-info.ts'
import { fluxKind } from '../../../shared/flux/kinds.ts'
import { fromYaml } from './yaml.ts'

const kind = fluxKind('kustomize.toolkit.fluxcd.io', 'Kustomization')
const annotations = `
    sluice.dev/suspended-by: ada
    sluice.dev/suspended-at: "2026-09-16T08:00:00Z"
    sluice.dev/suspend-reason: migration
    sluice.dev/resume-at: "2026-09-17T08:00:00Z"`
const owned = (manager: string, annotationManager: string) =>
  fromYaml(`
metadata:
  annotations: ${annotations}
  managedFields:
  - {manager: kustomize-controller, operation: Apply, time: "2026-09-01T00:00:00Z", fieldsV1: {f:spec: {f:interval: {}}}}
  - {manager: ${manager}, operation: Update, time: "2026-09-16T08:00:01Z", fieldsV1: {f:spec: {f:suspend: {}}}}
  - {manager: ${annotationManager}, operation: Update, time: "2026-09-16T09:00:01Z", fieldsV1: {f:metadata: {f:annotations: {f:sluice.dev/suspended-by: {}}}}}
spec: {suspend: true}`)

describe('readSuspendInfo', () => {
  it('is null while the gate is open, and for kinds without one', () => {
    expect(readSuspendInfo(fromYaml('{spec: {suspend: false}}'), kind)).toBeNull()
    expect(readSuspendInfo(fromYaml('{spec: {suspend: "true"}}'), kind)).toBeNull()
    expect(
      isSuspended(fromYaml('{spec: {suspend: true}}'), fluxKind('source.toolkit.fluxcd.io', 'ExternalArtifact')),
    ).toBeNull()
  })
  it('believes person, reason and until while Sluice owns field and annotations', () => {
    expect(readSuspendInfo(owned('sluice', 'sluice'), kind)).toEqual({
      by: 'ada',
      reason: 'migration',
      at: Date.parse('2026-09-16T08:00:00Z'),
      resumeAt: Date.parse('2026-09-17T08:00:00Z'),
      manager: 'sluice',
      isTrusted: true,
    })
  })
  it('otherwise names the manager and its time alone', () => {
    const foreign = { by: null, reason: null, resumeAt: null, isTrusted: false, at: Date.parse('2026-09-16T08:00:01Z') }
    expect(readSuspendInfo(owned('flux', 'sluice'), kind)).toEqual({ ...foreign, manager: 'flux' })
    expect(readSuspendInfo(owned('sluice', 'kubectl-annotate'), kind)).toEqual({ ...foreign, manager: 'sluice' })
  })
  it('without managedFields it knows nothing', () => {
    expect(
      readSuspendInfo(
        fromYaml(`{metadata: {annotations: {sluice.dev/suspended-by: eve}}, spec: {suspend: true}}`),
        kind,
      ),
    ).toEqual({
      by: null,
      reason: null,
      at: null,
      resumeAt: null,
      manager: null,
      isTrusted: false,
    })
  })
  it('reads annotation gates', () => {
    const set = fluxKind('fluxcd.controlplane.io', 'ResourceSet')
    const object = fromYaml(`
metadata:
  annotations: {fluxcd.controlplane.io/reconcile: Disabled}
  managedFields:
  - {manager: flux-operator-ui, operation: Update, time: "2026-09-16T08:00:01Z", fieldsV1: {f:metadata: {f:annotations: {f:fluxcd.controlplane.io/reconcile: {}}}}}`)
    expect(isSuspended(object, set)).toBe(true)
    expect(gateOwners(object, set).map((owner) => owner.manager)).toEqual(['flux-operator-ui'])
  })
})
