export { buildGraph, type Graph, type GraphAsset } from './graph.ts'
export { findCycle } from './cycle.ts'
export { downstreamClosure, upstreamClosure } from './closure.ts'
export { nearest } from './near.ts'
export { select } from './selection/select.ts'
export type { SelectableAsset } from './selection/terms.ts'
export { buildLineage } from './lineage/build.ts'
export { lineageQueries, type LineageQueries, type ParsedDependency, type ParsedQuery } from './lineage/queries.ts'
export {
  indexLineage,
  type LineageDirection,
  type LineageEdge,
  type LineageIndex,
  type LineageNode,
  type Trace,
  type TracedNode,
} from './lineage/trace.ts'
export { lastTick, localDate, nextTick, parseLocal, unitMinutes } from './calendar/index.ts'
export * from './partitions/index.ts'
