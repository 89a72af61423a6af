import { z } from 'zod'
import {
  partitionUnits,
  type DimensionMapping,
  type PartitionDimension,
  type PartitionMapping,
  type PartitionMappings,
  type PartitionsSpec,
} from '../contract/index.ts'
import { assetKeySchema } from './basics.ts'

const dimensionSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('time'),
    name: z.string(),
    every: z.enum(partitionUnits),
    start: z.string(),
    end: z.string().nullable(),
    timeZone: z.string(),
    offsetMinutes: z.int().nonnegative(),
  }),
  z.object({ type: z.literal('static'), name: z.string(), keys: z.array(z.string()) }),
  z.object({ type: z.literal('dynamic'), name: z.string(), set: z.string() }),
]) satisfies z.ZodType<PartitionDimension>

export const partitionsSpecSchema = z.object({
  dimensions: z.array(dimensionSchema).min(1),
}) satisfies z.ZodType<PartitionsSpec>

const dimensionMappingSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('same'), of: z.string() }),
  z.object({ type: z.literal('window'), of: z.string() }),
  z.object({ type: z.literal('last'), of: z.string(), count: z.int().positive() }),
  z.object({ type: z.literal('keys'), of: z.string(), keys: z.record(z.string(), z.array(z.string())) }),
  z.object({ type: z.literal('all') }),
  z.object({ type: z.literal('latest') }),
]) satisfies z.ZodType<DimensionMapping>

const partitionMappingSchema = z.record(z.string(), dimensionMappingSchema) satisfies z.ZodType<PartitionMapping>

export const partitionMappingsSchema = z.record(
  assetKeySchema,
  partitionMappingSchema,
) satisfies z.ZodType<PartitionMappings>
