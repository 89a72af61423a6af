import { z } from 'zod'
import type { Predicate, Test } from '../contract/index.ts'
import { assetKeySchema } from './basics.ts'

/** A list in a test travels as parameters of a statement, so it has a bound. */
const maxValues = 1_000

export const literalSchema = z.union([z.string(), z.number(), z.boolean()])

export const testSchema = z.discriminatedUnion('is', [
  z.object({ is: z.enum(['eq', 'ne', 'gt', 'gte', 'lt', 'lte']), value: literalSchema }),
  z.object({ is: z.literal('between'), from: z.number(), to: z.number() }),
  z.object({ is: z.enum(['in', 'not_in']), values: z.array(literalSchema).max(maxValues) }),
  z.object({ is: z.enum(['null', 'not_null']) }),
]) satisfies z.ZodType<Test>

export const predicateSchema: z.ZodType<Predicate> = z.lazy(() =>
  z.discriminatedUnion('op', [
    z.object({ op: z.literal('all'), of: z.array(predicateSchema) }),
    z.object({ op: z.literal('any'), of: z.array(predicateSchema) }),
    z.object({ op: z.literal('not'), of: predicateSchema }),
    z.object({ op: z.literal('compare'), trait: assetKeySchema, test: testSchema }),
    z.object({ op: z.literal('in_audience'), audience: assetKeySchema }),
  ]),
)
