export {
  counterpartOf,
  defaultMapping,
  isOneToOne,
  mapPartition,
  mappingProblem,
  relationMapping,
  type MappedPartitions,
  type MappingProblem,
} from './mapping.ts'
export { dueAfter, latestWindow, type LatestWindow } from './latest-window.ts'
export {
  openPartitioning,
  partitionKeyPattern,
  splitKey,
  windowOfKey,
  type PartitionFacts,
  type Partitioning,
} from './partitioning.ts'
export {
  complementOf,
  isRecorded,
  numbersIn,
  selectPartitions,
  setOf,
  sizeOf,
  unionOf,
  writeSelection,
  type PartitionSet,
  type Range,
} from './select.ts'
