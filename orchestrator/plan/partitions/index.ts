export { comparedWith } from './compared-with.ts'
export { withFailuresRead } from './failures-read.ts'
export {
  partitionInputs,
  partitionsMissing,
  partitionsRead,
  type KnownPartitions,
  type PartitionInputs,
  type Partitionings,
} from './facts.ts'
export { planSelected, type PlannedPartitions } from './plan-selected.ts'
export { noPartitions, openPartitionings, partitioningsOf, selectedOf, type PartitionReader } from './reader.ts'
