export { asActivities, asActivity, toApplicationFailure, toFailure } from './failure.ts'
export { withHeartbeat } from './heartbeat.ts'
export { manifestIndex, type ManifestIndex, type Manifests, type SpecOf } from './manifests.ts'
