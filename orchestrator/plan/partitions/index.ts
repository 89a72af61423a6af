export { comparedWith } from './compared-with.ts'
export {
  failuresWithin,
  partitionInputs,
  partitionsMissing,
  partitionsRead,
  type KnownPartitions,
  type PartitionInputs,
  type Partitionings,
} from './facts.ts'
export { planSelected, type PlannedPartitions } from './plan-selected.ts'
export { openPartitionings, selectedOf, type PartitionReader } from './reader.ts'
