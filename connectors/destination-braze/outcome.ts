import { z } from 'zod'
import { verdictByStatus, withoutValues, type HttpAnswer, type Refusal, type Verdict } from '../kit/index.ts'

const complaint = z.object({ type: z.string(), input_array: z.string(), index: z.int().nonnegative() })
const answerSchema = z.object({ errors: z.array(z.unknown()).default([]) })

/**
 * What an answer of /users/track means for the objects of `array`. Braze takes what it does not complain of, and names
 * the others by their position; if it takes none, the answer is a 400, which may name them too.
 */
export function trackVerdict(
  answer: HttpAnswer,
  array: string,
  items: readonly unknown[],
  unnamed: (complaints: number) => void,
): Verdict {
  const { errors } = answerSchema.safeParse(answer.json).data ?? { errors: [] }
  const refused = new Map<number, Refusal>()
  let others = 0
  for (const error of errors) {
    const { data } = complaint.safeParse(error)
    if (data === undefined || data.input_array !== array || data.index >= items.length) others += 1
    else refused.set(data.index, refusalOf(data.type, items[data.index]))
  }
  if (!answer.ok) return { refused, whole: verdictByStatus('Braze', answer, permissionOf('users.track')).whole }
  if (others > 0) unnamed(others)
  return { refused, whole: null }
}

export function permissionOf(permission: string): string {
  return `the API key needs the permission ${permission}.`
}

function refusalOf(type: string, item: unknown): Refusal {
  const words = withoutValues(type, item)
  return { code: 'refused', message: words === null ? 'Braze refuses the object.' : `Braze: ${words}` }
}
