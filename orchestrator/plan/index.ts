export { explain } from './explain.ts'
export { judge, neverMaterialized, upstreamVersions } from './judge.ts'
export { planRun } from './plan-run.ts'
export { blockedBy, missingUpstreams } from './upstreams.ts'
