export {
  partitionInputs,
  partitionsMissing,
  partitionsRead,
  type KnownPartitions,
  type PartitionInputs,
  type Partitionings,
} from './facts.ts'
export { planPartitions, type PlanPartitionsInput } from './plan-partitions.ts'
